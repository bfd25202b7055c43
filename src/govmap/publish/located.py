"""Where incidents and resources stand that came with an address and no point: at their building, else on their street.

A list with addresses alone is as good as one with coordinates: what was matched to a building or to a stretch of street
is shown there. The project itself keeps the point empty, since nobody gave one.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap.publish.allowed import Tables, column


def located(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """
    Give rows without a point that of their building, else the middle of their stretch of street.

    Parameters
    ----------
    rows
        With `building_id` or `street_id` and `geometry` (points, None where nobody gave one).
    tables
        `buildings` and `streets` with their geometry, as far as they are known.
    """
    if not isinstance(rows, gpd.GeoDataFrame) or not rows.geometry.isna().any():
        return rows
    points = rows.geometry.to_numpy(object).copy()
    for table, key in (("buildings", "building_id"), ("streets", "street_id")):
        at = np.flatnonzero(pd.isna(points) & column(rows, key).notna().to_numpy())
        if len(at) and table in tables:
            points[at] = _points(tables[table], key, column(rows, key).iloc[at])
    placed: pd.DataFrame = rows.set_geometry(gpd.GeoSeries(points, index=rows.index, crs=rows.crs))
    return placed


def _points(frame: pd.DataFrame, key: str, wanted: "pd.Series[Any]") -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Give a point on each named shape, None for those that are not there."""
    known = frame[frame[key].isin(set(wanted))]
    shapes = known["geometry"].to_numpy(object)
    points = shapely.point_on_surface(shapes)
    lines = shapely.get_dimensions(shapes) == 1  # on a straight one the point on the "surface" is its end, a crossing
    points[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    at = dict(zip(known[key], points, strict=True))
    return np.array([*(at.get(one) for one in wanted), None], dtype=object)[:-1]
