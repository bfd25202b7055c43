"""Empty lists for offices to fill: headers in both languages, cells that refuse what cannot be, one example row."""

import io
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from govmap import catalog
from govmap.errors import InputError
from govmap.exports.sheets import timeless
from govmap.messages import Voice

LAST_ROW = 20_000
A4 = 9
WIDTH, PER_LETTER = 12, 2
HEAD = PatternFill("solid", fgColor="DDEBF7")
GREY = Font(italic=True, color="808080")


def template(table: str, voice: Voice) -> bytes:
    """
    Give an empty list for one table, as a workbook that `import` reads back.

    Each column is headed by its word in Chinese and in English, tells what belongs into it, and refuses numbers out of
    bounds and words that are no choice. The example row is marked; the import passes it over.

    Raises
    ------
    InputError
        There is no empty list for this table.
    """
    known = catalog.layer("templates")
    if table not in known:
        raise InputError("template_table_unknown", table=table, tables=sorted(known))
    book = Workbook()
    sheet = book.active
    sheet.title = voice.say(f"table_{table}")[:31]
    for place, (name, facts) in enumerate(known[table].items(), start=1):
        _column(sheet, place, heading(table, name), facts, voice)
    first = sheet.cell(2, 1)
    first.value = voice.say("template_example", value=first.value)
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    page = io.BytesIO()
    book.save(page)
    return timeless(page.getvalue())


def heading(table: str, name: str) -> str:
    """Give a column's header: its Chinese word, and in brackets the English one; both are known to the import."""
    words = catalog.layer("columns")
    own = [word for room in (words[table], words["place"]) for word in room.get(name, ())]
    chinese = next((word for word in own if any("\u4e00" <= letter <= "\u9fff" for letter in word)), name)
    return f"{chinese}（{name.replace('_', ' ')}）"


def _column(sheet: Worksheet, place: int, head: str, facts: Mapping[str, Any], voice: Voice) -> None:
    letter = get_column_letter(place)
    sheet.column_dimensions[letter].width = max(WIDTH, PER_LETTER * len(head))
    title, example = sheet.cell(1, place, head), sheet.cell(2, place, _example(facts, voice))
    title.font, title.fill, example.font = Font(bold=True), HEAD, GREY
    text = "value" not in facts
    for cell in (title, example):
        cell.number_format = "@" if text else "General"
    if text:
        sheet.column_dimensions[letter].number_format = "@"
    rule = _rule(facts, voice)
    rule.promptTitle, rule.prompt = head[:32], _prompt(facts, voice)
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{LAST_ROW}")


def _example(facts: Mapping[str, Any], voice: Voice) -> Any:
    return facts["value"] if "value" in facts else facts[voice.language] or None


def _rule(facts: Mapping[str, Any], voice: Voice) -> DataValidation:
    """Refuse what cannot be; where everything can, only tell what belongs here."""
    if f"choice_{voice.language}" in facts:
        words = ",".join(facts[f"choice_{voice.language}"])
        return DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=False)
    if "value" not in facts:
        return DataValidation(allow_blank=True, showInputMessage=True)
    kind = "decimal" if facts.get("decimal") else "whole"
    bounds = {"operator": "between", "formula1": str(facts["least"]), "formula2": str(facts.get("most", 10_000_000))}
    rule = DataValidation(type=kind, allow_blank=True, showErrorMessage=True, **bounds)
    rule.error = _prompt(facts, voice)
    return rule


def _prompt(facts: Mapping[str, Any], voice: Voice) -> str:
    example = str(_example(facts, voice) or "")
    if f"choice_{voice.language}" in facts:
        return voice.say("template_choice", choices=list(facts[f"choice_{voice.language}"]))
    if "value" in facts:
        key = "template_decimal" if facts.get("decimal") else "template_whole"
        return voice.say(key, least=facts["least"], example=example)
    return voice.say("template_words", example=example) if example else voice.say("template_may_be_empty")
