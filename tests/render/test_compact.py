"""Packs and the one way by which data leaves Python for a page."""

import html.parser
import json

import jinja2
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.render.compact import Pack, header, hilbert_order, inflated, pack_json

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
    """Read a pack the plain way: header, and the raw numbers of each column that is told in varints."""
    raw = inflated(pack.text())
    assert raw == pack.raw()
    head = int.from_bytes(raw[:4], "little")
    found = json.loads(raw[4 : 4 + head])
    at, columns = 4 + head, {}
    for one in found["columns"]:
        data = raw[at : at + one["bytes"]]
        columns[one["name"]] = numbers(data) if one["kind"] != "move" else list(data)
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


def signed(value: int) -> int:
    return -(value + 1) // 2 if value % 2 else value // 2


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


def test_a_text_is_told_by_what_stands_before_and_behind_the_one_it_holds():
    pack = Pack(5).texts("number", ["2", "4", "6", None, "8"])
    pack.texts("full", ["Elm Row 2, X", "Elm Row 4, X", "Elm Row 6, X", "The Mill", "Oak End"], around=pack_numbers)
    header, columns = unpacked(pack)
    assert header["columns"][1]["around"] == "number"
    assert header["columns"][1]["words"] == [["Elm Row ", ", X"], "The Mill", "Oak End"]
    assert columns["full"] == [2, 2, 2, 1, 1]


pack_numbers = ["2", "4", "6", None, "8"]


def test_a_large_pack_reads_back_from_the_pieces_in_which_it_is_deflated():
    rng = np.random.default_rng(1)
    pack = (
        Pack(9000)
        .numbers("a", range(9000))
        .texts("b", rng.integers(0, 9, 9000))
        .numbers("c", rng.integers(0, 90, 9000))
    )
    assert inflated(pack.text()) == pack.raw()
    assert len(pack.deflated()) <= len(pack.deflated(6))


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


def test_a_column_beside_another_and_one_that_rises_write_what_differs():
    pack = Pack(5).numbers("homes", [10, 20, None, 30, 1000]).numbers("people", [26, None, 7, 78, 2600], beside="homes")
    header, columns = unpacked(pack.numbers("place", [3, 4, None, 9, 8], rising=True))
    assert header["columns"][1]["share"] == 2.6
    assert columns["people"] == [1, 0, 15, 1, 1], "7 where 0 was expected, else what was expected"
    assert [None if one == 0 else signed(one - 1) for one in columns["place"]] == [3, 1, None, 5, -1]
