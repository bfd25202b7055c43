"""Reads an OSM extract into tidy tables in metres; says what was read, kept and dropped, and how old the data is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from govmap import crs as systems
from govmap.errors import InputError
from govmap.messages import Note, note
from govmap.sources import osm
from govmap.sources.osm import dateline
from govmap.sources.osm.elements import Box, Elements, Ring, Things
from govmap.sources.osm.keys import keys
from govmap.sources.scan import Progress, scan

_PLACE_DEGREES = 0.25
_PLACES_TOLD = 8


@dataclass(frozen=True, kw_only=True)
class Extract:
    """
    Everything of one extract, in the project's metric system.

    `unclosed` holds boundaries whose ring is incomplete in the data; `other_names` every further name (English, old,
    short) of a row: (table, id) -> names. `box` is what the file says it covers, in degrees.
    """

    tables: dict[str, gpd.GeoDataFrame]
    crs: CRS
    counts: dict[str, dict[str, Any]]
    newest: datetime | None = None
    notes: list[Note] = field(default_factory=list)
    unclosed: list[Ring] = field(default_factory=list)
    other_names: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    box: Box | None = None


def read(
    path: str | Path, *, bbox: Box | None = None, crs: CRS | str | None = None, progress: Progress | None = None
) -> Extract:
    """
    Read an OSM extract: .osm.pbf, .osm, .osm.gz or .osm.bz2.

    Parameters
    ----------
    path
        The file; what it is its first bytes tell, not its ending.
    bbox
        West, south, east, north in degrees: what touches it is kept. Over the 180th meridian west is above east.
    crs
        A projected system in metres; without it the UTM zone of the buildings' middle.
    progress
        Told what is done and how much of it, 0 to 1.

    Raises
    ------
    InputError
        Where the file cannot be read, is cut short, holds no buildings or streets, or covers places too far apart.
    """
    file = Path(path)
    _check_box(bbox)
    elements = scan(file, keys(), box=bbox, progress=progress)
    try:
        if progress:
            progress("progress_tables", 0.0)
        made = from_elements(elements, bbox=bbox, crs=crs)
        if progress:
            progress("progress_tables", 1.0)
    except InputError as fault:
        fault.where = fault.where or str(file)
        raise
    return made


def from_elements(elements: Elements, *, bbox: Box | None = None, crs: CRS | str | None = None) -> Extract:
    """Make an extract of elements in degrees, wherever they come from."""
    if dateline.crosses(bbox) if bbox else dateline.lies_across(_edges(elements)[:, ::2]):
        elements = dateline.laid_together(elements)
        bbox = dateline.unrolled(bbox) if bbox else None
    system = _metric(crs) if crs is not None else _system_of(elements, bbox)
    moved, repaired = _valid(elements.to(system))
    tables, counts = osm.tidy(moved, system)
    return Extract(
        tables=tables,
        crs=system,
        counts=counts,
        newest=_known_age(elements.newest),
        notes=_notes(moved, tables, repaired),
        unclosed=[ring for ring in moved.rings if len(ring.lines)],
        other_names=_other_names(moved, tables),
        box=bbox or elements.box,
    )


def _check_box(box: Box | None) -> None:
    if box is None:
        return
    west, south, east, north = box
    if not ((west < east or dateline.crosses(box)) and south < north and (np.abs(box) <= (180, 90, 180, 90)).all()):
        raise InputError("fetch_bad_bbox", given=",".join(f"{side:g}" for side in box))


def _metric(crs: CRS | str) -> CRS:
    try:
        system = CRS.from_user_input(crs)
    except CRSError as fault:
        raise InputError("fetch_crs_unknown", crs=str(crs)) from fault
    if not system.is_projected or system.axis_info[0].unit_conversion_factor != 1.0:
        raise InputError("fetch_crs_not_metric", crs=system.name)
    return system


def _system_of(elements: Elements, bbox: Box | None) -> CRS:
    """Give the UTM zone of the middle of what matters; refuse places far from each other."""
    if bbox is not None:
        return systems.local_metric(*bbox)
    corners = _corners(elements)
    if not len(corners):
        raise InputError("fetch_nothing_here")
    west, south = corners.min(axis=0)
    east, north = corners.max(axis=0)
    if max(east - west, north - south) > systems.WIDEST_PROJECT_DEGREES:
        raise InputError("fetch_places_far_apart", places=_places(corners))
    return systems.local_metric(west, south, east, north)


def _corners(elements: Elements) -> np.ndarray:
    """Give one point a building, or a street where there are no buildings."""
    boxes = _edges(elements)
    return np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2)


def _edges(elements: Elements) -> np.ndarray:
    """Give west, south, east and north of each building, or of each street where there are no buildings."""
    built = np.array(["building" in tags for tags in elements.areas.tags], dtype=bool)
    shapes = elements.areas.shapes[built]
    if not len(shapes):
        shapes = elements.lines.shapes[np.array(["highway" in tags for tags in elements.lines.tags], dtype=bool)]
    return np.asarray(shapely.bounds(shapes))


def _places(corners: np.ndarray) -> list[str]:
    """Name the far apart places by a box each, the one with most buildings first."""
    grid = np.floor(corners / _PLACE_DEGREES).astype(int)
    tiles, tile, count = np.unique(grid, axis=0, return_inverse=True, return_counts=True)
    near = shapely.union_all(shapely.box(tiles[:, 0] - 0.1, tiles[:, 1] - 0.1, tiles[:, 0] + 1.1, tiles[:, 1] + 1.1))
    groups = shapely.STRtree(shapely.get_parts(near)).query(shapely.points(tiles + 0.5), predicate="within")[1]
    told = [_box_text(corners[groups[tile.ravel()] == group]) for group in np.unique(groups)]
    most = np.argsort(-np.bincount(groups, weights=count), kind="stable")
    return [told[group] for group in most[:_PLACES_TOLD]]


def _box_text(corners: np.ndarray) -> str:
    west, south = np.floor(corners.min(axis=0) * 1000) / 1000
    east, north = np.ceil(corners.max(axis=0) * 1000) / 1000
    return f"{west:g},{south:g},{east:g},{north:g} ({len(corners):,})"


def _valid(elements: Elements) -> tuple[Elements, int]:
    """Repair the areas that the move to metres has bent."""
    shapes = elements.areas.shapes
    bent = np.flatnonzero(~shapely.is_valid(shapes)) if len(shapes) else np.empty(0, dtype=int)
    if not len(bent):
        return elements, elements.repaired
    mended = shapes.copy()
    for number in bent:
        parts = shapely.get_parts(shapely.make_valid(shapes[number]))
        mended[number] = shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])  # noqa: PLR2004 -- polygons
    areas = Things(elements.areas.ids, elements.areas.tags, mended)
    return replace(elements, areas=areas), elements.repaired + len(bent)


def _known_age(newest: datetime | None) -> datetime | None:
    """Files without history carry the first second of 1970."""
    return newest if newest is not None and newest.year > 1970 else None  # noqa: PLR2004 -- the first year of the clock


def _notes(elements: Elements, tables: osm.Tables, repaired: int) -> list[Note]:
    notes = [
        note("fetch_no_buildings") if not len(tables["buildings"]) else None,
        note("fetch_cut_lines", count=elements.cut) if elements.cut else None,
        note("fetch_sorted") if elements.reordered else None,
        note("fetch_no_relations") if elements.no_relations else None,
        note("fetch_repaired", count=repaired) if repaired else None,
        _open_rings_note(elements.rings),
        note("fetch_outside_box", count=left_out) if (left_out := sum(elements.outside.values())) else None,
        _levels_note(tables["buildings"]),
    ]
    return [one for one in notes if one]


def _open_rings_note(rings: list[Ring]) -> Note | None:
    """Name the boundaries that nearly are there; of a state only a corner is in any extract."""
    names = sorted({osm.name_of(ring.tags) or ring.boundary_id for ring in rings if 2 * ring.missing <= ring.ways})
    if not names:
        return None
    return note("fetch_open_rings", names=[*names[:_PLACES_TOLD], *(["…"] if len(names) > _PLACES_TOLD else [])])


def _levels_note(buildings: gpd.GeoDataFrame) -> Note | None:
    known = int((buildings["levels"].notna() | buildings["height_m"].notna()).sum())
    share = round(100 * known / len(buildings)) if len(buildings) else 100
    return note("fetch_few_levels", share=share) if share < 50 else None  # noqa: PLR2004 -- per cent


_NAME_KEYS = (
    "name", "name:zh", "name:zh-Hans", "name:zh-Hant", "name:en", "alt_name", "old_name", "short_name", "official_name",
    "loc_name", "int_name", "ref",
)  # fmt: skip


def _other_names(elements: Elements, tables: osm.Tables) -> dict[tuple[str, str], tuple[str, ...]]:
    """Collect every name of boundaries, compounds and lines, so that any of them finds the thing."""
    wanted = {
        "boundaries": set(tables["boundaries"]["boundary_id"]),
        "compounds": set(tables["compounds"]["compound_id"]),
    }
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for id_, tags in zip(elements.areas.ids, elements.areas.tags, strict=True):
        for table, ids in wanted.items():
            if id_ in ids:
                found[table, id_] = names_of(tags)
    for id_, tags in zip(elements.lines.ids, elements.lines.tags, strict=True):
        names = names_of(tags)
        if names:
            found["lines", id_] = names
    return found


def names_of(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Give every name that tags hold, `;` lists taken apart."""
    names = [name.strip() for key in _NAME_KEYS for name in tags.get(key, "").split(";")]
    return tuple(dict.fromkeys(name for name in names if name))
