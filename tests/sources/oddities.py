# ruff: noqa: E501 - each file is written out where its case stands
"""More files as offices send them and as nobody should: other programs' kinds, odd sheets, odd layers, odd coordinates.

As in `corpus`, `outcome` is rows kept and rows rejected, or the key of the one sentence by which a file is refused.
"""

import gzip
import io
import json
import sqlite3
import struct
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import nasty
import openpyxl
import shapely
from corpus import Case, Outcome, feature, lines
from nasty import CRS, HEADER, LAT, LON, ORIGIN, ROWS
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

CASES: list[Case] = []
PLAIN = lines(HEADER, *ROWS)
SPOTS = ["名称", "类别", "经度", "纬度"]


def case(name: str, table: str, outcome: Outcome) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    def add(write: Callable[[Path], Path]) -> Callable[[Path], Path]:
        CASES.append(Case(name, table, write, outcome))
        return write

    return add


def said(name: str, table: str, outcome: Outcome, content: bytes | str, file: str = "a.csv") -> None:
    packed = content.encode() if isinstance(content, str) else content

    def write(folder: Path) -> Path:
        (folder / file).write_bytes(packed)
        return folder / file

    CASES.append(Case(name, table, write, outcome))


# kinds of file -------------------------------------------------------------------------------------------------------
PAGE = "<html><head><meta charset='{}'></head><body><table><tr>{}</tr>{}</table></body></html>"


def page(encoding: str, *, head: str = "") -> bytes:
    top = "".join(f"<th>{name}</th>" for name in HEADER)
    below = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    return (head + PAGE.format(encoding, top, below)).encode(encoding)


said("a page with a list that says .xls", "residents", (3, 0), page("utf-8"), "a.xls")
said("a page in GBK that says .xls", "residents", (3, 0), page("gbk"), "a.xls")
said(
    "a page of Excel's own words",
    "residents",
    (3, 0),
    page("utf-8", head='<html xmlns:x="urn:schemas-microsoft-com:office:excel">').replace(
        b"<td>", b"<td class=xl65 x:num>"
    ),
    "a.xls",
)
said(
    "tabs that say .xls, in GBK",
    "residents",
    (3, 0),
    lines(HEADER, *ROWS, mark="\t", end="\r\n").encode("gbk"),
    "a.xls",
)
said(
    "tabs that say .xls, in UTF-16",
    "residents",
    (3, 0),
    lines(HEADER, *ROWS, mark="\t", end="\r\n").encode("utf-16"),
    "a.xls",
)
said("commas that say .xlsx", "residents", (3, 0), PLAIN, "a.xlsx")
said("a list that says .txt", "residents", (3, 0), lines(HEADER, *ROWS, mark="\t"), "a.txt")
said("a page with two lists", "residents", "file_several_sheets", page("utf-8") + page("utf-8"), "a.html")
said(
    "a page of login",
    "residents",
    "file_is_a_web_page",
    b"<!DOCTYPE html><html><body><form>login</form></body></html>",
    "a.xls",
)
SPREADSHEET_ML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>{}</Table></Worksheet></Workbook>'
)
ML_ROWS = "".join(
    "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
    for row in [HEADER, *ROWS]
)
said("XML of Excel 2003", "residents", (3, 0), SPREADSHEET_ML.format(ML_ROWS), "a.xls")
said("SYLK", "residents", "file_is_sylk", 'ID;PWXL;N;E\nC;Y1;X1;K"小区"\nC;Y1;X2;K"户数"\nE\n', "a.slk")
said("a PDF", "residents", "file_is_pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "a.pdf")
said("a photo of a list", "residents", "file_is_a_picture", b"\x89PNG\r\n\x1a\n" + bytes(300), "a.png")
said("a photo that says .xlsx", "residents", "file_is_a_picture", b"\xff\xd8\xff\xe0" + bytes(300), "a.xlsx")
said("RTF", "residents", "file_is_a_document", r"{\rtf1\ansi 小区}", "a.doc")
said("an archive of RAR", "residents", "file_other_archive", b"Rar!\x1a\x07\x00" + bytes(100), "a.rar")
said("an archive of 7z", "residents", "file_other_archive", b"7z\xbc\xaf\x27\x1c" + bytes(100), "a.7z")
said("a gzipped list", "residents", (3, 0), gzip.compress(PLAIN.encode()), "a.csv.gz")
said("a gzipped bomb", "residents", "file_bomb", gzip.compress(b"0" * 300_000_000, 6), "a.csv.gz")
said("a gzip cut short", "residents", "file_archive_broken", gzip.compress(PLAIN.encode() * 99)[:-40], "a.csv.gz")
said("an OSM extract", "buildings", "file_is_osm", b"\0\0\0\x0d\x0a\x09OSMHeader" + bytes(80), "a.osm.pbf")
said(
    "OSM as XML",
    "buildings",
    "file_is_osm",
    '<?xml version="1.0"?><osm version="0.6"><node id="1" lat="31" lon="117"/></osm>',
    "a.osm",
)
said("a style of QGIS", "buildings", "file_kind_unknown", '<?xml version="1.0"?><qgis version="3"/>', "a.qml")
said(
    "a shortcut of the desk",
    "residents",
    "import_columns_missing",
    "[InternetShortcut]\nURL=file:///c:/a.xlsx\n",
    "a.url",
)
said("a lock file of Office", "residents", "file_kind_unknown", b"\x05admin" + b" " * 49 + b"\0" * 110, "~$a.xlsx")


@case("a dBase table alone", "resources", (3, 0))
def _dbf(folder: Path) -> Path:
    parts = nasty.gbk_shapefile(folder)
    for name in parts:
        (folder / name).unlink()
    (folder / "a.dbf").write_bytes(parts["poi.dbf"])
    return folder / "a.dbf"


@case("a tar of a list", "residents", "file_other_archive")
def _tar(folder: Path) -> Path:
    with tarfile.open(folder / "a.tar", "w") as packed:
        link = tarfile.TarInfo("a.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    return folder / "a.tar"


@case("a document of Word with a table", "residents", "file_is_a_document")
def _docx(folder: Path) -> Path:
    return nasty.zipped(folder / "a.docx", {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})


@case("a binary workbook of Excel", "residents", "file_workbook_broken")
def _xlsb(folder: Path) -> Path:
    return nasty.zipped(folder / "a.xlsb", {"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"\x83\x01\0"})


@case("a workbook with macros", "residents", (3, 0))
def _xlsm(folder: Path) -> Path:
    path = nasty.workbook(folder / "a.xlsx", 表=[HEADER, *ROWS])
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(50))
    return path.rename(folder / "a.xlsm")


@case("a workbook under a password", "residents", "file_has_password")
def _locked(folder: Path) -> Path:
    (folder / "a.xlsx").write_bytes(ole("EncryptedPackage", "EncryptionInfo"))
    return folder / "a.xlsx"


@case("a Word document of old", "residents", "file_is_a_document")
def _doc(folder: Path) -> Path:
    (folder / "a.doc").write_bytes(ole("WordDocument", "1Table"))
    return folder / "a.doc"


def ole(*names: str) -> bytes:
    """A container of old Office with empty streams of these names."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0, 0)[:40]
    header = (header + struct.pack("<I", 0)).ljust(76, b"\0")[:76] + b"\xff\xff\xff\xff" * 109
    table = (struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE)).ljust(512, b"\xff")
    entries = [entry("Root Entry", 5, child=1)]
    entries += [entry(name, 2, right=at + 2 if at + 1 < len(names) else -1) for at, name in enumerate(names)]
    return header[:512].ljust(512, b"\0") + table + b"".join(entries).ljust(512, b"\0")


def entry(name: str, kind: int, *, child: int = -1, right: int = -1) -> bytes:
    wide = name.encode("utf-16-le")
    body = wide.ljust(64, b"\0") + struct.pack("<HBBiii", len(wide) + 2, kind, 1, -1, right, child)
    return body.ljust(116, b"\0") + struct.pack("<iII", -2, 0, 0)


# texts ---------------------------------------------------------------------------------------------------------------
said("UTF-16 without a mark", "residents", (3, 0), PLAIN.encode("utf-16-le"))
said("UTF-16 the other way round, without a mark", "residents", (3, 0), PLAIN.encode("utf-16-be"))
said("UTF-32", "residents", (3, 0), PLAIN.encode("utf-32"))
said("UTF-7", "residents", "import_columns_missing", PLAIN.encode("utf-7"))
said(
    "line ends of three kinds",
    "residents",
    (3, 0),
    ",".join(HEADER) + "\r\n" + "\n".join(",".join(one) for one in ROWS[:2]) + "\r" + ",".join(ROWS[2]),
)
said("a mark of order in the middle", "residents", (3, 0), PLAIN.replace("\n", "\n\ufeff", 1))
said(
    "cells in quotation marks",
    "residents",
    (3, 0),
    lines([f'"{one}"' for one in HEADER], *([f'"{one}"' for one in row] for row in ROWS)),
)
said("cells as formulas of text", "residents", (3, 0), lines(HEADER, *([f'="{one}"' for one in row] for row in ROWS)))
said("a separator that the file states", "residents", (3, 0), "sep=;\r\n" + lines(HEADER, *ROWS, mark=";", end="\r\n"))
said(
    "columns of fixed width",
    "residents",
    "import_columns_missing",
    "\n".join("".join(one.ljust(12) for one in row) for row in [HEADER, *ROWS]),
)
said(
    "ten thousand columns",
    "residents",
    (1, 0),
    ",".join([*HEADER, *(f"c{n}" for n in range(10_000))]) + "\n" + ",".join([*ROWS[0], *["1"] * 10_000]),
)
said("a cell of two million letters", "residents", "file_text_broken", lines(HEADER, ["a" * 2_000_000, *ROWS[0][1:]]))
said(
    "a quote that opens far below",
    "incidents",
    (3001, 1),
    "工单编号,类别,地址\n"
    + "".join(f"A{n},噪音,建设路{n}号\n" for n in range(3001))
    + '"B,噪音,x\n'
    + "C,噪音,y\n" * 2000,
)
said(
    "JSON as lines",
    "residents",
    (1, 1),
    '{"小区":"幸福小区","楼号":"1号楼","户数":12}\n{"小区":"幸福小区"}\n',
    "a.json",
)
said("JSON as a list of rows", "residents", (1, 0), '[{"小区":"幸福小区","楼号":"1号楼","户数":12}]', "a.json")
said("a script", "residents", "import_columns_missing", "var dataset = 1;\nfunction a() { return 1; }\n", "a.js")
said(
    "a header in English and Chinese",
    "residents",
    (3, 0),
    lines(["小区 Compound", "楼号 Building", "户数 Households", "人口 People"], *ROWS),
)
said("a header with units", "residents", (3, 0), lines(["小区", "楼号", "户数（户）", "人口(人)"], *ROWS))
said("a header with stars", "residents", (3, 0), lines(["*小区", "*楼号", "户数*", "人口"], *ROWS))
said("a header in traditional letters", "residents", (3, 0), lines(["小區", "樓號", "戶數", "人口"], *ROWS))
said("a header broken over lines", "residents", (3, 0), lines(["小区", '"楼\n号"', "户数", '"人\n口"'], *ROWS))
said("columns numbered below the header", "residents", (3, 1), lines(HEADER, ["1", "2", "3", "4"], *ROWS))
said(
    "subtotals of each group",
    "residents",
    (3, 2),
    lines(HEADER, *ROWS[:2], ["幸福小区", "小计", "32", "80"], ROWS[2], ["和平小区", "小计", "8", "21"]),
)
said(
    "totals named by their group",
    "residents",
    (3, 2),
    lines(HEADER, *ROWS[:2], ["幸福小区合计", "", "32", "80"], ROWS[2], ["总计：", "", "40", "101"]),
)
said(
    "the header on every page",
    "residents",
    (3, 3),
    lines(HEADER, ROWS[0], ["第1页", "", "", ""], HEADER, ROWS[1], HEADER, ROWS[2]),
)
said(
    "three notes below",
    "residents",
    (3, 3),
    lines(HEADER, *ROWS, ["注：户数含空户", "", "", ""], ["审核人：", "", "", ""], ["填表日期：2024年3月", "", "", ""]),
)
said("telephone numbers in a note", "residents", (3, 1), lines(HEADER, *ROWS, ["联系电话：13800138000", "", "", ""]))

# workbooks -----------------------------------------------------------------------------------------------------------
Fill = Callable[[openpyxl.Workbook], None]


def book(name: str, table: str, outcome: Outcome, fill: Fill) -> None:
    def write(folder: Path) -> Path:
        made = openpyxl.Workbook()
        fill(made)
        made.save(folder / "a.xlsx")
        return folder / "a.xlsx"

    CASES.append(Case(name, table, write, outcome))


def filled(made: openpyxl.Workbook, *rows: list[object], title: str | None = None) -> object:
    sheet = made.active
    for row in rows or [HEADER, *ROWS]:
        sheet.append(row)
    sheet.title = title or sheet.title
    return sheet


def _hidden_sheet(made: openpyxl.Workbook) -> None:
    filled(made)
    other = made.create_sheet("旧")
    for row in [HEADER, *ROWS]:
        other.append(row)
    other.sheet_state = "veryHidden"


def _hidden_rows(made: openpyxl.Workbook) -> None:
    sheet = filled(made)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.auto_filter.ref = "A1:D4"


def _two_headers(made: openpyxl.Workbook) -> None:
    filled(
        made,
        ["小区", "楼号", "户数", "人口", None],
        [None, None, None, "男", "女"],
        *([*row[:3], 15, 15] for row in ROWS),
    )
    for span in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"):
        made.active.merge_cells(span)


def _merged_down(made: openpyxl.Workbook) -> None:
    filled(made, HEADER, ROWS[0], [None, *ROWS[1][1:]], ROWS[2])
    made.active.merge_cells("A2:A3")


def _formatted_rows(made: openpyxl.Workbook) -> None:
    sheet = filled(made)
    for row in range(5, 20_000):
        sheet.row_dimensions[row].height = 15
    sheet.cell(20_000, 1).number_format = "@"


def _dates_1904(made: openpyxl.Workbook) -> None:
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    filled(
        made,
        ["工单编号", "类别", "地址", "上报时间"],
        ["A1", "噪音", "建设路12号", datetime.fromisoformat("2024-03-05T08:05")],
    )


def _rich(made: openpyxl.Workbook) -> None:
    filled(made, HEADER, [CellRichText("幸福", TextBlock(InlineFont(b=True), "小区")), "1号楼", 12, 30])
    made.active["B2"].hyperlink = "http://127.0.0.1/x"


def _truths(made: openpyxl.Workbook) -> None:
    filled(
        made,
        [*SPOTS, "是否共享"],
        ["一", "公园", LON, LAT, True],
        ["二", "公园", LON, LAT, "是"],
        ["三", "公园", LON, LAT, "或许"],
    )


def _errors(made: openpyxl.Workbook) -> None:
    filled(made, HEADER, ROWS[0], ["幸福小区", "2号楼", "#REF!", 3], ["幸福小区", "#N/A", 4, 5])


def _chart(made: openpyxl.Workbook) -> None:
    filled(made)
    made.create_chartsheet("图")


def _pivot(made: openpyxl.Workbook) -> None:
    filled(made)
    other = made.create_sheet("透视")
    for row in (["行标签", "求和项:户数"], ["幸福小区", 32], ["和平小区", 8], ["总计", 40]):
        other.append(row)


def _floats(made: openpyxl.Workbook) -> None:
    filled(made, ["工单编号", "类别", "地址"], [20240305001234567, "噪音", "建设路1号"], [1001.0, "噪音", "建设路2号"])


def _far_right(made: openpyxl.Workbook) -> None:
    filled(made)
    made.active.cell(1, 16_384, "备注")


def _indented(made: openpyxl.Workbook) -> None:
    sheet = made.active
    for r, row in enumerate([["幸福社区"], ["单位：户"], HEADER, *ROWS], start=4):
        for c, cell in enumerate(row, start=3):
            sheet.cell(r, c, cell)


def _side_by_side(made: openpyxl.Workbook) -> None:
    filled(made, [*HEADER, None, *HEADER], *([*row, None, *row] for row in ROWS))


def _named_person(made: openpyxl.Workbook) -> None:
    filled(
        made,
        ["小区", "楼号", "户主", "联系电话", "人数"],
        ["幸福小区", "1号楼", "张三", "13800138000", 3],
        ["幸福小区", "1号楼", "李四", 13900139000, 2],
    )


book("a hidden sheet beside", "residents", (3, 0), _hidden_sheet)
book("hidden and filtered rows", "residents", (3, 0), _hidden_rows)
book("a header of two rows", "residents", (3, 0), _two_headers)
book("a compound merged downwards", "residents", (3, 0), _merged_down)
book("twenty thousand formatted rows", "residents", (3, 0), _formatted_rows)
book("dates that begin in 1904", "incidents", (1, 0), _dates_1904)
book("rich text and a link", "residents", (1, 0), _rich)
book("truths of three kinds", "resources", (2, 1), _truths)
book("errors in two columns", "residents", (1, 2), _errors)
book("a sheet that is a chart", "residents", (3, 0), _chart)
book("a pivot beside", "residents", (3, 0), _pivot)
book("numbers as long as tickets", "incidents", (1, 1), _floats)
book("a word in the last column", "residents", (3, 0), _far_right)
book("a list that begins at C4", "residents", (3, 0), _indented)
book("two lists side by side", "residents", (3, 0), _side_by_side)
book("households by name", "residents", (2, 0), _named_person)
book("only titles", "residents", "import_columns_missing", lambda made: filled(made, ["幸福社区"], ["2024年"]) and None)
book("a sheet named like a formula", "residents", (3, 0), lambda made: filled(made, title="=1+1") and None)


# archives ------------------------------------------------------------------------------------------------------------
@case("an archive with folders and Chinese names in cp437", "residents", (3, 0))
def _folders(folder: Path) -> Path:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as packed:
        packed.writestr("aaaa/", b"")
        packed.writestr("aaaa/bbbb.csv", PLAIN.encode("gbk"))
    content = raw.getvalue().replace(b"aaaa", "住户".encode("gbk")).replace(b"bbbb", "名单".encode("gbk"))
    (folder / "a.zip").write_bytes(content)
    return folder / "a.zip"


@case("a picture and a list in an archive", "residents", (3, 0))
def _picture_beside(folder: Path) -> Path:
    return nasty.zipped(folder / "a.zip", {"x.png": b"\x89PNG", "__MACOSX/._a.csv": b"\0\5", "a.csv": PLAIN.encode()})


@case("an archive in an archive with a list", "residents", "file_nothing_in_archive")
def _nested(folder: Path) -> Path:
    inner = nasty.zipped(folder / "b.zip", {"a.csv": PLAIN.encode()}).read_bytes()
    (folder / "b.zip").unlink()
    return nasty.zipped(folder / "a.zip", {"b.zip": inner})


@case("a link in an archive", "residents", "import_columns_missing")
def _link(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w") as packed:
        info = zipfile.ZipInfo("a.csv")
        info.external_attr = 0o120777 << 16
        packed.writestr(info, "/etc/passwd")
    return folder / "a.zip"


@case("a member twice in an archive", "residents", "file_several_in_archive")
def _twice(folder: Path) -> Path:
    import warnings

    with zipfile.ZipFile(folder / "a.zip", "w") as packed, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        packed.writestr("a.csv", PLAIN)
        packed.writestr("a.csv", PLAIN)
    return folder / "a.zip"


@case("KML in an archive, as KMZ", "resources", (1, 0))
def _kmz(folder: Path) -> Path:
    return nasty.zipped(folder / "a.kmz", {"doc.kml": kml(PLACEMARK).encode(), "files/i.png": b"\x89PNG"})


# layers --------------------------------------------------------------------------------------------------------------
X, Y = ORIGIN
POINT = {"type": "Point", "coordinates": [LON, LAT]}
SPOT = {"name": "站", "category": "公园"}


def kml(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'


PLACEMARK = f"<Placemark><name>公园</name><description><![CDATA[<b>公园</b>]]></description><Point><coordinates>{LON},{LAT},0</coordinates></Point></Placemark>"
said("KML with a description in CDATA", "resources", (1, 0), kml(PLACEMARK), "a.kml")
said(
    "KML with a link to the network",
    "resources",
    (0, 0),
    kml("<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"),
    "a.kml",
)
said(
    "KML in folders",
    "resources",
    "file_several_layers",
    kml(f"<Folder><name>一</name>{PLACEMARK}</Folder><Folder><name>二</name>{PLACEMARK}</Folder>"),
    "a.kml",
)
said("KML cut short", "resources", "file_layer_broken", kml(PLACEMARK)[:-40], "a.kml")
said(
    "GPX",
    "resources",
    (1, 0),
    f'<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="{LAT}" lon="{LON}"><name>公园</name></wpt></gpx>',
    "a.gpx",
)
said(
    "GML",
    "resources",
    "file_kind_unknown",
    '<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>',
    "a.gml",
)
said("SVG", "resources", "file_kind_unknown", '<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg")
said("DXF", "buildings", "file_is_a_drawing", "  0\nSECTION\n  2\nENTITIES\n  0\nENDSEC\n  0\nEOF\n", "a.dxf")
said("DWG", "buildings", "file_is_a_drawing", b"AC1027" + bytes(200), "a.dwg")
said("a picture of a map", "buildings", "file_is_a_picture", b"II*\0" + bytes(200), "a.tif")


def geojson(name: str, table: str, outcome: Outcome, content: object) -> None:
    said(name, table, outcome, content if isinstance(content, str) else json.dumps(content), "a.geojson")


def collection(*features: object, **more: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features), **more}


RING = [[LON, LAT], [LON, LAT + 1e-4], [LON + 1e-4, LAT + 1e-4], [LON + 1e-4, LAT], [LON, LAT]]
geojson("GeoJSON of one feature", "resources", (1, 0), feature(POINT, **SPOT))
geojson("GeoJSON of a bare shape", "communities", (1, 0), {"type": "Polygon", "coordinates": [RING]})
geojson("GeoJSON with a null feature", "resources", (1, 1), collection(feature(POINT, **SPOT), None))
geojson(
    "GeoJSON of null shapes", "buildings", (2, 0), collection(feature(None, name="1号楼"), feature(None, name="2号楼"))
)
geojson("GeoJSON in lines", "resources", (2, 0), "\n".join(json.dumps(feature(POINT, **SPOT)) for _ in range(2)))
geojson(
    "GeoJSON with marks of records",
    "resources",
    (2, 0),
    "".join(f"\x1e{json.dumps(feature(POINT, **SPOT))}\n" for _ in range(2)),
)
geojson(
    "GeoJSON with NaN",
    "resources",
    (1, 1),
    json.dumps(collection(feature(POINT, **SPOT), feature({"type": "Point", "coordinates": [1, 2]}, **SPOT))).replace(
        "[1, 2]", "[NaN, Infinity]"
    ),
)
geojson("GeoJSON with huge numbers", "resources", (0, 1), collection(feature(POINT, **SPOT, id=10**30, n=1e308)))
geojson(
    "GeoJSON with a key twice",
    "resources",
    (1, 0),
    json.dumps(collection(feature(POINT, **SPOT))).replace('"name"', '"name": "x", "name"'),
)
geojson(
    "GeoJSON wound the other way",
    "communities",
    (1, 0),
    collection(feature({"type": "Polygon", "coordinates": [RING[::-1]]}, name="社区")),
)
geojson(
    "GeoJSON with a collection",
    "communities",
    (1, 0),
    collection(
        feature(
            {"type": "GeometryCollection", "geometries": [POINT, {"type": "Polygon", "coordinates": [RING]}]},
            name="社区",
        )
    ),
)
geojson(
    "GeoJSON of another system",
    "communities",
    (1, 0),
    collection(
        feature({"type": "Polygon", "coordinates": [[[X, Y], [X, Y + 9], [X + 9, Y + 9], [X, Y]]]}, name="社区"),
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32650"}},
    ),
)
geojson(
    "GeoJSON of nested facts", "resources", (1, 0), collection(feature(POINT, **SPOT, tags={"a": [1, {"b": None}]}))
)
geojson(
    "GeoJSON with an open ring",
    "communities",
    (0, 1),
    collection(feature({"type": "Polygon", "coordinates": [RING[:-1]]}, name="社区")),
)
geojson(
    "GeoJSON of ESRI",
    "resources",
    (1, 0),
    {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326},
        "fields": [{"name": "name", "type": "esriFieldTypeString", "alias": "name"}],
        "features": [{"attributes": {"name": "公园"}, "geometry": {"x": LON, "y": LAT}}],
    },
)
geojson(
    "TopoJSON",
    "communities",
    "import_crs_unknown",
    {
        "type": "Topology",
        "objects": {
            "a": {
                "type": "GeometryCollection",
                "geometries": [{"type": "Polygon", "arcs": [[0]], "properties": {"name": "社区"}}],
            }
        },
        "arcs": [RING],
    },
)
geojson(
    "GeoJSON with latitudes first",
    "resources",
    "import_swapped",
    collection(*[feature({"type": "Point", "coordinates": [LAT, LON]}, **SPOT)] * 3),
)
said(
    "GeoJSON written in GBK",
    "resources",
    (1, 0),
    json.dumps(collection(feature(POINT, **SPOT)), ensure_ascii=False).encode("gbk"),
    "a.geojson",
)
said(
    "GeoJSON with a mark of UTF-8",
    "resources",
    (1, 0),
    b"\xef\xbb\xbf" + json.dumps(collection(feature(POINT, **SPOT))).encode(),
    "a.geojson",
)


def database(
    name: str, table: str, outcome: Outcome, change: Callable[[sqlite3.Connection], object], count: int = 2
) -> None:
    def write(folder: Path) -> Path:
        path = nasty.layer(folder / "a.gpkg", nasty.points(name=["一"] * count, category=["公园"] * count), "GPKG")
        with closing(sqlite3.connect(path)) as opened, opened:
            change(opened)
        return path

    CASES.append(Case(name, table, write, outcome))


database(
    "a GeoPackage with a view as a layer",
    "resources",
    (2, 0),
    lambda base: base.executescript(
        "CREATE VIEW v AS SELECT * FROM a; INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) SELECT 'v', 'features', 'v', srs_id FROM gpkg_contents WHERE table_name = 'a'"
    ),
)
database(
    "a GeoPackage of attributes alone",
    "resources",
    (2, 0),
    lambda base: base.executescript(
        "CREATE TABLE t (fid INTEGER PRIMARY KEY, 名称 TEXT, 类别 TEXT); INSERT INTO t VALUES (1, '一', '公园'), (2, '二', '公园');"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('t', 'attributes', 't'); DELETE FROM a"
    ),
)
database(
    "a GeoPackage with a broken index", "resources", (2, 0), lambda base: base.execute("DELETE FROM rtree_a_geom_node")
)
database(
    "a GeoPackage without a system",
    "resources",
    "import_crs_unknown",
    lambda base: base.executescript(
        "UPDATE gpkg_geometry_columns SET srs_id = -1; UPDATE gpkg_contents SET srs_id = -1"
    ),
)
database(
    "a GeoPackage with a shape of noise",
    "resources",
    (1, 1),
    lambda base: base.executescript(
        "DROP TRIGGER IF EXISTS rtree_a_geom_update6; DROP TRIGGER IF EXISTS rtree_a_geom_update7; DROP TRIGGER IF EXISTS rtree_a_geom_update2;"
        "DROP TRIGGER IF EXISTS rtree_a_geom_update4; DROP TRIGGER IF EXISTS rtree_a_geom_update5; UPDATE a SET geom = x'47500001' WHERE fid = 1"
    ),
)
database("a GeoPackage with no rows", "resources", (0, 0), lambda base: base.execute("DELETE FROM a"))


@case("a GeoPackage that another program is writing", "resources", (2, 0))
def _wal(folder: Path) -> Path:
    path = nasty.layer(folder / "a.gpkg", nasty.points(name=["一", "二"], category=["公园"] * 2), "GPKG")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
    return path


@case("FlatGeobuf cut short", "resources", "file_cut_off")
def _fgb(folder: Path) -> Path:
    path = nasty.layer(folder / "a.fgb", nasty.points(name=["一"] * 300, category=["公园"] * 300), "FlatGeobuf")
    path.write_bytes(path.read_bytes()[:6000])
    return path


@case("a Shapefile with rows that have no shape", "resources", (2, 0))
def _null_shapes(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"name": ["一", "二"], "category": ["公园"] * 2}, geometry=[shapely.Point(X, Y), None], crs=CRS
    )
    nasty.layer(folder / "a.shp", frame, "ESRI Shapefile")
    return folder / "a.shp"


@case("MapInfo", "resources", (2, 0))
def _tab(folder: Path) -> Path:
    frame = nasty.points(name=["一", "二"], category=["公园"] * 2).to_crs(4326)
    nasty.layer(folder / "a.tab", frame, "MapInfo File", encoding="UTF-8")
    return folder / "a.tab"


@case("a geodatabase in an archive", "resources", (2, 0))
def _gdb(folder: Path) -> Path:
    nasty.layer(folder / "a.gdb", nasty.points(name=["一", "二"], category=["公园"] * 2), "OpenFileGDB")
    members = {f"a.gdb/{one.name}": one.read_bytes() for one in sorted((folder / "a.gdb").iterdir())}
    for one in (folder / "a.gdb").iterdir():
        one.unlink()
    (folder / "a.gdb").rmdir()
    return nasty.zipped(folder / "a.gdb.zip", members)


# coordinates ---------------------------------------------------------------------------------------------------------
def spots(name: str, outcome: Outcome, header: list[str], *cells: list[str]) -> None:
    said(
        name,
        "resources",
        outcome,
        lines(["名称", "类别", *header], *(["站", "公园", *row] for row in cells), mark="\t"),
    )


spots("degrees with marks", (1, 0), ["经度", "纬度"], ["117°0'0\"E", "31°11'2\"N"])
spots("degrees with marks in one cell", (1, 0), ["坐标"], ["31°11'2\"N 117°0'0\"E"])
spots("degrees with Chinese words", (1, 0), ["坐标"], ["东经117度0分0秒，北纬31度11分2秒"])
spots("two numbers in a cell", (2, 0), ["经纬度"], ["117.0005,31.1842"], ["117.0006，31.1843"])
spots("two numbers, latitude first", (1, 0), ["坐标"], ["31.1842, 117.0005"])
spots("well-known text", (1, 0), ["wkt"], [f"POINT ({LON} {LAT})"])
spots("well-known text that states its system", (1, 0), ["geom"], [f"SRID=32650;POINT ({X} {Y})"])
spots("well-known bytes as hex", (1, 0), ["geom"], [shapely.to_wkb(shapely.Point(LON, LAT), hex=True)])
spots(
    "well-known bytes of PostGIS",
    (1, 0),
    ["geom"],
    [shapely.to_wkb(shapely.set_srid(shapely.Point(LON, LAT), 4326), hex=True, include_srid=True)],
)
spots("a point as text in a column of coordinates", (1, 1), ["坐标"], [f"POINT({LON} {LAT})"], ["POINT(EMPTY"])
spots("x and y in degrees", (1, 0), ["x", "y"], [str(LON), str(LAT)])
spots("x and y in metres", "import_crs_unknown", ["x", "y"], [str(X), str(Y)])
spots("x to the north, as surveyors have it", "import_crs_unknown", ["x", "y"], [str(Y), str(X)])
spots("web Mercator", "import_crs_unknown", ["x", "y"], ["13024380.4", "3661000.2"])
spots("a million for a degree", "import_crs_unknown", ["经度", "纬度"], ["117000500", "31184200"])
spots("numbers with letters behind", (1, 1), ["经度", "纬度"], ["117.0005E", "31.1842N"], ["117.0005x", "31.1842"])
said("a minus of full width", "resources", (0, 1), "名称,类别,经度,纬度\n站,公园,－117.0005,31.1842\n")
