"""Base data by hand: what is drawn fits the rules, stays through a second fetch, and can be taken back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from govmap import pipeline
from govmap.check import NEEDED, findings
from govmap.config import from_machine
from govmap.errors import GovmapError, InputError, PlanError
from govmap.messages import LANGUAGES, Voice
from govmap.pipeline import describing, drawing, fencing, handmade
from govmap.project import Project, open_project
from govmap.schema import TABLES

CONFIG = from_machine("en")
BASE = ("buildings", "addresses", "entrances", "compounds", "barriers", "communities", "parts", "resources")


def degrees(project: Project, xy: object) -> list[list[float]]:
    found = np.asarray(xy, dtype=float).reshape(-1, 2)
    lon, lat = Transformer.from_crs(project.crs, 4326, always_xy=True).transform(found[:, 0], found[:, 1])
    return np.column_stack([lon, lat]).tolist()


COUNTED = ("households", "households_low", "households_high", "residents", "households_source", "shops", "workplaces")


def stored(project: Project, *, counts: bool = True) -> dict[str, str]:
    """Base tables as text; without what is counted anew from what people said."""
    made = {}
    for name in BASE:
        rows = project.read(name)
        plain = pd.DataFrame(rows.drop(columns=["geometry", *(() if counts else COUNTED)], errors="ignore"))
        if "geometry" in rows:
            plain["shape"] = shapely.to_wkb(shapely.set_precision(rows["geometry"].to_numpy(), 1e-6), hex=True)
        made[name] = plain.to_json(orient="records")
    return made


def standing(project: Project) -> pd.DataFrame:
    rows = project.read("buildings")
    return rows[rows["cell_id"].notna() & (rows["status"] == "standing")].reset_index(drop=True)


def free_place(project: Project) -> shapely.Point:
    """A place far from every building."""
    ground = project.read("communities")["geometry"].iloc[0]
    west, south, east, north = ground.bounds
    grid = shapely.points(
        *(one.ravel() for one in np.meshgrid(np.linspace(west, east, 40), np.linspace(south, north, 40)))
    )
    grid = grid[shapely.intersects(shapely.buffer(ground, -40), grid)]
    shapes = project.read("buildings")["geometry"].to_numpy()
    tree = shapely.STRtree(shapes)
    far = tree.query_nearest(grid, return_distance=True, all_matches=False)[1]
    return grid[int(far.argmax())]


def told(report: pipeline.Report) -> None:
    for language in LANGUAGES:
        for one in (*report.shown, *report.notes, *report.warnings):
            assert "{" not in Voice(language).tell(one)


def test_a_click_adds_a_building_that_stands_alone_and_gets_its_ground(town: Path) -> None:
    with open_project(town) as project:
        place = free_place(project)
        report = drawing.add(project, at=degrees(project, [place.x, place.y])[0], facts={"households": 12, "levels": 3})
        told(report)
        new = report.figures["building_id"]
        row = project.read("buildings", where={"building_id": new}).iloc[0]
        assert (row["status"], bool(row["edited_by_hand"]), int(row["households_given"])) == ("new", True, 12)
        others = project.read("buildings")
        others = others[others["building_id"] != new]["geometry"].to_numpy()
        assert shapely.area(shapely.intersection(others, row["geometry"])).max() < 1e-6
        pipeline.cells(project, config=CONFIG)
        row = project.read("buildings", where={"building_id": new}).iloc[0]
        assert row["cell_id"] is not None
        assert int(row["households"]) == 12
        assert new in set(project.read("parts")["building_id"])
        assert findings(project.reading(*NEEDED)) == []


def test_what_lies_on_other_buildings_is_cut_away_or_refused(town: Path) -> None:
    with open_project(town) as project:
        shape = standing(project)["geometry"].iloc[0]
        with pytest.raises(InputError, match="lies on building"):
            drawing.add(project, ring=degrees(project, shape.exterior.coords[:-1]))
        west, south, east, north = shape.bounds
        ring = degrees(project, shapely.box(west - 1.5 * (east - west), south, west + 0.5, north).exterior.coords[:-1])
        before = stored(project)
        try:
            report = drawing.add(project, ring=ring)
        except InputError:
            assert stored(project) == before
            return
        row = project.read("buildings", where={"building_id": report.figures["building_id"]}).iloc[0]
        assert shapely.area(shapely.intersection(shape, row["geometry"])) < 1e-6


def test_a_building_divided_by_a_line_shares_what_it_holds(town: Path) -> None:
    with open_project(town) as project:
        row = standing(project).sort_values("households").iloc[-1]
        before = row["geometry"].area
        describing.describe(project, [row["building_id"]], {"households": 31, "residents": 80})
        west, south, east, north = row["geometry"].bounds
        middle = (west + east) / 2 + 0.1
        report = drawing.split(
            project, row["building_id"], degrees(project, [[middle, south - 5], [middle, north + 5]])
        )
        told(report)
        ids = report.figures["building_ids"]
        rows = project.read("buildings", where={"building_id": ids})
        assert len(rows) >= 2
        assert shapely.area(rows["geometry"].to_numpy()).sum() == pytest.approx(before, rel=1e-9)
        assert int(rows["households_given"].sum()) == 31
        assert int(rows["residents_given"].sum()) == 80
        pipeline.cells(project, config=CONFIG)
        assert findings(project.reading(*NEEDED)) == []


def test_buildings_put_together_keep_one_id_and_the_sum(town: Path) -> None:
    with open_project(town) as project:
        rows = standing(project)
        one, two = rows["building_id"].iloc[:2]
        describing.describe(project, [one, two], {"households": 10})
        doors = project.read("addresses", where={"building_id": [one, two]})
        kept = drawing.merge(project, [one, two]).figures["building_id"]
        gone = two if kept == one else one
        after = project.read("buildings").set_index("building_id")
        assert int(after["households_given"][kept]) == 20
        assert (after["status"][gone], int(after["households"][gone])) == ("demolished", 0)
        assert set(project.read("addresses", where={"address_id": list(doors["address_id"])})["building_id"]) <= {kept}
        pipeline.cells(project, config=CONFIG)
        assert findings(project.reading(*NEEDED)) == []


def test_a_building_marked_as_gone_stays_known_and_plans_go_on_without_it(town: Path) -> None:
    with open_project(town) as project:
        plan = project.plan()
        gone = str(standing(project)["building_id"].iloc[3])
        told(drawing.demolish(project, [gone]))
        pipeline.cells(project, config=CONFIG)
        row = project.read("buildings", where={"building_id": gone}).iloc[0]
        assert (row["status"], row["cell_id"]) == ("demolished", None)
        assert gone not in set(project.read("parts")["building_id"])
        after = project.plan()
        both = after.parts.index.intersection(plan.parts.index)
        assert (after.parts[both] == plan.parts[both]).all()
        assert findings(project.reading(*NEEDED)) == []
        with pytest.raises(InputError):
            drawing.demolish(project, [gone])


@pytest.mark.parametrize(
    ("start", "step", "wanted"), [(1, 1, "1 2 3"), (1, 2, "1 3 5"), (2, 2, "2 4 6"), (9, -2, "9 7 5")]
)
def test_buildings_are_numbered_in_the_order_in_which_they_are_clicked(
    town: Path, start: int, step: int, wanted: str
) -> None:
    with open_project(town) as project:
        rows = standing(project)
        ids = list(rows[rows["compound_id"].isna()]["building_id"].iloc[[4, 1, 7]])
        report = describing.number(project, ids, start=start, step=step, after="号楼")
        told(report)
        numbers = project.read("buildings").set_index("building_id")["number"]
        assert [numbers[one] for one in ids] == [f"{one}号楼" for one in wanted.split()]
        assert report.figures["next"] == start + 3 * step


def test_a_number_stands_once_in_a_compound(town: Path) -> None:
    with open_project(town) as project:
        rows = standing(project)
        compound = rows["compound_id"].value_counts().index[0]
        mine = list(rows[rows["compound_id"] == compound]["building_id"])
        describing.number(project, mine[:1], start=71)
        with pytest.raises(InputError, match="71"):
            describing.number(project, mine[1:2], start=71)
        describing.number(project, mine[:1], start=71)


def test_stairwells_and_floors_are_the_parts_of_a_building(town: Path) -> None:
    with open_project(town) as project:
        building = str(standing(project).sort_values("households")["building_id"].iloc[-1])
        describing.describe(project, [building], {"levels": 9})
        report = describing.divide(project, building, 2, [(1, 3), (4, 6)])
        told(report)
        assert [one.key for one in report.warnings] == ["base_other_height"]  # three floors are left out
        pipeline.cells(project, config=CONFIG)
        parts = project.read("parts", where={"building_id": building})
        assert len(parts) == report.figures["parts"] == 4
        assert set(zip(parts["entrance"], parts["floor_from"], parts["floor_to"], strict=True)) == {
            ("1", 1, 3), ("1", 4, 6), ("2", 1, 3), ("2", 4, 6),
        }  # fmt: skip
        whole = project.read("buildings", where={"building_id": building})["households"].iloc[0]
        assert int(parts["households"].sum()) == int(whole)
        assert findings(project.reading(*NEEDED)) == []


def test_a_wall_divides_the_ground_and_a_gate_belongs_to_the_nearest_compound(town: Path) -> None:
    with open_project(town) as project:
        ground = project.read("communities")["geometry"].iloc[0]
        west, south, east, north = ground.bounds
        middle = (south + north) / 2
        told(fencing.wall(project, degrees(project, [[west - 10, middle], [east + 10, middle]]), "river"))
        edge = project.read("compounds")["geometry"].iloc[0].boundary.interpolate(3)
        gate = fencing.gate(project, degrees(project, [edge.x, edge.y])[0])
        told(gate)
        assert gate.figures["compound_id"] in set(project.read("compounds")["compound_id"])
        pipeline.cells(project, config=CONFIG)
        assert findings(project.reading(*NEEDED)) == []


def test_a_compound_takes_the_buildings_that_stand_in_it(town: Path) -> None:
    with open_project(town) as project:
        rows = standing(project)
        free = rows[rows["compound_id"].isna()]
        ring = shapely.buffer(free["geometry"].iloc[0], 12).exterior.coords[:-1]
        report = fencing.compound(project, degrees(project, ring), "新村 13812345678", households=40)
        told(report)
        held = project.read("buildings", where={"compound_id": report.figures["compound_id"]})
        assert free["building_id"].iloc[0] in set(held["building_id"])
        assert (
            "138" not in project.read("compounds", where={"compound_id": report.figures["compound_id"]})["name"].iloc[0]
        )
        fencing.remove(project, "compound", report.figures["compound_id"])
        assert project.read("buildings", where={"compound_id": report.figures["compound_id"]}).empty


def test_a_traced_boundary_is_a_community(town: Path) -> None:
    with open_project(town) as project:
        ground = project.read("communities").iloc[0]
        west, south, east, north = ground["geometry"].bounds
        beside = shapely.box(east + 50, south, east + 450, north).exterior.coords[:-1]
        told(fencing.boundary(project, degrees(project, beside), "East"))
        assert len(project.read("communities")) == 2
        with pytest.raises(InputError, match="lies over"):
            fencing.boundary(project, degrees(project, shapely.box(west, south, east, north).exterior.coords), "Again")
        smaller = max(
            shapely.get_parts(shapely.buffer(ground["geometry"], -10)), key=lambda one: one.area
        ).exterior.coords
        fencing.boundary(project, degrees(project, smaller), "Smaller", community_id=ground["community_id"])
        pipeline.cells(project, config=CONFIG)
        assert findings(project.reading(*NEEDED)) == []


def test_every_change_by_hand_can_be_taken_back_one_after_another(town: Path) -> None:
    with open_project(town) as project:
        rows = standing(project)
        ids = list(rows["building_id"])
        place = free_place(project)
        box = rows["geometry"].iloc[5].bounds
        middle = (box[0] + box[2]) / 2 + 0.1
        line = degrees(project, [[middle, box[1] - 5], [middle, box[3] + 5]])
        ways = (
            lambda: drawing.add(project, at=degrees(project, [place.x, place.y])[0]),
            lambda: drawing.split(project, ids[5], line),
            lambda: drawing.merge(project, ids[:3]),
            lambda: drawing.demolish(project, ids[8:10]),
            lambda: describing.number(project, ids[10:13], start=501),
            lambda: describing.describe(project, ids[13:15], {"households": 7, "use": "apartments"}),
            lambda: describing.divide(project, ids[16], 3),
            lambda: describing.divide(project, ids[16], 1, [(1, 2), (3, 4)]),
        )
        states = [stored(project, counts=False)]
        for way in ways:
            way()
            states.append(stored(project, counts=False))
        for former in states[-2::-1]:
            told(handmade.undo(project))
            assert stored(project, counts=False) == former
        with pytest.raises(PlanError):
            handmade.undo(project)


def test_households_that_were_said_and_taken_back_are_estimated_as_before(town: Path) -> None:
    with open_project(town) as project:
        before, units = stored(project), project.read("units")["households"].tolist()
        rows = standing(project)
        known = set(project.read("residents")["building_id"].dropna())
        one = str(rows[~rows["building_id"].isin(known) & (rows["households"] > 0)]["building_id"].iloc[0])
        assert describing.describe(project, [one], {"households": 57}).warnings == []
        assert int(project.read("buildings").set_index("building_id")["households"][one]) == 57
        assert project.read("units")["households"].tolist() != units
        handmade.undo(project)
        assert stored(project) == before
        assert project.read("units")["households"].tolist() == units


def test_where_a_register_counts_otherwise_that_is_said(town: Path) -> None:
    with open_project(town) as project:
        known = set(project.read("residents")["building_id"].dropna())
        one = min(known & set(standing(project)["building_id"]))
        report = describing.describe(project, [one], {"households": 57})
        assert [warned.key for warned in report.warnings] == ["base_register_differs"]
        told(report)


def test_what_an_import_came_after_is_not_taken_back(town: Path) -> None:
    with open_project(town) as project:
        describing.number(project, [standing(project)["building_id"].iloc[0]], start=900)
        with project.change("import") as change:
            change.base_changed()
        before = stored(project)
        with pytest.raises(PlanError, match="another way"):
            handmade.undo(project)
        assert stored(project) == before


def test_a_second_fetch_keeps_what_was_done_by_hand(town: Path, tmp_path: Path) -> None:
    from govmap.sources import sample

    made = sample.write(tmp_path / "again", language="en")
    with open_project(town) as project:
        rows = standing(project)
        ids = list(rows["building_id"])
        place = free_place(project)
        new = drawing.add(project, at=degrees(project, [place.x, place.y])[0]).figures["building_id"]
        drawing.demolish(project, ids[:1])
        describing.number(project, ids[1:2], start=77)
        describing.describe(project, ids[2:3], {"use": "school"})
    pipeline.fetch(town, pipeline.Source(osm=made.osm), config=CONFIG)
    with open_project(town) as project:
        after = project.read("buildings").set_index("building_id")
        assert new in after.index
        assert after["status"][ids[0]] == "demolished"
        assert after["number"][ids[1]] == "77"
        assert after["use"][ids[2]] == "school"


WRONG = (
    lambda p: drawing.add(p, at=[0.0, 0.0]),
    lambda p: drawing.add(p, at=None),
    lambda p: drawing.add(p, ring=[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]),
    lambda p: drawing.add(p, at=[1e20, 2.0]),
    lambda p: drawing.add(p, at=[float("nan"), 2.0]),
    lambda p: drawing.split(p, "nobody", [[0, 0], [1, 1]]),
    lambda p: drawing.split(p, p.read("buildings")["building_id"].iloc[0], [[0, 0], [1, 1]]),
    lambda p: drawing.merge(p, [p.read("buildings")["building_id"].iloc[0]]),
    lambda p: drawing.demolish(p, []),
    lambda p: describing.number(p, [], start=1),
    lambda p: describing.number(p, ["nobody"], start=1),
    lambda p: describing.number(p, [p.read("buildings")["building_id"].iloc[0]], start=0),
    lambda p: describing.describe(p, [p.read("buildings")["building_id"].iloc[0]], {"households": -1}),
    lambda p: describing.describe(p, [p.read("buildings")["building_id"].iloc[0]], {"households": 1.5}),
    lambda p: describing.describe(p, [p.read("buildings")["building_id"].iloc[0]], {"use": "castle of air"}),
    lambda p: describing.describe(p, [p.read("buildings")["building_id"].iloc[0]], {"religion": "x"}),
    lambda p: describing.divide(p, p.read("buildings")["building_id"].iloc[0], 0),
    lambda p: describing.divide(p, p.read("buildings")["building_id"].iloc[0], 2, [(1, 3), (5, 6)]),
    lambda p: fencing.wall(p, [[0, 0], [1, 1]]),
    lambda p: fencing.wall(p, [[0, 0], [1, 1]], "dragon"),
    lambda p: fencing.gate(p, [0, 0]),
    lambda p: fencing.compound(p, [[0, 0], [1, 0], [1, 1]], "x"),
    lambda p: fencing.boundary(p, [[0, 0], [60, 0], [60, 60]], "x"),
    lambda p: fencing.remove(p, "compound", p.read("compounds")["compound_id"].iloc[0]),
    lambda p: fencing.remove(p, "house", "x"),
)


def test_what_cannot_be_is_one_sentence_and_changes_nothing(town: Path) -> None:
    with open_project(town) as project:
        before = stored(project)
        for at, way in enumerate(WRONG):
            with pytest.raises(GovmapError) as caught:
                way(project)
            for language in LANGUAGES:
                assert "{" not in caught.value.message(Voice(language)), at
        assert stored(project) == before
        assert project.read("base_edits").empty


def test_the_tables_of_changes_by_hand_are_known() -> None:
    assert {"base_edits", "offers", "agreements", "objections"} <= set(TABLES)
