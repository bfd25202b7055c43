"""Odd workbooks and archives."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import nasty
import openpyxl
from cases import CASES, PLAIN, SPOTS, Case, Outcome, case
from nasty import HEADER, LAT, LON, ROWS
from odd_layers import PLACEMARK, kml
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

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
book("two lists side by side", "residents", "file_lists_beside", _side_by_side)
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
