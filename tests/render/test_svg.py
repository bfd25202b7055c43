"""Drawings: texts that stay texts, whole numbers, the room that words take."""

import html.parser

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from govmap.render.svg import Drawing, clean, escaped, hatch, path_of, shortened, width_mm


class Shown(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


@given(st.text(alphabet=st.characters(), max_size=40))
def test_any_text_is_shown_as_it_is_and_makes_no_tag(text):
    drawing = Drawing(10, 10, "a drawing")
    drawing.text(1, 1, text)
    shown = Shown(drawing.svg())
    assert shown.tags == ["svg", "title", "text"]
    assert shown.text == "a drawing" + clean(text).replace("\r", "\n")


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\u202eb", "a\ufffeb", "a\u200bb"])
def test_signs_that_no_document_may_hold_are_left_out(text):
    assert clean(text) == "ab"


@pytest.mark.parametrize("text", ["𠮷家巷", "\ue864号楼", "é"])
def test_rare_signs_of_names_and_those_of_the_office_stay(text):
    assert clean(text) == text


def test_paths_are_whole_numbers_and_closed_where_areas_are():
    ring = shapely.box(0, 0, 100.4, 50)
    assert path_of([ring]) == "M100 0l0 50-100 0 0-50z"
    assert path_of([shapely.LineString([(0, 0), (10.2, 0), (10.3, 0), (20, 5)])]) == "M0 0l10 0 10 5"
    assert path_of([shapely.box(0, 0, 0.3, 0.3), shapely.Polygon(), None]) == ""


def test_a_text_is_cut_to_its_room_and_chinese_takes_more():
    assert width_mm("网格", 2) > width_mm("ab", 2)
    assert shortened("幸福小区第三网格", 2.0, 9.0).endswith("…")
    assert shortened("U001", 2.0, 9.0) == "U001"


def test_lengths_are_in_hundredths_of_a_millimetre_and_no_style_attribute_is_written():
    drawing = Drawing(170, 100, "x")
    drawing.rect(1, 2, 3.5, 4, "red", stroke_width=0.2, stroke_dasharray=(1, 0.5))
    drawing.add(hatch("h"))
    svg = drawing.svg()
    assert 'x="100" y="200" width="350" height="400"' in svg
    assert 'stroke-width="20" stroke-dasharray="100 50"' in svg
    assert "style=" not in svg
    assert 'viewBox="0 0 17000 10000"' in svg
    assert escaped("<&>") == "&lt;&amp;&gt;"
