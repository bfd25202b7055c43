"""Buildings drawn by hand: added by a click or an outline, split by a line, put together, marked as gone.

Outlines come in degrees, as the page has them. What is drawn here is `edited_by_hand`: a second fetch leaves it alone.
A building that goes stays as a row (`demolished`), for plans and registers may speak of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.errors import InputError
from govmap.geometry import long_axis
from govmap.messages import note
from govmap.pipeline import handmade
from govmap.pipeline.describing import checked
from govmap.pipeline.handmade import Degrees, Hand, hand, row_of
from govmap.pipeline.report import Report
from govmap.project import Project
from govmap.shares import share_out

TABLE = "buildings"
SHARED = ("dwellings", "households_given", "residents_given", "shops_given", "workplaces_given", "stairwells")
SHOWN = ("households", "residents", "shops", "workplaces")
SAME = ("community_id", "compound_id", "use", "levels", "height_m", "homes_a_floor", "status", "name")
FOLLOWING = ("addresses", "entrances", "resources")
STANDING = ("standing", "new")


def add(
    project: Project,
    *,
    at: Degrees | None = None,
    ring: Sequence[Degrees] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Report:
    """
    Add a building: by its outline, or by a click, which makes one of the usual size, turned as its neighbour is.

    Parameters
    ----------
    at, ring
        A place, or the corners of the outline, in degrees. What lies on other buildings is cut away.
    facts
        As `describing.describe` takes them.

    Raises
    ------
    InputError
        It lies outside every community or mostly on other buildings, is far too small or large, or a fact is wrong.
    """
    bounds = catalog.layer("drawing")["bounds"]
    told = checked(facts or {})
    with hand(project, "add", {"drawn": ring is not None}) as made:
        stands = _standing(made)
        shape = _click(project, at, stands) if ring is None else handmade.polygon(project, ring)
        if not bounds["smallest_m2"] <= shape.area <= bounds["largest_m2"]:
            raise InputError("base_building_size", area=round(shape.area), **_size(bounds))
        shape = _beside_others(shape, stands, bounds)
        community = _community(made, shape)
        new = made.new_id("d", TABLE, shape)
        row = {"building_id": new, "community_id": community, "status": "new", "edited_by_hand": True}
        row |= {"compound_id": _compound(made, shape), "outline_source": "hand", **told}
        made.put(TABLE, row_of(TABLE, made.crs, shape, **row))
        made.stale = True
    figures = {"building_id": new, "area_m2": round(shape.area, 1), "community_id": community, "stale": True}
    return Report(figures=figures, notes=[note("base_done_add", building=new), note("base_stale")])


def split(project: Project, building_id: str, corners: Sequence[Degrees]) -> Report:
    """
    Divide a building along a drawn line; the largest piece keeps its id and number, counts are shared by area.

    Raises
    ------
    InputError
        There is no such building, or the line does not divide it into pieces that are large enough.
    """
    from shapely.ops import split as cut

    least = catalog.layer("drawing")["bounds"]["smallest_m2"]
    with hand(project, "split", {"building": building_id}) as made:
        row = _one(made, building_id)
        drawn = handmade.line(project, corners)
        pieces = [one for part in shapely.get_parts(row["geometry"]) for one in cut(part, drawn).geoms]
        pieces.sort(key=lambda one: (-one.area, one.wkb))
        if len(pieces) < 2 or len(pieces) == shapely.get_num_geometries(row["geometry"]):  # noqa: PLR2004 - in two
            raise InputError("base_line_misses", building=building_id)
        if pieces[-1].area < least:
            raise InputError("base_piece_small", area=round(pieces[-1].area, 1), least=least)
        ids = [building_id, *(made.new_id("d", TABLE, one) for one in pieces[1:])]
        made.put(TABLE, _pieces(made, row, pieces, ids))
        _doors_follow(made, building_id, pieces, ids)
        made.stale = True
    told = [note("base_done_split", building=handmade.called(row), count=len(ids)), note("base_stale")]
    return Report(figures={"building_ids": ids, "stale": True}, notes=told)


def merge(project: Project, building_ids: Sequence[str]) -> Report:
    """
    Put buildings together: the largest keeps its id and takes the counts, doors and addresses of the others.

    Raises
    ------
    InputError
        There are not two, one is unknown or gone, or they lie in different communities.
    """
    wanted = sorted(set(building_ids))
    if len(wanted) < 2:  # noqa: PLR2004 - two are put together
        raise InputError("base_two_needed")
    with hand(project, "merge", {"buildings": wanted}) as made:
        rows = pd.concat([made.read(TABLE, building_id=[_one(made, one)["building_id"]]) for one in wanted])
        if len(set(rows["community_id"])) > 1:
            raise InputError("base_two_communities")
        area = shapely.area(rows["geometry"].to_numpy())
        keeps = str(rows["building_id"].to_numpy()[int(np.argmax(area))])
        shape = shapely.union_all(rows["geometry"].to_numpy())
        first = rows[rows["building_id"] == keeps].iloc[0]
        sums = {name: _sum(rows[name]) for name in SHARED if name != "stairwells"}
        facts = {name: first[name] for name in SAME} | sums
        facts |= {"building_id": keeps, "edited_by_hand": True, "outline_source": "hand", "status": first["status"]}
        made.put(TABLE, row_of(TABLE, made.crs, shape, **facts))
        for one in wanted:
            if one != keeps:
                _gone(made, one)
                _follow(made, one, keeps)
        made.stale = True
    told = [note("base_done_merge", count=len(wanted), building=handmade.called(first)), note("base_stale")]
    return Report(figures={"building_id": keeps, "stale": True}, notes=told)


def demolish(project: Project, building_ids: Sequence[str]) -> Report:
    """
    Mark buildings as gone: they hold nobody and have no ground, but stay known.

    Raises
    ------
    InputError
        One is unknown or gone already.
    """
    if not building_ids:
        raise InputError("base_none_named")
    with hand(project, "demolish", {"buildings": sorted(set(building_ids))}) as made:
        for one in sorted(set(building_ids)):
            _gone(made, str(_one(made, one)["building_id"]))
        made.stale = True
    told = [note("base_done_demolish", count=len(set(building_ids))), note("base_stale")]
    return Report(figures={"building_ids": sorted(set(building_ids)), "stale": True}, notes=told)


# below ---------------------------------------------------------------------------------------------------------------
def _standing(made: Hand) -> pd.DataFrame:
    rows = made.read(TABLE)
    return rows[rows["status"].isin(STANDING) & rows["geometry"].notna()]


def _one(made: Hand, building_id: str) -> "pd.Series[Any]":
    rows = made.read(TABLE, building_id=[building_id])
    if rows.empty:
        raise InputError("base_no_building", building=building_id[:40])
    if rows["status"].iloc[0] not in STANDING:
        raise InputError("base_building_gone", building=building_id)
    row: pd.Series[Any] = rows.iloc[0]
    return row


def _click(project: Project, at: Degrees | None, stands: pd.DataFrame) -> Any:
    """Make the usual footprint around a place, turned as the nearest building is."""
    if at is None:
        raise InputError("base_no_place")
    usual = catalog.layer("drawing")["footprint"]
    place = handmade.point(project, at)
    axis = np.array([1.0, 0.0])
    shapes = stands["geometry"].to_numpy()
    if len(shapes):
        near = int(shapely.STRtree(shapes).nearest(place))
        if shapely.distance(shapes[near], place) <= usual["neighbour_m"]:
            axis = long_axis(shapes[near])[1]
    along, across = axis * usual["length_m"] / 2, np.array([-axis[1], axis[0]]) * usual["width_m"] / 2
    middle = np.array([place.x, place.y])
    corners = [middle + a * along + b * across for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return shapely.polygons(np.asarray(corners))


def _beside_others(shape: Any, stands: pd.DataFrame, bounds: Mapping[str, Any]) -> Any:
    """Cut away what lies on other buildings; refuse a shape most of which does."""
    shapes = stands["geometry"].to_numpy()
    hits: list[int] = shapely.STRtree(shapes).query(shape, predicate="intersects").tolist() if len(shapes) else []
    if not hits:
        return shape
    free = shapely.difference(shape, shapely.union_all(shapes[hits]))
    pieces = [one for one in shapely.get_parts(free) if one.geom_type == "Polygon"]
    whole = max(pieces, key=lambda one: one.area, default=None)
    kept = 0.0 if whole is None else whole.area
    if whole is None or kept < shape.area * (1 - bounds["overlap_share"]) or kept < bounds["smallest_m2"]:
        raise InputError("base_on_others", building=str(stands["building_id"].to_numpy()[min(hits)]))
    return whole


def _size(bounds: Mapping[str, Any]) -> dict[str, Any]:
    return {"least": bounds["smallest_m2"], "most": int(bounds["largest_m2"])}


def _community(made: Hand, shape: Any) -> str:
    from govmap.sources.surroundings import community_of

    communities = made.read("communities")
    found = community_of(np.array([shape], dtype=object), communities)[0] if len(communities) else None
    if found is None:
        raise InputError("base_outside")
    return str(found)


def _compound(made: Hand, shape: Any) -> str | None:
    """Name the smallest compound in which a building stands."""
    rows = made.read("compounds")
    place = shapely.point_on_surface(shape)
    inside = rows[[one is not None and one.intersects(place) for one in rows["geometry"]]]
    if inside.empty:
        return None
    return str(inside["compound_id"].to_numpy()[int(np.argmin(shapely.area(inside["geometry"].to_numpy())))])


def _pieces(made: Hand, row: "pd.Series[Any]", pieces: Sequence[Any], ids: Sequence[str]) -> pd.DataFrame:
    """Give the rows of the pieces of a building: counts shared by area, the number with the largest."""
    area = np.array([one.area for one in pieces])
    shared: dict[str, list[int | None]] = {
        name: [None] * len(ids) if pd.isna(row[name]) else [int(one) for one in share_out(int(row[name]), area)]
        for name in SHARED
    }
    shared["stairwells"] = [one or None for one in shared["stairwells"]]
    frames = [
        row_of(
            TABLE, made.crs, shape, **{name: row[name] for name in SAME}, building_id=one, edited_by_hand=True,
            outline_source="hand", **{name: shared[name][at] for name in SHARED},
        )
        for at, (shape, one) in enumerate(zip(pieces, ids, strict=True))
    ]  # fmt: skip
    found: pd.DataFrame = pd.concat(frames, ignore_index=True)
    return found


def _doors_follow(made: Hand, building_id: str, pieces: Sequence[Any], ids: Sequence[str]) -> None:
    """Let doors and addresses of a divided building go to the piece they are nearest to."""
    for table in FOLLOWING:
        rows = made.read(table, building_id=[building_id])
        rows = rows[rows["geometry"].notna()]
        if len(rows):
            far = np.array([shapely.distance(one, rows["geometry"].to_numpy()) for one in pieces])
            nearest = [ids[at] for at in far.argmin(axis=0)]
            key = made.change.session.read(table, where={"building_id": [building_id]}).columns[0]
            made.put(table, pd.DataFrame(rows)[[key]].assign(building_id=nearest))


def _gone(made: Hand, building_id: str) -> None:
    row = {"building_id": building_id, "status": "demolished", "reason": "demolished", "cell_id": None}
    nobody = {**dict.fromkeys((*SHOWN, "households_low", "households_high"), 0), "edited_by_hand": True}
    made.put(TABLE, row_of(TABLE, made.crs, None, **row, **nobody))


def _follow(made: Hand, building_id: str, keeps: str) -> None:
    """Let what belongs to a building belong to another."""
    for table in FOLLOWING:
        rows = made.read(table, building_id=[building_id])
        if len(rows):
            made.put(table, pd.DataFrame(rows)[[rows.columns[0]]].assign(building_id=keeps))


def _sum(column: "pd.Series[Any]") -> int | None:
    return None if column.isna().all() else int(column.fillna(0).sum())
