import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.cli.commands import app
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.errors import GovmapError, InputError, PlanError
from govmap.messages import LANGUAGES, Voice
from govmap.pipeline import agreeing, editing, objecting
from govmap.pipeline.objecting import Pinned
from govmap.project import Project, open_project

BEGINS, ENDS = "2031-03-03", "2031-03-12"
TODAY = dt.datetime(2031, 3, 17, 4, tzinfo=dt.UTC)
DRAFTER, HEAD = "Zhao Yi", "Wang Fang"


@pytest.fixture(autouse=True)
def _middle_of_march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(TODAY.timestamp())))


def on(day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = dt.datetime.fromisoformat(day).replace(hour=4, tzinfo=dt.UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(moment.timestamp())))


def agreed(project: Project, plan: str | None = None, number: str = "No. 7", **more: str) -> None:
    agreeing.propose(project, plan, by=DRAFTER)
    agreeing.notice(project, plan, begins=BEGINS, ends=ENDS, by=DRAFTER)
    agreeing.adopt(project, plan, document_no=number, by=HEAD, **more)


def states(project: Project) -> dict[str, str]:
    rows = project.read("plans")
    return dict(zip(rows["plan_id"], rows["status"], strict=True))


def units(project: Project, plan: str) -> pd.DataFrame:
    return project.read("units", where={"plan_id": plan}).sort_values("code", ignore_index=True)


def test_a_plan_goes_from_draft_to_adopted_and_every_step_is_written_down(town: Path) -> None:
    with open_project(town) as project:
        plan = project.active_plan_id()
        agreed(project, effective="2031-04-01")
        steps = project.read("agreements")
        assert list(steps["step"]) == ["propose", "notice", "adopt"]
        assert list(steps["by"]) == [DRAFTER, DRAFTER, HEAD]
        assert steps["document_no"].iloc[-1] == "No. 7"
        assert states(project) == {plan: "adopted"}
        assert set(units(project, plan)["valid_from"].map(str)) == {"2031-04-01"}
        assert {"agree propose", "agree notice", "agree adopt"} <= set(project.read("audit")["command"])
        assert findings(project.reading(*NEEDED)) == []


def test_what_is_on_notice_or_adopted_cannot_be_edited_until_it_is_taken_back(town: Path) -> None:
    with open_project(town) as project:
        code = units(project, project.active_plan_id())["code"].iloc[0]
        agreeing.propose(project, by=DRAFTER)
        agreeing.notice(project, begins=BEGINS, ends=ENDS, by=DRAFTER)
        with pytest.raises(PlanError):
            editing.rename(project, code, "Mill")
        agreeing.withdraw(project, reason="the market moves", by=DRAFTER)
        editing.rename(project, code, "Mill")
        agreed(project)
        with pytest.raises(PlanError):
            editing.rename(project, code, "Market")


def test_the_notice_lasts_as_the_layer_says_from_today(town: Path) -> None:
    with open_project(town) as project:
        agreeing.propose(project, by=DRAFTER)
        told = agreeing.notice(project, by=DRAFTER).figures
        assert (told["begins"], told["ends"]) == ("2031-03-17", "2031-03-26")
        with pytest.raises(PlanError, match="2031-03-26"):
            agreeing.adopt(project, document_no="No. 7", by=HEAD)


def test_an_objection_is_answered_and_changes_the_plan_before_adoption(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_project(town) as project:
        plan = project.active_plan_id()
        code = units(project, plan)["code"].iloc[2]
        agreeing.propose(project, by=DRAFTER)
        agreeing.notice(project, begins=BEGINS, ends=ENDS, by=DRAFTER)
        made = objecting.object_(project, "Our yard is cut in two", Pinned(unit=code), received="2031-03-13")
        assert made.figures["late"] is True
        with pytest.raises(PlanError, match="not answered"):
            agreeing.adopt(project, document_no="No. 7", by=HEAD)
        told = objecting.answer(project, 1, "The yard stays whole", "accepted", by=DRAFTER)
        assert "agree_change_first" in [one.key for one in told.notes]
        with pytest.raises(PlanError, match="not been changed"):
            agreeing.adopt(project, document_no="No. 7", by=HEAD)
        agreeing.withdraw(project, by=DRAFTER)
        on("2031-03-18", monkeypatch)
        editing.rename(project, code, "Yard")
        agreed(project)
        row = project.read("objections").iloc[0]
        assert (row["outcome"], bool(row["late"]), row["unit_id"] is not None) == ("accepted", True, True)


def test_who_drew_the_plan_cannot_adopt_it_and_nothing_is_written(town: Path) -> None:
    with open_project(town) as project:
        agreeing.propose(project, by=DRAFTER)
        agreeing.notice(project, begins=BEGINS, ends=ENDS, by=HEAD)
        for by in (project.author, DRAFTER, None):
            with pytest.raises(PlanError, match="cannot adopt"):
                agreeing.adopt(project, document_no="No. 7", by=by)
        assert list(project.read("agreements")["step"]) == ["propose", "notice"]
        assert set(project.read("units")["valid_from"]) == {None}


def test_adopting_another_plan_retires_the_former_and_says_what_came_from_where(town: Path) -> None:
    with open_project(town) as project:
        first = project.active_plan_id()
        agreed(project, effective="2031-03-17")
        pipeline.delineate(project, Criteria(size=(30, 60)), keep="active", config=from_machine("en"), name="second")
        pipeline.delineate(project, Criteria(size=(60, 120)), config=from_machine("en"), name="large")
        large = project.active_plan_id()
        told = agreed_report(project, large)
        assert states(project)[first] == "retired"
        assert sorted(states(project).values()).count("adopted") == 1
        assert told["retired"] == [first]
        assert set(units(project, first)["valid_to"].map(str)) == {"2031-04-30"}
        lineage = project.read("unit_lineage", where={"plan_id": large, "former_plan_id": first})
        homes = units(project, large).set_index("unit_id")["households"]
        held = lineage.groupby("unit_id")["households"].sum()
        assert held.to_dict() == homes[held.index].to_dict()
        assert project.fact("active_plan_id") == large
        assert findings(project.reading(*NEEDED)) == []


def agreed_report(project: Project, plan: str) -> dict[str, object]:
    agreeing.propose(project, plan, by=DRAFTER)
    agreeing.notice(project, plan, begins=BEGINS, ends=ENDS, by=DRAFTER)
    return agreeing.adopt(project, plan, document_no="No. 8", effective="2031-05-01", by=HEAD).figures


def test_units_that_hold_what_they_held_stay_valid_since_their_first_day(town: Path) -> None:
    with open_project(town) as project:
        first = project.active_plan_id()
        agreed(project, effective="2031-03-17")
        again = copied(project, first)
        codes = units(project, again)["code"]
        one, two = str(codes.iloc[0]), str(codes.iloc[1])
        part = project.plan(again).members(units(project, again)["unit_id"].iloc[0])[0]
        editing.move(project, two, [part], force=True, plan_id=again)
        told = agreed_report(project, again)
        rows = units(project, again).set_index("code")["valid_from"].map(str)
        assert {rows[one], rows[two]} == {"2031-05-01"}
        assert set(rows.drop([one, two])) == {"2031-03-17"}
        assert told["units_unchanged"] == len(rows) - 2


def copied(project: Project, plan: str) -> str:
    """A draft that begins as a plan: its rows under another id."""
    with project.change("copy") as change:
        session = change.session
        for table in ("plans", "plan_parts", "units"):
            rows = session.read(table, where={"plan_id": plan}).assign(plan_id="copy")
            if table == "plans":
                rows = rows.assign(status="draft", base_plan_id=plan, head_revision=None)
            if table == "plan_parts":
                continue
            session.append(table, rows)
        after = project.plan(plan)
        from govmap.plan import Plan

        moves = Plan.empty("copy", after.edition).difference(after)
        change.revise(Plan("copy", after.edition, after.parts), moves, action="delineate", parent=None)
    return "copy"


def test_nobody_is_named_in_what_is_written_down(town: Path) -> None:
    with open_project(town) as project:
        agreeing.propose(project, by=DRAFTER)
        agreeing.notice(project, begins=BEGINS, ends=ENDS, by=DRAFTER)
        report = objecting.object_(project, "3号楼王大爷（13812345678）不同意")
        assert report.figures["masked"] is True
        objecting.answer(project, 1, "已向业主张伟先生说明", "explained")
        objecting.comment(project, "联系人：李明，13900001111", Pinned())
    content = town.read_bytes()
    for word in ("13812345678", "13900001111", "张伟", "王大爷"):
        assert word.encode() not in content


def test_objections_and_comments_leave_in_no_publication(town: Path, tmp_path: Path) -> None:
    with open_project(town) as project:
        objecting.comment(project, "dark at night qqqq")
        agreeing.propose(project, by=DRAFTER)
        page = tmp_path / "notice.html"
        agreeing.notice(project, begins=BEGINS, ends=ENDS, by=DRAFTER, output=page, voice=Voice("en"))
        objecting.object_(project, "too large zzzz")
        pipeline.map_(project, page, "planner", internal=True, voice=Voice("en"))
    told = page.read_text("utf-8")
    assert DRAFTER not in told
    assert "qqqq" not in told
    assert "zzzz" not in told


def test_a_comment_is_pinned_to_the_unit_in_which_its_place_lies(town: Path) -> None:
    from pyproj import Transformer

    with open_project(town) as project:
        row = units(project, project.active_plan_id()).iloc[3]
        place = row["geometry"].representative_point()
        at = Transformer.from_crs(project.crs, 4326, always_xy=True).transform(place.x, place.y)
        told = objecting.comment(project, "dark at night", Pinned(at=at))
        assert told.figures["unit_id"] == row["unit_id"]
        shown = objecting.listed(project).figures["comments"][0]
        assert shown["unit"] == row["code"]
        assert shown["at_degrees"] == pytest.approx(at, abs=1e-6)
        objecting.settle(project, told.figures["comment"])
        assert project.read("comments")["state"].iloc[0] == "done"


@pytest.mark.parametrize("at", [(0.0, 0.0), (1e9, 5.0), (float("nan"), 1.0)])
def test_a_place_elsewhere_is_refused(town: Path, at: tuple[float, float]) -> None:
    with open_project(town) as project, pytest.raises(InputError):
        objecting.comment(project, "here", Pinned(at=at))


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "1", "2026-13-01", "99999-1-1"])
def test_a_day_that_is_none_is_one_sentence(town: Path, day: str) -> None:
    with open_project(town) as project:
        agreeing.propose(project)
        with pytest.raises(InputError):
            agreeing.notice(project, begins=day)
        assert list(states(project).values()) == ["proposed"]


def test_days_are_read_as_people_type_them() -> None:
    for text in ("2031-05-01", "2031/5/1", "2031年5月1日", "2031.5.1", " 2031-5-1 "):
        assert agreeing.day(text) == dt.date(2031, 5, 1)


WRONG = (
    ("adopt", "--document", "7"),
    ("notice",),
    ("retire",),
    ("withdraw",),
    ("object", "why"),
    ("answer", "4", "no", "--outcome", "declined"),
    ("settle", "none"),
    ("comment", " "),
    ("comment", "x" * 3000),
    ("comment", "here", "--unit", "nowhere"),
    ("propose", "nothing"),
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_cannot_be_is_one_sentence(town: Path, lang: str, words: tuple[str, ...]) -> None:
    command = ["agree", words[0], str(town), *words[1:], "--lang", lang, "--json"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)["error"]
    assert told["message"]
    assert "{" not in told["message"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_whole_way_is_told_in_both_languages(town: Path, lang: str) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["agree", words[0], str(town), *words[1:], "--lang", lang])
        assert done.exit_code == 0, done.output
        assert "{" not in done.output
        return done.output

    run("propose", "--by", DRAFTER)
    run("notice", "--from", BEGINS, "--to", ENDS, "--by", DRAFTER)
    run("object", "our yard", "--channel", "counter")
    run("answer", "1", "it stays", "--outcome", "explained")
    run("adopt", "--document", "No. 9", "--by", HEAD)
    assert "No. 9" in run("list")
    run("retire", "--reason", "merged", "--by", HEAD)


def test_a_plan_is_proposed_with_a_word_that_buildings_were_changed_since(town: Path) -> None:
    with open_project(town) as project:
        with project.change("base") as change:
            change.base_changed()
        assert "agree_ground_stale" in [one.key for one in agreeing.propose(project).warnings]


def test_a_plan_that_stands_on_former_buildings_is_not_proposed(town: Path) -> None:
    with open_project(town) as project:
        with project.change("old") as change:
            row = pd.DataFrame([{"plan_id": project.active_plan_id(), "edition": 0}])
            change.session.upsert("plans", row)
        with pytest.raises(GovmapError, match="before"):
            agreeing.propose(project)
