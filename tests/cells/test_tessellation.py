import hashlib
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from ground import BAR, STREET, Hamlet, barriers, box, buildings, communities, hamlet, line, placed

from govmap.cells import tessellate
from govmap.geometry import polygonal

HAMLETS = range(28)
NOTHING = barriers()


def made(given: Hamlet, **choices):
    return tessellate(given.buildings, given.barriers, given.communities, **choices)


def ids_told(found, *keys):
    return {one for note in found.notes if note.key in keys for one in note.facts["ids"]}


def shapes_of(found):
    return found.cells.geometry.to_numpy()


@pytest.fixture(scope="module")
def hamlets():
    return [(given, made(given)) for given in map(hamlet, HAMLETS)]


# laws ----------------------------------------------------------------------------------------------------------------


def test_cells_are_a_valid_coverage_of_the_boundary(hamlets):
    for given, found in hamlets:
        shapes = shapes_of(found)
        whole = shapely.area(shapely.union_all(given.communities.geometry.to_numpy()))
        assert shapely.coverage_is_valid(shapes)
        assert shapely.area(shapes).sum() == pytest.approx(whole, rel=1e-9)


def test_every_cell_is_one_valid_piece(hamlets):
    for _, found in hamlets:
        shapes = shapes_of(found)
        assert (shapely.get_type_id(shapes) == 3).all()
        assert shapely.is_valid(shapes).all()
        assert found.cells["cell_id"].is_unique
        assert found.figures["mixed"] == 0


def test_every_standing_building_inside_has_a_cell_with_its_footprint(hamlets):
    for given, found in hamlets:
        told = ids_told(found, "cells_straddle", "cells_overlap", "cells_over_boundary", "cells_apart")
        lead = found.cells.dropna(subset=["building_id"]).set_index("building_id").geometry
        prints = given.buildings.set_index("building_id").geometry.loc[lead.index]
        shapes = polygonal(prints.to_numpy())
        beyond = shapely.area(shapely.difference(shapes, lead.to_numpy())) / shapely.area(shapes)
        assert set(lead.index[beyond > 0.01]) <= told


def test_every_building_has_a_cell_or_a_reason(hamlets):
    for given, found in hamlets:
        rows = found.buildings
        assert sorted(rows["building_id"]) == sorted(given.buildings["building_id"])
        assert (rows["cell_id"].notna() | rows["reason"].notna()).all()
        assert rows["cell_id"].dropna().isin(found.cells["cell_id"]).all()
        lead = found.cells["building_id"].dropna()
        assert (rows.set_index("building_id").loc[lead, "cell_id"] == lead.to_numpy()).all()


def test_a_building_belongs_to_the_community_that_holds_its_point(hamlets):
    for given, found in hamlets:
        points = polygonal(given.buildings.geometry.to_numpy())
        points = gpd.GeoSeries(points, index=given.buildings["building_id"]).representative_point()
        rows = found.buildings.set_index("building_id")
        for building, point in points.items():
            holders = given.communities["community_id"][given.communities.intersects(point)]
            expected = holders.min() if len(holders) else None
            assert rows.loc[building, "community_id"] == expected


def test_no_cell_crosses_a_barrier_of_strength_one_that_closes_something(hamlets):
    for given, found in hamlets:
        used = given.barriers[(given.barriers["strength"] == BAR) & given.barriers["on_ground"]]
        rims = shapely.boundary(given.communities.geometry.to_numpy())
        net = shapely.union_all([*used.geometry, *rims])
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
        cells = found.cells[~found.cells["straddles"]]
        inner = shapely.buffer(cells.geometry.to_numpy(), -0.01)
        inside = shapely.intersects(inner[:, None], shapely.buffer(faces, -0.01)[None, :]).sum(1)
        assert (inside[~shapely.is_empty(inner)] <= 1).all()


def test_each_point_lies_in_the_cell_of_the_nearest_building_of_its_block(hamlets):
    rng = np.random.default_rng(0)
    seen = 0
    for given, found in hamlets:
        points = _points_in_built_blocks(found, rng)
        seen += len(points)
        excess = _excess(given, found, points)
        assert excess.max(initial=0) < 0.05
        assert (excess > 1e-6).mean() < 0.01 if len(excess) else True
    assert seen > 4000


def _points_in_built_blocks(found, rng):
    west, south, east, north = found.blocks.total_bounds
    points = rng.uniform((west, south), (east, north), (400, 2))
    built = shapely.union_all(found.blocks.geometry[found.blocks["built"]].to_numpy())
    moved = shapely.union_all(found.moved.geometry.to_numpy())
    free = shapely.contains_xy(built, points) & ~shapely.intersects_xy(moved, points)
    return shapely.points(points[free])


def _excess(given, found, points):
    """Metres by which the buildings of each point's cell are farther than the nearest of its block."""
    rows = found.buildings[found.buildings["cell_id"].notna()]
    rows = rows[~rows["reason"].fillna("").str.startswith(("small:", "swallowed:"))]
    shape = polygonal(given.buildings.set_index("building_id").geometry.loc[rows["building_id"]].to_numpy())
    part, row = shapely.get_parts(shape, return_index=True)
    cell_of_part = rows["cell_id"].to_numpy()[row]
    blocks, cells = found.blocks.geometry.to_numpy(), found.cells.geometry.to_numpy()
    home = shapely.intersects(blocks[:, None], shapely.point_on_surface(part)[None, :])
    out = []
    for point in points:
        in_block = home[np.flatnonzero(shapely.intersects(blocks, point))[0]]
        cell = found.cells["cell_id"].to_numpy()[np.flatnonzero(shapely.intersects(cells, point))]
        far = np.where(in_block, shapely.distance(part, point), np.inf)
        out.append(far[np.isin(cell_of_part, cell)].min(initial=np.inf) - far.min())
    return np.array(out)


# the same every time -------------------------------------------------------------------------------------------------


def fingerprint(found) -> str:
    text = hashlib.sha256()
    for frame in (found.cells, found.blocks, found.moved):
        text.update(pd.DataFrame(frame.drop(columns="geometry")).to_csv().encode())
        for shape in shapely.to_wkb(frame.geometry.to_numpy()):
            text.update(shape)
    text.update(found.buildings.to_csv().encode())
    text.update(repr([(note.key, sorted(note.facts.items())) for note in found.notes]).encode())
    return text.hexdigest()


def test_the_order_of_rows_changes_nothing(hamlets):
    for seed, (given, found) in enumerate(hamlets):
        assert fingerprint(made(given.shuffled(seed))) == fingerprint(found)


def test_threads_change_nothing(hamlets):
    given, found = hamlets[3]
    assert fingerprint(made(given, threads=2)) == fingerprint(found)


def test_hash_seeds_change_nothing():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from ground import hamlet; import test_tessellation as t;"
        "print(*(t.fingerprint(t.made(hamlet(seed))) for seed in range(4)))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


# cases ---------------------------------------------------------------------------------------------------------------


def test_ground_without_a_building_is_one_open_cell():
    found = tessellate(buildings([]), NOTHING, communities(box(0, 0, 50, 50)))
    assert len(found.cells) == 1
    assert found.cells["building_id"].isna().all()
    assert found.cells["cell_id"].tolist() == ["o500025_5000025"]
    assert found.cells["block_id"].tolist() == found.cells["cell_id"].tolist()


def test_one_building_has_all_the_ground():
    found = tessellate(buildings([box(10, 10, 20, 20)]), NOTHING, communities(box(0, 0, 50, 50)))
    assert found.cells["cell_id"].tolist() == ["w001"]
    assert found.cells["area_m2"].sum() == pytest.approx(2500)


def test_two_equal_buildings_share_the_ground_by_half():
    houses = buildings([box(10, 20, 20, 30), box(30, 20, 40, 30)])
    found = tessellate(houses, NOTHING, communities(box(0, 0, 50, 50)))
    assert found.cells["area_m2"].tolist() == pytest.approx([1250, 1250], abs=1e-3)


def test_houses_in_a_row_part_at_their_wall():
    row = buildings([box(10 * k, 20, 10 * k + 10, 30) for k in range(5)])
    found = tessellate(row, NOTHING, communities(box(0, 0, 50, 50)))
    for shape, print_ in zip(found.cells.geometry, row.geometry, strict=True):
        assert shape.covers(print_)
        assert shape.symmetric_difference(shape.envelope).area < 0.01


def test_a_street_parts_blocks_and_a_railway_is_never_crossed():
    houses = buildings([box(10, 10, 20, 20), box(10, 30, 20, 40), box(10, 60, 20, 70)])
    given = barriers((line((-5, 25), (105, 25)), "street", STREET), (line((-5, 50), (105, 50)), "railway", BAR))
    found = tessellate(houses, given, communities(box(0, 0, 100, 100)))
    assert found.cells["area_m2"].tolist() == pytest.approx([2500, 2500, 5000])
    assert found.cells["block_id"].tolist() == ["w001", "w002", "w003"]


def test_tunnels_and_bridges_part_nothing():
    houses = buildings([box(10, 10, 20, 20)])
    given = barriers((line((-5, 50), (105, 50)), "railway", BAR, False))
    assert len(tessellate(houses, given, communities(box(0, 0, 100, 100))).cells) == 1


def test_a_dead_end_bars_nobody_and_its_length_is_told():
    houses = buildings([box(10, 10, 20, 20)])
    given = barriers((line((-5, 50), (55, 50)), "railway", BAR))
    found = tessellate(houses, given, communities(box(0, 0, 100, 100)))
    assert len(found.cells) == 1
    assert found.figures["dead_ends_km"] == pytest.approx(0.055)
    assert [note.key for note in found.notes] == ["cells_dead_ends"]


def test_a_barrier_is_led_round_a_building_that_stands_across_it():
    houses = buildings([box(40, 40, 60, 55), box(10, 80, 20, 90)])
    given = barriers((line((-5, 50), (105, 50)), "railway", BAR))
    found = tessellate(houses, given, communities(box(0, 0, 100, 100)))
    cells = found.cells.set_index("cell_id")
    assert cells.loc["w001", "geometry"].covers(houses.geometry[0])
    assert cells["straddles"].tolist() == [True, False]
    assert ids_told(found, "cells_straddle") == {"w001"}
    assert cells.loc["w001", "area_m2"] == pytest.approx(5000 + 20 * 5)


def test_a_weak_line_is_led_round_too_and_nobody_need_look():
    houses = buildings([box(40, 40, 60, 55), box(10, 80, 20, 90)])
    given = barriers((line((-5, 50), (105, 50)), "street", STREET))
    found = tessellate(houses, given, communities(box(0, 0, 100, 100)))
    assert found.cells.set_index("cell_id").loc["w001", "geometry"].covers(houses.geometry[0])
    assert not found.cells["straddles"].any()
    assert found.notes == []


def test_a_footprint_drawn_twice_has_one_cell_and_both_know_it():
    houses = buildings([box(10, 10, 20, 20), box(10, 10, 20, 20), box(30, 10, 40, 20)])
    found = tessellate(houses, NOTHING, communities(box(0, 0, 50, 50)))
    rows = found.buildings.set_index("building_id")
    assert found.cells["cell_id"].tolist() == ["w001", "w003"]
    assert rows.loc["w002"].tolist() == ["c1", "w001", "swallowed:w001"]
    assert ids_told(found, "cells_overlap") == {"w002"}


def test_of_two_that_overlap_the_smaller_keeps_the_ground():
    houses = buildings([box(10, 10, 30, 30), box(25, 15, 35, 25)])
    found = tessellate(houses, NOTHING, communities(box(0, 0, 50, 50)))
    assert found.cells.set_index("cell_id").loc["w002", "geometry"].covers(houses.geometry[1])
    assert ids_told(found, "cells_overlap") == {"w001"}


def test_a_house_in_a_courtyard_has_the_ground_half_way_to_the_wings_round_it():
    ring = box(0, 0, 60, 60).difference(box(10, 10, 50, 50))
    found = tessellate(buildings([ring, box(25, 25, 35, 35)]), NOTHING, communities(box(-20, -20, 80, 80)))
    cells = found.cells.set_index("cell_id").geometry
    inner = 25.0**2
    assert cells["w002"].covers(box(25, 25, 35, 35))
    assert inner * 0.9 < cells["w002"].area < inner
    assert len(cells["w001"].interiors) == 1


def test_a_building_in_two_parts_keeps_both_where_nothing_lies_between():
    twin = shapely.MultiPolygon([box(10, 10, 20, 20), box(25, 10, 35, 20)])
    found = tessellate(buildings([twin, box(10, 40, 20, 50)]), NOTHING, communities(box(0, 0, 60, 60)))
    assert found.cells.set_index("cell_id").loc["w001", "geometry"].covers(twin)
    assert ids_told(found, "cells_apart") == set()


def test_a_building_in_two_parts_with_a_house_between_keeps_the_larger_and_says_so():
    twin = shapely.MultiPolygon([box(0, 20, 12, 30), box(40, 20, 50, 30)])
    found = tessellate(buildings([twin, box(20, 0, 30, 50)]), NOTHING, communities(box(0, 0, 50, 50)))
    cells = found.cells.set_index("cell_id").geometry
    assert cells["w001"].covers(box(0, 20, 12, 30))
    assert cells["w002"].covers(box(40, 20, 50, 30))
    assert ids_told(found, "cells_apart") == {"w001"}
    assert found.moved["reason"].tolist() == ["stray"]


def test_crossed_outlines_points_and_missing_outlines_do_no_harm():
    bow = placed(shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]))
    dot = box(30, 30, 30.01, 30.01)
    houses = buildings([bow, dot, None, shapely.Polygon(), box(20, 20, 26, 26)])
    found = tessellate(houses, NOTHING, communities(box(-10, -10, 50, 50)))
    rows = found.buildings.set_index("building_id")
    assert found.cells["cell_id"].tolist() == ["w001", "w005"]
    assert rows.loc["w002", "cell_id"] == "w005"
    assert rows.loc[["w003", "w004"], "reason"].tolist() == ["no_outline", "no_outline"]


def test_who_stands_outside_or_no_longer_has_a_reason_and_no_cell():
    houses = buildings([box(10, 10, 20, 20), box(90, 10, 99, 20), box(30, 30, 40, 40)])
    houses["status"] = ["standing", "standing", "demolished"]
    found = tessellate(houses, NOTHING, communities(box(0, 0, 50, 50)))
    assert found.buildings["reason"].tolist() == [None, "outside", "demolished"]
    assert found.buildings["cell_id"].tolist() == ["w001", None, None]


def test_a_building_over_the_boundary_belongs_by_its_point_and_is_told():
    houses = buildings([box(40, 10, 58, 20), box(44, 30, 60, 40)])
    found = tessellate(houses, NOTHING, communities(box(0, 0, 50, 50)))
    assert found.cells["cell_id"].tolist() == ["w001"]
    assert found.buildings["reason"].tolist() == [None, "outside"]
    assert ids_told(found, "cells_over_boundary") == {"w001"}


def test_communities_are_divided_each_for_itself():
    houses = buildings([box(10, 10, 20, 20), box(60, 10, 70, 20)])
    found = tessellate(houses, NOTHING, communities(box(0, 0, 50, 50), box(50, 0, 100, 50)))
    assert found.cells["community_id"].tolist() == ["c1", "c2"]
    assert found.cells["area_m2"].tolist() == pytest.approx([2500, 2500])


def test_an_exclave_and_a_hole_are_kept_to():
    whole = shapely.MultiPolygon([box(0, 0, 50, 50).difference(box(20, 20, 30, 30)), box(100, 0, 150, 50)])
    houses = buildings([box(5, 5, 15, 15), box(110, 5, 120, 15)])
    found = tessellate(houses, NOTHING, communities(whole))
    assert found.cells["area_m2"].tolist() == pytest.approx([2400, 2500])


def test_a_shed_joins_the_nearest_house_of_its_block():
    houses = buildings([box(0, 0, 10, 10), box(40, 0, 50, 10), box(33, 0, 36, 3)])
    houses["use"] = ["house", "house", "shed"]
    found = tessellate(houses, NOTHING, communities(box(-10, -10, 60, 20)))
    rows = found.buildings.set_index("building_id")
    assert found.cells["cell_id"].tolist() == ["w001", "w002"]
    assert rows.loc["w003"].tolist() == ["c1", "w002", "shed:w002"]
    assert found.cells.set_index("cell_id").loc["w002", "geometry"].covers(houses.geometry[2])


def test_sheds_alone_in_their_block_join_the_largest():
    sheds = buildings([box(0, 0, 5, 5), box(10, 0, 17, 5), box(20, 0, 24, 5)], use=["garage"] * 3)
    found = tessellate(sheds, NOTHING, communities(box(-10, -10, 60, 20)))
    assert found.cells["cell_id"].tolist() == ["w002"]
    assert found.buildings["cell_id"].tolist() == ["w002"] * 3


def test_a_small_house_with_households_is_no_shed():
    houses = buildings([box(0, 0, 10, 10), box(20, 0, 24, 4)], households=[3, 1])
    found = tessellate(houses, NOTHING, communities(box(-10, -10, 60, 20)))
    assert found.cells["cell_id"].tolist() == ["w001", "w002"]


def test_wide_open_ground_is_split_off_and_keeps_the_block():
    houses = buildings([box(10, 10, 20, 20), box(40, 10, 50, 20)])
    found = tessellate(houses, NOTHING, communities(box(0, 0, 600, 60)))
    open_ = found.cells[found.cells["building_id"].isna()]
    assert len(open_) == 1
    assert open_["block_id"].tolist() == ["w001"]
    assert shapely.distance(open_.geometry.iloc[0], houses.geometry[1]) == pytest.approx(80, abs=10)
    assert shapely.coverage_is_valid(shapes_of(found))


def test_a_sliver_between_two_carriageways_is_no_place():
    houses = buildings([box(10, 10, 20, 20), box(10, 60, 20, 70)])
    lens = [line((-5, 40), (20, 40), (30, 41), (40, 40), (105, 40)), line((20, 40), (30, 39), (40, 40))]
    found = tessellate(houses, barriers(*((one, "street", STREET) for one in lens)), communities(box(0, 0, 100, 80)))
    assert found.cells["cell_id"].tolist() == ["w001", "w002"]
    assert found.moved["reason"].tolist() == ["sliver"]


def test_a_sliver_between_two_tracks_joins_nobody():
    houses = buildings([box(10, 10, 20, 20), box(10, 60, 20, 70)])
    tracks = [line((-5, 40), (105, 40)), line((-5, 40.2), (105, 40.2))]
    found = tessellate(houses, barriers(*((one, "railway", BAR) for one in tracks)), communities(box(0, 0, 100, 80)))
    assert len(found.cells) == 3


def test_the_smallest_compound_holds_a_building():
    grounds = gpd.GeoDataFrame(
        {"compound_id": ["a", "b"]}, geometry=[box(0, 0, 50, 50), box(5, 5, 25, 25)], crs="EPSG:32633"
    )
    houses = buildings([box(10, 10, 20, 20), box(30, 30, 40, 40), box(60, 60, 70, 70)])
    found = tessellate(houses, NOTHING, communities(box(0, 0, 80, 80)), compounds=grounds)
    assert found.cells["compound_id"].tolist() == ["b", "a", None]


def test_streets_close_blocks_where_no_barrier_is_a_street():
    houses = buildings([box(10, 10, 20, 20), box(10, 30, 20, 40)])
    streets = gpd.GeoDataFrame(
        {"street_id": ["s1", "s2"], "kind": ["residential", "footway"], "walkable": [True, True]},
        geometry=[line((-5, 25), (105, 25)), line((-5, 45), (105, 45))],
        crs="EPSG:32633",
    )
    found = tessellate(houses, NOTHING, communities(box(0, 0, 100, 50)), streets=streets)
    assert found.cells["area_m2"].tolist() == pytest.approx([2500, 2500])


def test_what_is_given_stays_as_it_was():
    given = hamlet(5)
    before = [frame.copy() for frame in vars(given).values()]
    made(given)
    for frame, was in zip(vars(given).values(), before, strict=True):
        pd.testing.assert_frame_equal(frame, was)


def test_progress_grows_to_the_end():
    told = []
    made(hamlet(7), progress=lambda key, share: told.append((key, share)))
    shares = [share for _, share in told]
    assert {key for key, _ in told} == {"progress_cells"}
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_courtyard_that_a_lost_outline_seems_to_close_stays_open():
    """A footprint too thin to count is drawn across the mouth of a court: the walls of the court still matter."""
    court = box(0, 0, 40, 40).difference(box(10, 10, 30, 40))
    houses = buildings([court, box(10, 39.99, 30, 40), box(12, 41, 28, 50)])
    found = tessellate(houses, NOTHING, communities(box(-20, -20, 60, 90)))
    cells = found.cells.set_index("cell_id").geometry
    assert found.cells["cell_id"].tolist() == ["w001", "w003"]
    assert cells["w001"].contains(box(10, 10, 30, 30))
