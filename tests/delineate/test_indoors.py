import pandas as pd

from govmap.delineate import indoors
from govmap.messages import Voice

NAMES = ["unit_id", "building_id", "entrance", "floor_from", "floor_to"]


def told(voice, *rows):
    return indoors.texts(pd.DataFrame(list(rows), columns=NAMES), {"w1": "幸福小区3号楼"}, voice).to_dict()


def test_floors_that_follow_each_other_are_told_as_one():
    rows = [("u", "w1", None, 10, 10), ("u", "w1", None, 1, 3), ("u", "w1", None, 4, 6)]
    assert told(Voice("zh"), *rows) == {"u": "位于幸福小区3号楼 1 至 6 层、幸福小区3号楼 10 层"}
    assert told(Voice("en"), *rows) == {"u": "inside: 幸福小区3号楼, floors 1 to 6, 幸福小区3号楼, floor 10"}


def test_stairwells_and_buildings_without_a_name_are_told_by_what_there_is():
    rows = [("u", "w1", "2单元", None, None), ("u", "w9", None, None, None), ("v", None, None, None, None)]
    assert told(Voice("zh"), *rows) == {"u": "位于幸福小区3号楼 2单元、w9"}
    assert told(Voice("zh"), ("u", "w1", "2", 1, 5)) == {"u": "位于幸福小区3号楼 2 单元 1 至 5 层"}
    assert told(Voice("en"), ("u", "w9", "B", 1, 5)) == {"u": "inside: w9, entrance B, floors 1 to 5"}
