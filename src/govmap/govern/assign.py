"""Who answers for which unit: work shared out fairly, near home, to people whom the households know.

Everything is weighed in minutes a month, by the weights of `layers/roles.toml`: ways from home, faces that households
must get to know, skills that are missing, work above the fair share or above somebody's own hours. `sharing` finds the
least; what cannot be filled comes back as a vacancy with its reason, never as a silent gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.geometry import Bools, Floats, Ints
from govmap.govern.bundles import NEVER, NOBODY
from govmap.govern.posts import Post, plain
from govmap.govern.sharing import Shared, Work, share_out

HOUR_MIN = 60
MOST_STEPS = 600  # steps of load that one person's room is divided into at most
FAR = 1024
TOGETHER = 5  # times that middles are found anew


@dataclass(frozen=True, kw_only=True)
class People:
    """
    Who can have a post, and what is known between them and the units, all in one order.

    `rows` has worker_id (sorted), role, hours (a month; missing where the list gives none), skills (lists of words, the
    languages among them); `walk_min` (workers, units) minutes on foot from home, nan where no home is known; `known`
    (workers, units) the share of the unit's households that knew the worker before; `proposed` who was proposed before,
    which is kept where little speaks against it.
    """

    rows: pd.DataFrame
    walk_min: Floats
    known: Floats
    proposed: Bools


@dataclass(frozen=True)
class Assigned:
    """
    Who gets which unit.

    `duties`: unit_id, worker_id, fixed, reason (facts for programs and for `why`). `vacancies`: unit_id, reason, load.
    `large`: units that need more hours than anybody has. `shared` has the cost and its bound in minutes, of `work`:
    what was left to be shared out beside what is fixed. `hours` has the load of each worker, in the order of the ids.
    """

    duties: pd.DataFrame
    vacancies: pd.DataFrame
    large: tuple[str, ...]
    shared: Shared
    work: Work
    hours: pd.DataFrame


def assign(
    units: pd.DataFrame,
    people: People,
    post: Post,
    *,
    fixed: Mapping[str, str] | None = None,
    between_min: Floats | None = None,
    weights: Mapping[str, Any] | None = None,
) -> Assigned:
    """
    Give each unit to one worker.

    Parameters
    ----------
    units
        `unit_id` (sorted), `households`, `load` (hours a month, or households where no hours are known), `wants` (lists
        of lists: one of each group of skills is wanted).
    post
        What is to be filled; where it counts no hours, units are shared out evenly.
    fixed
        unit_id -> worker_id, as people decided; kept whatever it costs.
    between_min
        Minutes on foot between units, nan where there is no way: several units of one worker should lie together. The
        bound is then that of shares around the middles found, one unit a worker.
    weights
        Minutes by name, in the place of `[choosing]` in `layers/roles.toml`.
    """
    weights = {**catalog.layer("roles")["choosing"], **(weights or {})}
    missing = _missing(units, people.rows)
    held = _held(units, people.rows, fixed or {})
    scale = _scale(units, people, post, weights)
    free = np.flatnonzero(held == NOBODY)
    tolls = _tolls(units, people, missing, weights)
    work = _work(scale, tolls, held, free, weights)
    shared = share_out(work)
    if between_min is not None and post.counted and len(free) and 0 < len(people.rows) < len(units):
        between = np.minimum(np.nan_to_num(between_min, nan=weights["walk_cap_min"]), weights["walk_cap_min"])
        work, shared = _together(scale, tolls, held, free, weights, between * weights["between_month"], shared)
    holder = held.copy()
    holder[free] = shared.holder
    duties = _duties(units, people, holder, held, missing, scale, work, shared, free)
    empty = np.flatnonzero(holder == NOBODY)
    reason = "nobody_of_role" if people.rows.empty else "no_hours_left"
    vacancies = pd.DataFrame({
        "unit_id": units["unit_id"].to_numpy()[empty], "reason": reason, "load": units["load"].to_numpy()[empty],
    })  # fmt: skip
    large = units["unit_id"].to_numpy(object)[scale.large] if len(people.rows) else np.zeros(0, object)
    return Assigned(duties, vacancies, tuple(map(str, large)), shared, work, _hours(people, scale, holder))


def _together(
    scale: "_Scale", tolls: Ints, held: Ints, free: Ints, weights: Mapping[str, Any], between: Floats, shared: Shared
) -> tuple[Work, Shared]:
    """Share out around a unit in the middle of each worker's, and find the middles anew (as k-medoids does)."""
    middles = _first_middles(held, tolls)
    best: tuple[Work, Shared] | None = None
    for _ in range(TOGETHER):
        work = _work(scale, tolls + np.rint(between[middles]).astype(np.int64), held, free, weights)
        found = share_out(work, start=shared.holder)
        if best is None or found.cost < best[1].cost:
            best = work, found
        holder = held.copy()
        holder[free] = found.holder
        fresh = _middles(holder, between, middles)
        if (fresh == middles).all():
            break
        middles, shared = fresh, found
    return best or (work, shared)


def _first_middles(held: Ints, tolls: Ints) -> Ints:
    """Begin with a unit that a worker has, else with each one's cheapest still free, by turns evenly over the rows."""
    workers, count = tolls.shape
    middles = np.full(workers, NOBODY, np.int64)
    for unit in np.flatnonzero(held != NOBODY)[::-1]:
        middles[held[unit]] = unit
    open_ = [unit for unit in range(count) if unit not in set(middles.tolist())]
    rest = np.flatnonzero(middles == NOBODY)
    even = [open_[at * len(open_) // max(len(rest), 1)] if open_ else 0 for at in range(len(rest))]
    apart = tolls.max(axis=1) > tolls.min(axis=1)
    for at, worker in enumerate(rest):
        middles[worker] = int(tolls[worker].argmin()) if apart[worker] else even[at]
    return middles


def _middles(holder: Ints, between: Floats, before: Ints) -> Ints:
    """Give for each worker the unit from which the others of his or hers are nearest; who has none keeps the former."""
    found = before.copy()
    for worker in range(len(before)):
        mine = np.flatnonzero(holder == worker)
        if len(mine):
            found[worker] = mine[int(between[np.ix_(mine, mine)].sum(axis=1).argmin())]
    return found


@dataclass(frozen=True)
class _Scale:
    """
    Loads and limits in whole steps of `step` hours (or households, or units).

    `given` says whose hours the list gives; `large` which units are above everybody's room.
    """

    loads: Ints
    fair: Ints
    own: Ints
    rooms: Ints
    step: int
    minutes: int
    given: Bools
    large: Bools


def _scale(units: pd.DataFrame, people: People, post: Post, weights: Mapping[str, Any]) -> _Scale:
    """Say how much each unit weighs and how much each worker can take."""
    count, workers = len(units), len(people.rows)
    given = people.rows["hours"].notna().to_numpy(bool)
    if not post.counted:
        rooms = np.full(workers, min(post.most or count, count), np.int64)
        even = [np.full(workers, one // max(workers, 1), np.int64) for one in (count, count + workers - 1)]
        minutes = int(weights["even_min"])
        return _Scale(np.ones(count, np.int64), even[0], even[1], rooms, 1, minutes, given, np.zeros(count, bool))
    usual = [post.hours(role) for role in people.rows["role"]]
    hours = people.rows["hours"].fillna(pd.Series(usual, index=people.rows.index)).to_numpy(float)
    load = units["load"].to_numpy(float)
    by_hours = units.attrs.get("by", "hours") == "hours"
    per = 1.0 if by_hours else load.sum() / max(hours.sum(), 1e-9)  # households that an hour stands for
    own = hours * per
    fair = hours * load.sum() / max(hours.sum(), 1e-9)
    most = own * weights["over_share"] if by_hours else np.maximum(fair * 2, fair + load.max(initial=0))
    step = max(1, int(np.ceil(most.max(initial=0) / MOST_STEPS)))
    loads = np.rint(load / step).astype(np.int64)
    rooms = np.floor(most / step).astype(np.int64)
    large = loads > rooms.max(initial=0)
    minutes = step * HOUR_MIN if by_hours else round(step * HOUR_MIN / max(per, 1e-9))
    whole = [np.ceil(one / step).astype(np.int64) for one in (fair, own)]
    return _Scale(loads, whole[0], whole[1], rooms, step, max(minutes, 1), given, large)


def _tolls(
    units: pd.DataFrame, people: People, missing: Sequence[Sequence[Sequence[str]]], weights: Mapping[str, Any]
) -> Ints:
    """Give what each worker's taking each unit costs in minutes a month, load aside: (workers, units)."""
    homes = units["households"].fillna(0).to_numpy(float)
    faces = homes * (1 - np.maximum(people.known, people.proposed)) * weights["new_face_min"]
    lacks = np.array([[len(one) for one in row] for row in missing], float).reshape(people.known.shape)
    return np.asarray(np.rint(_ways(people, weights) + faces + lacks * weights["missing_min"]), np.int64)


def ways(people: People) -> Ints:
    """Give the minutes a month on the way from home to each unit: (workers, units)."""
    return np.asarray(np.rint(_ways(people, catalog.layer("roles")["choosing"])), np.int64)


def _ways(people: People, weights: Mapping[str, Any]) -> Floats:
    walk = np.minimum(people.walk_min, weights["walk_cap_min"])
    known = np.isfinite(walk)
    usual = np.where(known, walk, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)  # whose home is unknown is as near
    return np.asarray(np.where(known, walk, usual) * weights["trips_month"], np.float64)


def _work(scale: _Scale, tolls: Ints, held: Ints, free: Ints, weights: Mapping[str, Any]) -> Work:
    """Put together what is left to be shared out, on top of what is fixed."""
    workers = len(scale.rooms)
    base = np.zeros(workers, np.int64)
    there = held != NOBODY
    np.add.at(base, held[there], scale.loads[there])
    rooms = np.maximum(scale.rooms - base, 0)
    hours = base[:, None] + np.arange(int(rooms.max(initial=0)) + 1)
    over = [np.maximum(hours - limit[:, None], 0) for limit in (scale.fair, scale.own)]
    dear = (over[0] * weights["above_fair"] + over[1] * weights["above_own"]) * scale.minutes
    loads = scale.loads[free]
    excess = loads[None, :] - rooms[:, None]
    roomy = (excess <= 0).any(axis=0)
    alone = (rooms == rooms.max(initial=0)) & (base == 0)  # too large for everybody: to whom has most room, alone
    can = np.where(roomy, excess <= 0, alone[:, None])
    minutes = np.where(can, tolls[:, free], NEVER)
    top = np.where(can, tolls[:, free], 0).max(axis=0, initial=0)
    vacant = top + 1 + loads * scale.minutes * int(weights["vacant"])
    whole = [np.ascontiguousarray(one, np.int64) for one in (minutes, loads, np.rint(dear), rooms, vacant)]
    return Work(minutes=whole[0], loads=whole[1], dear=whole[2], rooms=whole[3], vacant=whole[4])


def _held(units: pd.DataFrame, workers: pd.DataFrame, fixed: Mapping[str, str]) -> Ints:
    """Give the worker of each unit that is fixed, by row; -1 where none is."""
    place = {str(one): at for at, one in enumerate(workers["worker_id"])}
    return np.array([place.get(fixed.get(str(one), ""), NOBODY) for one in units["unit_id"]], np.int64)


def _missing(units: pd.DataFrame, workers: pd.DataFrame) -> list[list[list[str]]]:
    """Give for each worker and unit the wants that the worker does not meet, each by its first word."""
    wants = [[(group[0], {plain(one) for one in group}) for group in groups] for groups in units["wants"]]
    found = []
    for skills in workers["skills"]:
        mine = {plain(one) for one in skills}
        found.append([[name for name, words in groups if not mine & words] for groups in wants])
    return found


def _duties(
    units: pd.DataFrame,
    people: People,
    holder: Ints,
    held: Ints,
    missing: Sequence[Sequence[Sequence[str]]],
    scale: _Scale,
    work: Work,
    shared: Shared,
    free: Ints,
) -> pd.DataFrame:
    """Give one row a unit that is filled, with what speaks for the choice."""
    others = dict(zip(free.tolist(), _next_best(work, shared), strict=True))
    rows = []
    for unit in np.flatnonzero(holder != NOBODY).tolist():
        who = int(holder[unit])
        walk = float(people.walk_min[who, unit])
        wants = [group[0] for group in units["wants"].iloc[unit]]
        reason: dict[str, Any] = {"walk_min": round(walk, 1) if np.isfinite(walk) else None}
        reason |= {"known_share": round(float(people.known[who, unit]), 2)}
        reason |= {"proposed_before": bool(people.proposed[who, unit])}
        reason |= {"has": [one for one in wants if one not in missing[who][unit]], "lacks": list(missing[who][unit])}
        reason |= {"hours_assumed": not bool(scale.given[who])}
        reason |= {"fixed": bool(held[unit] != NOBODY), "minutes_to_next": others.get(unit)}
        ids = {"unit_id": units["unit_id"].iloc[unit], "worker_id": people.rows["worker_id"].iloc[who]}
        rows.append({**ids, "fixed": reason["fixed"], "reason": reason})
    return pd.DataFrame(rows, columns=["unit_id", "worker_id", "fixed", "reason"], dtype=object)


def _next_best(work: Work, shared: Shared) -> list[int | None]:
    """Give for each unit how many minutes more it would cost to move it alone to anybody else; None where none can."""
    holder = shared.holder
    held = holder >= 0
    hours = np.zeros(len(work.rooms), np.int64)
    np.add.at(hours, holder[held], np.minimum(work.loads[held], work.rooms[holder[held]]))
    found: list[int | None] = []
    every = np.arange(len(work.rooms))
    for unit, mine in enumerate(holder):
        load = np.minimum(work.loads[unit], work.rooms)
        then = hours + load
        can = (every != mine) & (work.minutes[:, unit] < NEVER) & (then <= work.rooms)
        if mine < 0 or not can.any():
            found.append(None)
            continue
        more = work.minutes[can, unit] + work.dear[every[can], then[can]] - work.dear[every[can], hours[can]]
        less = work.minutes[mine, unit] + work.dear[mine, hours[mine]] - work.dear[mine, hours[mine] - load[mine]]
        found.append(int(more.min() - less))
    return found


def _hours(people: People, scale: _Scale, holder: Ints) -> pd.DataFrame:
    """Give what each worker has of work and of room, in the order of the ids."""
    sums = np.zeros(len(scale.rooms), np.int64)
    held = holder != NOBODY
    np.add.at(sums, holder[held], scale.loads[held])
    return pd.DataFrame({
        "worker_id": people.rows["worker_id"].to_numpy(),
        "units": np.bincount(holder[held], minlength=len(scale.rooms)),
        "load": sums * scale.step,
        "fair": scale.fair * scale.step,
        "own": scale.own * scale.step,
    })  # fmt: skip


def stand_ins(holder: Ints, tolls: Ints) -> Ints:
    """
    Give each unit somebody who stands in for its worker: the nearest others, evenly.

    Parameters
    ----------
    holder
        Row of the worker of each unit, -1 where nobody is.
    tolls
        Minutes that standing in would cost, (workers, units).

    Returns
    -------
    deputy
        Row of the worker who stands in for each unit; -1 where there is nobody else.
    """
    workers, count = tolls.shape
    filled = np.flatnonzero(holder != NOBODY)
    minutes = tolls[:, filled].copy()
    minutes[holder[filled], np.arange(len(filled))] = NEVER
    even = -(-len(filled) // max(workers, 1))
    rooms = np.full(workers, max(2 * even, 1), np.int64)
    dear = np.maximum(np.arange(int(rooms.max(initial=0)) + 1) - even, 0) * HOUR_MIN
    vacant = np.full(len(filled), NEVER // (2 * FAR * max(len(filled), 1)), np.int64)
    work = Work(
        minutes=np.ascontiguousarray(minutes), loads=np.ones(len(filled), np.int64),
        dear=np.tile(dear, (workers, 1)).astype(np.int64), rooms=rooms, vacant=vacant,
    )  # fmt: skip
    found = np.full(count, NOBODY, np.int64)
    found[filled] = share_out(work).holder if workers else NOBODY
    return found
