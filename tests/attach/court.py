"""Two compounds that both have a building 3, a tower of two stairwells, one of two bands of floors, a street house."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

CRS = "EPSG:32650"
X, Y = 500_000.0, 3_450_000.0


@dataclass(frozen=True)
class Court:
    buildings: gpd.GeoDataFrame
    addresses: pd.DataFrame
    compounds: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    parts: pd.DataFrame
    plan_parts: pd.DataFrame
    communities: gpd.GeoDataFrame


def court() -> Court:
    buildings, cells, parts = [], [], []
    for row, (compound, name) in enumerate((("r1", "幸福小区"), ("r2", "和平小区"))):
        for number in range(1, 5):
            key, x, y = f"w{row + 1}{number}", X + 50 * (number - 1), Y + 50 * row
            buildings.append({
                "building_id": key, "community_id": "k", "cell_id": key, "reason": None, "osm_id": key,
                "name": f"{number}号楼", "compound_id": compound, "status": "standing",
                "households": 10 * number, "residents": 26 * number, "households_source": "estimated",
                "households_low": 5 * number, "households_high": 20 * number,
                "geometry": shapely.box(x + 10, y + 10, x + 40, y + 40),
            })  # fmt: skip
            cells.append({
                "cell_id": key, "community_id": "k", "building_id": key, "compound_id": compound,
                "geometry": shapely.box(x, y, x + 50, y + 50),
            })  # fmt: skip
            parts += _parts(key, number, 10 * number, 26 * number)
        assert name
    buildings.append(buildings[0] | {
        "building_id": "w99", "osm_id": "w99", "cell_id": None, "reason": "outside", "community_id": None,
        "name": "远楼", "compound_id": None, "geometry": shapely.box(X + 900, Y, X + 910, Y + 10),
    })  # fmt: skip
    cells.append({"cell_id": "o1", "community_id": "k", "building_id": None, "compound_id": None,
                  "geometry": shapely.box(X + 200, Y, X + 250, Y + 100)})  # fmt: skip
    parts.append(_part("o1", None, "o1", None, None, 0, 0))
    addresses = pd.DataFrame([
        {"address_id": "a1", "building_id": "w11", "street": "建设路", "house_number": "12", "full": "建设路12号"},
        {"address_id": "a2", "building_id": "w12", "street": "建设路", "house_number": "14", "full": "建设路14号"},
        {"address_id": "a3", "building_id": "w22", "street": "Elm Street", "house_number": "7a", "full": None},
        {"address_id": "a4", "building_id": None, "street": "建设路", "house_number": "16", "full": "建设路16号"},
    ])  # fmt: skip
    compounds = [("r1", "幸福小区", 0), ("r2", "和平小区", 50)]
    held = pd.DataFrame(parts)
    return Court(
        gpd.GeoDataFrame(buildings, crs=CRS),
        addresses,
        gpd.GeoDataFrame(
            [{"compound_id": key, "name": name, "name_zh": None, "geometry": shapely.box(X, Y + y, X + 200, Y + y + 50)}
             for key, name, y in compounds], crs=CRS,
        ),
        gpd.GeoDataFrame(cells, crs=CRS),
        held,
        held[["part_id"]].assign(plan_id="p", unit_id=held["part_id"].map(lambda one: "U1" if one[1] == "1" else "U2")),
        gpd.GeoDataFrame([{"community_id": "k", "name": "幸福社区", "name_zh": None, "code": "440106001001",
                           "geometry": shapely.box(X, Y, X + 250, Y + 100)}], crs=CRS),
    )  # fmt: skip


def _parts(key: str, number: int, households: int, people: int) -> list[dict[str, object]]:
    if number == 4:
        return [_part(f"{key}-{n}", key, key, str(n), None, households // 2, people // 2) for n in (1, 2)]
    if number == 3:
        return [_part(f"{key}f{n}", key, key, None, n, households // 2, people // 2) for n in (1, 9)]
    return [_part(key, key, key, None, None, households, people)]


def _part(
    part: str, building: str | None, cell: str, entrance: str | None, floor: int | None, homes: int, people: int
) -> dict[str, object]:
    return {
        "part_id": part, "building_id": building, "cell_id": cell, "entrance": entrance, "floor_from": floor,
        "floor_to": None if floor is None else floor + 7, "households": homes, "residents": people,
    }  # fmt: skip
