"""An assignment told: unit by unit who and why, what is vacant, how fair it is; in the order of codes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.govern.assign import HOUR_MIN
from govmap.messages import Note, note
from govmap.pipeline.report import Report
from govmap.plan import named

if TYPE_CHECKING:
    from govmap.pipeline.assigning import Filled
    from govmap.pipeline.staffing import Staff

WHOLE = 100


def told(
    staff: "Staff",
    filled: Sequence["Filled"],
    before: pd.DataFrame,
    after: pd.DataFrame,
    notes: Sequence[Note],
    project: str,
) -> Report:
    """Tell what was decided and what could not be."""
    report = Report(notes=list(notes))
    figures = []
    for one in filled:
        report.shown += _post(staff, one)
        report.warnings += _warnings(staff, one)
        figures.append(_figures(staff, one))
    unknown = staff.workers[staff.workers["post"].isna()]
    if len(unknown):
        words = sorted({str(word or "?") for word in unknown["role"]})
        report.warnings.append(note("assign_roles_unknown", count=len(unknown), roles=words))
    report.notes += [note("assign_changed", count=_changed(before, after, filled)), note("assign_weights")]
    report.figures = {"plan": staff.plan.plan_id, "posts": figures, "changed": _changed(before, after, filled)}
    report.next = f"govmap export {project} roster --for planner --internal -o roster.xlsx"
    return report


def why(reason: Mapping[str, Any]) -> list[Note]:
    """Say in words what speaks for the choice of somebody for a unit: the facts of `duties.reason`."""
    found = [note("assign_why_fixed")] if reason.get("fixed") else []
    share = reason.get("known_share") or 0.0
    found += [note("assign_why_known", share=round(share * WHOLE))] if round(share * WHOLE) else []
    found += [note("assign_why_before")] if reason.get("proposed_before") and not reason.get("fixed") else []
    walk = reason.get("walk_min")
    found += [note("assign_why_near", minutes=round(walk))] if walk is not None else []
    found += [note("assign_why_has", skills=list(reason["has"]))] if reason.get("has") else []
    found += [note("assign_why_lacks", skills=list(reason["lacks"]))] if reason.get("lacks") else []
    more = reason.get("minutes_to_next")
    if more is not None and more > 0 and not reason.get("fixed"):
        found.append(note("assign_why_next", hours=f"{more / HOUR_MIN:.1f}"))
    return found or [note("assign_why_only")]


def _post(staff: "Staff", one: "Filled") -> list[Note]:
    """Tell of one post: its sums, then unit by unit in the order of codes."""
    rows = one.made.duties
    fixed = int(rows["fixed"].astype(bool).sum())
    facts = {"count": len(one.units), "people": len(one.people.rows), "fixed": fixed}
    facts |= {"fresh": len(rows) - fixed, "vacant": len(one.made.vacancies)}
    shown = [
        note(
            "assign_post",
            post=one.post.title,
            level=note("assign_level_base" if one.level == "base" else f"level_{one.level}"),
            **facts,
        )
    ]
    name = dict(zip(staff.workers["worker_id"], staff.workers["name"], strict=True))
    reasons = {unit: (who, reason) for unit, who, _, reason in rows.itertuples(index=False)}
    deputy: dict[Any, Any] = dict(zip(one.deputies["unit_id"], one.deputies["worker_id"], strict=True))
    empty = one.made.vacancies
    vacant: dict[Any, Any] = dict(zip(empty["unit_id"], empty["reason"], strict=True))
    for unit, code in one.units.sort_values(["code", "unit_id"])[["unit_id", "code"]].itertuples(index=False):
        if unit in reasons:
            who, reason = reasons[unit]
            line = note("assign_line", unit_code=code, name=name.get(who) or who, why=why(reason))
            shown.append(line)
            if unit in deputy:
                shown.append(note("assign_line_deputy", name=name.get(deputy[unit]) or deputy[unit]))
        else:
            shown.append(note("assign_line_vacant", unit_code=code, why=note(f"assign_{vacant[unit]}")))
    return shown + _sums(one)


def _sums(one: "Filled") -> list[Note]:
    """Tell how full people are, as a range and never by name, and how near the best it is."""
    shared, hours = one.made.shared, one.made.hours
    shown = []
    busy = hours[hours["units"] > 0]
    if one.post.counted and len(busy) and busy["own"].min() > 0:
        share = busy["load"] / (busy["own"] if one.by == "hours" else busy["fair"])
        low, high = (round(float(value) * WHOLE) for value in (share.min(), share.max()))
        shown.append(note("assign_full" if one.by == "hours" else "assign_full_households", low=low, high=high))
        if len(busy) < len(hours):
            shown.append(note("assign_without", count=len(hours) - len(busy)))
    if len(one.people.rows) and len(one.made.duties) > int(one.made.duties["fixed"].astype(bool).sum()):
        hours_over = (shared.cost - shared.bound) / HOUR_MIN
        key = "assign_best" if shared.cost == shared.bound else "assign_near_best"
        shown.append(note(key, share=f"{shared.gap * WHOLE:.2f}", hours=f"{hours_over:.1f}"))
    return shown


def _warnings(staff: "Staff", one: "Filled") -> list[Note]:
    found = []
    code = dict(zip(staff.units["unit_id"], staff.units["code"], strict=True))
    vacant = [str(code[unit]) for unit in one.made.vacancies["unit_id"]]
    if vacant:
        found.append(
            note("assign_vacant", post=one.post.title, count=len(vacant), of=len(one.units), examples=named(vacant))
        )
    if one.made.large:
        large = [str(code[unit]) for unit in one.made.large]
        found.append(note("assign_large", count=len(large), examples=named(large)))
    hours = one.made.hours
    over = hours[(hours["own"] > 0) & (hours["load"] > hours["own"])] if one.post.counted else hours.iloc[:0]
    if len(over) and one.by == "hours":
        share = round(float((over["load"] / over["own"]).max()) * WHOLE)
        found.append(note("assign_over", count=len(over), share=share))
    most = int(catalog.layer("roles")["choosing"]["span"])
    wide = int((hours["units"] > most).sum()) if one.post.leads else 0
    found += [note("assign_span", count=wide, most=most)] if wide else []
    assumed = int(one.people.rows["hours"].isna().sum())
    if one.post.counted and assumed:
        found.append(note("assign_hours_assumed", count=assumed, of=len(one.people.rows)))
    return found


def _figures(staff: "Staff", one: "Filled") -> dict[str, Any]:
    """Give the figures of a post for programs; people by id, units by code."""
    code = dict(zip(staff.units["unit_id"], staff.units["code"], strict=True))
    rows = one.made.duties.assign(code=one.made.duties["unit_id"].map(code))
    duties = [
        {"unit": code_, "unit_id": unit, "worker_id": who, "fixed": bool(fixed), "reason": reason}
        for unit, who, fixed, reason, code_ in rows.sort_values(["code", "unit_id"]).itertuples(index=False)
    ]
    vacancies = [
        {"unit": code[unit], "unit_id": unit, "reason": reason, "load": float(load)}
        for unit, reason, load in one.made.vacancies.itertuples(index=False)
    ]
    deputies = [{"unit": code[unit], "worker_id": who} for unit, who in one.deputies.itertuples(index=False)]
    hours = one.made.hours.replace({np.nan: None}).to_dict("records")
    shared = one.made.shared
    return {
        "post": one.post.name, "level": one.level, "by": one.by if one.post.counted else "units",
        "units": len(one.units), "workers": len(one.people.rows), "duties": duties, "deputies": deputies,
        "vacancies": vacancies, "large": [code[unit] for unit in one.made.large], "hours": hours,
        "minutes": shared.cost, "bound": shared.bound, "gap": round(shared.gap, 6),
    }  # fmt: skip


def _changed(before: pd.DataFrame, after: pd.DataFrame, filled: Sequence["Filled"]) -> int:
    """Count the units of which other people have a post than before, of those where anybody had one."""
    level = {str(unit) for one in filled for unit in one.units["unit_id"]}
    sets = []
    for rows in (before, after):
        live = rows[(rows["state"].fillna("") != "replaced") & (rows["state"].fillna("") != "stands_in")]
        sets.append({str(unit): set(some["worker_id"]) for unit, some in live.groupby("unit_id")})
    return sum(bool(sets[0].get(unit)) and sets[0][unit] != sets[1].get(unit, set()) for unit in level)
