"""Lists as people send them, written to a folder: good ones, broken ones, hostile ones."""

import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import shapely

CRS = "EPSG:32650"
ORIGIN = (500_000.0, 3_450_000.0)
BOUNDS = (ORIGIN[0] - 500, ORIGIN[1] - 500, ORIGIN[0] + 500, ORIGIN[1] + 500)
LON, LAT = 117.0, 31.184
HEADER = ["小区", "楼号", "户数", "人口"]
ROWS = [["幸福小区", "1号楼", "12", "30"], ["幸福小区", "2号楼", "20", "50"], ["和平小区", "3号楼", "8", "21"]]


def text(path: Path, rows: list[list[str]], *, mark: str = ",", encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes(end.join(mark.join(row) for row in rows).encode(encoding))
    return path


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def points(**columns: list[object]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    at = [shapely.Point(ORIGIN[0] + 20 * n, ORIGIN[1] + 20 * n) for n in range(count)]
    return gpd.GeoDataFrame(columns, geometry=at, crs=CRS)


def layer(path: Path, frame: gpd.GeoDataFrame, driver: str, **options: object) -> Path:
    pyogrio.write_dataframe(frame, path, driver=driver, **options)
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def gbk_shapefile(folder: Path, *, cpg: str | None = None) -> dict[str, bytes]:
    """A Shapefile in cp936 whose .cpg is missing or lies, as its parts."""
    frame = points(名称=["幸福卫生站", "和平药店", "人民公园"], 类别=["卫生服务站", "药店", "公园"])
    layer(folder / "poi.shp", frame, "ESRI Shapefile", encoding="cp936")
    (folder / "poi.cpg").unlink(missing_ok=True)
    parts = {one.name: one.read_bytes() for one in sorted(folder.glob("poi.*"))}
    dbf = bytearray(parts["poi.dbf"])
    dbf[29] = 0
    return parts | {"poi.dbf": bytes(dbf)} | ({"poi.cpg": cpg.encode()} if cpg else {})


def far_cell(path: Path, cell: str = "XFD1048576") -> Path:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active[cell] = "x"
    book.save(path)
    return path


def bomb(path: Path) -> Path:
    """A workbook that unpacks to half a gigabyte of blanks."""
    workbook(path, 一=[HEADER])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/blank.bin", b"\0" * 500_000_000)
    return path


def huge_dbase() -> bytes:
    """A dBase header that promises four thousand million records."""
    return (
        struct.pack("<B3xIHH20x", 3, 0xFFFFFFFF, 65, 12)
        + b"NAME".ljust(11, b"\0")
        + b"C"
        + b"\0" * 4
        + b"\x0b"
        + b"\0" * 15
        + b"\r"
    )


def locked_ole() -> bytes:
    """The first bytes of an old container that holds nothing."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def uncalculated(path: Path) -> Path:
    return workbook(
        path,
        表=[
            HEADER,
            ["幸福小区", "1号楼", "=10+2", 30],
            ["幸福小区", "2号楼", 20, 50],
            ["合计", None, "=SUM(C2:C3)", 80],
        ],
    )


def merged(path: Path) -> Path:
    """A title, a header of two rows, a compound merged over its rows, a number merged over two."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["幸福社区住户情况统计表"],
        ["小区", "楼号", "户数", "人口", None],
        [None, None, None, "总人数", "60岁以上"],
        ["幸福小区", "1号楼", 12, 30, 5],
        [None, "2号楼", 20, 50, 9],
        [None, "3号楼", 40, 100, 8],
        [None, "4号楼", None, 90, 7],
        ["合计", None, 72, 270, 29],
    ):
        sheet.append(row)
    for area in ("A1:E1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "A4:A7", "C6:C7", "A8:B8"):
        sheet.merge_cells(area)
    book.save(path)
    return path


def open_document(path: Path, rows: list[list[object]]) -> Path:
    """A sheet as LibreOffice writes it: the last row stands for all blank ones below."""
    lines = "".join(f"<table:table-row>{''.join(map(_open_cell, row))}</table:table-row>" for row in rows)
    blank = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="表一">{lines}{blank}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return zipped(
        path, {"mimetype": kind.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}
    )


def _open_cell(value: object) -> str:
    number = isinstance(value, int | float)
    kind = f'office:value-type="float" office:value="{value}"' if number else 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
