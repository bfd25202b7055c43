"""Packs and the one way by which data leaves Python for a page."""

import html.parser
import json

import jinja2
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.render.compact import (
    MICRO,
    Pack,
    folded,
    header,
    hilbert_order,
    inflated,
    pack_json,
    unfolded,
    varints,
    zigzag,
)

HOSTILE = (
    "{{7*7}}",
    "{% raw %}",
    "{# x #}",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "`${1}`",
    "\u2028\u2029",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "{{{{{%{#",
    "\\u003c",
    "\ud800",
    "'\"",
    "javascript:alert(1)",
)


def unpacked(pack: Pack) -> tuple[dict, dict]:
    """Read a pack the plain way: header, and the raw numbers of each column."""
    raw = inflated(pack.text())
    head = int.from_bytes(raw[:4], "little")
    found = json.loads(raw[4 : 4 + head])
    at, columns = 4 + head, {}
    for one in found["columns"]:
        data = raw[at : at + one["bytes"]]
        columns[one["name"]] = planed(data) if one["kind"] == "delta" else numbers(data)
        at += one["bytes"] + one.get("words", 0)
    assert at == len(raw)
    return header(pack.text()), columns


def numbers(data: bytes) -> list[int]:
    found, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(value)
            value, shift = 0, 0
    return found


def planed(data: bytes) -> list[int]:
    size = len(data) // 4
    return [sum(data[at + plane * size] << 8 * plane for plane in range(4)) for at in range(size)]


def signed(value: int) -> int:
    return -(value + 1) // 2 if value % 2 else value // 2


def paths(columns: dict) -> list[list[list[tuple[int, int]]]]:
    """Undo the deltas: rows of paths of points in micro-degrees."""
    x, y = (iter([signed(one) for one in columns[axis]]) for axis in "xy")
    sizes = iter(columns["points"])
    rows, first = [], (0, 0)
    for count in columns["paths"]:
        rows.append([])
        for _ in range(count):
            place, path = first, []
            for _ in range(next(sizes)):
                place = (place[0] + next(x), place[1] + next(y))
                path.append(place)
            first = path[0]
            rows[-1].append(path)
    return rows


@given(st.lists(st.integers(0, 2**52)))
def test_varints_read_back(values):
    assert numbers(varints(np.array(values, dtype=np.int64))) == values


@given(st.lists(st.integers(-(2**40), 2**40)))
def test_signs_fold_and_unfold(values):
    folded = zigzag(np.array(values, dtype=np.int64))
    assert [signed(int(one)) for one in folded] == values


def test_null_is_not_zero_and_tenths_are_kept():
    header, columns = unpacked(Pack(4).numbers("levels", [None, 0, 5.5, 30], scale=2))
    assert columns["levels"] == [0, 1, 12, 61]
    assert header["columns"][0]["scale"] == 2


def test_each_text_is_kept_once_the_commonest_first():
    header, columns = unpacked(Pack(5).texts("name", ["b", "a", None, "a", "井"]))
    assert header["columns"][0]["words"][0] == "a"
    assert header["columns"][0]["several"] == 1
    assert columns["name"] == [1, 2, 0, 2, 1], "1 is the next of those that come once"
    assert header["columns"][0]["words"] == ["a", "b", "井"]


def test_shapes_read_back_with_holes_and_pieces():
    ring = shapely.box(10, 50, 10.01, 50.01).difference(shapely.box(10.002, 50.002, 10.004, 50.004))
    two = shapely.MultiPolygon([shapely.box(-3, 1, -2.99, 1.01), shapely.box(-2.98, 1, -2.97, 1.01)])
    line = shapely.LineString([(0, 0), (0.5, 0.25)])
    shapes = np.array([ring, two, None, shapely.Point(113.3, 23.1), line], dtype=object)
    rows = paths(unpacked(Pack(5).shapes(shapes))[1])
    assert [len(row) for row in rows] == [2, 2, 0, 1, 1]
    outer = shapely.Polygon(np.array(rows[0][0]) / MICRO, [np.array(rows[0][1]) / MICRO])
    assert outer.equals(ring) or outer.symmetric_difference(ring).area < 1e-9
    assert rows[3] == [[(113_300_000, 23_100_000)]]
    assert rows[4] == [[(0, 0), (500_000, 250_000)]]


def test_a_ring_that_collapses_on_the_grid_is_left_out():
    tiny = shapely.box(10, 50, 10 + 2e-7, 50 + 2e-7)
    assert paths(unpacked(Pack(1).shapes(np.array([tiny], dtype=object)))[1]) == [[]]


def test_nothing_packs_to_nothing():
    assert unpacked(Pack(0).shapes(np.array([], dtype=object)).texts("name", []).numbers("count", []))[0]["rows"] == 0


def test_the_curve_walks_from_neighbour_to_neighbour():
    x, y = np.arange(256) % 16, np.arange(256) // 16
    order = hilbert_order(shapely.points(x, y))
    steps = np.hypot(np.diff(x[order]), np.diff(y[order]))
    assert sorted(order) == list(range(256))
    assert steps.max() == 1


class Scripts(html.parser.HTMLParser):
    """Collects what a browser would take as scripts and tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_data_for_html_for_templates_and_for_json(text):
    facts = {text: [text, {"name": text, "more": {"deep": {}}}]}
    safe = pack_json(facts)
    assert json.loads(safe) == facts
    parser = Scripts()
    parser.feed(f'<script type="application/json">{safe}</script>')
    assert parser.tags == ["script"]
    assert "".join(parser.texts) == safe
    assert jinja2.Template(safe).render() == safe, "a second pass of a template engine changes nothing"
    safe.encode("utf-8")
    assert not set(safe) & set("<>&\u2028\u2029")


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from(list("{}%#<>&/\\\"'`$a\u2028 ")), max_size=30))
def test_no_mix_of_marks_escapes(text):
    safe = pack_json([text])
    assert json.loads(safe) == [text]
    assert jinja2.Template(safe, keep_trailing_newline=True).render() == safe


def test_rings_run_one_way_and_holes_the_other():
    hole = [(2, 2), (4, 2), (4, 4), (2, 4)]
    for ring in (hole, hole[::-1]):
        shape = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [ring])
        outer, inner = paths(unpacked(Pack(1).shapes(np.array([shape], dtype=object)))[1])[0]
        assert shapely.LinearRing(outer).is_ccw != shapely.LinearRing(inner).is_ccw


@given(st.binary(max_size=200))
def test_any_bytes_read_back_from_text_that_no_parser_takes_for_a_mark(data):
    text = folded(data)
    assert unfolded(text) == data
    assert not set(text) & set("<&{\r\0")
    assert max(map(ord, text), default=0) < 256


def test_a_column_beside_another_and_one_that_rises_write_what_differs():
    pack = Pack(5).numbers("homes", [10, 20, None, 30, 1000]).numbers("people", [26, None, 7, 78, 2600], beside="homes")
    header, columns = unpacked(pack.numbers("place", [3, 4, None, 9, 8], rising=True))
    assert header["columns"][1]["share"] == 2.6
    assert columns["people"] == [1, 0, 15, 1, 1], "7 where 0 was expected, else what was expected"
    assert [None if one == 0 else signed(one - 1) for one in columns["place"]] == [3, 1, None, 5, -1]
