import pytest
from pyproj import CRS

from govmap.store.geopackage import created


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a new project at rest."""
    path = tmp_path_factory.mktemp("blank") / "blank.gpkg"
    with created(path, CRS.from_epsg(32650)):
        pass
    return path.read_bytes()
