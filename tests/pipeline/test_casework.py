"""Incidents written down and worked on at the desk: each at its place with a number of its own, nobody named."""

from pathlib import Path

import pytest
from estate import EAST, NORTH, forget, listed, place, take

from govmap.check import NEEDED, findings
from govmap.errors import InputError
from govmap.govern.lifecycle import Given
from govmap.messages import LANGUAGES, Voice
from govmap.pipeline import cases, casework
from govmap.pipeline.casework import Found, Wanted
from govmap.project import open_project

LIST = (
    "工单编号,上报时间,类别,状态,地址",
    "T1,2026-05-01 09:00,路灯维修,已办结,幸福小区1号楼",
    "T2,2026-05-02 09:00,占道经营,处置中,幸福小区2号楼",
)


def inside(number: int) -> tuple[float, float]:
    """The middle of a house."""
    west, south = place(number)
    return west + 0.3 * EAST, south + 0.25 * NORTH


def test_what_is_found_stands_at_its_place_and_goes_its_way(home: Path) -> None:
    with open_project(home) as project:
        found = Found(category="路灯损坏", severity="紧急", text="王小明 13812345678 反映不亮")
        made = casework.add(project, inside(3), found)
        row = project.read("incidents").set_index("incident_id").loc[made.figures["incident_id"]]
        assert (row["building_id"], row["stage"], row["category"]) == ("h3", "collected", "路灯损坏")
        assert row["due_at"] > row["reported_at"]
        log = project.read("incident_log")
        assert "13812345678" not in str(log["note"].iloc[0])
        cases.move(project, made.figures["number"], "filed", role="centre")
        cases.move(project, made.figures["number"], "handled", role="worker", given=Given(note="已修"))
        assert findings(project.reading(*NEEDED)) == []
        for language in LANGUAGES:
            told = casework.one(project, made.figures["number"], voice=Voice(language)).figures
            assert len(told["lines"]) == 4
            assert told["stage"] == "handled"


def test_each_one_has_a_number_of_its_own(home: Path) -> None:
    with open_project(home) as project:
        numbers = [casework.add(project, inside(1), Found(category="路灯")).figures["number"] for _ in range(3)]
        assert len(set(numbers)) == 3
        casework.add(project, inside(1), Found(category="路灯", number="A-7"))
        with pytest.raises(InputError, match="A-7"):
            casework.add(project, inside(2), Found(category="井盖", number="A-7"))


def test_a_sensitive_one_keeps_its_community_and_clock_alone(home: Path) -> None:
    with open_project(home) as project:
        made = casework.add(project, inside(4), Found(category="家庭暴力", severity="紧急", text="邻居反映"))
        row = project.read("incidents").iloc[0]
        assert row[["category", "severity", "building_id", "cell_id", "geometry"]].isna().all()
        assert row["community_id"] is not None
        assert made.figures["sensitive"]
        assert project.read("incident_log")["note"].isna().all()
        shown = casework.board(project, Wanted(), voice=Voice("zh")).figures["rows"][0]
        assert shown["at"] is None
        assert "暴力" not in str(shown)
        assert findings(project.reading(*NEEDED)) == []


def test_the_board_counts_stages_and_finds_by_word(home: Path, tmp_path: Path) -> None:
    take(home, "incidents", listed(tmp_path / "工单.csv", *LIST))
    with open_project(home) as project:
        casework.add(project, inside(5), Found(category="井盖破损"))
        board = casework.board(project, Wanted(), voice=Voice("zh")).figures
        assert (board["incidents"], board["open"], board["wanted"]) == (3, 2, 2)
        assert {one["id"]: one["count"] for one in board["stages"] if one["count"]} == {
            "collected": 1, "handling": 1, "closed": 1,
        }  # fmt: skip
        found = casework.board(project, Wanted(word="井盖"), voice=Voice("zh")).figures["rows"]
        assert [one["category"] for one in found] == ["井盖破损"]
        west, south = found[0]["at"]
        assert (west, south) == pytest.approx(inside(5), abs=1e-5)
        closed = casework.board(project, Wanted(stage="closed"), voice=Voice("zh")).figures["rows"]
        assert [one["name"] for one in closed] == ["T1"]


def test_where_nothing_was_reported_nothing_is_found_by_a_word(home: Path) -> None:
    with open_project(home) as project:
        assert casework.board(project, Wanted(word="井盖"), voice=Voice("zh")).figures["rows"] == []


def test_forgetting_incidents_takes_those_of_the_desk_too(home: Path) -> None:
    with open_project(home) as project:
        casework.add(project, inside(6), Found(category="路灯"))
    forget(home, "incidents")
    with open_project(home) as project:
        assert not len(project.read("incidents"))
        assert not len(project.read("incident_log"))


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ((100.0, 10.0), Found(category="路灯")),
        (inside(1), Found(category="  ")),
        (inside(1), Found(category="路灯", kind="rumour")),
        (inside(1), Found(category="很长" * 50)),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_nothing(home: Path, at: tuple[float, float], found: Found) -> None:
    with open_project(home) as project:
        with pytest.raises(InputError) as refused:
            casework.add(project, at, found)
        for language in LANGUAGES:
            assert "{" not in Voice(language).tell(refused.value.note)
        assert not len(project.read("incidents"))


def test_a_page_reads_all_of_its_own_rows_and_keys_alone_of_the_others(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_project(home) as project:
        names = [casework.add(project, inside(5), Found(category=f"路灯{at}")).figures["number"] for at in range(5)]
        monkeypatch.setattr(casework, "ROWS", 2)
        pages = [casework.board(project, Wanted(page=at), voice=Voice("zh")).figures for at in range(3)]
        assert {board["pages"] for board in pages} == {3}
        shown = [row for board in pages for row in board["rows"]]
        assert {row["name"]: row["category"] for row in shown} == {name: f"路灯{at}" for at, name in enumerate(names)}
        read, asked = project.store.read, []
        monkeypatch.setattr(project.store, "read", lambda name, **how: asked.append((name, how)) or read(name, **how))
        casework.board(project, Wanted(page=1), voice=Voice("zh"))
        whole = [how for name, how in asked if name == "incidents" and "geometry" in (how["columns"] or ["geometry"])]
        assert [len(how["where"]["incident_id"]) for how in whole] == [2]
