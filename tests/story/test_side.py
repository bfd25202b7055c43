"""Every register of the real world that lies beside the extracts goes in by one command, and no row is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.messages import Voice
from govmap.pipeline.report import Report
from govmap.project import open_project

INCIDENTS, NEIGHBOURHOODS, PATROLS = (
    "baltimore_incidents_2021.csv",
    "baltimore_neighborhoods.geojson",
    "baltimore_foot_patrol_areas.geojson",
)
ELSEWHERE = (
    ("berkeley_311_requests.geojson", "incidents", 2341),
    ("sf_demand_205_tracts.csv", "residents", 205),
    ("sf_stores_16.csv", "resources", 16),
    ("porto_alegre_hexgrid.csv", "residents", 1227),
)


@pytest.fixture(scope="module")
def town(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give the project of an extract, fetched once."""
    made: dict[str, Path] = {}

    def fetched(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name) / f"{name}.gpkg"
            source = pipeline.Source(osm=shared / "data" / f"{name}.osm.pbf", whole=True)
            pipeline.fetch(made[name], source, config=from_machine("en"))
        return made[name]

    return fetched


def brought(project: Path, table: str, file: Path) -> Report:
    said = {"config": from_machine("en"), "voice": Voice("en")}
    report = pipeline.import_table(project, table, file, pipeline.Reading(), **said)
    figures = report.figures
    assert figures["rows_in"] == figures["rows_kept"] + figures["rows_rejected"]
    assert sum(figures["reasons"].values()) == figures["rows_rejected"]
    return report


def stored(project: Path, table: str, report: Report) -> int:
    with open_project(project) as opened:
        assert (
            opened.store.count("rejects", where={"import_id": report.figures["import_id"]})
            == (report.figures["rows_rejected"])
        )
        return opened.store.count(table, where={"import_id": report.figures["import_id"]})


def test_incidents_and_areas_of_a_city_go_in_whole(shared: Path, town: Callable[[str], Path]) -> None:
    side, project = shared / "data" / "side", town("baltimore_downtown")
    for file, table, rows in ((INCIDENTS, "incidents", 15_167), (NEIGHBOURHOODS, "communities", 278)):
        report = brought(project, table, side / file)
        assert (report.figures["rows_kept"], report.figures["reasons"]) == (rows, {})
        assert stored(project, table, report) == rows


def test_areas_of_patrols_become_a_plan_with_overlaps_and_gaps_told(shared: Path, town: Callable[[str], Path]) -> None:
    project = town("baltimore_downtown")
    report = brought(project, "units", shared / "data" / "side" / PATROLS)
    assert (report.figures["rows_kept"], report.figures["reasons"]) == (118, {})
    with open_project(project) as opened:
        parts = opened.read("parts")
        placed = opened.read("plan_parts", where={"plan_id": report.figures["plan"]})
    assert sorted(placed["part_id"]) == sorted(parts["part_id"])
    assert report.figures["gaps"] > 0
    assert "former_overlap" in {told.key for told in report.warnings}
    assert [file.name for file in report.files if file.name.endswith(".findings.xlsx")]


def test_people_of_a_grid_go_in_whole(shared: Path, town: Callable[[str], Path]) -> None:
    project = town("helsinki_center")
    report = brought(project, "residents", shared / "data" / "side" / "helsinki_population_grid_2020.gpkg")
    assert (report.figures["rows_kept"], report.figures["reasons"]) == (92, {})
    with open_project(project) as opened:
        assert int(opened.read("residents")["people"].sum()) == 71_724


def test_of_places_named_twice_one_goes_in(shared: Path, town: Callable[[str], Path]) -> None:
    project = town("shanghai_lujiazui_tilezen")
    report = brought(project, "resources", shared / "data" / "side" / "shanghai_lujiazui_pois_tilezen.geojson")
    assert (report.figures["rows_kept"], report.figures["reasons"]) == (493, {"duplicate_id": 1})
    assert stored(project, "resources", report) == 493


@pytest.mark.parametrize(("file", "table", "rows"), ELSEWHERE)
def test_rows_of_another_city_come_back_with_one_reason(
    file: str, table: str, rows: int, shared: Path, town: Callable[[str], Path]
) -> None:
    project = town("helsinki_center")
    report = brought(project, table, shared / "data" / "side" / file)
    assert report.figures["reasons"] == {"far": rows}
    assert stored(project, table, report) == 0
    assert len(report.warnings) == 1
    assert report.files[0].name == report.figures["rejects"]
