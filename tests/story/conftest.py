"""A town to walk through: the sample community, fetched and divided once for all tests that only look at it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.messages import Voice
from govmap.project import open_project

VOICE = Voice("en")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory):
    from govmap.sources import sample

    return sample.write(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def walked(sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole way on the sample community, as `govmap demo` goes it; not to be changed by a test."""
    folder = tmp_path_factory.mktemp("walked")
    report = pipeline.demo(folder, voice=Voice("zh"))
    assert report.ok
    return folder


@pytest.fixture
def town(walked: Path, tmp_path: Path) -> Path:
    """A copy of the walked project that a test may change."""
    return Path(shutil.copy(walked / "project.gpkg", tmp_path / "town.gpkg"))


@pytest.fixture
def divided(tmp_path: Path) -> Callable[..., Path]:
    """Fetch an extract and divide it; give the project."""

    def make(osm: Path, name: str = "made.gpkg", **choices: object) -> Path:
        project = tmp_path / name
        source = pipeline.Source(osm=osm, **choices)
        config = from_machine("en")
        pipeline.fetch(project, source, config=config)
        with open_project(project) as opened:
            wanted = pipeline.criteria(size="300-500", units=None, by="households", seed=1)
            pipeline.delineate(opened, wanted, config=config)
        return project

    return make
