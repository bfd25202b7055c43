"""Rebalance here: some units divided anew among themselves, as a proposal that changes nothing until it is taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from govmap.delineate import Criteria, delineate, edit
from govmap.errors import InputError, PlanError
from govmap.pipeline import nearby
from govmap.pipeline.drafting import Drafting
from govmap.pipeline.editing import Desk

FEWEST = 2
MOST = 40


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """
    Which parts would go to which unit, and what that makes of the units.

    `moves` gives units by the numbers of parts; `units` a row each: id, code, before, after, place_before, place_after;
    `figures` the whole: parts, households, out_before, out_after, border_m_before, border_m_after.
    """

    moves: dict[int, str]
    units: list[dict[str, Any]]
    figures: dict[str, Any]


def rebalance(drafting: Drafting, units: Sequence[str], *, anew: bool = False) -> Proposal:
    """
    Propose how some units could be cut among themselves.

    Parameters
    ----------
    anew
        Divide their ground from nothing into as many units; else what lies in its band stays as far as can be.

    Raises
    ------
    PlanError
        A unit is unknown or locked, or the ground cannot be divided into so many units.
    InputError
        Fewer than two units were named, or more than forty.
    """
    wanted = sorted(set(units))
    if not FEWEST <= len(wanted) <= MOST:
        raise InputError("drafting_rebalance_count", count=len(wanted), least=FEWEST, most=MOST)
    desk = nearby.near(drafting.held.desk, _known(drafting.held.desk, wanted), drafting.held.lying)
    here = desk.draft.plan.parts.isin(wanted).to_numpy()
    former = replace(desk.draft.plan, parts=desk.draft.plan.parts[here], parents={}, levels={})
    atoms = desk.draft.atoms[here].reset_index(drop=True)
    wish = _wish(drafting, len(wanted), anew=anew)
    found = delineate(atoms, desk.draft.graph, wish, former=None if anew else former, keep=not anew).assignment
    unit = found.set_index("part_id")["unit_id"].reindex(former.parts.index)
    named = _named(unit, former.parts, desk.measure.weight[here], wanted)
    return _told(drafting, desk, former.parts, named, here)


def _known(desk: Desk, wanted: Collection[str]) -> Collection[str]:
    edit.refuse_unknown(desk.draft, wanted)
    closed = desk.draft.locked() & set(wanted)
    if closed:
        raise PlanError("edit_locked", unit_codes=desk.draft.shown(closed), count=len(closed))
    return wanted


def _wish(drafting: Drafting, number: int, *, anew: bool) -> Criteria:
    """Give what is wanted of the units: the band of the plan, and as many of them where they are made anew."""
    measure = drafting.held.desk.measure
    asked = measure.criteria
    plain = Criteria(by=asked.by, size=measure.band, keep_whole=asked.keep_whole, seed=asked.seed, prefer=asked.prefer)
    return replace(plain, units=number, hard=asked.hard) if anew else replace(plain, hard=asked.hard)


def _named(unit: "pd.Series[Any]", former: "pd.Series[Any]", weight: Any, wanted: list[str]) -> "pd.Series[Any]":
    """Give each new group the unit that shares most with it, so that as little as can be changes unit."""
    groups = sorted(set(unit))
    if len(groups) != len(wanted):
        raise PlanError("drafting_other_number", wanted=len(wanted), made=len(groups))
    row, column = pd.Index(groups).get_indexer(pd.Index(unit)), pd.Index(wanted).get_indexer(pd.Index(former))
    shared = np.zeros((len(groups), len(wanted)))
    np.add.at(shared, (row, column), np.asarray(weight, dtype=float) + 1e-3)
    at, to = linear_sum_assignment(-shared)
    called = {groups[one]: wanted[other] for one, other in zip(at, to, strict=True)}
    return unit.map(called)


def _told(drafting: Drafting, desk: Desk, former: "pd.Series[Any]", now: "pd.Series[Any]", here: Any) -> Proposal:
    moved = now[(former != now).to_numpy()]
    numbers = drafting.held.row_of.get_indexer(moved.index)
    weight = pd.Series(desk.measure.weight[here], index=former.index)
    was, then = weight.groupby(former).sum(), weight.groupby(now).sum()
    facts = desk.draft.facts
    rows = []
    for unit in sorted(set(former)):
        known, sizes = facts.get(unit, {}), (int(was.get(unit, 0)), int(then.get(unit, 0)))
        row = {"id": unit, "code": known.get("code"), "before": sizes[0], "after": sizes[1]}
        places = [desk.measure.place(size, known) for size in sizes]
        rows.append({**row, "place_before": places[0], "place_after": places[1]})
    households = desk.draft.atoms.set_index("part_id")["households"].reindex(moved.index)
    figures: dict[str, Any] = {"parts": len(moved), "households": int(households.sum())}
    figures |= {f"out_{when}": _out(rows, f"place_{when}") for when in ("before", "after")}
    figures |= {"border_m_before": _border(desk, former), "border_m_after": _border(desk, now)}
    return Proposal(moves=dict(zip(numbers.tolist(), moved, strict=True)), units=rows, figures=figures)


def _out(rows: list[dict[str, Any]], place: str) -> int:
    return sum(row[place] in ("below", "above") for row in rows)


def _border(desk: Desk, unit_of: "pd.Series[Any]") -> int:
    """Sum the borders between these units, in whole metres."""
    graph = desk.draft.graph
    unit = unit_of.reindex(graph.ids)
    one, other = unit.to_numpy(dtype=object)[graph.i], unit.to_numpy(dtype=object)[graph.j]
    both = ~pd.isna(one) & ~pd.isna(other)
    return round(float(graph.shared_m[both & (one != other)].sum()))
