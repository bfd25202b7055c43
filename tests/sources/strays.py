"""Further files of the corpus: lists and layers that fell over, or lost a row, when they were first met."""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import nasty
import openpyxl
from cases import Outcome, case, said
from nasty import LAT, LON

BOX = f"POLYGON(({LON} {LAT},{LON + 1e-4} {LAT},{LON + 1e-4} {LAT + 1e-4},{LON} {LAT}))"


def shapes(*kinds: str) -> str:
    entries = ",".join(f'{{"type":"Feature","properties":{{"strength":1}},"geometry":{one}}}' for one in kinds)
    return f'{{"type":"FeatureCollection","features":[{entries}]}}'


def line(*corners: tuple[float, float]) -> str:
    return f'{{"type":"LineString","coordinates":{[list(one) for one in corners]}}}'


said(
    "an arc among shapes in words", "buildings", (1, 2),
    f'name,wkt\n1,"CIRCULARSTRING(0 0,1 1,2 0)"\n2,"{BOX}"\n3,DROP TABLE\n'.encode(),
)  # fmt: skip
said(
    "a clock that no place on earth has", "incidents", (1, 2),
    "类别,上报时间,地址\n噪音,2024-03-05T10:00:00+99:00,幸福小区1号楼\n噪音,2024-03-05T10:00:00+08:00,幸福小区1号楼\n"
    "噪音,2024-02-30,幸福小区1号楼\n".encode(),
)  # fmt: skip
said(
    "a line without length", "barriers", (1, 1),
    shapes(line((LON, LAT), (LON, LAT)), line((LON, LAT), (LON + 1e-3, LAT))).encode(), "a.geojson",
)  # fmt: skip
said("only line feeds of old", "residents", (2, 0), "小区,楼号,户数\r幸福小区,1号楼,12\r幸福小区,2号楼,20\r".encode())
said(
    "an encoding a line", "residents", "file_encoding_unsure",
    "小区,楼号,户数\n".encode() + "幸福小区,1号楼,12\n".encode("gbk") + "幸福小区,2号楼,20\n".encode(),
)  # fmt: skip
said(
    "counts that nobody can have", "residents", (1, 4),
    "小区,楼号,户数\n幸福小区,1号楼,-5\n幸福小区,2号楼,1e400\n幸福小区,3号楼,½\n幸福小区,4号楼,inf\n幸福小区,5号楼,8\n"
    .encode(),
)  # fmt: skip
said(
    "prose of ten thousand brackets", "units", (2, 0),
    f"网格名称,包含楼栋\n第一,{'（' * 5000}幸福小区1-99999999号楼{'）' * 5000}\n第二,幸福小区2号楼\n".encode(),
)  # fmt: skip
said(
    "English prose of three thousand brackets", "units", (2, 0),
    ("unit,covers\nA," + "(" * 3000 + "1-99999999999 High Street and and except 3\nB,幸福小区2号楼\n").encode(),
)  # fmt: skip
said(
    "a layer that points into the network", "resources", (0, 0),
    b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href>'
    b"</Link></NetworkLink></Document></kml>", "a.kml",
)  # fmt: skip


@case("a table with another number of rows than shapes", "resources", "file_uneven_shapefile")
def _(folder: Path) -> Path:
    frame = nasty.points(名称=["甲", "乙", "丙"], 类别=["公园"] * 3)
    nasty.layer(folder / "a.shp", frame, "ESRI Shapefile", encoding="utf-8")
    table = bytearray((folder / "a.dbf").read_bytes())
    table[4:8] = struct.pack("<I", 2)
    (folder / "a.dbf").write_bytes(bytes(table))
    members = {one.name: one.read_bytes() for one in sorted(folder.glob("a.*"))}
    for one in list(folder.glob("a.*")):
        one.unlink()
    return nasty.zipped(folder / "a.zip", members)


@case("an archive of six thousand names", "residents", "file_several_in_archive")
def _(folder: Path) -> Path:
    return nasty.zipped(folder / "a.zip", {f"x{number}.txt": b"" for number in range(6000)})


@case("a sheet for each of two tables", "residents", "file_several_sheets")
def _(folder: Path) -> Path:
    homes: list[list[object]] = [["小区", "楼号", "户数"], ["幸福小区", "1号楼", 3], ["幸福小区", "2号楼", 4]]
    people: list[list[object]] = [["姓名", "办公电话", "负责网格"], ["王敏", "0571-88880001", "第一网格"]]
    return nasty.workbook(folder / "a.xlsx", 户数=homes, 人员=people)


@case("forty sheets alike", "residents", "file_several_sheets")
def _(folder: Path) -> Path:
    rows: list[list[object]] = [["小区", "楼号", "户数"], ["幸福小区", "1号楼", 3]]
    return nasty.workbook(folder / "a.xlsx", **{f"表{number}": rows for number in range(40)})


@case("a merged cell from the header into the list", "residents", "import_columns_missing")
def _(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["小区", "楼号", "户数"], ["幸福小区", "1号楼", 3], [None, "2号楼", 4]):
        sheet.append(row)
    sheet.merge_cells("A1:A3")
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


@case("a base that says it is a GeoPackage", "resources", "file_layer_broken")
def _(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "a.gpkg")) as base:
        base.execute("CREATE TABLE a (x)")
        base.commit()
    return folder / "a.gpkg"


def view(name: str, outcome: Outcome, sql: str) -> None:
    @case(name, "resources", outcome)
    def write(folder: Path) -> Path:
        path = nasty.layer(folder / "a.gpkg", nasty.points(name=["站"], category=["公园"]), "GPKG")
        with closing(sqlite3.connect(path)) as base:
            base.execute(f"CREATE VIEW endless AS {sql}")
            base.commit()
        return path


view(
    "a view that never ends",
    "file_layer_broken",
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS fid FROM n",
)
view("a view of gigabytes", "file_layer_broken", "SELECT 1 AS fid, hex(zeroblob(400000000)) AS name")
said(
    "bytes that promise four thousand million rings",
    "buildings",
    (0, 2),
    f"name,wkt\na,0103000000FFFFFFFF{'F' * 8}\nb,01060000000FFFFF0F\n".encode(),
)
said(
    "words nested ten thousand deep",
    "buildings",
    (0, 1),
    f'name,wkt\na,"{"GEOMETRYCOLLECTION(" * 10_000}{")" * 10_000}"\n'.encode(),
)
