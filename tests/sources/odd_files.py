"""Further files of the corpus: old workbooks, days of 1904, subtotals of Excel, lists side by side, odd encodings."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import nasty
import old_book
import openpyxl
from cases import CASES, PLAIN, Case, case, lines, said
from nasty import HEADER, LAT, LON, ROWS
from old_book import Day, Formula
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook

Fill = Callable[[Workbook], None]
TICKETS = ["工单编号", "类别", "上报时间", "地址"]
PLACE = f"<Point><coordinates>{LON},{LAT}</coordinates></Point>"
COUNTED = [[a, b, int(c), int(d)] for a, b, c, d in ROWS]


def filled(name: str, table: str, outcome: tuple[int, int] | str) -> Callable[[Fill], Fill]:
    """Add a workbook that a function fills."""

    def add(fill: Fill) -> Fill:
        def write(folder: Path) -> Path:
            book = openpyxl.Workbook()
            fill(book)
            book.save(folder / "a.xlsx")
            return folder / "a.xlsx"

        CASES.append(Case(name, table, write, outcome))
        return fill

    return add


def kml(encoding: str, description: str = "") -> str:
    field = "<ExtendedData><Data name='类别'><value>公园</value></Data></ExtendedData>"
    return (
        f"<?xml version='1.0' encoding='{encoding}'?><kml xmlns='http://www.opengis.net/kml/2.2'><Document><Placemark>"
        f"<name>幸福卫生站</name>{description}{field}{PLACE}</Placemark></Document></kml>"
    )


# old workbooks -------------------------------------------------------------------------------------------------------
@case("an old workbook with a title, merged cells, errors and a total", "residents", (2, 3))
def _old(folder: Path) -> Path:
    rows = [
        ["统计表"],
        HEADER,
        ["幸福小区", "1号楼", 12, 30],
        [None, "2号楼", "#N/A", 50],
        ["和平小区", "3号楼", 8, 21],
    ]
    rows += [["和平小区", "4号楼", Formula("#REF!"), 2], ["合计", None, Formula("40"), 101]]
    return old_book.write(folder / "a.xls", rows, merged=[(0, 0, 0, 3), (2, 3, 0, 0)], hidden=[["说明"]])


@case("an old workbook whose words stand in their cells", "residents", (3, 0))
def _unshared(folder: Path) -> Path:
    return old_book.write(folder / "a.xls", [HEADER, *COUNTED], shared=False)


@case("an old workbook with a cell in the far corner", "residents", "file_far_cell")
def _far(folder: Path) -> Path:
    return old_book.write(folder / "a.xls", [HEADER, *COUNTED, *[[]] * 65_531, [*[None] * 255, "x"]])


@case("an old workbook whose sectors lead in a circle", "residents", "file_workbook_broken")
def _circle(folder: Path) -> Path:
    path = old_book.write(folder / "a.xls", [HEADER, *COUNTED])
    content = path.read_bytes()
    path.write_bytes(content[:-512] + b"\1\0\0\0\0\0\0\0" + content[-504:])
    return path


@case("an old workbook with days of 1904, one of them not shown as a day", "incidents", (1, 1))
def _old_1904(folder: Path) -> Path:
    rows = [TICKETS, ["A1", "噪音", Day(43894), "幸福小区1号楼"], ["A2", "噪音", 43894, "幸福小区1号楼"]]
    return old_book.write(folder / "a.xls", rows, since_1904=True)


# workbooks -----------------------------------------------------------------------------------------------------------
@filled("serial numbers of 1904", "incidents", (2, 0))
def _serials(book: Workbook) -> None:
    book.epoch = CALENDAR_MAC_1904
    for row in (TICKETS, ["A1", "噪音", 43894, "幸福小区1号楼"], ["A2", "噪音", 43895.5, "幸福小区1号楼"]):
        book.active.append(row)


@filled("another list to the right", "residents", (3, 0))
def _other_beside(book: Workbook) -> None:
    for left, right in zip((HEADER, *COUNTED), (["职务", "备注"], ["网格员", "x"], [], []), strict=True):
        book.active.append([*left, None, *right])


@filled("subtotals as Excel makes them", "residents", (3, 3))
def _subtotals(book: Workbook) -> None:
    for row in (HEADER, *COUNTED[:2], ["幸福小区 汇总", None, 32, 80], COUNTED[2], ["和平小区 汇总", None, 8, 21]):
        book.active.append(row)
    book.active.append(["总计", None, 40, 101])


@filled("marks that turn the direction", "residents", (3, 0))
def _turned(book: Workbook) -> None:
    book.active.append([f"\u202b{name}\u202c" for name in HEADER])
    for a, b, c, d in ROWS:
        book.active.append([f"\u200f{a}", f"\u2067{b}\u2069", f"\u200e{c}", f"\u061c{d}"])


@filled("a header on row thirty below letters", "residents", (3, 0))
def _low_header(book: Workbook) -> None:
    for number in range(29):
        book.active.append([f"{number}. 请各社区于本月底前填报，逾期不候。" if number % 3 else None])
    for row in (HEADER, *COUNTED):
        book.active.append(row)


@case("names of parts with a prefix, as other programs write", "residents", (3, 0))
def _prefixed(folder: Path) -> Path:
    nasty.workbook(folder / "b.xlsx", 表=[HEADER, *COUNTED])
    with zipfile.ZipFile(folder / "b.xlsx") as book, zipfile.ZipFile(folder / "a.xlsx", "w") as other:
        for name in book.namelist():
            content = book.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"<(/?)(?!\?)(?=[a-zA-Z])", rb"<\1x:", content).replace(b" xmlns=", b" xmlns:x=", 1)
            other.writestr(name, content)
    (folder / "b.xlsx").unlink()
    return folder / "a.xlsx"


# texts ---------------------------------------------------------------------------------------------------------------
said(
    "days before months between points", "incidents", (5, 0),
    "external_no;category;reported_at;address\n"
    + "\n".join(f"K{n};noise;0{5 + n}.03.2024 14:00;幸福小区1号楼" for n in range(5)),
)  # fmt: skip
said(
    "days of the week before and behind the date", "incidents", (4, 1),
    lines(TICKETS, *[[f"A{n}", "噪音", day, "幸福小区1号楼"] for n, day in enumerate(
        ["星期二 2024/3/5 下午2:30", "2024年3月5日 星期二", "周二，2024-03-05", "2024-03-05(周二) 14:30",
         "星期八 2024-03-05"]
    )]),
)  # fmt: skip
said("a mark of UTF-8 before GBK", "residents", "file_encoding_wrong", b"\xef\xbb\xbf" + PLAIN.encode("gbk"))
said(
    "zeros behind the text, as a failing stick leaves", "residents", "file_kind_unknown", PLAIN.encode() + bytes(70_000)
)
said("form feed and the end mark of DOS", "residents", (3, 1), PLAIN.replace("\n", "\r\n") + "\r\n\x0c\x1a")
said(
    "a table of Markdown",
    "residents",
    (3, 1),
    "|" + "|\n|".join(["|".join(r) for r in (HEADER, ["---"] * 4, *ROWS)]) + "|",
)
said(
    "floors that make no sense", "parts", (1, 3),
    lines(["楼号", "小区", "单元", "起始层", "结束层"], ["1号楼", "幸福小区", "1单元", "1", "6"],
          ["1号楼", "幸福小区", "1单元", "9", "3"], ["1号楼", "幸福小区", "2单元", "-1", "200"],
          ["1号楼", "幸福小区", "x", "地下", "顶层"]),
)  # fmt: skip

# layers --------------------------------------------------------------------------------------------------------------
said("KML that declares GB2312 and is UTF-8", "resources", (1, 0), kml("gb2312"), "a.kml")
said("KML in GBK that says so", "resources", (1, 0), kml("GBK").encode("gbk"), "a.kml")
said("KML in GBK that says UTF-8", "resources", (1, 0), kml("utf-8").encode("gbk"), "a.kml")
said(
    "KML that tells of its places in web pages", "resources", (1, 0),
    kml("utf-8", "<description><![CDATA[<html><table><tr><td>类别</td></tr></table></html>]]></description>"), "a.kml",
)  # fmt: skip
said(
    "KML with an entity, declared as GBK", "resources", "file_trap",
    kml("GBK").replace("<kml", '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml').encode("gbk"), "a.kml",
)  # fmt: skip
said(
    "coordinates that are texts, nothing or too few", "resources", (1, 4),
    json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"name": "a"}, "geometry": {"type": "Point", "coordinates": one}}
        for one in ([str(LON), str(LAT)], [None, None], [LON], [], [LON, LAT])
    ]}), "a.geojson",
)  # fmt: skip


@case("a name longer than any disk allows", "residents", "file_missing")
def _endless(folder: Path) -> Path:
    return folder / f"{'x' * 300}.csv"


@case("a folder that is called a list", "residents", "file_not_a_file")
def _folder(folder: Path) -> Path:
    (folder / "a.csv").mkdir()
    return folder / "a.csv"


@case("a name of pictures, blanks and quotation marks", "residents", (3, 1))
def _named(folder: Path) -> Path:
    path = folder / "网格 \U0001f3e0 '表' (副本) .csv"
    path.write_text(PLAIN + "\n幸福小区,4号楼,x,y", "utf-8")
    return path
