"""The office's own forms, filled from a project: three as offices have them, and what must never get into one."""

import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from govmap import pipeline
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.project import open_project

BOX = Border(*[Side(style="thin")] * 4)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f0005fe02fea7"
    "35812d0000000049454e44ae426082"
)
DRAWING = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    "{}</xdr:wsDr>"
)
ANCHOR = (
    "<xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{row}</xdr:row>"
    '<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="9525" cy="9525"/><xdr:pic><xdr:nvPicPr>'
    '<xdr:cNvPr id="{id}" name="p{id}"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId1"/>'
    '</xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"/></xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor>'
)
RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def framed(sheet: Any, area: str) -> None:
    for row in sheet[area]:
        for cell in row:
            cell.border, cell.alignment = BOX, Alignment(horizontal="center", wrap_text=True)


def division_table(path: Path) -> Path:
    """网格划分明细表: title, a header of two rows, merged community, totals, lines to be signed, protected."""
    book = Workbook()
    sheet = book.active
    sheet.title = "明细表"
    sheet.merge_cells("A1:K1")
    sheet["A1"] = "{{社区}}网格划分明细表"
    sheet["A1"].font = Font(name="宋体", size=18, bold=True)
    sheet.merge_cells("A2:F2")
    sheet["A2"] = "填报单位（盖章）：{{社区}}居民委员会"
    sheet["G2"] = "填报日期：{{日期}}"
    heads = [
        "序号",
        "社区",
        "网格名称",
        "四至范围",
        "包含小区/楼栋",
        "户数",
        "人口（人）",
        "网格员",
        None,
        "身份证号",
        "备注",
    ]
    for column, head in zip("ABCDEFGHIJK", heads, strict=True):
        sheet[f"{column}3"] = head
        if column not in "HI":
            sheet.merge_cells(f"{column}3:{column}4")
    sheet.merge_cells("H3:I3")
    sheet["H4"], sheet["I4"] = "姓名", "联系电话"
    sheet.append(
        [
            1,
            "示例社区",
            "示例网格",
            "东至…",
            "示例小区",
            100,
            300,
            "例甲乙",
            "13800000000",
            "110101199001011234",
            "样例",
        ]
    )
    sheet.merge_cells("B5:B10")
    framed(sheet, "A3:K11")
    sheet.merge_cells("A11:E11")
    sheet["A11"], sheet["F11"], sheet["G11"] = "合计", "=SUM(F5:F10)", "=SUM(G5:G10)"
    sheet["F12"] = "=AVERAGE(F5:F10)"
    sheet.merge_cells("A13:C13")
    sheet["A13"], sheet["H13"] = "填表人：{{制表人}}", "单位负责人签字："
    sheet.merge_cells("A14:K14")
    sheet["A14"] = "说明：户数以公安人口系统为准。"
    for column, width in zip("ABCDEFGHIJK", (6, 12, 14, 30, 34, 8, 8, 10, 14, 20, 12), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.print_title_rows, sheet.print_area = "3:4", "A1:K14"
    sheet.protection.sheet = True
    sheet.protection.password = "abc"
    book.create_sheet("说明")["B1"] = "=明细表!F11"
    book.save(path)
    return path


def duty_table(path: Path) -> Path:
    """楼栋长分工表: number, unit and worker merged downwards over the buildings of each unit."""
    book = Workbook()
    sheet = book.active
    sheet.append(["楼栋长分工表"])
    sheet.merge_cells("A1:H1")
    sheet.append(["序号", "网格名称", "小区", "楼栋号", "户数", "网格员", "联系电话", "签字"])
    for unit, (first, last) in (("一网格", (3, 5)), ("二网格", (6, 7))):
        for row in range(first, last + 1):
            lead = [1, unit] if row == first else [None, None]
            sheet.append([*lead, "示例", f"{row}号楼", 36, "李四" if row == first else None, None, None])
            sheet.row_dimensions[row].height = 24
        for column in "ABFGH":
            sheet.merge_cells(f"{column}{first}:{column}{last}")
    sheet["A8"], sheet["E8"] = "合计", "=SUM(E3:E7)"
    sheet.merge_cells("A8:D8")
    framed(sheet, "A2:H8")
    sheet["A10"], sheet["F10"] = "社区书记签字：", "日期：    年   月   日"
    book.save(path)
    return path


def estate_list(path: Path) -> Path:
    """An English list of estates: a logo above and a stamp below, formulas in its rows, rules and colours."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Estates"
    sheet["C2"] = "Prepared for {{community}} on {{date}}"
    for column, head in zip(
        "ABCDEFG", ("No.", "Unit code", "Estate", "Building", "Floors", "Households", "Share"), strict=True
    ):
        sheet[f"{column}4"] = head
        sheet[f"{column}4"].fill = PatternFill("solid", fgColor="203864")
    for row in range(5, 9):
        sheet[f"A{row}"], sheet[f"G{row}"] = "=ROW()-4", f"=F{row}/F$9"
        sheet[f"F{row}"].number_format = "#,##0"
    sheet["A9"], sheet["F9"] = "Total", "=SUM(F5:F8)"
    sheet["A11"], sheet["A11"].comment = "Prepared by: ______", Comment("sign here", "office")
    sheet["F13"] = "=F9/COUNTA(C5:C8)"
    red = PatternFill("solid", bgColor="FFC7CE")
    sheet.conditional_formatting.add("F5:F8", CellIsRule(operator="greaterThan", formula=["100"], fill=red))
    rule = DataValidation(type="whole", operator="between", formula1="0", formula2="5000")
    sheet.add_data_validation(rule)
    rule.add("F5:F8")
    sheet.auto_filter.ref = "A4:G8"
    book.save(path)
    with_pictures(path, rows=(0, 14))
    return path


def with_pictures(path: Path, rows: tuple[int, ...]) -> None:
    """Put a picture at each of these rows, as a spreadsheet program stores it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet, rels = "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels"
    link = f'<Relationship Id="rId77" Type="{KIND}drawing" Target="/xl/drawings/drawing9.xml"/>'
    parts[rels] = parts.get(rels, RELS.format("").encode()).replace(
        b"</Relationships>", f"{link}</Relationships>".encode()
    )
    mark = b"<legacyDrawing" if b"<legacyDrawing" in parts[sheet] else b"</worksheet>"
    drawn = f'<drawing xmlns:r="{KIND[:-1]}" r:id="rId77"/>'.encode()
    parts[sheet] = parts[sheet].replace(mark, drawn + mark)
    anchors = "".join(ANCHOR.format(row=row, id=at + 1) for at, row in enumerate(rows))
    parts["xl/drawings/drawing9.xml"] = DRAWING.format(anchors).encode()
    picture = f'<Relationship Id="rId1" Type="{KIND}image" Target="/xl/media/logo.png"/>'
    parts["xl/drawings/_rels/drawing9.xml.rels"] = RELS.format(picture).encode()
    parts["xl/media/logo.png"] = PNG
    types = (
        '<Default Extension="png" ContentType="image/png"/><Override PartName="/xl/drawings/drawing9.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/></Types>'
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", types.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.fixture
def staffed(town: Path) -> Path:
    """The town with a worker for every unit but one."""
    with open_project(town) as project, project.change("test") as change:
        plan = project.active_plan_id()
        units = project.read("units", where={"plan_id": plan}).sort_values("code")["unit_id"].tolist()
        workers = project.read("workers").sort_values("worker_id")["worker_id"].tolist()
        rows = [
            {"worker_id": workers[at % len(workers)], "plan_id": plan, "unit_id": unit, "role": "网格员"}
            for at, unit in enumerate(units[:-1])
        ]
        change.session.replace("duties", pd.DataFrame(rows))
    return town


def filled(town: Path, table: str, form: Path, *, internal: bool = True, language: str = "zh", **how: Any) -> Any:
    output = form.with_name(f"filled-{form.name}")
    audience = "planner" if internal else "public"
    with open_project(town) as project:
        voice = project.profile.voice(language)
        choice = pipeline.Filling(form=form, **how)
        report = pipeline.export(project, table, output, audience, internal=internal, how=choice, voice=voice)
    return report, openpyxl.load_workbook(output), openpyxl.load_workbook(output, data_only=True)


def truth(town: Path) -> pd.DataFrame:
    with open_project(town) as project:
        return project.read("units", where={"plan_id": project.active_plan_id()}).sort_values("code")


def test_the_division_table_is_filled_with_its_header_merges_totals_and_signatures(
    staffed: Path, tmp_path: Path
) -> None:
    report, book, shown = filled(staffed, "units", division_table(tmp_path / "a.xlsx"), places=("制表人=李梅",))
    units, sheet, values = truth(staffed), book["明细表"], shown["明细表"]
    last = 4 + len(units)
    assert [sheet.cell(row, 6).value for row in range(5, last + 1)] == units["households"].tolist()
    assert [sheet.cell(row, 4).value for row in range(5, last + 1)] == units["bounds_text"].tolist()
    assert [sheet.cell(row, 1).value for row in range(5, last + 1)] == list(range(1, len(units) + 1))
    merges = {str(one) for one in sheet.merged_cells.ranges}
    total = last + 1
    assert merges == {"A1:K1", "A2:F2", "H3:I3", f"B5:B{last}", f"A{total}:E{total}", f"A{total + 2}:C{total + 2}"} | {
        f"A{total + 3}:K{total + 3}",
        *(f"{column}3:{column}4" for column in "ABCDEFGJK"),
    }
    assert sheet[f"F{total}"].value == f"=SUM(F5:F{last})"
    assert sheet[f"F{total + 1}"].value == f"=AVERAGE(F5:F{last})"
    assert values[f"F{total}"].value == units["households"].sum()
    assert values[f"G{total}"].value == units["residents"].sum()
    assert (sheet["A1"].value, sheet["A1"].font.size) == ("幸福社区网格划分明细表", 18)
    assert (sheet[f"A{total + 2}"].value, sheet[f"H{total + 2}"].value) == ("填表人：李梅", "单位负责人签字：")
    assert sheet["B5"].value == "幸福社区"
    assert sheet["B6"].value is None
    assert sheet.print_area == f"'明细表'!$A$1:$K${total + 3}"
    assert sheet.print_title_rows == "$3:$4"
    assert sheet.protection.sheet
    assert sheet.column_dimensions["E"].width == 34
    assert all(sheet.cell(row, column).border.left.style == "thin" for row in range(5, total + 1) for column in (1, 7))
    assert book["说明"]["B1"].value == f"='明细表'!F{total}" or book["说明"]["B1"].value == f"=明细表!F{total}"
    assert report.figures["columns_personal"] == {"身份证号": "id_number"}
    assert report.figures["columns_by_hand"] == ["备注"]
    assert [sheet.cell(row, 10).value for row in range(5, total)] == [None] * len(units)
    assert "例甲乙" not in str([cell.value for row in sheet for cell in row])


def test_workers_stand_where_the_form_asks_for_them_and_a_vacancy_is_said(staffed: Path, tmp_path: Path) -> None:
    report, book, _ = filled(staffed, "units", division_table(tmp_path / "a.xlsx"))
    sheet, count = book["明细表"], len(truth(staffed))
    names = [sheet.cell(row, 8).value for row in range(5, 5 + count)]
    assert all(names[:-1])
    assert names[-1] is None
    assert sheet["I5"].value.startswith("000-")
    assert "roster_vacancies" in [one.key for one in report.notes]


def test_the_table_of_duties_merges_downwards_by_unit_and_adds_up(staffed: Path, tmp_path: Path) -> None:
    _, book, shown = filled(staffed, "roster", duty_table(tmp_path / "b.xlsx"))
    sheet, values, units = book.active, shown.active, truth(staffed)
    total = next(row for row in range(3, sheet.max_row + 1) if sheet.cell(row, 1).value == "合计")
    starts = [row for row in range(3, total) if sheet.cell(row, 2).value]
    assert [sheet.cell(row, 2).value for row in starts] == units["code"].tolist()
    assert [sheet.cell(row, 1).value for row in starts] == list(range(1, len(units) + 1))
    runs = {(low, high - 1) for low, high in zip(starts, [*starts[1:], total], strict=True) if high - 1 > low}
    for column in "ABFGH":
        merged = {
            (one.min_row, one.max_row)
            for one in sheet.merged_cells.ranges
            if one.coord[0] == column and one.min_row > 2
        }
        assert merged - {(total, total)} == runs
    assert sheet[f"E{total}"].value == f"=SUM(E3:E{total - 1})"
    assert values[f"E{total}"].value == units["households"].sum()
    assert f"A{total}:D{total}" in {str(one) for one in sheet.merged_cells.ranges}
    by_unit = [sum(sheet.cell(row, 5).value or 0 for row in range(low, high + 1)) for low, high in sorted(runs)]
    assert by_unit == units["households"].tolist()
    assert sheet[f"A{total + 2}"].value == "社区书记签字："
    assert min(sheet.row_dimensions[row].height for row in range(3, total)) == 24
    compounds = [sheet.cell(row, 4).value for row in range(starts[0], starts[1])]
    assert compounds[:3] == ["9号楼", "10号楼", "11号楼"]


def test_the_estate_list_keeps_its_logo_stamp_rules_and_formulas(staffed: Path, tmp_path: Path) -> None:
    form = estate_list(tmp_path / "c.xlsx")
    _, book, shown = filled(staffed, "roster", form, language="en")
    sheet, values = book["Estates"], shown["Estates"]
    total = next(row for row in range(5, sheet.max_row + 1) if sheet.cell(row, 1).value == "Total")
    last = total - 1
    assert (sheet[f"A{last}"].value, values[f"A{last}"].value) == ("=ROW()-4", last - 4)
    assert sheet[f"G{last}"].value == f"=F{last}/F${total}"
    assert sum(values.cell(row, 7).value for row in range(5, total)) == pytest.approx(1)
    assert values[f"F{total}"].value == truth(staffed)["households"].sum()
    assert sheet[f"F{total + 4}"].value == f"=F{total}/COUNTA(C5:C{last})"
    assert [str(one.sqref) for one in sheet.conditional_formatting] == [f"F5:F{last}"]
    assert [str(one.sqref) for one in sheet.data_validations.dataValidation] == [f"F5:F{last}"]
    assert sheet.auto_filter.ref == f"A4:G{last}"
    assert sheet[f"A{total + 2}"].comment.text == "sign here"
    assert sheet["C2"].value.startswith("Prepared for 幸福社区 on 20")
    assert sheet["A4"].fill.fgColor.rgb.endswith("203864")
    with zipfile.ZipFile(tmp_path / "filled-c.xlsx") as archive:
        rows = re.findall(rb"<xdr:row>(\d+)</xdr:row>", archive.read("xl/drawings/drawing9.xml"))
        assert [int(one) for one in rows] == [0, 14 + last - 8]
        assert archive.read("xl/media/logo.png") == PNG


def test_a_form_with_a_place_for_the_unit_has_a_sheet_for_each(staffed: Path, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["{{网格}}责任楼栋（{{社区}}），网格员：{{网格员}}，共{{户数}}户"])
    sheet.append(["序号", "小区", "楼栋号", "户数"])
    sheet.append([None] * 4)
    sheet["A4"], sheet["D4"] = "合计", "=SUM(D3:D3)"
    sheet.print_area = "A1:D4"
    book.save(tmp_path / "each.xlsx")
    report, made, shown = filled(staffed, "roster", tmp_path / "each.xlsx")
    units = truth(staffed)
    assert made.sheetnames == units["code"].tolist() == report.figures["sheets"]
    for row in units.itertuples():
        values = shown[row.code]
        last = values.max_row
        assert values[f"D{last}"].value == row.households
        assert values["A1"].value.startswith(f"{row.code}责任楼栋（幸福社区）")
        assert values["A1"].value.endswith(f"共{row.households:,}户")
        assert made[row.code].print_area == f"'{row.code}'!$A$1:$D${last}"
        assert values["A3"].value == 1


def test_what_the_user_says_of_a_form_is_remembered_for_the_next_month(staffed: Path, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["七月"])
    book.active.append(["网格名称", "户数", "包片领导", "低保户数"])
    book.save(tmp_path / "july.xlsx")
    first, _, _ = filled(staffed, "units", tmp_path / "july.xlsx", columns=("包片领导=worker",))
    assert first.figures["columns"]["包片领导"] == "worker"
    assert first.figures["columns_personal"] == {"低保户数": "poverty"}
    book.active["A1"] = "八月"
    book.save(tmp_path / "august.xlsx")
    second, made, _ = filled(staffed, "units", tmp_path / "august.xlsx")
    assert second.figures["columns"] == first.figures["columns"]
    assert made.active["C3"].value
    third, _, _ = filled(staffed, "units", tmp_path / "august.xlsx", columns=("包片领导=-",))
    assert third.figures["columns_by_hand"] == ["包片领导"]


def test_the_public_form_names_nobody_and_tells_no_building_by_itself(staffed: Path, tmp_path: Path) -> None:
    with open_project(staffed) as project:
        workers = project.read("workers")
    for table, form in (("units", division_table(tmp_path / "a.xlsx")), ("roster", duty_table(tmp_path / "b.xlsx"))):
        _, made, _ = filled(staffed, table, form, internal=False)
        cells = [str(cell.value) for sheet in made for row in sheet for cell in row if cell.value is not None]
        text = "\n".join(cells)
        assert not any(name in text for name in [*workers["name"], *workers["office_phone"].dropna()])
        if table == "roster":
            assert all(sheet.cell(row, 5).value is None for sheet in made for row in range(3, 40))


def test_the_same_form_has_the_same_bytes(staffed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    form = division_table(tmp_path / "a.xlsx")
    filled(staffed, "units", form)
    once = (tmp_path / "filled-a.xlsx").read_bytes()
    filled(staffed, "units", form)
    assert (tmp_path / "filled-a.xlsx").read_bytes() == once


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("form.docx", b"PK", "office_ending"),
        ("form.xls", b"\xd0\xcf\x11\xe0", "office_ending"),
        ("form.et", b"", "office_ending"),
        ("form.xlsx", b"\xd0\xcf\x11\xe0 locked", "office_locked"),
        ("form.xlsx", b"PK\x03\x04 broken", "office_damaged"),
        ("form.xlsx", None, "office_not_there"),
    ],
)
def test_a_form_that_cannot_be_filled_is_told_in_one_sentence(
    town: Path, tmp_path: Path, name: str, content: bytes | None, code: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    output = tmp_path / f"out{Path(name).suffix}"
    with open_project(town) as project, pytest.raises(InputError) as caught:
        pipeline.export(project, "units", output, "public", how=pipeline.Filling(form=tmp_path / name))
    assert caught.value.code == code
    assert caught.value.message(Voice("zh"))
    assert caught.value.hint(Voice("en"))
    assert not output.exists()


def test_an_entity_bomb_in_a_form_is_refused(town: Path, tmp_path: Path) -> None:
    Workbook().save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    parts["xl/workbook.xml"] = bomb + parts["xl/workbook.xml"].split(b"?>", 1)[-1]
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with open_project(town) as project, pytest.raises(InputError) as caught:
        pipeline.export(project, "units", tmp_path / "o.xlsx", "public", how=pipeline.Filling(form=tmp_path / "a.xlsx"))
    assert caught.value.code == "office_damaged"
