import geopandas as gpd
import pandas as pd
import pytest
import shapely

from govmap.assess import patrol


def streets(*lines, walkable=None):
    rows = {"street_id": [f"s{one}" for one in range(len(lines))], "walkable": walkable or [True] * len(lines)}
    return gpd.GeoDataFrame(rows, geometry=[shapely.LineString(line) for line in lines])


CELLS = gpd.GeoDataFrame(
    {"cell_id": ["west", "east"]}, geometry=[shapely.box(0, 0, 50, 100), shapely.box(50, 0, 99, 100)]
)


def test_a_street_inside_counts_whole_and_one_along_the_border_half_for_each_side():
    found = patrol.street_m(streets([(10, 10), (10, 90)], [(50, 0), (50, 100)]), CELLS)
    assert found.to_dict() == pytest.approx({"west": 80 + 50, "east": 50})


def test_a_street_on_the_edge_of_the_community_counts_half():
    assert patrol.street_m(streets([(0, 0), (0, 100)]), CELLS).to_dict() == pytest.approx({"west": 50})


def test_ways_nobody_walks_are_left_out_and_nothing_is_lost_of_the_others():
    lines = ([(5, 5), (40, 70), (90, 20)], [(3, 3), (97, 97)], [(20, 20), (80, 20)])
    made = streets(*lines, walkable=[True, None, False])
    assert patrol.street_m(made, CELLS).sum() == pytest.approx(made.length.iloc[:2].sum())


def test_without_streets_or_ground_there_is_no_patrol():
    assert patrol.street_m(streets().head(0), CELLS).empty
    assert patrol.street_m(streets([(0, 0), (9, 9)]), CELLS.head(0)).empty


def test_the_order_of_rows_changes_nothing():
    made = streets(*([(one, 0), (50, 100 - one), (97, one)] for one in range(1, 30)))
    mixed = made.sample(frac=1, random_state=1)
    assert patrol.street_m(made, CELLS).equals(patrol.street_m(mixed, CELLS[::-1]))


def test_parts_of_a_cell_share_its_streets_by_their_households():
    parts = pd.DataFrame(
        {"part_id": ["c", "a", "b", "d"], "cell_id": ["x", "x", "y", "y"], "households": [3, 1, 0, None]}
    )
    found = patrol.of_parts(pd.Series({"x": 40.0, "y": 10.0}), parts)
    assert found.to_dict() == {"a": 10.0, "b": 5.0, "c": 30.0, "d": 5.0}
