"""Where things are: the project's metric system, and the datums of map services."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pyproj import CRS

GEOGRAPHIC = "EPSG:4326"
WIDEST_PROJECT_DEGREES = 6.0
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
SHIFTED_BOX = (72.004, 0.8293, 137.8347, 55.8271)
# The land in which shifted maps are used, generously drawn: outside it none is ever suspected.
SHIFTED_GROUND = (
    (135.3, 48.7), (133.3, 44.9), (132.0, 44.7), (131.3, 43.3), (130.8, 42.3), (129.9, 42.8), (128.9, 41.9),
    (128.1, 41.4), (126.8, 41.6), (126.0, 40.8), (124.5, 39.9), (123.5, 38.9), (123.3, 37.2), (122.5, 35.0),
    (123.2, 31.0), (123.6, 29.5), (122.8, 27.5), (122.6, 25.5), (122.3, 23.5), (121.2, 21.5), (118.5, 21.2),
    (114.5, 21.2), (112.5, 20.8), (111.7, 18.2), (109.5, 17.8), (108.2, 18.8), (108.3, 20.8), (107.9, 21.4),
    (106.6, 21.9), (106.5, 22.9), (105.4, 23.0), (104.0, 22.4), (102.4, 22.5), (101.8, 21.1), (100.9, 21.4),
    (99.9, 21.9), (99.1, 22.0), (98.7, 23.0), (97.5, 23.7), (97.5, 24.8), (98.5, 26.0), (98.5, 27.5), (97.3, 28.1),
    (95.5, 28.9), (92.0, 27.6), (91.6, 27.5), (90.4, 28.0), (89.0, 27.2), (88.8, 27.9), (86.0, 27.8), (84.0, 28.5),
    (81.8, 30.1), (80.9, 30.0), (79.3, 31.0), (78.5, 32.5), (78.4, 34.5), (77.7, 35.3), (76.0, 35.8), (74.4, 37.0),
    (73.3, 39.4), (75.0, 40.6), (76.5, 40.6), (78.4, 41.2), (80.0, 42.3), (80.0, 45.1), (82.3, 45.6), (82.8, 47.2),
    (85.5, 47.2), (85.5, 48.5), (87.3, 49.4), (88.1, 48.9), (90.3, 47.9), (91.0, 46.4), (91.1, 45.4), (95.4, 44.5),
    (96.5, 42.9), (100.0, 42.8), (105.0, 41.8), (107.5, 42.6), (110.0, 42.9), (111.8, 43.9), (111.8, 45.3),
    (114.5, 45.5), (116.2, 46.5), (119.8, 46.8), (118.0, 48.1), (115.6, 47.9), (116.5, 50.0), (119.1, 50.4),
    (120.0, 52.7), (121.5, 53.6), (125.5, 53.4), (127.0, 51.5), (127.7, 50.3), (128.1, 49.7), (130.7, 49.0),
    (131.1, 48.0), (133.0, 48.3), (134.8, 48.7),
)  # fmt: skip
KRASOVSKY_A, KRASOVSKY_E2 = 6378245.0, 0.00669342162296594323
STILL_DEGREES, MOST_ROUNDS = 1e-13, 20
FEWEST_TO_GUESS, MOSTLY, MOST_ASKED = 15, 0.5, 400
# What a datum is told by: how far points may lie from their houses, which share of them may lie anywhere, and which
# other shifts are tried beside it: as long in other directions, and a little off.
NOISE_M, ASTRAY = (4.0, 8.0, 14.0, 22.0, 32.0), (0.08, 0.25)
TURNS, OFF_M, OFF_TURNS, NEAR_M = 24, (12.0, 25.0, 50.0), 8, 100.0
# The odds (natural logarithms) above which it is told, and by how much it must be the best.
SURE, SURE_NEAR, AHEAD, TURNED_SIGMAS, OFF_PEAK, OFF_PEAK_SHARE = 6.0, 2.0, 4.0, 2.0, 6.0, 0.2
DEGREE_M = 111_320.0

Floats = npt.NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]
Distance = Callable[[Floats, Floats], Floats]


def local_metric(west: float, south: float, east: float, north: float) -> "CRS":
    """Give the WGS 84 / UTM zone of the middle of a box in degrees."""
    from pyproj import CRS

    zone = int(((west + east) / 2 + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if north + south >= 0 else 32700) + zone)


def to_wgs84(lon: Floats, lat: Floats, datum: str) -> tuple[Floats, Floats]:
    """
    Take degrees of a datum to WGS 84.

    CGCS2000 and WGS 84 differ by centimetres and are taken as one. The shift of Chinese map services has no inverse
    in closed form: a fixed point is sought until it stands still, which is exact to some nanometres. Points outside
    China were never shifted and stay; NaN stays NaN.
    """
    lon, lat = np.array(lon, float), np.array(lat, float)
    if datum == "bd09":
        lon, lat = _undone(_gcj02_to_bd09, lon, lat, lon - 0.0065, lat - 0.006)
    if datum in ("gcj02", "bd09"):
        lon, lat = _undone(_wgs84_to_gcj02, lon, lat, lon, lat)
    return lon, lat


def from_wgs84(lon: Floats, lat: Floats, datum: str) -> tuple[Floats, Floats]:
    """Take WGS 84 degrees to a datum."""
    lon, lat = np.array(lon, float), np.array(lat, float)
    if datum in ("gcj02", "bd09"):
        lon, lat = _wgs84_to_gcj02(lon, lat)
    if datum == "bd09":
        lon, lat = _gcj02_to_bd09(lon, lat)
    return lon, lat


def shifted(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    """Tell which points lie where Chinese map services shift their maps."""
    west, south, east, north = SHIFTED_BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def on_shifted_ground(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    """Tell which points lie where shifted maps are used; the formula itself shifts a wider box, neighbours with it."""
    import shapely

    ground = shapely.Polygon(SHIFTED_GROUND)
    return np.asarray(shapely.contains_xy(ground, np.nan_to_num(lon), np.nan_to_num(lat)), dtype=bool)


def guess_datum(lon: Floats, lat: Floats, distance_m: Distance) -> str | None:
    """
    Name the shifted datum in which points fit the ground clearly better than as they stand; nothing is shifted.

    Parameters
    ----------
    lon, lat
        Degrees as they came, from one file.
    distance_m
        Gives metres from WGS 84 degrees to the nearest building (or another ground truth), point by point.

    Returns
    -------
    datum
        `gcj02`, `bd09` or None. A datum is named only where points then lie at buildings far more than chance would
        have it, more than as they stand, and where no shift as long in another direction, and none a little off, does
        as well: among dense houses many shifts fit somewhat. The odds are those of points spread by noise around
        houses against points laid on this ground at random; their mean over random points is 1, so that odds of e^6
        come by chance in fewer than one of four hundred (Markov's inequality).
    """
    inside = on_shifted_ground(lon, lat)
    if inside.sum() < FEWEST_TO_GUESS or inside.mean() < MOSTLY:
        return None
    return _told_by(*_sample(lon[inside], lat[inside]), distance_m)


def _told_by(lon: Floats, lat: Floats, distance_m: Distance) -> str | None:
    """Weigh the shifted datums against the points as they are, against each other and against other shifts."""
    shifts = {datum: to_wgs84(lon, lat, datum) for datum in ("gcj02", "bd09")}
    turned = {datum: [distance_m(*way) for way in _turned(lon, lat, moved)] for datum, moved in shifts.items()}
    given = distance_m(lon, lat)
    anywhere = np.concatenate([given, *turned["gcj02"], *turned["bd09"]])
    metres = {datum: distance_m(*moved) for datum, moved in shifts.items()}
    odds = {datum: _odds(found, anywhere) for datum, found in metres.items()}
    best = max(odds, key=lambda datum: odds[datum])
    ahead = odds[best] - max(_odds(given, anywhere), *(odds[datum] for datum in odds if datum != best))
    if odds[best] <= SURE or ahead <= AHEAD or _odds_near(metres[best], np.concatenate(turned[best])) <= SURE_NEAR:
        return None
    around = [_odds(distance_m(*way), anywhere) for way in _a_little_off(*shifts[best])]
    peak = max(around) - odds[best] < max(OFF_PEAK, OFF_PEAK_SHARE * odds[best])
    return best if peak and _only_this_way(odds[best], [_odds(one, anywhere) for one in turned[best]]) else None


def _sample(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Take some hundred points from all over, the same whatever the order of the rows."""
    order = np.lexsort((lon, lat))[:: max(1, len(lon) // MOST_ASKED)]
    return lon[order], lat[order]


def _odds(metres: Floats, anywhere: Floats) -> float:
    """
    Give the logarithm of how much likelier these distances are of points at houses than of points anywhere.

    Points at houses are spread by a noise that is not known, a share of them lies anywhere: the mean of the odds of
    several such mixtures is taken.
    """
    told = []
    for noise in NOISE_M:
        usual = max(float(np.exp(-((anywhere / noise) ** 2) / 2).mean()), 1e-9)
        likely = np.exp(-((metres / noise) ** 2) / 2) / usual
        told += [float(np.log((1 - share) * likely + share).sum()) for share in ASTRAY]
    return float(np.logaddexp.reduce(told) - np.log(len(told)))


def _odds_near(metres: Floats, anywhere: Floats) -> float:
    """Give the odds of the points near houses alone: that a shift brings points into the town proves nothing."""
    near = anywhere <= NEAR_M
    return _odds(metres[metres <= NEAR_M], anywhere[near]) if near.any() else 0.0


def _turned(lon: Floats, lat: Floats, moved: tuple[Floats, Floats]) -> list[tuple[Floats, Floats]]:
    """Shift points as far in other directions."""
    wide = np.cos(np.radians(lat))
    east, north = (moved[0] - lon) * wide, moved[1] - lat
    turns = np.linspace(0, 2 * np.pi, TURNS, endpoint=False)[1:]
    ways = [(east * np.cos(turn) - north * np.sin(turn), east * np.sin(turn) + north * np.cos(turn)) for turn in turns]
    return [(lon + way[0] / wide, lat + way[1]) for way in ways]


def _a_little_off(lon: Floats, lat: Floats) -> list[tuple[Floats, Floats]]:
    """Shift points a little to all sides."""
    turns, wide = np.linspace(0, 2 * np.pi, OFF_TURNS, endpoint=False), np.cos(np.radians(lat))
    return [
        (lon + off * np.cos(turn) / DEGREE_M / wide, lat + off * np.sin(turn) / DEGREE_M)
        for off in OFF_M
        for turn in turns
    ]


def _only_this_way(here: float, others: list[float]) -> bool:
    """Tell whether a shift fits better than shifts as long in other directions: streets and chance fit many."""
    spread = max(float(np.std(others)), 1.0)
    return here > max(others) and here - float(np.mean(others)) > TURNED_SIGMAS * spread


def _undone(shift: Shift, lon: Floats, lat: Floats, from_lon: Floats, from_lat: Floats) -> tuple[Floats, Floats]:
    """Find the point that `shift` takes to (lon, lat), beginning at a guess."""
    x, y = from_lon.copy(), from_lat.copy()
    for _ in range(MOST_ROUNDS):
        a, b = shift(x, y)
        off_x, off_y = lon - a, lat - b
        x, y = x + off_x, y + off_y
        if not np.any(np.abs(off_x) > STILL_DEGREES) and not np.any(np.abs(off_y) > STILL_DEGREES):
            break
    return x, y


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift as Chinese map services do (the published formula on the Krasovsky ellipsoid)."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    turn = np.radians(lat)
    m = 1 - KRASOVSKY_E2 * np.sin(turn) ** 2
    lon_shift = np.degrees(east / (KRASOVSKY_A / np.sqrt(m) * np.cos(turn)))
    lat_shift = np.degrees(north / (KRASOVSKY_A * (1 - KRASOVSKY_E2) / (m * np.sqrt(m))))
    inside = shifted(lon, lat)
    return np.where(inside, lon + lon_shift, lon), np.where(inside, lat + lat_shift, lat)


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift once more, as one of them does; points outside China stay."""
    wave = np.pi * 3000 / 180
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * wave)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * wave)
    inside = shifted(lon, lat)
    return (
        np.where(inside, radius * np.cos(angle) + 0.0065, lon),
        np.where(inside, radius * np.sin(angle) + 0.006, lat),
    )
