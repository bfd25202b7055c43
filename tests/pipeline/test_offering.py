"""What the map data changed is offered one by one: nothing is taken in unasked, and what is refused stays away."""

import shutil
from pathlib import Path

import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.errors import InputError
from govmap.pipeline import describing, drawing, handmade, offering
from govmap.project import Project, open_project
from govmap.sources import sample

CONFIG = from_machine("en")


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An extract in which one building of the sample is called otherwise and one is gone."""
    import re

    made = sample.write(tmp_path_factory.mktemp("newer"), language="en")
    text = made.osm.read_text("utf-8")
    ways = re.findall(r'<way id="(\d+)"[^>]*>(?:(?!</way>).)*<tag k="building"(?:(?!</way>).)*</way>', text, re.DOTALL)
    gone = ways[5]
    text = re.sub(rf'<way id="{gone}"(?:(?!</way>).)*</way>', "", text, flags=re.DOTALL)
    text = re.sub(
        rf'(<way id="{ways[8]}"(?:(?!</way>).)*?)<tag k="building" v="[^"]*"/>',
        r'\1<tag k="building" v="school"/>',
        text,
        flags=re.DOTALL,
    )
    made.osm.write_text(text, "utf-8")
    (made.osm.parent / "ids.txt").write_text(f"w{gone} w{ways[8]}", "utf-8")
    return made.osm


@pytest.fixture(scope="module")
def looked_at(divided_sample: Path, newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample after it was compared with that extract."""
    path = Path(shutil.copy(divided_sample, tmp_path_factory.mktemp("looked") / "town.gpkg"))
    with open_project(path) as project:
        before = project.read("buildings").to_json()
        looked(project, newer)
        assert project.read("buildings").to_json() == before  # nothing else is written
    return path


@pytest.fixture
def offered(looked_at: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(looked_at, tmp_path / "town.gpkg"))


def opened(project: Project) -> list[dict[str, object]]:
    found: list[dict[str, object]] = offering.listed(project).figures["offers"]
    return found


def looked(project: Project, newer: Path) -> list[dict[str, object]]:
    offering.look(project, pipeline.Source(osm=newer), config=CONFIG)
    found: list[dict[str, object]] = offering.listed(project).figures["offers"]
    return found


def test_differences_are_listed_by_their_kind(offered: Path, newer: Path) -> None:
    gone, other = (newer.parent / "ids.txt").read_text("utf-8").split()
    with open_project(offered) as project:
        offers = {one["building_id"]: one["kind"] for one in opened(project)}
        assert offers == {gone: "gone", other: "retagged"}  # nothing of which nothing would come


def test_an_offer_is_taken_in_alone_and_can_be_taken_back(offered: Path, newer: Path) -> None:
    gone, other = (newer.parent / "ids.txt").read_text("utf-8").split()
    with open_project(offered) as project:
        use = project.read("buildings").set_index("building_id")["use"][other]
        offers = {one["building_id"]: one["offer_id"] for one in opened(project)}
        offering.take(project, [offers[gone]])
        rows = project.read("buildings").set_index("building_id")
        assert rows["status"][gone] == "demolished"
        assert rows["use"][other] == use
        handmade.undo(project)
        assert project.read("buildings").set_index("building_id")["status"][gone] != "demolished"
        assert offering.listed(project).figures["count"] == len(offers)
        offering.take(project, [offers[other]])
        assert project.read("buildings").set_index("building_id")["use"][other] == "school"


def test_what_is_refused_does_not_come_again_while_the_map_says_the_same(offered: Path, newer: Path) -> None:
    gone, _ = (newer.parent / "ids.txt").read_text("utf-8").split()
    with open_project(offered) as project:
        offers = {one["building_id"]: one["offer_id"] for one in opened(project)}
        offering.leave(project, [offers[gone]])
        assert gone not in {one["building_id"] for one in looked(project, newer)}
        with pytest.raises(InputError):
            offering.take(project, [offers[gone]])


def test_what_only_people_know_of_is_not_offered_as_gone_and_their_words_stand_until_they_decide(
    town: Path, newer: Path
) -> None:
    _, other = (newer.parent / "ids.txt").read_text("utf-8").split()
    with open_project(town) as project:
        describing.describe(project, [other], {"name": "Old Mill"})
        place = project.read("buildings")
        place = place[place["cell_id"].notna()]["geometry"].iloc[2]
        from pyproj import Transformer

        way = Transformer.from_crs(project.crs, 4326, always_xy=True)
        west, south, _, north = place.bounds
        middle = (south + north) / 2
        line = [list(way.transform(west - 5, middle)), list(way.transform(place.bounds[2] + 5, middle))]
        one = str(project.read("buildings").loc[project.read("buildings")["geometry"] == place, "building_id"].iloc[0])
        new = drawing.split(project, one, line).figures["building_ids"][1]
        offers = {row["building_id"]: row for row in looked(project, newer)}
        assert new not in offers
        assert offers[other]["after"]["name"] != "Old Mill"  # type: ignore[index]
        assert project.read("buildings").set_index("building_id")["name"][other] == "Old Mill"
