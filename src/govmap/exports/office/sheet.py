"""One sheet of a workbook: its cells by place, rows taken out and put in, and what names a row moved along."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.cell import coordinate_from_string

from govmap.exports.office.book import Document, Element, elements, prefix_of, text_of
from govmap.exports.office.moving import Moved

Place: TypeAlias = tuple[int, int]
Merge: TypeAlias = tuple[int, int, int, int]
Change: TypeAlias = Callable[[str], str]
AREAS = (
    ("dataValidation", "sqref"),
    ("conditionalFormatting", "sqref"),
    ("protectedRange", "sqref"),
    ("ignoredError", "sqref"),
    ("hyperlink", "ref"),
    ("autoFilter", "ref"),
    ("sortState", "ref"),
    ("selection", "sqref"),
    ("selection", "activeCell"),
)
USUAL_WIDTH = 8.4
FORMULAS = ("formula1", "formula2", "formula")
FOREIGN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
BEFORE_MERGES = (
    "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState",
    "dataConsolidate", "customSheetViews",
)  # fmt: skip


class Sheet:
    """A sheet that is read and changed in place; rows and columns count from 1."""

    def __init__(self, name: str, document: Document, strings: list[str]) -> None:
        self.name, self.document = name, document
        self.root = document.documentElement
        self.prefix = prefix_of(self.root)
        self.data = elements(document, "sheetData")[0]
        self._strings = strings
        self.rows: dict[int, Element] = {}
        self.cells: dict[Place, Element] = {}
        self._index()
        self._open_shared()
        self._widths = [
            (int(one.getAttribute("min")), int(one.getAttribute("max")), float(one.getAttribute("width")))
            for one in self._beside("col")
            if one.getAttribute("width")
        ]
        self.merges: list[Merge] = [_bounds(one.getAttribute("ref")) for one in self._beside("mergeCell")]

    def text(self, row: int, column: int) -> str:
        """Give what a cell shows, as text."""
        cell = self.cells.get((row, column))
        if cell is None:
            return ""
        kind, value = cell.getAttribute("t"), child(cell, "v")
        if kind == "inlineStr":
            return text_of(cell)
        raw = "" if value is None or value.firstChild is None else str(value.firstChild.data)
        if kind == "s":
            place = int(raw or -1)
            return self._strings[place] if 0 <= place < len(self._strings) else ""
        return raw

    def formula(self, row: int, column: int) -> str | None:
        """Give the formula of a cell."""
        cell = self.cells.get((row, column))
        found = None if cell is None else child(cell, "f")
        return None if found is None or found.firstChild is None else str(found.firstChild.data)

    def extent(self) -> Place:
        """Give the last row and the last column that hold a cell."""
        return max((row for row, _ in self.cells), default=0), max((column for _, column in self.cells), default=0)

    def width(self, column: int) -> float:
        """Give the width of a column in letters."""
        return next((width for low, high, width in self._widths if low <= column <= high), USUAL_WIDTH)

    def cell(self, row: int, column: int) -> Element:
        """Give a cell, made where there is none."""
        if (row, column) in self.cells:
            return self.cells[row, column]
        line = self.rows.get(row)
        if line is None:
            line = self._new("row")
            line.setAttribute("r", str(row))
            self.data.insertBefore(line, next((self.rows[one] for one in sorted(self.rows) if one > row), None))
            self.rows[row] = line
        made = self._new("c")
        made.setAttribute("r", f"{get_column_letter(column)}{row}")
        behind = [child for child in line.childNodes if child.nodeType == child.ELEMENT_NODE and local(child) == "c"]
        line.insertBefore(made, next((one for one in behind if _column(one) > column), None))
        self.cells[row, column] = made
        return made

    def clear(self, row: int, column: int) -> None:
        """Empty a cell; its style stays."""
        cell = self.cells.get((row, column))
        if cell is not None:
            for one in list(cell.childNodes):
                cell.removeChild(one)
            if cell.hasAttribute("t"):
                cell.removeAttribute("t")

    def put(self, row: int, column: int, value: Any) -> None:
        """Write a number as a number, words as words that are no formula; None empties."""
        self.clear(row, column)
        if value is None:
            return
        cell = self.cell(row, column)
        if isinstance(value, str):
            cell.setAttribute("t", "inlineStr")
            inside = self._child(self._child(cell, "is"), "t")
            inside.setAttribute("xml:space", "preserve")
            inside.appendChild(self.document.createTextNode(printable(value)))
        else:
            self._child(cell, "v").appendChild(self.document.createTextNode(repr(value)))

    def put_formula(self, row: int, column: int, formula: str) -> None:
        """Write a formula, its result yet unknown."""
        self.clear(row, column)
        self._child(self.cell(row, column), "f").appendChild(self.document.createTextNode(formula))

    def put_result(self, row: int, column: int, result: float | None) -> None:
        """Write the result of a formula, or that it is unknown."""
        cell = self.cells[row, column]
        value = child(cell, "v")
        if value is not None:
            cell.removeChild(value)
        if cell.hasAttribute("t"):
            cell.removeAttribute("t")
        if result is not None:
            text = repr(int(result) if result == int(result) else result)
            self._child(cell, "v").appendChild(self.document.createTextNode(text))

    def taken(self, row: int) -> Element | None:
        """Give a copy of a row, as it is now."""
        return self.rows[row].cloneNode(deep=True) if row in self.rows else None

    def replace(self, moved: Moved, templates: list[Element | None], sources: list[int]) -> None:
        """
        Put copies of rows in the place of others, and move all below.

        Parameters
        ----------
        templates
            One row for each of the new ones.
        sources
            The row that each of these was: its formulas are made to fit.
        """
        below = [self.rows[row] for row in sorted(self.rows) if row > moved.last]
        for row in sorted(self.rows):
            if moved.first <= row <= moved.last:
                self.data.removeChild(self.rows[row])
            elif row > moved.last:
                _renumber(self.rows[row], row + moved.by)
        self._index()
        follow = partial(moved.formula, here=True)
        for cell in self.cells.values():
            _each_formula(cell, follow, moved.area)
        for one in below:
            self.data.removeChild(one)
        for at, (template, source) in enumerate(zip(templates, sources, strict=True)):
            made = self._new("row") if template is None else template.cloneNode(deep=True)
            for one in elements(made, "c"):
                _each_formula(one, partial(moved.copied, row=source, to=moved.first + at))
            _renumber(made, moved.first + at)
            self.data.appendChild(made)
        for one in below:
            self.data.appendChild(one)
        self._index()
        self._follow(moved)

    def write_merges(self) -> None:
        """Write the merged cells as they are now, and the extent of the sheet."""
        found = self._beside("mergeCells")
        for one in found[1:]:
            one.parentNode.removeChild(one)
        if found and not self.merges:
            self.root.removeChild(found[0])
        elif self.merges:
            holder = found[0] if found else self._merge_holder()
            for one in list(holder.childNodes):
                holder.removeChild(one)
            for r0, c0, r1, c1 in sorted(self.merges):
                self._child(holder, "mergeCell").setAttribute("ref", area(r0, c0, r1, c1))
            holder.setAttribute("count", str(len(self.merges)))
        rows, columns = self.extent()
        for one in self._beside("dimension"):
            one.setAttribute("ref", area(1, 1, max(rows, 1), max(columns, 1)))

    def _merge_holder(self) -> Element:
        """Make the place where merged cells stand: behind the cells and what protects and filters them."""
        children = [one for one in self.root.childNodes if one.nodeType == one.ELEMENT_NODE]
        last = [one for one in children if local(one) in BEFORE_MERGES][-1]
        made = self._new("mergeCells")
        self.root.insertBefore(made, last.nextSibling)
        return made

    def _follow(self, moved: Moved) -> None:
        """Move what names rows beside the cells: rules, links, filters, breaks."""
        for name, key in AREAS:
            for one in self._beside(name):
                if one.getAttribute(key):
                    one.setAttribute(key, moved.area(one.getAttribute(key)))
        for name in (*FORMULAS, "f", "sqref"):
            for one in self._beside(name):
                if one.firstChild is not None:
                    text = str(one.firstChild.data)
                    one.firstChild.data = moved.area(text) if name == "sqref" else moved.formula(text, here=True)
        for breaks in self._beside("rowBreaks"):
            for one in elements(breaks, "brk"):
                one.setAttribute("id", str(moved.row(int(one.getAttribute("id")))))

    def _beside(self, name: str) -> list[Element]:
        """Give the elements of a name that stand outside the cells."""
        children = [one for one in self.root.childNodes if one.nodeType == one.ELEMENT_NODE and one is not self.data]
        return [found for one in children for found in ([one] if local(one) == name else elements(one, name))]

    def _index(self) -> None:
        """Find rows and cells, and number those that leave it to their order."""
        self.rows, self.cells = {}, {}
        row = 0
        for line in [one for one in self.data.childNodes if one.nodeType == one.ELEMENT_NODE]:
            row = int(line.getAttribute("r") or row + 1)
            line.setAttribute("r", str(row))
            self.rows[row] = line
            column = 0
            for cell in [one for one in line.childNodes if one.nodeType == one.ELEMENT_NODE and local(one) == "c"]:
                said = cell.getAttribute("r")
                column = column_index_from_string(coordinate_from_string(said)[0]) if said else column + 1
                cell.setAttribute("r", f"{get_column_letter(column)}{row}")
                self.cells[row, column] = cell

    def _open_shared(self) -> None:
        """Write out formulas that cells share, so that each can be moved alone."""
        masters: dict[str, tuple[str, str]] = {}
        for cell in self.cells.values():
            found = child(cell, "f")
            if found is None or found.getAttribute("t") != "shared":
                continue
            here, number = cell.getAttribute("r"), found.getAttribute("si")
            if found.firstChild is not None:
                masters[number] = (str(found.firstChild.data), here)
            elif number in masters:
                text, origin = masters[number]
                said = Translator(f"={text}", origin=origin).translate_formula(here)[1:]
                found.appendChild(self.document.createTextNode(said))
            for key in ("t", "si", "ref"):
                if found.hasAttribute(key):
                    found.removeAttribute(key)

    def _new(self, name: str) -> Element:
        return self.document.createElement(self.prefix + name)

    def _child(self, parent: Element, name: str) -> Element:
        made = self._new(name)
        parent.appendChild(made)
        return made


def child(cell: Element, name: str) -> Element | None:
    """Give the child of a name, whatever its prefix."""
    return next((one for one in cell.childNodes if one.nodeType == one.ELEMENT_NODE and local(one) == name), None)


def local(element: Element) -> str:
    """Give the name of an element without its prefix."""
    return str(element.tagName.rpartition(":")[2])


def area(r0: int, c0: int, r1: int, c1: int) -> str:
    """Write a range of cells."""
    first, last = f"{get_column_letter(c0)}{r0}", f"{get_column_letter(c1)}{r1}"
    return first if first == last else f"{first}:{last}"


def printable(text: str) -> str:
    """Give a text without the letters that XML cannot hold."""
    return FOREIGN.sub("", text)


def _column(cell: Element) -> int:
    return int(column_index_from_string(coordinate_from_string(cell.getAttribute("r"))[0]))


def _bounds(text: str) -> Merge:
    c0, r0, c1, r1 = range_boundaries(text)
    return int(r0 or 1), int(c0 or 1), int(r1 or 1), int(c1 or 1)


def _renumber(row: Element, number: int) -> None:
    row.setAttribute("r", str(number))
    for one in row.childNodes:
        if one.nodeType == one.ELEMENT_NODE and one.getAttribute("r"):
            one.setAttribute("r", f"{coordinate_from_string(one.getAttribute('r'))[0]}{number}")


def _each_formula(cell: Element, change: Change, ranges: Change | None = None) -> None:
    """Change the formula of a cell; one of several cells at once keeps its range, or becomes one of its own."""
    found = child(cell, "f")
    if found is None:
        return
    if found.firstChild is not None:
        found.firstChild.data = change(str(found.firstChild.data))
    if found.getAttribute("ref") and ranges is not None:
        found.setAttribute("ref", ranges(found.getAttribute("ref")))
    elif found.getAttribute("ref"):
        found.removeAttribute("ref")
        found.removeAttribute("t")
