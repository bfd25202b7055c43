"""Resources that may be one: told by place, kind and name, whatever the order of the rows."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from govmap.govern import suggest_twins

ROWS = (
    # id, category, name, import, x
    ("osm1", "clinic", "幸福社区卫生服务站", None, 0.0),
    ("L1", "clinic", "卫生服务站", "i1", 40.0),
    ("osm2", "clinic", "和平口腔诊所", None, 20.0),
    ("L2", "clinic", "平安诊所", "i1", 60.0),
    ("osm3", "bus_stop", "人民路", None, 0.0),
    ("osm4", "bus_stop", "人民路", None, 30.0),
    ("L3", "park", None, "i1", 0.0),
    ("osm5", "park", None, None, 20.0),
    ("L4", "canteen", "长者食堂", "i1", 500.0),
    ("L5", "canteen", "长者食堂", "i2", 520.0),
    ("L6", "pharmacy", "长者食堂", "i2", 500.0),
)


def resources(*rows: tuple[object, ...]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(rows, columns=["resource_id", "category", "name", "import_id", "x"])
    return gpd.GeoDataFrame(frame, geometry=shapely.points(frame["x"].to_numpy(float), 0.0))


def test_the_same_place_of_a_list_and_of_the_map_is_suggested_and_the_list_stays() -> None:
    found = suggest_twins(resources(*ROWS))
    pairs = dict(zip(found["resource_id"], found["duplicate_of"], strict=True))
    assert pairs == {"osm1": "L1", "osm5": "L3", "L5": "L4"}
    assert found["score"].between(0, 1).all()


def test_the_order_of_the_rows_does_not_matter() -> None:
    pd.testing.assert_frame_equal(suggest_twins(resources(*ROWS)), suggest_twins(resources(*ROWS[::-1])))


def test_of_three_in_one_place_two_repeat_the_first() -> None:
    rows = [
        ("a", "park", "公园东门", "i1", 0.0),
        ("b", "park", "公园东门", "i2", 5.0),
        ("c", "park", "公园东门", None, 9.0),
    ]
    found = suggest_twins(resources(*rows))
    assert set(found["duplicate_of"]) == {"a"}
    assert set(found["resource_id"]) == {"b", "c"}


@pytest.mark.parametrize("rows", [(), (("a", "park", "x", None, 0.0),)])
def test_few_rows_are_no_fault(rows: tuple[tuple[object, ...], ...]) -> None:
    assert suggest_twins(resources(*rows)).empty
