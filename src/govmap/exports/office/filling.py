"""A form filled: rows put where the list is, with the styles, merged cells and formulas that its examples show."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from openpyxl.utils import get_column_letter

from govmap import catalog
from govmap.exports.answering import AT
from govmap.exports.listing import lines_of
from govmap.exports.office import figuring, following
from govmap.exports.office.book import Book, Wrapped
from govmap.exports.office.matching import scale
from govmap.exports.office.moving import Moved
from govmap.exports.office.reading import Form, plain
from govmap.exports.office.sheet import Merge, Sheet
from govmap.exports.sheets import missing

NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")
PLACE = re.compile(r"(?:\{\{|｛｛)\s*([^{}｛｝]+?)\s*(?:\}\}|｝｝)")
LINE, HIGHEST = 14.5, 409
AS_UNITS = {"compound": "covers", "building": "covers", "address": "covers", "part": "covers"}
OF_THE_UNIT = {"households": "unit_households", "residents": "unit_residents"}


def fitted(form: Form, fields: Mapping[int, str], merges: Sequence[Merge], *, of_buildings: bool) -> dict[int, str]:
    """
    Give the fields as the rows of a form want them.

    Where a row is a unit, its estate and buildings are what it covers, told once; where a row is a building, numbers in
    cells merged downwards are the unit's.
    """
    down = _down(form, merges)
    fit: dict[int, str] = {}
    for column, found in sorted(fields.items()):
        others = (OF_THE_UNIT if column in down else {}) if of_buildings else AS_UNITS
        now = others.get(found, found)
        if now != "covers" or found == "covers" or not ({"covers"} & {*fields.values(), *fit.values()}):
            fit[column] = now
    return fit


@dataclass(frozen=True)
class Line:
    """One row to be written: the row of the form that it looks like, the record, or the group that it totals."""

    source: int
    record: int | None
    group: Any


@dataclass(frozen=True)
class Plan:
    """What is to be written into one sheet: the form, the field of each column, the records and their groups."""

    form: Form
    fields: Mapping[int, str]
    rows: pd.DataFrame

    @cached_property
    def columns(self) -> Mapping[str, list[Any]]:
        """The cells of each field."""
        return {str(name): self.rows[name].tolist() for name in self.rows}

    @cached_property
    def numbers(self) -> Mapping[Any, int]:
        """The number of each unit in the list."""
        return {unit: at for at, unit in enumerate(dict.fromkeys(self.columns["unit_id"]), start=1)}

    def value(self, record: int, column: int) -> Any:
        """Give what stands in one cell."""
        found = self.fields[column]
        cell = self._raw(record, found)
        if missing(cell) or cell == "":
            return None
        if isinstance(cell, str):
            return cell
        if found == "area":
            return round(float(cell) / scale(self.form.names[column]), 4)
        return float(cell) if float(cell) != int(cell) else int(cell)

    def _raw(self, record: int, found: str) -> Any:
        name, at, role = found.partition(AT)
        if found in self.columns:
            return self.columns[found][record]
        if at and name.startswith("worker"):
            theirs = [one for one in self.columns if one.startswith(name + AT) and is_role(one.partition(AT)[2], role)]
            words = [self.columns[one][record] for one in theirs]
            return "、".join(dict.fromkeys(word for word in words if isinstance(word, str))) or None
        return None


def is_role(role: str, word: str) -> bool:
    """Tell whether a role is what a header calls it: 专职网格员 is 网格员, 微网格长 is not 网格长."""
    role = plain(role)
    return role == word or (role.endswith(word) and not role.removesuffix(word).endswith("微"))


def fill(book: Book, part: str, sheet: Sheet, plan: Plan, places: Mapping[str, str]) -> Moved:
    """
    Fill one sheet of a form.

    Parameters
    ----------
    part
        The part of the book that the sheet is.
    places
        What stands for {{word}}, by plain word.

    Returns
    -------
    moved
        The rows of the list, and by how much all below them moved.
    """
    lines = _lines(plan)
    form = plan.form
    moved = Moved(sheet.name, form.first, form.last, len(lines))
    examples = {source: sheet.taken(source) for source in {line.source for line in lines}}
    templates = [examples[line.source] for line in lines]
    merges = list(sheet.merges)
    sheet.replace(moved, templates, [line.source for line in lines])
    down = _down(form, merges)
    _write(sheet, plan, lines, moved, down)
    sheet.merges = _merged(plan, lines, moved, merges, down)
    _totals(sheet, plan, lines, moved)
    fill_places(sheet, places, but=range(moved.first, moved.new_last + 1))
    _heights(sheet, plan, lines, moved, Wrapped(book))
    sheet.write_merges()
    figuring.figure(sheet)
    book.put(part, sheet.document)
    following.follow(book, part, moved)
    return moved


def asked(sheet: Sheet) -> list[str]:
    """Give the words of the places {{...}} of a sheet."""
    found = [word for row, column in sorted(sheet.cells) for word in PLACE.findall(sheet.text(row, column))]
    return list(dict.fromkeys(found))


def fill_places(sheet: Sheet, places: Mapping[str, str], *, but: range = range(0)) -> None:
    """Write what stands for {{...}}; a place for which there is nothing becomes empty."""
    for row, column in sorted(sheet.cells):
        text = sheet.text(row, column) if row not in but else ""
        if PLACE.search(text):
            sheet.put(row, column, PLACE.sub(lambda found: places.get(plain(found[1]), ""), text))


def group_of(field: str, rows: pd.DataFrame) -> list[Any]:
    """Give for each row what it shares with those beside it in a column merged downwards."""
    facts = catalog.layer("rosters").get(field.partition(AT)[0], {})
    if field == "community" or (AT in field and not field.startswith("worker")):
        return list(rows[field]) if field in rows else [None] * len(rows)
    units = list(rows["unit_id"])
    return (
        units
        if facts.get("down") or field not in rows or field == "no"
        else list(zip(units, rows[field].astype(str), strict=True))
    )


def _lines(plan: Plan) -> list[Line]:
    """Lay out the rows: each record like the example in its place, behind each unit its total where there is one."""
    form, count = plan.form, len(plan.rows)
    examples = form.examples
    if count == 0:
        return [Line(examples[0] if examples else form.total or form.head, None, None)]
    units = list(plan.rows["unit_id"])
    lines = []
    for at in range(count):
        lines.append(Line(_example(examples, at, count, form), at, units[at]))
        if form.subtotals and (at + 1 == count or units[at + 1] != units[at]):
            lines.append(Line(form.subtotals[0], None, units[at]))
    return lines


def _example(examples: Sequence[int], at: int, count: int, form: Form) -> int:
    """Choose the row of the form that a record looks like: the first, the last, and those between in turn."""
    if not examples:
        return form.total or form.head
    if at == 0 or len(examples) == 1:
        return examples[0]
    if at == count - 1:
        return examples[-1]
    inner = examples[1:-1] or examples[:1]
    return inner[(at - 1) % len(inner)]


def _down(form: Form, merges: Sequence[Merge]) -> dict[int, int]:
    """Find the columns that the examples merge downwards: first -> last column."""
    inside = [one for one in merges if form.first <= one[0] < one[2] <= form.last]
    return {c0: c1 for _, c0, _, c1 in inside}


def _write(sheet: Sheet, plan: Plan, lines: Sequence[Line], moved: Moved, down: Mapping[int, int]) -> None:
    """Write the cells of the list; what the examples held is taken out, their formulas stay."""
    places: dict[int, set[int]] = {}
    for row, column in sheet.cells:
        places.setdefault(row, set()).add(column)
    groups = {column: group_of(found, plan.rows) for column, found in plan.fields.items()}
    for at, line in enumerate(lines):
        row = moved.first + at
        if not plan.form.first <= line.source <= plan.form.last:
            for column in places.get(row, ()):
                sheet.clear(row, column)  # the row of totals lent its look alone
        if line.record is None and line.group is not None:
            _without_numbers(sheet, row)
            continue
        for column in sorted(places.get(row, set()) | set(plan.fields)):
            if sheet.formula(row, column) is None:
                sheet.put(row, column, _cell(plan, column, line.record, groups, down))


def _cell(plan: Plan, column: int, record: int | None, groups: Mapping[int, list[Any]], down: Mapping[int, int]) -> Any:
    """Give what stands in a cell: in a column merged downwards, or of a number of the unit, only once."""
    if record is None or column not in plan.fields:
        return None
    found, group = plan.fields[column], groups[column]
    if (column in down or _once(found)) and record > 0 and group[record] == group[record - 1]:
        return None
    if column in down and found == "no":
        return plan.numbers[plan.columns["unit_id"][record]]
    return plan.value(record, column)


def _without_numbers(sheet: Sheet, row: int) -> None:
    """Take the numbers of an example out of a row of totals; its words and formulas stay."""
    for column in sorted(column for line, column in sheet.cells if line == row):
        if sheet.formula(row, column) is None and is_number(sheet.text(row, column)):
            sheet.clear(row, column)


def is_number(text: str) -> bool:
    """Tell whether a text is a number and nothing else."""
    return bool(NUMBER.fullmatch(text.strip()))


def _once(found: str | None) -> bool:
    """Tell whether a number of the unit is written once for all its buildings, so that it is not added up twice."""
    facts = catalog.layer("rosters").get(found or "", {})
    return bool(facts.get("down") and facts.get("sum"))


def _merged(
    plan: Plan, lines: Sequence[Line], moved: Moved, merges: Sequence[Merge], down: Mapping[int, int]
) -> list[Merge]:
    """Give merged cells their new places: those of the examples as each row has them, those downwards by unit."""
    form = plan.form
    kept, across = [], []
    for one in merges:
        inside = form.first <= one[0] and one[2] <= form.last
        if inside and one[0] == one[2]:
            across.append(one)
        elif not inside:
            kept.append((moved.span(one[0], one[2])[0], one[1], moved.span(one[0], one[2])[1], one[3]))
    for at, line in enumerate(lines):
        row = moved.first + at
        kept += [(row, c0, row, c1) for r0, c0, _, c1 in across if r0 == line.source and c0 not in down]
    for c0, c1 in down.items():
        kept += _runs(plan, lines, moved, c0, c1)
    return kept


def _runs(plan: Plan, lines: Sequence[Line], moved: Moved, c0: int, c1: int) -> list[Merge]:
    found = plan.fields.get(c0)
    groups = group_of(found, plan.rows) if found else list(plan.rows["unit_id"])
    runs: list[list[int]] = []
    before: Any = None
    for at, line in enumerate(lines):
        group = None if line.record is None else (groups[line.record],)
        if group is not None and group == before:
            runs[-1][1] = moved.first + at
        elif group is not None:
            runs.append([moved.first + at] * 2)
        before = group
    return [(r0, c0, r1, c1) for r0, r1 in runs if r1 > r0 or c1 > c0]


def _totals(sheet: Sheet, plan: Plan, lines: Sequence[Line], moved: Moved) -> None:
    """Let the rows of totals add up what is above them, where a column is a number that can be added."""
    known = catalog.layer("rosters")
    columns = [
        one
        for one, name in plan.fields.items()
        if known.get(name.partition(AT)[0], {}).get("sum") and name in plan.rows and plan.rows[name].notna().any()
    ]
    start = moved.first
    for at, line in enumerate(lines):
        row = moved.first + at
        if line.record is None and line.group is not None:
            _sum(sheet, row, columns, (start, row - 1), nested=True)
            start = row + 1
    if plan.form.total is not None and lines:
        nested = bool(plan.form.subtotals)
        _sum(sheet, moved.row(plan.form.total), columns, (moved.first, moved.new_last), nested=nested)


def _sum(
    sheet: Sheet,
    row: int,
    columns: Sequence[int],
    span: tuple[int, int],
    *,
    nested: bool,
) -> None:
    _without_numbers(sheet, row)
    hidden = {
        column for r0, c0, r1, c1 in sheet.merges if r0 <= row <= r1 for column in range(c0 + (r0 == row), c1 + 1)
    }
    for column in columns:
        formula = sheet.formula(row, column) is not None
        if column in hidden or (formula and not nested) or (not formula and sheet.text(row, column)):
            continue
        cells = f"{get_column_letter(column)}{span[0]}:{get_column_letter(column)}{span[1]}"
        sheet.put_formula(row, column, f"SUBTOTAL(9,{cells})" if nested else f"SUM({cells})")


def _heights(sheet: Sheet, plan: Plan, lines: Sequence[Line], moved: Moved, wrapped: Wrapped) -> None:
    """Make rows as high as their words need, and let these break into lines; others stay as high as the example."""
    wide = {(r0, c0): c1 for r0, c0, r1, c1 in sheet.merges if r0 == r1}
    for at, line in enumerate(lines):
        row, most = moved.first + at, 1
        if line.record is None or row not in sheet.rows:
            continue
        for column in plan.fields:
            need = _need(sheet, row, column, wide)
            if need > 1:
                cell = sheet.cells[row, column]
                cell.setAttribute("s", wrapped(cell.getAttribute("s") or "0"))
            most = max(most, need)
        element = sheet.rows[row]
        if most > 1 and most * LINE > float(element.getAttribute("ht") or 0):
            element.setAttribute("ht", f"{min(most * LINE + 2, HIGHEST):g}")
            element.setAttribute("customHeight", "1")


def _need(sheet: Sheet, row: int, column: int, wide: Mapping[tuple[int, int], int]) -> int:
    """Count the lines that a cell's words need."""
    if (row, column) not in sheet.cells or is_number(sheet.text(row, column)):
        return 1
    width = sum(sheet.width(one) for one in range(column, wide.get((row, column), column) + 1))
    return lines_of(sheet.text(row, column), width)
