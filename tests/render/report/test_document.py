"""The report as a document: opens, holds the same, can be edited, shows Chinese, is the same bytes every time."""

import io
import zipfile
from dataclasses import replace
from datetime import datetime

import pytest
from docx import Document
from docx.oxml.ns import qn

from govmap.messages import LANGUAGES
from govmap.render.report import document, pictures
from govmap.render.report.paper import Picture, Table
from govmap.render.svg import clean

AT = datetime(2026, 3, 1)  # noqa: DTZ001 - a date of a document has no zone


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    """Coarse pictures, so that the tests are quick."""
    monkeypatch.setattr(pictures, "SHARP", 20)


BUILT: dict[str, bytes] = {}


def built(paper, language):
    """Build the report of the office once a language."""
    if language not in BUILT:
        BUILT[language] = document.build(paper("official", language), at=AT)
    return BUILT[language]


def opened(content: bytes):
    return Document(io.BytesIO(content))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_table_and_picture_stands_in_the_document(paper, language):
    made = paper("official", language)
    found = opened(built(paper, language))
    heads = [one.text for one in found.paragraphs if one.style.name == "Heading 1"]
    assert heads == [made.tiles_title, *(one.title for one in made.sections)]
    blocks = [block for section in made.sections for block in section.blocks]
    assert len(found.tables) == 1 + sum(isinstance(one, Table) for one in blocks)
    assert len(found.inline_shapes) == sum(isinstance(one, Picture) for one in blocks)
    table = next(one for one in blocks if isinstance(one, Table))
    assert [cell.text for cell in found.tables[1].rows[1].cells] == [cell.text for cell in table.rows[0]]


def test_an_east_asian_font_is_named_on_every_style_we_write_in(paper):
    found = opened(built(paper, "zh"))
    for name in ("Normal", "Title", "Heading 1", "Caption", "Footer", "Header"):
        fonts = found.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei", name
        assert fonts.get(qn("w:eastAsiaTheme")) is None, name


def test_the_same_report_is_the_same_bytes_with_no_moment_of_today_inside(paper):
    one, two = built(paper, "zh"), document.build(paper("official", "zh"), at=AT)
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2026, 3, 1, 0, 0, 0)}
        assert b"2026-03-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_a_hostile_text_is_only_text_and_breaks_no_document(paper, filled, hostile):
    found = opened(document.build(paper("official", "en", filled(hostile), hostile("Well")), at=AT))
    cells = {cell.text for table in found.tables for row in table.rows for cell in row.cells}
    assert any(clean(hostile("")) in one for one in cells)


def test_pictures_fit_between_the_margins_of_both_papers(paper):
    made = paper("official")
    made = replace(made, sections=made.sections[:1])
    for name, width in (("A4", 210), ("Letter", 215.9)):
        found = opened(document.build(replace(made, paper=name), at=AT))
        assert found.sections[0].page_width.mm == pytest.approx(width, abs=0.2)
        room = width - 2 * document.MARGIN_MM
        assert all(shape.width.mm <= room + 0.1 for shape in found.inline_shapes)


def test_heads_of_tables_are_repeated_on_every_page(paper):
    found = opened(built(paper, "en"))
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in found.tables[1:])
