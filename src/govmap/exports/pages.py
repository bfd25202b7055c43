"""Lists for people as pages of a word processor, to be changed by hand and put among other pages."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as Pages
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from govmap.exports.listing import LANDSCAPE_FROM, Column, Listing, width_of
from govmap.exports.sheets import missing, timeless

PAPERS_MM = {"A4": (210, 297), "A3": (297, 420), "Letter": (216, 279)}
EDGE_MM, CELL_PT, TITLE_PT = 15, 9, 16
FONT = {"zh": "宋体", "en": "Calibri"}


def document(listings: Sequence[Listing], *, paper: str = "A4", mark: str | None = None, language: str = "zh") -> bytes:
    """
    Write lists as a document, each on a page of its own; the header of a table is repeated on every page.

    Parameters
    ----------
    paper
        A4, A3 or Letter.
    mark
        Printed at the head of every page, as `INTERNAL`.
    language
        Chooses the typeface.
    """
    made = Document()
    _written_in(made, FONT[language])
    for place, one in enumerate(listings):
        widths = [width_of(column, one.rows) for column in one.columns]
        _page(made, paper, wide=sum(widths) > LANDSCAPE_FROM, first=place == 0, mark=mark)
        title = made.add_paragraph()
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = title.add_run(_clean(one.title))
        run.bold, run.font.size = True, Pt(TITLE_PT)
        for line in one.lines:
            made.add_paragraph(_clean(line))
        _table(made, one, widths)
    page = io.BytesIO()
    made.save(page)
    return timeless(page.getvalue())


def _written_in(made: Pages, font: str) -> None:
    """Set the typeface, for Chinese letters too, and no time or author."""
    usual = made.styles["Normal"]
    usual.font.name, usual.font.size = font, Pt(CELL_PT)
    usual.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    facts = made.core_properties
    facts.author = facts.last_modified_by = facts.comments = facts.title = ""
    facts.created = facts.modified = datetime(2000, 1, 1, tzinfo=UTC)


def _page(made: Pages, paper: str, *, wide: bool, first: bool, mark: str | None) -> None:
    section = made.sections[0] if first else made.add_section()
    short, long = PAPERS_MM.get(paper, PAPERS_MM["A4"])
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(long), Mm(short)) if wide else (Mm(short), Mm(long))
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(EDGE_MM)
    if mark and first:
        head = section.header.paragraphs[0]
        head.text, head.alignment = _clean(mark), WD_ALIGN_PARAGRAPH.RIGHT


def _table(made: Pages, listing: Listing, widths: Sequence[float]) -> None:
    """Write the rows, each sum in bold where it belongs."""
    rows = _rows(listing)
    table = made.add_table(rows=len(rows) + 1, cols=len(listing.columns), style="Table Grid")
    section = made.sections[-1]
    room = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    sizes = [int(room * width / sum(widths)) for width in widths]
    head = {column.field: column.title for column in listing.columns}
    for line, (cells, bold) in zip(table.rows, [(head, True), *rows], strict=True):
        for cell, column, size in zip(line.cells, listing.columns, sizes, strict=True):
            cell.width = size
            _put(cell.paragraphs[0], cells.get(column.field), column, bold=bold)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - the library has no word for it


def _rows(listing: Listing) -> list[tuple[Mapping[Any, Any], bool]]:
    """Give the rows in their order, and which of them are sums."""
    made: list[tuple[Mapping[Any, Any], bool]] = [(row, False) for row in listing.rows.to_dict("records")]
    for before, row in reversed(listing.sums):
        made.insert(before, (row, True))
    return made


def _put(paragraph: Any, value: Any, column: Column, *, bold: bool) -> None:
    if missing(value):
        return
    text = value if isinstance(value, str) else f"{value:,.0f}" if column.kind != "text" else str(value)
    paragraph.add_run(_clean(text)).bold = bold
    if column.kind != "text":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _clean(text: str) -> str:
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))
