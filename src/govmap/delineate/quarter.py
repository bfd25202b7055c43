"""Neighbourhoods of units: a unit out of its band is brought back by what it exchanges with those around it.

A unit above its band gives atoms to its neighbours, one below takes some; where they have no room, what is too much
travels on. A unit far above is divided, one far below goes up in its neighbours, where that moves fewer households.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from govmap.delineate.criteria import Criteria
from govmap.delineate.cutting import cut_in_two
from govmap.delineate.exchange import NEVER, PART_MM, Region, search
from govmap.delineate.problem import Flags, Ints, Problem, components, cut_out
from govmap.delineate.search.portfolio import divide

# How far around a unit its surplus may travel, how many half-made exchanges are carried on, and how many steps weighed.
RADII = (1, 2, 3, 5)
WIDTH, STEPS = 64, 15_000
FAR_WIDTH, FAR_STEPS = 16, 60_000
# An exchange that moves more than so many times what is missing, and more than a tenth of a small unit beyond it, is
# looked for once more by beams of these widths: which of them finds a way through neighbours that are nearly full
# cannot be told beforehand. A step costs the more the more atoms there are: so many of them by steps are weighed.
DEAR, WIDTHS, MORE_STEPS, LABOUR = 1.5, (16, 64, 256), 120_000, 20_000_000
# Ground of so few atoms is searched with any step, by so many half-made exchanges.
SMALL, WIDE = 24, 1000
TREES = 100
ROUNDS = 2
# A unit above so many times the upper end is divided anew at once.
GREAT = 3
# No unit is brought back where that moves more than a whole unit of the least size and so many times its surplus.
# Where others than the neighbours would have to change, the bounds are a third of a unit and so many times.
WORTH, FAR_WORTH = 20, 4


@dataclass(frozen=True, kw_only=True)
class Town:
    """All atoms with their borders one behind the other, and the unit each lies in, which changes."""

    problem: Problem
    band: tuple[int, int]
    first: Ints
    near: Ints
    way: Ints
    home: Ints
    cost: Ints
    label: Ints
    members: dict[int, Ints]
    locked: Flags
    vanish: Flags
    seen: dict[int, bytes]
    fixed: bool
    again: bool
    seed: int

    def weight(self, unit: int) -> int:
        """Sum the atoms of a unit."""
        return int(self.problem.weight[self.members[unit]].sum())

    def gap(self, unit: int) -> int:
        """Give what a unit is above its band or short of it."""
        low, high = self.band
        weight = self.weight(unit)
        return max(low - weight, weight - high, 0) if len(self.members[unit]) else 0

    def may_change(self, unit: int) -> bool:
        """Tell whether a unit is not locked; new ones never are."""
        return unit >= len(self.locked) or not self.locked[unit]

    def neighbours(self, unit: int) -> Ints:
        """Name the units that may change across joining borders of one."""
        ways = ways_of(self.first, self.members[unit])
        ways = ways[self.problem.joins[self.way[ways]]]
        near = np.unique(self.label[self.near[ways]])
        return np.array([one for one in near if one != unit and self.may_change(int(one))], dtype=np.int64)

    def give(self, atoms: Ints, units: Ints) -> None:
        """Give atoms to units."""
        touched = np.union1d(self.label[atoms], units)
        pool = np.unique(np.concatenate([atoms, *(self.members.get(int(one), atoms[:0]) for one in touched)]))
        self.label[atoms] = units
        for one in touched:
            self.members[int(one)] = pool[self.label[pool] == one]


def town_of(
    problem: Problem,
    home: Ints,
    label: Ints,
    band: tuple[int, int],
    locked: Flags,
    *,
    fixed: bool,
    seed: int,
    again: bool = True,
) -> Town:
    """
    Lay the ground out: `home` is the former unit of each atom (-1: none), `label` the one it lies in at first.

    `again` says whether a dear exchange is looked for once more by wider beams.
    """
    first, near, way = borders(problem)
    count = max(len(locked), int(label.max(initial=-1)) + 1)
    by_unit = np.argsort(label, kind="stable")
    ends = np.searchsorted(label[by_unit], np.arange(count + 1))
    return Town(
        problem=replace(problem, weight=np.minimum(problem.weight, band[1])),
        band=band,
        first=first,
        near=near,
        way=way,
        home=home,
        cost=np.where(home >= 0, problem.weight, 0),
        label=label.copy(),
        members={one: np.sort(by_unit[ends[one] : ends[one + 1]]) for one in range(count)},
        locked=locked,
        vanish=np.zeros(count, dtype=bool),
        seen={},
        fixed=fixed,
        again=again,
        seed=seed,
    )


def borders(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Put borders one behind the other, atom by atom: where each atom's begin, who lies across, which border it is."""
    here, there = np.concatenate([problem.i, problem.j]), np.concatenate([problem.j, problem.i])
    order = np.lexsort((there, here))
    first = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=len(problem)))]).astype(np.int64)
    return first, there[order], np.tile(np.arange(len(problem.i)), 2)[order]


def settle_all(town: Town, out: list[int]) -> None:
    """Bring units back into their band, each with its neighbours alone; farther off only what stays out."""
    near = {one for unit in out for one in _around(town, unit, 1).tolist()}
    small = [one for one in out if town.weight(one) < town.band[0]]
    town.vanish[small] = not town.fixed
    _rounds(town, out, near)
    if any(town.gap(one) for one in out):
        for one in out:
            _bring_back(town, one, RADII)
        _rounds(town, out, near)


def _rounds(town: Town, out: list[int], near: set[int]) -> None:
    """Let units out of their band exchange atoms with their neighbours, then try each neighbourhood once more."""
    for _ in range(ROUNDS):
        for one in out:
            _bring_back(town, one, (1,), near)
            _reconsider(town, one, near)


def ways_of(first: Ints, atoms: Ints) -> Ints:
    """Give the places of all borders of some atoms, atom by atom."""
    count = first[atoms + 1] - first[atoms]
    begin = np.concatenate([[0], np.cumsum(count)[:-1]]) if len(atoms) else count
    places: Ints = np.repeat(first[atoms] - begin, count) + np.arange(int(count.sum()))
    return places


@dataclass(frozen=True)
class _Part:
    """A few units of the town taken out: which, their atoms, and the place of each one's unit among them."""

    units: Ints
    atoms: Ints
    start: Ints
    region: Region


def part_of(town: Town, units: Ints) -> _Part:
    """Take a few units out of the town."""
    atoms = np.sort(np.concatenate([town.members.get(int(one), units[:0]) for one in units]))
    return _taken_out(town, units, atoms)


def _taken_out(town: Town, units: Ints, atoms: Ints) -> _Part:
    """Take some atoms of a few units out of the town."""
    ways = ways_of(town.first, atoms)
    owner = np.repeat(np.arange(len(atoms)), town.first[atoms + 1] - town.first[atoms])
    near = np.searchsorted(atoms, town.near[ways])
    inside = (near < len(atoms)) & (atoms[np.minimum(near, len(atoms) - 1)] == town.near[ways])
    way = town.way[ways[inside]]
    region = Region(
        weight=town.problem.weight[atoms],
        cost=town.cost[atoms],
        home=_places(units, town.home[atoms]),
        first=np.concatenate([[0], np.cumsum(np.bincount(owner[inside], minlength=len(atoms)))]).astype(np.int64),
        near=near[inside],
        joins=town.problem.joins[way],
        price=town.problem.price[way],
        vanish=np.array([one < len(town.vanish) and town.vanish[one] for one in units], dtype=bool),
        low=town.band[0],
        high=town.band[1],
    )
    return _Part(units, atoms, _places(units, town.label[atoms]), region)


def _places(units: Ints, label: Ints) -> Ints:
    """Give the place of each label among some units, -1 where it is not there."""
    place = np.minimum(np.searchsorted(units, label), len(units) - 1)
    found: Ints = np.where(units[place] == label, place, -1).astype(np.int64)
    return found


def _around(town: Town, unit: int, radius: int, near: set[int] | None = None) -> Ints:
    """Name the units within so many steps of one, itself included, in order; of old ones only those that are `near`."""
    found = ring = {unit}
    for _ in range(radius):
        ring = {one for inner in ring for one in town.neighbours(inner).tolist()} - found
        found = found | ring
    wanted = [one for one in sorted(found) if near is None or one in near or one >= len(town.locked)]
    return np.array(wanted, dtype=np.int64)


def _bring_back(town: Town, unit: int, radii: tuple[int, ...], near: set[int] | None = None) -> None:
    """Bring one unit into its band in the cheapest way that is found; farther off only where there is none near."""
    for radius in radii if town.gap(unit) else ():
        part = part_of(town, _around(town, unit, radius, near))
        centre = int(np.searchsorted(part.units, unit))
        ways = _exchanged(part, part.start, centre, far=radius > 1)
        if radius == 1:
            ways += [*_merged(town, part, centre), *_divided(town, part, centre)]
        found = [(part, label) for label in ways if _is_worth_it(part, label, centre, far=radius > 1)]
        if radius == 1 and town.again and _is_dear(part, ways, centre):
            found += _looked_for_again(town, unit, near)
        if found:
            _apply(town, *min(found, key=lambda one: _change(*one)))
            return


def _is_dear(part: _Part, ways: list[Ints], centre: int) -> bool:
    """Tell whether even the cheapest way moves far more than one unit is above its band or short of it."""
    moved = min((_change(part, label)[3] for label in ways), default=NEVER)
    missing = int(_gaps(part, part.start)[centre])
    return moved > max(DEAR * missing, missing + part.region.low // 10)


def _looked_for_again(town: Town, unit: int, near: set[int] | None) -> list[tuple[_Part, Ints]]:
    """Give the exchanges that beams of several widths find, among the neighbours and those `near` behind them."""
    found = []
    for radius in (1, 2) if near is not None else (1,):
        part = part_of(town, _around(town, unit, radius, near))
        centre = int(np.searchsorted(part.units, unit))
        steps = min(MORE_STEPS, LABOUR // len(part.start))
        for width, eager in [(width, eager) for width in WIDTHS for eager in (True, False)]:
            good, way = search(part.region, part.start, centre, width, steps, eager, False)
            label = _tidied(part, part.start, way)
            if good and _is_worth_it(part, label, centre, far=radius > 1):
                found.append((part, label))
    return found


def _is_worth_it(part: _Part, label: Ints, centre: int, *, far: bool = False) -> bool:
    """Tell whether a unit's coming back moves no more than a small unit holds, or little; less if `far`."""
    moved = part.region.cost[label != part.region.home].sum() - part.region.cost[part.start != part.region.home].sum()
    missing, low = _gaps(part, part.start)[centre], part.region.low
    return bool(moved <= (max(low // 3, FAR_WORTH * missing) if far else max(low, WORTH * missing)))


def _exchanged(part: _Part, label: Ints, centre: int, *, far: bool = False) -> list[Ints]:
    """Give the exchanges that bring one unit into its band, by both orders of looking; `far` ones take many steps."""
    small = len(label) <= SMALL
    orders = ((True, WIDE, True),) if small else ((True, WIDTH, False), (False, WIDTH, False))
    orders = ((True, FAR_WIDTH, False),) if far else orders
    steps = FAR_STEPS if far else STEPS
    found = [search(part.region, label, centre, width, steps, eager, free) for eager, width, free in orders]
    return [_tidied(part, label, way) for good, way in found if good]


def _tidied(part: _Part, start: Ints, label: Ints) -> Ints:
    """Let atoms go back that need not have moved, one by one, the lightest first."""
    out, torn = _gaps(part, label), _pieces(part, label)
    changed = np.flatnonzero(label != start)
    for atom in changed[np.argsort(part.region.weight[changed], kind="stable")].tolist():
        trial = label.copy()
        trial[atom] = start[atom]
        if (_gaps(part, trial) <= out).all() and (_pieces(part, trial) <= torn).all():
            label = trial
    return label


def _merged(town: Town, part: _Part, centre: int) -> Iterator[Ints]:
    """Let a unit that may vanish go up in each neighbour that has room for all of it."""
    region = part.region
    if not region.vanish[centre]:
        return
    weight = np.bincount(part.start, region.weight, len(part.units))
    for one in np.intersect1d(town.neighbours(int(part.units[centre])), part.units):
        place = int(np.searchsorted(part.units, one))
        if region.low <= weight[place] + weight[centre] <= region.high:
            yield np.where(part.start == centre, place, part.start)


def _divided(town: Town, part: _Part, centre: int) -> Iterator[Ints]:
    """Divide a unit that is as heavy as two or more: the dearest share keeps its number, and what lies apart."""
    low, high = town.band
    inside = np.flatnonzero(part.start == centre)
    whole = _taken_out(town, part.units[centre : centre + 1], part.atoms[inside])
    piece = _pieces_of(whole)
    main = np.flatnonzero(piece == np.argmax(np.bincount(piece, whole.region.weight)))
    weight = int(whole.region.weight[main].sum())
    if town.fixed or weight < 2 * low or weight <= high:
        return
    alone = _taken_out(town, whole.units, whole.atoms[main])
    shares = _shares(town, alone, weight)
    if shares is None:
        return
    dear = np.bincount(shares, alone.region.cost)
    rank = np.empty(len(dear), dtype=np.int64)
    rank[np.lexsort((np.arange(len(dear)), -dear))] = np.arange(len(dear))
    # Numbers after those of the region are given to new units.
    label = part.start.copy()
    label[inside[main]] = np.where(rank[shares] == 0, centre, len(part.units) - 1 + rank[shares])
    yield label


def _shares(town: Town, alone: _Part, weight: int) -> Ints | None:
    """Divide the atoms of one unit that hang together into two, or into many by the search for new divisions."""
    low, high = town.band
    if weight <= GREAT * high:
        found, side = cut_in_two(alone.region, 0, TREES, town.seed)
        return side if found else None
    number = min(max(2, round(weight / ((low + high) / 2))), weight // low)
    own = cut_out(town.problem, alone.atoms)
    return divide(own, number, town.band, Criteria(size=town.band, seed=town.seed))


def _pieces_of(part: _Part, label: Ints | None = None) -> Ints:
    """Number the pieces in which atoms of one label hang together."""
    region, label = part.region, part.start if label is None else label
    owner = np.repeat(np.arange(len(label)), np.diff(region.first))
    same = region.joins & (label[owner] == label[region.near])
    return components(len(label), owner[same], region.near[same])


def _rank(part: _Part, label: Ints) -> tuple[int, int, int]:
    """Say how good an exchange is, less is better: units out of band, households moved and to be moved, borders."""
    return _sums(part, label)[:3]


def _change(part: _Part, label: Ints) -> tuple[int, int, int, int]:
    """Say how much better or worse an exchange is than what stands, so that those of several parts compare."""
    out, cost, price, moved = (a - b for a, b in zip(_sums(part, label), _sums(part, part.start), strict=True))
    return out, cost, price, moved


def _sums(part: _Part, label: Ints) -> tuple[int, int, int, int]:
    """Count units out of band, households moved and to be moved, the price of borders, and households moved alone."""
    region = part.region
    out = _gaps(part, label)
    moves = label != region.home
    owner = np.repeat(np.arange(len(label)), np.diff(region.first))
    price = int(region.price[label[owner] != label[region.near]].sum()) // 2
    moved = int(region.cost[moves].sum())
    return int((out > 0).sum()), moved + int(out.sum()), price + PART_MM * int(moves.sum()), moved


def _gaps(part: _Part, label: Ints) -> Ints:
    """Give what each unit of a part is above its band or short of it."""
    region, count = part.region, max(len(part.units), int(label.max()) + 1)
    weight = np.bincount(label, region.weight, count).astype(np.int64)
    out = np.maximum(np.maximum(region.low - weight, weight - region.high), 0)
    return np.where(np.bincount(label, minlength=count) > 0, out, 0)


def _apply(town: Town, part: _Part, label: Ints) -> None:
    """Give the atoms of a part to their units; numbers beyond those of the part become new units."""
    changed = np.flatnonzero(label != part.start)
    fresh = max(town.members) + 1
    new = np.arange(fresh, fresh + max(0, int(label.max()) + 1 - len(part.units)))
    town.give(part.atoms[changed], np.concatenate([part.units, new])[label[changed]])


def _reconsider(town: Town, unit: int, near: set[int]) -> None:
    """Take back what moved around a unit and look for something cheaper, now that its neighbours are settled."""
    part = part_of(town, _around(town, unit, 1, near))
    home, now = part.region.home, part.atoms.tobytes() + part.start.tobytes()
    if town.seen.get(unit) == now:
        return
    town.seen[unit] = now
    label = np.where(home >= 0, home, part.start)
    if (label == part.start).all() or (_pieces(part, label) > np.maximum(_pieces(part, part.start), 1)).any():
        return
    settled = np.where(part.units == unit, 0, _gaps(part, part.start))
    wrong = _gaps(part, label) - settled
    order = sorted(np.flatnonzero(wrong > 0).tolist(), key=lambda one: (-wrong[one], one))
    first = int(np.searchsorted(part.units, unit))
    for turn in dict.fromkeys((tuple(order), tuple(sorted(order, key=lambda one: one != first)))):
        found = _solved(part, label, turn, settled)
        if found is None or _rank(part, found) >= _rank(part, part.start):
            continue
        if _is_worth_it(part, found, first):
            _apply(town, part, found)
            return


def _solved(part: _Part, label: Ints, order: tuple[int, ...], settled: Ints) -> Ints | None:
    """Bring some units back one after the other, as far in as `settled` says; nothing where that fails."""
    for one in order:
        if _gaps(part, label)[one] > settled[one]:
            found = _exchanged(part, label, one)
            if not found:
                return None
            label = min(found, key=lambda way: _rank(part, way))
    return label


def _pieces(part: _Part, label: Ints) -> Ints:
    """Count the pieces of each unit of a part."""
    first = np.unique(_pieces_of(part, label), return_index=True)[1]
    return np.bincount(label[first], minlength=len(part.units)).astype(np.int64)
