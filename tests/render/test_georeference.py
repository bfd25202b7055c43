"""Promises of sheets that know where they are."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest
import typst
from pyproj import CRS

from govmap.render.georeference import Ground, georeference

PAGE_MM = (210.0, 297.0)
FRAME = (10.0, 25.0, 180.0, 220.0)
SCALE = 2000
PLACES = {
    "EPSG:32650": (500_000.0, 2_550_000.0, 1.0),
    "EPSG:4548": (440_000.0, 3_450_000.0, 1.0),
    "EPSG:27700": (530_000.0, 180_000.0, 1.0),
    "EPSG:2248": (1_420_000.0, 590_000.0, 1200 / 3937),  # US survey feet
}


def pages(count: int = 1) -> bytes:
    source = f"#set page(width: {PAGE_MM[0]}mm, height: {PAGE_MM[1]}mm)\n" + "#pagebreak()".join(["map"] * count)
    return typst.compile(source.encode(), format="pdf")


def window(crs: str) -> tuple[float, float, float, float]:
    west, south, unit = PLACES[crs]
    return west, south, west + FRAME[2] * SCALE / 1000 / unit, south + FRAME[3] * SCALE / 1000 / unit


def told(path: Path, page: int) -> dict:
    if shutil.which("gdalinfo") is None:
        pytest.skip("needs gdalinfo (gdal-bin)")
    if (
        "PDF -raster"
        not in subprocess.run(["gdalinfo", "--formats"], capture_output=True, text=True, check=True).stdout
    ):
        pytest.skip("this GDAL reads no PDF")
    asked = ["gdalinfo", "-json", f"PDF:{page}:{path}"]
    return json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("crs", PLACES)
def test_gdal_reads_the_system_and_the_corners_within_a_fifth_of_a_millimetre_on_paper(crs, tmp_path):
    file = tmp_path / "sheet.pdf"
    file.write_bytes(georeference(pages(), [Ground(0, FRAME, window(crs))], crs))
    found = told(file, 1)
    assert CRS.from_wkt(found["coordinateSystem"]["wkt"]).to_epsg() == int(crs[5:])
    west, south, east, north = window(crs)
    x, across, _, y, _, down = found["geoTransform"]
    wide, high = found["size"]
    unit = PLACES[crs][2]
    left, top = FRAME[0] * wide / PAGE_MM[0], FRAME[1] * high / PAGE_MM[1]
    right, low = left + FRAME[2] * wide / PAGE_MM[0], top + FRAME[3] * high / PAGE_MM[1]
    off = [x + left * across - west, x + right * across - east, y + top * down - north, y + low * down - south]
    assert max(abs(one) * unit * 1000 / SCALE for one in off) < 0.2


def test_every_page_tells_of_its_own_ground(tmp_path):
    file, (west, south, east, north) = tmp_path / "atlas.pdf", window("EPSG:32650")
    grounds = [Ground(page, FRAME, (west + page * 500, south, east + page * 500, north)) for page in range(3)]
    file.write_bytes(georeference(pages(3), grounds, "EPSG:32650"))
    lefts = [told(file, page + 1)["geoTransform"][0] for page in range(3)]
    assert [round(one - lefts[0]) for one in lefts] == [0, 500, 1000]


def test_a_page_without_a_map_stays_as_it_is():
    made = georeference(pages(2), [Ground(1, FRAME, window("EPSG:32650"))], "EPSG:32650")
    with pikepdf.open(io.BytesIO(made)) as document:
        assert "/VP" not in document.pages[0].obj
        assert len(document.pages[1].obj.VP) == 1


def test_the_same_document_gives_the_same_bytes_and_the_order_of_maps_says_nothing():
    document, grounds = pages(2), [Ground(page, FRAME, window("EPSG:32650")) for page in range(2)]
    first = georeference(document, grounds, "EPSG:32650")
    assert first == georeference(document, grounds[::-1], "EPSG:32650")


def test_a_system_without_a_code_is_told_in_words():
    local = "+proj=tmerc +lat_0=0 +lon_0=117.3 +k=1 +x_0=400000 +y_0=0 +ellps=GRS80 +units=m"
    made = georeference(pages(), [Ground(0, FRAME, (400_000, 3_400_000, 400_360, 3_400_440))], local)
    with pikepdf.open(io.BytesIO(made)) as document:
        named = document.pages[0].obj.VP[0].Measure.GCS
        assert "/EPSG" not in named
        assert 117.3 in [one.value for one in CRS.from_wkt(str(named.WKT)).coordinate_operation.params]


def test_hidden_numbers_of_degrees_are_plain_digits():
    equator = (500_000.0 - 180, -220.0, 500_000.0 + 180, 220.0)
    made = georeference(pages(), [Ground(0, FRAME, equator)], "EPSG:32631")
    with pikepdf.open(io.BytesIO(made)) as document:
        given = [float(one) for one in document.pages[0].obj.VP[0].Measure.GPTS]
    assert given[1] == pytest.approx(3, abs=0.01)
    assert given[0] == -given[2]
