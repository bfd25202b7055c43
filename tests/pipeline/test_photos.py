"""Photos of those who answer: small, upright, without what a camera writes in them, and gone with their worker."""

import io

import pandas as pd
import pytest
from PIL import Image

from govmap import pipeline
from govmap.errors import InputError
from govmap.pipeline import photos, printed
from govmap.project import open_project

SECRET = "CAMERA-4711"


@pytest.fixture
def staffed(town):
    """The town with two people, one of whom answers for a unit for certain, the other only by proposal."""
    with open_project(town) as project, project.change("test") as change:
        plan, units = project.active_plan_id(), project.read("units")
        units = units[units["plan_id"] == plan]["unit_id"].tolist()
        workers = {"worker_id": ["k1", "k2"], "name": ["Ann Sure", "Bob Perhaps"], "office_phone": ["000-1", "000-2"]}
        change.session.append("workers", pd.DataFrame(workers))
        duties = {"worker_id": ["k1", "k2"], "plan_id": plan, "unit_id": units[:2], "role": "head"}
        change.session.append("duties", pd.DataFrame(duties | {"state": ["fixed", "proposed"]}))
    return town, units[0], units[1]


@pytest.fixture
def picture(tmp_path):
    """A wide picture with the name of a camera and a place in it, lying on its side."""
    notes = Image.Exif()
    notes[0x010F], notes[0x0112] = SECRET, 6
    notes[0x8825] = {1: "N", 2: (31.0, 12.0, 5.0)}
    path = tmp_path / "张三 (1).jpg"
    Image.new("RGB", (1200, 800), "#88aacc").save(path, exif=notes)
    return path


def test_a_photo_is_kept_small_and_without_what_the_camera_wrote(staffed, picture):
    path, unit, _ = staffed
    with open_project(path) as project:
        pipeline.photo(project, "Ann Sure", picture)
        rows = project.read("attachments")
        people, _ = printed.answering(printed.office(project), public=True)
    (content,) = rows["content"]
    assert SECRET.encode() not in bytes(content)
    with Image.open(io.BytesIO(bytes(content))) as kept:
        assert kept.size == (photos.WIDE_PX, photos.HIGH_PX)
        assert not kept.getexif()
    assert len(content) < 30_000
    assert people[unit][0].photo == bytes(content)
    assert SECRET.encode() not in path.read_bytes()


def test_a_board_names_nobody_who_is_only_proposed(staffed):
    path, unit, other = staffed
    with open_project(path) as project:
        inside = printed.office(project)
        public, untold = printed.answering(inside, public=True)
        office, _ = printed.answering(inside, public=False)
        with project.change("test") as change:
            plans = change.session.read("plans", columns=["plan_id"])
            change.session.upsert("plans", plans.assign(status="on_notice"))
        noticed, none = printed.answering(printed.office(project), public=True)
    assert public[unit][0].name == "Ann Sure"
    assert other not in public
    assert untold == {other}
    assert office[other][0].name == noticed[other][0].name == "Bob Perhaps"
    assert not none


def test_a_photo_can_be_taken_away_and_goes_with_the_list_of_workers(staffed, picture):
    path, *_ = staffed
    with open_project(path) as project:
        pipeline.photo(project, "k1", picture)
        pipeline.photo(project, "k1", remove=True)
        assert project.read("attachments").empty
        pipeline.photo(project, "k1", picture)
        pipeline.photo(project, "k2", picture)
        pipeline.forget(project, "workers")
        assert project.read("attachments").empty


@pytest.mark.parametrize(
    ("content", "told"), [(b"no picture", "no picture"), (b"", "no picture"), (None, "no such file")]
)
def test_what_is_no_picture_is_told(staffed, tmp_path, content, told):
    path, *_ = staffed
    file = tmp_path / "face.jpg"
    if content is not None:
        file.write_bytes(content)
    with open_project(path) as project:
        with pytest.raises(InputError, match=told):
            pipeline.photo(project, "k1", file)
        with pytest.raises(InputError, match="is wanted"):
            pipeline.photo(project, "k1")
        with pytest.raises(InputError, match="not in the list"):
            pipeline.photo(project, "nobody", file)
