"""What leaves a project: maps, exports, copies; and what it says of itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from govmap import check as checking
from govmap.errors import InputError
from govmap.govern import routing
from govmap.messages import LANGUAGES, Note, Voice, note
from govmap.pipeline import cases, duties
from govmap.pipeline.publishing import MAP_NUMBER, report_beside, review_notes
from govmap.pipeline.report import Progress, Report, quiet, titled
from govmap.project import Project, facts_of, now
from govmap.publish import Audience, Released, release
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.pipeline.filling import Filling
    from govmap.render.content import Choices
    from govmap.render.figures import Figure

MOST_NAMED = 3  # communities in a title
BESIDE = ("communities", "buildings", "cells", "parts", "plans", "plan_parts", "units", "residents")
RELEASED = (
    "communities", "buildings", "addresses", "entrances", "compounds", "barriers", "streets", "features", "cells",
    "parts", "plans", "plan_parts", "units", "unit_lineage", "zones", "residents", "resources", "incidents", "workers",
    "duties", "leaders", "tallies", "publications", "gaps", "norms", "sites", "rates", "spots", "answered", "months",
    "recurring", "loads", "fits", "matches", "imports",
)  # fmt: skip


def map_(
    project: Project,
    output: Path,
    audience: str,
    *,
    internal: bool = False,
    online: tuple[str, str | None] | None = None,
    voice: Voice,
    progress: Progress = quiet,
) -> Report:
    """
    Draw the interactive map of the active plan: one file that needs no network.

    Parameters
    ----------
    online
        A base map of the network that readers may switch on, and the office's key for it.

    Raises
    ------
    InputError
        The audience is unknown, or one inside the office was asked for without `internal`; or there is no such base
        map, or it needs a key.
    PlanError
        There is no plan yet.
    """
    from govmap.exports.files import write_whole
    from govmap.render import webmap
    from govmap.render.online import online as base_map

    not_the_project(project, output)
    base = None if online is None else base_map(*online)
    progress("progress_map", 0.0)
    released = released_for(project, audience, internal=internal)
    told = drawn(project, released, voice)
    told["online_base"] = base
    html = webmap.build(released, voice, **told)
    write_whole(output, html.encode("utf-8"))
    files = [output, *remember(project, released, "map", output)]
    progress("progress_map", 1.0)
    report = Report(figures={"suppressed": len(released.suppressed), "audience": audience}, files=files)
    report.notes = [*released.notes, *review_notes(project, released), *_of_online(base, released)]
    return report


def _of_online(base: Mapping[str, Any] | None, released: Released) -> list[Note]:
    """Say what a base map of the network means for those who open the file."""
    if base is None:
        return []
    return [note("online_told" if released.georeferenced else "online_nowhere", name=base["title"])]


def drawn(project: Project, released: Released, voice: Voice) -> "Choices":
    """Give what a map says beside what was released: its title, how old the data is, the figures, the plan before."""
    newest = project.fact("osm_newest") or None
    return {
        "title": project.fact("title") or title_of(released, project),
        "other": project.profile.voice(next(one for one in LANGUAGES if one != voice.language)),
        "data_date": newest[:10] if newest else None,
        "numbers": _figures(project, released),
        "before": _before(project, released),
        "map_number": project.fact(MAP_NUMBER),
        "length": str(project.profile.facts["print"].get("length", "m")),
    }


def _before(project: Project, released: Released) -> Released | None:
    """Give the planner the plan that this one came from, or else the last other one of the same cells."""
    if released.audience != "planner" or released.tables["units"].empty:
        return None
    plans = project.read("plans")
    mine = plans[plans["plan_id"] == released.plan_id]
    others = plans[(plans["plan_id"] != released.plan_id) & (plans["edition"] == released.edition)]
    base = set(mine["base_plan_id"].dropna())
    chosen = others[others["plan_id"].isin(base)] if others["plan_id"].isin(base).any() else others
    if chosen.empty:
        return None
    last = str(chosen.sort_values(["created_at", "plan_id"], kind="stable")["plan_id"].iloc[-1])
    tables = project.reading(*BESIDE)
    return release(tables, audience="planner", plan_id=last, edition=released.edition, k=released.k, at=released.at)


def _figures(project: Project, released: Released) -> "list[Figure]":
    """Give the eight figures to those who steer; the public map and that of one worker show none."""
    from govmap.pipeline.eight import eight
    from govmap.render.content import STEERING
    from govmap.render.figures import Figure

    if released.audience not in STEERING or released.tables["units"].empty:
        return []
    return [Figure(one.key, one.value, one.state, one.told, one.about) for one in eight(project, released)]


def export(
    project: Project,
    table: str,
    output: Path,
    audience: str,
    *,
    internal: bool = False,
    code20: str | None = None,
    how: "Filling | None" = None,
    voice: Voice | None = None,
) -> Report:
    """
    Write one table as the file's ending says, a list for people, or the office's own form.

    Parameters
    ----------
    table
        One of the project; `roster` (a row a building, with who answers) or `unit_roster`.
    code20
        Six digits of what is managed or served, by which units get a column `code_20` too; see `codes.export20`.
    how
        The form to be filled and how; without it columns keep the names under which they can be read in again.
    voice
        Language and words of lists and forms; those of the project without it.

    Raises
    ------
    InputError
        There is no such table, it is not for this audience, or the ending is none we write.
    """
    from govmap.pipeline.filling import Filling, fill_form
    from govmap.pipeline.rosters import LISTS, export_list

    how, voice = how or Filling(), voice or project.profile.voice(project.fact("language") or LANGUAGES[0])
    if how.form is not None:
        return fill_form(project, table, output, audience, internal=internal, how=how, voice=voice)
    if how.given or (how.level and table not in LISTS):
        raise InputError("roster_only_lists", options=[*how.given, *(["--level"] if how.level else [])])
    if table in LISTS:
        return export_list(project, table, output, audience, internal=internal, level=how.level, voice=voice)
    return _export_table(project, table, output, audience, internal=internal, code20=code20)


def _export_table(
    project: Project, table: str, output: Path, audience: str, *, internal: bool, code20: str | None
) -> Report:
    from govmap.exports import tables as writers

    not_the_project(project, output)
    if table not in TABLES:
        raise InputError("export_no_table", wanted=table, known=sorted([*RELEASED, "roster", "unit_roster"]))
    released = released_for(project, audience, internal=internal)
    if table not in released.tables:
        raise InputError("export_not_for", wanted=table, audience=audience)
    frame = _in_twenty(table, released.tables[table], code20)
    notes = writers.write(table, frame, output)
    files = [output, *remember(project, released, "export", output)]
    figures = {"rows": len(frame), "suppressed": len(released.suppressed)}
    told = [note("export_done", table=titled(table), rows=len(frame))]
    return Report(figures=figures, files=files, notes=[*told, *notes])


def _in_twenty(table: str, frame: pd.DataFrame, kind: str | None) -> pd.DataFrame:
    """Add the 20 digits to units where they are wanted, before the shapes."""
    from govmap.delineate import codes

    if kind is None:
        return frame
    if table != "units":
        raise InputError("export_code20_table", wanted=table)
    made = frame.copy()
    made.insert(list(frame.columns).index("code") + 1, "code_20", codes.in_twenty(frame, kind))
    return made


def template(table: str, output: Path, *, voice: Voice) -> Report:
    """
    Write an empty list for a table, to be filled and imported.

    Raises
    ------
    InputError
        There is no empty list for this table, or the file's ending is not .xlsx.
    """
    from govmap.exports import templates
    from govmap.exports.files import write_whole

    if output.suffix.lower() != ".xlsx":
        raise InputError("template_not_xlsx", where=str(output))
    write_whole(output, templates.template(table, voice))
    told = note("template_done", table=titled(table))
    return Report(files=[output], notes=[told], next=f"govmap import PROJECT {table} {output.name}")


def check(project: Project, *, voice: Voice) -> Report:
    """Try every rule on the file and its tables."""
    tables = project.reading(*checking.NEEDED)
    found = checking.findings(tables)
    file = [note("check_file", told=told) for told in project.store.findings()]
    told = [*file, *(finding.note for finding in found)]
    figures = [{"rule": one.rule, "count": len(one.ids), "ids": list(one.ids[: checking.SHOWN_IDS])} for one in found]
    if not told:
        size = {name: len(tables[name]) for name in ("cells", "parts", "plans")}
        return Report(figures={"findings": []}, shown=[note("check_clean", rules=len(checking.RULES), **size)])
    figures += [{"rule": "file", "told": voice.tell(one)} for one in file]
    return Report(figures={"findings": figures}, shown=[note("check_faults", count=len(told)), *told], ok=False)


def info(project: Project) -> Report:
    """Say what the project holds, how old its data is and what share of the households is estimated."""
    with project.store.reading() as session:
        facts = facts_of(session.read("project"))
        counts = {name: session.count(name) for name in TABLES}
        buildings = session.read("buildings", columns=["building_id", "cell_id", "households", "households_source"])
        plans = session.read("plans")
        communities = session.read("communities", columns=["community_id", "name"])
    inside = buildings[buildings["cell_id"].notna()] if counts["cells"] else buildings
    total = int(inside["households"].fillna(0).sum())
    guessed = int(inside.loc[inside["households_source"].isin(["estimated", "spread"]), "households"].fillna(0).sum())
    share = guessed / total if total else 0.0
    shown = [
        note("info_project", name=project.path.name, crs=project.crs.name, edition=int(facts.get("edition", 0))),
        note("info_communities", names=[name or "?" for name in communities["name"]]),
        note("info_households", households=total, share=round(share * 100)),
    ]
    if facts.get("osm_newest"):
        shown.append(note("info_age", date=facts["osm_newest"][:10]))
    shown += [note("info_table", table=titled(name), rows=rows) for name, rows in counts.items() if rows]
    told, of_incidents = cases.in_short(project)
    shown += told
    shown += [_plan_line(row, facts.get("active_plan_id")) for row in plans.to_dict("records")]
    figures = {"tables": counts, "households": total, "estimated_share": round(share, 4), "plans": _plain(plans)}
    figures["incidents"] = of_incidents
    vacant, answering = duties.vacancies(project)
    shown += vacant
    figures["duties"] = answering
    return Report(figures=figures, shown=shown)


def backup(project: Project, output: Path) -> Report:
    """Copy the project by the engine's own means, whole even while others write."""
    not_the_project(project, output)
    project.store.backup(str(output))
    return Report(files=[output], notes=[note("backup_done", file=output.name)])


def not_the_project(project: Project, output: Path) -> None:
    """
    Refuse to write over the project.

    Raises
    ------
    InputError
        The file to be written is the project itself.
    """
    if output.exists() and output.samefile(project.path):
        raise InputError("backup_onto_itself", where=str(output))


def released_for(
    project: Project,
    audience: str,
    *,
    internal: bool,
    plan_id: str | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> Released:
    """
    Let through what an audience may see of the active plan, or of another; `plan_id` is empty before there is one.

    `tables` are those that the caller shows, with `plans`, `units` and `duties`; all without it.

    Raises
    ------
    InputError
        The audience is unknown, or one inside the office was asked for without `internal`.
    PlanError
        There is no plan yet.
    """
    known = get_args(Audience.__value__ if hasattr(Audience, "__value__") else Audience)
    if audience not in known:
        raise InputError("publish_no_audience", wanted=audience, known=list(known))
    if audience != "public" and not internal:
        raise InputError("publish_internal_only", audience=audience)
    plan_id = project.active_plan_id() if plan_id is None else plan_id
    tables = dict(tables or project.reading(*RELEASED))
    tables["duties"] = duties.in_force(tables["duties"], tables["units"])
    if "duplicate_of" in tables.get("resources", ()):  # what stands there twice is shown and counted once
        tables["resources"] = tables["resources"][tables["resources"]["duplicate_of"].isna()]
    if audience == "worker" and "incidents" in tables:  # who is complained about is one of them
        tables["incidents"] = routing.open_to(tables["incidents"])
    rules = project.profile.facts["publish"]
    return release(
        tables,
        audience=audience,  # type: ignore[arg-type] # checked above
        plan_id=plan_id,
        edition=project.edition,
        k=int(rules["k"]),
        previous=tables.get("publications"),
        at=now(),
        zone=str(project.profile.facts["time"]["zone"]),
        georeferenced=bool(rules.get("georeferenced", True)),
    )


def remember(project: Project, released: Released, command: str, output: Path) -> list[Path]:
    """Write down what was published, so that a later publication can be held against it; give its privacy report."""
    arguments = {"file": output.name, "audience": released.audience, "plan": released.plan_id}
    if not project.store.read_only:  # a copy on a read-only stick can be looked at; whoever publishes has their own
        rows = released.publications
        with project.change(command, arguments) as change:
            known = set(change.session.read("publications", columns=["publication_id"])["publication_id"])
            change.session.append("publications", rows[~rows["publication_id"].isin(known)])
    return report_beside(released, output)


def title_of(released: Released, project: Project) -> str:
    """Name what is divided: its communities, else the file."""
    names = [name for name in released.tables["communities"]["name"] if isinstance(name, str) and name]
    chinese = any("\u4e00" <= sign <= "\u9fff" for name in names for sign in name)
    told = ("、" if chinese else ", ").join(names[:MOST_NAMED])
    return f"{told} …" if len(names) > MOST_NAMED else told or project.path.stem


def _plan_line(row: Mapping[Any, Any], active: str | None) -> Any:
    key = "info_plan_active" if row["plan_id"] == active else "info_plan"
    return note(
        key,
        plan=row["plan_id"],
        called=note("info_plan_called", name=row["name"]) if row["name"] not in (None, row["plan_id"]) else None,
        status=note(f"agree_state_{row['status']}"),
        edition=int(row["edition"]),
    )


def _plain(plans: pd.DataFrame) -> list[dict[Any, Any]]:
    return plans[["plan_id", "name", "edition", "status"]].to_dict("records")
