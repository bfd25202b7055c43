"""Incidents from the list to the map: stages, deadlines, repeats, and nothing at all of the sensitive ones."""

import csv
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from govmap import pipeline
from govmap.config import from_machine
from govmap.errors import InputError
from govmap.govern.lifecycle import Given
from govmap.messages import Voice
from govmap.pipeline import cases, deadlines, repeats
from govmap.project import Project, open_project
from govmap.render.compact import inflated

HEAD = [
    "ticket no", "category", "kind", "status", "reported", "closed", "priority", "address", "department", "lng", "lat",
    "description",
]  # fmt: skip
SECRETS = ("Quiet Lane 77b", "DOMESTIC-XYZZY", "13912345678", "plum coloured door", "Zhang Secretman")
config, EN, ZH = from_machine("en"), Voice("en"), Voice("zh")


@pytest.fixture(scope="module")
def empty(divided_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, divided, without incidents."""
    path = Path(shutil.copy(divided_sample, tmp_path_factory.mktemp("incidents") / "town.gpkg"))
    with open_project(path) as project, project.change("test") as change:
        for table in ("incidents", "incident_log", "repeats"):
            change.session.delete(table)
    return path


@pytest.fixture
def place(empty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty, tmp_path / "town.gpkg"))


def spot(path: Path, number: int = 0) -> tuple[float, float]:
    """Degrees of a building that stands inside."""
    import geopandas as gpd

    with open_project(path) as project:
        houses = project.read("buildings", columns=["building_id", "cell_id", "geometry"]).dropna(subset="cell_id")
        point = gpd.GeoSeries([houses["geometry"].iloc[number].representative_point()], crs=project.crs).to_crs(4326)[0]
    return round(point.x, 6), round(point.y, 6)


def row(number: str, at: tuple[float, float], **said: str) -> list[object]:
    facts = {"ticket no": number, "category": "noise", "kind": "complaint", "status": "open", "priority": "normal"}
    facts |= {"reported": "2026-03-02 10:00", "lng": at[0], "lat": at[1], **said}
    return [facts.get(name, "") for name in HEAD]


def taken(path: Path, rows: list[list[object]], name: str = "tickets.csv") -> pipeline.Report:
    file = path.with_name(name)
    with file.open("w", encoding="utf-8", newline="") as page:
        csv.writer(page).writerows([HEAD, *rows])
    return pipeline.import_table(path, "incidents", file, pipeline.Reading(), config=config, voice=EN)


def attached(path: Path) -> pipeline.Report:
    with open_project(path) as project:
        return pipeline.attach(project, config=config)


def stored(path: Path) -> pd.DataFrame:
    with open_project(path) as project:
        return project.read("incidents").set_index("incident_id")


def told(report: pipeline.Report, voice: Voice = EN) -> str:
    return "\n".join(voice.tell(one) for one in (*report.shown, *report.notes, *report.warnings))


def test_stages_of_lists_become_those_of_the_project_and_unknown_words_stay(place: Path) -> None:
    at = spot(place)
    report = taken(
        place, [row("t1", at, status="已办结", closed="2026-03-03"), row("t2", at, status="在云上"), row("t3", at)]
    )
    rows = stored(place)
    assert rows["stage"].tolist() == ["closed", None, "accepted"]
    assert rows["stage_said"].tolist() == [None, "在云上", None]
    assert set(rows["lifecycle"]) == {"hotline"}
    assert "在云上 (1)" in told(report)
    assert rows["community_id"].notna().all()


def test_deadlines_come_from_the_table_where_the_list_gives_none(place: Path) -> None:
    report = taken(place, [row("t1", spot(place)), row("t2", spot(place), priority="urgent")])
    rows = stored(place)
    assert rows["due_by"].tolist() == ["table", "table"]
    assert rows["due_at"].dt.strftime("%m-%d").tolist() == ["03-19", "03-03"], "13 working days; 24 hours"
    assert "2 incidents had no deadline" in told(report)


def test_dates_that_contradict_are_kept_and_told(place: Path) -> None:
    report = taken(place, [row("t1", spot(place), status="closed", closed="2026-03-01 09:30")])
    assert "closed before it was reported" in told(report)
    assert "早于上报时间" in told(report, ZH)
    assert stored(place)["closed_at"].notna().all()


def test_an_incident_is_moved_on_and_everything_agrees(place: Path) -> None:
    taken(place, [row("t1", spot(place))])
    with open_project(place, author="lin") as project:
        cases.move(project, "t1", "转派", role="centre", given=Given(responsible="parks"))
        cases.move(project, "t1", "replied", role="office", given=Given(note="Mr Smith called, 13800138000"))
        report = cases.move(project, "t1", "办结", role="leader")
        shown = cases.shown(project, "t1")
        found = pipeline.check(project, voice=EN)
    assert report.figures["stage"] == "closed"
    assert [one["stage"] for one in shown.figures["log"]] == ["received", "dispatched", "replied", "closed"]
    assert "Smith" not in told(shown)
    assert "13800138000" not in told(shown)
    assert found.ok, told(found)
    kept = stored(place).loc["t1"]
    assert kept["stage"] == "closed"
    assert pd.notna(kept["closed_at"])
    assert kept["responsible"] == "parks"
    assert kept["category"] == "noise", "what is not said stays"


def test_a_move_that_is_not_allowed_changes_nothing(place: Path) -> None:
    taken(place, [row("t1", spot(place))])
    with open_project(place) as project:
        for stage, role, code in (("办结", "centre", "lifecycle_no_way"), ("转派", "worker", "lifecycle_not_by_role"),
                                  ("转派", "centre", "lifecycle_needs"), ("转派", "king", "lifecycle_no_role"),
                                  ("where", "centre", "lifecycle_no_stage")):  # fmt: skip
            with pytest.raises(InputError) as wrong:
                cases.move(project, "t1", stage, role=role)
            assert wrong.value.code == code
            assert wrong.value.message(ZH)
            assert wrong.value.hint(ZH)
        with pytest.raises(InputError):
            cases.move(project, "t9", "转派", role="centre")
        assert project.read("incident_log").empty
    assert stored(place)["stage"].tolist() == ["accepted"]


def test_another_way_of_working_reads_the_stages_anew(place: Path) -> None:
    taken(
        place,
        [row("t1", spot(place)), row("t2", spot(place), status="已评价"), row("t3", spot(place), status="在云上")],
    )
    with open_project(place) as project:
        cases.move(project, "t1", "转派", role="centre", given=Given(responsible="parks"))
        cases.lifecycle(project, "grid_loop")
        assert pipeline.check(project, voice=EN).ok
        listed = cases.listed(project, done=True)
    assert stored(place)["stage"].tolist() == ["dispatched", "closed", None]
    assert listed.figures["stages"] == {"dispatched": 1, "closed": 1, "": 1}


def test_the_office_s_own_table_goes_out_and_comes_back_changed(place: Path, tmp_path: Path) -> None:
    taken(place, [row("t1", spot(place)), row("t2", spot(place), priority="urgent")])
    file = tmp_path / "时限.xlsx"
    with open_project(place) as project:
        deadlines.write(project, file, voice=ZH)
        assert deadlines.take_in(project, file).figures["changed"] == 0, "unchanged, nothing changes"
        book = openpyxl.load_workbook(file)
        sheet = book["办理时限"]
        cells = [cell for line in sheet.iter_rows() for cell in line if cell.value == 13]
        assert len(cells) == 1
        cells[0].value = 1
        book["放假安排"].append(["2026年3月3日", "放假"])
        book.save(file)
        report = deadlines.take_in(project, file)
        assert "1 个工作日" in told(deadlines.show(project), ZH)
    assert report.figures["changed"] == 1
    assert stored(place)["due_at"].dt.strftime("%m-%d").tolist() == ["03-04", "03-03"]


@pytest.mark.parametrize(
    "content",
    ["nothing,of,the,kind\n1,2,3\n", "kind,hours,days\nneed,2,3\n", "kind,hours\nneed,soon\n", "kind,hours\n", ""],
)
def test_a_table_that_is_none_is_refused_with_one_sentence(place: Path, content: str) -> None:
    file = place.with_name("wrong.csv")
    file.write_text(content, "utf-8")
    with open_project(place) as project, pytest.raises(InputError) as wrong:
        deadlines.take_in(project, file)
    assert str(file) in str(wrong.value.where)


def test_toml_is_a_table_too(place: Path) -> None:
    file = place.with_name("own.toml")
    file.write_text('[[deadlines]]\nkind = ["need"]\nhours = 2\n[[deadlines]]\ndays = 9\n[days]\noff = ["2026-05-01/2026-05-02"]\n', "utf-8")  # fmt: skip  # noqa: E501
    with open_project(place) as project:
        assert deadlines.take_in(project, file).figures == {"deadlines": 2, "days": 1, "changed": 0}
        file.write_text("[[deadlines]\n", "utf-8")
        with pytest.raises(InputError, match="cannot be read as a table"):
            deadlines.take_in(project, file)


def test_repeats_are_suggested_and_stored_only_when_accepted(place: Path, tmp_path: Path) -> None:
    at, away = spot(place), spot(place, 40)
    rows = [row("t1", at), row("t2", at, reported="2026-03-02 11:00"), row("t3", away, reported="2026-03-02 11:30"),
            row("t4", away, reported="2026-03-02 12:30"), row("t5", at, category="light")]  # fmt: skip
    report = taken(place, rows)
    assert "2 incidents may repeat" in told(report)
    assert stored(place)["duplicate_of"].isna().all()
    file = tmp_path / "repeats.xlsx"
    attached(place)
    with open_project(place) as project:
        assert repeats.find(project, file, voice=EN).figures["repeats"] == 2
        _choose(file, {"t2": "yes", "t4": "no"})
        counted = _tallied(project)
        figures = repeats.decide(project, file).figures
        assert figures == {"accepted": 1, "refused": 1, "open": 0, "left_out": 0}
        assert repeats.decide(project, file).figures["accepted"] == 1, "the same list twice changes nothing"
        assert repeats.find(project, file, voice=ZH).figures["repeats"] == 0
        assert pipeline.check(project, voice=EN).ok
        assert _tallied(project) == counted - 1, "what repeats another counts once"
    assert stored(place)["duplicate_of"].dropna().to_dict() == {"t2": "t1"}
    assert "may repeat" not in told(attached(place))


def _tallied(project: Project) -> int:
    rows = project.read("tallies", where={"theme": "incidents"})
    return int(rows["count"].sum())


def _choose(file: Path, said: dict[str, str]) -> None:
    book = openpyxl.load_workbook(file)
    lines = [line for line in book.active.iter_rows() if line[1].value in said]
    assert len(lines) == len(said)
    for line in lines:
        line[0].value = said[line[1].value]
    book.save(file)


def test_a_list_of_choices_that_is_none_is_refused(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "repeats.csv"
    file.write_text("a,b\n1,2\n", "utf-8")
    with open_project(place) as project, pytest.raises(InputError, match="no list of repeats"):
        repeats.decide(project, file)
    file.write_text("the same? (yes / no),incident_id,repeats (incident_id)\nperhaps,a,b\n", "utf-8")
    with open_project(place) as project, pytest.raises(InputError, match="perhaps"):
        repeats.decide(project, file)


def test_sentences_help_to_find_repeats_and_are_not_stored(place: Path) -> None:
    at = spot(place)
    rows = [
        row("t1", at, description="the plum coloured door bangs"),
        row("t2", at, reported="2026-03-02 11:00", description="lift is stuck on five"),
        row("t3", at, reported="2026-03-02 12:00", description="The plum coloured door bangs!"),
    ]
    report = taken(place, rows)
    assert "1 incident may repeat" in told(report)
    assert "not stored" in told(report)
    assert "may repeat" in told(attached(place))
    with open_project(place) as project:
        pairs = project.read("repeats").set_index("incident_id")
    assert pairs.loc["t3", "duplicate_of"] == "t1"
    assert pairs.loc["t2", "state"] == "unlike"
    assert b"plum" not in _bytes(place)


@pytest.fixture(scope="module")
def secretive(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """Twenty sensitive incidents in one unit, of all the ways in which a list says so, and twelve of noise."""
    place = Path(shutil.copy(empty, tmp_path_factory.mktemp("secretive") / "town.gpkg"))
    at = spot(place)
    said: list[dict[str, str]] = [
        {"category": f"{SECRETS[1]} domestic violence", "description": SECRETS[3]},
        {"category": "家庭暴力", "description": SECRETS[3]},
        {"kind": "儿童保护"},
        {"category": "other", "description": f"{SECRETS[4]} beats his wife"},
        {"category": "其他", "description": "扬言跳楼"},
    ]
    points = [(round(at[0] + 1e-6 * n, 6), round(at[1] + 2e-6 * n, 6)) for n in range(20)]
    where = {"address": SECRETS[0], "department": "refuge Rosehip"}
    rows = [row(f"secret-{n}", points[n], **where, **said[n % len(said)]) for n in range(20)]
    calls = f"call me: {SECRETS[2]}"
    rows += [row(f"ticket-{n}", at, description=calls, reported=f"2026-0{n % 3 + 1}-{n + 10}") for n in range(12)]
    rows += [row("bad", at, category="家庭暴力", address=SECRETS[0], reported="soon")]
    report = taken(place, rows)
    assert report.figures["rows_kept"] == 32
    attached(place)
    words = [*SECRETS, "Rosehip", "家庭暴力", "儿童保护", "跳楼"]
    return place, [word.encode() for word in words] + [word.encode("utf-16-le") for word in words]


def _bytes(path: Path) -> bytes:
    """Everything of ours that lies beside the project, workbooks unpacked; not the user's rows on their way back."""
    found = b""
    for file in sorted(path.parent.glob(f"{path.stem}*")):
        if "rejects" not in file.name:
            found += file.read_bytes()
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as packed:
                    found += b"".join(packed.read(name) for name in packed.namelist())
    return found


def test_of_sensitive_incidents_the_project_file_holds_neither_place_nor_words(
    secretive: tuple[Path, list[bytes]],
) -> None:
    path, words = secretive
    content = _bytes(path)
    assert [word for word in words if word in content] == []
    rows = stored(path)
    secret = rows[rows["sensitive"].astype(bool)]
    assert len(secret) == 20
    gone = [
        "geometry",
        "address",
        "category",
        "severity",
        "responsible",
        "building_id",
        "part_id",
        "cell_id",
        "street_id",
    ]
    assert secret[gone].isna().all(axis=None)
    assert secret["community_id"].notna().all()
    assert set(secret["reason"]) == {"sensitive"}
    with open_project(path) as project:
        tallies = project.read("tallies")
        assert tallies.loc[tallies["theme"] == "incidents", "count"].sum() % 12 == 0, "noise alone, on every level"
        rejects = project.read("rejects")
        assert rejects.loc[rejects["import_id"].isin(set(rows["import_id"])), "raw"].tolist() == [{}]


def _inflated(page: Path) -> bytes:
    """Everything that is packed in a map, unpacked."""
    packs = re.findall(r'id="govmap-pack-\w+">([^<]*)<', page.read_bytes().decode("utf-8"))
    found = b"".join(inflated(pack) for pack in packs)
    assert len(found) > 10_000, "the packs of the map could be read"
    return found


@pytest.mark.parametrize("audience", ["public", "official", "planner", "worker"])
def test_no_map_and_no_export_tells_of_a_sensitive_incident(
    secretive: tuple[Path, list[bytes]], audience: str, tmp_path: Path
) -> None:
    path, words = secretive
    internal = audience != "public"
    with open_project(path) as project:
        files = [tmp_path / "map.html"]
        pipeline.map_(project, files[0], audience, internal=internal, voice=EN)
        for table in ("incidents", "tallies", "units", "buildings"):
            files.append(tmp_path / f"{table}.csv")
            if (table, audience) == ("incidents", "public"):
                with pytest.raises(InputError):
                    pipeline.export(project, table, files.pop(), audience)
            else:
                pipeline.export(project, table, files[-1], audience, internal=internal)
    content = b"".join(file.read_bytes() for file in files) + _inflated(files[0])
    ordinary = [f"ticket-{n}".encode() in content for n in range(12)]
    assert all(ordinary) if internal else not any(ordinary), "the public sees no single incident"
    assert (b"noise" in content) == internal
    assert [word for word in words if word in content] == []
    assert not any(f"secret-{n}".encode() in content for n in range(20))
    if internal:
        listed = pd.read_csv(tmp_path / "incidents.csv")
        assert sorted(listed["incident_id"]) == sorted(f"ticket-{n}" for n in range(12))


def test_what_a_newer_list_calls_sensitive_loses_its_place(place: Path) -> None:
    at = spot(place)
    taken(place, [row("t1", at, address="Quiet Lane 77b"), row("t2", at)])
    rows = [row("t1", at, address="Quiet Lane 77b", category="child abuse"), row("t2", at)]
    file = place.with_name("newer.csv")
    with file.open("w", encoding="utf-8", newline="") as page:
        csv.writer(page).writerows([HEAD, *rows])
    pipeline.import_table(place, "incidents", file, pipeline.Reading(), config=config, voice=EN, taking=_update())
    assert stored(place).loc["t1", ["geometry", "address", "category", "building_id"]].isna().all()
    assert b"Quiet Lane" not in _bytes(place)


def _update() -> object:
    from govmap.pipeline.importing import Taking

    return Taking(update=True)


def test_moves_made_here_stand_over_a_newer_list(place: Path) -> None:
    at = spot(place)
    taken(place, [row("t1", at), row("t2", at)])
    with open_project(place) as project:
        cases.move(project, "t1", "转派", role="centre", given=Given(responsible="parks"))
    file = place.with_name("newer.csv")
    with file.open("w", encoding="utf-8", newline="") as page:
        csv.writer(page).writerows([HEAD, row("t1", at, priority="high"), row("t2", at, status="in progress")])
    pipeline.import_table(place, "incidents", file, pipeline.Reading(), config=config, voice=EN, taking=_update())
    rows = stored(place)
    assert rows["stage"].tolist() == ["dispatched", "handling"]
    assert rows.loc["t1", "severity"] == "high"
    with open_project(place) as project:
        assert pipeline.check(project, voice=EN).ok


def test_check_finds_a_sensitive_incident_with_a_place_and_a_log_that_ends_elsewhere(place: Path) -> None:
    taken(place, [row("t1", spot(place)), row("t2", spot(place))])
    with open_project(place) as project:
        cases.move(project, "t1", "转派", role="centre", given=Given(responsible="parks"))
        _spoil(project)
        found = pipeline.check(project, voice=EN)
    rules = {one["rule"] for one in found.figures["findings"]}
    assert rules == {"sensitive_told", "incident_log_lost", "incident_stage_unknown", "repeats_broken"}


def _spoil(project: Project) -> None:
    with project.change("test") as change:
        change.session.upsert(
            "incidents", pd.DataFrame([{"incident_id": "t1", "stage": "circus", "duplicate_of": "t1"}])
        )
        change.session.upsert("incidents", pd.DataFrame([{"incident_id": "t2", "sensitive": True}]))


def test_info_tells_how_many_stand_where(place: Path) -> None:
    taken(place, [row("t1", spot(place)), row("t2", spot(place), category="家暴", status="closed")])
    with open_project(place) as project:
        report = pipeline.info(project)
    assert report.figures["incidents"] == {"stages": {"accepted": 1, "closed": 1}, "overdue": 1, "sensitive": 1}
    assert "受理：1、办结：1" in told(report, ZH)
