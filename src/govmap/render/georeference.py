"""Printed sheets that know where they are: phones' map apps, GDAL and QGIS read the ground from the page itself.

Each page gets a viewport with a measure dictionary (ISO 32000-2, 12.9 and 12.10): the frame of the map on the page, its
corners in degrees, and the coordinate system of the project. Nothing that is seen changes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pikepdf import Pdf
    from pyproj import CRS

PT_PER_MM = Decimal(72) / Decimal("25.4")
CORNERS = (0, 0, 0, 1, 1, 1, 1, 0)  # of the frame, from the lower left to the right: as GPTS are given
DEGREE_DIGITS, POINT_DIGITS = 10, 4


@dataclass(frozen=True)
class Ground:
    """The map of a page (counted from 0): its frame as x, y from above, width, height in mm, and its ground."""

    page: int
    frame_mm: tuple[float, float, float, float]
    window: tuple[float, float, float, float]


def georeference(pdf: bytes, grounds: Sequence[Ground], crs: Any) -> bytes:
    """
    Write into pages where on earth their maps lie.

    The same document gives the same bytes.

    Parameters
    ----------
    pdf
        The document.
    grounds
        Maps by page; a page may hold several, the largest is given first to readers that know one only.
    crs
        The projected system of the windows, in its own unit.

    Returns
    -------
    pdf
        The document with viewports.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        mark(document, grounds, crs)
        made = io.BytesIO()
        document.save(
            made,
            deterministic_id=True,
            min_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )
    return made.getvalue()


def mark(document: "Pdf", grounds: Sequence[Ground], crs: Any) -> None:
    """Write into the pages of an open document where on earth their maps lie; see `georeference`."""
    import pikepdf
    from pyproj import CRS, Transformer

    system = CRS.from_user_input(crs)
    turn = Transformer.from_crs(system, system.geodetic_crs, always_xy=True)
    named = document.make_indirect(_system(system))
    for page, shown in _by_page(grounds):
        high = Decimal(str(document.pages[page].mediabox[3]))
        document.pages[page].obj.VP = pikepdf.Array([_viewport(document, one, high, named, turn) for one in shown])


def _by_page(grounds: Sequence[Ground]) -> list[tuple[int, list[Ground]]]:
    """Sort maps by page, the largest of each page first."""
    pages: dict[int, list[Ground]] = {}
    for one in sorted(grounds, key=lambda one: (one.page, -one.frame_mm[2] * one.frame_mm[3], one.frame_mm)):
        pages.setdefault(one.page, []).append(one)
    return list(pages.items())


def _system(system: "CRS") -> Any:
    """Name a coordinate system: by its code where it has one, and always in the words that GDAL and ArcGIS read."""
    import pikepdf

    named = pikepdf.Dictionary(Type=pikepdf.Name.PROJCS, WKT=pikepdf.String(system.to_wkt("WKT1_ESRI")))
    code = system.to_epsg(min_confidence=100)
    if code is not None:
        named.EPSG = code
    return named


def _viewport(document: Any, ground: Ground, page_high: Decimal, named: Any, turn: Any) -> Any:
    import pikepdf

    west, south, east, north = ground.window
    corners = [(west, south), (west, north), (east, north), (east, south)]
    lon, lat = turn.transform([x for x, _ in corners], [y for _, y in corners])
    degrees = [_number(value, DEGREE_DIGITS) for pair in zip(lat, lon, strict=True) for value in pair]
    x, y, wide, high = (Decimal(repr(float(one))) * PT_PER_MM for one in ground.frame_mm)
    box = [round(one, POINT_DIGITS) for one in (x, page_high - y - high, x + wide, page_high - y)]
    measure = pikepdf.Dictionary(
        Type=pikepdf.Name.Measure,
        Subtype=pikepdf.Name.GEO,
        Bounds=pikepdf.Array(CORNERS),
        LPTS=pikepdf.Array(CORNERS),
        GPTS=pikepdf.Array(degrees),
        GCS=named,
        PDU=pikepdf.Array([pikepdf.Name.M, pikepdf.Name.SQM, pikepdf.Name.DEG]),
    )
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Viewport,
        BBox=pikepdf.Array(box),
        Name=pikepdf.String("map"),
        Measure=document.make_indirect(measure),
    )


def _number(value: float, digits: int) -> Decimal:
    """Give a number that PDF can hold: plain digits, no exponent."""
    return round(Decimal(repr(float(value))), digits)
