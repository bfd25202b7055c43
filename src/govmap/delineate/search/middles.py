"""Looks for the middles of districts: sets of atoms around which a division can be cheap, the most promising first.

What atoms cost when they may be shared between middles is a lower bound and nearly the truth. It is climbed down by
moving middles, from many first sets, and then every set near the best whose bound stays under the best division known
is divided exactly (`assign`).
"""

from dataclasses import dataclass
from heapq import heappop, heappush
from math import comb

import numpy as np

from govmap.delineate.problem import Ints, Reals
from govmap.delineate.search.annealed import annealed
from govmap.delineate.search.assign import nearest
from govmap.delineate.search.inertia import SCALE, Inertia, middles_of
from govmap.geometry import compiled

# Turns of the prices; how much space is drawn out along a kink; steps that grow and shrink; and when it is enough.
ROUNDS = 120
DILATION = 0.4
LONGER, SHORTER = 1.3, 0.85
NEAR_ENOUGH = 1e-6
TIE = 1e-9
# First sets climbed; atoms near a middle that may take its place; sets divided exactly at one step of the ladder.
STARTS, NEAR, SETS = 60, 24, 60
# Annealings for a first division, and sets of middles they begin around.
ANNEALED, DIFFERENT = 8, 4
# On ground of more than so many atoms: sets so divided while there is no answer yet.
MANY, FEW_SETS = 128, 6
# Open columns that may be solved for one set.
ONE_SET = 15_000
# How far above the best bound a division is looked for, as shares of it, one after the other.
LADDER = (0.0003, 0.0006, 0.0012, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.045, 0.065, 0.09, 0.13, 0.2, 0.3, 0.5, 1.0, 3.0)
# Sets of middles that are all looked at to prove an answer.
ALL_SETS, SETS_UNDER = 200_000, 2_000


@compiled
def drawn(cost: Reals, people: Reals, centres: Ints, price: Reals, label: Ints) -> float:
    """Give every atom to its cheapest middle at some prices, every middle to itself; give what all cost."""
    total = 0.0
    for i in range(len(people)):
        least, to = np.inf, 0
        for s in range(len(centres)):
            full = cost[i, centres[s]] + price[s] * people[i]
            if i == centres[s]:
                least, to = full, s
                break
            if full < least:
                least, to = full, s
        label[i] = to
        total += least
    return total


@compiled
def _uneven(people: Reals, band: Reals, label: Ints, price: Reals, slope: Reals) -> float:
    """Work out by how many people each unit misses the band's end that its price stands for; give the prices' share."""
    slope[:] = 0.0
    for i in range(len(people)):
        slope[label[i]] += people[i]
    paid = 0.0
    for s in range(len(price)):
        held = slope[s]
        paid += price[s] * (band[1] if price[s] > 0 else band[0])
        if price[s] > 0 or (price[s] == 0 and held > band[1]):
            slope[s] = held - band[1]
        elif price[s] < 0 or held < band[0]:
            slope[s] = held - band[0]
        else:
            slope[s] = 0.0
    return paid


@compiled
def shared_cost(cost: Reals, people: Reals, band: Reals, centres: Ints, price: Reals, enough: float) -> float:
    """
    Raise the lower bound of a division around middles by turns, at most to `enough`; `price` is left at its best.

    Shor's r-algorithm: subgradient steps in a space drawn out across the kinks met (Shor 1985, Minimization Methods for
    Non-Differentiable Functions, chapter 3).
    """
    k = len(centres)
    label, slope, last, now = np.empty(len(people), np.int64), np.empty(k), np.empty(k), price.copy()
    best = drawn(cost, people, centres, now, label) - _uneven(people, band, label, now, slope)
    step, space, turns = abs(best) / people.sum(), np.eye(k), 0
    while turns < ROUNDS and best < enough:
        way = space.T @ slope
        length = np.sqrt((way * way).sum())
        if length == 0.0:
            break
        way = space @ (way / length)
        last[:] = slope
        first, value = True, 0.0
        while turns < ROUNDS:
            now += step * way
            value = drawn(cost, people, centres, now, label) - _uneven(people, band, label, now, slope)
            turns += 1
            if value > best:
                best = value
                price[:] = now
            if (slope * way).sum() <= 0.0:
                break
            first = False
            step *= LONGER
        if first:
            step *= SHORTER
        if step * length_of(way) * people.sum() <= NEAR_ENOUGH * abs(best):
            break
        kink = space.T @ (slope - last)
        length = np.sqrt((kink * kink).sum())
        if length > 0.0:
            kink /= length
            space -= (1.0 - DILATION) * np.outer(space @ kink, kink)
    return best


@compiled
def length_of(way: Reals) -> float:
    """Give the length of a vector."""
    return float(np.sqrt((way * way).sum()))


@compiled
def recentred(cost: Reals, people: Reals, centres: Ints, price: Reals) -> Ints:
    """Give the middle of what each middle draws to itself at some prices."""
    label = np.empty(len(people), np.int64)
    drawn(cost, people, centres, price, label)
    new = centres.copy()
    for s in range(len(centres)):
        inside = np.flatnonzero(label == s)
        least = np.inf
        for j in inside:
            total = 0.0
            for i in inside:
                total += cost[i, j]
                if total >= least:
                    break
            if total < least:
                least = total
                new[s] = j
    return new


@compiled
def climbed(cost: Reals, people: Reals, band: Reals, near: Ints, centres: Ints) -> float:
    """Move middles while that lowers the bound; `centres` is changed, its bound given."""
    k = len(centres)
    price = np.zeros(k)
    value = shared_cost(cost, people, band, centres, price, np.inf)
    better = True
    while better:
        better = False
        new = recentred(cost, people, centres, price)
        if (new != centres).any():
            other = price.copy()
            found = shared_cost(cost, people, band, new, other, value)
            if found < value - TIE * abs(value):
                value, better = found, True
                centres[:] = new
                price[:] = other
                continue
        for s in range(k):
            for j in near[centres[s]]:
                if (centres == j).any():
                    continue
                new = centres.copy()
                new[s] = j
                other = price.copy()
                found = shared_cost(cost, people, band, new, other, value)
                if found < value - TIE * abs(value):
                    value, better = found, True
                    centres[:] = new
                    price[:] = other
                    break
    return value


@dataclass(frozen=True)
class _Ground:
    """The numbers of a problem as the loops want them."""

    cost: Reals
    people: Reals
    band: Reals
    near: Ints

    @classmethod
    def of(cls, problem: Inertia) -> "_Ground":
        cost = problem.cost / SCALE
        band = np.array([problem.low, problem.high], dtype=np.float64)
        # Nearness must not depend on people: the squared distance, which cost holds times people.
        far = problem.cost // np.maximum(problem.people, 1)[:, None]
        far = np.maximum(far, far.T)
        np.fill_diagonal(far, -1)
        order = np.argsort(far, axis=1, kind="stable")[:, 1 : NEAR + 1].astype(np.int64)
        return cls(cost, problem.people.astype(np.float64), band, order)


def _first_sets(ground: _Ground, units: int, number: int, rng: np.random.Generator) -> list[Ints]:
    """Draw sets of middles, each next one likelier where much lies far from those before (k-means++)."""
    found = []
    for _ in range(number):
        chosen = [int(rng.integers(len(ground.people)))]
        while len(chosen) < units:
            far = ground.cost[:, chosen].min(axis=1)
            far[chosen] = 0
            sums = np.cumsum(far)
            chosen.append(int(np.searchsorted(sums, rng.random() * sums[-1], side="right")))
        found.append(np.array(chosen, dtype=np.int64))
    return found


class Search:
    """Sets of middles still to be divided, the best division so far and what it costs in millions."""

    def __init__(self, problem: Inertia, *, seed: int = 1) -> None:
        self.problem, self.ground = problem, _Ground.of(problem)
        self.label: Ints | None = None
        self.cost = self.most = np.inf
        self.met: set[tuple[int, ...]] = set()
        self.looked: set[tuple[int, ...]] = set()
        self.settled: dict[tuple[int, ...], float] = {}
        self.rung = 0
        self.todo: list[tuple[float, tuple[int, ...]]] = []
        self.effort, self.until_found = 0, False
        rng = np.random.default_rng(seed)
        self.promising = self._promising(_first_sets(self.ground, problem.units, STARTS, rng))

    def _promising(self, firsts: list[Ints]) -> Ints:
        """Climb down from first sets; give the best."""
        for first in firsts:
            climbed(self.ground.cost, self.ground.people, self.ground.band, self.ground.near, first)
            self._add(first)
        return np.array(self.todo[0][1], dtype=np.int64)

    def atom_prices(self) -> Reals:
        """Give prices of atoms whose sum is the best bound, in millions."""
        ground, centres = self.ground, self.promising
        price, label = np.zeros(len(centres)), np.zeros(len(self.problem), dtype=np.int64)
        value = shared_cost(ground.cost, ground.people, ground.band, centres, price, np.inf)
        drawn(ground.cost, ground.people, centres, price, label)
        least = ground.cost[np.arange(len(label)), centres[label]] + price[label] * ground.people
        return np.asarray(least - (least.sum() - value) * ground.people / ground.people.sum())

    def begin(self, seed: int) -> None:
        """Look for a first division around the most promising middles by annealing, several times."""
        for turn in range(ANNEALED if self.todo else 0):
            centres = np.array(self.todo[turn % min(len(self.todo), DIFFERENT)][1], dtype=np.int64)
            label = annealed(self.problem, centres, seed=seed * ANNEALED + turn)
            if label is not None:
                self.take(label)

    def take(self, label: Ints) -> None:
        """Begin with a division that is known."""
        centres, cost = middles_of(self.problem, label)
        if cost / SCALE < self.cost:
            self.label, self.cost = label, cost / SCALE
            self.most = min(self.most, self.cost)
            self._add(centres)

    def run(self, effort: int, *, until_found: bool) -> None:
        """
        Divide the most promising sets exactly, ever farther above the best bound until a division is found.

        `effort` is the columns that may be solved; what is begun is ended. With `until_found` the first set is tried
        ever farther while there is no answer yet, whatever the effort.
        """
        self.effort, self.until_found = effort, until_found
        if not self.todo:
            return
        least = self.todo[0][0]
        for share in LADDER[self.rung :]:
            self.most = min(self.cost, least * (1 + share))
            self._up_to_most()
            if self.cost <= self.most or (self.effort <= 0 and not (until_found and self.label is None)):
                return
            self.rung += 1

    def _up_to_most(self) -> None:
        """Divide every set whose bound lies under what a division may cost, and those around it."""
        later: list[tuple[float, tuple[int, ...]]] = []
        few = self.most < self.cost and len(self.problem) > MANY
        while self.todo and self.todo[0][0] < self.most and len(later) < (FEW_SETS if few else SETS):
            if self.effort <= 0 and (not self.until_found or self.label is not None or later):
                break
            later.append(heappop(self.todo))
            centres = later[-1][1]
            self._look_around(centres)
            self._divide(centres)
        self.todo += [one for one in later if self.settled.get(one[1], 0.0) < self.cost * (1 - TIE)]
        self.todo.sort()

    def _add(self, centres: Ints) -> None:
        key = tuple(sorted(int(atom) for atom in centres))
        if key in self.met or len(set(key)) < len(key):
            return
        self.met.add(key)
        value = self.bound(np.array(key, dtype=np.int64))
        if value < self.cost:
            heappush(self.todo, (value, key))

    def bound(self, centres: Ints) -> float:
        """Give what no division around some middles can cost less than, as far as it matters."""
        ground, price = self.ground, np.zeros(len(centres))
        return float(shared_cost(ground.cost, ground.people, ground.band, centres, price, float(self.cost)))

    def _divide(self, centres: tuple[int, ...]) -> None:
        """Divide around some middles as well as can be."""
        found = nearest(self.problem, np.array(centres, dtype=np.int64), self.most, ONE_SET)
        self.effort -= found.effort
        if found.settled:
            # Nothing around these middles is cheaper than what was asked for, or than what was found.
            self.settled[centres] = self.most
        if found.label is not None:
            self.take(found.label)

    def _look_around(self, centres: tuple[int, ...]) -> None:
        """Add every set with one middle moved."""
        if centres in self.looked:
            return
        self.looked.add(centres)
        for s, centre in enumerate(centres):
            for j in self.ground.near[centre]:
                new = np.array(centres, dtype=np.int64)
                new[s] = j
                self._add(new)

    def proven(self) -> bool:
        """Whether no set of middles at all gives a cheaper division; told only where the sets are few."""
        n, k = len(self.problem), self.problem.units
        if self.label is None or comb(n, k) > ALL_SETS:
            return False
        ground = self.ground
        cheaper = sets_under(ground.cost, ground.people, ground.band, k, float(self.cost) * (1 - TIE))
        if len(cheaper) == SETS_UNDER:
            return False
        return all(self.settled.get(tuple(int(atom) for atom in row), 0.0) >= self.cost * (1 - TIE) for row in cheaper)


@compiled
def sets_under(cost: Reals, people: Reals, band: Reals, units: int, most: float) -> Ints:
    """List every set of middles whose bound lies under `most`, at most so many."""
    n = len(people)
    centres = np.arange(units)
    found = np.empty((SETS_UNDER, units), np.int64)
    number = 0
    while True:
        value = shared_cost(cost, people, band, centres, np.zeros(units), most)
        if value < most and number < len(found):
            found[number] = centres
            number += 1
        s = units - 1
        while s >= 0 and centres[s] == n - units + s:
            s -= 1
        if s < 0:
            return found[:number]
        centres[s] += 1
        for t in range(s + 1, units):
            centres[t] = centres[t - 1] + 1
