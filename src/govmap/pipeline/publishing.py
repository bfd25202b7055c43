"""What goes with a publication: its privacy report beside it, and taking in what another copy published."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from govmap.errors import InputError
from govmap.messages import Note, note
from govmap.pipeline.report import Report
from govmap.project import Project, open_project
from govmap.publish import Released
from govmap.schema import TABLES

ENDING = ".privacy_report.json"
MAP_NUMBER = "map_number"
M2_A_KM2 = 1e6


def report_beside(released: Released, output: Path) -> list[Path]:
    """
    Write the privacy report of a publication: what passed, what was withheld and why, and every published number.

    It stays in the office: why a number is withheld tells of the people behind it. Another copy of the project takes it
    in by `seen`. Inside the office nothing is withheld, so that there is none.
    """
    from govmap.exports.files import write_whole

    if released.internal:
        return []
    rows = released.publications[["statistic", "area", "value"]].to_dict("records")
    told = {**released.privacy_report, "published": [{**row, "value": _plain(row["value"])} for row in rows]}
    path = output.with_name(output.stem + ENDING)
    write_whole(path, json.dumps(told, ensure_ascii=False, indent=1, default=str).encode("utf-8"))
    return [path]


def map_numbered(project: Project, text: str) -> Report:
    """Remember the number under which a bureau has approved the map; an empty one takes it away."""
    told = text.strip()
    with project.change("publish", {"map_number": told}) as change:
        if told:
            change.set(MAP_NUMBER, told)
        else:
            change.unset(MAP_NUMBER)
    key = "publish_map_number" if told else "publish_map_number_gone"
    return Report(figures={"map_number": told or None}, notes=[note(key, number=told)])


def review_notes(project: Project, released: Released) -> list[Note]:
    """Say where a public map covers so much ground that, by the profile, the bureau should be asked first."""
    rules = project.profile.facts["publish"]
    if released.internal or not rules.get("map_review") or "communities" not in released.tables:
        return []
    communities = released.tables["communities"]
    km2 = float(communities.geometry.area.sum()) / M2_A_KM2 if "geometry" in communities else 0.0
    limit = float(rules["notice_km2"])
    return [note("publish_ask_bureau", km2=round(km2, 1), limit=f"{limit:g}")] if km2 > limit else []


def seen(project: Project, file: Path) -> Report:
    """
    Take in what another copy of the project published, so that nothing published here gives away more with it.

    Parameters
    ----------
    file
        The other copy, or the privacy report that lay beside its publication.

    Raises
    ------
    InputError
        The file is neither, or cannot be read.
    """
    theirs = _of_project(file) if file.suffix.lower() == ".gpkg" else _of_report(file)
    ours = project.read("publications")
    key = list(TABLES["publications"].key)
    known = set(map(tuple, ours[key].to_numpy().tolist()))
    fresh = [tuple(row) not in known for row in theirs[key].to_numpy().tolist()]
    theirs = theirs[pd.Series(fresh, index=theirs.index, dtype=bool)].reset_index(drop=True)
    with project.change("publish", {"seen": file.name}) as change:
        change.session.append("publications", theirs)
    figures = {"numbers": len(theirs), "known": len(fresh) - len(theirs)}
    return Report(figures=figures, notes=[note("publish_seen", file=file.name, **figures)])


def _of_project(file: Path) -> pd.DataFrame:
    with open_project(file) as other:
        return other.read("publications")


def _of_report(file: Path) -> pd.DataFrame:
    try:
        told = json.loads(file.read_text("utf-8"))
        rows = pd.DataFrame(told["published"], columns=["statistic", "area", "value"])
        facts = {name: told[name] for name in ("at", "audience", "plan_id", "edition")}
        rows["value"] = [json.dumps({name: one[name] for name in ("value", "low", "high")}) for one in rows["value"]]
    except OSError as error:
        raise InputError("publish_seen_missing", where=str(file)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("publish_seen_unreadable", where=str(file)) from error
    name = "p" + str(pd.util.hash_pandas_object(rows, index=False).sum())
    made = rows.assign(publication_id=name, **facts)
    return made.assign(at=pd.to_datetime(made["at"], utc=True))[TABLES["publications"].names]


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
