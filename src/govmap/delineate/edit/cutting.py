"""How a unit is divided: by a line drawn across it, or into so many pieces of like size."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govmap.delineate.criteria import Criteria
from govmap.delineate.divide import delineate
from govmap.delineate.edit.draft import Draft
from govmap.delineate.edit.rules import pieces
from govmap.delineate.problem import Ints
from govmap.errors import PlanError

Shapes = NDArray[np.object_]
TOUCHING_M = 1e-6
BEYOND_M = 1.0
STRAY_SHARE = 0.1


def by_line(draft: Draft, unit: str, cells: pd.DataFrame, line: Any, weight: Ints) -> "pd.Series[Any]":
    """
    Say on which side of a line each part of a unit lies: where most of its cell does.

    What a line cuts off by a hair, up to a tenth of its side, goes to the side it hangs together with.

    Parameters
    ----------
    cells
        `cell_id`, geometry.
    line
        A line in the same system; an end inside the unit is drawn on, straight, until it leaves it.
    weight
        What each row of `draft.atoms` counts.

    Returns
    -------
    group
        0 or 1 by part id.

    Raises
    ------
    PlanError
        The line misses the unit, or all its buildings lie on one side.
    """
    mine = draft.atoms[draft.atoms["part_id"].isin(draft.plan.members(unit))]
    own = cells[cells["cell_id"].isin(mine["cell_id"])].sort_values("cell_id", kind="stable")
    side = sides(own["geometry"].to_numpy(), line)
    if side is None:
        raise PlanError("edit_line_misses", unit_codes=draft.shown([unit]))
    of_cell = pd.Series(side, index=own["cell_id"].to_numpy())
    group = pd.Series(of_cell.reindex(mine["cell_id"]).to_numpy(), index=mine["part_id"].to_numpy()).sort_index()
    group = _tidied(group, draft, pd.Series(weight, index=draft.atoms["part_id"].to_numpy()))
    if len(set(group)) == 1:
        raise PlanError("edit_line_one_side", unit_codes=draft.shown([unit]))
    return group


def in_pieces(draft: Draft, unit: str, number: int, criteria: Criteria, weight: Ints) -> "pd.Series[Any]":
    """
    Divide a unit into so many pieces of like size, as a community is divided.

    Compounds and buildings stay whole where that can be; where nothing is counted the area is shared.

    Returns
    -------
    group
        Number of its piece by part id.

    Raises
    ------
    PlanError
        It cannot be divided into so many: too few buildings, or islands.
    """
    here = draft.atoms["part_id"].isin(draft.plan.members(unit)).to_numpy()
    by = criteria.by if weight[here].sum() else "area"
    wanted = Criteria(units=number, by=by, keep_whole=criteria.keep_whole, equal=True, seed=criteria.seed)
    for wholes in (wanted.keep_whole, ()):
        found = delineate(draft.atoms[here], draft.graph, replace(wanted, keep_whole=wholes)).assignment
        if found["unit_id"].nunique() == number:
            break
    else:
        made = int(found["unit_id"].nunique())
        raise PlanError("edit_not_so_many", unit_codes=draft.shown([unit]), wanted=number, made=made)
    numbers = pd.factorize(found["unit_id"], sort=True)[0]
    return pd.Series(numbers, index=found["part_id"].to_numpy())


def sides(shapes: Shapes, line: Any) -> "Ints | None":
    """
    Give the side of a line, 0 or 1, on which most of each shape lies; None where the line cuts through nothing.

    The shapes are a coverage. Where the line crosses them more than once, sides alternate.
    """
    outline = shapely.coverage_union_all(shapes)
    net = shapely.union_all([shapely.boundary(outline), _drawn_on(line, outline)])
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(net)))), dtype=object)
    shapely.prepare(outline)
    faces = faces[shapely.contains(outline, shapely.point_on_surface(faces))]
    if len(faces) <= shapely.get_num_geometries(outline):
        return None
    colour = _coloured(faces)
    cell, face = shapely.STRtree(faces).query(shapes, predicate="intersects")
    area = shapely.area(shapely.intersection(shapes[cell], faces[face]))
    ones = np.bincount(cell, area * colour[face], len(shapes))
    side: Ints = (ones * 2 > shapely.area(shapes)).astype(np.int64)
    return side


def _drawn_on(line: Any, outline: Any) -> Any:
    """Lengthen each end that lies inside until it leaves the outline."""
    shapely.prepare(outline)
    xy = shapely.get_coordinates(line)
    ends = [_onward(xy[1], xy[0], outline), _onward(xy[-2], xy[-1], outline)]
    return shapely.linestrings(np.vstack([ends[0], xy, ends[1]]))


def _onward(before: Any, end: Any, outline: Any) -> Any:
    """Give the point where the way from `before` through `end` leaves the outline, `end` itself where it is outside."""
    if not shapely.contains_xy(outline, end[0], end[1]):
        return end
    west, south, east, north = shapely.bounds(outline)
    step = (end - before) / max(float(np.hypot(*(end - before))), 1e-12)
    way = shapely.linestrings([end, end + step * np.hypot(east - west, north - south)])
    met = shapely.get_coordinates(shapely.intersection(way, shapely.boundary(outline)))
    if not len(met):
        return end
    first = met[np.argmin(np.hypot(*(met - end).T))]
    return first + step * BEYOND_M


def _coloured(faces: Shapes) -> Ints:
    """Give faces that meet along the line different colours, and a face that meets none that of the nearest one."""
    i, j = shapely.STRtree(faces).query(faces, predicate="intersects")
    shared = shapely.length(shapely.intersection(shapely.boundary(faces[i]), shapely.boundary(faces[j])))
    meets = (i != j) & (shared > TOUCHING_M)
    near = {int(one): sorted(int(other) for other in j[meets & (i == one)]) for one in range(len(faces))}
    colour = np.full(len(faces), -1, dtype=np.int64)
    todo = [int(np.argmax(np.where([bool(near[one]) for one in range(len(faces))], shapely.area(faces), -1)))]
    colour[todo[0]] = 0
    while todo or (colour < 0).any():
        if not todo:
            todo = [_next_face(faces, colour)]
        now = todo.pop()
        fresh = [one for one in near[now] if colour[one] < 0]
        colour[fresh] = 1 - colour[now]
        todo += fresh
    return colour


def _next_face(faces: Shapes, colour: Ints) -> int:
    """Colour one face of ground that lies apart as the nearest coloured one, and name it."""
    left, known = np.flatnonzero(colour < 0), np.flatnonzero(colour >= 0)
    distance = np.array([shapely.distance(faces[one], faces[known]) for one in left])
    row, column = np.unravel_index(int(np.argmin(distance)), distance.shape)
    colour[left[row]] = colour[known[column]]
    return int(left[row])


def _tidied(group: "pd.Series[Any]", draft: Draft, weight: "pd.Series[Any]") -> "pd.Series[Any]":
    """Hand small strays of one side over to the other, where they hang together with it and not with their own."""
    whole = len(set(pieces(pd.Series(0, index=group.index), draft.graph).tolist()))
    piece = pd.Series(pieces(group, draft.graph), index=group.index)
    if piece.nunique() <= whole + 1:
        return group
    mine = weight.reindex(group.index).fillna(0)
    frame = pd.DataFrame({"group": group, "piece": piece, "weight": mine})
    held = frame.groupby(["group", "piece"])["weight"].agg(["sum", "size"]).reset_index()
    held = held.sort_values(["group", "sum", "size", "piece"], ascending=[True, False, False, True], kind="stable")
    total = held.groupby("group")[["sum", "size"]].transform("sum")
    small = (held["sum"] <= STRAY_SHARE * total["sum"]) & (held["size"] <= STRAY_SHARE * total["size"])
    stray = held.loc[small & held["group"].duplicated(), "piece"]
    turned = group.where(~piece.isin(set(stray)), 1 - group)
    better = len(set(pieces(turned, draft.graph).tolist())) < piece.nunique()
    return turned if better else group
