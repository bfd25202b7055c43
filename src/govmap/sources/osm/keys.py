"""Which tag keys make a point, a line or an area of OSM worth reading: what the files in `layers/` ask for."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from govmap import catalog
from govmap.sources.osm.rules import Rules

_NEVER = frozenset({"name", "access", "station"})
_BUILDING = ("building", "building:part")


@dataclass(frozen=True)
class Keys:
    """Keys that make a thing worth reading."""

    points: frozenset[str]
    lines: frozenset[str]
    areas: frozenset[str]
    surely_areas: frozenset[str]


@cache
def keys() -> Keys:
    """Collect the keys of all layers."""
    pois = _of_rules(one["layer"]["source"]["osm"] for one in catalog.layers("resources").values())
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
    )


def _of_rules(groups: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(Rules(("", texts) for texts in groups).keys)
