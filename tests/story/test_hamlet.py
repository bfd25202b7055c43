"""The hamlet of the documentation: gaps, sites, loads and matches are what an eye counts on its drawing."""

import re
import shutil
from pathlib import Path

import hamlet
import pytest

from govmap import pipeline
from govmap.messages import Voice
from govmap.project import Project, open_project

DOCS = Path(__file__).resolve().parents[2] / "docs"
STANDARD = "cn_15min/health_station"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = hamlet.build(tmp_path_factory.mktemp("hamlet"))
    with open_project(path) as project:
        pipeline.assess(project, standards=("cn_15min",), categories=("clinic",), voice=Voice("en"))
        pipeline.match(project)
    return path


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Project:
    with open_project(Path(shutil.copy(made, tmp_path / "hamlet.gpkg"))) as opened:
        yield opened


def _rows(heading: str) -> dict[str, list[str]]:
    """Read the table that follows a bold heading of the page: the name of each row and its other cells."""
    text = (DOCS / "hamlet.md").read_text("utf-8")
    rows = re.findall(r"^\|(.+)\|$", text[text.index(f"**{heading}") :].split("\n\n**")[0], re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows[2:]]
    return {row[0]: row[1:] for row in cells}


def _named(project: Project) -> dict[str, str]:
    units = project.read("units")
    return dict(zip(units["unit_id"], units["name"], strict=True))


def test_the_drawing_of_the_page_is_this_hamlet() -> None:
    assert (DOCS / "hamlet.svg").read_text("utf-8") == hamlet.drawing()


def test_walks_lead_along_the_streets_and_over_the_bridge(project: Project) -> None:
    walks = project.read("reach").set_index("cell_id")["distance_m"]
    assert walks["N3"] == pytest.approx(290)
    assert walks["S1"] == pytest.approx(210)
    assert walks["S2"] == pytest.approx(310)


def test_people_short_are_those_counted_on_the_page(project: Project) -> None:
    names, gaps = _named(project), project.read("gaps")
    gaps = gaps[gaps["standard"] == STANDARD]
    found = {
        names[one.unit_id]: [str(one.people), str(one.people_short), f"{one.distance_m:.0f} m"]
        for one in gaps.itertuples()
    }
    assert found == _rows("Gaps")
    assert set(gaps["reason"]) == {"none"}


def test_the_halls_would_reach_whom_the_page_says(project: Project) -> None:
    sites = project.read("sites").sort_values("rank")
    assert sites["name"].tolist() == ["South hall", "North hall"]
    assert sites["gain"].tolist() == [240, 150]
    assert sites["people_covered"].tolist() == [240, 390]


def test_loads_are_those_counted_on_the_page(project: Project) -> None:
    names = _named(project)
    hours = project.read("loads").pivot_table(index="unit_id", columns="item", values="hours", aggfunc="sum")
    found = {
        names[unit]: [f"{row[item]:.2f}" for item in ("households", "patrol", "travel")]
        for unit, row in hours.iterrows()
    }
    assert found == _rows("Load")


def test_the_canteen_feeds_the_two_nearest(project: Project) -> None:
    matches = project.read("matches")
    found = dict(zip(matches["need_id"], matches["cost_m"], strict=True))
    assert found == {"meal for S4": pytest.approx(90), "meal for S6": pytest.approx(190)}
