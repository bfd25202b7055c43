"""A roster that was written is a plan that can be read: the same buildings, stairwells and floors in the same units."""

import shutil
from pathlib import Path

import pytest
from estate import listed, take

from govmap import pipeline
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.messages import Voice
from govmap.project import Project, open_project

CONFIG = from_machine("en")


def homes(project: Project) -> dict[str, str]:
    """The code of the unit of each part that is a building's."""
    units = project.read("units", where={"plan_id": project.active_plan_id()})
    code = dict(zip(units["unit_id"], units["code"], strict=True))
    parts = project.read("parts").dropna(subset=["building_id"])["part_id"]
    return {str(part): code[unit] for part, unit in project.plan().parts.reindex(parts).items()}


def sheet(path: Path, wanted: str, folder: Path, language: str, ending: str = "xlsx") -> Path:
    with open_project(path) as project:
        voice = project.profile.voice(language)
        from govmap.pipeline import rosters

        file = folder / f"{wanted}.{ending}"
        rosters.export_list(project, wanted, file, "planner", internal=True, level=None, voice=voice)
    return folder / f"{wanted}.{ending}"


def back(path: Path, file: Path, language: str) -> pipeline.Report:
    reading = pipeline.Reading()
    return pipeline.import_table(path, "units", file, reading, config=CONFIG, voice=Voice(language))


@pytest.fixture(scope="module")
def made_towers(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The estate with 18 households a house, each house divided into parts of up to six, in units of up to 13."""
    path = Path(shutil.copy(made_home, tmp_path_factory.mktemp("towers") / "towers.gpkg"))
    rows = (f"幸福小区,{number}号楼,18" for number in range(1, 13))
    take(path, "residents", listed(path.with_name("r.csv"), "小区,楼号,户数", *rows))
    with open_project(path) as project:
        pipeline.cells(project, split_above=6, config=CONFIG)
        pipeline.delineate(project, Criteria(size=(5, 13)), config=CONFIG)
    return path


@pytest.fixture
def towers(made_towers: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made_towers, tmp_path / "towers.gpkg"))


@pytest.mark.parametrize(("language", "ending"), [("en", "xlsx"), ("zh", "xlsx"), ("en", "csv")])
def test_a_roster_comes_back_as_the_plan_that_it_was(towers: Path, tmp_path: Path, language: str, ending: str) -> None:
    with open_project(towers) as project:
        before = homes(project)
        several = project.read("parts").dropna(subset=["building_id"])
    split = several.groupby("building_id")["part_id"].agg(lambda held: len({before[one] for one in held}))
    assert (split > 1).any()  # a building in several units, told by its stairwells and floors
    report = back(towers, sheet(towers, "roster", tmp_path, language, ending), language)
    assert report.figures["rows_in"] == report.figures["rows_kept"] + report.figures["rows_rejected"]
    assert set(report.figures["reasons"]) <= {"total_row"}
    with open_project(towers) as project:
        assert homes(project) == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_for_what_units_cover_come_back_where_buildings_have_numbers(
    towers: Path, tmp_path: Path, language: str
) -> None:
    with open_project(towers) as project:
        before = homes(project)
        pipeline.form(project, "buildings", tmp_path / "form.xlsx", voice=Voice(language))
    report = back(towers, sheet(towers, "unit_roster", tmp_path, language), language)
    assert report.figures["units_lost"] == 0
    with open_project(towers) as project:
        after = homes(project)
    assert after == before


def test_an_export_of_units_alone_is_refused_in_words_that_say_what_helps(towers: Path, tmp_path: Path) -> None:
    from govmap.errors import TableError

    file = tmp_path / "units.csv"
    file.write_text("plan_id,unit_id,parent_unit_id,households\np1,u1,,5\n", "utf-8")
    with pytest.raises(TableError, match="export of units without their ground"):
        back(towers, file, "en")
