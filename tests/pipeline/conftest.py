"""The sample community, fetched and divided once for all tests that edit a copy of it."""

import shutil
from pathlib import Path

import estate
import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.messages import Voice
from govmap.project import open_project

TABLES = ("residents", "resources", "incidents")


@pytest.fixture(scope="session")
def divided_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The English sample, its registers attached, in units of 30 to 60 households; not to be changed by a test."""
    from govmap.sources import sample

    folder = tmp_path_factory.mktemp("edited")
    made = sample.write(folder / "sources", language="en")
    config, voice = from_machine("en"), Voice("en")
    path = folder / "town.gpkg"
    pipeline.fetch(path, pipeline.Source(osm=made.osm, boundary=made.boundary), profile="generic", config=config)
    for table in TABLES:
        pipeline.import_table(path, table, made.lists[table], pipeline.Reading(), config=config, voice=voice)
    with open_project(path) as project:
        pipeline.attach(project, config=config)
        pipeline.delineate(project, Criteria(size=(30, 60)), config=config)
        pipeline.attach(project, config=config)
    return path


@pytest.fixture
def town(divided_sample: Path, tmp_path: Path) -> Path:
    """A copy of the divided sample that a test may change."""
    return Path(shutil.copy(divided_sample, tmp_path / "town.gpkg"))


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An estate of twelve houses, made from lists alone; not to be changed by a test."""
    return estate.build(tmp_path_factory.mktemp("estate"))


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Path:
    """A copy of the estate that a test may change."""
    return Path(shutil.copy(made_home, tmp_path / "home.gpkg"))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Collect what is written on each page, in order."""
    from govmap.render.atlas import furniture

    pages: list[list[str]] = []
    number = furniture.number

    def kept(made, page, desk, at, of):
        number(made, page, desk, at, of)
        pages.append(made.texts)

    monkeypatch.setattr(furniture, "number", kept)
    return pages
