# ruff: noqa: E501 - each file is written out where its case stands
"""Lists as other programs write them and as nobody should: odd kinds of file, texts and coordinates."""

import gzip
import struct
import tarfile
import zipfile
from pathlib import Path

import nasty
import shapely
from cases import PLAIN, Outcome, case, lines, said
from nasty import HEADER, LAT, LON, ORIGIN, ROWS

X, Y = ORIGIN


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
    (3002, 2000),
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
