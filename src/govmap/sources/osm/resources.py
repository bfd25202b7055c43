"""Resources: what serves people (clinics, shops, stops ...), by the categories of `layers/resources/`."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from govmap import catalog
from govmap.sources.osm import numbers
from govmap.sources.osm.elements import Elements, Tags
from govmap.sources.osm.rows import Tally, frame, name_of, texts
from govmap.sources.osm.rules import Rules

_SAME_M = 50.0
_CAPACITIES = (("capacity", None), ("beds", "beds"), ("capacity:persons", "persons"), ("seats", "seats"))
_CLOSED = ("disused", "abandoned", "closed")
SHOPS = ("market", "supermarket", "shop", "other_shop", "food", "household_service", "bank", "post", "pharmacy")


def resources(elements: Elements, crs: CRS) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give one row a place that serves people; of an area the point on its surface.

    The same thing drawn as a point inside its own area, or twice within 50 m under one name, counts once.
    """
    found = _found(elements)
    tally = Tally(read=len(found))
    twice = _inside_own_area(found) | _named_twice(found)
    tally.drop("duplicate", twice.sum())
    kept = found[~twice]
    tally.kept = len(kept)
    tags = kept["tags"].to_list()
    columns = {
        "resource_id": kept["id"].to_list(),
        "osm_id": kept["id"].to_list(),
        "category": kept["category"].to_list(),
        "name": [name_of(one) for one in tags],
        "hours": [one.get("opening_hours") for one in tags],
        "capacity": [_capacity(one)[0] for one in tags],
        "capacity_unit": [_capacity(one)[1] for one in tags],
    }
    return frame("resources", columns, kept["point"], crs), tally


def shops_in(buildings: gpd.GeoDataFrame, resources: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Count the shops and eating places in every building; None where there is none."""
    shops = resources[resources["category"].isin(SHOPS)]
    tree = shapely.STRtree(buildings.geometry.to_numpy())
    held = tree.query(shops.geometry.to_numpy(), predicate="intersects")[1]
    count = np.bincount(held, minlength=len(buildings))
    shops_ = pd.array([int(one) if one else None for one in count], dtype="Int64")
    return buildings.assign(shops=shops_, shops_given=shops_)


@cache
def _rules() -> Rules:
    return Rules((name, one["layer"]["source"]["osm"]) for name, one in catalog.layers("resources").items())


def _found(elements: Elements) -> pd.DataFrame:
    rows = []
    for things in (elements.points, elements.areas):
        for id_, tags, shape in zip(things.ids, things.tags, things.shapes, strict=True):
            category = _category(tags)
            if category:
                rows.append((id_, category, tags, shape))
    table = pd.DataFrame(rows, columns=["id", "category", "tags", "shape"], dtype=object)
    table = table.sort_values("id", kind="stable", ignore_index=True)
    table["point"] = shapely.point_on_surface(table["shape"].to_numpy())
    table["name"] = texts(name_of(tags) for tags in table["tags"])
    return table


def _category(tags: Tags) -> str | None:
    if any(tags.get(key, "no") != "no" for key in _CLOSED) or tags.get("access") == "private":
        return None
    return _rules().match(tags)


def _inside_own_area(found: pd.DataFrame) -> np.ndarray:
    """Tell which points lie in an area of the same category and no other name."""
    twice = np.zeros(len(found), dtype=bool)
    shapes = found["shape"].to_numpy()
    area = np.flatnonzero(shapely.get_dimensions(shapes) == 2)  # noqa: PLR2004 -- an area
    at, of = shapely.STRtree(shapes[area]).query(shapes, predicate="within")
    category, name = found["category"].to_numpy(), found["name"].to_numpy()
    other = area[of]
    named_so = np.array([one is None or one == two for one, two in zip(name[at], name[other], strict=True)], dtype=bool)
    same = (category[at] == category[other]) & (at != other) & named_so & (shapely.get_dimensions(shapes[at]) == 0)
    twice[at[same]] = True
    return twice


def _named_twice(found: pd.DataFrame) -> np.ndarray:
    """Tell which places have an earlier one of the same category and name within 50 m."""
    points = found["point"].to_numpy()
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=_SAME_M)
    category, name = found["category"].to_numpy(), found["name"].to_numpy()
    named = np.array([one is not None for one in name], dtype=bool)
    same = (left < right) & named[left] & (category[left] == category[right]) & (name[left] == name[right])
    twice = np.zeros(len(found), dtype=bool)
    twice[right[same]] = True
    return twice


def _capacity(tags: Tags) -> tuple[int | None, str | None]:
    for key, unit in _CAPACITIES:
        value = numbers.count(tags.get(key))
        if value is not None:
            return value, unit
    return None, None
