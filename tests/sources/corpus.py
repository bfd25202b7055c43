"""A corpus of broken and hostile files, each with the table it is dropped on and what must come of it.

`outcome` is rows kept and rows rejected, or the key of the one sentence by which the whole file is refused.
"""

import gzip
import json
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import nasty
import numpy as np
import pandas as pd
import shapely
from nasty import CRS, HEADER, LAT, LON, ORIGIN, ROWS

from govmap import crs as datums

Outcome = tuple[int, int] | str
Writer = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """One file: a name, the table, how it is written into a folder, and what must come of it."""

    name: str
    table: str
    write: Writer
    outcome: Outcome


CASES: list[Case] = []


def case(name: str, table: str, outcome: Outcome) -> Callable[[Writer], Writer]:
    def add(write: Writer) -> Writer:
        CASES.append(Case(name, table, write, outcome))
        return write

    return add


def said(name: str, table: str, outcome: Outcome, content: bytes, file: str = "a.csv") -> None:
    """A case whose bytes are at hand."""

    def write(folder: Path) -> Path:
        (folder / file).write_bytes(content)
        return folder / file

    CASES.append(Case(name, table, write, outcome))


def lines(*rows: list[str], mark: str = ",", end: str = "\n") -> str:
    return end.join(mark.join(row) for row in rows)


PLAIN = lines(HEADER, *ROWS)

# encodings and delimiters --------------------------------------------------------------------------------------------
for encoding in ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "big5", "utf-16-le"):
    text = (
        PLAIN
        if encoding != "big5"
        else PLAIN.replace("号", "號").replace("户数", "戶數").replace("区", "區").replace("楼", "樓")
    )
    said(f"text in {encoding}", "residents", (3, 0), ("\ufeff" * (encoding == "utf-16-le") + text).encode(encoding))
for mark in (";", "\t", "|", "，"):
    said(f"cells parted by {mark!r}", "residents", (3, 0), lines(HEADER, *ROWS, mark=mark).encode())
for end in ("\r\n", "\r", "\n\n", "\r\r\n"):
    said(f"lines ended by {end!r}", "residents", (3, 0), lines(HEADER, *ROWS, end=end).encode())
said("text cut in a letter of GBK", "residents", "file_encoding_wrong", PLAIN.encode("gbk")[:-1] + b"\x81")
said(
    "half UTF-8, half GBK",
    "residents",
    "file_encoding_unsure",
    (PLAIN + "\n").encode() + "和平小区,4号楼,5,9".encode("gbk"),
)
said("gzip that says .csv", "residents", (3, 0), gzip.compress(PLAIN.encode()))

# what is hardly a list -----------------------------------------------------------------------------------------------
said("nothing at all", "residents", "file_empty", b"")
said("only a mark of UTF-8", "residents", "file_empty", b"\xef\xbb\xbf")
said("only blanks", "residents", "file_empty", b" \n\t\n  \r\n")
said("only zeros", "residents", "file_kind_unknown", bytes(4096))
said("only a header", "residents", (0, 0), ",".join(HEADER).encode())
said("a picture", "residents", "file_is_a_picture", b"\x89PNG\r\n\x1a\n" + bytes(300))
said("a program", "residents", "file_kind_unknown", b"MZ" + bytes(range(256)) * 4)
said(
    "a page that says .xls",
    "residents",
    "file_is_a_web_page",
    b"<html><table><tr><td>1</td></tr></table></html>",
    "a.xls",
)
said("prose", "residents", "import_columns_missing", "本周工作总结\n网格员走访了三户居民。\n无其他情况。".encode())
said("noise", "residents", "file_kind_unknown", random.Random(7).randbytes(5000))

# rows that are none --------------------------------------------------------------------------------------------------
said("blank rows between", "residents", (3, 0), lines(HEADER, [""] * 4, ROWS[0], [""] * 4, *ROWS[1:]).encode())
said("a total below", "residents", (3, 1), lines(HEADER, *ROWS, ["合计", "", "40", "101"]).encode())
said(
    "totals of pages",
    "residents",
    (3, 3),
    lines(
        HEADER, ROWS[0], ["小计", "", "12", "30"], *ROWS[1:], ["小计", "", "28", "71"], ["总计", "", "40", "101"]
    ).encode(),
)
said("the header again", "residents", (3, 1), lines(HEADER, ROWS[0], HEADER, *ROWS[1:]).encode())
said("notes below", "residents", (3, 1), lines(HEADER, *ROWS, ["填表人：王敏", "", "", ""]).encode())
said("an English total", "residents", (2, 1), b"building,households\nBlock 1,12\nBlock 2,20\nTotal,32\n")
said(
    "titles above",
    "residents",
    (3, 0),
    lines(["幸福社区住户统计表", "", "", ""], ["2024年3月", "", "", ""], HEADER, *ROWS).encode(),
)
said("rows too long", "residents", (2, 1), lines(HEADER, ROWS[0], [*ROWS[1], "9", "9"], ROWS[2]).encode())
said("rows too short", "residents", (2, 1), lines(HEADER, ROWS[0], ROWS[1][:2], ROWS[2]).encode())
said(
    "a comma in an unquoted cell",
    "residents",
    (2, 1),
    lines(HEADER, *ROWS[:2], ["和平,小区", "3号楼", "8", "21"]).encode(),
)
said(
    "a quote that never ends", "residents", (2, 1), lines(HEADER, *ROWS[:2], ['"和平小区', "3号楼", "8", "21"]).encode()
)
said(
    "a line break in a cell",
    "residents",
    (3, 0),
    lines(HEADER, *ROWS[:2], ['"和平\n小区"', "3号楼", "8", "21"]).encode(),
)
said(
    "zeros in text",
    "residents",
    "file_kind_unknown",
    lines(HEADER, *ROWS[:2], ["和平小区\0", "3号\0楼", "8\0", "21"]).encode(),
)
said("two columns of one name", "residents", (3, 0), lines([*HEADER, "户数"], *([*row, "99"] for row in ROWS)).encode())
said("a column without a name", "residents", (3, 0), lines([*HEADER, ""], *([*row, "x"] for row in ROWS)).encode())
said("the same row twice", "residents", (3, 1), lines(HEADER, *ROWS, ROWS[0]).encode())

# numbers -------------------------------------------------------------------------------------------------------------
for words, kept in {
    "1,234": 1, "１２": 1, "十二": 1, " 12 ": 1, "12.0": 1, "12户": 1, "0": 1, "+12": 1, "1e2": 1,
    "12.5": 0, "-3": 0, "约20": 0,
    "1/2": 0, "nan": 0, "inf": 0, "1e309": 0, "99999999999999999999": 0, "=1+1": 0, "12-14": 0, "#N/A": 0, "0x1F": 0,
}.items():  # fmt: skip
    said(
        f"households written {words!r}",
        "residents",
        (kept, 1 - kept),
        f'小区,楼号,户数,人口\n幸福小区,1号楼,"{words}",\n'.encode(),
    )

# ids -----------------------------------------------------------------------------------------------------------------
TICKETS = ["工单编号", "类别", "地址", "上报时间"]


def tickets(*numbers: str) -> bytes:
    rows = [[number, "水管爆裂", "建设路12号", f"2024-03-{day:02d} 08:30"] for day, number in enumerate(numbers, 1)]
    return lines(TICKETS, *rows).encode()


said("leading zeros", "incidents", (3, 0), tickets("0012", "012", "12"))
said("a ticket twice", "incidents", (2, 1), tickets("A1", "A2", "A1"))
said("tickets without a number", "incidents", (3, 0), tickets("A1", "", ""))
said("numbers a program made floats of", "incidents", (3, 0), tickets("1001.0", "1002.0", "1003.0"))
said("numbers cut to seven digits", "incidents", (0, 3), tickets("2.02403E+17", "2.02403E+17", "2.02403E+17"))
said("numbers with a blank that does not break", "incidents", (2, 1), tickets("A1", "A1\u00a0", "A2"))

# times ---------------------------------------------------------------------------------------------------------------
for words, kept in {
    "2024年3月5日": 1, "2024.3.5": 1, "2024/3/5 8:05": 1, "20240305": 1, "45356": 1, "2024-03-05T08:05:00+08:00": 1,
    "2024-13-05": 0, "2024-02-30": 0, "去年": 0, "5/2024": 0, "0000-00-00": 0, "24:61": 0,
}.items():  # fmt: skip
    content = lines(TICKETS, ["A1", "噪音", "建设路12号", words]).encode()
    said(f"time written {words!r}", "incidents", (kept, 1 - kept), content)
said(
    "day or month first, nobody knows",
    "incidents",
    "import_date_order_unsure",
    lines(TICKETS, *(["A" + d, "噪音", "建设路12号", d] for d in ("03/05/2024", "04/06/2024"))).encode(),
)

# coordinates ---------------------------------------------------------------------------------------------------------
AT = [(LON + 0.0005 * n, LAT + 0.0005 * n) for n in range(8)]


def places(at: list[tuple[object, object]], header: str = "名称,类别,经度,纬度") -> bytes:
    rows = [f"站{n},公园,{x},{y}" for n, (x, y) in enumerate(at)]
    return "\n".join([header, *rows]).encode()


def shifted(datum: str) -> list[tuple[float, float]]:
    x, y = datums.from_wgs84(np.array([lon for lon, _ in AT]), np.array([lat for _, lat in AT]), datum)
    return list(zip(x, y, strict=True))


said("points that fit", "resources", (8, 0), places(AT))
said("longitude and latitude exchanged", "resources", "import_swapped", places([(y, x) for x, y in AT]))
said("one point exchanged", "resources", (7, 1), places([AT[0][::-1], *AT[1:]]))
said(
    "metres in columns of degrees",
    "resources",
    "import_crs_unknown",
    places([(ORIGIN[0] + n, ORIGIN[1] + n) for n in range(8)]),
)
said("the middle of nowhere", "resources", (8, 0), places([(0, 0), *AT[1:]]))
said("no place on earth", "resources", (6, 2), places([(999, LAT), (LON, -91), *AT[2:]]))
said("half a point", "resources", (6, 2), places([("", LAT), (LON, ""), *AT[2:]]))
said("words for a point", "resources", (7, 1), places([("不详", "不详"), ("nan", "inf"), *AT[2:]]))
said("degrees, minutes and seconds", "resources", (1, 0), places([("117°0'0\"E".replace('"', "″"), "31°11'2″N")]))
said("a comma for a point", "resources", (1, 0), "名称;类别;经度;纬度\n站;公园;117,0005;31,1845".encode())
said(
    "points in a column that says it is shifted",
    "resources",
    "import_datum_stated",
    places(AT, "名称,类别,百度经度,百度纬度"),
)
said("another part of the world", "resources", (0, 8), places([(2.35 + n / 1e3, 48.85) for n in range(8)]))

# persons -------------------------------------------------------------------------------------------------------------
PERSONS = ["姓名", "身份证号", "小区", "楼号", "年龄"]
said(
    "a list of persons",
    "residents",
    (2, 0),
    lines(
        PERSONS,
        ["张三", "11010519491231002X", "幸福小区", "1号楼", "74"],
        ["李四", "110105198001010011", "幸福小区", "1号楼", "44"],
    ).encode(),
)
said(
    "a person twice",
    "residents",
    (1, 1),
    lines(PERSONS, *[["张三", "11010519491231002X", "幸福小区", "1号楼", "74"]] * 2).encode(),
)
said("an age nobody has", "residents", (0, 1), lines(PERSONS, ["张三", "", "幸福小区", "1号楼", "207"]).encode())
said(
    "beliefs and illness",
    "residents",
    (1, 0),
    "小区,楼号,户数,宗教信仰,慢性病,信访记录\n幸福小区,1号楼,3,佛教,高血压,有".encode(),
)


# workbooks -----------------------------------------------------------------------------------------------------------
def book(name: str, table: str, outcome: Outcome, **sheets: list[list[object]]) -> None:
    CASES.append(Case(name, table, lambda folder: nasty.workbook(folder / "a.xlsx", **sheets), outcome))


book("a workbook", "residents", (3, 0), 表=[HEADER, *ROWS])
book("a workbook with titles and a total", "residents", (3, 1), 表=[["统计表"], HEADER, *ROWS, ["合计", None, 40, 101]])
book("an empty workbook", "residents", "file_empty", 表=[])
book("a sheet of notes beside", "residents", (3, 0), 说明=[["填表说明"], ["请勿改动"]], 表=[HEADER, *ROWS])
book("two lists in one workbook", "residents", "file_several_sheets", 一=[HEADER, *ROWS], 二=[HEADER, *ROWS])
book(
    "errors of the spreadsheet",
    "residents",
    (1, 2),
    表=[HEADER, ROWS[0], ["幸福小区", "2号楼", "#REF!", 5], ["幸福小区", "3号楼", "#DIV/0!", 5]],
)
book(
    "formulas as text",
    "residents",
    (3, 0),
    表=[HEADER, *([f"'{cell}" if n == 0 else cell for n, cell in enumerate(row)] for row in ROWS)],
)
book(
    "a floor that became a date",
    "residents",
    (0, 1),
    表=[HEADER, ["幸福小区", "1号楼", pd.Timestamp("2024-03-05").to_pydatetime(), 30]],
)
book("truth for a number", "residents", (0, 1), 表=[HEADER, ["幸福小区", "1号楼", True, 30]])


@case("merged cells", "residents", (2, 3))
def _merged(folder: Path) -> Path:
    return nasty.merged(folder / "a.xlsx")


@case("a formula never calculated", "residents", (1, 2))
def _uncalculated(folder: Path) -> Path:
    return nasty.uncalculated(folder / "a.xlsx")


@case("a cell in the far corner", "residents", "file_far_cell")
def _far(folder: Path) -> Path:
    return nasty.far_cell(folder / "a.xlsx")


@case("a workbook that unpacks to half a gigabyte", "residents", "file_bomb")
def _bomb(folder: Path) -> Path:
    return nasty.bomb(folder / "a.xlsx")


@case("an OpenDocument sheet", "residents", (3, 0))
def _ods(folder: Path) -> Path:
    return nasty.open_document(folder / "a.ods", [HEADER, *([a, b, int(c), int(d)] for a, b, c, d in ROWS)])


def _parts_of_book(folder: Path, change: Callable[[str, bytes], bytes | None], name: str = "a.xlsx") -> Path:
    """A workbook of which every part passes through a hand."""
    nasty.workbook(folder / "whole.xlsx", 表=[HEADER, *ROWS])
    members = {}
    with zipfile.ZipFile(folder / "whole.xlsx") as archive:
        for part in archive.namelist():
            changed = change(part, archive.read(part))
            if changed is not None:
                members[part] = changed
    (folder / "whole.xlsx").unlink()
    return nasty.zipped(folder / name, members)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {b} "{f"&{a};" * 50}">'.encode() for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + b"]><sst><si><t>&i;</t></si></sst>"
)
READS_A_FILE = (
    b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>'
)


@case("entities that multiply in a workbook", "residents", "file_workbook_broken")
def _laughs(folder: Path) -> Path:
    return _parts_of_book(
        folder, lambda part, content: LAUGHS if "workbook.xml" in part and "rels" not in part else content
    )


@case("an entity that reads a file, in a workbook", "residents", "file_workbook_broken")
def _reads(folder: Path) -> Path:
    return _parts_of_book(folder, lambda part, content: READS_A_FILE if part.endswith("workbook.xml") else content)


@case("a workbook without its sheet", "residents", "file_workbook_broken")
def _no_sheet(folder: Path) -> Path:
    return _parts_of_book(folder, lambda part, content: None if "sheet1" in part else content)


def cut(name: str, outcome: Outcome, share: float) -> None:
    def write(folder: Path) -> Path:
        whole = nasty.workbook(folder / "a.xlsx", 表=[HEADER, *ROWS]).read_bytes()
        (folder / "a.xlsx").write_bytes(whole[: int(len(whole) * share)])
        return folder / "a.xlsx"

    CASES.append(Case(name, "residents", write, outcome))


for share in (0.05, 0.5, 0.99):
    cut(f"a workbook cut at {share:.0%}", "file_archive_broken", share)
said("an old container with nothing in it", "residents", "file_workbook_broken", nasty.locked_ole(), "a.xls")
said("a dBase header that promises too much", "resources", "file_kind_unknown", nasty.huge_dbase(), "a.dbf")


# archives ------------------------------------------------------------------------------------------------------------
def archive(name: str, outcome: Outcome, members: dict[str, bytes], table: str = "residents") -> None:
    CASES.append(Case(name, table, lambda folder: nasty.zipped(folder / "a.zip", members), outcome))


archive("a list in an archive", (3, 0), {"住户.csv": PLAIN.encode()})
archive("two lists in an archive", "file_several_in_archive", {"a.csv": PLAIN.encode(), "b.csv": PLAIN.encode()})
archive("nothing in an archive", "file_kind_unknown", {})
archive("a way out of an archive", (3, 0), {"../../evil.csv": PLAIN.encode()})
archive("a way to the root of the machine", (3, 0), {"/etc/evil.csv": PLAIN.encode()})
archive("a way out by the other slash", (3, 0), {"..\\..\\evil.csv": PLAIN.encode()})
archive("an archive in an archive", "file_nothing_in_archive", {"b.zip": b"PK\x05\x06" + bytes(18)})
archive("an archive that unpacks to half a gigabyte", "file_bomb", {"a.csv": b"0" * 500_000_000})


@case("an archive cut short", "residents", "file_archive_broken")
def _cut_archive(folder: Path) -> Path:
    whole = nasty.zipped(folder / "a.zip", {"a.csv": (PLAIN * 50).encode()}).read_bytes()
    (folder / "a.zip").write_bytes(whole[: len(whole) // 2])
    return folder / "a.zip"


@case("an archive under lock", "residents", "file_archive_broken")
def _locked(folder: Path) -> Path:
    whole = bytearray(nasty.zipped(folder / "a.zip", {"a.csv": PLAIN.encode()}).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.index(mark) + at
        whole[place : place + 2] = struct.pack("<H", struct.unpack("<H", whole[place : place + 2])[0] | 1)
    (folder / "a.zip").write_bytes(whole)
    return folder / "a.zip"


# layers --------------------------------------------------------------------------------------------------------------
X, Y = ORIGIN
HOUSE = shapely.box(X, Y, X + 20, Y + 10)
BOWTIE = shapely.Polygon([(X, Y), (X + 20, Y + 20), (X + 20, Y), (X, Y + 20)])


def shapes(
    name: str,
    outcome: Outcome,
    *found: object,
    driver: str = "GPKG",
    file: str = "a.gpkg",
    crs: str | None = CRS,
    names: list[object] | None = None,
) -> None:
    def write(folder: Path) -> Path:
        facts = {"name": names or [f"{n}号楼" for n in range(len(found))]}
        frame = gpd.GeoDataFrame(facts, geometry=list(found), crs=crs)
        return nasty.layer(folder / file, frame, driver)

    CASES.append(Case(name, "buildings", write, outcome))


shapes("a house", (1, 0), HOUSE)
shapes("a bowtie", (2, 0), HOUSE, BOWTIE)
shapes("no shape at all", (2, 0), HOUSE, None)
shapes("an empty shape", (1, 1), HOUSE, shapely.Polygon())
shapes("a shape with height", (2, 0), HOUSE, shapely.force_3d(shapely.box(X + 40, Y, X + 50, Y + 9), 7.0))
shapes(
    "a shape of several kinds",
    (1, 1),
    HOUSE,
    shapely.GeometryCollection([shapely.Point(X, Y), shapely.LineString([(X, Y), (X + 1, Y)])]),
)
shapes("lines for houses", (1, 1), HOUSE, shapely.LineString([(X, Y), (X + 30, Y)]))
shapes("a shape the size of a needle", (2, 0), HOUSE, shapely.box(X, Y, X + 1e-9, Y + 1e-9))
shapes("a shape on the other side of the world", (1, 1), HOUSE, shapely.box(X - 9e5, Y - 2e6, X - 9e5 + 9, Y - 2e6 + 9))
shapes(
    "names that would be a program",
    (3, 0),
    HOUSE,
    shapely.box(X + 40, Y, X + 50, Y + 9),
    shapely.box(X + 60, Y, X + 70, Y + 9),
    names=["<script>alert(1)</script>", "'; DROP TABLE buildings; --", "{{ 7*7 }}${7*7}"],
)
shapes("FlatGeobuf", (2, 0), HOUSE, shapely.box(X + 40, Y, X + 50, Y + 9), driver="FlatGeobuf", file="a.fgb")
shapes("GeoJSON without a system, in metres", "import_crs_unknown", HOUSE, driver="GeoJSON", file="a.geojson", crs=None)
shapes("a layer without a system, in metres", "import_crs_unknown", HOUSE, crs=None)


def geojson(name: str, outcome: Outcome, table: str, *features: object, top: object | None = None) -> None:
    said(
        name,
        table,
        outcome,
        json.dumps(top or {"type": "FeatureCollection", "features": list(features)}).encode(),
        "a.geojson",
    )


def feature(geometry: object, **facts: object) -> dict[str, object]:
    return {"type": "Feature", "properties": facts, "geometry": geometry}


POINT = {"type": "Point", "coordinates": [LON, LAT]}
geojson("GeoJSON", (1, 0), "resources", feature(POINT, name="站", category="公园"))
geojson("GeoJSON without features", "file_empty", "resources")
geojson(
    "GeoJSON with a point of words",
    (1, 1),
    "resources",
    feature(POINT, name="站", category="公园"),
    feature({"type": "Point", "coordinates": ["a", "b"]}, name="站", category="公园"),
)
geojson(
    "GeoJSON with a ring of two points",
    (1, 1),
    "buildings",
    feature(
        {"type": "Polygon", "coordinates": [[[LON, LAT], [LON + 1e-4, LAT], [LON + 1e-4, LAT + 1e-4], [LON, LAT]]]},
        name="1",
    ),
    feature({"type": "Polygon", "coordinates": [[[LON, LAT], [LON, LAT]]]}, name="2"),
)
geojson("JSON that is no layer", "file_json_no_layer", "resources", top={"a": [1, 2, {"b": None}]})
said(
    "GeoJSON cut short",
    "resources",
    "file_layer_broken",
    json.dumps({"type": "FeatureCollection", "features": [feature(POINT, name="站", category="公园")] * 20}).encode()[
        :-200
    ],
    "a.geojson",
)
said(
    "JSON as deep as a well",
    "resources",
    "file_layer_broken",
    b'{"type":"FeatureCollection","features":' + b"[" * 100_000,
    "a.geojson",
)
said(
    "KML with an entity that reads a file",
    "resources",
    "file_trap",
    b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&x;</name><Point><coordinates>117,31</coordinates></Point></Placemark></kml>',
    "a.kml",
)


@case("a GeoPackage with a trigger", "resources", (2, 0))
def _trigger(folder: Path) -> Path:
    import sqlite3
    from contextlib import closing

    path = nasty.layer(folder / "a.gpkg", nasty.points(name=["一", "二"], category=["公园", "公园"]), "GPKG")
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END")
        opened.execute("CREATE VIEW v AS SELECT load_extension('x')")
    return path


@case("a GeoPackage with flipped bits", "resources", "file_layer_broken")
def _flipped(folder: Path) -> Path:
    path = nasty.layer(folder / "a.gpkg", nasty.points(name=["一"] * 50, category=["公园"] * 50), "GPKG")
    content = bytearray(path.read_bytes())
    for at in range(100, len(content), 97):
        content[at] ^= 0xFF
    path.write_bytes(content)
    return path


@case("a layer whose columns are called like commands", "resources", (2, 0))
def _columns(folder: Path) -> Path:
    frame = nasty.points(
        **{"name": ["一", "二"], "category": ["公园"] * 2, 'x"; DROP TABLE a; --': [1, 2], "../../x": [1, 2]}
    )
    return nasty.layer(folder / "a.fgb", frame, "FlatGeobuf")


for gone in (".shx", ".dbf", ".prj"):

    @case(
        f"a Shapefile without its {gone}",
        "resources",
        {".shx": (3, 0), ".dbf": "import_columns_missing", ".prj": "import_crs_unknown"}[gone],
    )
    def _lacking(folder: Path, gone: str = gone) -> Path:
        parts = nasty.gbk_shapefile(folder)
        for name in parts:
            (folder / name).unlink()
        return nasty.zipped(
            folder / "a.zip", {name: content for name, content in parts.items() if not name.endswith(gone)}
        )


for label in (None, "UTF-8", "ISO-8859-1"):

    @case(f"a Shapefile in GBK whose .cpg says {label}", "resources", (3, 0))
    def _gbk(folder: Path, label: str | None = label) -> Path:
        parts = nasty.gbk_shapefile(folder, cpg=label)
        for name in [one.name for one in folder.glob("poi.*")]:
            (folder / name).unlink()
        return nasty.zipped(folder / "a.zip", parts)
