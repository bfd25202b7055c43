"""The fewest households that one unit and its neighbours must exchange, by an integer program (HiGHS): a proof.

Used by `stability --prove`. The program knows nothing of units in one piece; where its answer tears one, a row is added
that forbids just that, and it is asked again (as for districts: Validi, Buchanan, Lykhovyd, Operations Research 70.2,
2022). Nodes are counted, never seconds.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack

from govmap.delineate.exchange import Region
from govmap.delineate.problem import Flags, Ints, components

# Borders between an atom and the units it may join, atoms and units weighed together, rounds of rows, and nodes of one.
HOPS, PLACES, ROUNDS, NODES = 8, 1200, 40, 2000
# What an atom counts beside its households, so that of equal exchanges the one with fewer atoms is taken.
ATOM = 0.001
HALF = 0.5
# What HiGHS says.
SOLVED, IMPOSSIBLE = 0, 2

Row = tuple[list[int], list[float]]


@dataclass(frozen=True)
class _Program:
    """Places: which atom may lie in which unit; `place` finds them, -1 where an atom may not go."""

    region: Region
    start: Ints
    atom: Ints
    unit: Ints
    place: Ints

    @property
    def units(self) -> int:
        return len(self.region.vanish)


def fewest(region: Region, start: Ints, centre: int) -> tuple[str, Ints | None]:
    """
    Find the exchange that brings one unit into its band and none farther out, at the least number of households.

    Parameters
    ----------
    start
        Unit of each atom, counted from 0 within the region.
    centre
        The unit to be brought into its band.

    Returns
    -------
    verdict, label
        "least", and the unit of each atom after it; or "impossible" or "unknown" (too large, or too many nodes).
    """
    program = _program(region, start)
    if len(program.atom) > PLACES:
        return "unknown", None
    rows = _sizes(program, centre)
    gain = np.where(program.unit != region.home[program.atom], region.cost[program.atom] * 1.0, 0.0)
    gain += ATOM * (program.unit != start[program.atom])
    torn = _pieces(program, start)[1]
    cuts: list[Row] = []
    for _ in range(ROUNDS):
        verdict, label = _solved(program, gain, rows, cuts)
        if label is None:
            return verdict, None
        more = _cuts(program, label, torn)
        if not more:
            return verdict, label
        cuts += more
    return "unknown", None


def _program(region: Region, start: Ints) -> _Program:
    """List which atoms may lie where: in a unit that is theirs, or some steps away."""
    n, units = len(start), len(region.vanish)
    owner = np.repeat(np.arange(n), np.diff(region.first))[region.joins]
    near = region.near[region.joins]
    reach = np.zeros((n, units), dtype=bool)
    reach[np.arange(n), start] = True
    for _ in range(HOPS):
        wider = reach.copy()
        np.logical_or.at(wider, owner, reach[near])
        reach = wider
    atom, unit = np.nonzero(reach)
    place = np.full((n, units), -1, dtype=np.int64)
    place[atom, unit] = np.arange(len(atom))
    return _Program(region, start, atom, unit, place)


def _sizes(program: _Program, centre: int) -> tuple[csr_array, np.ndarray, np.ndarray, int]:
    """Say that every atom lies somewhere once, and every unit in its band, or no farther out than now, or is gone."""
    region, count = program.region, len(program.atom)
    n, units = len(program.start), program.units
    weight = np.bincount(program.start, region.weight, units)
    held = np.bincount(program.start, minlength=units) > 0
    low, high = np.minimum(weight, region.low), np.maximum(weight, region.high)
    low[centre], high[centre] = region.low, region.high
    low = np.where(held, low, 0)
    gone = count + np.arange(units)
    size = region.weight[program.atom].astype(float)
    once = coo_array((np.ones(count), (program.atom, np.arange(count))), shape=(n, count + units))
    sizes = coo_array(
        (np.concatenate([size, low]), (np.concatenate([program.unit, np.arange(units)]), np.arange(count + units))),
        shape=(units, count + units),
    )
    # An atom may only lie where the unit is not gone; of zero weight too, so that nothing empty stays behind.
    full = coo_array(
        (
            np.concatenate([np.ones(count), np.ones(count)]),
            (np.concatenate([np.arange(count)] * 2), np.concatenate([np.arange(count), gone[program.unit]])),
        ),
        shape=(count, count + units),
    )
    may_go = np.flatnonzero(region.vanish[program.unit])
    matrix = csr_array(vstack([once, sizes, csr_array(full)[may_go]]))
    least = np.concatenate([np.ones(n), low, np.full(len(may_go), -np.inf)])
    greatest = np.concatenate([np.ones(n), high + 0.0, np.ones(len(may_go))])
    return matrix, least, greatest, units


def _solved(
    program: _Program,
    gain: np.ndarray,
    rows: tuple[csr_array, np.ndarray, np.ndarray, int],
    cuts: list[Row],
) -> tuple[str, Ints | None]:
    """Ask the program once; the best it finds counts only where it is proved to be the best."""
    matrix, least, greatest, units = rows
    width = len(program.atom) + units
    cost = np.concatenate([gain, np.zeros(units)])
    limits = [LinearConstraint(matrix, least, greatest)]
    if cuts:
        number = np.repeat(np.arange(len(cuts)), [len(one[0]) for one in cuts])
        column, value = (np.concatenate([one[part] for one in cuts]) for part in (0, 1))
        whole = coo_array((value, (number, column.astype(np.int64))), shape=(len(cuts), width)).tocsr()
        limits.append(LinearConstraint(whole, -np.inf, 1.0))
    top = np.concatenate([np.ones(len(program.atom)), program.region.vanish.astype(float)])
    found = milp(
        cost,
        constraints=limits,
        integrality=np.ones(width),
        bounds=Bounds(0, top),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    if found.status != SOLVED:
        return ("impossible" if found.status == IMPOSSIBLE else "unknown"), None
    chosen = np.flatnonzero(found.x[: len(program.atom)] > HALF)
    label: Ints = np.empty(len(program.start), dtype=np.int64)
    label[program.atom[chosen]] = program.unit[chosen]
    return "least", label


def _pieces(program: _Program, label: Ints) -> tuple[Ints, Ints]:
    """Number the pieces of all units, and count those of each."""
    region = program.region
    owner = np.repeat(np.arange(len(label)), np.diff(region.first))
    same = region.joins & (label[owner] == label[region.near])
    piece = components(len(label), owner[same], region.near[same])
    first = np.unique(piece, return_index=True)[1]
    return piece, np.bincount(label[first], minlength=program.units)


def _cuts(program: _Program, label: Ints, allowed: Ints) -> list[Row]:
    """Forbid the pieces that lie apart: whoever lies in one must have a way to the rest of the unit."""
    piece, count = _pieces(program, label)
    cuts: list[Row] = []
    for unit in np.flatnonzero(count > np.maximum(allowed, 1)).tolist():
        inside = label == unit
        stays = inside & (program.start == unit)
        mass = np.bincount(piece[inside], 1 + program.region.weight[inside] * (1 + stays[inside]))
        mine = np.unique(piece[inside])
        mine = mine[np.lexsort((mine, -mass[mine]))]
        main = np.flatnonzero(piece == mine[0])
        anchor = int(main[np.lexsort((main, -program.region.weight[main], ~stays[main]))[0]])
        for apart in mine[max(1, int(allowed[unit])) :].tolist():
            cuts += _between(program, np.flatnonzero(piece == apart), anchor, unit)
    return cuts


def _between(program: _Program, apart: Ints, anchor: int, unit: int) -> list[Row]:
    """Give for the atoms of a piece the rows that ask for a way to the anchor, over what surrounds the piece."""
    ring = _ring(program, apart)
    seen = _met(program, anchor, ring, unit)
    wall = program.place[ring[seen[ring]], unit]
    wall = wall[wall >= 0].tolist()
    end = int(program.place[anchor, unit])
    return [([int(program.place[one, unit]), end, *wall], [1.0, 1.0, *[-1.0] * len(wall)]) for one in apart.tolist()]


def _ring(program: _Program, atoms: Ints) -> Ints:
    """Name what joins some atoms and is none of them."""
    region, inside = program.region, np.zeros(len(program.start), dtype=bool)
    inside[atoms] = True
    owner = np.repeat(inside, np.diff(region.first))
    near = np.unique(region.near[owner & region.joins])
    found: Ints = near[~inside[near]]
    return found


def _met(program: _Program, anchor: int, ring: Ints, unit: int) -> Flags:
    """Flag what can be walked to from an atom without going over a ring, the ring's own shore included."""
    region, wall = program.region, np.zeros(len(program.start), dtype=bool)
    wall[ring] = True
    seen = np.zeros(len(wall), dtype=bool)
    seen[anchor], queue = True, [anchor]
    for atom in queue:
        if wall[atom]:
            continue
        for way in range(int(region.first[atom]), int(region.first[atom + 1])):
            near = int(region.near[way])
            if region.joins[way] and not seen[near] and program.place[near, unit] >= 0:
                seen[near] = True
                queue.append(near)
    return seen
