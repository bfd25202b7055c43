"""Parts: what is assigned. A building is one part, or, where it holds many, its stairwells and bands of floors.

Stairwells stand side by side along the longer axis of the footprint and get cells of their own, cut from the building's
cell; bands of floors share a cell. Households and residents are shared out by largest remainder, so that the parts of
a building always add up to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap.cells.bands import Band, extent, planned, whole
from govmap.cells.planar import pieces, polygons
from govmap.cells.strokes import Strokes, compact, cut
from govmap.contiguity import components
from govmap.geometry import Bools, Floats, Ints, Mesh, Shapes, long_axis, mesh, polygonal, sums
from govmap.messages import Note, note
from govmap.schema import TABLES
from govmap.shares import share_out

MOST_TOLD = 10
OF_THE_USER = ("import_id", "source_row", "households_given", "residents_given")


@dataclass(frozen=True)
class Divided:
    """Cells and parts after large buildings were divided, and what should be known about it."""

    cells: gpd.GeoDataFrame
    parts: pd.DataFrame
    notes: list[Note] = field(default_factory=list)


def divide(
    cells: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    entrances: gpd.GeoDataFrame | None = None,
    *,
    split_above: int | None = None,
    part_most: int | None = None,
    given: pd.DataFrame | None = None,
) -> Divided:
    """
    Give the parts, and the cells with those of divided buildings cut into stairwells.

    Parameters
    ----------
    cells
        Cells as `tessellate` made them.
    buildings
        Buildings with `cell_id`, `households`, `residents`, `levels` and footprint; `stairwells` where the office
        counted them: such a building is divided into these in any case.
    entrances
        Doors, by which stairwells are counted where a building has several.
    split_above
        Buildings with more households are divided, as an estimate.
    part_most
        Into as few parts as hold at most so many households each; without it `split_above`.
    given
        Parts that the user knows; they go before estimates.
    """
    cells, rows, leads = _entered(cells, buildings)
    cells = _made_whole(cells)
    plan, too_large = planned(rows, leads, entrances, split_above, part_most, given)
    stairs = {building: 1 + max(band.stair for band in bands) for building, bands in plan.items()}
    cut_cells = _cut_cells(cells, rows, {building: count for building, count in stairs.items() if count > 1})
    table = _parts(cut_cells, rows, leads, plan, given)
    return Divided(cut_cells, table, _notes(too_large, plan, split_above, table))


def parts(
    cells: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    entrances: gpd.GeoDataFrame | None = None,
    *,
    split_above: int | None = None,
    part_most: int | None = None,
    given: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Give the parts alone and leave the cells as they are: stairwells without a cell share the building's."""
    cells, rows, leads = _entered(cells, buildings)
    plan, _ = planned(rows, leads, entrances, split_above, part_most, given)
    return _parts(cells, rows, leads, plan, given)


def _entered(cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Bools]:
    """Sort cells and the buildings that have one; tell which of these a cell is named for."""
    cells = cells.sort_values("cell_id", kind="stable", ignore_index=True)
    rows = buildings[buildings["cell_id"].notna()].sort_values("building_id", kind="stable", ignore_index=True)
    return cells, rows, rows["building_id"].isin(cells["building_id"].dropna()).to_numpy(bool)


# ---------------------------------------------------------------------------------------------------- cutting cells


def _made_whole(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put together again what an earlier division cut: the cells of one building become one."""
    again = cells["building_id"].notna() & cells["building_id"].duplicated(keep=False)
    if not again.any():
        return cells
    kept = cells[~(again & cells["building_id"].duplicated())].copy()
    shapes = kept.geometry.to_numpy().copy()
    for row in np.flatnonzero(again[kept.index]):
        mine = cells.geometry.to_numpy()[(cells["building_id"] == kept["building_id"].iloc[row]).to_numpy()]
        shapes[row] = shapely.coverage_union_all(mine)
    kept["area_m2"] = shapely.area(shapes)
    return kept.set_geometry(shapes, crs=cells.crs).reset_index(drop=True)


def _cut_cells(cells: gpd.GeoDataFrame, rows: gpd.GeoDataFrame, stairs: dict[str, int]) -> gpd.GeoDataFrame:
    """Cut the cells of buildings into stairwells; neighbours get the new vertices too."""
    if not stairs:
        return cells
    shapes = cells.geometry.to_numpy().copy()
    chosen = np.flatnonzero(cells["building_id"].isin(stairs))
    near = np.unique(shapely.STRtree(shapes).query(shapes[chosen], predicate="intersects")[1])
    prints = rows.set_index("building_id").geometry
    names = [str(one) for one in cells["building_id"].to_numpy(object)[chosen]]
    found = _on_their_ground(polygonal(prints.loc[names].to_numpy()), shapes[chosen])
    count = np.array([stairs[name] for name in names])
    made, cell, stair = _slices(shapes[near], np.searchsorted(near, chosen), found, count)
    return _rejoined(cells, shapes, near, made, cell, stair)


def _on_their_ground(prints: Shapes, grounds: Shapes) -> Shapes:
    """Give what of footprints lies in their cell: overlaps may have taken the rest."""
    held = polygonal(shapely.intersection(prints, grounds))
    return np.where(shapely.area(held) > 0, held, grounds)


def _rejoined(
    ordered: gpd.GeoDataFrame, shapes: Shapes, near: Ints, made: Shapes, cell: Ints, stair: Ints
) -> gpd.GeoDataFrame:
    """Put slices in the place of their cells; the first stairwell keeps the cell's id."""
    first = stair == 0
    shapes[near[cell[first]]] = made[first]
    more = ordered.iloc[near[cell[~first]]].copy()
    more["cell_id"] = [f"{one}/{place + 1}" for one, place in zip(more["cell_id"], stair[~first], strict=True)]
    whole = pd.concat([ordered.set_geometry(shapes), more.set_geometry(made[~first])], ignore_index=True)
    whole["area_m2"] = shapely.area(whole.geometry.to_numpy())
    return gpd.GeoDataFrame(whole, crs=ordered.crs).sort_values("cell_id", kind="stable", ignore_index=True)


def _slices(shapes: Shapes, rows: Ints, prints: Shapes, count: Ints) -> tuple[Shapes, Ints, Ints]:
    """Slice some of the shapes across the footprint's axis: polygons, row of their shape, place of the stairwell."""
    axes = [_axis(shape, print_) for shape, print_ in zip(shapes[rows], prints, strict=True)]
    strokes = _cut_lines(axes, rows, count)
    made = cut(mesh(shapes), strokes, shapes)
    found = pieces(made.mesh)
    land = made.mesh.faces(found.left, found.right)
    point = shapely.get_coordinates(shapely.point_on_surface(polygons(land, len(found.face))))
    place = np.zeros(len(found.face), np.int64)
    for row, (middle, axis, low, high, _), several in zip(rows, axes, count, strict=True):
        mine = np.flatnonzero(found.face == row)
        share = ((point[mine] - middle) @ axis - low) / (high - low)
        place[mine] = np.clip(np.floor(share * several), 0, several - 1).astype(np.int64)
    slice_, key = _whole_slices(land, found.face, place)
    of = np.append(slice_, -1)
    left, right = of[land.left], of[land.right]
    joined = compact(land.faces(left, right).take(left != right))
    return polygons(joined, len(key)), key[:, 0], _ranked(key)


def _ranked(key: Ints) -> Ints:
    """Number the stairwells of each cell from 0 without gaps: bent ground may leave one without a slice."""
    order = np.lexsort((key[:, 1], key[:, 0]))
    head = np.diff(key[order, 0], prepend=-1) != 0
    start = np.flatnonzero(head)[np.cumsum(head) - 1]
    rank = np.empty(len(key), np.int64)
    rank[order] = np.arange(len(key)) - start
    return rank


def _axis(shape: Any, print_: Any) -> tuple[Floats, Floats, float, float, float]:
    """Give middle, axis, the footprint's beginning and end along it, and how far lines across must reach."""
    middle, axis = long_axis(print_)
    low, high, _ = extent(print_)
    reach = float(np.hypot(*(shapely.get_coordinates(shape) - middle).T).max()) + 1.0
    return middle, axis, low, high, reach


def _cut_lines(axes: list[Any], rows: Ints, count: Ints) -> Strokes:
    starts, stops, face = [], [], []
    for (middle, axis, low, high, reach), row, several in zip(axes, rows.tolist(), count.tolist(), strict=True):
        across = np.array([-axis[1], axis[0]])
        for turn in range(1, several):
            at = middle + axis * (low + (high - low) * turn / several)
            starts.append(at - across * reach)
            stops.append(at + across * reach)
            face.append(row)
    number, none = np.arange(len(starts)), np.full(len(starts), -1)
    return Strokes(np.array(starts + stops), number, number + len(starts), none, none, np.array(face))


def _whole_slices(land: Mesh, face: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Make each slice one piece: the largest leads, others join the neighbour in their cell with most metres."""
    left, right, metres = land.left, land.right, land.lengths
    count = len(face)
    area = shapely.area(polygons(land, count))
    key = face * (int(place.max(initial=0)) + 1) + place
    order = np.lexsort((-np.arange(count), area, key))
    lead = np.zeros(count, bool)
    lead[order[np.append(np.diff(key[order]) != 0, True)]] = True
    use = (left >= 0) & (right >= 0)
    use[use] = face[left[use]] == face[right[use]]
    one, other = np.concatenate([left[use], right[use]]), np.concatenate([right[use], left[use]])
    shared = np.tile(metres[use], 2)
    to = np.arange(count)
    stray = ~lead
    while stray.any():
        ready = stray[one] & ~stray[other]
        pairs, number = np.unique(one[ready] * count + other[ready], return_inverse=True)
        best = np.lexsort((-pairs, sums(number, shared[ready], len(pairs))))
        to[pairs[best] // count] = pairs[best] % count
        stray[pairs // count] = False
    group = components(count, np.arange(count), to)
    head = np.zeros(int(group.max()) + 1, np.int64)
    head[group[lead]] = np.flatnonzero(lead)
    return group, np.stack([face[head], place[head]], 1)


# ---------------------------------------------------------------------------------------------------- the table


def _parts(
    cells: gpd.GeoDataFrame,
    rows: pd.DataFrame,
    leads: Any,
    plan: dict[str, list[Band]],
    given: pd.DataFrame | None,
) -> pd.DataFrame:
    """Give one row a part: every building that leads a cell or holds people, bands of the divided, open ground."""
    households, residents = whole(rows, "households"), whole(rows, "residents")
    counts = {str(one): (int(h), int(r)) for one, h, r in zip(rows["building_id"], households, residents, strict=True)}
    plain = (leads | (households > 0) | (residents > 0)) & ~rows["building_id"].isin(plan).to_numpy(bool)
    undivided = pd.DataFrame(
        {
            "part_id": rows["building_id"][plain],
            "building_id": rows["building_id"][plain],
            "cell_id": rows["cell_id"][plain],
            "households": households[plain],
            "residents": residents[plain],
        }
    )
    bare = cells["cell_id"][cells["building_id"].isna()]
    ground = pd.DataFrame({"part_id": bare, "cell_id": bare, "households": 0, "residents": 0})
    known = set(cells["cell_id"])
    bands = [
        one
        for building, held in sorted(plan.items())
        for one in _band_rows(building, held, counts[building], known, given)
    ]
    table = pd.concat([undivided, ground, pd.DataFrame(bands)], ignore_index=True)
    return _typed(table)


def _band_rows(
    building: str, bands: list[Band], counts: tuple[int, int], known: set[str], given: pd.DataFrame | None
) -> Iterator[dict[str, Any]]:
    weights = np.array([band.weight for band in bands], float)
    shares = [share_out(count, weights) for count in counts]
    for band, households, residents in zip(bands, *(share.tolist() for share in shares), strict=True):
        cell = f"{building}/{band.stair + 1}" if band.stair else building
        own = {} if band.row is None or given is None else _origin(given.iloc[band.row])
        yield {
            "part_id": band.part_id,
            "building_id": building,
            "cell_id": cell if cell in known else building,
            "entrance": band.entrance,
            "floor_from": band.floor_from,
            "floor_to": band.floor_to,
            "households": households,
            "residents": residents,
            "source": band.source if band.row is None else "given",
            **own,
        }


def _origin(row: "pd.Series[Any]") -> dict[str, Any]:
    return {name: row[name] for name in OF_THE_USER if name in row}


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of the schema with their types, sorted by key."""
    table = table.reindex(columns=TABLES["parts"].names)
    for column in TABLES["parts"]:
        if column.type == "int":
            table[column.name] = table[column.name].astype("Float64").astype("Int64")
        else:
            table[column.name] = table[column.name].astype(object).where(table[column.name].notna(), None)
    return table.sort_values("part_id", kind="stable", ignore_index=True)


def _notes(
    large: pd.DataFrame, plan: dict[str, list[Band]], split_above: int | None, table: pd.DataFrame
) -> list[Note]:
    if split_above is None:
        return []
    notes = []
    divided = [one for one in large["building_id"] if one in plan]
    if divided:
        count = sum(len(plan[one]) for one in divided)
        notes.append(note("cells_divided", count=len(divided), parts=count, most=split_above))
    still = table[(table["households"] > split_above).fillna(value=False).to_numpy(bool)]
    if len(still):
        ids = still["part_id"].tolist()
        notes.append(note("cells_too_large", count=len(ids), most=split_above, first=ids[:MOST_TOLD], ids=ids))
    return notes
