"""Boundaries: areas with a name that can be the outline of a community, and rings that the data leaves open."""

from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from govmap import catalog
from govmap.sources.osm import numbers
from govmap.sources.osm.elements import Elements, Tags
from govmap.sources.osm.rows import Tally, chinese_name, frame, name_of
from govmap.sources.osm.rules import Rules


def boundaries(elements: Elements, crs: CRS) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give administrative and named areas.

    Rings that do not close in the data are no rows: they are counted as dropped and stand in `Elements.rings`.
    """
    areas = elements.areas
    chosen = np.array([bool(name_of(tags)) and _rules().match(tags) is not None for tags in areas.tags], dtype=bool)
    chosen &= np.array(["building" not in tags for tags in areas.tags], dtype=bool)
    kept = areas.take(chosen)
    tally = Tally(read=len(kept) + len(elements.rings), kept=len(kept))
    tally.drop("incomplete_ring", len(elements.rings))
    columns = {
        "boundary_id": kept.ids,
        "name": [name_of(tags) for tags in kept.tags],
        "name_zh": [chinese_name(tags) for tags in kept.tags],
        "admin_level": [level(tags) for tags in kept.tags],
        "complete": [True] * len(kept),
        "area_m2": shapely.area(kept.shapes),
    }
    return frame("boundaries", columns, kept.shapes, crs), tally


def level(tags: Tags) -> int | None:
    """Give the admin level, 1 to 15."""
    value = numbers.count(tags.get("admin_level"))
    return value if value is not None and value <= 15 else None  # noqa: PLR2004 -- no level is deeper


@cache
def _rules() -> Rules:
    return Rules([("boundary", catalog.layer("boundaries")["layer"]["source"]["osm"])])
