"""Pages joined from chapters: each once and in order, in bounded memory, whole or not at all."""

import os
import resource
import shutil
import subprocess
import sys
from functools import partial

import pandas as pd
import pikepdf
import pytest
from pyproj import CRS

from govmap.errors import InputError
from govmap.exports.files import whole
from govmap.messages import Voice
from govmap.render.atlas import fonts, press
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.near import Near
from govmap.render.atlas.paper import layout
from govmap.render.scene import Sheet
from govmap.render.svg import Drawing

pytestmark = pytest.mark.skipif(fonts.family() is None, reason="needs a font that sheets are written in")

PAGE = layout("A4", wide=False, panel="none", room=0)
WINDOW = (500_000.0, 2_550_000.0, 500_970.0, 2_551_215.0)
SYSTEM = CRS.from_epsg(32650)


@pytest.fixture
def desk(released):
    nothing = pd.DataFrame()
    let = released()
    return Desk(near=Near.of(let), voice=Voice("en"), title="Well", paper="A4", rows=nothing, units=nothing, called={})


def drawn(at, alive=None):
    """Draw a page of a few words, different on every page; `alive` counts drawings that are held."""
    made = Drawing(PAGE.wide, PAGE.high, f"sheet {at}")
    made.rect(0, 0, PAGE.wide, PAGE.high, "#ffffff")
    made.text(20, 40, f"sheet {at} 幸福小区", 4)
    if alive is not None:
        alive.append(at)
    return made


def written(text):
    """Draw a page of one text."""
    made = Drawing(PAGE.wide, PAGE.high, "words")
    made.text(20, 40, text, 4)
    return made


def some(count, alive=None):
    sheet = Sheet(WINDOW, PAGE.map.wide, PAGE.map.high)
    return [
        Leaf(
            kind="board",
            title=f"sheet {at}",
            page=PAGE,
            sheet=sheet,
            first=at % 3 == 0,
            paint=partial(drawn, at, alive),
        )
        for at in range(count)
    ]


@pytest.mark.parametrize("at_once", [2, 40])
def test_chapters_give_each_page_once_with_its_number_its_bookmark_and_its_ground(desk, tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(press, "AT_ONCE", at_once)
    told = []
    press.pdf(desk, some(7), tmp_path / "a.pdf", title="Seven", crs=SYSTEM, progress=told.append)
    with pikepdf.open(tmp_path / "a.pdf") as document:
        assert len(document.pages) == 7
        assert all("/VP" in page.obj for page in document.pages)
        with document.open_outline() as outline:
            assert [one.title for one in outline.root] == ["sheet 0", "sheet 3", "sheet 6"]
            assert [len(one.children) for one in outline.root] == [2, 2, 0]
        assert str(document.docinfo["/Title"]) == "Seven"
    assert told == sorted(told)
    assert len(set(told)) > 7  # one word a page, however many are set at once
    assert told[-1] == 1.0
    assert [one.name for one in tmp_path.iterdir()] == ["a.pdf"]


def test_no_page_is_drawn_before_the_chapter_before_it_is_set(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(press, "AT_ONCE", 3)
    alive, held = [], []
    compiled = press._compiled

    def counted(*words, **more):
        held.append(len(alive))
        alive.clear()
        return compiled(*words, **more)

    monkeypatch.setattr(press, "_compiled", counted)
    press.pdf(desk, some(8, alive), tmp_path / "a.pdf", title="Eight")
    assert held == [3, 3, 2]


def test_the_same_leaves_give_the_same_bytes(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(press, "AT_ONCE", 2)
    for name in ("a", "b"):
        press.pdf(desk, some(5), tmp_path / f"{name}.pdf", title="Five", crs=SYSTEM)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize("fault", [KeyboardInterrupt, InputError])
def test_what_is_broken_off_leaves_nothing_behind_and_what_stood_there_whole(desk, tmp_path, monkeypatch, fault):
    monkeypatch.setattr(press, "AT_ONCE", 2)
    (tmp_path / "a.pdf").write_bytes(b"before")

    def broken(share):
        if share > 0.5:
            raise fault("atlas_no_pages") if fault is InputError else fault

    with pytest.raises(fault), whole(tmp_path / "a.pdf") as fresh:
        press.pdf(desk, some(5), fresh, title="Five", progress=broken)
    assert [one.name for one in tmp_path.iterdir()] == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == b"before"


FULL = """
import resource, signal, sys
from pathlib import Path
import pikepdf
from govmap.errors import InputError
from govmap.exports.files import whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
made = pikepdf.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    with whole(Path(sys.argv[2])) as fresh:
        made.save(fresh)
except InputError as error:
    print(error.code)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a system that limits files")
def test_a_full_disk_is_told_and_leaves_nothing(desk, tmp_path):
    press.pdf(desk, some(2), tmp_path / "a.pdf", title="Two")
    (tmp_path / "out").mkdir()
    words = [sys.executable, "-c", FULL, str(tmp_path / "a.pdf"), str(tmp_path / "out" / "b.pdf")]
    told = subprocess.run(words, capture_output=True, text=True, check=True, env=dict(os.environ)).stdout
    assert told.strip() == "export_disk_full"
    assert list((tmp_path / "out").iterdir()) == []


RARE = "𠮷野家㙍 龘䶮 Ærøskøbing Улица １２Ａ"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
def test_rare_signs_are_printed_and_found(desk, tmp_path):
    if any(one not in fonts.signs() for one in map(ord, RARE.replace(" ", ""))):
        pytest.skip("the font of this machine has not all of these signs")
    leaf = Leaf(kind="board", title="words", page=PAGE, paint=partial(written, RARE))
    press.pdf(desk, [leaf], tmp_path / "a.pdf", title="Words")
    told = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, check=True).stdout.decode()
    assert RARE.replace(" ", "") in told.replace(" ", "").replace("\n", "")


NAMES = {
    "rare Han": "𠀋𡃁㐂楼",
    "Tibetan": "བོད་ལྗོངས",
    "Uyghur": "شىنجاڭ",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ",
    "Devanagari": "हिन्दी",
    "emoji": "幸福😀苑",
    "private use": "幸福\ue000苑",
}


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
@pytest.mark.usefixtures("few_fonts")
def test_a_name_in_any_script_is_printed_and_found_or_its_signs_are_named_but_never_left_out(desk, tmp_path):
    told = {name: printed_or_refused(desk, name, tmp_path / "a.pdf") for name in NAMES.values()}
    refused = {name: str(found) for name, found in told.items() if isinstance(found, InputError)}
    assert {NAMES["private use"]} <= set(refused) < set(told)
    assert [name for name, error in refused.items() if not any(f"U+{ord(one):04X}" in error for one in name)] == []
    left_out = {name: found for name, found in told.items() if name not in refused and set(name) - set(found)}
    assert left_out == {}


def printed_or_refused(desk, name, target):
    """Give the text of a sheet on which a name stands, or why it cannot be printed."""
    try:
        press.pdf(
            desk, [Leaf(kind="board", title="words", page=PAGE, paint=partial(written, name))], target, title="Words"
        )
    except InputError as error:
        return error
    return subprocess.run(["pdftotext", target, "-"], capture_output=True, check=True).stdout.decode()


@pytest.mark.usefixtures("few_fonts")
def test_a_sign_that_nothing_can_write_stops_the_book_and_is_named(desk, tmp_path):
    leaf = Leaf(kind="board", title="words", page=PAGE, paint=partial(written, "幸福\U0010fffd"))
    with pytest.raises(InputError, match=r"U\+10FFFD"), whole(tmp_path / "a.pdf") as fresh:
        press.pdf(desk, [leaf], fresh, title="Words")
    assert list(tmp_path.iterdir()) == []
