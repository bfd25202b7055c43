"""Base data into a project: OSM fetched, merged with what was edited by hand, households estimated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap import households as dwelling
from govmap.config import Config
from govmap.errors import InputError
from govmap.messages import Note, note
from govmap.pipeline.counting import counted, estimated
from govmap.pipeline.report import Progress, Report, quiet, titled
from govmap.project import Change, Project, new_project, now, open_project

if TYPE_CHECKING:
    from pyproj import CRS

    from govmap.sources.boundary import Resolved
    from govmap.sources.extract import Extract

FETCHED = (
    "buildings", "addresses", "entrances", "compounds", "barriers", "streets", "features", "resources", "boundaries",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where base data come from, in the words of a face."""

    osm: Path | None = None
    place: str | None = None
    bbox: str | None = None
    boundary: str | None = None
    whole: bool = False
    crs: str | None = None

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """
        The box in degrees: west, south, east, north.

        Raises
        ------
        InputError
            These are not four numbers.
        """
        if self.bbox is None:
            return None
        try:
            west, south, east, north = (float(word) for word in self.bbox.replace("，", ",").split(","))
        except ValueError:
            raise InputError("fetch_bad_bbox", given=self.bbox) from None
        return west, south, east, north

    def as_said(self) -> dict[str, Any]:
        """Give what was asked, for the audit; a file by its name alone."""
        said = asdict(self)
        return said | {"osm": self.osm.name if self.osm else None}


def fetch(
    path: Path,
    source: Source,
    *,
    households: int | None = None,
    profile: str | None = None,
    config: Config,
    progress: Progress = quiet,
) -> Report:
    """
    Read OSM into a project, which is made where it is missing.

    Raises
    ------
    InputError
        No source, a file that is no extract, a boundary that names nothing, a whole city without a boundary.
    """
    if source.osm is None and source.place is None and source.bbox is None:
        raise InputError("fetch_no_source")
    known = _known(path)
    extract, wanted = _read(source, known, config, progress)
    resolved = _communities(extract, wanted, source, known)
    tables = _around(extract, resolved, progress)
    language = profile or ("cn" if config.language == "zh" else "generic")
    with _opened_or_new(path, extract.crs, language) as project:
        asked = source.as_said() | {"households": households}
        with project.change("fetch", asked) as change:
            told, figures = _store(change, tables, resolved, households)
            change.set("osm_newest", extract.newest.isoformat() if extract.newest else "")
            if known is None:
                change.set("language", config.language)
    return _report(path, extract, resolved, told, figures)


def _known(path: Path) -> dict[str, Any] | None:
    """Give CRS and communities of a project that stands already."""
    if not path.exists():
        return None
    with open_project(path) as project:
        return {"crs": project.crs, "communities": project.read("communities")}


def _read(source: Source, known: dict[str, Any] | None, config: Config, progress: Progress) -> tuple["Extract", Any]:
    from pyproj import CRS

    crs = known["crs"] if known else (CRS.from_user_input(source.crs) if source.crs else None)
    if source.osm is not None:
        from govmap.sources import extract

        read = extract.read(source.osm, bbox=source.box, crs=crs, progress=progress)
        return read, source.boundary
    from govmap.sources import overpass

    place = overpass.read(source.place, bbox=source.box, cache=config.cache, crs=crs, progress=progress)
    return place.extract, source.boundary or place.boundary


def _communities(extract: "Extract", wanted: Any, source: Source, known: dict[str, Any] | None) -> "Resolved":
    from govmap.sources import boundary

    if known is not None and wanted is None and not source.whole and len(known["communities"]):
        return boundary.Resolved(known["communities"], (note("fetch_same_boundary"),))
    return boundary.resolve(extract, wanted, whole=source.whole)


def _around(extract: "Extract", resolved: "Resolved", progress: Progress) -> dict[str, pd.DataFrame]:
    from govmap.sources import surroundings

    progress("progress_around", 0.0)
    tables = surroundings.around({name: extract.tables[name] for name in FETCHED}, resolved.communities)
    progress("progress_around", 1.0)
    return tables


@contextmanager
def _opened_or_new(path: Path, crs: "CRS", profile: str) -> Iterator[Project]:
    if path.exists():
        with open_project(path) as project:
            yield project
    else:
        with new_project(path, crs, profile_name=profile) as project:
            yield project


def _store(
    change: Change, tables: dict[str, pd.DataFrame], resolved: "Resolved", households: int | None
) -> tuple[list[Note], dict[str, Any]]:
    """Merge with what is there and write; estimates of households come last, on the merged buildings."""
    from govmap.sources import refetch
    from govmap.sources.surroundings import community_of

    session = change.session
    first = session.count("buildings") == 0
    old = {name: session.read(name) for name in FETCHED}
    merged, changes = (tables, None) if first else refetch.merge(old, tables)
    homes = merged["buildings"]["geometry"].to_numpy()
    communities = resolved.communities
    merged["buildings"] = merged["buildings"].assign(community_id=community_of(homes, communities).to_numpy())
    total = households if households is not None else _number(change.get("households_total"))
    merged["buildings"], _, counts = counted(change, estimated(merged["buildings"], total))
    if households is not None:
        change.set("households_total", str(households))
    session.replace("communities", communities)
    for name in FETCHED:
        session.replace(name, merged[name])
    change.base_changed()
    figures = dwelling.figures(merged["buildings"])
    told = [*([] if changes is None else changes.notes), *dwelling.doubts(merged["buildings"], total), *counts]
    return told, figures | ({} if changes is None else {"changed": changes.figures})


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _report(path: Path, extract: "Extract", resolved: "Resolved", told: list[Note], figures: dict[str, Any]) -> Report:
    counts = extract.counts.items()
    tables = [note("fetch_table", table=titled(name), read=count["read"], kept=count["kept"]) for name, count in counts]
    dropped = [
        note("fetch_dropped", table=titled(name), reason=note(f"fetch_reason_{reason}"), count=n)
        for name, count in counts
        for reason, n in count["dropped"].items()
    ]
    report = Report(figures={"tables": extract.counts, **figures}, next=f"govmap delineate {path.name} --size 300-500")
    report.notes = [*tables, *dropped, *extract.notes, *resolved.notes, *told]
    report.notes.append(note("fetch_households", households=figures["households"], share=figures["estimated_share"]))
    if extract.newest is not None:
        days = (now() - extract.newest).days
        report.figures["newest"] = extract.newest.date().isoformat()
        age = note("fetch_age", date=extract.newest.date().isoformat(), years=round(days / 365.25, 1))
        (report.warnings if days > 730 else report.notes).append(age)  # noqa: PLR2004 - two years: buildings have changed
    report.files = [path]
    return report
