"""Two plans side by side: who changes unit, which units stay, what it means for workers, services and the score."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from govmap import catalog
from govmap.delineate.compare import GROUPS, KEPT, PEOPLE, Comparison
from govmap.delineate.compare import compare as compare_plans
from govmap.delineate.criteria import BASE
from govmap.delineate.score import terms
from govmap.delineate.wishes import level_title
from govmap.errors import InputError, PlanError
from govmap.govern.duties import REPLACED
from govmap.messages import Note, Voice, note
from govmap.pipeline.aligned import aligned
from govmap.pipeline.compared_walks import walks_told
from govmap.pipeline.former import plan_to_go_on_from
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.scoring import laid_out
from govmap.pipeline.walking import homes
from govmap.plan import Plan
from govmap.project import Project, plan_of

SHOWN = 40
COUNTS = ("households_before", "households_after", "households_stay", "households_come", "households_go")


def compare(
    project: Project,
    before: str,
    after: str,
    *,
    output: Path | None = None,
    voice: Voice,
    progress: Progress = quiet,
) -> Report:
    """
    Say what changes from one plan to another.

    Parameters
    ----------
    before, after
        Plans by id or name, or `active`.
    output
        Write the table of units, old and new, to this .csv or .xlsx as well.

    Raises
    ------
    PlanError
        There is no such plan, both are the same, or the ground of one is no longer kept.
    InputError
        The file has another ending.
    """
    if output is not None and output.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError("compare_ending", where=str(output), ending=output.suffix)
    one, other = (str(plan_to_go_on_from(project, name, ())) for name in (before, after))
    if one == other:
        raise PlanError("compare_one_plan", plan=one)
    with project.store.reading() as session:
        plans = [plan_of(session, plan_id) for plan_id in (one, other)]
        rows = session.read("plans", columns=["plan_id", "name"])
        codes = pd.concat([session.read("units", where={"plan_id": name}) for name in (one, other)])
    counted = groups_of(project)
    with project.store.reading() as session:
        levels = [compared(session, *pair, project.edition, counted) for pair in beside(*plans)]
    found = levels[-1]
    few = int(project.profile.facts["publish"]["k"])
    report = Report(figures={"before": one, "after": other, **_figures(found, few)})
    names = dict(zip(rows["plan_id"], rows["name"], strict=True))
    report.shown.append(note("compare_title", one=names[one], other=names[other], before=one, after=other))
    named = [_level_of(pair[1]) for pair in beside(*plans)]
    for level, tier in zip(named, levels, strict=True):
        report.shown += [note("levels_level", level=level_title(level))] if len(named) > 1 else []
        report.shown += [*_sentences(tier, few), *_changing(tier, codes, voice)]
    report.figures["levels"] = [
        {"level": level, **_figures(tier, few)} for level, tier in zip(named, levels, strict=True)
    ]
    report.shown += _beside_units(found, voice)
    report.shown += walks_told(report, project, plans, levels, voice)
    report.shown += _scores(report, project, plans, voice, progress)
    if len({len(plan.tiers()) for plan in plans}) > 1:
        report.notes.append(note("compare_level_only", count=len(levels)))
    report.notes += [note("compare_other_edition")] if plans[0].edition != plans[1].edition else []
    if output is not None:
        title = voice.say("changes_title", one=names[one], other=names[other])
        _write(found, codes, output, voice, title=title, paper=str(project.profile.facts["print"]["paper"]))
        report.files.append(output)
        report.notes.append(note("compare_internal"))
    return report


def beside(before: Plan, after: Plan) -> list[tuple[Plan, Plan]]:
    """Give the levels of two plans that stand beside each other, the lowest last: as far from the lowest of each."""
    pairs = list(zip(before.tiers()[::-1], after.tiers()[::-1], strict=False))
    return pairs[::-1]


def _level_of(tier: Plan) -> str:
    names = {tier.levels.get(unit, BASE) for unit in tier.units}
    return next(iter(names)) if len(names) == 1 else BASE


def groups_of(project: Project) -> pd.DataFrame:
    """Give people of the groups that feel a move most, by part_id, as far as registers count them."""
    frame = homes(project).frame
    return frame[["part_id", *(name for name in GROUPS if name in frame)]]


def compared(session: Any, before: Plan, after: Plan, edition: int, counted: pd.DataFrame) -> Comparison:
    """Compare two plans with what the project knows of their ground."""
    parts = _parts(session, after, edition)
    if after.edition == edition:
        parts = parts.merge(counted, on="part_id", how="left")
    former = None if before.edition == after.edition else _parts(session, before, edition)
    resources = session.read(
        "resources", where={"duplicate_of": [None]}, columns=["resource_id", "category", "part_id"]
    )
    duties = session.read("duties")
    live = duties[duties["state"].ne(REPLACED)]  # what an assignment set aside answers for nobody
    return compare_plans(before, after, parts, former_parts=former, duties=live, resources=resources)


def _parts(session: Any, plan: Plan, edition: int) -> pd.DataFrame:
    """Read the parts a plan is made of, with their compounds."""
    if plan.edition == edition:
        parts, cells = session.read("parts"), session.read("cells", columns=["cell_id", "compound_id"])
    else:
        parts = session.read("parts_past", where={"edition": plan.edition})
        cells = session.read("cells_past", where={"edition": plan.edition}, columns=["cell_id", "compound_id"])
    if parts.empty:
        raise PlanError("compare_no_ground", plan=plan.plan_id, edition=plan.edition)
    found: pd.DataFrame = parts.merge(pd.DataFrame(cells), on="cell_id", how="left")
    return found


def _figures(found: Comparison, few: int) -> dict[str, int | None]:
    """Give the figures of a comparison; fewer people of a group than may be told are none."""
    secret = {f"{name}_moved" for name, count in found.groups.items() if 0 < count < few}
    return {name: None if name in secret else count for name, count in found.figures.items()}


def _sentences(found: Comparison, few: int) -> list[Note]:
    """Say the whole in a few sentences."""
    told = found.figures
    if not (found.parts_moved or found.parts_came or found.parts_gone):
        return [note("compare_same")]
    facts = {name: told[f"{name}_moved"] for name in (*PEOPLE, "parts")}
    states = {name: told[f"units_{name}"] for name in ("kept", "changed", "new", "gone")}
    shown = [note("compare_moved", **facts), note("compare_units", count=sum(states.values()), **states)]
    if any(told[f"compounds_{name}"] for name in ("moved", "split", "joined")):
        counts = {name: told[f"compounds_{name}"] for name in ("moved", "split", "joined")}
        shown.append(note("compare_compounds", **counts))
    if found.parts_came or found.parts_gone:
        shown.append(note("compare_came_gone", came=found.parts_came, gone=found.parts_gone))
    shown.append(_elders(found, few))
    return shown + _continuity(found)


def _elders(found: Comparison, few: int) -> Note:
    """Say how many elders move with their homes; a few are not counted out, and what nobody counted is not guessed."""
    if not found.groups:
        return note("compare_no_elders")
    told = [
        note(f"compare_{name}", people=note("compare_fewer", k=few) if 0 < count < few else count)
        for name, count in found.groups.items()
    ]
    return note("compare_elders", groups=told)


def _continuity(found: Comparison) -> list[Note]:
    """Say for whom the worker stays, changes or is missing."""
    if found.workers.empty:
        return [note("compare_no_duties")]
    served = {"kept": found.households_keep_worker, "had": found.households_with_worker}
    shown = [note("compare_workers", households=found.households_change_worker), note("compare_continuity", **served)]
    return [
        *shown,
        *([note("compare_without", households=found.households_without)] if found.households_without else []),
    ]


# tables ------------------------------------------------------------------------------------------------------------
def _changing(found: Comparison, codes: pd.DataFrame, voice: Voice) -> list[Note]:
    """Lay out the units of one level that change."""
    changing = found.units[found.units["state"] != KEPT]
    if changing.empty:
        return []
    rows = [_unit_row(row, codes, voice) for row in changing.head(SHOWN).to_dict("records")]
    shown = [note("compare_unit_head"), *_columns([_head(voice, "code", "state", *_SHORT), *rows])]
    if len(changing) > SHOWN:
        shown.append(note("compare_more", count=len(changing) - SHOWN))
    return shown


def _beside_units(found: Comparison, voice: Voice) -> list[Note]:
    """Lay out the workers and services for whom something changes."""
    if (found.units["state"] == KEPT).all():
        return []
    titles = {name: facts["layer"]["title"][voice.language] for name, facts in catalog.layers("resources").items()}
    workers, services = found.workers.set_index("worker_id"), found.services.set_index("category")
    shown = _sides(workers, "compare_worker_head", ("go", "come"), voice)
    return shown + _sides(services.rename(index=titles), "compare_service_head", ("lose", "gain"), voice)


def _sides(table: pd.DataFrame, head: str, sides: tuple[str, str], voice: Voice) -> list[Note]:
    """Lay out the rows of which something comes or goes."""
    columns = [f"households_{side}" for side in ("before", "after", *sides)]
    moving = table[(table[columns[2:]] != 0).any(axis=1)]
    lines = [[str(row[0]), *(str(count) for count in row[1:])] for row in moving[columns].itertuples()]
    return [note(head), *_columns([["", *_head(voice, "before", "after", *sides)], *lines])] if lines else []


_SHORT = ("before", "after", "stay", "come", "go")


def _head(voice: Voice, *names: str) -> list[str]:
    return [voice.say(f"compare_{name}") for name in names]


def _unit_row(row: Mapping[Hashable, Any], codes: pd.DataFrame, voice: Voice) -> list[str]:
    """Give one line of the table of units: its code before and after, and what comes and goes."""
    counts = [str(row[name]) for name in COUNTS]
    return [_called(row, codes), voice.say(f"compare_state_{row['state']}"), *counts]


def _called(row: Mapping[Hashable, Any], codes: pd.DataFrame) -> str:
    """Name a unit by the code that people know, by both where it has another now."""
    known = codes.set_index(["plan_id", "unit_id"])["code"].to_dict()
    sides = zip(codes["plan_id"].unique(), (row["unit_before"], row["unit_after"]), strict=True)
    both = [str(known.get((plan_id, unit)) or unit) for plan_id, unit in sides if unit is not None]
    return " → ".join(dict.fromkeys(both))


def _scores(report: Report, project: Project, plans: Sequence[Plan], voice: Voice, progress: Progress) -> list[Note]:
    """Lay the scores of both plans side by side, as far as their ground still stands."""
    lists = []
    for side, plan in zip(("before", "after"), plans, strict=True):
        if plan.edition != project.edition:
            facts = {"plan": plan.plan_id, "edition": plan.edition, "now": project.edition}
            report.notes.append(note("compare_no_score", **facts))
            continue
        figures = laid_out(project, plan.plan_id, progress).division.score
        report.figures[f"score_{side}"] = {name: round(value, 4) for name, value in figures.items()}
        lists.append({term.key: term for term in terms(figures)})
    if len(lists) < len(plans):
        return []
    both = [(term, lists[1][key]) for key, term in lists[0].items() if key in lists[1]]
    rows = [[voice.tell(one.label), voice.tell(one.value), voice.tell(other.value)] for one, other in both]
    return [note("compare_score_head"), *_columns([_head(voice, "term", "before", "after"), *rows])]


def _columns(rows: Sequence[Sequence[str]]) -> list[Note]:
    """Set cells under each other."""
    return [note("compare_line", line=f"  {line}") for line in aligned(rows)]


def _write(found: Comparison, codes: pd.DataFrame, output: Path, voice: Voice, *, title: str, paper: str) -> None:
    """Write the table from old to new in the reader's words: every pair of units that share parts."""
    from govmap.exports import listing, sheets
    from govmap.exports.files import write_whole

    rows = found.moves.merge(found.units[["unit_before", "state"]].dropna(), on="unit_before", how="left")
    for side, plan_id in zip(("before", "after"), codes["plan_id"].unique(), strict=True):
        known = codes[codes["plan_id"] == plan_id].set_index("unit_id")
        for name in ("code", "name"):
            rows[f"{name}_{side}"] = rows[f"unit_{side}"].map(known[name])
    rows = _in_words(rows, voice)
    columns = tuple(listing.Column(name, voice.say(f"changes_{name}"), kind) for name, kind in _WRITTEN if name in rows)
    if output.suffix.lower() == ".xlsx":
        one = listing.Listing(voice.say("changes_sheet"), title, (voice.say("changes_about"),), columns, rows)
        write_whole(output, listing.workbook([one], paper=paper, mark=voice.say("roster_internal")))
        return
    plain = rows[[column.field for column in columns]].set_axis([column.title for column in columns], axis=1)
    write_whole(output, sheets.text("compare", plain, output)[0])


def _in_words(rows: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """Say states and marks in words; a column of names stays only where a unit has one."""
    yes, no = voice.say("changes_yes"), voice.say("changes_no")
    state = {one: voice.say(f"compare_state_{one}") for one in rows["state"].dropna().unique()}
    told = rows.assign(
        state=rows["state"].map(state).astype(object),
        same=[yes if one else no for one in rows["same"].fillna(value=False)],
    )
    for side in ("before", "after"):
        code, unit = f"code_{side}", f"unit_{side}"
        told[code] = told[code].where(told[code].notna(), told[unit])
    return told.drop(columns=[f"name_{side}" for side in ("before", "after") if told[f"name_{side}"].isna().all()])


_WRITTEN = (
    ("code_before", "text"),
    ("name_before", "text"),
    ("code_after", "text"),
    ("name_after", "text"),
    ("state", "text"),
    ("same", "text"),
    ("households", "whole"),
    ("residents", "whole"),
    ("parts", "whole"),
)
