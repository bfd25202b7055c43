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
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline import changing, comparing, printed, printing, sheets
from govmap.project import open_project, plan_of
from govmap.render.atlas import book, fonts, picture, press

pytestmark = pytest.mark.skipif(fonts.family() is None, reason="needs a font that sheets are written in")


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770000000")


def atlas(path: Path, output: Path, language: str = "en", **how):
    with open_project(path) as project:
        voice = project.profile.voice(language)
        return pipeline.atlas(project, output, pipeline.Printing(**how), voice=voice)


def test_every_page_is_there_once_and_numbered_and_contents_name_where_units_begin(town, tmp_path, written):
    made = atlas(town, tmp_path / "a.pdf", units=("U001", "U002", "U003", "U004"))
    with pikepdf.open(tmp_path / "a.pdf") as found:
        assert len(found.pages) == made.figures["pages"] == len(written)
        assert str(found.Root.Lang) == "en"
        with found.open_outline() as outline:
            assert [one.title for one in outline.root][:2] == ["Overview", "unit U001"]
        assert found.docinfo["/Title"]
    assert [f"page {at} of {len(written)}" in page for at, page in enumerate(written, 1)] == [True] * len(written)
    assert len({tuple(page) for page in written}) == len(written)
    contents = written[0][written[0].index("Contents") :]
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


INTERNAL = {
    "buildings": ("building_id", ("reason", "osm_id", "outline_source")),
    "resources": ("resource_id", ("contact_role", "address")),
    "incidents": ("incident_id", ("category", "responsible", "address", "external_no")),
    "units": ("unit_id", ("out_of_band_reason",)),
    "workers": ("worker_id", ("name", "office_phone", "organisation")),
}


@pytest.mark.parametrize("kind", ["board", "wall", "picture"])
def test_what_hangs_in_public_tells_no_value_that_is_the_offices_own(town, tmp_path, written, kind, monkeypatch):
    with open_project(town) as project, project.change("test") as change:
        change.session.append("workers", pd.DataFrame({"worker_id": ["k1"], "name": ["nobody's"]}))
        for table, (key, names) in INTERNAL.items():
            keys = [key, "plan_id"] if table == "units" else [key]
            rows = change.session.read(table, columns=keys)
            assert len(rows)
            change.session.upsert(table, rows.assign(**{name: f"SECRET{at}" for at, name in enumerate(names)}))
    png = picture.png
    monkeypatch.setattr(
        picture, "png", lambda desk, one, *, ppi: (written.append(one.texts), png(desk, one, ppi=ppi))[1]
    )
    if kind == "picture":
        with open_project(town) as project:
            pipeline.share(project, tmp_path / "out", pipeline.Printing(units=("U001",)), voice=Voice("en"))
    else:
        atlas(town, tmp_path / "a.pdf", kind=kind, units=("U001", "U005"), paper="a3")
    assert len([text for page in written for text in page]) > 20
    assert [text for page in written for text in page if "SECRET" in text] == []


def test_a_wall_map_lists_every_unit(town, tmp_path, written):
    atlas(town, tmp_path / "a.pdf", kind="wall", paper="a3")
    with open_project(town) as project:
        codes = set(project.read("units")["code"])
    assert codes <= {text for page in written for text in page}


@pytest.fixture
def twice_divided(town):
    """The town with a second plan, of larger units, that came from the first."""
    with open_project(town) as project:
        before = project.active_plan_id()
        pipeline.delineate(project, Criteria(size=(60, 120)), keep="active", config=from_machine("en"))
    return town, before


def test_a_notice_tells_of_each_building_what_compare_counts(twice_divided, tmp_path, written):
    path, before = twice_divided
    made = atlas(path, tmp_path / "a.pdf", kind="change", former=before)
    with open_project(path) as project:
        told = pipeline.compare(project, before, "active", voice=Voice("en"))
        parts, both = project.read("parts"), project.read("plan_parts")
        with project.store.reading() as session:
            plans = [plan_of(session, one) for one in (before, project.active_plan_id())]
            empty = pd.DataFrame({"part_id": pd.Series([], dtype=object)})
            pairs = comparing.compared(session, *plans, project.edition, empty).moves
    same = {(row.unit_before, row.unit_after) for row in pairs.itertuples() if row.same}
    was, now = (both[both["plan_id"] == one].set_index("part_id")["unit_id"] for one in (before, plans[1].plan_id))
    parts = parts.dropna(subset="building_id").set_index("part_id")
    moving = {parts["building_id"][one] for one in parts.index if (was.get(one), now.get(one)) not in same}
    assert told.figures["parts_moved"] == sum((was.get(one), now.get(one)) not in same for one in was.index) > 0
    former, named = former_buildings(path, before)
    assert {building for (building, _), one in former.items() if one.moved} == moving
    texts = {text for page in written for text in page}
    told = [", ".join(one.codes) for (building, _), one in former.items() if one.moved and building in named]
    assert set(filter(None, told)) <= texts
    assert made.figures["pages"] == len(written)


def former_buildings(path, before):
    with open_project(path) as project:
        how = pipeline.Printing(kind="change")
        released, inside = printing.released_of(project, how), printed.office(project)
        desk = printing.desk_of(project, released, inside, how, Voice("en"))
        rows = desk.rows[desk.rows["building"].notna() | desk.rows["address"].notna()]
        return changing.former_of(project, desk, before).buildings, set(rows["building_id"])


@pytest.fixture
def mainland(home):
    """An estate of the mainland, whose public sheets say not where they lie; somebody answers for the first unit."""
    with open_project(home) as project, project.change("test") as change:
        assert project.profile.name == "cn"
        plan, units = project.active_plan_id(), project.read("units").sort_values("code")
        change.session.append("workers", pd.DataFrame({"worker_id": ["k1"], "name": ["秦守诚"], "office_phone": ["1"]}))
        duty = {"worker_id": ["k1"], "plan_id": plan, "unit_id": units["unit_id"].head(1), "role": "网格员"}
        change.session.append("duties", pd.DataFrame(duty | {"state": "fixed"}))
    return home, units["code"].iloc[0]


def test_where_sheets_say_not_where_they_lie_boards_still_name_who_answers(mainland, tmp_path, written):
    path, first = mainland
    made = atlas(path, tmp_path / "a.pdf", "zh", worker="k1")
    assert made.figures["units"] == made.figures["people_named"] == 1
    assert any(first in text for text in written[0])
    assert any("秦守诚" in text for text in written[0])


def test_and_a_notice_still_tells_what_goes_on(mainland, tmp_path, written):
    path, first = mainland
    with open_project(path) as project:
        before = project.active_plan_id()
        pipeline.delineate(project, Criteria(size=(20, 61)), keep="active", config=from_machine("en"))
        assert project.active_plan_id() != before
        how = pipeline.Printing(kind="change")
        released, inside = printing.released_of(project, how), printed.office(project)
        desk = printing.desk_of(project, released, inside, how, Voice("zh"))
        former = changing.former_of(project, desk, before).buildings
    known = set(zip(desk.rows["building_id"], desk.rows["unit_id"], strict=True))
    assert known <= set(former)
    assert not any(one.moved for one in former.values())
    assert first in {code for one in former.values() for code in one.codes}


def test_without_a_plan_before_there_is_no_notice(town, tmp_path):
    with pytest.raises(InputError, match="from which things change"):
        atlas(town, tmp_path / "a.pdf", kind="change")


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


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Kingfisher Hall", "Kingfisher Hall"),
        ("新华社区卫生服务中心", "新华社区卫生服务中心"),
        ("Worshipful Weavers and Clothworkers Hall", "Worshipful Weavers and…"),
        ("国家级历史文化街区保护与更新示范片区", "国家级历史文化街区保护与更…"),
        ("香港文化中心 Hong Kong Cultural Centre", "香港文化中心"),
    ],
)
def test_names_are_whole_on_maps_or_end_after_a_word(name, told):
    buildings = pd.DataFrame({"building_id": ["a"], "name": [name]})
    assert sheets.called({"buildings": buildings}) == {"a": told}


def test_nothing_to_print_is_told():
    with pytest.raises(InputError, match="no page"):
        press.pdf(None, [], Path("none.pdf"), title="empty")  # type: ignore[arg-type] # it is not reached
    assert book.Material().incidents.empty
