"""Units shared out among workers so that the sum of minutes is least, with a bound that says how far it may be off.

At prices on units each worker chooses alone, exactly, what to take; their sum is a proven bound (Geoffrion 1974). The
prices come from a linear programme over the bundles chosen so far (column generation: Savelsbergh, A branch-and-price
algorithm for the generalized assignment problem, Operations Research 45, 1997), beyond its size from steps along the
units that too few or too many chose (Fisher, Management Science 27, 1981). Of all bundles seen HiGHS chooses the best
set.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from govmap.geometry import Bools, Ints
from govmap.govern import bundles as loops

MOST_UNITS_EXACT = 80  # beyond it prices come by steps, and bundles are not chosen by HiGHS
ROUNDS, NODES, SMOOTH = 120, 400, 0.5
BLOCK, PASSES, STEPS, PATIENCE = 16, 3, 60, 5
FINE = 64  # prices are kept in 64ths of a minute
NEAREST = 60  # workers looked at for each unit when prices are first estimated
HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Work:
    """
    What is to be shared out.

    `minutes` (workers, units) is what it costs that a worker takes a unit, NEVER where that cannot be; `loads` are
    whole hours of each unit; `dear` (workers, hours) is what a worker's load costs, growing; `rooms` the most hours
    that a worker can take; `vacant` what it costs that nobody takes a unit.
    """

    minutes: Ints
    loads: Ints
    dear: Ints
    rooms: Ints
    vacant: Ints


@dataclass(frozen=True)
class Shared:
    """
    Which worker takes each unit (-1: nobody), what that costs, and the least that any share-out costs (minutes).

    `prices` of units, in 64ths of a minute, are the proof of the bound: anybody can ask the workers at them.
    """

    holder: Ints
    cost: int
    bound: int
    prices: Ints

    @property
    def gap(self) -> float:
        """How far above the least the cost may lie, as a share of it; 0 is proven best."""
        return (self.cost - self.bound) / max(self.bound, 1)


def share_out(work: Work, *, start: Ints | None = None) -> Shared:
    """
    Give every unit to one worker, or to nobody where it cannot be.

    Parameters
    ----------
    work
        What is to be shared out.
    start
        A share-out to begin with, worker by unit (-1: nobody), where there is one.
    """
    count, workers = len(work.loads), len(work.rooms)
    best = _Best(work, settled(work, np.full(count, loops.NOBODY, np.int64) if start is None else start))
    if count and workers:
        best.offer(settled(work, np.full(count, loops.NOBODY, np.int64)))
        prices, holder = _relaxed(work)
        best.offer(settled(work, holder))
        best.ask(prices)
        if count <= MOST_UNITS_EXACT:
            _generate(work, best)
        else:
            _in_blocks(work, best)
    else:
        best.bound = best.cost * FINE
    bound = min(-(-best.bound // FINE), best.cost)  # costs are whole: bounds round up
    return Shared(best.holder, best.cost, bound, best.prices)


def cost(work: Work, holder: Ints) -> int:
    """Give the minutes of a share-out; NEVER where it breaks a limit."""
    held = holder >= 0
    hours = np.zeros(len(work.rooms), np.int64)
    np.add.at(hours, holder[held], np.minimum(work.loads[held], work.rooms[holder[held]]))
    if (hours > work.rooms).any():
        return loops.NEVER
    taken = work.minutes[holder[held], np.flatnonzero(held)].sum()
    return int(taken + work.dear[np.arange(len(hours)), hours].sum() + work.vacant[~held].sum())


def settled(work: Work, holder: Ints) -> Ints:
    """Give a share-out that no move and no exchange of two units makes better."""
    return loops.settle(holder, work.minutes, work.loads, work.dear, work.rooms, work.vacant)


@dataclass
class _Best:
    """The best share-out and the best bound so far (in fine minutes), with the prices that gave it."""

    work: Work
    holder: Ints
    bound: int = -loops.NEVER
    prices: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        self.cost = cost(self.work, self.holder)
        self.minutes, self.dear = self.work.minutes * FINE, self.work.dear * FINE

    def offer(self, holder: Ints) -> None:
        """Keep a share-out if it is better."""
        found = cost(self.work, holder)
        if found < self.cost:
            self.holder, self.cost = holder, found

    def ask(self, prices: Ints) -> tuple[int, Bools]:
        """Let each worker choose at these prices; keep the bound that this proves."""
        gains, taken = loops.bundles(prices, self.minutes, self.work.loads, self.dear, self.work.rooms)
        value = int(prices.sum() + self.dear[:, 0].sum() - gains.sum())
        if value > self.bound:
            self.bound, self.prices = value, prices
        return value, taken

    @property
    def proven(self) -> bool:
        """Tell whether nothing better can be found."""
        return self.cost * FINE - self.bound < FINE


def _mended(work: Work, taken: Bools) -> Ints:
    """Leave each unit with the worker to whom it costs least of those who chose it."""
    cheapest = np.where(taken, work.minutes, loops.NEVER).argmin(axis=0)
    return settled(work, np.where(taken.any(axis=0), cheapest, loops.NOBODY))


# ------------------------------------------------------------------------------------- large work, block by block


def _in_blocks(work: Work, best: _Best) -> None:
    """Share out anew, exactly, what a few neighbouring workers hold, again and again; their prices give the bound."""
    prices = best.prices.copy()
    for _ in range(PASSES):
        before = best.cost
        for first in range(0, len(work.rooms), BLOCK // 2):
            workers = _neighbours(work, best.holder, first)
            units = np.flatnonzero(np.isin(best.holder, workers) | _wanted(work, best.holder, workers))
            part = _Best(_part(work, workers, units), _local(best.holder[units], workers))
            if len(units) == 0 or len(units) > MOST_UNITS_EXACT:
                continue
            part.ask(prices[units])
            _generate(part.work, part)
            prices[units] = part.prices
            whole = best.holder.copy()
            whole[units] = np.where(part.holder >= 0, workers[part.holder], loops.NOBODY)
            best.offer(whole)
        best.ask(prices)
        best.offer(settled(work, best.holder))
        if best.proven or best.cost == before:
            break
    _step(work, best)


def _neighbours(work: Work, holder: Ints, first: int) -> Ints:
    """Give a worker and those to whom his or her units would cost least."""
    mine = holder == first
    toll = work.minutes[:, mine].sum(axis=1) if mine.any() else work.minutes.min(axis=1)
    order = np.argsort(np.where(np.arange(len(toll)) == first, -1, toll), kind="stable")
    return np.sort(order[:BLOCK])


def _wanted(work: Work, holder: Ints, workers: Ints) -> Bools:
    """Tell the vacant units that one of these workers would take most gladly of all."""
    return np.asarray((holder < 0) & np.isin(work.minutes.argmin(axis=0), workers))


def _local(holder: Ints, workers: Ints) -> Ints:
    return np.where(holder >= 0, np.searchsorted(workers, holder), loops.NOBODY)


def _part(work: Work, workers: Ints, units: Ints) -> Work:
    minutes = np.ascontiguousarray(work.minutes[np.ix_(workers, units)])
    dear = np.ascontiguousarray(work.dear[workers])
    return Work(
        minutes=minutes, loads=work.loads[units], dear=dear, rooms=work.rooms[workers], vacant=work.vacant[units]
    )


def _step(work: Work, best: _Best) -> None:
    """Raise the prices of units that nobody chooses and lower those of units that several choose."""
    prices, step, since = best.prices, 0.5, 0
    for _ in range(STEPS):
        before = best.bound
        value, taken = best.ask(prices)
        since = 0 if best.bound > before else since + 1
        missing = 1 - taken.sum(axis=0)
        if not missing.any() or best.proven:
            break
        if since >= PATIENCE:
            step, since, prices = step / 2, 0, best.prices
            continue
        move = step * max(best.cost * FINE - value, FINE) / int((missing**2).sum()) * missing
        prices = np.clip(prices + np.rint(move).astype(np.int64), 0, work.vacant * FINE)


def _relaxed(work: Work) -> tuple[Ints, Ints]:
    """Share units out in fractions: the prices of units (fine minutes), and who has most of each."""
    from scipy import sparse
    from scipy.optimize import linprog

    workers, count = work.minutes.shape
    near = np.argsort(work.minutes, axis=0, kind="stable")[:NEAREST]
    unit = np.tile(np.arange(count), len(near))
    who = near.ravel()
    can = work.minutes[who, unit] < loops.NEVER
    unit, who = unit[can], who[can]
    owner, width, slope = _slopes(work)
    cells, more = len(unit), len(owner)
    row = sparse.csr_matrix((np.ones(cells), (unit, np.arange(cells))), shape=(count, cells + more + count))
    cover = row + sparse.csr_matrix((np.ones(count), (np.arange(count), cells + more + np.arange(count))), row.shape)
    load = np.minimum(work.loads[unit], work.rooms[who]).astype(float)
    hours = sparse.csr_matrix(
        (np.r_[load, -np.ones(more)], (np.r_[who, owner], np.arange(cells + more))), (workers, cells + more + count)
    )
    objective = np.r_[work.minutes[who, unit], slope, work.vacant].astype(float)
    upper = np.r_[np.ones(cells), width, np.ones(count)]
    found = linprog(
        objective, A_eq=sparse.vstack([cover, hours]), b_eq=np.r_[np.ones(count), np.zeros(workers)],
        bounds=np.c_[np.zeros(len(upper)), upper], method="highs",
    )  # fmt: skip
    prices = np.clip(np.rint(found.eqlin.marginals[:count] * FINE).astype(np.int64), 0, work.vacant * FINE)
    share = sparse.csr_matrix((found.x[:cells], (unit, who)), shape=(count, workers))
    most = np.asarray(share.argmax(axis=1)).ravel()
    return prices, np.where(np.asarray(share.max(axis=1).todense()).ravel() > HALF, most, loops.NOBODY)


def _slopes(work: Work) -> tuple[Ints, Ints, Ints]:
    """Give what a worker's load costs as stretches of equal slope: whose, how many hours, minutes an hour."""
    owner, width, slope = [], [], []
    for worker, room in enumerate(work.rooms):
        steep = np.diff(work.dear[worker, : room + 1])
        edges = np.flatnonzero(np.diff(steep, prepend=-1, append=-1))
        owner += [worker] * (len(edges) - 1)
        width += np.diff(edges).tolist()
        slope += steep[edges[:-1]].tolist()
    return np.array(owner, np.int64), np.array(width, np.int64), np.array(slope, np.int64)


# ----------------------------------------------------------------------------------------- prices by linear programmes


@dataclass
class _Pool:
    """Bundles seen, each once: whose, which units, what they cost."""

    work: Work
    worker: list[int] = field(default_factory=list)
    taken: list[Bools] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)
    known: set[tuple[int, bytes]] = field(default_factory=set)

    def add(self, taken: Bools) -> int:
        """Take in the bundle of each worker, (workers, units); say how many are new."""
        before = len(self.known)
        for worker in np.flatnonzero(taken.any(axis=1)):
            key = (int(worker), np.packbits(taken[worker]).tobytes())
            if key not in self.known:
                self.known.add(key)
                self.worker.append(int(worker))
                self.taken.append(taken[worker].copy())
                self.costs.append(self._cost(int(worker), taken[worker]))
        return len(self.known) - before

    def _cost(self, worker: int, taken: Bools) -> int:
        room = self.work.rooms[worker]
        hours = int(np.minimum(self.work.loads[taken], room).sum())
        return int(self.work.minutes[worker, taken].sum() + self.work.dear[worker, hours] - self.work.dear[worker, 0])

    def columns(self) -> tuple[Ints, Bools, Ints]:
        """Give whose the bundles are, their units (bundles, units), their costs."""
        shape = (len(self.worker), len(self.work.loads))
        taken = np.array(self.taken, bool).reshape(shape)
        return np.array(self.worker, np.int64), taken, np.array(self.costs, np.int64)

    def of(self, holder: Ints) -> Bools:
        """Give a share-out as the bundle of each worker."""
        return np.asarray(holder[None, :] == np.arange(len(self.work.rooms))[:, None])


def _generate(work: Work, best: _Best) -> None:
    """Ask workers at the prices of the best mixture of bundles so far, until nobody knows a better one."""
    pool = _Pool(work)
    pool.add(pool.of(best.holder))
    for _ in range(ROUNDS):
        sharp = _mixture(work, pool)
        centre = np.rint(SMOOTH * best.prices + (1 - SMOOTH) * sharp).astype(np.int64)
        fresh = 0
        for prices in (centre, sharp):  # smooth prices first: they wander less (Wentges 1997)
            _, taken = best.ask(prices)
            mended = _mended(work, taken)
            best.offer(mended)
            fresh = pool.add(taken) + pool.add(pool.of(mended))
            if fresh:
                break
        if not fresh or best.proven:
            break
    if not best.proven:
        best.offer(_chosen(work, pool, best))


def _mixture(work: Work, pool: _Pool) -> Ints:
    """Give the prices of units in the best mixture of bundles, in fine minutes."""
    from scipy.optimize import linprog

    worker, taken, costs = pool.columns()
    cover, who = _rows(worker, taken, len(work.rooms))
    objective = np.r_[costs, work.vacant].astype(float)
    ones = (np.ones(cover.shape[0]), np.ones(who.shape[0]))
    found = linprog(objective, A_eq=cover, b_eq=ones[0], A_ub=who, b_ub=ones[1], bounds=(0, None), method="highs")
    return np.asarray(np.clip(np.rint(found.eqlin.marginals * FINE), 0, work.vacant * FINE), np.int64)


def _rows(worker: Ints, taken: Bools, workers: int) -> tuple[Any, Any]:
    """Give two sparse matrices: each unit in one bundle or vacant; each worker at most one bundle."""
    from scipy import sparse

    columns, count = taken.shape
    who = sparse.csr_matrix((np.ones(columns), (worker, np.arange(columns))), shape=(workers, columns + count))
    cover = sparse.hstack([sparse.csr_matrix(taken.T.astype(float)), sparse.identity(count)], format="csr")
    return cover, who


def _chosen(work: Work, pool: _Pool, best: _Best) -> Ints:
    """Choose by HiGHS the best set of bundles, of those that can be part of anything better."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    worker, taken, costs = pool.columns()
    gains, _ = loops.bundles(best.prices, best.minutes, work.loads, best.dear, work.rooms)
    above = costs * FINE - (taken * best.prices).sum(axis=1) + gains[worker]
    useful = np.flatnonzero(above <= best.cost * FINE - best.bound)
    worker, taken, costs = worker[useful], taken[useful], costs[useful]
    cover, who = _rows(worker, taken, len(work.rooms))
    objective = np.r_[costs, work.vacant].astype(float)
    found = milp(
        objective,
        constraints=[LinearConstraint(cover, 1, 1), LinearConstraint(who, 0, 1)],
        integrality=np.ones(len(objective)),
        bounds=Bounds(0, 1),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return best.holder
    holder = np.full(len(work.loads), loops.NOBODY, np.int64)
    for column in np.flatnonzero(found.x[: len(worker)] > HALF):
        holder[taken[column]] = worker[column]
    return settled(work, holder)
