"""Cells, parts and buildings, looked up from each other and from points."""

from collections import defaultdict
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap import addresses as wording

Texts = npt.NDArray[np.object_]
Answer = tuple[str | None, str | None, str | None, str | None]
POINT = 0  # shapely's type of a point
# A point rounded to five decimals of a degree lies up to a metre from where it was.
TOLERANCE_M = 1.0


class Where(NamedTuple):
    """What each row says of its place: building found by words, cell found by its point, part, address, reason."""

    building: Texts
    pointed: Texts
    wanted: Texts
    asked: Texts
    has_point: npt.NDArray[np.bool_]
    reason: Texts


class Places:
    """Cells, parts and buildings, looked up from each other."""

    near_score = 0.95

    def __init__(self, parts: pd.DataFrame, buildings: pd.DataFrame, cells: gpd.GeoDataFrame) -> None:
        ordered = parts.sort_values(["cell_id", "floor_from", "part_id"], na_position="first")
        self.building_of_part = dict(zip(parts["part_id"], parts["building_id"], strict=True))
        self._cell_of_part = dict(zip(parts["part_id"], parts["cell_id"], strict=True))
        first = ordered.drop_duplicates("cell_id")
        self._ground_part = dict(zip(first["cell_id"], first["part_id"], strict=True))
        self._parts_of_building: dict[str, list[str]] = defaultdict(list)
        for building, part in zip(texts(ordered, "building_id"), ordered["part_id"], strict=True):
            self._parts_of_building[building].append(part)
        self._entrances = _part_by_entrance(parts)
        self._cells = cells.sort_values("cell_id", ignore_index=True)
        self._tree = shapely.STRtree(self._cells.geometry.to_numpy())
        self.building_of_cell = dict(zip(cells["cell_id"], texts(cells, "building_id"), strict=True))
        told = zip(texts(buildings, "cell_id"), texts(buildings, "reason"), strict=True)
        self._buildings = dict(zip(buildings["building_id"], told, strict=True))

    def cell_of(self, shapes: "pd.Series[Any]", within_m: float = TOLERANCE_M) -> tuple[Texts, npt.NDArray[np.bool_]]:
        """
        Give the cell each point lies in, and whether it lies beside it.

        On a shared edge it is the cell of the smallest id, once for all. A point outside all cells belongs to the
        nearest within the tolerance, the smallest id among equals to a micrometre; beyond that to none.
        """
        found, near = np.full(len(shapes), None, dtype=object), np.zeros(len(shapes), dtype=bool)
        points = np.asarray(shapes.to_numpy(object), dtype=object)
        there = np.flatnonzero(shapely.is_geometry(points) & ~shapely.is_empty(points))
        if len(there) == 0 or len(self._cells) == 0:
            return found, near
        middle = points[there]
        wide = shapely.get_type_id(middle) != POINT
        middle[wide] = shapely.point_on_surface(middle[wide])
        first = self._first_holding(middle)
        lost = np.flatnonzero(first == len(self._cells))
        first[lost] = self._nearest(middle[lost], within_m)
        inside = first < len(self._cells)
        found[there[inside]] = self._cells["cell_id"].to_numpy(object)[first[inside]]
        near[there[lost]] = inside[lost]
        return found, near

    def _first_holding(self, points: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
        """Give the place of the first cell that holds or touches each point; the number of cells where none does."""
        if len(points) > len(self._cells):  # the fewer shapes are asked, each prepared once
            cell, at = shapely.STRtree(points).query(self._cells.geometry.to_numpy(), predicate="intersects")
        else:
            at, cell = self._tree.query(points, predicate="intersects")
        first = np.full(len(points), len(self._cells), dtype=np.int64)
        np.minimum.at(first, at, cell)
        return first

    def _nearest(self, points: npt.NDArray[np.object_], within_m: float) -> npt.NDArray[np.int64]:
        """Give the place of the nearest cell within a distance; the number of cells where there is none."""
        first = np.full(len(points), len(self._cells), dtype=np.int64)
        at, cell = self._tree.query(points, predicate="dwithin", distance=within_m)
        away = shapely.distance(points[at], self._cells.geometry.to_numpy()[cell]).round(6)
        order = np.lexsort((cell, away, at))
        rows, once = np.unique(at[order], return_index=True)
        first[rows] = cell[order][once]
        return first

    def area_reasons(self, shapes: Texts) -> Texts:
        """Say of areas why they count for nothing here: no shape is known, or it lies outside; None where it counts."""
        reason = np.full(len(shapes), None, dtype=object)
        known = shapely.area(shapes) > 0
        reason[~known] = "unknown_area"
        if len(self._cells):
            touching = self._tree.query(shapes, predicate="intersects")[0]
            reason[known & ~np.isin(np.arange(len(shapes)), touching)] = "outside"
        return reason

    def put(self, where: Where, *, ground_floor: bool) -> dict[str, Texts]:
        """Give building, part and cell of each row, or the reason why it has none; each different answer once."""
        known = where.building != None  # noqa: E711 - elementwise
        cells, at_cell = pd.factorize(where.pointed)
        here = np.array([self.building_of_cell.get(one) for one in at_cell] + [None], dtype=object)[cells]
        beside = np.where(~known | (here == where.building), cells, -1)
        facts = (where.building, where.wanted, where.asked, where.reason)
        coded = [np.where(known | (column is where.reason), pd.factorize(column)[0], -1) for column in facts]
        key = _one_code([beside, where.has_point.astype(np.int64), *coded])
        first = np.unique(key, return_index=True)[1]
        answers = np.array(
            [*(self._place(where, row, ground_floor=ground_floor) for row in first), (None,) * 4], object
        )
        rows = answers[np.searchsorted(key[first], key)]
        return {name: rows[:, place] for place, name in enumerate(("building_id", "part_id", "cell_id", "reason"))}

    def _place(self, where: Where, row: int, *, ground_floor: bool) -> Answer:
        """Give building, part, cell and reason of one row."""
        worded, pointed = where.building[row], where.pointed[row]
        if worded is not None:
            return self._in_building(worded, pointed, where.wanted[row], where.asked[row], ground_floor=ground_floor)
        if pointed is None:
            return None, None, None, where.reason[row] or ("outside" if where.has_point[row] else "no_place")
        building = self.building_of_cell.get(pointed)
        several = building is not None and len(self._parts_of_building.get(building, ())) > 1
        return building, self._ground_part.get(pointed) if ground_floor or not several else None, pointed, None

    def ground_parts(self, cells: Texts) -> Texts:
        """Give the part on the ground of each cell."""
        return np.array([None if one is None else self._ground_part.get(one) for one in cells], dtype=object)

    def _in_building(
        self, building: str, pointed: str | None, wanted: str | None, address: str | None, *, ground_floor: bool
    ) -> Answer:
        cell, why = self._buildings.get(building, (None, None))
        parts = self._parts_of_building.get(building, [])
        if cell is None or not parts:
            return (
                building,
                None,
                None,
                f"building_{why}" if why in ("outside", "demolished", "no_outline") else "building_without_cell",
            )
        entrance = wording.parse(address).entrance if address else ""
        part = wanted if wanted in parts else self._entrances.get((building, entrance))
        if part is None and pointed is not None and self.building_of_cell.get(pointed) == building:
            part = self._ground_part.get(pointed) if ground_floor else None
        if part is None and (ground_floor or len(parts) == 1):
            part = self._ground_part.get(cell, parts[0])
        return building, part, self._cell_of_part.get(part, cell) if part else cell, None


def _one_code(columns: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Give one number for each different combination of codes."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        code = pd.factorize(code * (int(column.max(initial=-1)) + 2) + column + 1)[0].astype(np.int64)
    return code


def _part_by_entrance(parts: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Give the part of a building's stairwell, where one part alone has it."""
    named = parts.dropna(subset=["building_id", "entrance"])
    number = [wording.parse(f"{text}单元").entrance if str(text).isalnum() else str(text) for text in named["entrance"]]
    keyed = named.assign(number=number).drop_duplicates(["building_id", "number"], keep=False)
    keys = zip(keyed["building_id"].astype(str), keyed["number"].astype(str), strict=True)
    return dict(zip(keys, keyed["part_id"].astype(str), strict=True))


def has_shape(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which rows have a shape that is not empty."""
    if "geometry" not in rows:
        return np.zeros(len(rows), dtype=bool)
    shapes = np.asarray(rows["geometry"].to_numpy(object), dtype=object)
    return np.asarray(shapely.is_geometry(shapes) & ~shapely.is_empty(shapes), dtype=bool)


def texts(rows: pd.DataFrame, name: str) -> Texts:
    """Give a column of text, None where it has none or there is no such column."""
    if name not in rows:
        return np.full(len(rows), None, dtype=object)
    return np.asarray(rows[name].astype(object).where(rows[name].notna(), None), dtype=object)
