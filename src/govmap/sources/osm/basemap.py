"""Features of the drawn base map: water, green, land use, roads, rails and names."""

from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from govmap import catalog
from govmap.sources.osm.elements import Elements, Tags, Things
from govmap.sources.osm.rows import Tally, chinese_name, frame, name_of
from govmap.sources.osm.rules import Rules


def features(elements: Elements, crs: CRS) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give what the base map draws.

    `kind` is water, green, land use, road, rail or label; `class` is the value of the tag that made it one, as park or
    primary. Labels are points that have a name.
    """
    groups = [_group(elements.areas, "areas"), _group(elements.lines, "lines"), _group(elements.points, "points")]
    things = [thing for group, _ in groups for thing in _listed(group)]
    kinds = [kind for _, found in groups for kind in found]
    tally = Tally(read=len(things))
    keep = _first_of_each([id_ for id_, _, _ in things], [shape for _, _, shape in things])
    tally.kept = len(keep)
    tally.drop("no_size", len(things) - len(keep))
    tags = [things[number][1] for number in keep]
    columns = {
        "feature_id": _ids([things[number][0] for number in keep]),
        "kind": [kinds[number][0] for number in keep],
        "class": [kinds[number][1] for number in keep],
        "name": [name_of(one) for one in tags],
        "name_zh": [chinese_name(one) for one in tags],
    }
    return frame("features", columns, [things[number][2] for number in keep], crs), tally


def _listed(things: Things) -> list[tuple[str, Tags, object]]:
    return list(zip(things.ids, things.tags, things.shapes, strict=True))


@cache
def _rules(group: str) -> Rules:
    return Rules(catalog.layer("features")[group].items(), in_order=True)


def _group(things: Things, group: str) -> tuple[Things, list[tuple[str, str]]]:
    found = [_kind(tags, group) for tags in things.tags]
    chosen = np.array([kind is not None for kind in found], dtype=bool)
    return things.take(chosen), [kind for kind in found if kind]


def _kind(tags: Tags, group: str) -> tuple[str, str] | None:
    """Give kind and class; what runs in a tunnel is not drawn, a label needs a name."""
    rule = _rules(group).best(tags)
    if rule is None or (group == "points" and not name_of(tags)):
        return None
    if group == "lines" and (tags.get("tunnel", "no") != "no" or tags.get("area") == "yes"):
        return None
    if group == "areas" and ("building" in tags or (tags.get("highway") and tags.get("area") != "yes")):
        return None
    return rule.name, tags[rule.conditions[0].key]


def _first_of_each(ids: list[str], shapes: list[object]) -> list[int]:
    """Give the numbers of things that have a size, all pieces of a way included."""
    empty = np.asarray(shapely.is_empty(np.array(shapes, dtype=object)))
    return [number for number, _ in enumerate(ids) if not empty[number]]


def _ids(ids: list[str]) -> list[str]:
    """Make ids unique: a way can be an area and a line, or lie in pieces."""
    seen: dict[str, int] = {}
    unique = []
    for id_ in ids:
        seen[id_] = seen.get(id_, 0) + 1
        unique.append(id_ if seen[id_] == 1 else f"{id_}/{seen[id_]}")
    return unique
