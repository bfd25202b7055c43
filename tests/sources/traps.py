"""Files made to slip past what looks at them first: a number too long to be seen, a mark that is never closed."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import nasty
import openpyxl
from cases import CASES, SPOTS, Case, case, feature, lines, said
from nasty import HEADER, LAT, LON, ROWS

FAR_ROW = b'<row r="4294967295"><c r="A4294967295"><v>1</v></c></row></sheetData>'
FAR_COLUMN = b"<row r='9'><c r='ZZZZZZ9'><v>1</v></c></row></sheetData>"


def _with_sheet(end: bytes) -> Callable[[Path], Path]:
    """Write a workbook whose sheet ends otherwise than a program would end it."""

    def write(folder: Path) -> Path:
        nasty.workbook(folder / "whole.xlsx", 一=[HEADER, *ROWS])
        with zipfile.ZipFile(folder / "whole.xlsx") as whole:
            parts = {name: whole.read(name) for name in whole.namelist()}
        (folder / "whole.xlsx").unlink()
        sheet = "xl/worksheets/sheet1.xml"
        return nasty.zipped(folder / "a.xlsx", parts | {sheet: parts[sheet].replace(b"</sheetData>", end)})

    return write


CASES.append(Case("a row number beyond all", "residents", _with_sheet(FAR_ROW), "file_far_cell"))
CASES.append(Case("a column beyond all", "residents", _with_sheet(FAR_COLUMN), "file_far_cell"))


@case("a list in the hidden sheet alone", "residents", "file_only_hidden")
def _hidden(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("名单")
    for row in [HEADER, *ROWS]:
        sheet.append(row)
    sheet.sheet_state = "veryHidden"
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def _spots(folder: Path) -> Path:
    frame = nasty.points(name=["甲", "乙", "丙"], category=["公园"] * 3)
    return nasty.layer(folder / "a.shp", frame, "ESRI Shapefile", encoding="utf-8")


@case("a Shapefile whose projection never ends", "resources", "import_crs_unknown")
def _nested(folder: Path) -> Path:
    path = _spots(folder)
    path.with_suffix(".prj").write_text('PROJCS["x",' * 5000)
    return path


@case("a Shapefile without its index, its table cut off", "resources", "file_uneven_shapefile")
def _cut_table(folder: Path) -> Path:
    path = _spots(folder)
    path.with_suffix(".shx").unlink()
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[:-90])
    return path


POINT = {"type": "Point", "coordinates": [LON, LAT]}
said(
    "JSON with remarks", "resources", "file_json_no_layer", f"// list\n{feature(POINT, name='站')},".replace("'", '"'),
    "a.geojson",
)  # fmt: skip
said(
    "a quote that opens in the first row", "residents", (7, 1),
    lines(HEADER, ["幸福小区", '"1号楼', "3", "4"], *(["幸福小区", f"{n}号楼", "3", "4"] for n in range(2, 9))),
)  # fmt: skip
said(
    "pairs of coordinates this way and that", "resources", (4, 0),
    lines(
        [*SPOTS[:2], "坐标"], ["甲", "公园", f'"{LON},{LAT}"'], ["乙", "公园", f"({LON}，{LAT})"],
        ["丙", "公园", f'"{LAT},{LON}"'], ["丁", "公园", f"东经{LON} 北纬{LAT}"],
    ),
)  # fmt: skip
