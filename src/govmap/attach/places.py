"""Cells, parts and buildings, looked up from each other and from points."""

from collections import defaultdict
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap import addresses as wording

Texts = npt.NDArray[np.object_]
TOLD = frozenset({"outside", "demolished", "no_outline"})
Answer = tuple[str | None, str | None, str | None, str | None]


class Places:
    """Cells, parts and buildings, looked up from each other."""

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
        self.building_of_cell = dict(zip(cells["cell_id"], texts(cells, "building_id"), strict=True))
        told = zip(texts(buildings, "cell_id"), texts(buildings, "reason"), strict=True)
        self._buildings = dict(zip(buildings["building_id"], told, strict=True))

    def cell_of(self, shapes: "pd.Series[Any]") -> Texts:
        """Give the cell each point lies in: on a shared edge that of the smallest id; None outside all."""
        found = np.full(len(shapes), None, dtype=object)
        points = np.asarray(shapes.to_numpy(object), dtype=object)
        there = np.flatnonzero(shapely.is_geometry(points))
        if len(there) == 0 or len(self._cells) == 0:
            return found
        middle = shapely.point_on_surface(points[there])
        at, cell = shapely.STRtree(self._cells.geometry.to_numpy()).query(middle, predicate="intersects")
        first = np.full(len(there), len(self._cells), dtype=np.int64)
        np.minimum.at(first, at, cell)
        inside = first < len(self._cells)
        found[there[inside]] = self._cells["cell_id"].to_numpy(object)[first[inside]]
        return found

    def area_reasons(self, shapes: Texts) -> Texts:
        """Say of areas why they count for nothing here: no shape is known, or it lies outside; None where it counts."""
        reason = np.full(len(shapes), None, dtype=object)
        known = shapely.area(shapes) > 0
        reason[~known] = "unknown_area"
        if len(self._cells):
            touching = shapely.STRtree(self._cells.geometry.to_numpy()).query(shapes, predicate="intersects")[0]
            reason[known & ~np.isin(np.arange(len(shapes)), touching)] = "outside"
        return reason

    def put(
        self, rows: pd.DataFrame, worded: Texts, pointed: Texts, reason: Texts, *, ground_floor: bool
    ) -> pd.DataFrame:
        """Write building, part and cell of each row, or why it has none."""
        wanted, address = texts(rows, "part_id"), texts(rows, "address" if "address" in rows else "place_id")
        has_point = (
            shapely.is_geometry(rows["geometry"].to_numpy(object)) if "geometry" in rows else np.zeros(len(rows), bool)
        )
        told = list(zip(worded, pointed, wanted, address, has_point, reason, strict=True))
        codes, unique = pd.factorize(pd.Series(told, dtype=object))
        answers = [self._place(*one, ground_floor=ground_floor) for one in unique]
        columns = np.array([*answers, (None,) * 4], dtype=object)[codes]
        names = ("building_id", "part_id", "cell_id", "reason")
        return rows.assign(**{name: pd.Series(columns[:, place], dtype=object) for place, name in enumerate(names)})

    def _place(
        self,
        worded: str | None,
        pointed: str | None,
        wanted: str | None,
        address: str | None,
        has_point: bool,  # noqa: FBT001 - one of the facts of a row
        reason: str | None,
        *,
        ground_floor: bool,
    ) -> Answer:
        """Give building, part, cell and reason of one row."""
        if worded is None and pointed is not None:
            building = self.building_of_cell.get(pointed)
            several = building is not None and len(self._parts_of_building.get(building, ())) > 1
            part = self._ground_part.get(pointed) if ground_floor or not several else None
            return building, part, pointed, None
        if worded is None:
            return None, None, None, reason or ("outside" if has_point else "no_place")
        return self._in_building(worded, pointed, wanted, address, ground_floor=ground_floor)

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


def _part_by_entrance(parts: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Give the part of a building's stairwell, where one part alone has it."""
    named = parts.dropna(subset=["building_id", "entrance"])
    number = [wording.parse(f"{text}单元").entrance if str(text).isalnum() else str(text) for text in named["entrance"]]
    keyed = named.assign(number=number).drop_duplicates(["building_id", "number"], keep=False)
    keys = zip(keyed["building_id"].astype(str), keyed["number"].astype(str), strict=True)
    return dict(zip(keys, keyed["part_id"].astype(str), strict=True))


def texts(rows: pd.DataFrame, name: str) -> Texts:
    """Give a column of text, None where it has none or there is no such column."""
    if name not in rows:
        return np.full(len(rows), None, dtype=object)
    return np.asarray(rows[name].astype(object).where(rows[name].notna(), None), dtype=object)
