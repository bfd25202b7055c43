"""Sheets as a step: every kind prints, what is for the office alone is asked for and stamped, no page twice."""

import io
import re
from pathlib import Path

import pandas as pd
import pikepdf
import pytest
from PIL import Image
from typer.testing import CliRunner

from govmap import pipeline
from govmap.cli.commands import app
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline import printing, sheets
from govmap.project import open_project
from govmap.render.atlas import book, change, fonts, furniture, picture, press

pytestmark = pytest.mark.skipif(fonts.family() is None, reason="needs a font that sheets are written in")


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770000000")


@pytest.fixture
def written(monkeypatch):
    """Collect what is written on each page, in order."""
    pages: list[list[str]] = []
    number = furniture.number

    def kept(made, page, desk, at, of):
        number(made, page, desk, at, of)
        pages.append(made.texts)

    monkeypatch.setattr(furniture, "number", kept)
    return pages


def atlas(path: Path, output: Path, language: str = "en", **how):
    with open_project(path) as project:
        voice = project.profile.voice(language)
        return pipeline.atlas(project, output, pipeline.Printing(**how), voice=voice)


def test_every_page_is_there_once_and_numbered_and_contents_name_where_units_begin(town, tmp_path, written):
    made = atlas(town, tmp_path / "a.pdf", units=("U001", "U002"))
    with pikepdf.open(tmp_path / "a.pdf") as found:
        assert len(found.pages) == made.figures["pages"] == len(written)
        assert str(found.Root.Lang) == "en"
        with found.open_outline() as outline:
            assert [one.title for one in outline.root][:2] == ["Overview", "Contents"]
        assert found.docinfo["/Title"]
    assert [f"page {at} of {len(written)}" in page for at, page in enumerate(written, 1)] == [True] * len(written)
    assert len({tuple(page) for page in written}) == len(written)
    contents = written[1]
    for unit in ("unit U001", "unit U002"):
        assert unit in written[int(contents[contents.index(unit) + 1]) - 1]


@pytest.mark.parametrize("kind", ["carry", "numbering"])
def test_what_is_for_the_office_alone_is_asked_for_and_stamped_on_every_page(town, tmp_path, written, kind):
    with pytest.raises(InputError, match="internal"):
        atlas(town, tmp_path / "a.pdf", kind=kind)
    assert not (tmp_path / "a.pdf").exists()
    if kind == "numbering":
        with pytest.raises(InputError, match="no marks"):
            atlas(town, tmp_path / "a.pdf", kind=kind, internal=True)
        with open_project(town) as project:
            pipeline.form(project, "buildings", tmp_path / "form.xlsx", voice=Voice("en"))
    atlas(town, tmp_path / "a.pdf", kind=kind, internal=True, units=("U001",), cover=False)
    assert written
    assert all("INTERNAL" in page for page in written)


def test_a_door_sheet_has_a_box_for_every_door_and_no_name(town, tmp_path, written):
    atlas(town, tmp_path / "a.pdf", kind="door", internal=True, units=("U001",))
    texts = {text for page in written for text in page}
    assert {"101", "Stairwell 1", "INTERNAL"} <= texts


def test_a_board_cannot_be_printed_for_the_office(town, tmp_path):
    with pytest.raises(InputError, match="in public"):
        atlas(town, tmp_path / "a.pdf", audience="official", internal=True)


def test_a_wall_map_lists_every_unit(town, tmp_path, written):
    atlas(town, tmp_path / "a.pdf", kind="wall", paper="a3")
    with open_project(town) as project:
        codes = set(project.read("units")["code"])
    assert codes <= {text for page in written for text in page}


def test_a_notice_names_the_unit_before_and_after_and_says_where_nothing_changes(town, tmp_path):
    with open_project(town) as project:
        voice = project.profile.voice("en")
        with pytest.raises(InputError, match="from which things change"):
            pipeline.atlas(project, tmp_path / "a.pdf", pipeline.Printing(kind="change"), voice=voice)
        how = pipeline.Printing(units=("U001",))
        desk = printing.desk_of(project, printing.released_of(project, how), how, voice)
        (unit,) = printing.units_of(desk, project, how)
    mine = desk.rows[desk.rows["unit_id"] == unit]
    former = {(one, unit): "U001" if at else "OLD9" for at, one in enumerate(mine["building_id"])}
    leaves = change.leaves(desk, former, "last year", [unit])
    texts = [text for leaf in leaves for text in leaf.paint().texts]
    assert "OLD9" in texts or desk.rows.iloc[0]["building"] is None
    assert "no change" in texts


def test_an_unknown_kind_is_told_with_those_that_are_known(town, tmp_path):
    told = CliRunner().invoke(
        app, ["atlas", str(town), "-o", str(tmp_path / "a.pdf"), "--kind", "poster", "--lang", "en"]
    )
    assert told.exit_code == 1
    assert "poster" in told.output
    assert "carry" in told.output


def test_pictures_are_1080_wide_small_and_hold_no_small_type(town, tmp_path, monkeypatch):
    drawn = []
    png = picture.png
    monkeypatch.setattr(picture, "png", lambda desk, one, *, ppi: (drawn.append(one), png(desk, one, ppi=ppi))[1])
    with open_project(town) as project:
        how = pipeline.Printing(units=("U001",))
        made = pipeline.share(project, tmp_path / "out", how, voice=project.profile.voice("zh"))
    files = [one for one in made.files if one.suffix == ".png"]
    assert [one.name for one in files] == ["U001.png"]
    for file, one in zip(files, drawn, strict=True):
        assert len(file.read_bytes()) <= picture.MOST_BYTES
        assert Image.open(io.BytesIO(file.read_bytes())).width == picture.WIDE_PX
        sizes = [int(size) for size in re.findall(r'font-size="(\d+)"', one.svg()) if size]
        assert min(sizes) >= picture.LEAST * 100


def test_numbers_of_buildings_are_short():
    buildings = pd.DataFrame({"building_id": list("abcd"), "name": ["3号楼", None, None, "Town Hall"],
                              "number": [None, "7", None, None], "mark": ["A-1", None, None, None]})  # fmt: skip
    addresses = pd.DataFrame({"building_id": ["c"] * 3, "house_number": ["10", "2", "4"]})
    told = sheets.called({"buildings": buildings, "addresses": addresses})
    assert told == {"a": "3", "b": "7", "c": "2–10", "d": "Town Hall"}


def test_nothing_to_print_is_told():
    with pytest.raises(InputError, match="no page"):
        press.pdf(None, [], title="empty")  # type: ignore[arg-type] # it is not reached
    assert book.Material().incidents.empty
