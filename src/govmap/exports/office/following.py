"""What knows the rows of a sheet moves with them: names, other sheets, pictures, remarks, tables, charts."""

import re

from govmap.exports.office.book import Book, elements
from govmap.exports.office.moving import Moved
from govmap.exports.office.sheet import FORMULAS, local

MARKED_ROW = re.compile(rb"(<x:Row>)\s*(\d+)\s*(</x:Row>)")
ANCHOR = re.compile(rb"(<x:Anchor>)([^<]*)(</x:Anchor>)")
TOP, BOTTOM, CORNERS = 2, 6, 8


def follow(book: Book, part: str, moved: Moved) -> None:
    """Move what other parts of a workbook say of the rows of the sheet in `part`."""
    _names(book, moved)
    for _, other in book.sheets:
        if other != part:
            _formulas(book, other, (*FORMULAS, "f"), moved)
    for _, kind, to in list(book.related(part)):
        if to not in book.parts:
            continue
        if kind.endswith("/drawing"):
            _pictures(book, to, moved)
        elif kind.endswith("/comments"):
            _attributes(book, to, "comment", moved)
        elif kind.endswith("/table"):
            _attributes(book, to, "table", moved)
            _attributes(book, to, "autoFilter", moved)
        elif kind.endswith("/vmlDrawing"):
            _marks(book, to, moved)
    for chart in [one for one in book.parts if re.fullmatch(r".*/charts/chart[^/]*\.xml", one)]:
        _formulas(book, chart, ("f",), moved)


def _names(book: Book, moved: Moved) -> None:
    document = book.xml(book.workbook)
    for one in elements(document, "definedName"):
        if one.firstChild is not None:
            one.firstChild.data = moved.formula(str(one.firstChild.data), here=False)
    book.put(book.workbook, document)


def _formulas(book: Book, part: str, tags: tuple[str, ...], moved: Moved) -> None:
    document, changed = book.xml(part), False
    for tag in tags:
        for one in elements(document, tag):
            if one.firstChild is not None:
                text = str(one.firstChild.data)
                one.firstChild.data = moved.formula(text, here=False)
                changed |= one.firstChild.data != text
    if changed:
        book.put(part, document)


def _attributes(book: Book, part: str, tag: str, moved: Moved) -> None:
    document = book.xml(part)
    for one in elements(document, tag):
        if one.getAttribute("ref"):
            one.setAttribute("ref", moved.area(one.getAttribute("ref")))
    book.put(part, document)


def _pictures(book: Book, part: str, moved: Moved) -> None:
    """Move pictures, seals and charts that stand below the list, as they are; those beside it stay."""
    document = book.xml(part)
    for anchor in [*elements(document, "twoCellAnchor"), *elements(document, "oneCellAnchor")]:
        ends = [one for one in anchor.childNodes if one.nodeType == one.ELEMENT_NODE and local(one) in ("from", "to")]
        rows = [row for end in ends for row in elements(end, "row")]
        if rows and int(rows[0].firstChild.data) + 1 > moved.last:
            for row in rows:
                row.firstChild.data = str(int(row.firstChild.data) + moved.by)
    book.put(part, document)


def _marks(book: Book, part: str, moved: Moved) -> None:
    """Move the boxes of remarks: their cell, and the corners at which they are shown."""

    def cell(found: "re.Match[bytes]") -> bytes:
        return found[1] + str(moved.row(int(found[2]) + 1) - 1).encode() + found[3]

    def box(found: "re.Match[bytes]") -> bytes:
        corners = [one.strip() for one in found[2].split(b",")]
        if len(corners) != CORNERS or int(corners[TOP]) + 1 <= moved.last:
            return found[0]
        for at in (TOP, BOTTOM):
            corners[at] = str(int(corners[at]) + moved.by).encode()
        return found[1] + b", ".join(corners) + found[3]

    book.parts[part] = ANCHOR.sub(box, MARKED_ROW.sub(cell, book.parts[part]))
