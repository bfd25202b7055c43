import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from typer.testing import CliRunner

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.cli.commands import app
from govmap.config import from_machine
from govmap.delineate import Criteria
from govmap.errors import GovmapError, InputError, PlanError, StaleError
from govmap.messages import LANGUAGES, Voice
from govmap.pipeline import editing
from govmap.project import Project, open_project

LEFT = ("plan_parts", "units", "unit_lineage", "tallies")


def left_by(project: Project) -> dict[str, str]:
    """What an edit may change, as text: the same text is the same bytes."""
    told = {}
    for name, table in project.reading(*LEFT).items():
        plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
        if "geometry" in table:
            plain["shape"] = shapely.to_wkb(table["geometry"].to_numpy(), hex=True)
        told[name] = plain.to_json(orient="records")
    return told


def tried(way, *words, **choices):
    try:
        return way(*words, **choices)
    except PlanError:
        return None


KINDS = ("move", "split", "merge", "undo", "redo", "rename", "lock", "force", "undo", "exclusive", "unlock")


def some_edit(project: Project, kind: str, rng: np.random.Generator):
    """Try an edit of a kind, such as a planner would: with a neighbour. Some are refused."""
    units = project.read("units", where={"plan_id": project.active_plan_id()})
    units = units[~units["unit_id"].isin(units["parent_unit_id"].dropna())].reset_index(drop=True)
    one = int(rng.integers(len(units)))
    shape = units["geometry"][one]
    beside = [at for at in np.flatnonzero(units["geometry"].intersects(shape)) if at != one]
    other = int(rng.choice(beside)) if beside else one
    unit, near = str(units["code"][one]), str(units["code"][other])
    parts = project.plan().members(str(units["unit_id"][other]))
    some = [str(part) for part in rng.choice(parts, 1)]
    ways = {
        "move": lambda: editing.move(project, unit, some),
        "force": lambda: editing.move(project, unit, some, force=True),
        "split": lambda: editing.split(project, unit, number=2),
        "merge": lambda: editing.merge(project, [unit, near]),
        "rename": lambda: editing.rename(project, unit, f"Mill {rng.integers(99)}"),
        "lock": lambda: editing.lock(project, [unit]),
        "unlock": lambda: editing.unlock(project, every=True),
        "exclusive": lambda: editing.exclusive(project, unit, "park", voice=Voice("en")),
        "undo": lambda: editing.undo(project),
        "redo": lambda: editing.redo(project),
    }
    return tried(ways[kind])


def edited_at_random(project: Project, seed: int, count: int) -> set[str]:
    """Make so many edits, and see after each that every rule holds; give the kinds of edits that were made."""
    rng, done = np.random.default_rng(seed), []
    for kind in itertools.cycle(KINDS):
        report = some_edit(project, kind, rng)
        if report is not None:
            done.append(report.figures["action"])
            assert findings(project.reading(*NEEDED)) == [], done
        if len(done) == count:
            return set(done)
    raise AssertionError(done)


def all_undone(project: Project) -> int:
    count = 0
    while tried(editing.undo, project) is not None:
        count += 1
    return count


def test_every_rule_holds_after_every_edit_and_all_undone_gives_the_first_plan_back(town: Path) -> None:
    with open_project(town, author="ann") as project:
        first = left_by(project)
        kinds = edited_at_random(project, seed=3, count=14)
        assert kinds >= {"move", "split", "merge", "undo", "redo"}
        assert left_by(project) != first
        assert all_undone(project) > 0
        now = left_by(project)
        assert {name for name in LEFT if now[name] != first[name]} == set()
        assert findings(project.reading(*NEEDED)) == []
        assert list(project.store.findings()) == []


def test_units_inside_units_are_edited_likewise(town: Path) -> None:
    with open_project(town, author="ann") as project:
        wanted = Criteria(size=(100, 200), level="grid", finer=Criteria(size=(20, 60), level="microgrid"))
        pipeline.delineate(project, wanted, config=from_machine("en"))
        units = project.read("units", where={"plan_id": project.active_plan_id()})
        upper = units.loc[units["level"] == "grid", "code"].tolist()
        assert upper
        with pytest.raises(PlanError) as refused:
            editing.move(project, upper[0], ["nowhere"])
        assert refused.value.code == "edit_no_unit"
        editing.rename(project, upper[0], "Old town")
        first = left_by(project)
        edited_at_random(project, seed=5, count=5)
        assert all_undone(project) > 0
        editing.redo(project)
        now = left_by(project)
        assert {name for name in LEFT if now[name] != first[name]} == set()


def test_units_that_hold_others_are_divided_put_together_and_locked_by_whole_units(town: Path) -> None:
    with open_project(town, author="ann") as project:
        wanted = Criteria(size=(100, 250), level="grid", finer=Criteria(size=(20, 60), level="microgrid"))
        pipeline.delineate(project, wanted, config=from_machine("en"))

        def grids() -> pd.DataFrame:
            assert findings(project.reading(*NEEDED)) == []
            units = project.read("units", where={"plan_id": project.active_plan_id()})
            held = units.groupby("parent_unit_id")["households"].sum()
            upper = units[units["level"] == "grid"].set_index("code")
            assert upper["households"].tolist() == held.reindex(upper["unit_id"]).tolist()
            assert upper["geometry"].is_valid.all()
            return upper

        before = grids()
        editing.rename(project, str(before.index[0]), "Old town")
        first = left_by(project)
        parts = project.plan().parts
        large = str(before["households"].idxmax())
        report = editing.split(project, large, number=2)
        after = grids()
        new = next(code for code in after.index if code not in before.index)
        assert report.figures["households_moved"] == after["households"][new]
        assert {row["place_after"] for row in report.figures["units"]} <= {"inside", "below", "above"}
        assert after["households"][large] + after["households"][new] == before["households"][large]
        lineage = project.read("unit_lineage", where={"plan_id": project.active_plan_id()})
        own = lineage[lineage["former_plan_id"] == project.active_plan_id()].set_index("unit_id")
        assert own["households"][after["unit_id"][new]] == after["households"][new]
        editing.lock(project, [new])
        with pytest.raises(PlanError) as refused:
            editing.merge(project, [large, new])
        assert refused.value.code == "edit_locked"
        editing.unlock(project, [new])
        units = project.read("units", where={"plan_id": project.active_plan_id()})
        inside = units[units["parent_unit_id"] == after["unit_id"][new]]
        for code in inside["code"]:
            moved = tried(editing.move, project, large, [code])
            assert moved is None or moved.figures["action"] == "move"
            grids()
        with pytest.raises(PlanError) as refused:
            editing.move(project, large, [large])
        assert refused.value.code == "edit_not_below"
        units = project.read("units", where={"plan_id": project.active_plan_id()})
        lower = units.loc[units["parent_unit_id"].notna(), "code"].sort_values()
        with pytest.raises(PlanError) as refused:
            editing.merge(project, [large, str(lower.iloc[0])])
        assert refused.value.code == "edit_not_beside"
        if new in grids().index:
            editing.merge(project, [large, new], into=large)
        assert set(grids().index) == set(before.index)
        assert project.plan().parts.equals(parts)
        assert all_undone(project) > 2
        editing.redo(project)
        now = left_by(project)
        assert {name for name in LEFT if now[name] != first[name]} == set()


def test_a_split_gives_the_new_unit_a_free_code_and_lineage_and_no_code_comes_back(town: Path) -> None:
    with open_project(town) as project:
        units = project.read("units").set_index("code")
        first = str(units["households"].idxmax())
        report = editing.split(project, first, number=2)
        made = [one for one in report.figures["units"] if one["before"] is None]
        assert len(made) == 1
        assert made[0]["code"] > units.index.max()
        sizes = {one["code"]: one["after"] for one in report.figures["units"]}
        assert sizes[first] >= made[0]["after"]
        assert sum(sizes.values()) == units.loc[first, "households"]
        rows = project.read("unit_lineage")
        own = rows[rows["former_plan_id"] == rows["plan_id"]]
        assert own[["unit_id", "former_unit_id", "households"]].to_numpy().tolist() == [
            [made[0]["unit_id"], units.loc[first, "unit_id"], made[0]["after"]]
        ]
        editing.merge(project, [first, made[0]["code"]])
        assert project.read("unit_lineage").empty
        again = editing.split(project, first, number=2)
        fresh = next(one for one in again.figures["units"] if one["before"] is None)
        assert fresh["code"] > made[0]["code"]
        assert fresh["unit_id"] != made[0]["unit_id"]


def neighbours(project: Project) -> tuple[str, str]:
    """Two units that can be put together."""
    units = project.read("units")
    for one in units["code"]:
        for other in units["code"]:
            if one < other and tried(editing.merge, project, [one, other]):
                editing.undo(project)
                return str(one), str(other)
    raise AssertionError("no units touch")


def test_a_merge_keeps_the_larger_unit_and_says_what_became_of_the_other(town: Path) -> None:
    with open_project(town) as project:
        one, other = neighbours(project)
        units = project.read("units").set_index("code")
        large, small = sorted((one, other), key=lambda code: -units.loc[code, "households"])
        report = editing.merge(project, [small, large])
        gone = next(place for place in report.figures["units"] if place["after"] is None)
        assert gone["code"] == small
        rows = project.read("unit_lineage").to_dict("records")
        told = [(row["unit_id"], row["former_unit_id"], row["households"]) for row in rows]
        ids = units["unit_id"]
        assert told == [(ids[large], ids[small], units.loc[small, "households"])]
        editing.undo(project)
        places = editing.merge(project, [small, large], into=small).figures["units"]
        assert {place["code"]: place["after"] is not None for place in places} == {small: True, large: False}
        assert small in set(project.read("units")["code"])


def test_everything_in_an_area_is_moved_in_degrees_and_in_metres_alike(town: Path, tmp_path: Path) -> None:
    with open_project(town) as project:
        units = project.read("units").set_index("code")
        target, source = next(pair for pair in pairs_that_touch(units))
        cells = project.read("cells").set_index("cell_id")
        border = units.loc[target, "geometry"].buffer(40).intersection(units.loc[source, "geometry"].buffer(40))
        area = shapely.convex_hull(border)
        degrees = Transformer.from_crs(project.crs, "EPSG:4326", always_xy=True)
        turned = shapely.transform(area, lambda xy: np.column_stack(degrees.transform(xy[:, 0], xy[:, 1])))
        file = tmp_path / "drawn.geojson"
        feature = {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(turned))}
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
        given = [area.wkt, turned.wkt, str(file), f"SRID={project.crs.to_epsg()};{area.wkt}"]
        results = []
        for one in given:
            report = editing.move(project, target, within=one, force=True)
            rows = project.read("revision_parts", where={"revision_id": report.figures["revision"]})
            results.append(rows["part_id"].tolist())
            editing.undo(project, force=True)
        assert results[0]
        assert all(one == results[0] for one in results)
        parts = project.read("parts").set_index("part_id")
        inside = cells.loc[parts.loc[results[0], "cell_id"], "geometry"]
        assert all(shapely.area(shapely.intersection(inside.to_numpy(), area)) > inside.area.to_numpy() / 2)
        arguments = project.read("audit")["arguments"].dropna()
        assert [one["within"] for one in arguments if str(one.get("within")).endswith("geojson")] == ["drawn.geojson"]


def pairs_that_touch(units: pd.DataFrame):
    for one in units.index:
        for other in units.index:
            if one != other and units.loc[one, "geometry"].distance(units.loc[other, "geometry"]) < 1:
                yield one, other


def test_a_building_and_a_compound_are_moved_with_all_their_parts(town: Path) -> None:
    with open_project(town) as project:
        cells = project.read("cells")
        held = cells.dropna(subset=["compound_id"]).groupby("compound_id")["cell_id"].agg(set)
        compound = held.map(len).idxmax()
        parts = project.read("parts")
        wanted = set(parts.loc[parts["cell_id"].isin(held[compound]), "part_id"])
        plan = project.plan()
        target = next(unit for unit in plan.units if not wanted & set(plan.members(unit)))
        editing.move(project, target, [compound], force=True)
        assert set(project.plan().members(target)) >= wanted
        editing.undo(project, force=True)
        name = project.read("compounds").set_index("compound_id").loc[compound, "name"]
        if isinstance(name, str):
            editing.move(project, target, [name], force=True)
            assert set(project.plan().members(target)) >= wanted


def test_a_unit_is_cut_by_a_line_drawn_across_it(town: Path) -> None:
    with open_project(town) as project:
        units = project.read("units").set_index("code")
        code = units["households"].idxmax()
        west, south, east, north = units.loc[code, "geometry"].bounds
        cut = None
        for share in (0.5, 0.4, 0.6, 0.3, 0.7):
            x = west + share * (east - west)
            cut = tried(editing.split, project, code, line=f"{x},{south - 5} {x},{north + 5}") or cut
            if cut:
                break
        assert cut is not None
        made = next(one for one in cut.figures["units"] if one["before"] is None)
        shapes = project.read("units").set_index("code")["geometry"]
        left, right = sorted((shapes[code].centroid.x, shapes[made["code"]].centroid.x))
        assert left < x < right
        with pytest.raises(PlanError) as refused:
            editing.split(project, code, line=f"{west - 900},{south} {west - 900},{north}")
        assert refused.value.code == "edit_line_misses"


def test_what_is_done_by_force_stands_in_the_history(town: Path) -> None:
    with open_project(town) as project:
        units = project.read("units")
        editing.lock(project, [units["code"][0]])
        part = project.plan().members(units["unit_id"][0])[0]
        target = units["code"][1]
        with pytest.raises(PlanError) as refused:
            editing.move(project, target, [part])
        assert refused.value.code == "edit_locked"
        before = left_by(project)
        assert tried(editing.move, project, target, [part]) is None
        assert left_by(project) == before
        report = editing.move(project, target, [part], force=True)
        assert "locked" in report.figures["forced"]
        assert any(one.key == "edit_forced" for one in report.warnings)
        row = project.read("revisions", where={"revision_id": report.figures["revision"]}).iloc[0]
        assert row["detail"]["forced"] == report.figures["forced"]


def test_two_people_undo_their_own_edits_only(town: Path) -> None:
    with open_project(town, author="ann") as ann, open_project(town, author="bo") as bo:
        code = ann.read("units")["code"]
        editing.rename(ann, code[0], "Mill")
        editing.rename(bo, code[1], "Kiln")
        with pytest.raises(PlanError) as refused:
            editing.rename(bo, code[2], "mill")
        assert refused.value.code == "edit_name_taken"
        editing.undo(ann)
        assert [name for name in ann.read("units")["name"] if isinstance(name, str)] == ["Kiln"]
        assert tried(editing.undo, ann) is None
        editing.move(bo, "Kiln", [part_beside(bo, code[1])], force=True)
        assert editing.redo(ann).figures["action"] == "redo"


def part_beside(project: Project, code: str) -> str:
    units = project.read("units").set_index("code")
    plan = project.plan()
    return next(part for part, unit in plan.parts.items() if unit != units.loc[code, "unit_id"])


def test_cells_made_anew_meanwhile_stop_an_edit(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph_of = editing.graph_of

    def meanwhile(tables):
        with open_project(town, author="bo") as other, other.change("test") as change:
            change.set("cells_fingerprint", "another")
        return graph_of(tables)

    with open_project(town, author="ann") as project:
        before = left_by(project)
        monkeypatch.setattr(editing, "graph_of", meanwhile)
        with pytest.raises(StaleError):
            editing.rename(project, project.read("units")["code"][0], "Mill")
        assert left_by(project) == before
        assert len(project.read("revisions")) == 1


def test_a_plan_that_was_adopted_is_not_edited(town: Path) -> None:
    with open_project(town) as project:
        with project.change("test") as change:
            rows = change.session.read("plans")[["plan_id"]].assign(status="adopted")
            change.session.upsert("plans", rows)
        with pytest.raises(PlanError) as refused:
            editing.lock(project, every=True)
        assert refused.value.code == "edit_settled"


def test_counts_of_units_are_as_attaching_anew_would_give_them(town: Path) -> None:
    with open_project(town) as project:
        assert len(project.read("tallies"))
        edited_at_random(project, seed=11, count=3)
        counted = project.read("tallies")
        pipeline.attach(project, config=from_machine("en"))
        pd.testing.assert_frame_equal(counted, project.read("tallies"))


def test_an_exclusive_unit_is_bound_by_no_band(town: Path) -> None:
    with open_project(town) as project:
        code = str(project.read("units")["code"][0])
        report = editing.exclusive(project, code, "campus", reason="a school alone", voice=Voice("zh"))
        assert Voice("zh").tell(report.notes[0]).count("校园") == 1
        assert report.figures["units"][0]["place_after"] is None
        row = project.read("units").set_index("code").loc[code]
        assert (row["kind"], row["exclusive_kind"]) == ("exclusive", "campus")
        with pytest.raises(InputError) as refused:
            editing.exclusive(project, code, "moon", voice=Voice("en"))
        assert "mall (Shopping centre)" in refused.value.note.facts["known"]
        editing.exclusive(project, code, None, voice=Voice("en"))
        assert project.read("units").set_index("code").loc[code, "kind"] == "base"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["move", "U001"], "edit_nothing_named"),
        (["move", "U001", "nowhere"], "edit_no_place"),
        (["move", "U999", "w1"], "edit_no_place"),
        (["move", "U001", "--within", "POINT (1 2)"], "edit_shape_elsewhere"),
        (["move", "U001", "--within", "missing.geojson"], "file_missing"),
        (["move", "U001", "--within", "north of the mill"], "edit_shape_unreadable"),
        (["move", "U001", "--within", "POLYGON ((0 0, 1 0, 1 1, 0 0))", "--crs", "EPSG:1"], "edit_shape_no_system"),
        (["split", "U001"], "edit_line_or_number"),
        (["split", "U001", "--into", "400"], "edit_not_so_many"),
        (["split", "nobody", "--into", "2"], "edit_no_unit"),
        (["merge", "U001"], "edit_merge_needs_two"),
        (["lock"], "edit_units_or_all"),
        (["unlock", "U001"], "edit_nothing_changes"),
        (["exclusive", "U001"], "edit_kind_or_back"),
        (["undo"], "edit_nothing_to_undo"),
        (["redo"], "edit_nothing_to_redo"),
    ],
)
def test_what_cannot_be_is_refused_in_both_languages_and_changes_nothing(
    town: Path, words: list[str], key: str
) -> None:
    command = ["edit", words[0], str(town), *words[1:], "--json"]
    for language in LANGUAGES:
        done = CliRunner().invoke(app, [*command, "--lang", language])
        assert done.exit_code == 1, done.output
        error = json.loads(done.stdout)["error"]
        assert error["code"] == key
        assert error["message"]
    with open_project(town) as project:
        assert len(project.read("revisions")) == 1


def test_the_command_says_what_changed_and_how_large_units_are_now(town: Path) -> None:
    with open_project(town) as project:
        unit = project.read("units").sort_values("households").iloc[-1]
    done = CliRunner().invoke(app, ["edit", "split", str(town), unit["code"], "--into", "2"])
    assert done.exit_code == 0
    assert f"{unit['code']}: {unit['households']} households before" in done.stderr
    assert "band of 30 to 60" in done.stderr
    assert "next: " in done.stderr
    done = CliRunner().invoke(app, ["edit", "undo", str(town), "--json", "--lang", "zh"])
    told = json.loads(done.stdout)
    assert (told["ok"], told["action"], told["command"]) == (True, "undo", "edit undo")
    assert {one["code"]: one["after"] for one in told["units"]}[unit["code"]] == unit["households"]


def test_a_failed_edit_is_one_of_the_program_s_own_errors(town: Path) -> None:
    with open_project(town) as project, pytest.raises(GovmapError):
        editing.move(project, "U001", within="POLYGON ((0 0, 0 0, 0 0, 0 0))")
