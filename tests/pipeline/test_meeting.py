"""Two plans side by side: the page's facts agree with `compare`, the papers hold them, and nobody is named."""

import datetime as dt
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.errors import GovmapError, InputError
from govmap.messages import LANGUAGES, Voice
from govmap.pipeline import comparing, meeting
from govmap.pipeline.again import again
from govmap.project import Project, open_project
from govmap.render.report import document, page, typeset
from govmap.render.report.paper import Paper


@pytest.fixture(scope="module")
def divided_twice(divided_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a second plan, whose name would be markup elsewhere."""
    path = Path(shutil.copy(divided_sample, tmp_path_factory.mktemp("twice") / "town.gpkg"))
    with open_project(path) as project:
        pipeline.delineate(project, Criteria(size=(60, 120)), name='large [#x] "y" \\z', config=from_machine("en"))
    return path


@pytest.fixture
def both(divided_twice: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(divided_twice, tmp_path / "both.gpkg"))


def two(project: Project) -> tuple[str, str]:
    after = project.active_plan_id()
    return next(one for one in project.read("plans")["plan_id"] if one != after), after


def test_the_page_is_told_what_compare_tells(both: Path) -> None:
    with open_project(both) as project:
        before, after = two(project)
        told = meeting.beside(project, before, after, voice=Voice("en")).figures
        known = comparing.compare(project, before, after, voice=Voice("en")).figures
        names = [name for name, value in known.items() if isinstance(value, int) or value is None]
        assert {name: told[name] for name in names} == {name: known[name] for name in names}
        json.dumps(told)
        assert sum(one["households_before"] for one in told["units"]) == sum(
            one["households_after"] for one in told["units"]
        )
        moved = {one["building_id"] for one in told["buildings"]}
        parts = project.read("parts").set_index("part_id")["building_id"]
        a, b = project.plan(before).parts, project.plan(after).parts
        assert moved <= set(parts)
        assert {one["unit_id"] for one in told["outlines"]["after"]} == set(b)
        assert {one["unit_id"] for one in told["outlines"]["before"]} == set(a)


@pytest.fixture(scope="module")
def papers(divided_twice: Path) -> dict[str, Paper]:
    """What is written, in both languages."""
    with open_project(divided_twice) as project:
        return {
            language: meeting.compose(
                project, meeting.gathered(project, *two(project), Voice(language)), Voice(language)
            )
            for language in LANGUAGES
        }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_papers_are_written_in_both_languages_and_hold_the_same_figures(
    papers: dict[str, Paper], language: str
) -> None:
    paper, moved = papers[language], papers["en"].tiles[0].value
    content = io.BytesIO(document.build(paper, at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC)))
    words = zipfile.ZipFile(content).read("word/document.xml").decode("utf-8")
    shown = page.build(paper).decode("utf-8")
    for text in (words, shown):
        assert moved in text
        assert "large [#x]" in text
    assert int(moved.replace(",", "")) > 0


def test_the_same_papers_are_the_same_bytes(papers: dict[str, Paper]) -> None:
    at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    for build in (typeset.build, page.build, lambda paper: document.build(paper, at=at)):
        assert build(papers["zh"]) == build(papers["zh"])
    assert typeset.build(papers["zh"]).startswith(b"%PDF")


def test_a_paper_of_another_ending_or_of_one_plan_is_one_sentence(both: Path, tmp_path: Path) -> None:
    with open_project(both) as project:
        before, after = two(project)
        with pytest.raises(InputError):
            meeting.meeting(project, before, after, tmp_path / "x.odt", voice=Voice("en"))
        with pytest.raises(GovmapError):
            meeting.beside(project, after, after, voice=Voice("en"))


def test_a_draft_made_again_is_the_same_division_with_its_codes_and_can_be_changed(town: Path) -> None:
    from govmap.pipeline import agreeing, editing

    with open_project(town) as project:
        first = project.active_plan_id()
        agreeing.propose(project, by="Zhao")
        agreeing.notice(project, begins="2024-03-04", ends="2024-03-13", by="Zhao")
        agreeing.adopt(project, document_no="7", by="Wang")
        made = again(project).figures["plan"]
        assert made != first
        assert (project.plan(made).parts == project.plan(first).parts).all()
        units = project.read("units")
        codes = [units[units["plan_id"] == one].sort_values("unit_id")["code"].tolist() for one in (first, made)]
        assert codes[0] == codes[1]
        editing.rename(project, codes[1][0], "Mill")
        assert again(project, first).figures["plan"] not in (first, made)
        with pytest.raises(GovmapError):
            editing.rename(project, codes[0][0], "Mill", plan_id=first)
