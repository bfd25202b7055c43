"""Assessing a project: what is stored, said and refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import estate
import pandas as pd
import pytest
import shapely

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.config import from_machine
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline.reaching import reached
from govmap.project import Project, open_project

CONFIG = from_machine("en")
STANDARD = '[clinic]\ncategory = "clinic"\ndistance_m = {metres}\nsource = "ours"\n'


def _assess(project: Project, **how: Any) -> pipeline.Report:
    report = pipeline.assess(project, **{"only": "gaps", "config": CONFIG, **how})
    for language in ("en", "zh"):  # every sentence stands in both languages
        voice = project.profile.voice(language)
        assert all(voice.tell(one) for one in (*report.shown, *report.notes, *report.warnings))
    json.dumps(report.figures, default=str)
    return report


def _own(folder: Path, metres: float) -> str:
    path = folder / "own.toml"
    path.write_text(STANDARD.format(metres=metres), "utf-8")
    return str(path)


@pytest.fixture(scope="module")
def assessed(divided_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, held against the Chinese circle; not to be changed by a test."""
    path = Path(shutil.copy(divided_sample, tmp_path_factory.mktemp("assessed") / "town.gpkg"))
    with open_project(path) as project:
        _assess(project, standards=["cn_15min"])
    return path


def test_gaps_of_every_unit_and_standard_are_stored_and_hold_the_rules(assessed: Path) -> None:
    with open_project(assessed) as project:
        gaps, units = project.read("gaps"), project.read("units")
        assert set(gaps["unit_id"]) <= set(units["unit_id"])
        assert gaps["standard"].str.startswith("cn_15min/").all()
        assert gaps["standard"].nunique() > 20
        assert findings(project.reading(*NEEDED)) == []
        everyone = gaps[gaps["standard"] == "cn_15min/shop"]
        homes = project.read("units").set_index("unit_id")["residents"]
        assert (everyone.set_index("unit_id")["people"] == homes.reindex(everyone["unit_id"])).all()


def test_the_ranks_of_a_level_count_up_from_one(assessed: Path) -> None:
    with open_project(assessed) as project:
        gaps = project.read("gaps").dropna(subset="rank").sort_values("rank")
    assert gaps["rank"].tolist() == list(range(1, len(gaps) + 1))
    none = gaps[gaps["reason"] == "none"]
    assert none["people_short"].is_monotonic_decreasing


def test_reach_is_the_way_to_the_nearest_site_and_sites_beyond_the_boundary_serve(assessed: Path) -> None:
    with open_project(assessed) as project:
        reach, resources = project.read("reach"), project.read("resources").set_index("resource_id")
        cells = project.read("cells").set_index("cell_id")
    used = resources.loc[reach["site_id"].unique()]
    assert used["cell_id"].isna().any()
    straight = shapely.distance(
        cells.loc[reach["cell_id"], "geometry"].to_numpy(), resources.loc[reach["site_id"], "geometry"].to_numpy()
    )
    points = ~reach["category"].isin(["park", "sports", "playground"]).to_numpy()  # entered along their edge
    assert (straight[points] <= reach["distance_m"].to_numpy()[points] + 1e-6).all()


def test_a_kind_that_is_listed_nowhere_is_told_and_nobody_is_judged_by_it(assessed: Path) -> None:
    with open_project(assessed) as project:
        rows = project.read("gaps").set_index("standard").loc[["cn_15min/police"]]
        assert (rows["reason"] == "unlisted").all()
        assert rows["people_short"].isna().all()
        report = _assess(project, standards=["cn_15min"], categories=["派出所"], complete=["police"])
        rows = project.read("gaps").set_index("standard").loc[["cn_15min/police"]]
    assert (rows["reason"] == "none").all()
    assert (rows["people_short"] == rows["people"]).all()
    assert report.figures["gaps"]["unlisted"] == []


def test_asking_for_one_kind_leaves_the_other_gaps_as_they_were(town: Path) -> None:
    with open_project(town) as project:
        _assess(project, standards=["cn_15min"])
        before = project.read("gaps")
        _assess(project, standards=["cn_15min"], categories=["clinic"])
        after = project.read("gaps")
    assert before.equals(after)


def test_assessing_twice_gives_the_same_tables(town: Path) -> None:
    with open_project(town) as project:
        tables = []
        for _ in range(2):
            _assess(project)
            tables.append([project.read(table).to_json() for table in ("reach", "gaps", "norms")])
    assert tables[0] == tables[1]


def test_a_moment_asks_for_what_is_open_then(town: Path, tmp_path: Path) -> None:
    own = _own(tmp_path, 2_000)
    with open_project(town) as project:
        _assess(project, standards=[own], at="Mon 10:00")
        assert (project.read("gaps")["people_short"] == 0).all()
        report = _assess(project, standards=[own], at="周日 20:00")
        gaps = project.read("gaps")
        assert (gaps["reason"] == "closed").all()
        assert (gaps["people_short"] == gaps["people"]).all()
        assert json.loads(project.fact("assessed") or "")["at"] == report.figures["gaps"]["at"]
        assert {"assess_at", "assess_stored_at"} <= {one.key for one in (*report.shown, *report.warnings)}


def test_figures_carry_source_mark_and_caveat(town: Path) -> None:
    with open_project(town) as project:
        report = _assess(project, standards=["cn_15min"])
    told = {one["standard"]: one for one in report.figures["gaps"]["standards"]}
    assert all(one["source"]["zh"] and one["clause"] and "verified" in one for one in told.values())
    keys = {one.key for one in report.notes}
    assert {"assess_sources", "assess_source", "assess_caveat"} <= keys
    voice = Voice("zh")
    marked = [one for one in report.shown if one.key == "assess_total" and "*" in voice.tell(one)]
    assert len(marked) > 5


def test_without_a_plan_the_community_as_a_whole_is_told(home: Path) -> None:
    with open_project(home) as project:
        with project.change("test") as change:
            change.unset("active_plan_id")
        report = _assess(project)
        assert project.read("gaps").empty
    assert "assess_no_plan" in {one.key for one in report.shown}


def test_a_project_without_streets_or_places_says_so_and_judges_nobody(home: Path) -> None:
    with open_project(home) as project:
        report = _assess(project)
        gaps = project.read("gaps")
    assert report.figures["gaps"]["walks_estimated"]
    assert (gaps["reason"] == "unlisted").all()
    assert {"walk_no_streets", "assess_unlisted"} <= {one.key for one in report.warnings}


def test_a_project_without_anybody_has_no_gaps(tmp_path: Path) -> None:
    path = tmp_path / "empty.gpkg"
    ground = estate.shape(estate.box(estate.LON, estate.LAT, 0.001, 0.001), name="空")
    estate.take(path, "communities", estate.layer(tmp_path / "ground.geojson", ground))
    with open_project(path) as project:
        report = _assess(project)
        assert project.read("gaps").empty
    assert report.ok


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"only": "everything"}, "assess_no_part"),
        ({"standards": ["mars"]}, "standard_unknown"),
        ({"categories": ["castle"]}, "assess_no_category"),
        ({"categories": ["bank"], "standards": ["cn_15min"]}, "assess_no_standard_for"),
        ({"complete": ["castle"]}, "assess_no_category"),
        ({"at": "sometime"}, "hours_bad_moment"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(home: Path, how: dict[str, Any], code: str) -> None:
    with open_project(home) as project, pytest.raises(InputError) as error:
        _assess(project, **how)
    assert error.value.code == code
    for language in ("zh", "en"):
        assert error.value.hint(Voice(language))


def test_open_ground_is_entered_along_its_edge(town: Path) -> None:
    with open_project(town) as project:
        found = reached(project, ["cn_15min"], categories=["park"])
        shapes = project.read("features").set_index("feature_id")["geometry"]
    row = int(found.sites.index[found.sites["osm_id"].isin(shapes.index)][0])
    stop = found.stops.take([row])
    doors = shapely.points(stop.door)
    edge = shapely.boundary(shapes[found.sites.loc[row, "osm_id"]])
    assert len(doors) > 3
    assert (shapely.distance(doors, edge) < 1e-6).all()


def test_supply_is_told_where_sites_say_how_many_they_take(town: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    places = 'places = { amount = 900, per = 1000, unit = "places" }\n'
    own.write_text('[x]\ncategory = "elder_care"\ndistance_m = 2000\nwhom = "age_60_plus"\n' + places, "utf-8")
    with open_project(town) as project:
        report = _assess(project, standards=[str(own)])
        gaps = project.read("gaps")
    (told,) = report.figures["gaps"]["standards"]
    assert told["supply"]["places"] == pytest.approx(25.0)
    assert told["by_reason"]["full"] == told["people_short"] > 0
    assert (gaps["reason"] == "full").all()
    assert gaps["people_short"].sum() == pytest.approx(told["people"] - 25 / 0.9, abs=1)
    assert (pd.to_numeric(gaps["places_a_thousand"]) < 900).all()


def test_an_extract_cut_at_its_edge_is_told(town: Path) -> None:
    with open_project(town) as project:
        assert "assess_no_surroundings" not in {one.key for one in _assess(project).notes}
        with project.change("test") as change:
            change.session.delete("resources", where={"cell_id": None})
        assert "assess_no_surroundings" in {one.key for one in _assess(project).notes}
