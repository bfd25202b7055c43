"""Datums of Chinese map services, there and back, and never claimed where nothing was shifted."""

import numpy as np
import pytest

from govmap import crs

METRES = 111_320


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
    lon0, lat0 = (one[0] for one in china(1, seed))
    lon, lat, metres = town(lon0, lat0, seed)
    assert crs.guess_datum(*crs.from_wgs84(lon, lat, datum), metres) == datum


@pytest.mark.parametrize("seed", range(12))
def test_a_register_that_fits_is_left_alone(seed: int) -> None:
    lon0, lat0 = (one[0] for one in china(1, seed))
    assert crs.guess_datum(*town(lon0, lat0, seed)) is None


@pytest.mark.parametrize("place", [(-76.6, 39.3), (12.57, 55.68), (24.94, 60.17), (7.42, 43.73)])
def test_nothing_is_claimed_outside_china(place: tuple[float, float]) -> None:
    lon, lat, metres = town(*place, seed=3)
    assert crs.guess_datum(lon + 0.004, lat + 0.002, metres) is None


def test_points_at_random_prove_nothing() -> None:
    lon, lat, metres = town(113.3, 23.1, seed=4)
    rng = np.random.default_rng(9)
    assert crs.guess_datum(rng.permutation(lon), lat, metres) is None
