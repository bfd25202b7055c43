from collections.abc import Iterator
from pathlib import Path

import pytest
from made_rows import cells
from pyproj import CRS

from govmap.store.geopackage import GeoPackage, created, open_file


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a new project at rest."""
    path = tmp_path_factory.mktemp("blank") / "blank.gpkg"
    with created(path, CRS.from_epsg(32650)):
        pass
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, blank: bytes) -> Path:
    file = tmp_path / "网格 (1) 50%?#.gpkg"
    file.write_bytes(blank)
    return file


@pytest.fixture
def store(path: Path) -> Iterator[GeoPackage]:
    """A project, open; each file says what its `path` holds."""
    opened = open_file(path)
    yield opened
    opened.close()


@pytest.fixture
def filled(store: GeoPackage) -> GeoPackage:
    with store.writing() as session:
        session.append("cells", cells(30))
        session.append("cells", cells(10, first=30, edition=2))
    return store
