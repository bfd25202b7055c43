"""Small worlds made in code: footprints as people draw them, barriers that cross, end, and run through houses."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

CRS = "EPSG:32633"
EAST, NORTH = 500_000.0, 5_000_000.0
BAR, STREET = 1.0, 0.2


@dataclass(frozen=True)
class Hamlet:
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame

    def shuffled(self, seed: int) -> "Hamlet":
        rows = np.random.default_rng(seed)
        return Hamlet(*(frame.sample(frac=1, random_state=rows.integers(1 << 30)) for frame in vars(self).values()))


def placed(shape):
    return affinity.translate(shape, EAST, NORTH)


def box(west, south, east, north):
    return placed(shapely.box(west, south, east, north))


def line(*points):
    return placed(shapely.LineString(points))


def buildings(shapes, **columns):
    names = [f"w{row + 1:03d}" for row in range(len(shapes))]
    return gpd.GeoDataFrame({"building_id": names, **columns}, geometry=list(shapes), crs=CRS)


def barriers(*given):
    """Barriers from (line, kind, strength) or (line, kind, strength, on_ground)."""
    rows = [(*one, True)[:4] for one in given]
    return gpd.GeoDataFrame(
        {
            "barrier_id": [f"b{row:03d}" for row in range(len(rows))],
            "kind": np.array([one[1] for one in rows], object),
            "strength": np.array([one[2] for one in rows], float),
            "on_ground": np.array([one[3] for one in rows], bool),
        },
        geometry=[one[0] for one in rows],
        crs=CRS,
    )


def communities(*shapes):
    names = [f"c{row + 1}" for row in range(len(shapes))]
    return gpd.GeoDataFrame({"community_id": names}, geometry=list(shapes), crs=CRS)


def hamlet(seed: int) -> Hamlet:
    """Make a random hamlet: rows that share walls, overlaps, doubles, rings, sheds, lines in every direction."""
    rng = np.random.default_rng(seed)
    size = float(rng.uniform(120, 400))
    shapes = [shape for _ in range(int(rng.integers(1, 14))) for shape in _cluster(rng, size)]
    return Hamlet(
        buildings(shapes, use=rng.choice(np.array(["house", "shed", None], object), len(shapes), p=[0.8, 0.1, 0.1])),
        barriers(*_lines(rng, size)),
        _bounds(rng, size),
    )


def _cluster(rng, size):
    x, y = rng.uniform(0, size, 2)
    turn = float(rng.choice([0.0, 45.0, rng.uniform(0, 90)]))
    kind = rng.integers(0, 7)
    wide, deep = rng.uniform(4, 18, 2)
    one = shapely.box(0, 0, wide, deep)
    if kind == 0:
        shapes = [one]
    elif kind == 1:
        shapes = [affinity.translate(one, wide * k, 0) for k in range(int(rng.integers(2, 7)))]
    elif kind == 2:
        shapes = [one, affinity.translate(one, wide * 0.7, deep * 0.4), one]
    elif kind == 3:
        ring = shapely.box(0, 0, 40, 40).difference(shapely.box(8, 8, 32, 32))
        shapes = [ring, shapely.box(15, 15, 22, 24)][: int(rng.integers(1, 3))]
    elif kind == 4:
        shapes = [shapely.box(0, 0, 3, 3), one, shapely.box(wide + 1, 0, wide + 3, 2)]
    elif kind == 5:
        shapes = [shapely.MultiPolygon([one, affinity.translate(one, wide + 5, 0)]), shapely.Point(3, -8).buffer(4)]
    else:
        shapes = [shapely.Polygon([(0, 0), (wide, deep), (wide, 0), (0, deep)]), shapely.box(0, -9, 0.05, -8.9)]
    return [placed(affinity.translate(affinity.rotate(shape, turn, origin=(0, 0)), x, y)) for shape in shapes]


def _lines(rng, size):
    lines = []
    for _ in range(int(rng.integers(0, 7))):
        points = rng.uniform(-0.1 * size, 1.1 * size, (int(rng.integers(2, 4)), 2))
        kind, strength = [("railway", BAR), ("street", STREET), ("canal", BAR), ("wall", 0.5)][int(rng.integers(0, 4))]
        lines.append((line(*points), kind, strength, bool(rng.random() < 0.85)))
    return lines


def _bounds(rng, size):
    kind = rng.integers(0, 4)
    whole = shapely.box(-20, -20, size + 20, size + 20)
    if kind == 1:
        whole = whole.difference(shapely.Point(size / 2, size / 2).buffer(size / 6))
    if kind == 2:
        whole = affinity.rotate(whole, 17).buffer(15)
    if kind == 3:
        middle = size * float(rng.uniform(0.3, 0.7))
        left, right = shapely.box(-20, -20, middle, size + 20), shapely.box(middle, -20, size + 20, size + 20)
        return communities(placed(left), placed(right))
    return communities(placed(whole))
