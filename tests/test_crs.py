"""Datums of Chinese map services, there and back, and never claimed where nothing was shifted."""

from pathlib import Path

import numpy as np
import pytest

from govmap import crs

METRES = 111_320
CITIES = [(116.4, 39.9), (121.5, 31.24), (114.17, 22.3), (87.6, 43.8), (126.6, 45.8), (110.3, 20.0), (103.9, 22.7),
          (91.1, 29.65), (124.4, 40.15), (111.99, 43.6)]  # fmt: skip


def apart_m(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return np.hypot((a[0] - b[0]) * np.cos(np.radians(a[1])), a[1] - b[1]) * METRES


def china(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(75, 134, count), rng.uniform(19, 53, count)


@pytest.mark.parametrize("datum", crs.DATUMS)
def test_there_and_back_is_exact_to_a_micrometre(datum: str) -> None:
    ground = china(50_000)
    back = crs.to_wgs84(*crs.from_wgs84(*ground, datum), datum)
    assert apart_m(ground, back).max() < 1e-6


def test_the_shift_is_the_published_one() -> None:
    """Tian'anmen, as converters of others give it."""
    lon, lat = crs.from_wgs84(np.array([116.397428]), np.array([39.90923]), "gcj02")
    assert abs(lon[0] - 116.403672) < 2e-6
    assert abs(lat[0] - 39.910634) < 2e-6


def test_cgcs2000_is_taken_as_wgs84() -> None:
    ground = china(100)
    assert np.array_equal(np.array(crs.to_wgs84(*ground, "cgcs2000")), np.array(ground))


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_points_outside_china_stay_and_nan_stays(datum: str) -> None:
    lon, lat = crs.to_wgs84(np.array([-76.6, 12.57, np.nan]), np.array([39.3, 55.68, np.nan]), datum)
    assert lon[:2].tolist() == pytest.approx([-76.6, 12.57], abs=1e-12)
    assert lat[:2].tolist() == pytest.approx([39.3, 55.68], abs=1e-12)
    assert np.isnan(lon[2])
    assert np.isnan(lat[2])


def town(lon: float, lat: float, seed: int) -> tuple[np.ndarray, np.ndarray, crs.Distance]:
    """Buildings, points at them, and metres to the nearest building."""
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(seed)
    wide = np.cos(np.radians(lat))
    homes = np.column_stack([rng.uniform(0, 1500, 500), rng.uniform(0, 1500, 500)])
    tree = cKDTree(homes)

    def metres(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return tree.query(np.column_stack([(x - lon) * METRES * wide, (y - lat) * METRES]))[0]

    at = homes[rng.integers(0, 500, 300)] + rng.normal(0, 6, (300, 2))
    return lon + at[:, 0] / METRES / wide, lat + at[:, 1] / METRES, metres


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_register_is_recognised(seed: int, datum: str) -> None:
    lon, lat, metres = town(*CITIES[seed % len(CITIES)], seed)
    assert crs.guess_datum(*crs.from_wgs84(lon, lat, datum), metres) == datum


@pytest.mark.parametrize("seed", range(12))
def test_a_register_that_fits_is_left_alone(seed: int) -> None:
    assert crs.guess_datum(*town(*CITIES[seed % len(CITIES)], seed)) is None


@pytest.mark.parametrize("place", [(-76.6, 39.3), (12.57, 55.68), (24.94, 60.17), (7.42, 43.73)])
def test_nothing_is_claimed_outside_china(place: tuple[float, float]) -> None:
    lon, lat, metres = town(*place, seed=3)
    assert crs.guess_datum(lon + 0.004, lat + 0.002, metres) is None


def test_points_at_random_prove_nothing() -> None:
    lon, lat, metres = town(113.3, 23.1, seed=4)
    rng = np.random.default_rng(9)
    assert crs.guess_datum(rng.permutation(lon), lat, metres) is None


NEIGHBOURS = [(126.98, 37.57), (105.85, 21.03), (100.5, 13.75), (135.5, 34.7), (106.9, 47.9), (76.9, 43.25),
              (131.9, 43.1), (85.3, 27.7), (125.75, 39.03), (77.2, 28.6)]  # fmt: skip


def street_grid(lon: float, lat: float, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, crs.Distance]:
    """Houses along streets, a register of points near them with noise, a tenth of it anywhere, metres to a house."""
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(seed)
    wide, turn = np.cos(np.radians(lat)), rng.uniform(0, np.pi)
    across, along = np.meshgrid(np.arange(0, 2400, 120.0), np.arange(0, 2400, 24.0))
    homes = np.column_stack([across.ravel(), along.ravel()]) + rng.normal(0, 3, (across.size, 2))
    homes = homes @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    tree = cKDTree(homes)

    def metres(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        found = tree.query(np.column_stack([(x - lon) * METRES * wide, (y - lat) * METRES]))[0]
        return np.minimum(np.maximum(found - 6, 0), 200)

    at = homes[rng.integers(0, len(homes), rows)] + rng.normal(0, rng.uniform(2, 8), (rows, 2))
    stray = rng.random(rows) < 0.1
    at[stray] += rng.normal(0, 3000, (stray.sum(), 2))
    return lon + at[:, 0] / METRES / wide, lat + at[:, 1] / METRES, metres


@pytest.mark.parametrize("seed", range(50))
def test_of_fifty_registers_in_china_each_is_told_for_what_it_is(seed: int) -> None:
    datum = crs.DATUMS[seed % 4]
    rows = (20, 40, 100, 400, 2000)[seed // 4 % 5]
    lon, lat, metres = street_grid(*CITIES[seed % 10], rows, seed)
    told = crs.guess_datum(*crs.from_wgs84(lon, lat, datum), metres)
    assert told == (datum if datum in ("gcj02", "bd09") else None)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("datum", crs.DATUMS)
def test_nothing_is_claimed_among_the_neighbours_whom_the_formula_would_shift(seed: int, datum: str) -> None:
    lon, lat, metres = street_grid(*NEIGHBOURS[seed], 400, seed)
    assert crs.guess_datum(*crs.from_wgs84(lon, lat, datum), metres) is None


def test_there_and_back_holds_on_a_grid_over_china() -> None:
    lon, lat = (one.ravel() for one in np.meshgrid(np.arange(73.5, 135, 0.25), np.arange(18, 53.6, 0.25)))
    for datum in ("gcj02", "bd09"):
        back = crs.to_wgs84(*crs.from_wgs84(lon, lat, datum), datum)
        assert apart_m((lon, lat), back).max() < 1e-6


def test_points_that_fit_no_datum_are_claimed_for_none() -> None:
    told = []
    for seed in range(150):
        lon0, lat0 = CITIES[seed % 10]
        _, _, metres = street_grid(lon0, lat0, 20, seed)
        at = np.random.default_rng(seed).uniform(0, 1500, (40, 2)) / METRES
        told.append(crs.guess_datum(lon0 + at[:, 0], lat0 + at[:, 1], metres))
    assert set(told) == {None}


def compounds(lon: float, lat: float, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, crs.Distance]:
    """Blocks of flats by compound, a coarse register of them (5 to 30 m), up to a fifth of it anywhere."""
    from scipy.spatial import cKDTree

    rng = np.random.default_rng(10_000 + seed)
    wide, gates = np.cos(np.radians(lat)), rng.uniform(0, 2500, (16, 2))
    across, along = np.meshgrid(np.arange(0, 150, 30.0), np.arange(0, 150, 45.0))
    homes = np.vstack([gate + np.column_stack([across.ravel(), along.ravel()]) for gate in gates])
    tree = cKDTree(homes)

    def metres(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        found = tree.query(np.column_stack([(x - lon) * METRES * wide, (y - lat) * METRES]))[0]
        return np.clip(found - 8, 0, 200)

    at = homes[rng.integers(0, len(homes), rows)] + rng.normal(0, rng.uniform(5, 30) / np.sqrt(2), (rows, 2))
    stray = rng.random(rows) < rng.uniform(0, 0.2)
    at[stray] += rng.normal(0, 3000, (stray.sum(), 2))
    return lon + at[:, 0] / METRES / wide, lat + at[:, 1] / METRES, metres


@pytest.mark.parametrize("seed", range(50))
def test_coarse_registers_of_dense_compounds_are_told_for_what_they_are(seed: int) -> None:
    datum = crs.DATUMS[seed % 4]
    lon, lat, metres = compounds(*CITIES[seed % 10], (30, 50, 100, 400, 2000)[seed // 4 % 5], seed)
    told = crs.guess_datum(*crs.from_wgs84(lon, lat, datum), metres)
    assert told == (datum if datum in ("gcj02", "bd09") else None)


@pytest.mark.parametrize("name", ["beijing_xueyuanlu", "shanghai_lujiazui_tilezen", "hongkong_tst", "taipei_linsen"])
def test_registers_of_real_towns_are_told_for_what_they_are(name: str, shared: Path) -> None:
    import shapely
    from pyproj import Transformer

    from govmap.sources import extract, places

    read = extract.read(shared / "data" / f"{name}.osm.pbf")
    shapes = read.tables["buildings"].geometry.to_numpy()
    back = Transformer.from_crs(read.crs, crs.GEOGRAPHIC, always_xy=True)
    bounds = tuple(float(one) for one in shapely.total_bounds(shapes))
    metres = places.distance(places.Frame(crs=read.crs, bounds=bounds, footprints=list(shapes)), back)
    middles = shapely.get_coordinates(shapely.point_on_surface(shapes))
    for seed in range(12):
        rng, datum = np.random.default_rng(seed), crs.DATUMS[seed % 4]
        at = middles[rng.integers(0, len(middles), (20, 60, 300)[seed // 4])]
        at = at + rng.normal(0, rng.uniform(5, 30) / np.sqrt(2), at.shape)
        lon, lat = (np.asarray(one) for one in back.transform(*at.T))
        told = crs.guess_datum(*crs.from_wgs84(lon, lat, datum), metres)
        assert told == (datum if datum in ("gcj02", "bd09") else None), (seed, datum, len(at))


def test_a_register_off_by_something_else_is_hardly_ever_taken_for_a_shifted_one() -> None:
    told = []
    for seed in range(60):
        lon, lat, metres = compounds(*CITIES[seed % 10], 200, seed)
        turn = 2 * np.pi * seed / 60
        told.append(crs.guess_datum(lon + 0.003 * np.cos(turn), lat + 0.003 * np.sin(turn), metres))
    assert sum(one is not None for one in told) <= 1
