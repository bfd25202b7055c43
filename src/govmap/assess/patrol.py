"""Metres of street a worker walks along on patrol: a street inside a unit counts whole, one along its border half."""

import numpy as np
import pandas as pd
import shapely

from govmap.geometry import Floats, Ints, Shapes

STEP_M = 10.0
ASIDE_M = 1.0  # how far to each side of a street it is looked whose ground lies there


def street_m(streets: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """
    Give the metres of walkable street of each cell; half a street belongs to the ground on each of its sides.

    Streets are looked at every 10 m, so what a cell gets is right to a few metres; the sum of all is exact where both
    sides of a street lie inside the community.

    Parameters
    ----------
    streets
        `street_id`, `walkable`, geometry.
    cells
        `cell_id`, geometry: a coverage.

    Returns
    -------
    metres
        By cell_id, sorted; cells without any have no row.
    """
    walked = streets[streets["walkable"].astype("boolean").fillna(value=True).to_numpy(bool)]
    lines = np.asarray(walked.sort_values("street_id", kind="stable")["geometry"], dtype=object)
    lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    ground = cells.sort_values("cell_id", kind="stable", ignore_index=True)
    points, metres = _beside(lines)
    if not len(points) or ground.empty:
        return pd.Series(dtype=float, index=pd.Index([], dtype=object, name="cell_id"))
    tree = shapely.STRtree(np.asarray(ground["geometry"], dtype=object))
    at, cell = tree.query(shapely.points(points), predicate="intersects")
    order = np.lexsort((cell, at))
    first = np.unique(at[order], return_index=True)[1]
    sums = np.bincount(cell[order][first], metres[at[order][first]], minlength=len(ground))
    found = pd.Series(sums, index=pd.Index(ground["cell_id"].to_numpy(object), name="cell_id"))
    return found[found > 0]


def _beside(lines: Shapes) -> tuple[Floats, Floats]:
    """Give points on both sides of lines every few metres, and the metres of street each stands for."""
    length = shapely.length(lines)
    pieces: Ints = np.maximum(np.ceil(length / STEP_M), 1).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), pieces)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    each = (length / pieces)[line]
    ends = [_on(lines, line, (nth + share) * each) for share in (0.45, 0.5, 0.55)]
    along = ends[2] - ends[0]
    norm = np.hypot(along[:, 0], along[:, 1])
    along = along / np.where(norm > 0, norm, 1.0)[:, None]
    aside = np.column_stack([-along[:, 1], along[:, 0]]) * ASIDE_M
    return np.concatenate([ends[1] + aside, ends[1] - aside]), np.concatenate([each, each]) / 2


def _on(lines: Shapes, line: Ints, far_m: Floats) -> Floats:
    places: Floats = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], far_m))
    return places


def of_parts(metres: pd.Series, parts: pd.DataFrame) -> pd.Series:
    """
    Share the metres of a cell among its parts by their households, evenly where there are none; by part_id.

    Parameters
    ----------
    parts
        `part_id`, `cell_id`, `households`.
    """
    rows = parts.sort_values("part_id", kind="stable")
    homes = rows["households"].fillna(0).astype(float)
    whole = homes.groupby(rows["cell_id"]).transform("sum")
    count = rows.groupby("cell_id")["part_id"].transform("size")
    share = np.where(whole > 0, homes / whole.where(whole > 0, 1.0), 1.0 / count)
    found = rows["cell_id"].map(metres).fillna(0.0).to_numpy(float) * share
    return pd.Series(found, index=pd.Index(rows["part_id"].to_numpy(object), name="part_id"))
