"""Gives atoms to units around given middles, at the least cost, whole and within the band: exact, by branch and cut.

Prices of people (the duals of the band) say what an atom costs where it does not go to its cheapest middle. Only atoms
whose surcharge is small enough to matter stay open; what is open is solved by HiGHS, and whatever lies apart is cut
off: an atom beyond a ring of others may join only when one of the ring does (a, b-separators: Validi, Buchanan and
Lykhovyd, Operations Research 2022, doi 10.1287/opre.2021.2141).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import breadth_first_order

from govmap.delineate.problem import Flags, Ints, Reals, components
from govmap.delineate.search.inertia import SCALE, Inertia

# Times that cuts are made anew; nodes of one search, and how many cost as much as its beginning; how near the best is
# near enough, and from how many atoms.
ROUNDS = 60
NODES, FEW_NODES = 250, 25
OPTIMAL, INFEASIBLE = 0, 2
EXACT, NEARLY, MANY = 1e-7, 3e-6, 300


@dataclass(frozen=True)
class Prices:
    """A lower bound of what a division around given middles costs, and what each atom costs more than its cheapest."""

    bound: float
    surcharge: Reals


def prices(problem: Inertia, centres: Ints) -> Prices | None:
    """
    Solve the division in which atoms may be shared between middles; None where even that cannot be.

    `surcharge[i, s]` is how much the bound rises when atom i goes to middle s; never under nothing.
    """
    n, k = len(problem), len(centres)
    cost = problem.cost[:, centres] / SCALE
    people = problem.people.astype(np.float64)
    lower = np.zeros((n, k))
    lower[centres, np.arange(k)] = 1.0
    upper = np.ones((n, k))
    upper[centres] = lower[centres]
    once, held = _rows(people, k)
    unit = people.sum() / k
    found = linprog(
        cost.ravel(),
        A_ub=vstack([held, -held]) / unit,
        b_ub=np.repeat([problem.high, -problem.low], k) / unit,
        A_eq=once,
        b_eq=np.ones(n),
        bounds=np.column_stack([lower.ravel(), upper.ravel()]),
        method="highs",
    )
    if found.status != 0:
        return None
    per_person = -(found.ineqlin.marginals[:k] - found.ineqlin.marginals[k:]) / unit
    return _priced(problem, cost, centres, per_person)


def _rows(people: Reals, k: int) -> tuple[csr_array, csr_array]:
    """Give the rows that say each atom goes somewhere, and the people of each unit."""
    n = len(people)
    column = np.arange(n * k)
    once = coo_array((np.ones(n * k), (np.repeat(np.arange(n), k), column)), shape=(n, n * k)).tocsr()
    held = coo_array((np.repeat(people, k), (np.tile(np.arange(k), n), column)), shape=(k, n * k)).tocsr()
    return once, held


def _priced(problem: Inertia, cost: Reals, centres: Ints, per_person: Reals) -> Prices:
    """Work out the bound that prices of people give; it holds whatever the prices are."""
    full = cost + problem.people[:, None] * per_person
    full[centres] = np.where(np.eye(len(centres), dtype=bool), full[centres], np.inf)
    least = full.min(axis=1)
    band = np.where(per_person > 0, problem.high, problem.low)
    return Prices(float(least.sum() - (per_person * band).sum()), full - least[:, None])


@dataclass(frozen=True)
class Found:
    """A division or None, whether it is settled that there is no cheaper one, and the effort: open columns solved."""

    label: Ints | None
    settled: bool
    effort: int


def nearest(problem: Inertia, centres: Ints, most: float, effort: int) -> Found:
    """
    Divide around middles at the least cost, if that is under `most`.

    Parameters
    ----------
    centres
        One atom a unit, which belongs to it.
    most
        Cost in millions that a division must stay under to be of use.
    effort
        Open columns that may be solved; a solution begun is ended.
    """
    priced = prices(problem, centres)
    if priced is None or priced.bound >= most:
        return Found(None, settled=True, effort=1)
    open_to = _reachable(problem, centres, priced.surcharge <= most - priced.bound)
    if not open_to.any(axis=1).all():
        return Found(None, settled=True, effort=1)
    return _Cutting(problem, centres, open_to, most).solve(effort)


def _reachable(problem: Inertia, centres: Ints, open_to: Flags) -> Flags:
    """Keep of what is open to each middle only what hangs together with it."""
    kept = np.zeros_like(open_to)
    for s, centre in enumerate(centres):
        mine = open_to[:, s]
        kept[_piece(problem, mine, int(centre)), s] = True
    return kept


def _piece(problem: Inertia, inside: Flags, start: int) -> Ints:
    """Name the atoms that hang together with one through others inside."""
    both = inside[problem.i] & inside[problem.j]
    n = len(problem)
    links = coo_array((np.ones(int(both.sum())), (problem.i[both], problem.j[both])), shape=(n, n)).tocsr()
    found: Ints = breadth_first_order(links, start, directed=False, return_predecessors=False)
    return found


class _Cutting:
    """The whole-number problem of one set of middles, solved again and again with more cuts."""

    def __init__(self, problem: Inertia, centres: Ints, open_to: Flags, most: float) -> None:
        self.problem, self.centres, self.open_to, self.most = problem, centres, open_to, most
        self.atom, self.unit = np.nonzero(open_to)
        self.column = np.full(open_to.shape, -1, dtype=np.int64)
        self.column[self.atom, self.unit] = np.arange(len(self.atom))
        self.cost = problem.cost[self.atom, centres[self.unit]] / SCALE
        self.cuts: list[tuple[Ints, int]] = []

    def solve(self, effort: int) -> Found:
        """Solve, cut off what lies apart, and solve again until nothing does or the effort is spent."""
        spent, settled = 0, True
        free = int((self.open_to.sum(axis=1) > 1)[self.atom].sum())
        for _ in range(ROUNDS):
            label, complete, nodes = self._relaxed()
            # What cannot be is mostly seen at once.
            spent += free * (1 + nodes // FEW_NODES) if label is not None or not complete else 1 + free // 10
            settled &= complete
            if label is None or not self._cut(label):
                return Found(label, settled, spent)
            if spent > effort:
                break
        return Found(None, settled=False, effort=spent)

    def _relaxed(self) -> tuple[Ints | None, bool, int]:
        """Solve with the cuts made so far; say whether the answer is the best, and how many nodes that took."""
        columns = len(self.atom)
        people = self.problem.people.astype(np.float64)
        n, k = self.open_to.shape
        once = coo_array((np.ones(columns), (self.atom, np.arange(columns))), shape=(n, columns)).tocsr()
        held = coo_array((people[self.atom], (self.unit, np.arange(columns))), shape=(k, columns)).tocsr()
        rules = [LinearConstraint(once, 1, 1), LinearConstraint(held, self.problem.low, self.problem.high)]
        if self.cuts:
            rules.append(LinearConstraint(self._cut_rows(), -np.inf, 0))
        found = milp(
            self.cost,
            constraints=[*rules, LinearConstraint(self.cost[None, :], -np.inf, self.most)],
            integrality=np.ones(columns),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": NEARLY if n > MANY else EXACT, "node_limit": NODES},
        )
        complete, nodes = found.status in {OPTIMAL, INFEASIBLE}, int(found.mip_node_count or 0)
        if found.x is None:
            return None, complete, nodes
        chosen = np.flatnonzero(found.x > 0.5)  # noqa: PLR2004 - nearly one
        label = np.full(n, -1, dtype=np.int64)
        label[self.atom[chosen]] = self.unit[chosen]
        return label, complete, nodes

    def _cut_rows(self) -> csr_array:
        row = np.repeat(np.arange(len(self.cuts)), [len(ring) + 1 for ring, _ in self.cuts])
        column = np.concatenate([np.append(ring, beyond) for ring, beyond in self.cuts])
        value = np.concatenate([np.append(-np.ones(len(ring)), 1.0) for ring, _ in self.cuts])
        return coo_array((value, (row, column)), shape=(len(self.cuts), len(self.atom))).tocsr()

    def _cut(self, label: Ints) -> bool:
        """Add a cut for every atom that lies apart from its middle; say whether there was one."""
        problem, before = self.problem, len(self.cuts)
        same = label[problem.i] == label[problem.j]
        piece = components(len(problem), problem.i[same], problem.j[same])
        for apart in np.setdiff1d(np.unique(piece), piece[self.centres]):
            atoms = np.flatnonzero(piece == apart)
            s = int(label[atoms[0]])
            ring = self._ring(piece == apart, s)
            columns = self.column[ring, s]
            self.cuts += [(columns, int(self.column[atom, s])) for atom in atoms]
        return len(self.cuts) > before

    def _ring(self, apart: Flags, s: int) -> Ints:
        """Name the atoms open to a unit that part a piece from its middle: those first met on the way out of it."""
        problem = self.problem
        around = np.zeros(len(problem), dtype=bool)
        around[problem.j[apart[problem.i]]] = True
        around[problem.i[apart[problem.j]]] = True
        around &= ~apart & self.open_to[:, s]
        beyond = _piece(problem, self.open_to[:, s] & ~apart & (~around), int(self.centres[s]))
        met = np.zeros(len(problem), dtype=bool)
        reached = np.zeros(len(problem), dtype=bool)
        reached[beyond] = True
        met[problem.j[reached[problem.i]]] = True
        met[problem.i[reached[problem.j]]] = True
        met[self.centres[s]] = True
        return np.flatnonzero(around & met)
