"""Small streets to walk on, counted by eye: lines between corners, nodes named by their place."""

import geopandas as gpd
import shapely


def streets(*lines: list[tuple[float, float]], walkable: list[bool] | None = None) -> gpd.GeoDataFrame:
    shapes = [shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame(
        {
            "street_id": [f"w{number:03}" for number in range(len(lines))],
            "from_node": [f"n{line[0][0]:g},{line[0][1]:g}" for line in lines],
            "to_node": [f"n{line[-1][0]:g},{line[-1][1]:g}" for line in lines],
            "length_m": [shape.length for shape in shapes],
            "walkable": [True] * len(lines) if walkable is None else walkable,
        },
        geometry=shapes,
    )


def barriers(*lines: list[tuple[float, float]], strength: float = 1.0, on_ground: bool = True) -> gpd.GeoDataFrame:
    shapes = [shapely.MultiLineString([line]) for line in lines]
    ids = [f"b{number}" for number in range(len(lines))]
    return gpd.GeoDataFrame({"barrier_id": ids, "strength": strength, "on_ground": on_ground}, geometry=shapes)


def compound(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    shape = shapely.MultiPolygon([shapely.box(west, south, east, north)])
    return gpd.GeoDataFrame({"compound_id": ["c"]}, geometry=[shape])


def gates(*places: tuple[float, float], kind: str = "gate") -> gpd.GeoDataFrame:
    ids = [f"e{number}" for number in range(len(places))]
    columns = {"entrance_id": ids, "building_id": None, "compound_id": "c", "kind": kind}
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(place) for place in places])


def points(*places: tuple[float, float]) -> list[shapely.Point]:
    return [shapely.Point(place) for place in places]
