"""Lists, steps and what is handed out, asked of the desk as its page asks."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from govmap.messages import LANGUAGES, catalogue
from govmap.server import handing, ways
from govmap.server.opened import Opened
from govmap.server.steps import Option, Step


def dropped(served: Any, file: Path) -> str:
    from urllib.parse import quote

    told = json.loads(served.ask("PUT", f"/api/uploads/{quote(file.name)}", file.read_bytes()).content)
    assert told["ok"]
    return str(told["upload"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_and_option_has_its_words(language: str) -> None:
    words = catalogue(language)
    for step in (one for one in (*ways.STEPS, *handing.STEPS) if one.room):
        assert {f"desk_step_{step.name}", f"desk_step_{step.name}_about"} <= set(words), step.name
        assert {f"desk_option_{one.name}" for one in step.options} <= set(words), step.name
        for option in step.options:
            if isinstance(option.choices, tuple):
                assert all(f"desk_choice_{one}" in words or f"table_{one}" in words for one in option.choices), option


def test_what_an_option_does_not_take_is_refused_before_the_step_begins(served: Any) -> None:
    for said in (
        {"low": "many"},
        {"low": -5},
        {"low": True},
        {"by": "weather"},
        {"equal": 1},
        {"hm": 1},
        {"preset": "x"},
    ):
        answer = served.json("POST", "/api/steps/delineate", said)
        assert not answer["ok"], said
        assert answer["error"]["code"] == "desk_bad_option"
    assert not served.json("POST", "/api/steps/nothing", {})["ok"]


def test_half_a_band_is_a_mistake_that_is_told(served: Any) -> None:
    told = served.job("/api/steps/delineate", {"low": 300})
    assert (told["state"], told["error"]["code"]) == ("failed", "desk_half_a_band")


def test_a_list_is_recognised_looked_at_taken_in_corrected_and_taken_back(served: Any, sources: Path) -> None:
    before = served.json("GET", "/api/desk")
    number = dropped(served, sources / "residents.xlsx")
    looked = served.job("/api/steps/look", {"upload": number})["result"]
    assert looked["table"] == "residents"
    assert looked["rows_in"] == looked["rows_kept"] + looked["rows_rejected"]
    households = next(one["theirs"] for one in looked["columns"] if one["ours"] == "households")
    assert served.json("GET", "/api/desk")["counts"]["residents"] == before["counts"]["residents"]
    unread = served.job("/api/steps/look", {"upload": number, "columns": [f"{households}=-"]})["result"]
    assert next(one for one in unread["columns"] if one["theirs"] == households)["ours"] is None

    told = served.job("/api/steps/import", {"upload": number, "table": "residents"})
    assert told["state"] == "done", told["error"]
    result = told["result"]
    assert result["rows_in"] == result["rows_kept"] + result["rows_rejected"]
    assert len(result.get("rejected", [])) == result["rows_rejected"]
    again = served.job("/api/steps/import", {"upload": number, "table": "residents"})
    assert again["error"]["code"] == "desk_no_upload"
    assert not any(file.is_file() for file in (served.opened.folder / "uploads").rglob("*"))
    taken = served.json("GET", "/api/start/imports")["imports"]
    assert [one["file"] for one in taken] == ["residents.xlsx"]
    assert served.job("/api/steps/take_back", {"import": taken[0]["import_id"]})["state"] == "done"
    assert served.json("GET", "/api/desk")["counts"]["residents"] == before["counts"]["residents"]


def test_of_personal_columns_nothing_is_shown_and_nothing_is_kept(served: Any, tmp_path: Path) -> None:
    rows = ["姓名,身份证号,手机,门牌,人数"]
    rows += [f"张三{at},11010519491231{at:03d}X,1381234{at:04d},幸福路{at}号,3" for at in range(5)]
    file = tmp_path / "名单.csv"
    file.write_text("\n".join(rows), "utf-8-sig")
    looked = served.job("/api/steps/look", {"upload": dropped(served, file), "table": "residents"})
    withheld = [one for one in looked["result"]["columns"] if one["withheld"]]
    assert len(withheld) >= 3
    text = json.dumps(looked, ensure_ascii=False)
    for one in ("张三", "1101051949", "1381234"):
        assert one not in text


def test_what_must_be_said_first_is_asked_with_its_answers(served: Any, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for name in ("一季度", "二季度"):
        sheet = book.create_sheet(name)
        for row in (["楼栋", "户数"], ["1", 10], ["2", 20]):
            sheet.append(row)
    del book[book.sheetnames[0]]
    file = tmp_path / "两张表.xlsx"
    book.save(file)
    number = dropped(served, file)
    asked = served.job("/api/steps/look", {"upload": number})["result"]
    assert asked["asks"] == {"option": "sheet", "answers": ["一季度", "二季度"]}
    assert asked["fault"]["message"]
    assert (
        served.job("/api/steps/look", {"upload": number, "sheet": "二季度", "table": "residents"})["result"]["rows_in"]
        == 2
    )


def test_what_is_handed_out_to_the_public_has_passed_the_gate(served: Any) -> None:
    told = served.job("/api/steps/map", {"audience": "public"})
    assert told["state"] == "done", told["error"]
    names = [one["name"] for one in told["files"]]
    assert names[0].endswith(".html")
    assert any(name.endswith("privacy_report.json") for name in names)
    from urllib.parse import quote

    file = served.ask("GET", f"/api/files/{told['id']}/{quote(names[0])}", origin=None)
    assert file.status == 200
    assert file.getheader("content-type") == "application/octet-stream"
    assert "attachment" in file.getheader("content-disposition")
    assert b"desk_mode_" not in file.content
    inside = served.job("/api/steps/map", {"audience": "planner"})
    assert "planners" in inside["files"][0]["name"]


def test_a_safe_copy_is_whole_while_the_desk_is_open(served: Any, tmp_path: Path) -> None:
    told = served.job("/api/steps/backup", {})
    copy = tmp_path / "copy.gpkg"
    shutil.copy(served.app.state.jobs.file(told["id"], told["files"][0]["name"]), copy)
    from govmap.project import open_project

    with open_project(copy) as project, served.opened.reading() as mine:
        assert project.plan() == mine.plan()


def test_what_another_program_changed_is_told_and_taken_in(served: Any) -> None:
    import sqlite3

    assert served.json("GET", "/api/changes?after=0")["foreign"] == []
    with sqlite3.connect(served.opened.path) as stranger:
        stranger.execute(
            "UPDATE gpkg_contents SET last_change = '2030-01-01T00:00:00.000Z' WHERE table_name = 'buildings'"
        )
    stranger.close()
    assert served.json("GET", "/api/changes?after=0")["foreign"] == ["buildings"]
    told = served.job("/api/steps/take_in", {})
    assert told["result"]["base"] == ["buildings"]
    assert served.json("GET", "/api/changes?after=0")["foreign"] == []
    assert served.json("GET", "/api/desk")["stale"]


def test_a_project_is_made_of_a_dropped_extract_and_one_can_be_opened_instead(served: Any, sources: Path) -> None:
    number = dropped(served, sources / "community.osm")
    said = {"name": "新 (1)", "title": "New", "profile": "uk", "language": "en", "extract": number, "whole": True}
    told = served.job("/api/start/make", said)
    assert told["state"] == "done", told["error"]
    state = served.json("GET", "/api/desk")
    assert (state["name"], state["title"], state["profile"], state["next"]) == ("新 (1).gpkg", "New", "uk", "lists")
    assert served.job("/api/start/make", {**said, "extract": "u9"})["error"]["code"] == "desk_name_taken"
    projects = served.json("GET", "/api/start/projects")["projects"]
    assert set(projects) == {"新 (1).gpkg", "town.gpkg"}
    assert served.json("POST", "/api/start/open", {"path": "town.gpkg"})["ok"]
    assert served.json("GET", "/api/desk")["name"] == "town.gpkg"
    assert served.json("POST", "/api/start/open", {"path": "../nothing.gpkg"})["error"]["code"] == "project_missing"
    assert served.json("POST", "/api/start/open", {"path": "/etc/passwd"})["error"]["code"] == "project_suffix"
    nothing = served.job("/api/start/make", {"name": "other"})
    assert nothing["error"]["code"] == "desk_nothing_to_make_of"


def test_a_step_that_fails_after_writing_still_counts_as_a_change(opened: Opened) -> None:
    def run(project: Any, _given: Any, _work: Any) -> Any:
        with project.change("title") as change:
            change.set("title", "half")
        raise ValueError("x")

    before = opened.version
    work: Any = type("Work", (), {"opened": opened})
    with pytest.raises(ValueError, match="x"):
        Step(name="x", run=run).work(None, work)  # type: ignore[arg-type] # nothing is said to it
    assert opened.version > before
    assert Option(name="x", kind="text").checked("") is None
