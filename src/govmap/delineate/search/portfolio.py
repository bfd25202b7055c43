"""Divides one ground: several first divisions, each searched and mended, of which the best stays."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from govmap.delineate.criteria import EQUAL, Criteria
from govmap.delineate.problem import BARRIER_PRICE, Ints, Problem, contract, pieces
from govmap.delineate.search.coarsen import clusters
from govmap.delineate.search.construct import make_whole, power_diagram
from govmap.delineate.search.further import amiss, is_asked, whole_cost
from govmap.delineate.search.improve import Told, anneal, land, units
from govmap.delineate.search.kernel import Land, Units, Wishes
from govmap.delineate.search.redraw import PATIENCE, mend, recut
from govmap.delineate.search.small import best_of_all
from govmap.delineate.territories import compact, possible_units

GOLDEN = 0.6180339887498949
# Price of leaving a band that is but a wish; a rule costs as much as `Wishes.near`.
MILD = 6.0
# Proposals a border and start, for ground of up to so many atoms: small ground is searched longer.
PROPOSALS = ((1500, 600), (6000, 380), (2**62, 190))
LEAST_PATIENCE = 100
# What is searched again is mended with so many times less patience.
HASTY = 4
# First divisions tried, likewise.
STARTS = ((1500, 2), (2**62, 1))
# Shares of the proposals: on clusters, then on single atoms, then once more after mending; and between which heats.
ROUGH, FINE, LAST = 0.35, 0.5, 0.15
HOT, WARM, COOL, COLD = 1.0, 0.2, 0.03, 0.01
# Trees laid over each pair of neighbouring units, likewise.
TREES = ((200, 300), (1500, 10), (6000, 8), (2**62, 4))
# Atoms a unit above which clusters are divided first, and the most clusters a unit.
CROWDED, CLUSTERS = 12, 12
# Ground of small atoms is divided within so much less than a tenth, to be safe.
MARGIN, FINE_GRAINED = 0.8, 0.1
# Weight of wishes under each preference: barriers, divided blocks, roundness, spread of households, equal sizes. Short
# borders make round units, so that under `compact` all else weighs little beside them. Where a barrier weighs 1, a
# border along it costs nothing: borders then wander from barrier to barrier, so that those who want them short stay
# below it.
WEIGHTS = {
    None: (2.75, 2.2, 10.0, 2.8, 45.0),
    "compact": (0.96, 0.7, 4.0, 1.0, 45.0),
    "barriers": (4.0, 1.8, 6.0, 1.5, 20.0),
    "blocks": (0.96, 20.0, 4.0, 2.0, 70.0),
    "balance": (2.0, 1.8, 8.0, 1.0, 120.0),
}
# The default where every size of the band is as good: room to move makes shape cheap, so that it needs less weight.
FLAT = (2.6, 2.0, 7.0, 1.5, 0.0)
# Price of leaving the tenth around the aim, where equal sizes are asked for.
NEAR = 60.0
# Price of all atoms of a unit lying too far from its middle, by how far: a tenth and what they lie farther, in radii.
# It stays under that of barriers, which come first among the wishes.
FAR = 10.0
# Share of the prices of what is asked beside the band, where it is looked for last.
CALM = 0.001
# Widths of barrier a unit at which the weight above holds, and how fast it falls where there are more: where barriers
# lie close, nobody can keep to all of them, and shape would pay for trying. Where units hold more than so many atoms it
# falls faster, for there the borders that barriers are kept to instead would be good ones; and how far at most.
USUAL_BARRIERS, FALL, LEAST_BARRIERS = 1.15, 0.32, 0.2
USUAL_ATOMS, FINER, LEAST_KEPT = 16, 0.6, 0.42
# Where these are preferred, a border along a barrier costs next to nothing. Under `compact` it costs the more the fewer
# widths of barrier a unit lie close by: borders that go out of their way to meet barriers are long.
EVERYWHERE, CLOSE_BY, SCARCE = ("compact", "blocks"), {"compact": 3.5}, 0.4
# The heaviest street block that begins as a whole where blocks are preferred, in shares of a unit.
BEGINS_WHOLE = 1.1

Score = tuple[int, int, int, float]
MISSED = 2  # the place in a score of how many units do not have what is asked beside the band


def divide(
    problem: Problem,
    number: int,
    band: tuple[int, int],
    criteria: Criteria,
    *,
    budget: int | None = None,
    told: Callable[[float], None] | None = None,
) -> Ints:
    """
    Divide atoms that hang together into so many units.

    Parameters
    ----------
    number
        How many units; without `criteria.units` one more or less is taken where that brings units into the band.
    band
        Least and greatest weight of a unit.
    budget
        Proposals for the whole search; without it they grow with the ground.
    told
        Hears which share of the search is done.

    Returns
    -------
    label
        Unit of each atom, counted from 0.
    """
    order = _along_the_ground(problem)
    number = min(number, len(problem))
    problem = priced(_reordered(problem, order), number, criteria)
    if number <= 1:
        return np.zeros(len(problem), dtype=np.int64)
    wishes = _wishes(problem, number, band, criteria)
    starts = _by_size(STARTS, problem)
    effort = _by_size(PROPOSALS, problem) * len(problem.i)
    search = _Search(
        problem=problem,
        ground=land(problem, wishes),
        number=number,
        wishes=wishes,
        criteria=criteria,
        proposals=effort if budget is None else budget // starts,
    )
    heard = _counter(told, starts * search.proposals)
    found = [_one_start(search, one, heard) for one in range(starts)]
    found += _every_one(search)
    best = min(range(len(found)), key=lambda one: (*found[one][1], one))
    if found[best][1][MISSED]:
        # What cannot be had everywhere may cost other units more than it gives: once more with shape first.
        calm = wishes._replace(more=CALM * wishes.more, far=CALM * wishes.far)
        found.append(_one_start(replace(search, wishes=calm), 0, heard))
        best = -1 if found[-1][1][: MISSED + 1] < found[best][1][: MISSED + 1] else best
    label = np.empty(len(problem), dtype=np.int64)
    label[order] = found[best][0]
    return label


def _every_one(search: "_Search") -> list[tuple[Ints, Score]]:
    """Give the best division of a few atoms, where there is one in the band; nothing of more."""
    ground, wishes = search.ground, search.judged
    label = best_of_all(ground, wishes, np.arange(len(search.problem)), search.number)
    if label is None:
        return []
    state = units(ground, label, search.room, wishes, search.criteria.seed)
    return [(label, _score(ground, state, wishes))]


def priced(problem: Problem, number: int, criteria: Criteria) -> Problem:
    """Change what barriers are worth to what is preferred, and to how many there are."""
    widths = float(problem.barrier.sum()) / max(1, number) / _width_mm(problem, number)
    kept = _kept_to(criteria.prefer, widths, len(problem) / max(1, number))
    more = _weights(criteria)[0] * kept - BARRIER_PRICE
    return replace(problem, price=problem.price - np.rint(problem.barrier * more).astype(np.int64))


def _kept_to(prefer: str | None, widths: float, atoms: float) -> float:
    """Give the share of the weight of barriers that holds where a unit has so many widths of them, and atoms."""
    if prefer in EVERYWHERE:
        return min(1.0, (widths / CLOSE_BY[prefer]) ** SCARCE) if prefer in CLOSE_BY else 1.0
    if widths <= USUAL_BARRIERS:
        return float((USUAL_BARRIERS / max(LEAST_BARRIERS, widths)) ** FALL)
    fall = FALL * max(1.0, atoms / USUAL_ATOMS) ** FINER
    return float(max(LEAST_KEPT, (USUAL_BARRIERS / widths) ** fall))


def _weights(criteria: Criteria) -> tuple[float, float, float, float, float]:
    return FLAT if criteria.prefer is None and not criteria.equal else WEIGHTS[criteria.prefer]


@dataclass(frozen=True)
class _Search:
    """One problem laid out, with everything that does not change from start to start."""

    problem: Problem
    ground: Land
    number: int
    wishes: Wishes
    criteria: Criteria
    proposals: int

    @property
    def fixed(self) -> bool:
        """Whether the number of units was asked for."""
        return self.criteria.units is not None

    @property
    def patience(self) -> int:
        """How many trees one unit is worth: fewer where the budget is small."""
        share = self.proposals / max(1, _by_size(PROPOSALS, self.problem) * len(self.problem.i))
        return max(LEAST_PATIENCE, int(PATIENCE * min(1.0, share) ** 2))

    @property
    def judged(self) -> Wishes:
        """The wishes by which a division is judged: within a tenth around the aim, where equal sizes are asked for."""
        return _equal(self.wishes) if self.criteria.equal else self.wishes

    @property
    def trees(self) -> int:
        """How many trees each pair of units is worth."""
        return _by_size(TREES, self.problem)

    @property
    def room(self) -> int:
        """The greatest number of units there may be."""
        most = possible_units(self.problem.total, self.wishes.low, self.wishes.high)[1]
        return self.number if self.fixed else max(self.number + 2, min(len(self.problem), most))


def _by_size(choices: tuple[tuple[int, int], ...], problem: Problem) -> int:
    return next(choice for most, choice in choices if len(problem) <= most)


def _counter(told: Callable[[float], None] | None, total: int) -> Told | None:
    """Turn proposals done into a share of all."""
    if told is None:
        return None
    spent = 0

    def heard(done: int) -> None:
        nonlocal spent
        spent += done
        told(min(1.0, spent / max(1, total)))

    return heard


def _along_the_ground(problem: Problem) -> Ints:
    """Order atoms so that near ones stand near in memory: strips from west to east, south to north in each."""
    strips = max(1, int(np.sqrt(len(problem) / 16)))
    strip = np.floor((problem.x - problem.x.min()) / max(float(np.ptp(problem.x)), 1e-9) * strips)
    return np.lexsort((np.arange(len(problem)), problem.y, strip))


def _reordered(problem: Problem, order: Ints) -> Problem:
    """Number atoms in this order, and list borders by their ends: nothing depends on how they came."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    i, j = np.minimum(rank[problem.i], rank[problem.j]), np.maximum(rank[problem.i], rank[problem.j])
    rows = np.lexsort((problem.joins, problem.barrier, problem.price, problem.length, j, i))
    atoms = {name: getattr(problem, name)[order] for name in ("weight", "x", "y", "area", "outer", "block")}
    borders = {name: getattr(problem, name)[rows] for name in ("length", "price", "barrier", "joins")}
    more = None if problem.more is None else problem.more.take(order)
    return replace(problem, **atoms, **borders, i=i[rows], j=j[rows], more=more)


def _wishes(problem: Problem, number: int, band: tuple[int, int], criteria: Criteria) -> Wishes:
    """Put the criteria as prices; a unit's width is that of its share of the ground that bears weight."""
    low, high = band
    mean = max(1.0, problem.total / number)
    width_mm = _width_mm(problem, number)
    aim = _aim(mean, criteria)
    near = _near(aim, _margin(problem, aim)) if criteria.equal else (0.0, 2.0 * max(high, mean))
    mild = None if criteria.hard or criteria.equal else criteria.size
    if mild is not None:  # `band` is a tenth wider then, and leaving the band itself costs a little
        near = (float(mild[0]), float(mild[1]))
    _, block, shape, spread, even = _weights(criteria)
    wishes = Wishes(
        low=low,
        high=high,
        near_low=near[0],
        near_high=near[1],
        aim=aim,
        width_mm=width_mm,
        block=block if "block" in criteria.keep_whole else 0.0,
        shape=shape,
        even=even if criteria.equal else 0.0,
        spread=spread / (aim * (width_mm / 100) ** 2),
    )
    wishes = wishes._replace(near=NEAR if criteria.equal else wishes.near if mild is None else MILD)
    if problem.more is None or not problem.more.span_m:
        return wishes
    # All ends of a unit lie near enough where all lie within half as far from its middle.
    return wishes._replace(far=FAR * number / max(1, len(problem)), radius=problem.more.span_m * 5)


def _width_mm(problem: Problem, number: int) -> float:
    """Give the width of a unit: that of its share of the ground that bears weight, as a square."""
    lived = float(problem.area[problem.weight > 0].sum() or problem.area.sum())
    return max(1.0, 100 * float(np.sqrt(lived / max(1, number))))


def _aim(mean: float, criteria: Criteria) -> float:
    """Give the size around which units are equal: the target, where the number of units lets it be the mean."""
    target = float(criteria.target or mean)
    return target if abs(mean - target) <= EQUAL / 2 * target else mean


def _near(aim: float, margin: float) -> tuple[float, float]:
    """Give the least and the greatest size within a share of a tenth around the aim."""
    off = round(margin * EQUAL * aim, 6)
    return float(np.ceil(aim - off)), float(np.floor(aim + off))


def _margin(problem: Problem, aim: float) -> float:
    """Give the share of a tenth that is searched: less where atoms are so small that more is easily had."""
    grain = float((problem.weight / aim) @ problem.weight) / max(1, problem.total)
    return MARGIN if grain < FINE_GRAINED else 1.0


def _one_start(search: _Search, start: int, told: Told | None) -> tuple[Ints, Score]:
    """Search from one first division; give labels and how good they are."""
    ground, wishes, proposals = search.ground, search.wishes, search.proposals
    turn, seed = (search.criteria.seed + start - 1) * GOLDEN * np.pi, search.criteria.seed * 1000 + start
    if len(search.problem) > CROWDED * search.number:
        label = _rough(search, turn, seed, told)
        stages = ((FINE, WARM, COOL), (LAST, COOL, COLD))
    else:
        label = make_whole(search.problem, power_diagram(search.problem, search.number, turn=turn), search.number)
        stages = ((ROUGH + FINE, HOT, COOL), (LAST, COOL, COLD))
    state = units(ground, label, search.room, wishes, seed)
    for part, warm, cold in stages:
        anneal(ground, state, wishes, int(proposals * part), warm, cold, told=told)
        patience = search.patience if cold == COLD else search.patience // HASTY
        mend(ground, state, wishes, fixed=search.fixed, patience=patience)
        if search.criteria.equal:
            mend(ground, state, search.judged, fixed=True, patience=patience)
        recut(ground, state, search.judged, trees=search.trees)
    return state.label, _score(ground, state, search.judged)


def _equal(wishes: Wishes) -> Wishes:
    """Narrow the band to a tenth around the aim."""
    low, high = _near(wishes.aim, 1.0)
    return wishes._replace(low=max(int(low), wishes.low), high=min(int(high), wishes.high))


def _rough(search: _Search, turn: float, seed: int, told: Told | None) -> Ints:
    """Divide clusters of atoms first, where units hold many."""
    problem, number = search.problem, search.number
    wanted = min(CLUSTERS, len(problem) / number / 2.5)
    group = clusters(problem, problem.total / number / wanted, int(wanted * number))
    if search.criteria.prefer == "blocks":
        group = _whole_blocks(problem, group, BEGINS_WHOLE * problem.total / number)
    coarse = contract(problem, group)
    label = make_whole(coarse, power_diagram(coarse, number, turn=turn), number)
    wishes = search.wishes._replace(far=search.wishes.far * len(problem) / len(coarse))
    ground = land(coarse, wishes)
    state = units(ground, label, number, wishes, seed)
    anneal(ground, state, wishes, int(search.proposals * ROUGH), HOT, WARM, told=told)
    return state.label[group]


def _whole_blocks(problem: Problem, group: Ints, heaviest: float) -> Ints:
    """Put each street block together that weighs no more; of the others the groups stay."""
    alone = np.where(problem.block >= 0, problem.block, len(problem) + np.arange(len(problem)))
    piece = pieces(problem, alone)
    light = np.bincount(piece, problem.weight)[piece] <= heaviest
    return compact(np.where(light & (problem.block >= 0), piece, len(problem) + group))


def _score(ground: Land, state: Units, wishes: Wishes) -> Score:
    """Say how good a division is: units out of the band, by how much, without what else is asked, then all the rest."""
    held = state.weight[state.size > 0]
    out = np.maximum(np.maximum(wishes.low - held, held - wishes.high), 0)
    missed = int(amiss(ground, state, wishes).sum()) if is_asked(ground, wishes) else 0
    return int((out > 0).sum()), int(out.sum()), missed, whole_cost(ground, state, wishes)
