"""Two plans side by side for a meeting: what changes for whom, gaps before and after; for the page, and as a document.

Everything here is of the office: units, households and services, never a resident and never one worker's figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.delineate.compare import KEPT, Comparison
from govmap.delineate.score import terms
from govmap.errors import InputError
from govmap.messages import Note, Voice, note
from govmap.pipeline import comparing
from govmap.pipeline.former import called
from govmap.pipeline.outputs import not_the_project
from govmap.pipeline.report import Progress, Report, quiet
from govmap.plan import Plan
from govmap.project import Project, now, plan_of

if TYPE_CHECKING:
    from govmap.render.report.paper import Paper

ENDINGS = (".docx", ".pdf", ".html")
SIDES = ("before", "after")
OUTLINE_M = 1.0
ROWS_MOST = 200
WALKED = ("households_count", "households_min", "elders_min")
COUNTS = ("households_before", "households_after", "households_stay", "households_come", "households_go")


@dataclass(frozen=True)
class Both:
    """Two plans with what is told of them: the report of `comparing.compare`, units of both, what moves, gaps."""

    plans: tuple[Plan, Plan]
    names: tuple[str, str]
    report: Report
    found: Comparison
    units: pd.DataFrame
    gaps: list[dict[str, Any]]

    @property
    def same_ground(self) -> bool:
        """Tell whether both plans stand on the same cells."""
        return self.plans[0].edition == self.plans[1].edition


def beside(project: Project, before: str, after: str, *, voice: Voice, progress: Progress = quiet) -> Report:
    """
    Lay two plans side by side for the page: sentences, tables, the buildings that move, outlines of both in degrees.

    Raises
    ------
    PlanError
        There is no such plan, both are the same, or the ground of one is no longer kept.
    """
    both = gathered(project, before, after, voice, progress)
    figures: dict[str, Any] = {key: value for key, value in both.report.figures.items() if key != "levels"}
    plans = zip(SIDES, both.plans, both.names, strict=True)
    figures["plans"] = {side: {"plan": plan.plan_id, "name": name} for side, plan, name in plans}
    figures["units"] = [_unit(row, both, voice) for row in both.found.units.to_dict("records")]
    figures["gaps"] = [{**row, "title": voice.say("meeting_title_of", title=row["title"])} for row in both.gaps]
    figures["scores"] = _scores(both, voice)
    titles = _category_titles()
    walks = figures.get("walks") or ()
    figures["walks"] = [{**row, "place": _place(str(row["place"]), titles, voice)} for row in walks]
    figures["buildings"] = _moved(project, both)
    figures["outlines"] = {side: _outlines(project, both, at) for at, side in enumerate(SIDES)}
    return Report(figures=figures, shown=_sentences(both), notes=list(both.report.notes))


def meeting(
    project: Project, before: str, after: str, output: Path, *, voice: Voice, progress: Progress = quiet
) -> Report:
    """
    Write the comparison of two plans as a document for a meeting: .docx to be edited, .pdf to be printed, or .html.

    Raises
    ------
    PlanError
        As `beside`.
    InputError
        The file has another ending.
    """
    from govmap.exports.files import write_whole
    from govmap.render.report import document, page, typeset

    ending = output.suffix.lower()
    if ending not in ENDINGS:
        raise InputError("meeting_ending", where=str(output), known=list(ENDINGS))
    not_the_project(project, output)
    both = gathered(project, before, after, voice, progress)
    paper = compose(project, both, voice)
    at = datetime.combine(now().date(), time.min)
    content: bytes
    if ending == ".docx":
        content = document.build(paper, at=at)
    else:
        content = typeset.build(paper) if ending == ".pdf" else page.build(paper)
    write_whole(output, content)
    figures = {name: both.report.figures[name] for name in ("before", "after")}
    return Report(figures=figures, files=[output], notes=[note("compare_internal")])


def compose(project: Project, both: Both, voice: Voice) -> "Paper":
    """Put the document together."""
    from govmap.render.report.paper import Paper

    made = now().date().isoformat()
    one, other = both.names
    title = voice.say("meeting_title", one=one, other=other)
    return Paper(
        language=voice.language,
        title=title,
        stamp=voice.say("report_stamp"),
        lines=(voice.say("meeting_made", date=made), voice.say("meeting_plans", one=one, other=other)),
        tiles=tuple(_tiles(both, voice)),
        tiles_title=voice.say("meeting_figures"),
        sections=tuple(_sections(both, voice)),
        contents=voice.say("report_contents"),
        foot=voice.say("meeting_foot", date=made),
        paper=str(project.profile.facts["print"]["paper"]),
    )


# read ----------------------------------------------------------------------------------------------------------------
def gathered(project: Project, before: str, after: str, voice: Voice, progress: Progress = quiet) -> Both:
    """Read two plans and all that is told of them; raises as `beside` does."""
    report = comparing.compare(project, before, after, voice=voice, progress=progress)
    ids = tuple(str(report.figures[side]) for side in SIDES)
    counted = comparing.groups_of(project)
    with project.store.reading() as session:
        plans = (plan_of(session, ids[0]), plan_of(session, ids[1]))
        found = comparing.compared(session, *comparing.beside(*plans)[-1], project.edition, counted)
        units = session.read("units", where={"plan_id": list(ids)})
        gaps = session.read("gaps", where={"plan_id": list(ids)})
    name = called(project)
    names = (name[ids[0]], name[ids[1]])
    return Both(plans, names, report, found, units, _gaps(gaps, plans))


def _gaps(rows: pd.DataFrame, plans: tuple[Plan, Plan]) -> list[dict[str, Any]]:
    """Sum by standard how many people lack a service, and in how many units, of each plan that was assessed."""
    lowest = {plan.plan_id: set(plan.units) for plan in plans}
    own = [unit in lowest[plan] for plan, unit in zip(rows["plan_id"], rows["unit_id"], strict=True)]
    rows = rows[np.array(own, dtype=bool)]
    short = rows[rows["people_short"].fillna(0) > 0]
    sums = short.groupby(["standard", "plan_id"]).agg(people=("people_short", "sum"), units=("unit_id", "nunique"))
    assessed = set(rows["plan_id"])
    found = []
    for standard, category in sorted(set(zip(rows["standard"], rows["category"], strict=True))):
        told: dict[str, Any] = {"standard": standard, "category": category, "title": _title(standard, category)}
        for side, plan in zip(SIDES, plans, strict=True):
            there = (standard, plan.plan_id) in sums.index
            row = sums.loc[(standard, plan.plan_id)] if there else None
            known = plan.plan_id in assessed
            told[f"people_{side}"] = (0 if row is None else int(row["people"])) if known else None
            told[f"units_{side}"] = (0 if row is None else int(row["units"])) if known else None
        found.append(told)
    return found


def _title(standard: str, category: str) -> Mapping[str, str]:
    """Name a standard as its layer does; one of the office's own by what it asks for."""
    name, _, row = standard.partition("/")
    facts = catalog.layers("standards").get(name, {}).get(row, {})
    layer = catalog.layers("resources").get(category, {}).get("layer", {})
    found: Mapping[str, str] = facts.get("title") or layer.get("title") or {"en": category, "zh": category}
    return found


# for the page --------------------------------------------------------------------------------------------------------
def _sentences(both: Both) -> list[Note]:
    """Give what is said of the comparison in sentences, without the tables set for a terminal."""
    heads = ("compare_line", "compare_unit_head", "compare_worker_head", "compare_service_head", "compare_score_head")
    drawn = (*heads, "compare_more", "compare_title")
    return [one for one in both.report.shown if one.key not in drawn and not one.key.startswith("compare_walk_head")]


def _unit(row: Mapping[Any, Any], both: Both, voice: Voice) -> dict[str, Any]:
    codes = [_code(both, plan.plan_id, row[f"unit_{side}"]) for side, plan in zip(SIDES, both.plans, strict=True)]
    told = {"code_before": codes[0], "code_after": codes[1], "state": row["state"]}
    told |= {"unit_before": row["unit_before"], "unit_after": row["unit_after"]}
    return {**told, "state_said": voice.say(f"compare_state_{row['state']}"), **{one: int(row[one]) for one in COUNTS}}


def _code(both: Both, plan_id: str, unit: Any) -> str | None:
    if unit is None or pd.isna(unit):
        return None
    rows = both.units[(both.units["plan_id"] == plan_id) & (both.units["unit_id"] == unit)]
    return str(rows["code"].iloc[0] or unit) if len(rows) else str(unit)


def _scores(both: Both, voice: Voice) -> list[dict[str, str]]:
    """Give the terms of both scores side by side, where both grounds still stand."""
    figures = [both.report.figures.get(f"score_{side}") for side in SIDES]
    if not all(isinstance(one, Mapping) for one in figures):
        return []
    first, second = ({term.key: term for term in terms(one)} for one in figures if one is not None)
    return [
        {"term": voice.tell(term.label), "before": voice.tell(term.value), "after": voice.tell(second[key].value)}
        for key, term in first.items()
        if key in second
    ]


def _moved(project: Project, both: Both) -> list[dict[str, Any]]:
    """Name the buildings of which something moves, with the codes of most of their households before and after."""
    rows = both.found.moved
    parts = project.read("parts", columns=["part_id", "building_id"])
    known = rows.merge(parts, on="part_id", how="inner").dropna(subset=["building_id"])
    known = known.sort_values(["building_id", "households", "part_id"], ascending=[True, False, True])
    first = known.drop_duplicates("building_id")
    return [
        {
            "building_id": row["building_id"], "households": int(row["households"]),
            "before": _code(both, both.plans[0].plan_id, row["unit_before"]),
            "after": _code(both, both.plans[1].plan_id, row["unit_after"]),
        }
        for row in first.to_dict("records")
    ]  # fmt: skip


def _outlines(project: Project, both: Both, side: int) -> list[dict[str, Any]]:
    """Give the outlines of a plan's units in degrees, a little simpler, as rings."""
    from pyproj import Transformer

    plan = both.plans[side]
    rows = both.units[(both.units["plan_id"] == plan.plan_id) & both.units["unit_id"].isin(plan.units)]
    way = Transformer.from_crs(project.crs, 4326, always_xy=True)
    shapes = shapely.coverage_simplify(rows["geometry"].to_numpy(object), OUTLINE_M)
    degrees = shapely.transform(shapes, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])))
    told = zip(rows["unit_id"], rows["code"], degrees, strict=True)
    return [{"unit_id": unit, "code": code or unit, "rings": _rings(shape)} for unit, code, shape in told]


def _rings(shape: Any) -> list[list[list[list[float]]]]:
    return [
        [[[round(y, 6), round(x, 6)] for x, y in ring.coords] for ring in (one.exterior, *one.interiors)]
        for one in shapely.get_parts(shape)
        if one.geom_type == "Polygon"
    ]


# for the document ----------------------------------------------------------------------------------------------------
def _tiles(both: Both, voice: Voice) -> "list[Any]":
    from govmap.render.report.paper import Tile

    figures = both.report.figures
    wanted = ("households_moved", "age_60_plus_moved", "households_change_worker", "compounds_split")
    found = []
    for name in wanted:
        value = figures.get(name)
        secret = name in figures and value is None
        shown = voice.say("meeting_few") if secret else "–" if value is None else f"{value:,}"
        told = voice.say(f"meeting_told_{name}")
        found.append(
            Tile(
                title=voice.say(f"meeting_tile_{name}"),
                value=shown,
                told=told,
                source=voice.say("meeting_source"),
                state="unknown" if value is None and not secret else "ok",
                state_word="",
            )
        )
    return found


def _sections(both: Both, voice: Voice) -> "list[Any]":
    from govmap.render.report.paper import Section, Words

    sentences = tuple(Words(voice.tell(one), "point") for one in _sentences(both))
    blocks = [("changes", sentences), ("units", _units_table(both, voice)), ("services", _gaps_table(both, voice))]
    blocks += [("walks", _walks_table(both, voice)), ("scores", _scores_table(both, voice))]
    notes = tuple(Words(voice.tell(one), "source") for one in both.report.notes)
    blocks += [("origin", (*notes, Words(voice.say("meeting_privacy"), "source")))]
    return [Section(key, voice.say(f"meeting_section_{key}"), tuple(some)) for key, some in blocks if some]


def _units_table(both: Both, voice: Voice) -> tuple[Any, ...]:
    rows = [_unit(row, both, voice) for row in both.found.units.to_dict("records") if row["state"] != KEPT]
    head = [voice.say(f"meeting_head_{name}") for name in ("before", "after", "state")]
    head += [voice.say(f"compare_{name.removeprefix('households_')}") for name in COUNTS]
    told = [
        [one["code_before"] or "–", one["code_after"] or "–", one["state_said"], *(f"{one[name]:,}" for name in COUNTS)]
        for one in rows
    ]
    return _table(voice.say("meeting_units_table", count=len(rows)), head, told, range(3, 8), voice)


def _gaps_table(both: Both, voice: Voice) -> tuple[Any, ...]:
    head = [voice.say(f"meeting_head_{name}") for name in ("service", "people_before", "people_after")]
    head += [voice.say(f"meeting_head_{name}") for name in ("units_before", "units_after")]
    names = ("people_before", "people_after", "units_before", "units_after")
    told = [
        [voice.say("meeting_title_of", title=row["title"]), *(_shown(row[name]) for name in names)]
        for row in both.gaps
        if any(row[name] for name in names)
    ]
    made = _table(voice.say("meeting_gaps_table"), head, told, range(1, 5), voice)
    return (*made, *_not_assessed(both, voice)) if made else ()


def _not_assessed(both: Both, voice: Voice) -> "list[Any]":
    """Say of a plan that nobody assessed that its column is empty for this reason."""
    from govmap.render.report.paper import Words

    sides = zip(SIDES, both.names, strict=True)
    missing = [name for side, name in sides if all(row[f"people_{side}"] is None for row in both.gaps)]
    return [Words(voice.say("meeting_not_assessed", name=name), "missing") for name in missing]


def _walks_table(both: Both, voice: Voice) -> tuple[Any, ...]:
    rows: Sequence[Mapping[str, Any]] = both.report.figures.get("walks") or ()
    if not rows:
        return ()
    titles = _category_titles()
    names = [f"{what}_{side}" for what in WALKED for side in SIDES]
    keep = [name for name in names if any(row.get(name) is not None for row in rows)]
    head = [voice.say("meeting_head_way"), *(_walk_head(name, voice) for name in keep)]
    told = [[_place(str(row["place"]), titles, voice), *(_shown(row.get(name)) for name in keep)] for row in rows]
    return _table(voice.say("meeting_walks_table"), head, told, range(1, len(head)), voice)


def _category_titles() -> dict[str, Any]:
    return {name: facts["layer"]["title"] for name, facts in catalog.layers("resources").items()}


def _place(place: str, titles: Mapping[str, Any], voice: Voice) -> str:
    known = titles.get(place)
    return voice.say("meeting_title_of", title=known) if known else voice.say("meeting_meeting_place")


def _walk_head(name: str, voice: Voice) -> str:
    side = next(one for one in SIDES if name.endswith(f"_{one}"))
    key = f"meeting_walk_{name.removesuffix(f'_{side}')}"
    return voice.say("meeting_walk_side", what=voice.say(key), side=voice.say(f"meeting_head_{side}"))


def _scores_table(both: Both, voice: Voice) -> tuple[Any, ...]:
    head = [voice.say("compare_term"), voice.say("meeting_head_before"), voice.say("meeting_head_after")]
    told = [[row["term"], row["before"], row["after"]] for row in _scores(both, voice)]
    return _table(voice.say("meeting_scores_table"), head, told, (1, 2), voice)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], right: Any, voice: Voice) -> tuple[Any, ...]:
    """Give a table, and how many rows were left out where there are too many; nothing where there is none."""
    from govmap.render.report.paper import Table, Words, cells

    if not rows:
        return ()
    made = Table(title, tuple(head), tuple(cells(row) for row in rows[:ROWS_MOST]), frozenset(right))
    left = len(rows) - ROWS_MOST
    return (made, Words(voice.say("compare_more", count=left), "source")) if left > 0 else (made,)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
