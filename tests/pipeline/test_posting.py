"""Units handed to people by hand: what is decided stays, what lists say is kept, nobody is ranked."""

import json
from pathlib import Path

import pandas as pd
import pytest
from estate import forget, listed, take

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.errors import GovmapError, InputError, PlanError
from govmap.messages import LANGUAGES, Voice
from govmap.pipeline import loading, posting, unposting
from govmap.project import Project, open_project

WORKERS = (
    "工号,姓名,办公电话,岗位,负责网格,每月工时",
    "G1,王敏,0571-88880001,网格长,,",
    "G3,周九,0571-88880003,专职网格员,,166",
    "G2,李强,0571-88880002,专职网格员,,120",
    "G4,会计师,,会计,,",
)


@pytest.fixture
def office(home: Path, tmp_path: Path) -> Path:
    take(home, "workers", listed(tmp_path / "workers.csv", *WORKERS))
    return home


def codes(project: Project) -> list[str]:
    return sorted(project.read("units")["code"])


def held(project: Project, post: str = "worker") -> dict[str, list[tuple[str, str]]]:
    figures = posting.overview(project, voice=Voice("en")).figures
    units = next(one["units"] for one in figures["posts"] if one["post"] == post)
    return {one["code"]: [(duty["worker_id"], duty["state"]) for duty in one["held"]] for one in units}


def test_a_person_put_on_a_unit_answers_for_it_and_the_next_proposals_leave_it(office: Path) -> None:
    with open_project(office) as project:
        unit = codes(project)[0]
        posting.give(project, "G3", [unit])
        assert held(project)[unit] == [("G3", "fixed")]
        pipeline.assign(project)
        assert held(project)[unit] == [("G3", "fixed")]
        posting.give(project, "G2", [unit])
        assert held(project)[unit] == [("G2", "fixed")]
        assert findings(project.reading(*NEEDED)) == []


def test_several_units_are_given_at_once_and_taken_away_again(office: Path) -> None:
    with open_project(office) as project:
        units = codes(project)
        posting.give(project, "G2", units)
        assert all(one == [("G2", "fixed")] for one in held(project).values())
        posting.take(project, units[:1], post="worker")
        assert held(project)[units[0]] == []
        vacant = posting.overview(project, voice=Voice("zh")).figures["posts"][1]["vacant"]
        assert vacant == [units[0]]


def test_what_a_list_says_gives_way_to_a_decision_and_stays_stored(home: Path, tmp_path: Path) -> None:
    with open_project(home) as project:
        unit = codes(project)[0]
    said = ("工号,姓名,岗位,负责网格", f"G1,王敏,网格员,{unit}", "G2,李强,网格员,")
    take(home, "workers", listed(tmp_path / "workers.csv", *said))
    with open_project(home) as project:
        assert held(project)[unit] == [("G1", "listed")]
        posting.give(project, "G2", [unit])
        assert held(project)[unit] == [("G2", "fixed")]
        stored = project.read("duties").set_index("worker_id")["state"]
        assert stored["G1"] == "replaced"
        posting.give(project, "G1", [unit])
        assert held(project)[unit] == [("G1", "listed")]


def test_proposals_are_accepted_one_by_one_or_all_and_set_free_again(office: Path) -> None:
    with open_project(office) as project:
        pipeline.assign(project)
        unit = codes(project)[0]
        posting.fix(project, [unit], post="worker")
        states = {code: {state for _, state in one} for code, one in held(project).items()}
        assert states.pop(unit) == {"fixed"}
        assert set().union(*states.values(), set()) <= {"proposed"}
        posting.fix(project)
        assert {state for one in held(project).values() for _, state in one} == {"fixed"}
        posting.fix(project, fixed=False)
        assert {state for one in held(project).values() for _, state in one} == {"proposed"}


def test_somebody_stands_in_and_never_for_himself(office: Path) -> None:
    with open_project(office) as project:
        unit = codes(project)[0]
        posting.give(project, "G2", [unit])
        posting.give(project, "G3", [unit], post="worker", deputy=True)
        figures = posting.overview(project, voice=Voice("zh")).figures
        row = next(one for one in figures["posts"][1]["units"] if one["code"] == unit)
        assert [one["worker_id"] for one in row["held"]] == ["G2"]
        assert [one["worker_id"] for one in row["deputies"]] == ["G3"]
        with pytest.raises(InputError):
            posting.give(project, "G2", [unit], deputy=True)
        posting.take(project, [unit], post="worker", worker_id="G3")
        figures = posting.overview(project, voice=Voice("zh")).figures
        assert next(one for one in figures["posts"][1]["units"] if one["code"] == unit)["deputies"] == []


def test_people_stand_by_role_and_name_whatever_their_work(office: Path) -> None:
    with open_project(office) as project:
        before = [one["worker_id"] for one in posting.overview(project, voice=Voice("zh")).figures["workers"]]
        posting.give(project, "G3", codes(project))
        figures = posting.overview(project, voice=Voice("zh")).figures
        assert [one["worker_id"] for one in figures["workers"]] == before
        assert not {"rank", "score"} & set(json.dumps(figures).replace('"', " ").split())


def test_hours_and_capacity_stand_beside_each_other(office: Path) -> None:
    with open_project(office) as project:
        loading.load(project)
        posting.give(project, "G2", codes(project))
        people = {one["worker_id"]: one for one in posting.overview(project, voice=Voice("zh")).figures["workers"]}
        loads = project.read("loads")
        assert people["G2"]["hours"] == pytest.approx(loads["hours"].sum(), abs=0.1)
        assert (people["G2"]["capacity_hours"], people["G3"]["hours"]) == (120.0, 0.0)
        assert people["G1"]["hours"] is None


WRONG = (
    lambda p: posting.give(p, "nobody", codes(p)),
    lambda p: posting.give(p, "G2", ["nowhere"]),
    lambda p: posting.give(p, "G2", []),
    lambda p: posting.give(p, "G4", codes(p)),
    lambda p: posting.give(p, "G2", codes(p), post="emperor"),
    lambda p: posting.take(p, codes(p), post="worker"),
    lambda p: posting.take(p, codes(p), post="emperor"),
    posting.fix,
    lambda p: posting.fix(p, fixed=False),
)


def test_what_cannot_be_is_one_sentence_and_changes_nothing(office: Path) -> None:
    with open_project(office) as project:
        before = pd.DataFrame(project.read("duties")).to_json()
        for way in WRONG:
            with pytest.raises(GovmapError) as caught:
                way(project)
            for language in LANGUAGES:
                assert "{" not in caught.value.message(Voice(language))
        assert pd.DataFrame(project.read("duties")).to_json() == before


def test_changes_of_people_are_taken_back_one_by_one_while_nothing_else_changed_them(office: Path) -> None:
    with open_project(office) as project:
        pipeline.assign(project)
        unit = codes(project)[0]
        states = [project.read("duties").to_csv()]
        posting.give(project, "G2", [unit])
        states.append(project.read("duties").to_csv())
        posting.take(project, [unit], post="worker")
        assert posting.overview(project, voice=Voice("en")).figures["undo"]
        for before in reversed(states):
            unposting.undo(project)
            assert project.read("duties").to_csv() == before
        with pytest.raises(PlanError, match="no change"):
            unposting.undo(project)
        posting.give(project, "G2", codes(project))
        posting.give(project, "G3", codes(project))
        duties = project.read("duties")
        with project.change("by another way") as change:
            change.session.replace("duties", duties.iloc[1:])
        assert posting.overview(project, voice=Voice("en")).figures["undo"] is None
        with pytest.raises(PlanError, match="another way"):
            unposting.undo(project)
    forget(office, "workers")
    with open_project(office) as project:
        assert not len(project.read("former_rows"))
