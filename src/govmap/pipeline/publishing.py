"""What goes with a publication: its privacy report beside it, and taking in what another copy published."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from govmap.errors import InputError
from govmap.messages import LANGUAGES, Note, Voice, note
from govmap.pipeline.report import Report
from govmap.project import Project, open_project
from govmap.publish import Released
from govmap.schema import TABLES

ENDING = ".privacy_report.json"
CODED, CODE_BYTES = "#", 12
MAP_NUMBER = "map_number"
M2_A_KM2 = 1e6


def report_beside(released: Released, output: Path) -> list[Path]:
    """
    Write the privacy report of a publication: what passed, what was withheld and why, and every published number.

    It stays in the office, and says so: why a number is withheld tells of the people behind it. Should it get out after
    all, areas are told by codes of their parts and not by keys that could be looked up. Another copy of the project
    takes it in by `seen`. Inside the office nothing is withheld, so that there is none.
    """
    from govmap.exports.files import write_whole

    if released.internal:
        return []
    rows = released.publications[["statistic", "area", "value"]].to_dict("records")
    published = [{**row, "area": _coded(row["area"]), "value": _plain(row["value"])} for row in rows]
    inside = [Voice(language).say("publish_report_inside") for language in LANGUAGES]
    told = {"keep_inside": inside, **released.privacy_report, "published": published}
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
    ours = project.read("publications")
    theirs = _of_project(file) if file.suffix.lower() == ".gpkg" else _of_report(file, _known(project, ours))
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


def _coded(area: str) -> str:
    """Tell an area by codes of its parts."""
    return " ".join(sorted(CODED + _code(part) for part in area.split(" ")))


def _code(part: str) -> str:
    return hashlib.blake2b(part.encode("utf-8", "surrogatepass"), digest_size=CODE_BYTES).hexdigest()


def _known(project: Project, ours: pd.DataFrame) -> dict[str, str]:
    """Give the parts and units of this copy, now and of what it published, by their codes."""
    every = set(project.read("parts")["part_id"]) | set(project.read("units")["unit_id"])
    every |= {part for area in ours["area"] for part in area.split(" ")}
    return {CODED + _code(part): part for part in sorted(every) if not part.startswith(CODED)}


def _decoded(area: str, known: Mapping[str, str]) -> str:
    """Tell an area by its parts again; what this copy does not know stays a code, the same in every report."""
    return " ".join(sorted(known.get(one, one) for one in area.split(" ")))


def _of_report(file: Path, known: Mapping[str, str]) -> pd.DataFrame:
    try:
        told = json.loads(file.read_text("utf-8"))
        rows = pd.DataFrame(told["published"], columns=["statistic", "area", "value"])
        facts = {name: told[name] for name in ("at", "audience", "plan_id", "edition")}
        rows["area"] = [_decoded(area, known) for area in rows["area"]]
        rows["value"] = [json.dumps({name: one[name] for name in ("value", "low", "high")}) for one in rows["value"]]
    except OSError as error:
        raise InputError("publish_seen_missing", where=str(file)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("publish_seen_unreadable", where=str(file)) from error
    name = "p" + str(pd.util.hash_pandas_object(rows, index=False).sum())
    made = rows.assign(publication_id=name, **facts)
    return made.assign(at=pd.to_datetime(made["at"], utc=True))[TABLES["publications"].names]


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
