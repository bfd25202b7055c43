"""What several publications give away together: the people of areas that nobody published, by taking one from another.

An attacker has every published number of one statistic, with its area and the span that its rounding leaves, from all
plans, levels and times. Each number bounds the sum over its area from below and above; linear programs say how little
and how much any union, overlap or difference of published areas can hold. A leak is one of which there is somebody
(lower bound over 0) and fewer than k (upper bound under k). Source: Hundepool et al., Statistical Disclosure Control
(2012), ch. 4.3 (audit of tables by bounds); the ONS publishes exact counts for one geography only for this reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import linprog

Numbers = NDArray[np.float64]
Sets = NDArray[np.bool_]
CLOSE = 1e-6
CHUNK = 2_000_000


@dataclass(frozen=True)
class Told:
    """
    Published numbers of one statistic, one entry an area.

    `areas` are the parts of each area, `low` and `high` the span that the published number leaves (0 and inf where it
    is withheld), `ours` whether it stands in the publication that is being made.
    """

    areas: tuple[frozenset[str], ...]
    low: Numbers
    high: Numbers
    ours: Sets

    def without(self, rows: Iterable[int]) -> "Told":
        """Withhold the numbers of some areas."""
        low, high = self.low.astype(float), self.high.astype(float)
        chosen = sorted(rows)
        low[chosen], high[chosen] = 0.0, np.inf
        return Told(self.areas, low, high, self.ours)


@dataclass(frozen=True)
class Leak:
    """An area of whose people there is at least one and fewer than k: its parts, its bounds, who gives it away."""

    parts: frozenset[str]
    low: float
    high: float
    rows: tuple[int, ...]


@dataclass(frozen=True)
class _Pieces:
    """The ground cut along all published areas: `member` (areas x pieces), the parts of each piece."""

    member: sp.csr_array
    parts: tuple[frozenset[str], ...]


def leaks(told: Told, k: int, *, truth: dict[str, float] | None = None) -> list[Leak]:
    """
    Find every union, overlap or difference of two published areas that gives away fewer than k people.

    Parameters
    ----------
    told
        All numbers of one statistic that an attacker may have.
    k
        Fewest people that may be known of.
    truth
        Count of each part where it is known and still that of all publications: what is k or more, or nobody, in truth
        cannot be shown to be fewer, so that only the rest is looked at. A hint alone: it changes no answer.

    Returns
    -------
    leaks
        Sorted by their parts; `rows` are the areas that share ground with them and are shown.
    """
    if not len(told.areas):
        return []
    pieces = _pieces(told.areas)
    world = None if truth is None else _world(pieces, truth)
    program = _Program(pieces, told, world)
    left = _targets(pieces.member, _witnesses(program, pieces, world), k)
    found = []
    while len(left):
        target, left = left[0], left[1:]
        high, most = program.bound(target, most=True)
        low, least = (0.0, None) if high >= k - CLOSE else program.bound(target, most=False)
        if high < k - CLOSE and low > CLOSE:
            found.append(_leak(target, pieces, told, (low, high)))
        for witness in (most, least):
            if witness is not None:
                left = left[_open(left, witness, k)]
    return sorted(found, key=lambda one: sorted(one.parts))


def protect(told: Told, k: int, *, truth: dict[str, float] | None = None) -> tuple[list[int], list[Leak]]:
    """
    Withhold numbers of ours until no area of fewer than k people is given away.

    Of the areas of ours that share ground with a leak the one of the lowest number goes first: that loses least. Where
    none is left, any of ours goes.

    Returns
    -------
    rows
        The areas of ours whose number must be withheld.
    left
        Leaks that stay although nothing of ours is shown: they lie in what was published before.

    Notes
    -----
    A leak of before costs nothing of ours: to withhold now would not take it back.
    """
    if told.ours.all() and len(set(told.areas)) == 1 and not ((told.low > 0) & (told.high < k)).any():
        return [], []  # one area alone, of k or more or of nobody: there is nothing to take it from
    before = [] if told.ours.all() else leaks(told.without(np.flatnonzero(told.ours).tolist()), k, truth=truth)
    known = {leak.parts for leak in before}
    gone: list[int] = []
    now = told
    while True:
        found = [leak for leak in leaks(now, k, truth=truth) if leak.parts not in known]
        chosen = {one for leak in found for one in _first(leak, now)}
        if not chosen:
            return sorted(gone), [*before, *found]
        gone.extend(chosen)
        now = now.without(chosen)


def _first(leak: Leak, told: Told) -> list[int]:
    """Choose which number of ours to withhold for a leak; none where ours are all withheld."""
    shown = np.flatnonzero(told.ours & np.isfinite(told.high))
    near = [row for row in leak.rows if row in set(shown.tolist())]
    pool = near or shown.tolist()
    return sorted(pool, key=lambda row: (told.high[row], row))[:1]


def _pieces(areas: Sequence[frozenset[str]]) -> _Pieces:
    """Put together parts that lie in the same published areas."""
    names = sorted(set().union(*areas))
    place = {name: at for at, name in enumerate(names)}
    rows = np.repeat(np.arange(len(areas)), [len(area) for area in areas])
    cols = np.array([place[name] for area in areas for name in sorted(area)], dtype=np.intp)
    inside = sp.csc_array((np.ones(len(rows)), (rows, cols)), shape=(len(areas), len(names)))
    inside.sort_indices()
    groups: dict[bytes, list[int]] = {}
    for at in range(len(names)):
        groups.setdefault(inside.indices[inside.indptr[at] : inside.indptr[at + 1]].tobytes(), []).append(at)
    firsts = [members[0] for members in groups.values()]
    parts = tuple(frozenset(names[at] for at in members) for members in groups.values())
    return _Pieces(sp.csr_array(inside[:, firsts]), parts)


def _targets(member: sp.csr_array, witnesses: Sequence[Numbers], k: int) -> Sets:
    """Give the sets to be looked at: pieces, areas, and overlap, differences and union of every two that overlap."""
    dense = member.toarray() > 0
    first, second = np.nonzero(np.triu((member @ member.T).toarray() > 0, 1))
    single = (np.eye(dense.shape[1], dtype=bool), dense, _remainders(member, dense))
    found = [_kept(one, witnesses, k) for one in single]
    step = max(1, CHUNK // max(1, dense.shape[1]))
    for start in range(0, len(first), step):
        one, other = dense[first[start : start + step]], dense[second[start : start + step]]
        pairs = (one & other, one & ~other, other & ~one, one | other)
        found.extend(_kept(pair, witnesses, k) for pair in pairs)
    packed = np.unique(np.packbits(np.vstack(found), axis=1), axis=0)
    return np.unpackbits(packed, axis=1, count=dense.shape[1]).astype(bool)


def _kept(targets: Sets, witnesses: Sequence[Numbers], k: int) -> Sets:
    """Leave out empty sets and those that a possible state of the world clears."""
    left = np.asarray(targets[targets.any(axis=1)])
    for witness in witnesses:
        left = left[_open(left, witness, k)]
    return left


def _remainders(member: sp.csr_array, dense: Sets) -> Sets:
    """Give what is left of each area without all smaller ones that lie in it."""
    shared = (member @ member.T).toarray()
    size = np.diag(shared)
    within = (shared == size[None, :]) & (size[None, :] < size[:, None])
    covered = (sp.csr_array(within.astype(float)) @ member).toarray() > 0
    return np.asarray(dense & ~covered)


def _open(targets: Sets, witness: Numbers, k: int) -> Sets:
    """Tell which targets a possible state of the world does not clear: it clears one with k or more, or with nobody."""
    sums = targets @ witness
    return np.asarray((sums < k - CLOSE) & (sums > CLOSE))


def _world(pieces: _Pieces, truth: dict[str, float]) -> Numbers:
    """Give the true count of each piece."""
    return np.array([sum(truth.get(one, 0.0) for one in sorted(parts)) for parts in pieces.parts])


def _witnesses(program: "_Program", pieces: _Pieces, world: Numbers | None) -> list[Numbers]:
    """Give states of the world that agree with all that was told: the true one, if it does, and two extremes."""
    found = [world] if world is not None and program.allows(world) else []
    everything = np.ones(len(pieces.parts), dtype=bool)
    return [*found, *(program.bound(everything, most=most)[1] for most in (True, False))]


def _leak(target: Sets, pieces: _Pieces, told: Told, span: tuple[float, float]) -> Leak:
    parts = frozenset().union(*(pieces.parts[at] for at in np.flatnonzero(target)))
    touching = np.flatnonzero((pieces.member @ target.astype(float)) > 0)
    rows = tuple(int(row) for row in touching if np.isfinite(told.high[row]))
    return Leak(parts, float(np.ceil(span[0] - CLOSE)), float(np.floor(span[1] + CLOSE)), rows)


class _Program:
    """The linear program of everything that was told; numbers that contradict each other are given the least slack."""

    def __init__(self, pieces: _Pieces, told: Told, world: Numbers | None) -> None:
        self.pieces = len(pieces.parts)
        shown = np.isfinite(told.high)
        above = told.low > 0
        self.matrix = sp.csr_array(sp.vstack([pieces.member[shown], -pieces.member[above]]))
        self.limit = np.concatenate([told.high[shown], -told.low[above]])
        if world is None or not self.allows(world):  # where it allows one, no two numbers contradict each other
            self.limit = self.limit + self._slack()

    def _slack(self) -> Numbers:
        """Give each number the room without which no world could have all of them: data changes between times."""
        rows = self.matrix.shape[0]
        if rows == 0:
            return np.zeros(0)
        cost = np.concatenate([np.zeros(self.pieces), np.ones(rows)])
        loose = sp.hstack([self.matrix, -sp.eye_array(rows)]).tocsr()
        solved = linprog(cost, A_ub=loose, b_ub=self.limit, bounds=(0, None), method="highs")
        return np.where(solved.x[self.pieces :] > CLOSE, solved.x[self.pieces :], 0.0)

    def allows(self, world: Numbers) -> bool:
        """Tell whether a state of the world agrees with all that was told."""
        return bool((self.matrix @ world <= self.limit + CLOSE).all())

    def bound(self, target: Sets, *, most: bool) -> tuple[float, Numbers]:
        """Give the most or least people of a target, inf where nothing bounds it, and a world that has them."""
        cost = np.where(target, -1.0 if most else 1.0, 0.0)
        if self.matrix.shape[0] == 0:
            return (np.inf, np.full(self.pieces, 1e9)) if most else (0.0, np.zeros(self.pieces))
        top = float(np.abs(self.limit).sum()) + 1e6  # what nothing bounds is shown as more than anything told
        solved = linprog(cost, A_ub=self.matrix, b_ub=self.limit, bounds=(0, top), method="highs")
        return float(abs(solved.fun)), np.asarray(solved.x)
