"""Maps that do not say where on earth they lie: shapes from a corner of their own, without a coordinate system."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap.publish.allowed import Tables

STEP_M = 10.0


def unplaced(tables: Tables) -> dict[str, pd.DataFrame]:
    """Measure all shapes from one corner of the ground, which is written down nowhere."""
    corner = _corner(tables)
    return {name: _moved(frame, corner) if "geometry" in frame else frame for name, frame in tables.items()}


def _corner(tables: Tables) -> tuple[float, float]:
    for name in ("communities", "units", "buildings"):
        frame = tables.get(name)
        if frame is not None and "geometry" in frame:
            west, south, _, _ = shapely.total_bounds(frame["geometry"].to_numpy())
            if np.isfinite([west, south]).all():
                return float(np.floor(west / STEP_M) * STEP_M), float(np.floor(south / STEP_M) * STEP_M)
    return 0.0, 0.0


def _moved(frame: pd.DataFrame, corner: tuple[float, float]) -> pd.DataFrame:
    shapes = np.asarray(frame["geometry"].to_numpy(), dtype=object)
    there = shapely.transform(shapes, lambda points: points - corner)
    moved: pd.DataFrame = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=there, crs=None)
    return moved
