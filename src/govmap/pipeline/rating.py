"""From reports to what can be said of them: rates, clusters, streets, answers and months, stored and told with care."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.assess import answering, lattices, rates, spots, streets
from govmap.assess import months as monthly
from govmap.assess.chance import Floats
from govmap.assess.reports import ALL, Tier
from govmap.delineate.wishes import level_title
from govmap.errors import InputError
from govmap.govern.duplicates import OPEN
from govmap.messages import Note, note
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.reported import COMMUNITY, Ground, Taken, Window, cases_of, ground_of, taken, with_streets
from govmap.project import Project
from govmap.schema import TABLES

Frames = dict[str, pd.DataFrame]
BY_PLAN = ("rates", "spots", "answered")
MOST_TOLD = 8
MANY = 0.25
DAYS = ("first", "last")
NAMING = ("unit_id", "level", "category")


def rate(
    project: Project, *, since: date | str | None = None, until: date | str | None = None, progress: Progress = quiet
) -> Report:
    """
    Say what the reports of a project tell: how many a household, where they cluster, on which streets they come again,
    how they were answered and how months compare. Results replace those of before.

    Accepted repeats count once. Reports of sensitive kinds are in none of it but the total of their community, and that
    not where it is under the profile's k. Without a plan only streets and months are looked at.

    Parameters
    ----------
    since, until
        Count reports of these days alone, both included; months are always those of the whole list, for they are
        compared with what was before.

    Raises
    ------
    InputError
        A day that is none, or the last before the first.
    """
    progress("progress_reports", 0.0)
    ground = ground_of(project)
    window = days_of(since, until)
    found = taken(project, ground, window)
    rules = catalog.layer("reports")
    frames: Frames = {}
    progress("progress_reports", 0.2)
    if ground.plan is not None:
        frames["rates"] = _rates(found, ground, rules["rates"], _k(project))
        looked = _spots(found, ground, rules["spots"])
        frames["spots"] = _with_grounds(looked)
        frames["answered"] = _answered(found, ground, rules["answered"])
    progress("progress_reports", 0.6)
    frames["recurring"] = _recurring(found, ground, rules["recurring"])
    every = found if window == Window() else taken(project, ground, Window())
    frames["months"] = monthly.months(every.frame, rules={**rules["months"], "categories": every.categories})
    _store(project, ground, window, frames)
    progress("progress_reports", 1.0)
    return _report(project, ground, found, frames)


def days_of(since: date | str | None, until: date | str | None) -> Window:
    """
    Read the days asked for.

    Raises
    ------
    InputError
        A day that is none, or the last before the first.
    """
    first, last = (_day(one) for one in (since, until))
    if first is not None and last is not None and last < first:
        raise InputError("rating_days_backwards", since=str(first), until=str(last))
    return Window(first, last)


def _day(given: date | str | None) -> date | None:
    """Read a day written year first, in whatever marks."""
    if not isinstance(given, str):
        return given
    numbers = re.fullmatch(r"\s*(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})\s*\D?\s*", given)
    try:
        return date(*(int(one) for one in (numbers.groups() if numbers else "000")))
    except ValueError as error:
        raise InputError("rating_bad_day", given=given) from error


def _k(project: Project) -> int:
    return int(project.profile.facts["publish"]["k"])


def _rates(found: Taken, ground: Ground, rules: Mapping[str, Any], k: int) -> pd.DataFrame:
    """Give the rates of every level and of the communities, and what may be told of sensitive reports."""
    tiers = [ground.communities, *ground.tiers]
    rows = rates.rates(found.reports(found.placed), tiers, rules=rules)
    share = pd.concat([_guessed(tier, ground.estimated) for tier in tiers])
    rows = rows.assign(
        share_estimated=[share[one, two] for one, two in zip(rows["level"], rows["unit_id"], strict=True)]
    )
    secret = _secret(found, ground.communities, k)
    return pd.concat([rows, secret], ignore_index=True) if len(secret) else rows


def _guessed(tier: Tier, estimated: Floats) -> pd.Series:
    """Give the share of each unit's households that nobody has counted."""
    mine = tier.of >= 0
    guessed = np.bincount(tier.of[mine], weights=estimated[mine], minlength=len(tier.units))
    share = np.divide(guessed, tier.households, out=np.zeros(len(guessed)), where=tier.households > 0)
    return pd.Series(share, index=pd.MultiIndex.from_product([[tier.level], tier.units]))


def _secret(found: Taken, communities: Tier, k: int) -> pd.DataFrame:
    """Count reports of sensitive kinds by community; fewer than k are not told."""
    counts = found.secret.dropna().value_counts().sort_index()
    homes = dict(zip(communities.units, communities.households, strict=True))
    rows = pd.DataFrame({"unit_id": counts.index, "level": COMMUNITY, "category": "sensitive"})
    rows["count"] = pd.array(counts.to_numpy(), dtype="Int64")
    rows.loc[counts.to_numpy() < k, "count"] = pd.NA
    return rows.assign(households=[int(homes.get(one, 0)) for one in rows["unit_id"]], too_small=counts.to_numpy() < k)


def _spots(found: Taken, ground: Ground, rules: Mapping[str, Any]) -> spots.Found:
    """Look for clusters on levels of the plan and on blocks."""
    reports = found.reports(found.placed)
    shapes = ground.units.set_index("unit_id")["geometry"]
    near = []
    for tier in ground.tiers:
        outlines = np.array([shapes.get(one) for one in tier.units], dtype=object)
        near.append(lattices.together(lattices.beside(outlines), tier.of, ground.cell))
    grounds = lattices.grounds(reports, ground.tiers, near, xy=ground.xy, households=ground.households, rules=rules)
    return spots.spots(reports, ground.tiers, grounds, households=ground.households, rules=rules)


def _with_grounds(looked: spots.Found) -> pd.DataFrame:
    """Add to each row the names of the grounds that were looked at."""
    names = [list(looked.grounds[category]) for category in looked.spots["category"]]
    return looked.spots.assign(grounds=pd.Series(names, index=looked.spots.index, dtype=object))


def _answered(found: Taken, ground: Ground, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Say how cases were answered."""
    cases = cases_of(found.placed, found.rules, rules)
    return answering.answered(found.reports(cases), cases, [ground.communities, *ground.tiers], rules=rules)


def _recurring(found: Taken, ground: Ground, rules: Mapping[str, Any]) -> pd.DataFrame:
    """Find the streets where reports come again."""
    if ground.tables["streets"].empty:
        return pd.DataFrame(columns=list(streets.COLUMNS))
    rows, ways = with_streets(found.frame, ground, rules)
    made = streets.recurring(rows, ways, rules={**rules, "categories": found.categories})
    return made.assign(**{name: made[name].to_numpy(np.int64).astype("datetime64[D]") for name in DAYS})


def _store(project: Project, ground: Ground, window: Window, frames: Frames) -> None:
    """Put the results in the place of those of before; the rows of other plans stay."""
    told = {"since": window.since, "until": window.until}
    with project.change("assess reports", {name: str(day) for name, day in told.items() if day}) as change:
        for table, rows in frames.items():
            plan_id = ground.plan.plan_id if ground.plan is not None and table in BY_PLAN else None
            full = rows.assign(plan_id=plan_id, **told) if plan_id else rows
            full = full.drop_duplicates(list(TABLES[table].key), keep="last")  # a unit that stands on two levels: once
            kept = full[[name for name in TABLES[table].names if name in full]]
            change.session.replace(table, kept, where={"plan_id": plan_id} if plan_id else None)


# telling -------------------------------------------------------------------------------------------------------------
def _report(project: Project, ground: Ground, found: Taken, frames: Frames) -> Report:
    """Say what was found, with what must be known of it."""
    repeats = project.store.count("repeats", where={"state": OPEN})
    left: dict[str, int | None] = {**found.left, "sensitive": _told_secret(found, _k(project))}
    counted = {"reports": len(found.frame), "placed": len(found.placed), **left, "repeats_open": repeats}
    report = Report(figures={"counted": counted, "categories": list(found.categories)})
    if not len(found.frame) and not len(found.secret):
        report.notes.append(note("rating_none"))
        return report
    report.shown.append(note("rating_counted", count=len(found.frame)))
    report.notes += _left_notes(left, repeats)
    if found.left["elsewhere"] > MANY * (len(found.frame) + found.left["elsewhere"]):
        report.warnings.append(note("rating_many_elsewhere", count=len(found.frame)))
    if ground.plan is None:
        report.warnings.append(note("rating_no_plan"))
    _tell_rates(report, ground, frames)
    if visited := _visited(found, ground):
        facts = {"which": _named(visited, _codes(ground)), "count": len(visited)}
        report.figures["visited"] = visited
        report.notes.append(note("rating_visited", **facts))
    _tell_spots(report, ground, frames)
    for tell in (_tell_streets, _tell_answers, _tell_months):
        tell(report, frames)
    report.notes.append(note("rating_caveat"))
    return report


def _told_secret(found: Taken, k: int) -> int | None:
    """Say how many reports of sensitive kinds there are, None where they are few, in all or in one community."""
    counts = found.secret.value_counts(dropna=False)
    return int(counts.sum()) if counts.empty or int(counts.min()) >= k else None


def _left_notes(left: Mapping[str, int | None], repeats: int) -> list[Note]:
    """Say what does not count, or cannot be looked at closely."""
    told = [note(f"rating_left_{name}", count=count) for name, count in left.items() if count]
    told += [note("rating_left_sensitive_few")] if left["sensitive"] is None else []
    return [*told, *([note("rating_repeats_open", count=repeats)] if repeats else [])]


def _tell_rates(report: Report, ground: Ground, frames: Frames) -> None:
    if "rates" not in frames:
        return
    rows = frames["rates"]
    mine = rows[(rows["category"] == ALL) & (rows["level"] != COMMUNITY)]
    apart = _apart(mine)
    small, of = int(mine["too_small"].sum()), len(mine)
    least = catalog.layer("reports")["rates"]["too_small_households"]
    report.figures["rates"] = {
        "units": of,
        "too_small": small,
        "apart": {name: len(one) for name, one in apart.items()},
    }
    codes = _codes(ground)
    for name, units in apart.items():
        report.shown.append(note(f"rating_{name}", count=len(units), which=_named(units, codes)))
    if small:
        report.notes.append(note("rating_too_small", count=small, of=of, households=least))
    guessed = (mine["share_estimated"] * mine["households"]).sum() / max(mine["households"].sum(), 1)
    if guessed > 0:
        report.notes.append(note("rating_estimated", share=f"{guessed:.0%}"))


def _visited(found: Taken, ground: Ground) -> list[str]:
    """Name the units of the lowest level most of whose reports lie where nobody lives: rates a household mislead."""
    if not ground.tiers:
        return []
    tier, part = ground.tiers[-1], found.placed["part"].to_numpy(np.int64)
    unit, empty = tier.of[part], ground.households[part] <= 0
    every = np.bincount(unit[unit >= 0], minlength=len(tier.units))
    there = np.bincount(unit[(unit >= 0) & empty], minlength=len(tier.units))
    least = catalog.layer("reports")["rates"]["visited_least"]
    return [str(one) for one in tier.units[(every >= least) & (2 * there > every)]]


def _apart(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Name the units whose whole interval lies above or below the rate of their level."""
    common = rows.groupby("level")["count"].transform("sum") / rows.groupby("level")["households"].transform("sum")
    fit = ~rows["too_small"].astype(bool) & rows["rate"].notna()
    return {
        "above": list(rows.loc[fit & (rows["low"] > common), "unit_id"]),
        "below": list(rows.loc[fit & (rows["high"] < common), "unit_id"]),
    }


def _tell_spots(report: Report, ground: Ground, frames: Frames) -> None:
    if "spots" not in frames:
        return
    rows = frames["spots"]
    codes = _codes(ground)
    hot = rows[rows["kind"] == spots.HOT]
    few = sorted(set(rows.loc[rows["kind"] == spots.FEW, "category"]), key=lambda one: (one != ALL, one))
    kinds = rows.loc[rows["category"] == ALL, "kind"].value_counts().sort_index()
    report.figures["spots"] = {
        "all": {str(kind): int(count) for kind, count in kinds.items()},
        "hot": [{**row, "code": codes[row["unit_id"]]} for row in hot[list(NAMING)].to_dict("records")],
        "few": few,
    }
    for level, units in hot[hot["category"] == ALL].groupby("level", sort=True)["unit_id"]:
        facts = {"which": _named(units, codes), "count": len(units), "level": level_title(str(level))}
        report.shown.append(note("rating_hot", **facts))
    single = hot[hot["category"] != ALL].groupby("category", sort=True)["unit_id"].nunique()
    if len(single):
        named = [note("rating_hot_one", category=str(one), count=int(count)) for one, count in single.items()]
        report.shown.append(note("rating_hot_categories", which=named))
    if ALL in few:
        report.notes.append(note("rating_spots_few"))
    elif hot.empty:
        report.shown.append(note("rating_no_hot"))
    looked = rows.loc[rows["category"] == ALL, "grounds"]
    if len(looked) and ALL not in few:
        report.notes.append(note("rating_grounds", grounds=[_ground_title(ground, one) for one in looked.iloc[0]]))


def _ground_title(ground: Ground, name: str) -> Any:
    known = {tier.level for tier in ground.tiers}
    return level_title(name) if name in known else note("rating_blocks", households=int(name.partition(":")[2]))


def _tell_streets(report: Report, frames: Frames) -> None:
    rows = frames["recurring"]
    every = rows[rows["category"] == ALL]
    report.figures["recurring"] = {"streets": len(every), "reports": int(every["incidents"].sum())}
    if len(every):
        report.shown.append(note("rating_recurring", count=len(every), reports=int(every["incidents"].sum())))


def _tell_answers(report: Report, frames: Frames) -> None:
    rows = frames.get("answered", pd.DataFrame())
    if rows.empty:
        return
    whole = rows[(rows["level"] == COMMUNITY) & (rows["category"] == ALL)]
    report.figures["answered"] = [_plain(row) for row in whole.to_dict("records")]
    for row in report.figures["answered"]:
        report.shown.append(note("rating_answered", cases=row["cases"], open=row["open"], overdue=row["overdue"]))
        shares = [(name, row[name]) for name in answering.SHARES if row[name] is not None]
        report.shown += [note(f"rating_{name}", share=f"{share:.0%}") for name, share in shares]
        if row["hours_median"] is not None:
            report.shown.append(note("rating_hours", hours=round(row["hours_median"])))


def _tell_months(report: Report, frames: Frames) -> None:
    rows = frames["months"]
    found = monthly.change(rows)
    report.figures["months"] = [_plain(row) for row in found.to_dict("records")]
    for row in report.figures["months"]:
        key = "rating_month" if row["before"] is not None else "rating_month_first"
        facts = {"month": str(row["month"])[:7], "count": row["count"], "before": row["before"]}
        report.shown.append(note(key, **facts))
    last = rows[rows["whole"].astype(bool)].groupby(["community_id", "category"], sort=True).tail(1)
    for row in last[last["notable"].notna()].to_dict("records"):
        facts = {"month": str(row["month"])[:7], **{name: int(row[name]) for name in ("count", "low", "high")}}
        report.shown.append(note(f"rating_month_{row['notable']}", category=_category(row["category"]), **facts))


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def _category(name: Any) -> Any:
    return note("rating_all") if name == ALL else str(name)


def _codes(ground: Ground) -> dict[str, str]:
    code = ground.units["code"].where(ground.units["code"].notna(), ground.units["unit_id"])
    return dict(zip(ground.units["unit_id"], code.astype(str), strict=True))


def _named(units: Sequence[str] | pd.Series, codes: Mapping[str, str]) -> list[str]:
    names = sorted(codes.get(one, one) for one in units)
    return names[:MOST_TOLD] + (["…"] if len(names) > MOST_TOLD else [])
