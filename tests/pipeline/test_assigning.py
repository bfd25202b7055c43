"""From lists to duties and back: assigned people stand in rosters, lists keep their word, complaints stay hidden."""

import json
from pathlib import Path

import estate
import pandas as pd
import pytest
from estate import attach, listed, take, take_back, told

from govmap import pipeline
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline import answering, cases, outputs
from govmap.project import open_project

WORKERS = (
    "工号,姓名,办公电话,岗位,负责网格,技能,语言,每月工时,住处经度,住处纬度",
    "G1,王敏,0571-88880001,网格长,,调解,,,120.1003,30.2002",
    "G2,李强,0571-88880002,专职网格员,,助老、调解,吴语,166,120.1003,30.2002",
    "G3,周九,0571-88880003,专职网格员,,,普通话,166,120.1013,30.2007",
    "G4,会计师,,会计,,,,,,",
)


def assigned(path: Path, **asked: object) -> pipeline.Report:
    with open_project(path) as project:
        report = pipeline.assign(project, pipeline.Choosing(**asked))
    for voice in (Voice("zh"), Voice("en")):
        for one in (*report.shown, *report.notes, *report.warnings):
            assert voice.tell(one)
    json.dumps(report.figures, default=str)
    return report


def duties(path: Path) -> pd.DataFrame:
    with open_project(path) as project:
        return project.read("duties")


def units(path: Path) -> list[str]:
    with open_project(path) as project:
        return list(project.read("units")["code"])


@pytest.fixture
def staffed(home: Path, tmp_path: Path) -> Path:
    take(home, "workers", listed(tmp_path / "workers.csv", *WORKERS))
    return home


def test_skills_and_languages_come_in_and_homes_are_kept_to_500_metres_alone(staffed: Path) -> None:
    with open_project(staffed) as project:
        workers = project.read("workers").set_index("worker_id")
        released = outputs.released_for(project, "planner", internal=True)
    assert workers["skills"]["G2"] == "助老、调解"
    assert workers["languages"]["G3"] == "普通话"
    homes = workers["geometry"].dropna()
    assert len(homes) == 3
    assert all(point.x % 500 == 0 and point.y % 500 == 0 for point in homes)
    assert not {"geometry", "skills", "languages"} & set(released.tables["workers"].columns)


def test_every_unit_gets_a_head_and_a_worker_and_the_roster_shows_them(staffed: Path, tmp_path: Path) -> None:
    report = assigned(staffed)
    made = duties(staffed)
    posts = {one["post"]: one for one in report.figures["posts"]}
    assert set(posts) == {"head", "worker"}
    assert len(made) == 2 * len(units(staffed))
    assert set(made["state"]) == {"proposed"}
    assert "assign_roles_unknown" in told(report)
    with open_project(staffed) as project:
        out = tmp_path / "roster.csv"
        pipeline.export(project, "roster", out, "planner", internal=True, voice=Voice("zh"))
    text = out.read_text("utf-8-sig")
    assert all(name in text for name in ("王敏", "李强", "周九"))
    assert "会计师" not in text


def test_assigning_twice_changes_nothing(staffed: Path) -> None:
    assigned(staffed)
    before = duties(staffed).drop(columns="reason")
    report = assigned(staffed)
    assert report.figures["changed"] == 0
    pd.testing.assert_frame_equal(before, duties(staffed).drop(columns="reason"))


def test_what_lists_say_stays_unless_all_is_to_be_new_and_comes_back(home: Path, tmp_path: Path) -> None:
    code = units(home)
    rows = [WORKERS[0], WORKERS[1], WORKERS[2].replace("专职网格员,,", f"专职网格员,{'、'.join(code)},"), WORKERS[3]]
    take(home, "workers", listed(tmp_path / "workers.csv", *rows))
    said = duties(home)
    assert set(said["worker_id"]) == {"G2"}
    assigned(home)
    kept = duties(home)
    assert set(kept.loc[kept["role"] == "专职网格员", "worker_id"]) == {"G2"}
    assigned(home, keep=False, wants=[f"{code[0]}=普通话"])
    anew = duties(home)
    assert len(anew[anew["said_id"].notna()]) == len(said)  # set aside, never lost
    assigned(home)
    again = duties(home)
    assert set(again.loc[again["role"] == "专职网格员", "worker_id"]) == {"G2"}
    assert not (again["state"] == "replaced").any()


def test_a_choice_fixed_by_hand_is_kept_and_goes_before_the_list(staffed: Path) -> None:
    first, *_ = units(staffed)
    assigned(staffed, fix=[f"周九={first}"])
    for _ in range(2):
        made = duties(staffed)
        fixed = made[made["state"] == "fixed"]
        assert fixed["worker_id"].tolist() == ["G3"]
        assigned(staffed)


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"fix": ["无此人=U001"]}, "assign_no_worker"),
        ({"fix": ["王敏=第九十九网格"]}, "assign_no_unit"),
        ({"fix": ["会计师=U001"]}, "assign_fix_other_post"),
        ({"roles": ["厨师"]}, "assign_no_role"),
        ({"roles": ["微网格长"]}, "assign_no_level"),
        ({"by": "tea"}, "assign_by_unknown"),
        ({"wants": ["无=粤语"]}, "assign_no_unit"),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_sentence_and_nothing_is_written(
    asked: dict[str, object], key: str, staffed: Path
) -> None:
    with pytest.raises(InputError) as fault:
        assigned(staffed, **asked)
    assert fault.value.code == key
    assert fault.value.hint(Voice("zh"))
    assert duties(staffed).empty


def test_without_a_list_of_workers_it_says_where_to_get_one(home: Path) -> None:
    with pytest.raises(InputError) as fault:
        assigned(home)
    assert fault.value.code == "assign_nobody"


def test_with_nobody_of_the_role_every_unit_is_told_as_vacant(home: Path, tmp_path: Path) -> None:
    take(home, "workers", listed(tmp_path / "workers.csv", *WORKERS[:2]))
    report = assigned(home)
    worker = next(one for one in report.figures["posts"] if one["post"] == "worker")
    assert [one["reason"] for one in worker["vacancies"]] == ["nobody_of_role"] * len(units(home))
    assert "assign_vacant" in told(report)


def test_those_who_stand_in_are_others_than_those_who_answer(staffed: Path) -> None:
    assigned(staffed, roles=["网格员"], deputies=True, by="households")
    made = duties(staffed)
    held = made[made["state"] == "proposed"].set_index("unit_id")["worker_id"]
    deputies = made[made["state"] == "stands_in"]
    assert len(deputies) == len(held)
    assert (deputies["worker_id"] != deputies["unit_id"].map(held)).all()
    assert deputies["role"].str.endswith("（B岗）").all()


def test_taking_the_list_of_workers_back_leaves_nobody_in_force(staffed: Path) -> None:
    assigned(staffed)
    take_back(staffed, "workers.csv")
    with open_project(staffed) as project:
        released = outputs.released_for(project, "planner", internal=True)
    assert set(released.tables["duties"]["worker_id"]) <= set(released.tables["workers"]["worker_id"])


def test_a_complaint_is_hidden_from_whom_it_names_and_no_other_name_is_kept(staffed: Path, tmp_path: Path) -> None:
    rows = (
        "工单编号,事项类型,类别,上报时间,状态,地址,被投诉人,诉求内容",
        "T1,投诉,服务态度,2026-03-01 08:00,处理中,幸福小区1号楼,李强,态度差",
        "T2,投诉,服务态度,2026-03-02 08:00,处理中,幸福小区2号楼,,反映网格员周九未上门",
        "T3,投诉,噪音,2026-03-03 08:00,处理中,幸福小区3号楼,赵无名,半夜装修",
        "T4,事件,路灯,2026-03-04 08:00,处理中,幸福小区4号楼,,路灯不亮",
    )
    report = take(staffed, "incidents", listed(tmp_path / "tickets.csv", *rows))
    assert {"complaint_hidden", "complaint_names_left_out"} <= told(report)
    attach(staffed)
    assigned(staffed, by="households", fix=["李强=全部"])
    with open_project(staffed) as project:
        stored = project.read("incidents").set_index("external_no")
        mine = {one["external_no"] for one in cases.listed(project, for_="李强").figures["listed"]}
        leader = {one["external_no"] for one in cases.listed(project, for_="王敏").figures["listed"]}
        worker = outputs.released_for(project, "worker", internal=True)
        shown = cases.shown(project, "T1").figures["incident"]
    assert stored["against"].dropna().to_dict() == {"T1": "G2", "T2": "G3"}
    assert mine == {"T3", "T4"}
    assert leader == {"T1", "T2"}
    assert "against" not in shown
    assert not {"T1", "T2"} & set(
        stored.loc[stored["incident_id"].isin(worker.tables["incidents"]["incident_id"])].index
    )
    assert "赵无名".encode() not in staffed.read_bytes()


def test_the_radial_form_leads_from_the_centre_to_every_unit(staffed: Path) -> None:
    assigned(staffed, by="households")
    with open_project(staffed) as project:
        lines, spans = answering.radial(project)
    assert (lines["kind"] == "leader").sum() == len(units(staffed))
    assert spans["worker_id"].tolist() == ["G1"]


def test_needs_are_matched_and_stored_with_their_reasons(staffed: Path, tmp_path: Path) -> None:
    tickets = (
        "工单编号,事项类型,类别,上报时间,状态,地址",
        "N1,需求,老年助餐,2026-03-01 08:00,处理中,幸福小区1号楼",
        "N2,需求,老年助餐,2026-03-02 08:00,已办结,幸福小区2号楼",
        "N3,需求,路灯维修,2026-03-03 08:00,处理中,幸福小区3号楼",
    )
    places = ("名称,类别,地址,容量,开放时间,是否共享", "社区食堂,社区食堂,幸福小区5号楼,20,Mo-Su 10:30-13:30,是")
    take(staffed, "incidents", listed(tmp_path / "tickets.csv", *tickets))
    take(staffed, "resources", listed(tmp_path / "places.csv", *places))
    attach(staffed)
    with open_project(staffed) as project:
        project_resources = project.read("resources")
        report = pipeline.match(project)
        stored = project.read("matches")
    assert report.figures["needs"] == 2
    assert [one["reason"] for one in report.figures["unmet"]][-1] == "no_kind"
    assert len(stored) == len(report.figures["matches"]), project_resources["category"].tolist()
    for voice in (Voice("zh"), Voice("en")):
        assert all(voice.tell(one) for one in (*report.shown, *report.notes, *report.warnings))


def test_a_project_without_needs_says_so_and_still_tells_what_is_idle(home: Path) -> None:
    with open_project(home) as project:
        report = pipeline.match(project)
    assert "match_no_needs" in {one.key for one in report.shown}
    assert estate.told(report) is not None
