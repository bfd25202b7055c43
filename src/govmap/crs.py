"""Where things are: the project's metric system, and the datums of map services."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyproj import CRS

GEOGRAPHIC = "EPSG:4326"
WIDEST_PROJECT_DEGREES = 6.0


def local_metric(west: float, south: float, east: float, north: float) -> "CRS":
    """Give the WGS 84 / UTM zone of the middle of a box in degrees."""
    from pyproj import CRS

    zone = int(((west + east) / 2 + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if north + south >= 0 else 32700) + zone)
