"""OSM elements to tidy tables: tags become rows of `schema`. Where elements come from is the business of readers."""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
from pyproj import CRS

from govmap.sources.osm.addresses import addresses, entrances
from govmap.sources.osm.basemap import features
from govmap.sources.osm.boundaries import boundaries
from govmap.sources.osm.buildings import buildings
from govmap.sources.osm.compounds import compounds, in_compounds
from govmap.sources.osm.elements import Elements
from govmap.sources.osm.lines import barriers, streets
from govmap.sources.osm.resources import resources, shops_in
from govmap.sources.osm.rows import Tally, name_of

Tables = dict[str, gpd.GeoDataFrame]
Counts = dict[str, dict[str, Any]]
_SIMPLE: dict[str, Callable[[Elements, CRS], tuple[gpd.GeoDataFrame, Tally]]] = {
    "barriers": barriers,
    "streets": streets,
    "features": features,
    "resources": resources,
    "boundaries": boundaries,
}


def tidy(elements: Elements, crs: CRS) -> tuple[Tables, Counts]:
    """
    Give all tables of an extract, and how much was read, kept and dropped for each.

    Parameters
    ----------
    elements
        In metres.
    crs
        The system they are in.
    """
    made: dict[str, tuple[gpd.GeoDataFrame, Tally]] = {name: make(elements, crs) for name, make in _SIMPLE.items()}
    outlines, count = buildings(elements, crs)
    made["compounds"] = compounds(elements, outlines, crs)
    homes = shops_in(in_compounds(outlines, made["compounds"][0]), made["resources"][0])
    made["buildings"] = homes, count
    made["addresses"] = addresses(elements, homes, crs)
    made["entrances"] = entrances(elements, homes, made["compounds"][0], crs)
    return {name: rows for name, (rows, _) in made.items()}, {name: tally.told() for name, (_, tally) in made.items()}


__all__ = ["Counts", "Tables", "name_of", "tidy"]
