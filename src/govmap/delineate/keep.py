"""A former plan kept: only units that left their band change, at the least number of households moved.

New buildings join a neighbour. What `quarter` then does is the rule of the UK Output Areas: split and merge only what
left its band (ONS, 2011 census geographies). An account says what became of the former units.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from govmap.delineate.problem import Flags, Ints, Problem, common, contract, pieces
from govmap.delineate.quarter import DEAR, Town, borders, settle_all, town_of
from govmap.delineate.territories import bind
from govmap.messages import Note, note
from govmap.plan import named

# A piece that came off a unit goes to a neighbour where it holds no more than this share of the lower end of the band.
CHEAP = 0.1


def settle(
    problem: Problem,
    unit: Ints,
    band: tuple[int, int],
    *,
    locked: Flags,
    whole: Ints | None = None,
    seed: int = 1,
    community: Ints | None = None,
    size_before: Ints | None = None,
    pieces_before: Ints | None = None,
    fixed: bool = False,
) -> Ints:
    """
    Bring units that left their band back into it; nothing else moves.

    New atoms join a neighbour first: the unit of their whole, else one with room, across the longest joining border.
    Where only locked units are near, the nearest that may change takes them by name. A unit stays out of its band
    where nothing brings it back, or only what moves more households than a whole unit of the least size counts.

    Parameters
    ----------
    unit
        Former unit of each atom, counted from 0; -1 for a new atom that has none.
    band
        Least and greatest weight of a unit. An atom above it counts as the greatest weight.
    locked
        One flag a unit, as many as there are: it neither loses nor gains an atom.
    whole
        Number of the compound or building of each atom, -1 for none; what lies in one unit and fits moves as one.
    community
        Number of the community of each atom; a new atom that borders nothing joins a unit of its own.
    size_before
        Weight each unit had when the plan was made. One that was out of its band then and counts the same now has not
        left it, and is left alone. Without it every unit out of its band is mended.
    pieces_before
        How many pieces each unit had; one that has more now is mended where that is cheap. Without it none is.
    fixed
        No unit may vanish and none may be added.

    Returns
    -------
    unit
        Unit of each atom. Numbers of units stay; a unit that is new has a number from `len(locked)` on.
    """
    if not len(problem):
        return unit.copy()
    group = _bound(problem, unit, whole, band[1])
    coarse, home = contract(problem, group), common(group, unit)
    kin = np.full(len(coarse), -1, dtype=np.int64) if whole is None else common(group, whole)
    label = _joined(coarse, home, locked, band, kin)
    label = _lodged(coarse, label, locked, band[0], _communities(community, group, len(coarse)))
    if pieces_before is not None:
        label = _mended(coarse, label, locked, band, pieces_before)

    def laid(again: bool) -> Town:  # noqa: FBT001 - the only thing that differs from town to town
        return town_of(coarse, home, label, band, locked, fixed=fixed, seed=seed, again=again)

    town = laid(True)
    out = _left_band(town, np.bincount(label, coarse.weight, len(locked)), size_before)
    settled: Ints = _least_moved(town, out, laid)[group]
    return settled


def _least_moved(town: Town, out: list[int], laid: Callable[[bool], Town]) -> Ints:
    """
    Bring units back, and where that moves far more than is missing once more in other ways; the least moved stays.

    What is best for one unit can be dear for the next: it depends on who goes first, and how far each looks. `laid`
    gives the town as it was, and whether a dear exchange is looked for again.
    """
    missing = sum(town.gap(one) for one in out)
    near = np.array(sorted({*out, *(int(two) for one in out for two in town.neighbours(one))}), dtype=np.int64)
    settle_all(town, out)
    best, least = town.label, _price(town, out, near)
    for again, order in ((False, out), (True, out[::-1]), (False, out[::-1])) if least[2] > DEAR * missing else ():
        other = laid(again)
        settle_all(other, order)
        price = _price(other, out, near)
        if price < least:
            best, least = other.label, price
    return best


def _price(town: Town, out: list[int], near: Ints) -> tuple[int, int, int]:
    """Count units still out of band, old ones that change and are not `near`, and households moved."""
    changed = (town.label != town.home) & (town.home >= 0)
    touched = np.union1d(town.home[changed], town.label[changed])
    far = int((~np.isin(touched, near) & (touched < len(town.locked))).sum())
    still = sum(1 for one in sorted({*out, *touched.tolist()}) if town.gap(one))
    return still, far, int(town.cost[changed].sum())


@dataclass(frozen=True, kw_only=True)
class Account:
    """
    What became of a former plan.

    `moved` counts what lies in another unit than before, `surplus` what units were above their band or short of it
    after new atoms joined, `joined` the new atoms; `changed`, `new`, `gone`, `left` are numbers of units: `left` those
    that stay out of their band.
    """

    moved: int
    surplus: int
    joined: int
    changed: tuple[int, ...]
    new: tuple[int, ...]
    gone: tuple[int, ...]
    left: tuple[int, ...]


def account(problem: Problem, before: Ints, after: Ints, band: tuple[int, int]) -> Account:
    """Compare the unit of each atom `before` (-1 for a new one) and `after` `settle`."""
    units = int(max(before.max(initial=-1), after.max(initial=-1))) + 1
    was = before >= 0
    moves = was & (before != after)
    then, now = np.where(was, before, after), after
    had, has = (np.bincount(one, minlength=units) for one in (then, now))
    out_then, out_now = (_outside(problem, one, units, band) for one in (then, now))
    return Account(
        moved=int(problem.weight[moves].sum()),
        surplus=int(out_then.sum()),
        joined=int((~was).sum()),
        changed=_numbers(np.isin(np.arange(units), [*before[moves], *after[moves]])),
        new=_numbers((had == 0) & (has > 0)),
        gone=_numbers((had > 0) & (has == 0)),
        left=_numbers(out_now > 0),
    )


def _outside(problem: Problem, label: Ints, units: int, band: tuple[int, int]) -> Ints:
    """Give what each unit is above its band or short of it."""
    weight = np.bincount(label, problem.weight, units).astype(np.int64)
    out: Ints = np.maximum(np.maximum(band[0] - weight, weight - band[1]), 0)
    return np.where(np.bincount(label, minlength=units) > 0, out, 0)


def _numbers(flags: Flags) -> tuple[int, ...]:
    return tuple(np.flatnonzero(flags).tolist())


def notes(told: Account, names: Mapping[int, str]) -> tuple[Note, ...]:
    """Say what became of a former plan; `names` are those of the units by number."""
    if not (told.moved or told.joined or told.left):
        return (note("keep_unchanged"),)
    found = [note("keep_done", count=len(told.changed), moved=told.moved, surplus=told.surplus)]
    if told.joined:
        found.append(note("keep_joined", count=told.joined))
    for key, units in (("keep_new", told.new), ("keep_gone", told.gone), ("keep_left", told.left)):
        if units:
            found.append(note(key, count=len(units), examples=named(names[one] for one in units)))
    return tuple(found)


def _bound(problem: Problem, unit: Ints, whole: Ints | None, high: int) -> Ints:
    """Put together the atoms of one whole that lie in one unit, where they fit the band; number the groups."""
    if whole is None:
        return np.arange(len(problem), dtype=np.int64)
    both = np.column_stack([whole, unit])
    key = np.unique(both, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return bind(problem, np.where(whole < 0, -1, key), high)


def _communities(community: Ints | None, group: Ints, count: int) -> Ints:
    if community is None:
        return np.zeros(count, dtype=np.int64)
    return common(group, community)


def _left_band(town: Town, size: Ints, size_before: Ints | None) -> list[int]:
    """Name the units that left their band, the farthest out first."""
    units = [one for one in town.members if town.may_change(one) and town.gap(one)]
    if size_before is not None:
        low, high = town.band
        known = np.zeros(len(size), dtype=bool)
        was_out = (size_before < low) | (size_before > high)
        known[: len(size_before)] = was_out & (size_before == size[: len(size_before)])
        units = [one for one in units if not known[one]]
    return sorted(units, key=lambda one: (-town.gap(one), one))


# new atoms ---------------------------------------------------------------------------------------------------------
def _joined(problem: Problem, home: Ints, locked: Flags, band: tuple[int, int], kin: Ints) -> Ints:
    """Let every new atom join a unit across a joining border, ring by ring."""
    label, first, near, way = home.copy(), *borders(problem)
    weight = np.bincount(home[home >= 0], problem.weight[home >= 0], len(locked)).astype(np.int64)
    open_ = np.append(~locked, False)
    while True:
        beside = problem.joins & ((label[problem.i] < 0) != (label[problem.j] < 0))
        i, j = problem.i[beside], problem.j[beside]
        new, old = np.where(label[i] < 0, i, j), np.where(label[i] < 0, j, i)
        ring = np.unique(new[open_[label[old]]])
        if not len(ring):
            return label
        for atom in ring.tolist():
            ways = np.arange(first[atom], first[atom + 1])
            ways = ways[problem.joins[way[ways]] & open_[label[near[ways]]]]
            room = weight + problem.weight[atom] <= band[1]
            label[atom] = _host(label[near[ways]], problem.length[way[ways]], kin[near[ways]] == kin[atom], room)
            weight[label[atom]] += problem.weight[atom]


def _host(unit: Ints, length: Ints, kin: Flags, room: Flags) -> int:
    """Choose among units across some borders: one of kin, then one with room, then the longest border."""
    metres: dict[int, tuple[bool, bool, int]] = {}
    for one, border, same in zip(unit.tolist(), length.tolist(), kin.tolist(), strict=True):
        was = metres.get(one, (False, False, 0))
        metres[one] = (was[0] or same, bool(room[one]), was[2] + border)
    return max(metres, key=lambda one: (*metres[one], -one))


def _lodged(problem: Problem, label: Ints, locked: Flags, low: int, community: Ints) -> Ints:
    """Give new atoms that no border joins to a unit one of their own where they fill it, else the nearest by name."""
    label = label.copy()
    lost = np.flatnonzero(label < 0)
    if not len(lost):
        return label
    piece = pieces(problem, np.where(label < 0, -1, label))
    weight = np.bincount(piece, problem.weight)
    fresh = max(len(locked), int(label.max()) + 1)
    at = np.column_stack([problem.x, problem.y])
    for one in sorted(set(piece[lost].tolist()), key=lambda one: (-weight[one], one)):
        mine = np.flatnonzero(piece == one)
        may = np.append(locked, np.zeros(fresh + 1 - len(locked), dtype=bool))
        shore = np.flatnonzero((label >= 0) & (community == community[mine[0]]) & ~may[label])
        if len(shore) and weight[one] < low:
            label[mine] = label[shore[np.argmin(cKDTree(at[mine]).query(at[shore])[0])]]
        else:
            label[mine] = fresh
            fresh += 1
    return label


# what fell apart ---------------------------------------------------------------------------------------------------
def _mended(problem: Problem, label: Ints, locked: Flags, band: tuple[int, int], before: Ints) -> Ints:
    """Give small pieces that came off a unit to a neighbour with room, across the longest joining border."""
    label, piece = label.copy(), pieces(problem, label)
    weight = np.bincount(piece, problem.weight).astype(np.int64)
    held = np.bincount(label, problem.weight, max(len(locked), int(label.max()) + 1)).astype(np.int64)
    open_ = np.append(~locked, np.ones(len(held) - len(locked), dtype=bool))
    owner = label[np.unique(piece, return_index=True)[1]]
    for one in np.flatnonzero(
        np.bincount(owner, minlength=len(before))[: len(before)] > np.maximum(before, 1)
    ).tolist():
        mine = np.flatnonzero(owner == one)
        apart = mine[np.lexsort((mine, -np.bincount(piece)[mine], -weight[mine]))][max(1, int(before[one])) :]
        for off in apart[weight[apart] <= CHEAP * band[0]].tolist() if open_[one] else ():
            inside = piece == off
            met = np.flatnonzero(problem.joins & (inside[problem.i] != inside[problem.j]))
            unit = label[np.where(inside[problem.i[met]], problem.j[met], problem.i[met])]
            room = open_[unit] & (held[unit] + weight[off] <= band[1])
            if room.any():
                host = _host(unit[room], problem.length[met[room]], room[room], open_)
                held[[one, host]] += np.array([-weight[off], weight[off]])
                label[inside] = host
    return label
