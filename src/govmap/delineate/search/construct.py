"""First divisions, from which the search starts: a balanced power diagram, made whole along the borders."""

import numpy as np
from scipy.spatial import cKDTree

from govmap.delineate.problem import Flags, Ints, Problem, Reals, pieces

ROUNDS = 40


def power_diagram(problem: Problem, units: int, *, turn: float = 0.0) -> Ints:
    """
    Divide by nearest site, where sites with little weight reach farther until all weigh about the same.

    The sites begin as the middles of a recursive bisection whose axes are turned by `turn` radians. The result takes
    no notice of borders: `make_whole` does.
    """
    mass = np.asarray(problem.weight + 1e-6 * max(1.0, problem.total / units), dtype=np.float64)
    at: Reals = np.column_stack([problem.x, problem.y]) - [problem.x.mean(), problem.y.mean()]
    label = bisection(at @ _turned(turn), mass, units)
    return _balanced(at, mass, label, units)


def _turned(turn: float) -> Reals:
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


def bisection(at: Reals, mass: Reals, units: int) -> Ints:
    """Halve the atoms along their longer side, and each half again, until there are so many parts."""
    label = np.zeros(len(at), dtype=np.int64)
    todo = [(np.arange(len(at)), units, 0)]
    while todo:
        atoms, share, first = todo.pop()
        if share == 1 or len(atoms) <= 1:
            label[atoms] = first
            continue
        side = int(np.ptp(at[atoms, 1]) > np.ptp(at[atoms, 0]))
        row = atoms[np.argsort(at[atoms, side], kind="stable")]
        sums = np.cumsum(mass[row])
        half = share // 2
        cut = int(np.clip(np.searchsorted(sums, sums[-1] * half / share), 1, len(row) - 1))
        todo += [(row[:cut], half, first), (row[cut:], share - half, first + half)]
    return label


def _balanced(at: Reals, mass: Reals, label: Ints, units: int) -> Ints:
    """Move sites to the middle of what they hold and change their reach, and keep the most even division met."""
    aim, extent = mass.sum() / units, np.ptp(at[:, 0]) * np.ptp(at[:, 1]) / units
    site = _middles(at, mass, label, units, np.zeros((units, 2)))
    reach, best, least = np.zeros(units), label, np.inf
    flat = np.column_stack([at, np.zeros(len(at))])
    for turn in range(ROUNDS):
        lifted = np.column_stack([site, np.sqrt(reach.max() - reach)])
        held = cKDTree(lifted).query(flat)[1]
        weight = np.bincount(held, mass, units)
        uneven = float(np.abs(weight - aim).sum())
        if uneven < least:
            best, least = held.astype(np.int64), uneven
        reach = reach + extent * np.clip((aim - weight) / aim, -1, 1) * (1 - 0.7 * turn / ROUNDS) / 4
        site = 0.7 * site + 0.3 * _middles(at, mass, held, units, site)
    return best


def _middles(at: Reals, mass: Reals, label: Ints, units: int, otherwise: Reals) -> Reals:
    held = np.bincount(label, mass, units)
    sums = np.column_stack([np.bincount(label, mass * at[:, side], units) for side in (0, 1)])
    return np.where(held[:, None] > 0, sums / np.maximum(held, 1e-300)[:, None], otherwise)


def make_whole(problem: Problem, label: Ints, units: int) -> Ints:
    """
    Give every label one piece, and every label of `0 .. units - 1` something where there are atoms enough.

    Of each label the heaviest piece stays; the others go, strongest border first, to a neighbour. A label that holds
    nothing takes half of the heaviest one.
    """
    label = _without_scraps(problem, label)
    for empty in np.flatnonzero(np.bincount(label, minlength=units)[:units] == 0):
        half = _half(problem, label)
        if half is None:
            break
        label[half] = empty
    return label


def _without_scraps(problem: Problem, label: Ints) -> Ints:
    """Give every piece but the heaviest of each label to the neighbour with which it shares the most metres."""
    label = label.copy()
    while True:
        piece = pieces(problem, label)
        scrap = _scraps(problem, label, piece)
        moves = _to_neighbours(problem, label, piece, scrap)
        if not len(moves):
            return label
        target = np.full(len(scrap), -1, dtype=np.int64)
        target[moves[:, 0]] = moves[:, 1]
        label = np.where(target[piece] >= 0, target[piece], label)


def _scraps(problem: Problem, label: Ints, piece: Ints) -> Flags:
    """Flag the pieces that are not the heaviest of their label."""
    n = int(piece.max()) + 1
    owner = np.zeros(n, dtype=np.int64)
    owner[piece] = label
    order = np.lexsort((-np.bincount(piece), -np.bincount(piece, problem.weight), owner))
    scrap = np.ones(n, dtype=bool)
    scrap[order[np.unique(owner[order], return_index=True)[1]]] = False
    return scrap


def _to_neighbours(problem: Problem, label: Ints, piece: Ints, scrap: Flags) -> Ints:
    """Give rows of (scrap, label of the piece that takes it)."""
    found = []
    for here, there in ((problem.i, problem.j), (problem.j, problem.i)):
        meets = problem.joins & scrap[piece[here]] & ~scrap[piece[there]]
        found.append(np.column_stack([piece[here[meets]], label[there[meets]], problem.length[meets]]))
    borders = np.concatenate(found)
    pairs, place = np.unique(borders[:, :2], axis=0, return_inverse=True)
    metres = np.bincount(place, borders[:, 2], len(pairs))
    order = np.lexsort((pairs[:, 1], -metres, pairs[:, 0])) if len(pairs) else np.zeros(0, dtype=np.int64)
    taken = pairs[order]
    return taken[np.unique(taken[:, 0], return_index=True)[1]]


def _half(problem: Problem, label: Ints) -> Ints | None:
    """Give the atoms of one side of the heaviest label that can be cut in two, at the most even cut of a tree."""
    weight, count = np.bincount(label, problem.weight), np.bincount(label)
    heavy = int(np.argmax(np.where(count > 1, weight, -1)))
    if count[heavy] < 2:  # noqa: PLR2004 - one atom cannot be cut
        return None
    atoms = np.flatnonzero(label == heavy)
    parent, order = _tree(problem, atoms)
    below = problem.weight[atoms] + 1e-6
    for atom in order[:0:-1]:
        below[parent[atom]] += below[atom]
    cut = order[1:][np.argmin(np.abs(below[order[1:]] - below[order[0]] / 2))]
    side = np.zeros(len(atoms), dtype=bool)
    side[cut] = True
    for atom in order[1:]:
        side[atom] |= side[parent[atom]]
    return atoms[side]


def _tree(problem: Problem, atoms: Ints) -> tuple[Ints, Ints]:
    """Grow a tree over some atoms that hang together: the parent of each, and their order from the root."""
    spot = np.full(len(problem), -1, dtype=np.int64)
    spot[atoms] = np.arange(len(atoms))
    inside = problem.joins & (spot[problem.i] >= 0) & (spot[problem.j] >= 0)
    near: list[list[int]] = [[] for _ in atoms]
    for a, b in zip(spot[problem.i[inside]].tolist(), spot[problem.j[inside]].tolist(), strict=True):
        near[a].append(b)
        near[b].append(a)
    parent = np.full(len(atoms), -1, dtype=np.int64)
    order, met = [0], {0}
    for atom in order:
        for other in sorted(near[atom]):
            if other not in met:
                met.add(other)
                parent[other] = atom
                order.append(other)
    return parent, np.array(order)
