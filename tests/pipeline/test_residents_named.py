"""Residents by name stand on the sheet that is carried, where somebody asked for that, and nowhere else."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import estate
import pytest
from estate import listed, take

from govmap import pipeline
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline.printing import KINDS
from govmap.project import open_project
from govmap.render.atlas import fonts, press

pytestmark = pytest.mark.skipif(fonts.family() is None, reason="needs a font that sheets are written in")

PEOPLE = {"龚小满": "幸福小区1号楼101室", "欧阳若水": "幸福小区2号楼202室", "宇文子规": "幸福小区11号楼301室"}


@pytest.fixture(scope="module")
def made_named(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The estate with a list of three persons kept beside it; not to be changed by a test."""
    folder = tmp_path_factory.mktemp("named")
    path = Path(shutil.copy(made_home, folder / "home.gpkg"))
    rows = (f"{name},{place},1960-05-0{at},本人" for at, (name, place) in enumerate(PEOPLE.items(), 1))
    listing = listed(folder / "list.csv", "姓名,地址,出生日期,与户主关系", *rows)
    take(path, "residents", listing, keep_persons=True)
    estate.attach(path)
    return path


@pytest.fixture
def named(made_named: Path, tmp_path: Path) -> Path:
    """A copy of both files that a test may change."""
    shutil.copy(made_named.with_name("home.persons.gpkg"), tmp_path)
    return Path(shutil.copy(made_named, tmp_path))


def printed(path: Path, output: Path, **how) -> pipeline.Report:
    with open_project(path) as project:
        return pipeline.atlas(project, output, pipeline.Printing(**how), voice=Voice("zh"))


def unit_of(path: Path, building: str) -> str:
    with open_project(path) as project:
        parts = project.read("parts").merge(project.read("plan_parts"), on="part_id")
        units = project.read("units").set_index("unit_id")["code"]
    return str(units[parts.loc[parts["building_id"] == building, "unit_id"].iloc[0]])


CARRY = {"kind": "carry", "internal": True, "with_names": True}


def test_names_stand_on_stamped_pages_of_their_unit_and_in_no_other_file(named, tmp_path, written, monkeypatch):
    monkeypatch.setattr(press, "AT_ONCE", 1)
    seen: set[str] = set()
    parts = press._parts
    monkeypatch.setattr(press, "_parts", lambda *words: (seen.update(lying(tmp_path)) or one for one in parts(*words)))
    out, first = tmp_path / "out" / "a.pdf", unit_of(named, "h1")
    report = printed(named, out, units=(first, unit_of(named, "h11")), **CARRY)
    telling = {at: [one for one in PEOPLE if one in page] for at, page in enumerate(written)}
    assert sorted(one for some in telling.values() for one in some) == sorted(PEOPLE)
    assert all("内部使用 · 含居民姓名" in page for page in written)
    mine = next(written[at] for at, some in telling.items() if "龚小满" in some)
    assert any(first in one and "居民" in one for one in mine)
    assert report.figures["residents_named"] == len(PEOPLE)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert seen == {"home.persons.gpkg"}
    assert lying(tmp_path) == ["home.persons.gpkg"]
    with open_project(named) as project:
        reads = [row for row in project.read("audit")["read"] if row]
        assert {"persons": len(PEOPLE)} in reads
        assert not re.search("|".join(PEOPLE), project.read("audit").to_csv())


def lying(folder: Path) -> list[str]:
    """Name the files in which a name stands, and chapters of sheets, whose pages are pressed together."""
    files = [one for one in folder.rglob("*") if one.is_file()]
    telling = [one.name for one in files if any(name.encode() in one.read_bytes() for name in PEOPLE)]
    return sorted([*telling, *(one.name for one in files if one.suffix == ".pdf" and one.parent.name != "out")])


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
def test_without_being_asked_no_sheet_names_anybody(named, tmp_path):
    for how in ({"kind": "carry", "internal": True}, {"kind": "door", "internal": True}):
        printed(named, tmp_path / "a.pdf", **how)
        told = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, check=True).stdout.decode()
        assert [one for one in PEOPLE if one in told] == []


def test_no_other_kind_of_sheet_may_name_residents_nor_a_picture_for_the_group_chat(named, tmp_path):
    for kind in set(KINDS) - {"carry"}:
        with pytest.raises(InputError, match="carry"):
            printed(named, tmp_path / "a.pdf", kind=kind, internal=True, with_names=True)
    with open_project(named) as project, pytest.raises(InputError, match="carry"):
        pipeline.share(project, tmp_path / "out", pipeline.Printing(with_names=True), voice=Voice("zh"))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home.gpkg", "home.persons.gpkg"]


def test_names_are_for_the_office_alone(named, tmp_path):
    with pytest.raises(InputError, match="internal"):
        printed(named, tmp_path / "a.pdf", kind="carry", with_names=True)


def test_where_no_persons_are_kept_this_is_told(home, tmp_path):
    with pytest.raises(InputError, match=r"persons\.gpkg"):
        printed(home, tmp_path / "a.pdf", **CARRY)


def test_a_project_that_can_only_be_read_names_nobody(named, tmp_path, monkeypatch):
    with open_project(named) as project:
        monkeypatch.setattr(type(project.store), "read_only", True)
        with pytest.raises(InputError, match="only be read"):
            pipeline.atlas(project, tmp_path / "a.pdf", pipeline.Printing(**CARRY), voice=Voice("zh"))
