"""What holds of the ground: cells, parts and the buildings on them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap.check.rule import Rules, Tables

AREA_TOLERANCE = 1e-9
LEAST_FOOTPRINT_SHARE = 0.99
CROSSING_TOLERANCE_M = 0.05


# cells and parts ---------------------------------------------------------------------------------------------------
def _cells_in_pieces(tables: Tables) -> Iterator[str]:
    cells = tables["cells"]
    shapes = cells["geometry"].to_numpy()
    wrong = (shapely.get_num_geometries(shapes) != 1) | ~shapely.is_valid(shapes)
    yield from cells["cell_id"][wrong]


def _coverage_invalid(tables: Tables) -> Iterator[str]:
    for community_id, cells in tables["cells"].groupby("community_id", sort=True):
        if not shapely.coverage_is_valid(cells["geometry"].to_numpy()):
            yield f"{community_id}"


def _boundary_not_covered(tables: Tables) -> Iterator[str]:
    cells = tables["cells"]
    if cells.empty:
        return
    covered = pd.Series(shapely.area(cells["geometry"].to_numpy())).groupby(cells["community_id"].to_numpy()).sum()
    communities = tables["communities"]
    for community_id, shape in zip(communities["community_id"], communities["geometry"], strict=True):
        if abs(covered.get(community_id, 0.0) - shape.area) > AREA_TOLERANCE * shape.area:
            yield community_id


def _cell_without_part(tables: Tables) -> Iterator[str]:
    yield from set(tables["cells"]["cell_id"]) - set(tables["parts"]["cell_id"])


def _part_without_cell(tables: Tables) -> Iterator[str]:
    parts = tables["parts"]
    yield from parts["part_id"][~parts["cell_id"].isin(tables["cells"]["cell_id"])]


def _cell_over_barrier(tables: Tables) -> Iterator[str]:
    """No cell crosses a barrier of strength 1; a straddling building's own ground is led round."""
    lines = barring_lines(tables["barriers"], tables["communities"])
    cells = tables["cells"][~tables["cells"]["straddles"].astype(bool)]
    if lines is None or cells.empty:
        return
    inside = shapely.buffer(cells["geometry"].to_numpy(), -CROSSING_TOLERANCE_M, quad_segs=1)
    pieces = shapely.get_parts(lines)
    piece, cell = shapely.STRtree(inside).query(pieces, predicate="intersects")[:2]
    length = shapely.length(shapely.intersection(pieces[piece], inside[cell]))
    yield from cells["cell_id"].to_numpy()[cell[length > CROSSING_TOLERANCE_M]]


def barring_lines(barriers: pd.DataFrame, communities: pd.DataFrame) -> Any:
    """Give the on-ground lines of strength 1 that close a face, as one shape; None where there are none."""
    bar = barriers[(barriers["strength"] >= 1) & barriers["on_ground"].astype(bool)]
    if bar.empty:
        return None
    edge = shapely.boundary(shapely.union_all(communities["geometry"].to_numpy()))
    net = shapely.node(shapely.union_all([*bar["geometry"].to_numpy(), edge]))
    _, cuts, dangles, _ = shapely.polygonize_full(shapely.get_parts(net))
    closed = shapely.difference(net, shapely.union(cuts, dangles))
    inside = shapely.union_all(communities["geometry"].to_numpy())
    kept = shapely.difference(shapely.intersection(closed, inside), shapely.buffer(edge, CROSSING_TOLERANCE_M))
    return None if shapely.is_empty(kept) else kept


# buildings ---------------------------------------------------------------------------------------------------------
def _inside(tables: Tables) -> pd.DataFrame:
    buildings = tables["buildings"]
    return buildings[buildings["cell_id"].notna() & (buildings["status"] != "demolished")]


def _building_without_cell_or_reason(tables: Tables) -> Iterator[str]:
    buildings = tables["buildings"]
    if tables["cells"].empty:
        return
    known = buildings["cell_id"].isin(tables["cells"]["cell_id"])
    yield from buildings["building_id"][~known & (buildings["cell_id"].notna() | buildings["reason"].isna())]


def _building_in_wrong_community(tables: Tables) -> Iterator[str]:
    buildings = _inside(tables)
    shapes = dict(zip(tables["communities"]["community_id"], tables["communities"]["geometry"], strict=True))
    points = shapely.point_on_surface(buildings["geometry"].to_numpy())
    for community_id, rows in buildings.groupby("community_id", dropna=False).indices.items():
        shape = shapes.get(community_id)
        if shape is None:
            yield from buildings["building_id"].iloc[rows]
            continue
        shapely.prepare(shape)
        out = ~shapely.intersects(shape, points[rows])
        yield from buildings["building_id"].iloc[rows][out]


def _footprint_outside_cell(tables: Tables) -> Iterator[str]:
    """A main building has 99 % of its footprint on the ground of its parts; those drawn over others apart."""
    buildings = _inside(tables)
    own = _ground_of(tables)
    buildings = buildings[buildings["building_id"].isin(own.index)]
    if buildings.empty:
        return
    footprint = shapely.make_valid(buildings["geometry"].to_numpy())
    beyond = shapely.difference(footprint, own.loc[buildings["building_id"]].to_numpy())
    ground = shapely.union_all(tables["communities"]["geometry"].to_numpy())
    tree = shapely.STRtree(footprint)
    spare = 1 - LEAST_FOOTPRINT_SHARE
    for row in np.flatnonzero(shapely.area(beyond) > spare * shapely.area(footprint)):
        others = [footprint[near] for near in tree.query(footprint[row], predicate="intersects") if near != row]
        shared = shapely.area(shapely.intersection(footprint[row], shapely.union_all(others)))
        inside = shapely.area(shapely.intersection(beyond[row], ground))
        if shared <= spare * footprint[row].area < inside:
            yield buildings["building_id"].iloc[row]


def _ground_of(tables: Tables) -> "pd.Series[Any]":
    """Give each building's ground: the cells of its parts as one shape."""
    parts = tables["parts"][["building_id", "cell_id"]].dropna().drop_duplicates()
    shapes = tables["cells"].set_index("cell_id")["geometry"]
    parts = parts[parts["cell_id"].isin(shapes.index)]
    ground = pd.Series(shapes.loc[parts["cell_id"]].to_numpy(), index=parts["building_id"].to_numpy(), dtype=object)
    several = ground.index.duplicated(keep=False)
    merged = {one: shapely.union_all(list(ground[several].loc[[one]])) for one in sorted(set(ground.index[several]))}
    whole: pd.Series[Any] = pd.concat([ground[~several], pd.Series(merged, dtype=object)])
    return whole


def _sums_of_building_differ(tables: Tables) -> Iterator[str]:
    parts = tables["parts"].dropna(subset=["building_id"])
    buildings = _inside(tables).set_index("building_id")
    for column in ("households", "residents"):
        held = parts.groupby("building_id")[column].sum(min_count=1)
        wanted = buildings[column].reindex(held.index).fillna(0)
        yield from held.index[held.fillna(0).to_numpy(dtype=float) != wanted.to_numpy(dtype=float)]
        left = buildings[~buildings.index.isin(held.index) & (buildings[column].fillna(0) != 0)]
        yield from left.index


RULES: Rules = {
    "cells_in_pieces": _cells_in_pieces,
    "coverage_invalid": _coverage_invalid,
    "boundary_not_covered": _boundary_not_covered,
    "cell_without_part": _cell_without_part,
    "part_without_cell": _part_without_cell,
    "cell_over_barrier": _cell_over_barrier,
    "building_without_cell_or_reason": _building_without_cell_or_reason,
    "building_in_wrong_community": _building_in_wrong_community,
    "footprint_outside_cell": _footprint_outside_cell,
    "sums_of_building_differ": _sums_of_building_differ,
}
