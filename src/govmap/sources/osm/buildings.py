"""Buildings: outlines with what is known of their use, levels and dwellings; parts are melted into their outline."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from govmap import catalog
from govmap.sources.osm import numbers
from govmap.sources.osm.elements import Elements, Tags, Things
from govmap.sources.osm.rows import Tally, frame, name_of, picked, smallest_holder
from govmap.sources.osm.rules import Rules

_VAGUE = frozenset({"yes", "y", "true", "1", "building", "other", "unknown", "part"})
_LEVEL_KEYS = ("building:levels", "levels")
_HEIGHT_KEYS = ("height", "building:height", "est_height")
_FLAT_KEYS = ("building:flats", "building:dwellings", "dwellings")
_LEAST_M2 = 0.5


@dataclass(frozen=True)
class _Outlines:
    """Outlines and what their tags say, row by row."""

    things: Things
    status: list[str]
    use: list[str | None]
    levels: np.ndarray
    height_m: np.ndarray
    floor_area_m2: np.ndarray


def buildings(elements: Elements, crs: CRS) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give a row for every building outline.

    `status` is standing, construction, proposed or demolished. `use` is a name of `layers/buildings.toml`, or None
    where neither tags nor the land use below say anything. A part inside an outline lends it its levels and height and
    is no row; where parts are known `floor_area_m2` is the sum over them. A part without outline is a building.
    """
    tally = Tally()
    _count_failed(elements, tally)
    whole, parts = _chosen(elements.areas, tally)
    outlines, lone = _with_parts(whole, parts, tally)
    known = _joined(outlines, _read(lone))
    tally.kept = len(known.things)
    return _rows(_with_land_use(known, elements.areas), crs), tally


def _count_failed(elements: Elements, tally: Tally) -> None:
    for failed in elements.failed:
        if _is_building(failed.tags):
            tally.read += 1
            tally.drop(failed.reason)
    points = sum(_says_building(tags) for tags in elements.points.tags if tags.get("building") != "entrance")
    tally.read += points
    tally.drop("no_outline", points)


def _is_building(tags: Tags) -> bool:
    return "building" in tags or "building:part" in tags or _past_or_future(tags) is not None


def _says_building(tags: Tags) -> bool:
    return tags.get("building", "no") != "no"


@cache
def _prefixes() -> Mapping[str, str]:
    status: Mapping[str, list[str]] = catalog.layer("buildings")["status"]
    return {prefix: name for name, prefixes in status.items() for prefix in prefixes}


def _past_or_future(tags: Tags) -> str | None:
    """Give the status that a prefix of the key, or the value, tells."""
    value = tags.get("building")
    if value is not None and value in _prefixes():
        return _prefixes()[value]
    if value is None or value == "no":
        return next((name for prefix, name in _prefixes().items() if f"{prefix}:building" in tags), None)
    return None


def _chosen(areas: Things, tally: Tally) -> tuple[Things, Things]:
    """Give outlines and parts, without what is none, has no size or comes twice."""
    whole = np.array([_says_building(tags) or _past_or_future(tags) is not None for tags in areas.tags], dtype=bool)
    part = np.array([tags.get("building:part", "no") != "no" for tags in areas.tags], dtype=bool) & ~whole
    denied = np.array([tags.get("building") == "no" for tags in areas.tags], dtype=bool) & ~whole & ~part
    tally.read += int((whole | part | denied).sum())
    tally.drop("not_a_building", denied.sum())
    tiny = (whole | part) & (shapely.area(areas.shapes) < _LEAST_M2)
    tally.drop("no_area", tiny.sum())
    return areas.take(whole & ~tiny), areas.take(part & ~tiny)


def _read(things: Things) -> _Outlines:
    """Read the tags of outlines."""
    return _Outlines(
        things,
        [_past_or_future(tags) or "standing" for tags in things.tags],
        [_use(tags) for tags in things.tags],
        _column(numbers.levels(_first(tags, _LEVEL_KEYS)) for tags in things.tags),
        _column(numbers.metres(_first(tags, _HEIGHT_KEYS)) for tags in things.tags),
        np.full(len(things), np.nan),
    )


def _column(values: Any) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _first(tags: Tags, keys: tuple[str, ...]) -> str | None:
    return next((tags[key] for key in keys if key in tags), None)


@cache
def _use_rules() -> tuple[Rules, Rules, Rules]:
    uses = catalog.layer("buildings")["uses"]
    plain, further, under = (
        Rules(((use["name"], use.get(column, ())) for use in uses), in_order=True)
        for column in ("osm", "also", "under")
    )
    return plain, further, under


def _use(tags: Tags) -> str | None:
    """Give the use that the building's own tags tell."""
    plain, further, _ = _use_rules()
    said = tags.get("building") or tags.get("building:part") or "yes"
    use = plain.match(tags) or (plain.match({"building": said}) if said not in _VAGUE else None)
    return use or further.match(tags) or _use_by_name(tags)


@cache
def _names() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((use, re.compile(pattern)) for use, pattern in catalog.layer("buildings")["names"].items())


def _use_by_name(tags: Tags) -> str | None:
    name = name_of(tags)
    return next((use for use, pattern in _names() if pattern.search(name)), None) if name else None


def _with_parts(whole: Things, parts: Things, tally: Tally) -> tuple[_Outlines, Things]:
    """Melt parts into the outline that holds them; give the parts that no outline holds."""
    outlines = _read(whole)
    inside = smallest_holder(shapely.point_on_surface(parts.shapes), whole.shapes)
    held = inside >= 0
    tally.drop("part_of_building", held.sum())
    if not held.any():
        return outlines, parts
    levels = _column(numbers.levels(_first(tags, _LEVEL_KEYS)) for tags in parts.tags)
    height = _column(numbers.metres(_first(tags, _HEIGHT_KEYS)) for tags in parts.tags)
    lifted = replace(
        outlines,
        levels=_lifted(outlines.levels, levels, inside),
        height_m=_lifted(outlines.height_m, height, inside),
    )
    floor_area = _floor_area(outlines, lifted, parts, (levels, inside))
    return replace(lifted, floor_area_m2=floor_area), parts.take(~held)


def _lifted(own: np.ndarray, of_parts: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Give the greatest of an outline's own number and those of its parts."""
    most = np.nan_to_num(own, nan=-1.0)
    known = (inside >= 0) & ~np.isnan(of_parts)
    np.maximum.at(most, inside[known], of_parts[known])
    return np.where(most < 0, np.nan, most)


def _floor_area(
    own: _Outlines, lifted: _Outlines, parts: Things, of_parts: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Sum area times levels over the parts of an outline; ground under no part counts with the outline's own levels."""
    levels, inside = of_parts
    known = (inside >= 0) & ~np.isnan(levels)
    lowest = _column(numbers.levels(tags.get("building:min_level")) for tags in parts.tags)
    storeys = np.maximum(levels - np.nan_to_num(lowest), 1.0)
    size = shapely.area(parts.shapes)
    floors = {"at": inside[known], "size": size[known], "floor": (size * storeys)[known], "least": levels[known]}
    rows = pd.DataFrame(floors)
    sums = rows.groupby("at").agg({"size": "sum", "floor": "sum", "least": "min"})
    area = shapely.area(own.things.shapes[sums.index])
    rest = np.where(np.isnan(own.levels[sums.index]), sums["least"], own.levels[sums.index])
    floor = sums["floor"] + (area - sums["size"]).clip(lower=0.0) * rest
    result = np.full(len(own.things), np.nan)
    result[sums.index] = np.minimum(floor, area * lifted.levels[sums.index])
    return result


def _joined(one: _Outlines, other: _Outlines) -> _Outlines:
    things = Things(
        one.things.ids + other.things.ids,
        one.things.tags + other.things.tags,
        np.concatenate([one.things.shapes, other.things.shapes]),
    )
    return _Outlines(
        things,
        one.status + other.status,
        one.use + other.use,
        np.concatenate([one.levels, other.levels]),
        np.concatenate([one.height_m, other.height_m]),
        np.concatenate([one.floor_area_m2, other.floor_area_m2]),
    )


def _with_land_use(outlines: _Outlines, areas: Things) -> _Outlines:
    """Give buildings that say nothing of their use the use of the ground below them."""
    _, _, under = _use_rules()
    uses = [under.match(tags) if not _is_building(tags) else None for tags in areas.tags]
    ground = np.array([use is not None for use in uses], dtype=bool)
    silent = np.array([use is None for use in outlines.use], dtype=bool)
    holder = smallest_holder(shapely.point_on_surface(outlines.things.shapes[silent]), areas.shapes[ground])
    found = iter(picked([use for use in uses if use], holder))
    return replace(outlines, use=[next(found) if use is None else use for use in outlines.use])


def _rows(outlines: _Outlines, crs: CRS) -> gpd.GeoDataFrame:
    tags = outlines.things.tags
    dwellings = [numbers.count(_first(one, _FLAT_KEYS)) or numbers.flats(one.get("addr:flats")) for one in tags]
    gone = [None if status == "standing" else status for status in outlines.status]
    columns = {
        "building_id": outlines.things.ids,
        "osm_id": outlines.things.ids,
        "name": [name_of(one) or one.get("addr:housename") or one.get("ref") for one in tags],
        "use": outlines.use,
        "levels": outlines.levels,
        "height_m": outlines.height_m,
        "floor_area_m2": outlines.floor_area_m2,
        "dwellings": dwellings,
        "outline_source": ["osm"] * len(tags),
        "status": outlines.status,
        "reason": gone,
    }
    return frame("buildings", columns, outlines.things.shapes, crs)
