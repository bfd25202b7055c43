"""Tessellation: from buildings and barriers to cells, the stages in order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govmap.cells import joining
from govmap.cells.enclosures import Enclosures, Lines, enclose
from govmap.cells.footprints import Footprints, arrange
from govmap.cells.openspace import Ground, split_off
from govmap.cells.planar import polygons
from govmap.cells.ridges import ridges
from govmap.cells.stretches import cut_across
from govmap.cells.strips import split_strips
from govmap.cells.strokes import compact, cut
from govmap.geometry import Bools, Floats, Ints, Shapes, polygonal, sums
from govmap.messages import Note, note

SHED_USES = frozenset({"shed", "garage", "garages", "carport", "roof", "outbuilding", "hut", "service", "container"})
SHED_M2 = 20.0
STEP = "progress_cells"
NOWHERE = -1e12
STANDING = ("standing", "new")
BARRED = 1.0
LEAST_TOLD = 0.01
MOST_TOLD = 10
STREET_KINDS = frozenset(
    {"motorway", "trunk", "primary", "secondary", "tertiary", "street", "residential", "unclassified", "living_street"}
)

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Tessellation:
    """
    Cells, and what became of every building.

    `buildings` has building_id, community_id, cell_id and reason for each building given; `blocks` the enclosures that
    the cells keep to (block_id, built, geometry), wide open ground apart; `moved` the pieces of ground that went to
    another cell than distance alone would say (cell_id, reason, geometry); `figures` counts and lengths; `notes` what
    people should know.
    """

    cells: gpd.GeoDataFrame
    buildings: pd.DataFrame
    blocks: gpd.GeoDataFrame
    moved: gpd.GeoDataFrame
    notes: list[Note] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Standing:
    """The buildings that take part, in order of id."""

    id: NDArray[np.object_]
    shape: Shapes
    point: Floats
    community: Ints
    shed: Bools


@dataclass(frozen=True)
class _Made:
    """What the stages made: pieces of ground, the cell each joined, the main piece of every building."""

    prints: Footprints
    home: Ints
    ground: Ground
    land: joining.Land
    under: Ints
    cell: Ints
    main: Ints


def tessellate(
    buildings: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    *,
    streets: gpd.GeoDataFrame | None = None,
    compounds: gpd.GeoDataFrame | None = None,
    chord_m: float = 0.02,
    threads: int = 1,
    progress: Progress | None = None,
) -> Tessellation:
    """
    Divide the ground of communities among the buildings that stand on it.

    Each cell holds the ground nearer to its building than to any other of the same block, in one piece; blocks are
    closed by barriers and boundaries, and no cell crosses a barrier of strength 1. Blocks without a building and wide
    open ground are cells of no building, several where they are long and narrow.

    Parameters
    ----------
    buildings
        Footprints with `building_id`; `use`, `status`, `households`, `dwellings` and `name` are heeded where present.
    barriers
        Lines with `strength` and `on_ground`.
    communities
        Polygons with `community_id`.
    streets
        They close blocks too where `barriers` has none of their kinds.
    compounds
        Polygons with `compound_id`.
    chord_m
        Largest distance between a curved ridge and the chords drawn for it.
    threads
        Processors that may be used; the result does not depend on it.
    progress
        Told now and then what is done and the share of it.
    """
    told = progress or (lambda _key, _share: None)
    communities = communities.sort_values("community_id", kind="stable", ignore_index=True)
    bounds = polygonal(communities.geometry.to_numpy())
    standing, fate = _standing(buildings, bounds)
    lines = _lines(barriers, streets)
    made = _make(standing, lines, bounds, told, chord_m=chord_m, threads=threads)
    found = _tell(made, standing, fate, communities, compounds)
    told(STEP, 1.0)
    return found


# ---------------------------------------------------------------------------------------------------- what is given


def _standing(buildings: gpd.GeoDataFrame, bounds: Shapes) -> tuple[_Standing, pd.DataFrame]:
    """Take the buildings that stand inside, in order of id; give all of them with the reason why not."""
    rows = buildings.sort_values("building_id", kind="stable", ignore_index=True)
    shape = polygonal(rows.geometry.to_numpy())
    point = np.full((len(rows), 2), NOWHERE)
    some = ~shapely.is_empty(shape)
    point[some] = shapely.get_coordinates(shapely.point_on_surface(shape[some]))
    community = np.full(len(rows), len(bounds))
    inside, where = shapely.STRtree(bounds).query(shapely.points(point), predicate="intersects")
    np.minimum.at(community, inside, where)
    status = rows["status"].fillna("standing") if "status" in rows else pd.Series("standing", rows.index)
    reason = np.full(len(rows), None, object)
    reason[community == len(bounds)] = "outside"
    reason[~some] = "no_outline"
    gone = ~status.isin(STANDING).to_numpy()
    reason[gone] = status.to_numpy(object)[gone]
    kept = np.flatnonzero(pd.isna(reason))
    fate = pd.DataFrame({"building_id": rows["building_id"].to_numpy(object), "reason": reason})
    shed = _is_shed(rows, shape)[kept]
    return _Standing(fate["building_id"].to_numpy(object)[kept], shape[kept], point[kept], community[kept], shed), fate


def _is_shed(rows: pd.DataFrame, shape: Shapes) -> Bools:
    """Tell what joins its neighbour: sheds, garages and roofs, and what is too small to live in."""
    held = np.zeros(len(rows), bool)
    for column in ("households", "dwellings", "residents"):
        if column in rows:
            held |= (rows[column].fillna(0) > 0).to_numpy(bool)
    named = rows["name"].notna().to_numpy() if "name" in rows else np.zeros(len(rows), bool)
    use = rows["use"].isin(SHED_USES).to_numpy() if "use" in rows else np.zeros(len(rows), bool)
    return np.asarray((use | ((shapely.area(shape) < SHED_M2) & ~named)) & ~held)


def _lines(barriers: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None) -> Lines:
    """Give what may close blocks: barriers on the ground, and streets where the barriers have none."""
    on_ground = barriers["on_ground"].fillna(True).astype(bool) & (barriers["strength"].fillna(0) > 0)
    used = barriers[on_ground].sort_values("barrier_id", kind="stable")
    shapes, barred = used.geometry.to_numpy(), (used["strength"] >= BARRED).to_numpy(bool)
    if streets is not None and not barriers["kind"].isin(STREET_KINDS).any():
        more = streets[streets["kind"].isin(STREET_KINDS)].sort_values("street_id", kind="stable").geometry.to_numpy()
        shapes, barred = np.concatenate([shapes, more]), np.concatenate([barred, np.zeros(len(more), bool)])
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return Lines(shapely.force_2d(np.asarray(shapes[known], object)), barred[known])


# ---------------------------------------------------------------------------------------------------- the stages


def _make(standing: _Standing, lines: Lines, bounds: Shapes, told: Progress, *, chord_m: float, threads: int) -> _Made:
    prints = arrange(standing.shape)
    told(STEP, 0.15)
    blocks = enclose(bounds, lines, prints)
    home = _homes(blocks, prints, standing)
    told(STEP, 0.25)
    ground = cut_across(split_strips(split_off(blocks, prints, home), prints, home), home)
    told(STEP, 0.3)
    made = cut(
        ground.enclosures.mesh,
        ridges(prints, home, chord_m=chord_m, threads=threads, tick=lambda share: told(STEP, 0.3 + 0.5 * share)),
        ground.enclosures.shapes,
    )
    land = joining.land(made, ground.enclosures.barred, prints, home)
    under = joining.ground_under(land, prints, home)
    where = ground.enclosures.community[land.enclosure]
    main = joining.main_pieces(land, prints, under, where == np.append(standing.community, -1)[land.owner])
    cell = joining.join_strays(land, main)
    cell = joining.join_sheds(land, cell, main, standing.shed, standing.shape)
    cell = joining.join_slivers(land, cell, ground.enclosures.community)
    told(STEP, 0.95)
    return _Made(prints, home, ground, land, under, cell, main)


def _homes(blocks: Enclosures, prints: Footprints, standing: _Standing) -> Ints:
    """Give the block in which each piece of a footprint stands; of one piece the building's own point decides."""
    count = np.bincount(prints.piece_owner, minlength=len(standing.id))
    own = (count[prints.piece_owner] == 1)[:, None]
    point = np.where(own, standing.point[prints.piece_owner], prints.piece_point)
    home = np.full(len(point), len(blocks.shapes))
    piece, block = shapely.STRtree(blocks.shapes).query(shapely.points(point), predicate="intersects")
    np.minimum.at(home, piece, block)
    return np.where(home == len(blocks.shapes), -1, home)


# ---------------------------------------------------------------------------------------------------- the result


def _tell(
    made: _Made,
    standing: _Standing,
    fate: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    compounds: gpd.GeoDataFrame | None,
) -> Tessellation:
    """Give cells, buildings and blocks as tables."""
    lead, shape, owner = _cells(made)
    place = _place(made, standing, lead, shape)
    cell_id = _cell_ids(owner, shape, standing)
    community = communities["community_id"].to_numpy(object)[_communities(made, lead)]
    block_id, blocks = _blocks(made, standing, lead, cell_id)
    under = made.under[made.ground.enclosures.straddlers]
    straddling = np.searchsorted(lead, made.cell[under[under >= 0]])
    point = shapely.get_coordinates(shapely.point_on_surface(shape))
    point[owner >= 0] = standing.point[owner[owner >= 0]]
    table = {
        "cell_id": cell_id,
        "community_id": community,
        "building_id": _named(standing.id, owner),
        "compound_id": _compounds(point, compounds),
        "block_id": block_id,
        "area_m2": shapely.area(shape),
        "straddles": np.isin(np.arange(len(lead)), straddling),
    }
    order = np.argsort(cell_id.astype(str), kind="stable")
    cells = gpd.GeoDataFrame(_plain(table), geometry=shape, crs=communities.crs).iloc[order].reset_index(drop=True)
    names = communities["community_id"].to_numpy(object)[standing.community]
    placed = _fates(made, standing, fate, cell_id[place], owner[place], names)
    figures = _figures(made, standing, cells, placed)
    moved = _moved(made, cell_id, lead).set_crs(communities.crs)
    notes = _notes(made, standing, polygonal(communities.geometry.to_numpy()), figures)
    return Tessellation(cells, placed, blocks.set_crs(communities.crs), moved, notes, figures)


def _cells(made: _Made) -> tuple[Ints, Shapes, Ints]:
    """Build cells: the piece that leads each, its polygon, the building it is named for (-1: open)."""
    lead, number = np.unique(made.cell, return_inverse=True)
    mesh, of = made.land.mesh, np.append(number, -1)
    left, right = of[mesh.left], of[mesh.right]
    shape = polygons(compact(mesh.faces(left, right).take(left != right)), len(lead))
    owner = made.land.owner[lead]
    return lead, shape, np.where((owner >= 0) & (np.append(made.main, -1)[owner] == lead), owner, -1)


def _place(made: _Made, standing: _Standing, lead: Ints, shape: Shapes) -> Ints:
    """Give the cell of every standing building: its own, that of what swallowed it, or the one it stands in."""
    own = np.where(made.main >= 0, made.main, made.main[made.prints.swallower])
    place = np.searchsorted(lead, made.cell[own])
    lost = np.flatnonzero((own < 0) | (_communities(made, lead)[place] != standing.community))
    if len(lost):
        place[lost] = shapely.STRtree(shape).nearest(shapely.points(standing.point[lost]))
    return place


def _cell_ids(owner: Ints, shape: Shapes, standing: _Standing) -> NDArray[np.object_]:
    """Name cells after their building, open ground after its place."""
    ids = _named(standing.id, owner)
    bare = np.flatnonzero(owner < 0)
    point = shapely.get_coordinates(shapely.point_on_surface(shape[bare]))
    taken = set(ids[owner >= 0])
    for row in np.lexsort((point[:, 1], point[:, 0])).tolist():
        name = f"o{point[row, 0]:.0f}_{point[row, 1]:.0f}"
        turn = 1
        while name in taken:
            turn += 1
            name = f"o{point[row, 0]:.0f}_{point[row, 1]:.0f}_{turn}"
        taken.add(name)
        ids[bare[row]] = name
    return ids


def _plain(table: dict[str, Any]) -> dict[str, Any]:
    """Keep text as text with None where it is missing."""
    return {
        name: pd.Series(column, dtype=object) if column.dtype == object else column for name, column in table.items()
    }


def _named(names: NDArray[np.object_], rows: Ints) -> NDArray[np.object_]:
    """Give the names of rows, None for -1."""
    given = np.full(len(rows), None, object)
    given[rows >= 0] = names[rows[rows >= 0]]
    return given


def _communities(made: _Made, lead: Ints) -> Ints:
    return made.ground.enclosures.community[made.land.enclosure[lead]]


def _blocks(
    made: _Made, standing: _Standing, lead: Ints, cell_id: NDArray[np.object_]
) -> tuple[NDArray[np.object_], gpd.GeoDataFrame]:
    """Name blocks after the first building in each, else after the first cell: of each cell, and as a table."""
    held = np.flatnonzero(made.home >= 0)
    name = np.full(len(made.ground.enclosures.shapes), None, object)
    first = np.full(len(name), len(standing.id))
    np.minimum.at(first, made.ground.block[made.home[held]], made.prints.piece_owner[held])
    name[first < len(standing.id)] = standing.id[first[first < len(standing.id)]]
    cell_block = made.ground.block[made.land.enclosure[lead]]
    for row in np.argsort(cell_id.astype(str), kind="stable").tolist():
        if name[cell_block[row]] is None:
            name[cell_block[row]] = cell_id[row]
    table = {"block_id": name[made.ground.block], "built": np.isin(np.arange(len(name)), made.home)}
    return name[cell_block], gpd.GeoDataFrame(_plain(table), geometry=made.ground.enclosures.shapes)


def _moved(made: _Made, cell_id: NDArray[np.object_], lead: Ints) -> gpd.GeoDataFrame:
    """Give the pieces of ground that went to another building than the nearest, and slivers."""
    owner, piece = made.land.owner, np.arange(len(made.cell))
    stray = (owner >= 0) & (np.append(made.main, -1)[owner] != piece)
    rows = np.flatnonzero(stray | ((owner < 0) & (made.cell != piece)))
    table = {
        "cell_id": cell_id[np.searchsorted(lead, made.cell[rows])],
        "reason": np.where(stray[rows], "stray", "sliver").astype(object),
    }
    return gpd.GeoDataFrame(_plain(table), geometry=joining.shapes_of(made.land, rows)[rows])


def _compounds(point: Floats, compounds: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    """Give the smallest compound that holds each point."""
    found = np.full(len(point), None, object)
    if compounds is None or not len(compounds):
        return found
    rows = compounds.sort_values("compound_id", kind="stable")
    shape = polygonal(rows.geometry.to_numpy())
    at, compound = shapely.STRtree(shape).query(shapely.points(point), predicate="intersects")
    order = np.lexsort((-compound, -shapely.area(shape)[compound], at))
    found[at[order]] = rows["compound_id"].to_numpy(object)[compound[order]]
    return found


def _fates(
    made: _Made,
    standing: _Standing,
    fate: pd.DataFrame,
    cell_id: NDArray[np.object_],
    leader: Ints,
    community: NDArray[np.object_],
) -> pd.DataFrame:
    """Say of every building given which cell it has, or why none."""
    gone, own = made.prints.swallower >= 0, made.prints.swallower == np.arange(len(leader))
    joined = (leader != np.arange(len(leader))) | gone
    kind = np.select([own, gone, standing.shed], ["small", "swallowed", "shed"], "stray")
    told = [f"{why}:{cell}" if yes else None for why, cell, yes in zip(kind, cell_id, joined, strict=True)]
    placed = pd.DataFrame(
        {"building_id": standing.id, "community_id": community, "cell_id": cell_id, "joined": told}, dtype=object
    )
    whole = fate.merge(placed, on="building_id", how="left", validate="one_to_one")
    whole["reason"] = whole["reason"].where(whole["reason"].notna(), whole["joined"])
    whole = whole[["building_id", "community_id", "cell_id", "reason"]].astype(object)
    return whole.where(whole.notna(), None)


def _figures(made: _Made, standing: _Standing, cells: gpd.GeoDataFrame, placed: pd.DataFrame) -> dict[str, Any]:
    grounds = np.flatnonzero(made.ground.block != np.arange(len(made.ground.block)))
    kind = pd.Series([str(one).partition(":")[0] for one in placed["reason"].dropna()], dtype=object)
    return {
        "buildings": len(placed),
        "standing": len(standing.id),
        "cells": len(cells),
        "open_cells": int(cells["building_id"].isna().sum()),
        "reasons": {str(key): int(count) for key, count in kind.value_counts().sort_index().items()},
        "straddlers": int(cells["straddles"].sum()),
        "open_grounds": len(grounds),
        "open_grounds_ha": round(float(shapely.area(made.ground.enclosures.shapes[grounds]).sum()) / 10_000, 1),
        "strays": int((made.land.owner >= 0).sum() - (made.main >= 0).sum()),
        "dead_ends_km": round(made.ground.enclosures.dead_ends_m / 1000, 3),
        "mixed": made.land.mixed,
    }


def _notes(made: _Made, standing: _Standing, bounds: Shapes, figures: dict[str, Any]) -> list[Note]:
    """Say what people should look at: buildings across barriers, overlaps, barriers that close nothing."""
    notes = []
    straddlers = np.unique(made.prints.piece_owner[made.ground.enclosures.straddlers])
    small = made.prints.swallower == np.arange(len(standing.id))
    overlaps = np.flatnonzero((made.prints.lost > LEAST_TOLD) & ~small)
    beyond = np.flatnonzero(_beyond(standing, bounds) > LEAST_TOLD)
    apart = np.setdiff1d(_apart(made), beyond)
    for key, rows in (
        ("cells_straddle", straddlers),
        ("cells_overlap", overlaps),
        ("cells_over_boundary", beyond),
        ("cells_apart", apart),
    ):
        if len(rows):
            ids = standing.id[rows].tolist()
            notes.append(note(key, count=len(ids), ids=ids, first=ids[:MOST_TOLD]))
    if figures["dead_ends_km"] > 0:
        notes.append(note("cells_dead_ends", km=figures["dead_ends_km"]))
    if figures["open_grounds"]:
        notes.append(note("cells_open_ground", count=figures["open_grounds"], hectares=figures["open_grounds_ha"]))
    if figures["strays"]:
        notes.append(note("cells_strays", count=figures["strays"]))
    return notes


def _beyond(standing: _Standing, bounds: Shapes) -> Floats:
    """Give the share of each footprint that lies beyond the boundary of its community."""
    share = np.zeros(len(standing.id))
    near = np.unique(shapely.STRtree(shapely.boundary(bounds)).query(standing.shape, predicate="intersects")[0])
    out = shapely.area(shapely.difference(standing.shape[near], bounds[standing.community[near]]))
    share[near] = out / shapely.area(standing.shape[near])
    return share


def _apart(made: _Made) -> Ints:
    """Give the buildings of which a told share stands on ground that went to another cell."""
    prints, cell = made.prints, np.append(made.cell, -1)
    own = cell[made.main[prints.piece_owner]]
    away = (own >= 0) & (cell[made.under] != own)
    whole = sums(prints.piece_owner, prints.piece_area, len(prints.lost))
    lost = sums(prints.piece_owner[away], prints.piece_area[away], len(prints.lost))
    return np.flatnonzero(lost > LEAST_TOLD * whole)
