"""Lists that programs save as pages: tables of HTML under the name of a workbook, and the XML of Excel 2003."""

import re
from html.parser import HTMLParser
from pathlib import Path

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from govmap.errors import TableError
from govmap.sources import sheets
from govmap.sources.heading import Range, Sheet, is_list

LARGEST_PAGE, MOST_SPAN = 200_000_000, 2000
CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([-\w]+)""", re.IGNORECASE)
SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
HEAD = 4096


def page_sheet(path: Path, *, encoding: str | None = None, sheet: str | None = None) -> Sheet:
    """
    Read the one table of a page that is a list.

    Raises
    ------
    TableError
        There is none, or several may be meant.
    """
    if path.stat().st_size > LARGEST_PAGE:
        raise TableError("file_too_large", where=str(path), megabytes=path.stat().st_size // 1_000_000)
    content = path.read_bytes()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in content[:HEAD].lower():
        found = _workbook_of_xml(path, content)
    else:
        found = _tables(path, content, encoding)
    named = {one.found["sheet"]: one for one in found}
    if sheet is not None and sheet not in named:
        raise TableError("file_no_such_sheet", where=str(path), sheet=sheet, sheets=list(named))
    filled = [named[sheet]] if sheet else [one for one in found if sum(map(bool, one.rows)) > 1]
    lists = [one for one in filled if is_list(one)] if len(filled) > 1 else filled
    if not filled:
        raise TableError("file_is_a_web_page", where=str(path))
    if len(lists) != 1:
        raise TableError("file_several_sheets", where=str(path), sheets=[one.found["sheet"] for one in filled])
    return lists[0]


def _tables(path: Path, content: bytes, encoding: str | None) -> list[Sheet]:
    stated = CHARSET.search(content[:HEAD])
    named = encoding or (stated[1].decode() if stated and sheets.decodes(content, _known(stated[1])) else None)
    named = "gb18030" if named and named.casefold() in ("gb2312", "gbk", "gb_2312-80") else named
    text, named = sheets.decoded(content, str(path), encoding=named)
    reader = _Tables()
    reader.feed(text)
    reader.close()
    return [
        Sheet(rows, tuple(merged), {"format": "page", "sheet": str(number), "encoding": named})
        for number, (rows, merged) in enumerate(reader.tables, start=1)
    ]


def _known(name: bytes) -> str:
    import codecs

    try:
        return codecs.lookup(name.decode()).name
    except LookupError:
        return "ascii"


class _Tables(HTMLParser):
    """Gather the cells of every table; one inside a cell of another counts by itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[list[list[str]], list[Range]]] = []
        self._open: list[int] = []
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._taken: dict[int, set[tuple[int, int]]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell."""
        if tag == "table":
            self._end_cell()
            self.tables.append(([], []))
            self._open.append(len(self.tables) - 1)
        elif tag == "tr" and self._open:
            self._end_cell()
            self.tables[self._open[-1]][0].append([])
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            facts = dict(attrs)
            self._span = _number(facts.get("rowspan")), _number(facts.get("colspan"))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a cell or table."""
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Take words inside a cell."""
        if self._cell is not None:
            self._cell.append(data)

    def close(self) -> None:
        """End what was left open."""
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._cell is None or not self._open:
            self._cell = None
            return
        number = self._open[-1]
        rows, merged = self.tables[number]
        taken = self._taken.setdefault(number, set())
        if not rows:
            rows.append([])
        row, column = len(rows) - 1, len(rows[-1])
        while (row, column) in taken:
            rows[-1].append("")
            column += 1
        down, across = self._span
        rows[-1] += [re.sub(r"[ \t\r\xa0]+", " ", "".join(self._cell)).strip(), *[""] * (across - 1)]
        taken.update((r, c) for r in range(row + 1, row + down) for c in range(column, column + across))
        if (down, across) != (1, 1):
            merged.append(((row, column), (row + down - 1, column + across - 1)))
        self._cell = None


def _number(text: str | None) -> int:
    return min(max(int(text), 1), MOST_SPAN) if text and text.strip().isdigit() else 1


def _workbook_of_xml(path: Path, content: bytes) -> list[Sheet]:
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as fault:
        raise TableError("file_trap", where=str(path)) from fault
    except (ParseError, ValueError, LookupError) as fault:
        raise TableError("file_workbook_broken", where=str(path), detail=str(fault)) from fault
    found = []
    for number, sheet in enumerate(root.iter(f"{SPREADSHEET}Worksheet"), start=1):
        rows: list[list[str]] = []
        merged: list[Range] = []
        for row in sheet.iter(f"{SPREADSHEET}Row"):
            at = _number(row.get(f"{SPREADSHEET}Index"))
            rows += [[] for _ in range(min(at - len(rows) - 1, MOST_SPAN * 100))]
            rows.append([])
            for cell in row.iter(f"{SPREADSHEET}Cell"):
                _put(cell, rows, merged)
        name = sheet.get(f"{SPREADSHEET}Name") or str(number)
        found.append(Sheet(rows, tuple(merged), {"format": "page", "sheet": name}))
    return found


def _put(cell: "object", rows: list[list[str]], merged: list[Range]) -> None:
    """Put one cell of XML where it belongs."""
    get, itertext = cell.get, cell.itertext  # type: ignore[attr-defined]  # an element, whose class is not public
    at = _number(get(f"{SPREADSHEET}Index"))
    rows[-1] += [""] * (at - len(rows[-1]) - 1)
    row, column = len(rows) - 1, len(rows[-1])
    down, across = (int(get(f"{SPREADSHEET}Merge{way}") or 0) for way in ("Down", "Across"))
    text = "".join(itertext()).strip()
    rows[-1] += [re.sub(r"^(\d{4}-\d\d-\d\d)T00:00:00\.000$", r"\1", text), *[""] * min(across, MOST_SPAN)]
    if down or across:
        merged.append(((row, column), (row + min(down, MOST_SPAN), column + min(across, MOST_SPAN))))
