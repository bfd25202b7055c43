import sys
from pathlib import Path

import pytest
from pyproj import CRS

from govmap.store.geopackage import created

sys.path.insert(0, str(Path(__file__).parent))  # killing, hammer: programs that several tests share


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a new project at rest."""
    path = tmp_path_factory.mktemp("blank") / "blank.gpkg"
    with created(path, CRS.from_epsg(32650)):
        pass
    return path.read_bytes()
