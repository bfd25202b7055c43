"""The k of many places that reach most people, and how few places reach everybody; each with a bound that is proven.

Small cases are solved exactly by HiGHS, large ones by the best place first, exchanges and a Lagrangian bound. What the
places are and who lacks what is no business of this module: it knows homes with people, places, and who reaches which.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Exact up to so many different homes, places and links; HiGHS looks at no more than so many nodes of its tree.
MOST_HOMES, MOST_PLACES, MOST_LINKS = 4_000, 600, 200_000
NODES = 2_000
MOST_LINKS_RELAXED = 1_000_000
ROUNDS, PATIENCE = 400, 20
STEP, FINEST_STEP = 2.0, 1e-3
SLACK = 1e-6
PLACES_COMPARED = 2_000


@dataclass(frozen=True, eq=False)
class Cover:
    """
    Who reaches which place: `people` of each home, and pairs of home and place, each a number from 0.

    Places stand in the order in which they are preferred where they reach as many.
    """

    people: Ints
    home: Ints
    place: Ints
    places: int

    @cached_property
    def table(self) -> "csr_array":
        """One row a home, one column a place, 1 where the home reaches it."""
        from scipy.sparse import csr_array

        pairs = np.unique(self.home.astype(np.int64) * max(self.places, 1) + self.place)
        row, column = pairs // max(self.places, 1), pairs % max(self.places, 1)
        shape = (len(self.people), self.places)
        return csr_array((np.ones(len(pairs), dtype=np.int64), (row, column)), shape=shape)

    @cached_property
    def columns(self) -> "csr_array":
        """One row a place, one column a home."""
        return self.table.T.tocsr()

    @property
    def reachable(self) -> int:
        """People who would reach at least one place."""
        return int(self.people[np.diff(self.table.indptr) > 0].sum())

    def counted(self, chosen: Ints) -> Ints:
        """Give of each home how many of the chosen places it reaches."""
        taken = np.zeros(self.places, dtype=np.int64)
        taken[chosen] = 1
        count: Ints = self.table @ taken
        return count

    def reached(self, chosen: Ints) -> int:
        """Count the people who reach one of the chosen places."""
        return int(self.people[self.counted(chosen) > 0].sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """
    Places chosen, that with most people first; `gains` are the people each adds to those before it.

    `bound` is what no choice can beat: people reached at most, or places needed at least. `exact` says that the choice
    was proven to be best.
    """

    places: Ints
    gains: Ints
    reached: int
    bound: int
    exact: bool


def best(cover: Cover, k: int) -> Chosen:
    """
    Choose at most k places so that most people reach one (maximal covering location, Church and ReVelle 1974).

    A place that would reach nobody more is not chosen. Of choices that reach as many the one is taken to which
    exchanges lead that prefer the places named first.

    Parameters
    ----------
    k
        1 or more.
    """
    small = _merged(cover)
    chosen = _exchanged(small, _greedy(small, k))
    chosen, bound = _bounded(small, chosen, k)
    if bound > small.reached(chosen) and _is_small(small):
        found, proven = _by_highs(small, k)
        if found is not None and small.reached(found) > small.reached(chosen):
            chosen = _exchanged(small, found)
        bound = min(bound, proven)
    reached = small.reached(chosen)
    places, gains = _in_order(small, chosen)
    return Chosen(places=places, gains=gains, reached=reached, bound=max(bound, reached), exact=bound <= reached)


def fewest(cover: Cover) -> Chosen:
    """
    Choose as few places as reach everybody who can be reached (location set covering, Toregas et al. 1971).

    Homes that reach no place are left out: `Cover.reachable` says how many people remain.
    """
    small = _merged(cover)
    chosen = _without_spare(small, _greedy(small, small.places, all_homes=True))
    bound = _disjoint(small)
    if bound < len(chosen) and _is_small(small):
        found, proven = _fewest_by_highs(small)
        chosen = found if found is not None and len(found) < len(chosen) else chosen
        bound = max(bound, proven)
    elif bound < len(chosen) and small.table.nnz <= MOST_LINKS_RELAXED:
        bound = max(bound, _relaxed(small))
    places, gains = _in_order(small, chosen)
    reached = small.reached(chosen)
    return Chosen(places=places, gains=gains, reached=reached, bound=bound, exact=bound >= len(chosen))


# by hand -------------------------------------------------------------------------------------------------------------
def _merged(cover: Cover) -> Cover:
    """Put homes together that reach the same places; those that reach none are left out."""
    table = cover.table
    table.sort_indices()
    ends, columns = table.indptr, table.indices
    first: dict[bytes, int] = {}
    group = np.full(len(cover.people), -1, dtype=np.int64)
    for home in np.flatnonzero(np.diff(ends)):
        group[home] = first.setdefault(columns[ends[home] : ends[home + 1]].tobytes(), len(first))
    people = np.zeros(len(first), dtype=np.int64)
    known = group >= 0
    np.add.at(people, group[known], cover.people[known])
    row = np.repeat(group, np.diff(ends))
    return Cover(people, row, columns.astype(np.int64), cover.places)


def _greedy(cover: Cover, k: int, *, all_homes: bool = False) -> Ints:
    """Take the place that adds most people, and again; with `all_homes` homes without people count as well."""
    open_ = cover.people * len(cover.people) + 1 if all_homes else cover.people.copy()
    chosen: list[int] = []
    while len(chosen) < k and cover.places:
        gains = cover.columns @ open_
        place = int(gains.argmax())
        if gains[place] <= 0:
            break
        chosen.append(place)
        open_[_homes(cover, place)] = 0
    return np.array(chosen, dtype=np.int64)


def _homes(cover: Cover, place: int) -> Ints:
    ends = cover.columns.indptr
    homes: Ints = cover.columns.indices[ends[place] : ends[place + 1]]
    return homes


def _exchanged(cover: Cover, chosen: Ints) -> Ints:
    """Exchange one place for another while that reaches more people, or as many by a place named earlier."""
    now = list(map(int, chosen))
    count = cover.counted(chosen)
    while True:
        offers = [(*_offer(cover, count, place), at) for at, place in enumerate(now)]
        better = [offer for offer in offers if offer[0] > 0 or (offer[0] == 0 and offer[1] < now[offer[2]])]
        if not better:
            return np.array(sorted(now), dtype=np.int64)
        _, place, at = max(better, key=lambda offer: (offer[0], -offer[1], -offer[2]))
        count[_homes(cover, now[at])] -= 1
        count[_homes(cover, place)] += 1
        now[at] = place


def _offer(cover: Cover, count: Ints, place: int) -> tuple[int, int]:
    """Give the best place to take instead of one, and how many more people that reaches."""
    alone = _homes(cover, place)
    alone = alone[count[alone] == 1]
    open_ = np.where(count == 0, cover.people, 0)
    open_[alone] = cover.people[alone]
    gains = cover.columns @ open_
    other = int(gains.argmax())
    return int(gains[other] - cover.people[alone].sum()), other


def _without_spare(cover: Cover, chosen: Ints) -> Ints:
    """Leave out places without which everybody still reaches one, those taken last first."""
    count = cover.counted(chosen)
    kept = []
    for place in map(int, chosen[::-1]):
        homes = _homes(cover, place)
        if (count[homes] > 1).all():
            count[homes] -= 1
        else:
            kept.append(place)
    return np.array(sorted(kept), dtype=np.int64)


def _in_order(cover: Cover, chosen: Ints) -> tuple[Ints, Ints]:
    """Order chosen places by what each adds to those before it."""
    only = np.zeros(cover.places, dtype=bool)
    only[chosen] = True
    kept = only[cover.place]
    within = Cover(cover.people, cover.home[kept], cover.place[kept], cover.places)
    order = _greedy(within, len(chosen))
    rest = np.setdiff1d(chosen, order)
    open_, gains = cover.people.copy(), []
    for place in map(int, order):
        homes = _homes(cover, place)
        gains.append(int(open_[homes].sum()))
        open_[homes] = 0
    return np.concatenate([order, rest]), np.array([*gains, *[0] * len(rest)], dtype=np.int64)


# bounds --------------------------------------------------------------------------------------------------------------
def _bounded(cover: Cover, chosen: Ints, k: int) -> tuple[Ints, int]:
    """
    Bound what k places can reach, and give a better choice where the search for the bound comes across one.

    Lagrangian relaxation of "only who reaches a chosen place counts", by subgradients (Galvao and ReVelle 1996). The
    bound is that of the linear relaxation at best; rounding errors of the sums are added to it.
    """
    people = cover.people.astype(np.float64)
    reached, upper = cover.reached(chosen), float(people.sum())
    price, step, stale = people / 2, STEP, 0
    for _ in range(ROUNDS if len(people) else 0):
        worth = cover.columns @ price
        pick = np.sort(np.argsort(-worth, kind="stable")[:k])
        value = float((people - price).sum() + worth[pick].sum())
        upper, stale = (value, 0) if value < upper - SLACK else (upper, stale + 1)
        count = cover.counted(pick)
        mine = int(cover.people[count > 0].sum())
        if mine > reached:
            chosen = _exchanged(cover, pick)
            reached = cover.reached(chosen)
        if upper < reached + 1 - SLACK or step < FINEST_STEP:
            break
        step, stale = (step / 2, 0) if stale >= PATIENCE else (step, stale)
        price = _next_price(people, price, count.astype(np.float64) - 1, step * (value - reached))
    return chosen, int(np.floor(upper * (1 + 1e-12) + SLACK))


def _next_price(people: Reals, price: Reals, slope: Reals, drop: float) -> Reals:
    """Go down the slope; where a price is at its end and would leave it, it does not count."""
    stuck = ((price <= 0) & (slope > 0)) | ((price >= people) & (slope < 0))
    slope = np.where(stuck, 0.0, slope)
    steep = float(slope @ slope)
    found: Reals = price if steep == 0 else np.clip(price - drop / steep * slope, 0, people)
    return found


def _disjoint(cover: Cover) -> int:
    """Bound the places needed: each home pays the share it has of its largest place, no place is paid more than 1."""
    if not len(cover.people):
        return 0
    size = np.diff(cover.columns.indptr)
    largest = np.zeros(len(cover.people), dtype=np.int64)
    np.maximum.at(largest, cover.home, size[cover.place])
    return int(np.ceil((1.0 / largest).sum() * (1 - 1e-12) - SLACK))


# by HiGHS ------------------------------------------------------------------------------------------------------------
def _is_small(cover: Cover) -> bool:
    return len(cover.people) <= MOST_HOMES and cover.places <= MOST_PLACES and cover.table.nnz <= MOST_LINKS


def _by_highs(cover: Cover, k: int) -> tuple[Ints | None, int]:
    """Solve maximal covering; only places need be whole numbers, homes then are by themselves."""
    from scipy.optimize import LinearConstraint
    from scipy.sparse import eye_array, hstack

    homes, kept = len(cover.people), _worth_asking(cover)
    table = cover.table[:, kept].astype(np.float64)
    cost = np.concatenate([np.zeros(len(kept)), -cover.people.astype(np.float64)])
    whole = np.concatenate([np.ones(len(kept)), np.zeros(homes)])
    count = np.concatenate([np.ones(len(kept)), np.zeros(homes)])
    rules = [
        LinearConstraint(hstack([table, -eye_array(homes)]).tocsr(), 0, np.inf),
        LinearConstraint(count[None, :], 0, k),
    ]
    found, least = _milp(cost, whole, rules)
    proven = cover.people.sum() if least is None else np.floor(-least * (1 + 1e-12) + SLACK * 10)
    return None if found is None else kept[found[: len(kept)] > 1 / 2], int(proven)


def _fewest_by_highs(cover: Cover) -> tuple[Ints | None, int]:
    """Solve set covering."""
    from scipy.optimize import LinearConstraint

    kept = _worth_asking(cover)
    table = cover.table[:, kept].astype(np.float64)
    found, least = _milp(np.ones(len(kept)), np.ones(len(kept)), [LinearConstraint(table, 1, np.inf)])
    proven = 0 if least is None else int(np.ceil(least - SLACK * 10))
    return None if found is None else kept[found > 1 / 2], proven


def _relaxed(cover: Cover) -> int:
    """Bound the places needed by those of which parts could be built."""
    from scipy.optimize import linprog

    kept = _worth_asking(cover)
    table = cover.table[:, kept].astype(np.float64)
    found = linprog(np.ones(len(kept)), A_ub=-table, b_ub=-np.ones(table.shape[0]), bounds=(0, 1), method="highs")
    return int(np.ceil(found.fun - SLACK * 10)) if found.status == 0 else 0


def _milp(cost: Reals, whole: Reals, rules: list[Any]) -> tuple[Reals | None, float | None]:
    """Solve within a number of nodes, not of seconds: the same on every run."""
    from scipy.optimize import Bounds, milp

    options = {"node_limit": NODES, "mip_rel_gap": 0.0}
    found = milp(cost, integrality=whole, bounds=Bounds(0, 1), constraints=rules, options=options)
    bound = getattr(found, "mip_dual_bound", None)
    return found.x, None if bound is None or not np.isfinite(bound) else float(bound)


def _worth_asking(cover: Cover) -> Ints:
    """Leave out places whose homes another one reaches as well; of equal ones the first stays."""
    size = np.diff(cover.columns.indptr)
    if cover.places > PLACES_COMPARED:
        return np.flatnonzero(size)
    both = (cover.columns @ cover.table).tocoo()
    one, other = both.coords
    inside = (both.data == size[one]) & (one != other)
    beaten = inside & ((size[other] > size[one]) | (other < one))
    kept = size > 0
    kept[one[beaten]] = False
    return np.flatnonzero(kept)
