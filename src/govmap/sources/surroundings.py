"""What of an extract concerns the communities: all inside, and around them as far as people walk or maps show."""

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from numpy.typing import NDArray

# Neighbouring buildings are context; a barrier beyond the boundary may still close a face inside; sites beyond the
# boundary serve people inside, so as far as the longest walk that a standard asks for (DOMAIN 2.5: 1,500 m).
BUFFER_M = {
    "buildings": 60.0,
    "addresses": 60.0,
    "entrances": 60.0,
    "compounds": 60.0,
    "barriers": 300.0,
    "features": 600.0,
    "streets": 1500.0,
    "resources": 1500.0,
    "boundaries": 0.0,
}


def around(tables: dict[str, gpd.GeoDataFrame], communities: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Keep of each table what lies in the communities or near enough to matter."""
    ground = shapely.union_all(shapely.make_valid(communities["geometry"].to_numpy()))
    return {name: _near(table, ground, BUFFER_M[name]) for name, table in tables.items()}


def _near(table: gpd.GeoDataFrame, ground: shapely.Geometry, distance_m: float) -> gpd.GeoDataFrame:
    reach = shapely.buffer(shapely.simplify(ground, distance_m / 20), distance_m) if distance_m else ground
    shapely.prepare(reach)
    return table[shapely.intersects(reach, table["geometry"].to_numpy())].reset_index(drop=True)


def community_of(shapes: NDArray[Any], communities: pd.DataFrame) -> "pd.Series[str]":
    """Name the community in which each shape's representative point lies; None outside, the first by id on an edge."""
    ordered = communities.sort_values("community_id")
    tree = shapely.STRtree(ordered["geometry"].to_numpy())
    shape, community = tree.query(shapely.point_on_surface(shapes), predicate="intersects")
    first = pd.Series(community, index=shape).groupby(level=0).min()
    names = pd.Series([None] * len(shapes), dtype=object)
    names.iloc[first.index.to_numpy()] = ordered["community_id"].to_numpy()[first.to_numpy()]
    return names
