from collections.abc import Iterator
from pathlib import Path

import pytest
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
def store(path: Path) -> Iterator[GeoPackage]:
    """A project, open; each file says what its `path` holds."""
    opened = open_file(path)
    yield opened
    opened.close()
