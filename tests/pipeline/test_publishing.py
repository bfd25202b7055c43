"""What lies beside a publication: a report that tells nothing to look up, and that another copy takes in."""

import json
import shutil
from pathlib import Path

from govmap.messages import Voice
from govmap.pipeline import outputs, publishing
from govmap.project import open_project


def published(path: Path, output: Path) -> str:
    """Draw the public map of a project; give its privacy report."""
    with open_project(path) as project:
        outputs.map_(project, output, "public", voice=Voice("zh"))
    return output.with_name(output.stem + publishing.ENDING).read_text("utf-8")


def test_the_report_says_that_it_stays_inside_and_names_no_key_of_the_project(home: Path, tmp_path: Path) -> None:
    text = published(home, tmp_path / "map.html")
    told = json.loads(text)
    with open_project(home) as project:
        keys = set(project.read("parts")["part_id"]) | set(project.read("units")["unit_id"])
    areas = {part for row in told["published"] for part in row["area"].split(" ")}
    assert areas
    assert not areas & keys
    assert [bool(one) for one in told["keep_inside"]] == [True, True]


def test_another_copy_takes_in_what_was_published_by_the_codes_of_its_own_parts(home: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(home, tmp_path / "other.gpkg"))
    published(home, tmp_path / "map.html")
    with open_project(home) as project:
        ours = project.read("publications")
    with open_project(other) as project:
        assert publishing.seen(project, tmp_path / f"map{publishing.ENDING}").figures["numbers"] == len(ours)
        theirs = project.read("publications")
    told = ["statistic", "area", "value"]
    one, two = (sorted(map(tuple, frame[told].astype(str).to_numpy().tolist())) for frame in (ours, theirs))
    assert [row[:2] for row in one] == [row[:2] for row in two]
    assert [json.loads(row[2]) for row in one] == [json.loads(row[2]) for row in two]


def test_parts_that_this_copy_does_not_know_stay_codes(home: Path, tmp_path: Path) -> None:
    told = json.loads(published(home, tmp_path / "map.html"))
    told["published"] = [{"statistic": "residents", "area": "#ff #ee", "value": {"value": 20, "low": 16, "high": 24}}]
    file = tmp_path / f"far{publishing.ENDING}"
    file.write_text(json.dumps(told), "utf-8")
    with open_project(home) as project:
        publishing.seen(project, file)
        assert "#ee #ff" in set(project.read("publications")["area"])
    published(home, tmp_path / "again.html")
