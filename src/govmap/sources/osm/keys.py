"""Which tag keys make a point, a line or an area of OSM worth reading: what the files in `layers/` ask for."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from govmap import catalog
from govmap.sources.osm.rules import Rules

_NEVER = frozenset({"name", "access", "station"})
_BUILDING = ("building", "building:part")
_POINT_FACTS = frozenset({
    "name", "name:zh", "name:zh-Hans", "name:zh-Hant", "name:en", "official_name", "building", "ref",
    "addr:street", "addr:place", "addr:neighbourhood", "addr:unit", "addr:entrance", "addr:country", "addr:flats",
    "opening_hours", "capacity", "beds", "capacity:persons", "seats", "access", "disused", "abandoned", "closed",
})  # fmt: skip


@dataclass(frozen=True)
class Keys:
    """Keys that make a thing worth reading, and all keys of points that anybody asks for."""

    points: frozenset[str]
    lines: frozenset[str]
    areas: frozenset[str]
    surely_areas: frozenset[str]
    of_points: frozenset[str]


@cache
def keys() -> Keys:
    """Collect the keys of all layers."""
    resources = list(catalog.layers("resources").values())
    pois = _of_rules(one["layer"]["source"]["osm"] for one in resources)
    features, barriers = catalog.layer("features"), catalog.layer("barriers")
    prefixes = [prefix for prefixes in catalog.layer("buildings")["status"].values() for prefix in prefixes]
    buildings = frozenset([*_BUILDING, *(f"{prefix}:building" for prefix in prefixes)])
    points = _of_rules(features["points"].values()) | {"addr:housenumber", "addr:full", "entrance", "barrier", "place"}
    lines = _of_rules(features["lines"].values()) | _of_rules(kind["osm"] for kind in barriers["kinds"])
    grounds = _of_rules(kind["osm"] for kind in catalog.layer("compounds")["kinds"])
    edges = _of_rules([catalog.layer("boundaries")["layer"]["source"]["osm"]]) | {"boundary"}
    water = _of_rules([barriers["water"]["river"], barriers["water"]["water"]])
    areas = buildings | pois | grounds | edges | water | _of_rules(features["areas"].values())
    return Keys(
        points=(points | pois | {"building"}) - _NEVER,
        lines=(lines | {"highway", "addr:interpolation"}) - _NEVER,
        areas=areas - _NEVER,
        surely_areas=buildings | {"landuse", "leisure", "amenity"},
        of_points=_POINT_FACTS | points | Rules(("", one["layer"]["source"]["osm"]) for one in resources).every_key,
    )


def _of_rules(groups: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(Rules(("", texts) for texts in groups).keys)
