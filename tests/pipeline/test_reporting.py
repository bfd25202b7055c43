"""The report as a step: from a project to a page or a document, by audience, the same bytes, clear where it cannot."""

import io
from pathlib import Path

import pytest
from docx import Document
from typer.testing import CliRunner

from govmap import pipeline
from govmap.cli.commands import app
from govmap.errors import InputError, PlanError
from govmap.messages import LANGUAGES, Voice
from govmap.project import new_project, open_project
from govmap.render.report import pictures


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770000000")


def report(path: Path, output: Path, audience: str = "official", language: str = "en"):
    with open_project(path) as project:
        voice = project.profile.voice(language)
        return pipeline.report_(project, output, audience, internal=audience != "public", voice=voice)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_project_without_results_gives_a_report_that_says_what_to_do(town, tmp_path, language):
    made = report(town, tmp_path / "report.html", language=language)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "govmap assess" in text
    assert len(made.figures["eight"]) == 8
    assert made.files == [tmp_path / "report.html"]


def test_the_public_report_leaves_its_privacy_report_in_the_office(town, tmp_path):
    made = report(town, tmp_path / "report.html", "public")
    assert [file.name for file in made.files] == ["report.html", "report.privacy_report.json"]


def test_the_same_project_gives_the_same_document_which_opens_and_begins_with_the_eight_figures(
    town, tmp_path, monkeypatch
):
    monkeypatch.setattr(pictures, "SHARP", 20)
    one, two = tmp_path / "one.docx", tmp_path / "two.docx"
    report(town, one, language="zh")
    report(town, two, language="zh")
    assert one.read_bytes() == two.read_bytes()
    found = Document(io.BytesIO(one.read_bytes()))
    assert len([cell for row in found.tables[0].rows for cell in row.cells]) == 8
    assert found.sections[0].header.paragraphs[0].text


def test_an_ending_that_is_none_of_ours_is_told_and_nothing_is_written(town, tmp_path):
    with pytest.raises(InputError) as told:
        report(town, tmp_path / "report.pdf")
    assert ".docx" in told.value.message(Voice("en"))
    assert not list(tmp_path.glob("report.*"))


def test_inside_needs_internal(town, tmp_path):
    with open_project(town) as project, pytest.raises(InputError):
        pipeline.report_(project, tmp_path / "report.html", "planner", voice=Voice("en"))


def test_a_project_without_a_plan_says_so(tmp_path, town):
    with open_project(town) as project:
        crs = project.crs
    with new_project(tmp_path / "empty.gpkg", crs, profile_name="cn"):
        pass
    with pytest.raises(PlanError):
        report(tmp_path / "empty.gpkg", tmp_path / "report.html")


def test_the_command_writes_the_file_and_gives_the_eight_figures_as_json(town, tmp_path):
    import json

    done = CliRunner().invoke(app, ["report", str(town), "-o", str(tmp_path / "r.html"), "--json", "--lang", "zh"])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert {one["key"] for one in told["eight"]} >= {"units", "households", "worst_gap", "change"}
    assert "先看八个数" in (tmp_path / "r.html").read_text("utf-8")
