"""Compounds: grounds that belong together, because they have a name or because a wall closes around dwellings."""

import re
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from govmap import catalog
from govmap.sources.osm.elements import Elements, Tags, Things
from govmap.sources.osm.rows import Tally, chinese_name, frame, has_han, name_of, picked, smallest_holder, texts
from govmap.sources.osm.rules import Rules

_LEAST_M2 = 200.0
_SAME_SHARE = 0.9
_HOMES = frozenset({"apartments", "house", "terrace", "residential", "dormitory", "village"})
_BECOMES_VILLAGE = frozenset({"house", "terrace", "residential"})


def compounds(elements: Elements, buildings: gpd.GeoDataFrame, crs: CRS) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give named grounds and walled-in dwellings; one may lie in another.

    `kind` is residential, village, school, danwei, business or scenic. Grounds that a wall closes around at least two
    buildings have no name and are residential.
    """
    named, kinds = _named(elements.areas)
    tally = Tally(read=len(named))
    gated = _gated(elements, buildings)
    tally.read += len(gated)
    things = Things(named.ids + gated.ids, named.tags + gated.tags, np.concatenate([named.shapes, gated.shapes]))
    kinds = [*kinds, *["residential"] * len(gated)]
    kept = _distinct(things, tally)
    tally.kept = len(kept)
    return _rows(things.take(kept), [kinds[number] for number in kept], crs), tally


def in_compounds(buildings: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Tell every building the smallest compound that holds it; village houses in a Chinese city let rooms."""
    holder = smallest_holder(shapely.point_on_surface(buildings.geometry.to_numpy()), compounds.geometry.to_numpy())
    kinds = np.array(picked(compounds["kind"].to_list(), holder), dtype=object)
    chinese = np.array(picked([bool(name) for name in compounds["name_zh"]], holder), dtype=object)
    use = buildings["use"]
    lets = (kinds == "village") & (chinese == True) & (use.isin(_BECOMES_VILLAGE) | use.isna()).to_numpy()  # noqa: E712 -- None is neither
    held = picked(compounds["compound_id"].to_list(), holder)
    uses = np.where(lets, "village", use.to_numpy(dtype=object))
    return buildings.assign(compound_id=texts(held), use=texts(uses))


@cache
def _rules() -> Rules:
    return Rules(((kind["name"], kind["osm"]) for kind in catalog.layer("compounds")["kinds"]), in_order=True)


def _named(areas: Things) -> tuple[Things, list[str]]:
    kinds = [_kind(tags) if "building" not in tags and name_of(tags) else None for tags in areas.tags]
    chosen = np.array([kind is not None for kind in kinds], dtype=bool)
    return areas.take(chosen), [kind for kind in kinds if kind]


def _kind(tags: Tags) -> str | None:
    """Give the kind by tags; what a name says of a residential ground counts more."""
    kind = _rules().match(tags)
    if kind != "residential":
        return kind
    names, name = catalog.layer("compounds")["names"], name_of(tags) or ""
    if has_han(name):
        for better in ("village", "danwei"):
            if re.search(names[better], name):
                return better
    return kind


def _gated(elements: Elements, buildings: gpd.GeoDataFrame) -> Things:
    """Give closed walls, and private residential grounds without a name, that hold at least two homes."""
    rings, grounds = _walls(elements.lines), _private(elements.areas)
    things = Things(rings.ids + grounds.ids, rings.tags + grounds.tags, np.concatenate([rings.shapes, grounds.shapes]))
    settings = catalog.layer("compounds")["gated"]
    area = shapely.area(things.shapes)
    fits = (area >= settings["smallest_m2"]) & (area <= settings["largest_m2"]) & shapely.is_valid(things.shapes)
    held = np.zeros(len(things), dtype=int)
    homes = buildings[(buildings["use"].isin(_HOMES) | buildings["use"].isna()).to_numpy()]
    inside = shapely.STRtree(things.shapes).query(homes.geometry.representative_point().to_numpy(), predicate="within")[
        1
    ]
    np.add.at(held, inside, 1)
    return things.take(fits & (held >= settings["buildings"]))


def _walls(lines: Things) -> Things:
    kinds = frozenset(catalog.layer("compounds")["gated"]["barrier"])
    chosen = np.array([tags.get("barrier") in kinds for tags in lines.tags], dtype=bool)
    if chosen.any():
        chosen &= shapely.is_closed(lines.shapes) & (shapely.get_num_points(lines.shapes) > 3)  # noqa: PLR2004 -- a triangle
    rings = lines.take(chosen)
    return Things(rings.ids, rings.tags, _polygons(rings.shapes))


def _polygons(rings: np.ndarray) -> np.ndarray:
    if not len(rings):
        return rings
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    return np.asarray(shapely.polygons(shapely.linearrings(xy, indices=ring)), dtype=object)


def _private(areas: Things) -> Things:
    access = frozenset(catalog.layer("compounds")["gated"]["access"])
    walls = frozenset(catalog.layer("compounds")["gated"]["barrier"])
    closed = [
        tags.get("landuse") == "residential"
        and not name_of(tags)
        and (tags.get("access") in access or tags.get("barrier") in walls)
        for tags in areas.tags
    ]
    return areas.take(np.array(closed, dtype=bool))


def _distinct(things: Things, tally: Tally) -> np.ndarray:
    """Give the numbers of grounds that are large enough and not nearly the same as an earlier one."""
    area = shapely.area(things.shapes)
    tally.drop("too_small", int((area < _LEAST_M2).sum()))
    left, right = shapely.STRtree(things.shapes).query(things.shapes, predicate="intersects")
    pairs = (left < right) & (np.minimum(area[left], area[right]) > _SAME_SHARE * np.maximum(area[left], area[right]))
    left, right = left[pairs], right[pairs]
    common = shapely.area(shapely.intersection(things.shapes[left], things.shapes[right]))
    same = common > _SAME_SHARE * np.maximum(area[left], area[right])
    twice = np.zeros(len(things), dtype=bool)
    twice[right[same]] = True
    tally.drop("duplicate", int((twice & (area >= _LEAST_M2)).sum()))
    return np.flatnonzero(~twice & (area >= _LEAST_M2))


def _rows(things: Things, kinds: list[str], crs: CRS) -> gpd.GeoDataFrame:
    columns = {
        "compound_id": things.ids,
        "name": [name_of(tags) for tags in things.tags],
        "name_zh": [chinese_name(tags) for tags in things.tags],
        "kind": kinds,
    }
    return frame("compounds", columns, things.shapes, crs)
