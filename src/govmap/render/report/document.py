"""A report as a Word document that can be edited: headings, tables that repeat their head, pictures of maps and charts.

Chinese fonts are named as East Asian fonts of the styles, so that Word, WPS and LibreOffice all show them. The same
report gives the same bytes: the moments inside the file are those of the data, in the archive and in its properties.
"""

import io
import zipfile
from datetime import datetime
from typing import Any

from govmap.render.report.paper import Block, Cell, Paper, Picture, Section, Table, Tile, Words, heading
from govmap.render.report.pictures import Press
from govmap.render.svg import clean

LATIN = "Arial"
EAST = {"zh": "Microsoft YaHei", "en": "Microsoft YaHei"}
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}
MARGIN_MM = 20.0
RED, SOFT, BLUE = "B2182B", "4D5860", "1D4469"
STATES = {"red": "FDF3F2", "ok": "F1F6FA", "unknown": "F4F6F7"}
TILES_A_ROW = 4
PICTURE_MOST_MM = 122.0  # beside the eight figures on the first page
LINE = "B8C0C6"
OLDEST = (1980, 1, 1, 0, 0, 0)


def build(paper: Paper, *, at: datetime) -> bytes:
    """
    Write the document.

    Parameters
    ----------
    at
        The moment that its properties and its archive bear.
    """
    from docx import Document

    document = Document()
    _page(document, paper)
    _styles(document, paper.language)
    _opening(document, paper)
    press = Press()
    for section in paper.sections:
        _section(document, section, paper, press)
    _facts(document, paper, at)
    made = io.BytesIO()
    document.save(made)
    return _steady(made.getvalue(), at)


def _steady(content: bytes, at: datetime) -> bytes:
    """Pack the archive anew, every file with the same moment, in the order of names with the list of types first."""
    moment = max(at.timetuple()[:6], OLDEST)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w") as after:
        for name in sorted(before.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            info = zipfile.ZipInfo(name, moment)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            after.writestr(info, before.read(name))
    return made.getvalue()


def _facts(document: Any, paper: Paper, at: datetime) -> None:
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by = clean(paper.title)[:250], "govmap", "govmap"
    facts.comments, facts.language = "", "zh-CN" if paper.language == "zh" else "en"
    facts.created = facts.modified = facts.last_printed = at.replace(tzinfo=None, microsecond=0)
    facts.revision = 1


# page and styles ------------------------------------------------------------------------------------------------------
def _page(document: Any, paper: Paper) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    width, height = PAPERS.get(paper.paper, PAPERS["A4"])
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = Mm(MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(18)
    foot = section.footer.paragraphs[0]
    foot.add_run(clean(paper.foot) + "    ")
    _field(foot, "PAGE")
    foot.style = document.styles["Footer"]
    if paper.stamp:
        head = section.header.paragraphs[0]
        head.alignment = 2
        _run(head, paper.stamp, red=True, bold=True)


def _field(paragraph: Any, name: str) -> None:
    """Write a field, as the number of the page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", None), (None, name), ("end", None)):
        run = paragraph.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)  # noqa: SLF001 - python-docx has no other way to a field


def _styles(document: Any, language: str) -> None:
    """Name a Latin and an East Asian font on every style we use, and their sizes."""
    from docx.shared import Pt, RGBColor

    sizes = {"Normal": 10.5, "Title": 20, "Heading 1": 14, "Heading 2": 11, "Caption": 9, "Footer": 8, "Header": 9}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        _east_asian(style.element, EAST[language])
        if name not in ("Normal", "Footer", "Header"):
            style.font.color.rgb = RGBColor.from_string("333333" if name == "Caption" else BLUE)
            style.font.bold, style.font.italic = True, False
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    document.styles["Caption"].paragraph_format.keep_with_next = True


def _east_asian(element: Any, font: str) -> None:
    from docx.oxml.ns import qn

    fonts = element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        if fonts.get(qn(f"w:{name}")) is not None:
            del fonts.attrib[qn(f"w:{name}")]
    for name in ("ascii", "hAnsi"):
        fonts.set(qn(f"w:{name}"), LATIN)
    fonts.set(qn("w:eastAsia"), font)


# the content ----------------------------------------------------------------------------------------------------------
def _opening(document: Any, paper: Paper) -> None:
    title = document.add_paragraph(clean(paper.title), style="Title")
    _no_border(title)
    for line in paper.lines:
        _run(document.add_paragraph(), line, soft=True)
    document.add_heading(clean(paper.tiles_title), level=1)
    rows = [paper.tiles[at : at + TILES_A_ROW] for at in range(0, len(paper.tiles), TILES_A_ROW)]
    table = document.add_table(rows=len(rows), cols=TILES_A_ROW)
    table.style = "Table Grid"
    _lines(table)
    for row, tiles in zip(table.rows, rows, strict=True):
        for cell, tile in zip(row.cells, tiles, strict=False):
            _tile(cell, tile)
        _whole(row)


def _no_border(paragraph: Any) -> None:
    from docx.oxml.ns import qn

    found = paragraph.style.element.find(f"{qn('w:pPr')}/{qn('w:pBdr')}")
    if found is not None:
        found.getparent().remove(found)


def _tile(cell: Any, tile: Tile) -> None:
    _shade(cell, STATES[tile.state])
    first = cell.paragraphs[0]
    _run(first, heading(tile.title), soft=True, size=9)
    for text, size, bold in ((tile.value, 16, True), (tile.state_word, 8, True), (tile.told, 8, False)):
        _run(cell.add_paragraph(), text, size=size, bold=bold, red=tile.state == "red" and bold)
    _run(cell.add_paragraph(), tile.source, size=7.5, soft=True)
    for paragraph in cell.paragraphs:
        paragraph.paragraph_format.space_after = 0


def _section(document: Any, section: Section, paper: Paper, press: Press) -> None:
    document.add_heading(clean(section.title), level=1)
    for block in section.blocks:
        _block(document, block, paper, press)


def _block(document: Any, block: Block, paper: Paper, press: Press) -> None:
    if isinstance(block, Words):
        _words(document, block)
    elif isinstance(block, Picture):
        _picture(document, block, paper, press)
    else:
        _table(document, block, paper)


def _words(document: Any, words: Words) -> None:
    style = "List Bullet" if words.kind == "point" else None
    paragraph = document.add_paragraph(style=style)
    if words.kind in ("caveat", "missing"):
        _paragraph_shade(paragraph, "FDF8EC" if words.kind == "caveat" else "F4F6F7")
    _run(
        paragraph, words.text, soft=words.kind != "text", size=None if words.kind in ("text", "missing", "point") else 9
    )


def _picture(document: Any, picture: Picture, paper: Paper, press: Press) -> None:
    from docx.shared import Mm

    room = PAPERS.get(paper.paper, PAPERS["A4"])[0] - 2 * MARGIN_MM
    width = min(picture.width_mm, room, picture.width_mm * PICTURE_MOST_MM / picture.height_mm)
    document.add_paragraph(clean(picture.title), style="Caption")
    shown = document.add_picture(io.BytesIO(press.png(picture)), width=Mm(width))
    document.paragraphs[-1].alignment = 1
    told = shown._inline.docPr  # noqa: SLF001 - where the words for those who cannot see it stand
    told.set("descr", clean(picture.title))


def _table(document: Any, table: Table, paper: Paper) -> None:
    document.add_paragraph(clean(table.title), style="Caption")
    rows = table.rows
    made = document.add_table(rows=1 + len(rows), cols=len(table.head))
    made.style, made.autofit = "Table Grid", False
    _lines(made)
    _widths(made, table, PAPERS.get(paper.paper, PAPERS["A4"])[0] - 2 * MARGIN_MM)
    small = 7.5 if len(table.head) > 7 else 8.5  # noqa: PLR2004 - columns
    lines = list(made.rows)
    for cell, text in zip(lines[0].cells, table.head, strict=True):
        _shade(cell, "EAF0F5")
        _run(_tight(cell), heading(text), bold=True, size=small)
    _repeated(lines[0])
    for line, row in zip(lines[1:], rows, strict=True):
        for at, (cell, told) in enumerate(zip(line.cells, row, strict=True)):
            _cell(cell, told, small, right=at in table.numbers)
        _whole(line)
    document.add_paragraph().paragraph_format.space_after = 0


def _cell(cell: Any, told: Cell, size: float, *, right: bool) -> None:
    paragraph = _tight(cell)
    if right:
        paragraph.alignment = 2
    _run(paragraph, told.text, size=size, red=told.red, bold=told.red, italic=told.faint)


def _tight(cell: Any) -> Any:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = 0
    return paragraph


def _widths(made: Any, table: Table, room_mm: float) -> None:
    from docx.shared import Mm

    shares = table.widths or (1 / len(table.head),) * len(table.head)
    for column, share in zip(made.columns, shares, strict=True):
        column.width = Mm(room_mm * share / sum(shares))
    for row in made.rows:
        for cell, share in zip(row.cells, shares, strict=True):
            cell.width = Mm(room_mm * share / sum(shares))


def _run(
    paragraph: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    red: bool = False,
    soft: bool = False,
    size: float | None = None,
) -> None:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(clean(text))
    run.bold, run.italic = bold or None, italic or None
    if size:
        run.font.size = Pt(size)
    if red or soft:
        run.font.color.rgb = RGBColor.from_string(RED if red else SOFT)


def _lines(table: Any) -> None:
    """Draw thin soft lines and leave some room above and below the words."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    facts = table._tbl.tblPr  # noqa: SLF001 - python-docx has no other way to the lines of a table
    borders, margins = OxmlElement("w:tblBorders"), OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        _mark(borders, f"w:{side}", val="single", sz="4", space="0", color=LINE)
    for side, room in (("top", "30"), ("left", "80"), ("bottom", "30"), ("right", "80")):
        _mark(margins, f"w:{side}", w=room, type="dxa")
    look = facts.find(qn("w:tblLook"))
    for made in (borders, margins):
        if look is None:
            facts.append(made)
        else:
            look.addprevious(made)


def _shade(cell: Any, colour: str) -> None:
    _mark(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill=colour)  # noqa: SLF001 - no other way


def _paragraph_shade(paragraph: Any, colour: str) -> None:
    _mark(paragraph._p.get_or_add_pPr(), "w:shd", val="clear", color="auto", fill=colour)  # noqa: SLF001 - no other way


def _repeated(row: Any) -> None:
    _mark(row._tr.get_or_add_trPr(), "w:tblHeader", val="true")  # noqa: SLF001 - no other way


def _whole(row: Any) -> None:
    _mark(row._tr.get_or_add_trPr(), "w:cantSplit", val="true")  # noqa: SLF001 - no other way


def _mark(parent: Any, name: str, **facts: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in facts.items():
        made.set(qn(f"w:{key}"), value)
    parent.append(made)
