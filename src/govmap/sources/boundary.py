"""Which ground is divided: a file, a name or four sides; without them the built-up outline of a small place."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from govmap import catalog
from govmap.errors import BoundaryError, InputError
from govmap.messages import Note, note
from govmap.sources import outline, rings, sides
from govmap.sources.extract import Extract, names_of
from govmap.sources.grounds import Ground, area_of, from_file, from_shapes
from govmap.sources.osm.boundaries import level
from govmap.sources.osm.elements import Ring
from govmap.sources.osm.rows import chinese_name, frame, has_han, name_of

MOST_BUILDINGS = 3000
_TOLD = 12
_PLACES = ("city", "town", "borough", "village", "suburb", "quarter", "neighbourhood", "hamlet")
_SAME_SHARE = 0.98
_FILE_ENDINGS = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml", ".fgb")


@dataclass(frozen=True)
class Resolved:
    """The communities that a project is about, and what must be said of their outline."""

    communities: gpd.GeoDataFrame
    notes: tuple[Note, ...] = ()


def resolve(extract: Extract, wanted: Any = None, *, whole: bool = False) -> Resolved:
    """
    Find the outline of the communities.

    Parameters
    ----------
    extract
        What was read.
    wanted
        A file with polygons, the name or id of a boundary or compound (several by comma), four sides, or shapes in
        degrees (a GeoDataFrame, or one shape). None: the built-up outline.
    whole
        Take the built-up outline however many buildings there are.

    Raises
    ------
    BoundaryError
        Nothing or too much has this name, sides do not meet, a ring cannot be closed, no building lies inside, or an
        extract with more than 3,000 buildings came without a boundary.
    """
    if wanted is None or (isinstance(wanted, str) and not wanted.strip()):
        grounds = [_built_up(extract, whole=whole)]
    elif isinstance(wanted, str | Path):
        grounds = _told(extract, wanted)
    else:
        grounds = from_shapes(wanted, extract.crs)
    return _communities(extract, grounds)


def candidates(extract: Extract) -> list[Note]:
    """Name the boundaries and compounds with most buildings, as a choice for the user."""
    standing = _standing(extract)
    grounds = [*_listed(extract, "boundaries", "boundary_id"), *_listed(extract, "compounds", "compound_id")]
    named = [(name, area) for _, name, area in grounds if name]
    if not named:
        return []
    tree = shapely.STRtree(shapely.point_on_surface(standing))
    held = tree.query(np.array([area for _, area in named], dtype=object), predicate="contains")[0]
    count = np.bincount(held, minlength=len(named))
    most = np.argsort(-count, kind="stable")[:_TOLD]
    return [note("fetch_candidate", name=named[one][0], buildings=int(count[one])) for one in most if count[one]]


def _built_up(extract: Extract, *, whole: bool) -> Ground:
    standing = _standing(extract)
    if not len(standing):
        raise BoundaryError("fetch_no_ground")
    if len(standing) > MOST_BUILDINGS and not whole:
        raise BoundaryError("fetch_needs_boundary", buildings=len(standing), candidates=candidates(extract))
    area = outline.built_up(standing, extract.tables["streets"])
    told = note("fetch_built_up", hectares=_hectares(area), pieces=len(shapely.get_parts(area)))
    name = _place_name(extract, area)
    return Ground("whole", name, area, name if has_han(name) else None, notes=(told,))


def _place_name(extract: Extract, area: Any) -> str | None:
    """Give the name of the largest kind of place that the map writes inside."""
    labels = extract.tables["features"]
    inside = labels[(labels["kind"] == "label").to_numpy() & shapely.intersects(area, labels.geometry.to_numpy())]
    for kind in _PLACES:
        names = sorted(inside.loc[inside["class"] == kind, "name"])
        if names:
            return names[0] if len(names) == 1 else None
    return None


def _told(extract: Extract, wanted: str | Path) -> list[Ground]:
    path = Path(wanted)
    if isinstance(wanted, Path) or _is_file(path):
        return from_file(path, extract.crs)
    text = str(wanted)
    read = sides.read(text)
    if read is not None:
        return [_from_sides(extract, read)]
    found = _named(extract, text)
    if found is None and any(mark in text for mark in ",，、;；"):
        pieces = [piece for piece in _split(text) if piece]
        return [_named(extract, piece) or _unknown(extract, piece) for piece in pieces]
    return [found or _unknown(extract, text)]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file() or path.suffix.lower() in _FILE_ENDINGS
    except OSError:  # a text too long or too odd to be a path
        return False


def _split(text: str) -> list[str]:
    for mark in "，、;；":
        text = text.replace(mark, ",")
    return [piece.strip() for piece in text.split(",")]


def _from_sides(extract: Extract, read: dict[str, str]) -> Ground:
    closing = catalog.layer("boundaries")["closing"]
    found = sides.face(extract, read, gap_m=closing["gap_m"])
    names = "–".join(found.names[side] for side in "NESW" if side in found.names)
    told = [note("fetch_sides_face", sides=names, hectares=_hectares(found.area))]
    if found.gaps_m:
        told.append(note("fetch_gaps_closed", count=len(found.gaps_m), widest=max(found.gaps_m)))
    return Ground("sides", names, found.area, names if has_han(names) else None, notes=tuple(told))


def _named(extract: Extract, text: str) -> Ground | None:
    """Find one boundary, compound or open ring by name or id; None where nothing has it."""
    for table, key in (("boundaries", "boundary_id"), ("compounds", "compound_id")):
        found = _rows_named(extract, table, key, text)
        found = [one for one in found if one.administrative] or found
        if found:
            return _one_of(found, text, "fetch_taken_compound" if table == "compounds" else None)
    open_ = [ring for ring in extract.unclosed if _is_called(text, ring.boundary_id, names_of(ring.tags))]
    open_ = [ring for ring in open_ if level(ring.tags) is not None] or open_
    if len(open_) > 1:
        choice = [note("fetch_ring_choice", id=ring.boundary_id, level=level(ring.tags)) for ring in open_]
        raise BoundaryError("fetch_ambiguous", name=text, ids=choice)
    return _from_ring(extract, open_[0]) if open_ else None


def _rows_named(extract: Extract, table: str, key: str, text: str) -> list[Ground]:
    rows = extract.tables[table]
    levels = rows["admin_level"].notna() if "admin_level" in rows else [False] * len(rows)
    return [
        Ground(id_, name, shape, name_zh, administrative=bool(leveled))
        for id_, name, name_zh, shape, leveled in zip(
            rows[key], rows["name"], rows["name_zh"], rows.geometry, levels, strict=True
        )
        if _is_called(text, id_, (name, name_zh, *extract.other_names.get((table, id_), ())))
    ]


def _is_called(text: str, id_: str, names: Iterable[str | None]) -> bool:
    wanted = sides.folded(text)
    return wanted == id_ or any(sides.folded(name) == wanted for name in names if name)


def _one_of(found: list[Ground], text: str, told: str | None) -> Ground:
    """Give the one that is meant; the same ground twice is one."""
    first = found[0]
    different = [one for one in found[1:] if not _same_ground(first.area, one.area)]
    if different:
        choice = [note("fetch_choice", id=one.id, hectares=_hectares(one.area)) for one in (first, *different)]
        raise BoundaryError("fetch_ambiguous", name=text, ids=choice)
    notes = (note(told, name=first.name, hectares=_hectares(first.area)),) if told else ()
    return Ground(first.id, first.name, first.area, first.name_zh, notes=notes)


def _same_ground(one: Any, other: Any) -> bool:
    common = shapely.area(shapely.intersection(one, other))
    return bool(common > _SAME_SHARE * max(shapely.area(one), shapely.area(other)))


def _from_ring(extract: Extract, ring: Ring) -> Ground:
    """Close a ring that the data leaves open, or say by how much it is open."""
    closing = catalog.layer("boundaries")["closing"]
    closed = rings.close(ring.lines, window(extract), gap_m=closing["gap_m"])
    name = name_of(ring.tags)
    if closed.area is None or closed.known_share < closing["part_known"]:
        raise BoundaryError(
            "fetch_ring_open", name=name, ways=ring.ways, missing=ring.missing, apart=round(closed.widest_m)
        )
    told = []
    if closed.gaps_m:
        told.append(note("fetch_ring_gaps", name=name, count=len(closed.gaps_m), widest=max(closed.gaps_m)))
    if closed.along_edge_m:
        told.append(note("fetch_ring_edge", name=name, metres=round(closed.along_edge_m)))
    return Ground(ring.boundary_id, name, closed.area, chinese_name(ring.tags), notes=tuple(told))


def window(extract: Extract) -> Any:
    """Give the ground that the data covers: the box of the file, else that of the buildings and streets."""
    if extract.box is None:
        shapes = [*extract.tables["buildings"].geometry, *extract.tables["streets"].geometry]
        return shapely.box(*shapely.total_bounds(shapes))
    move = Transformer.from_crs("EPSG:4326", extract.crs, always_xy=True).transform
    box = shapely.segmentize(shapely.box(*extract.box), 0.01)
    return shapely.transform(box, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))


def _unknown(extract: Extract, text: str) -> Any:
    """Say that nothing has this name, and what comes near."""
    names = {name for _, name, _ in _listed(extract, "boundaries", "boundary_id") if name}
    names |= {name for _, name, _ in _listed(extract, "compounds", "compound_id") if name}
    names |= {name for ring in extract.unclosed if (name := name_of(ring.tags))}
    near = [name for name in sorted(names) if text in name or name in text]
    near += get_close_matches(text, sorted(names), n=_TOLD, cutoff=0.3)
    if near:
        raise BoundaryError("fetch_unknown_boundary", name=text, candidates=list(dict.fromkeys(near))[:_TOLD])
    raise BoundaryError("fetch_unknown_boundary_among", name=text, candidates=candidates(extract))


def _listed(extract: Extract, table: str, key: str) -> list[tuple[str, str | None, Any]]:
    rows = extract.tables[table]
    return list(zip(rows[key], rows["name"], rows.geometry, strict=True))


def _standing(extract: Extract) -> np.ndarray:
    buildings = extract.tables["buildings"]
    return np.asarray(buildings.geometry.to_numpy()[(buildings["status"] == "standing").to_numpy()])


def _communities(extract: Extract, grounds: list[Ground]) -> Resolved:
    areas = np.array([area_of(one.area) for one in grounds], dtype=object)
    _refuse_empty(extract, areas)
    columns = {
        "community_id": [one.id for one in grounds],
        "name": [one.name for one in grounds],
        "name_zh": [one.name_zh for one in grounds],
        "code": [one.code for one in grounds],
    }
    notes = [told for one in grounds for told in one.notes]
    return Resolved(frame("communities", columns, areas, extract.crs), (*notes, *_doubts(extract, areas)))


def _refuse_empty(extract: Extract, areas: np.ndarray) -> None:
    """Refuse a boundary that lies beside the data: most often its datum or order of axes is wrong."""
    standing = _standing(extract)
    ground = shapely.union_all(areas)
    if len(standing) and not shapely.intersects(standing, ground).any():
        nearest = float(shapely.distance(shapely.union_all(shapely.point_on_surface(standing)), ground))
        raise BoundaryError("fetch_boundary_elsewhere", kilometres=round(nearest / 1000, 1))
    if not len(standing) and not len(extract.tables["streets"]):
        raise InputError("fetch_nothing_here")


def _doubts(extract: Extract, areas: np.ndarray) -> list[Note]:
    """Say where communities overlap and how much of them the data does not cover."""
    ground = shapely.union_all(areas)
    over = float(shapely.area(areas).sum() - shapely.area(ground))
    covered = shapely.union(window(extract), shapely.box(*extract.tables["buildings"].total_bounds))
    beyond = float(shapely.area(shapely.difference(ground, shapely.buffer(covered, 100.0))) / shapely.area(ground))
    return [
        *([note("fetch_overlap", hectares=round(over / 10_000, 2))] if over > 1.0 else []),
        *([note("fetch_beyond_data", share=round(100 * beyond))] if beyond > 0.005 else []),  # noqa: PLR2004 -- rounding
    ]


def _hectares(area: Any) -> float:
    return round(float(shapely.area(area)) / 10_000, 1)


__all__ = ["MOST_BUILDINGS", "Resolved", "candidates", "resolve", "window"]
