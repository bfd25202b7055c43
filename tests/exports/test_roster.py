"""Rosters of a hamlet that can be counted by eye: two grids, three micro-grids, a tower divided by floors."""

import io
from datetime import UTC, datetime
from typing import Any

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from govmap.errors import InputError
from govmap.exports import listing, pages, roster
from govmap.messages import Voice
from govmap.publish import Released, release
from govmap.schema import TABLES

ZH = Voice("zh")


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).reindex(columns=TABLES[name].names).astype(object)
    kinds = {column.name: {"int": "Int64", "float": "float64"}.get(column.type, "object") for column in TABLES[name]}
    frame = frame.where(frame.notna(), None).astype(kinds)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=32650) if TABLES[name].geometry else frame


def square(east: int, north: int = 0) -> shapely.Geometry:
    return shapely.box(east, north, east + 10, north + 10)


def hamlet() -> dict[str, pd.DataFrame]:
    """翠园 1, 2 and 10 in the first micro-grid, a tower in the second and third, two houses of 建设路 in the third."""
    named = {
        "b1": ("10号楼", "c1"),
        "b2": ("2号楼", "c1"),
        "b3": ("1号楼", "c1"),
        "t": ("大厦", None),
        "h1": (None, None),
    }
    places = {key: 100 * at for at, key in enumerate([*named, "h2"])}
    units = [
        {"unit_id": "g1", "code": "001", "level": "grid", "households": 60, "residents": 150},
        {"unit_id": "g2", "code": "002", "level": "grid", "households": 42, "residents": 100},
        {
            "unit_id": "m1",
            "code": "00101",
            "level": "microgrid",
            "parent_unit_id": "g1",
            "households": 30,
            "residents": 75,
        },
        {
            "unit_id": "m2",
            "code": "00102",
            "level": "microgrid",
            "parent_unit_id": "g1",
            "households": 30,
            "residents": 75,
        },
        {
            "unit_id": "m3",
            "code": "00201",
            "level": "microgrid",
            "parent_unit_id": "g2",
            "households": 42,
            "residents": 100,
        },
    ]
    parts = [
        *({"part_id": key, "building_id": key, "households": 10, "residents": 25} for key in ("b1", "b2", "b3")),
        {"part_id": "t/1", "building_id": "t", "floor_from": 1, "floor_to": 6, "households": 30, "residents": 75},
        {"part_id": "t/2", "building_id": "t", "floor_from": 7, "floor_to": 12, "households": 30, "residents": 70},
        {"part_id": "h1", "building_id": "h1", "households": 6, "residents": 15},
        {"part_id": "h2", "building_id": "h2", "households": 6, "residents": 15},
    ]
    home = {"b1": "m1", "b2": "m1", "b3": "m1", "t/1": "m2", "t/2": "m3", "h1": "m3", "h2": "m3"}
    return {
        "communities": table("communities", [{"community_id": "k", "name_zh": "幸福社区", "geometry": square(0)}]),
        "units": table(
            "units",
            [
                {"plan_id": "p", "community_id": "k", "kind": "base", "area_m2": 9.6, "geometry": square(0), **unit}
                for unit in units
            ],
        ),
        "plans": table("plans", [{"plan_id": "p", "name": "七月", "edition": 1, "status": "draft"}]),
        "plan_parts": table(
            "plan_parts", [{"plan_id": "p", "part_id": key, "unit_id": to} for key, to in home.items()]
        ),
        "parts": table("parts", [{"cell_id": one["building_id"], **one} for one in parts]),
        "compounds": table("compounds", [{"compound_id": "c1", "name_zh": "翠园", "geometry": square(0)}]),
        "addresses": table(
            "addresses",
            [
                {
                    "address_id": f"a{at}",
                    "building_id": key,
                    "street": "建设路",
                    "house_number": number,
                    "geometry": shapely.Point(0, 0),
                }
                for at, (key, number) in enumerate([("h1", "12"), ("h1", "10"), ("h2", "8")])
            ],
        ),
        "buildings": table(
            "buildings",
            [
                {
                    "building_id": key,
                    "cell_id": key,
                    "name": name,
                    "compound_id": compound,
                    "use": "apartments",
                    "geometry": square(places[key]),
                }
                for key, (name, compound) in {**named, "h2": (None, None)}.items()
            ]
            + [{"building_id": "shed", "cell_id": "b1", "use": "shed", "geometry": square(0, 5)}],
        ),
        "workers": table(
            "workers",
            [
                {"worker_id": "w1", "name": "=王敏", "office_phone": "020-81234567", "role": "网格员"},
                {"worker_id": "w2", "name": "李梅", "office_phone": None, "role": "网格长"},
            ],
        ),
        "duties": table(
            "duties",
            [
                {"worker_id": "w1", "plan_id": "p", "unit_id": "m1", "role": "微网格员"},
                {"worker_id": "w2", "plan_id": "p", "unit_id": "g1", "role": None},
            ],
        ),
    }


def released(audience: str = "planner", **changed: pd.DataFrame) -> Released:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return release({**hamlet(), **changed}, audience=audience, plan_id="p", edition=1, at=at)


def test_buildings_stand_by_unit_compound_and_number_the_divided_tower_in_each_unit() -> None:
    rows = roster.buildings(released(), ZH).rows
    told = rows[["no", "unit", "compound", "building", "part", "households"]].to_numpy().tolist()
    assert told == [
        [1, "00101", "翠园", "1号楼", "", 10],
        [2, "00101", "翠园", "2号楼", "", 10],
        [3, "00101", "翠园", "10号楼", "", 10],
        [4, "00102", None, "大厦", "1-6层", 30],
        [5, "00201", None, None, "", 6],
        [6, "00201", None, None, "", 6],
        [7, "00201", None, "大厦", "7-12层", 30],
    ]
    assert rows["address"].tolist()[4:6] == ["建设路8号", "建设路10、12号"]
    assert rows["unit@grid"].tolist() == ["001"] * 4 + ["002"] * 3


@pytest.mark.parametrize(
    ("voice", "told"),
    [
        (ZH, "人民路单号1-7号；人民路双号2-12号；人民路16、20甲号"),
        (Voice("en"), "1-7 人民路 (odd); 2-12 人民路 (even); 16, 20甲 人民路"),
    ],
)
def test_a_building_of_many_house_numbers_tells_them_all(voice: Voice, told: str) -> None:
    given = ["1", "3", "5", "7", "2", "4", "6", "8", "10", "12", "16", "20甲"]
    rows = [
        {"address_id": f"a{at}", "building_id": "h1", "street": "人民路", "house_number": number,
         "geometry": shapely.Point(0, 0)}
        for at, number in enumerate(given)
    ]  # fmt: skip
    assert told in roster.buildings(released(addresses=table("addresses", rows)), voice).rows["address"].tolist()


def test_households_of_the_rows_add_up_to_the_units() -> None:
    free = released()
    rows = roster.buildings(free, ZH).rows
    sums = rows.groupby("unit_id")["households"].sum()
    units = free.tables["units"].set_index("unit_id")["households"]
    assert (sums == units[sums.index]).all()
    upper = roster.buildings(free, ZH, level="grid").rows
    assert upper.groupby("unit_id")["households"].sum().to_dict() == {"g1": 60, "g2": 42}
    assert upper[upper["building"] == "大厦"]["part"].tolist() == ["1-6层", "7-12层"]


def test_a_unit_without_a_worker_is_answered_for_by_the_one_above_or_stands_vacant() -> None:
    made = roster.units(released(), ZH)
    assert made.rows["worker"].tolist() == ["=王敏", "李梅", None]
    assert made.rows["worker@网格长"].tolist() == ["李梅", "李梅", None]
    assert made.vacant == ("00201",)
    assert made.roles == ("微网格员", "网格长")
    assert roster.units(released(duties=hamlet()["duties"].iloc[:0]), ZH).missing


def test_outbuildings_on_anothers_ground_are_counted_and_not_listed() -> None:
    made = roster.buildings(released(), ZH)
    assert "shed" not in made.rows["building_id"].tolist()
    assert made.lesser == 1


def test_the_order_of_the_tables_does_not_show() -> None:
    turned = {name: frame.iloc[::-1] for name, frame in hamlet().items()}
    pd.testing.assert_frame_equal(roster.buildings(released(**turned), ZH).rows, roster.buildings(released(), ZH).rows)
    pd.testing.assert_frame_equal(roster.units(released(**turned), ZH).rows, roster.units(released(), ZH).rows)


def test_the_public_sees_no_worker_and_no_household_of_a_building() -> None:
    rows = roster.buildings(released("public"), ZH).rows
    assert (
        not {"worker", "worker_phone", "households", "residents", "dwellings"} & set(rows)
        or rows.get("worker").isna().all()
    )
    assert "households" not in rows


def test_an_unknown_level_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError) as caught:
        roster.units(released(), ZH, level="街道")
    assert caught.value.code == "roster_no_level"
    assert "microgrid" in str(caught.value)


def test_a_list_prints_on_one_page_width_with_its_header_on_every_page() -> None:
    columns = (
        listing.Column("no", "序号", "whole"),
        listing.Column("name", "小区名称"),
        listing.Column("n", "户数", "whole"),
    )
    rows = pd.DataFrame({"no": [1, 2], "name": ["=幸福小区", "很长" * 40], "n": [1200, 3]})
    sums = ((2, {"name": "合计：2", "n": 1203}),)
    content = listing.workbook(
        [listing.Listing("表", "标题", ("一行",), columns, rows, sums)], paper="A4", mark="内部使用"
    )
    assert content == listing.workbook(
        [listing.Listing("表", "标题", ("一行",), columns, rows, sums)], paper="A4", mark="内部使用"
    )
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)] == [
        ["序号", "小区名称", "户数"],
        [1, "=幸福小区", 1200],
        [2, "很长" * 40, 3],
        [None, "合计：2", 1203],
    ]
    assert sheet["B4"].data_type == "s"
    assert sheet["C4"].number_format == "#,##0"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (9, 1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.freeze_panes == "C4"
    assert sheet.auto_filter.ref == "A3:C6"
    assert sheet.oddHeader.right.text == "内部使用"
    assert sheet.row_dimensions[5].height > 2 * sheet.row_dimensions[4].height
    assert sheet.column_dimensions["B"].width == listing.WIDEST


def test_a_list_as_a_document_holds_every_row_and_sum_in_order_and_the_same_bytes_twice() -> None:
    rows = pd.DataFrame({"unit": ["一", "一", "二"], "households": [1200, None, 7]})
    columns = (listing.Column("unit", "网格"), listing.Column("households", "户数", "whole"))
    sums = ((2, {"unit": "小计", "households": 1200}), (3, {"unit": "合计", "households": 1207}))
    one = listing.Listing("表", "分工表", ("方案：甲",), columns, rows, sums)
    made = pages.document([one, one], mark="内部")
    table = docx.Document(io.BytesIO(made)).tables[1]
    told = [[cell.text for cell in row.cells] for row in table.rows]
    assert told == [["网格", "户数"], ["一", "1,200"], ["一", ""], ["小计", "1,200"], ["二", "7"], ["合计", "1,207"]]
    assert made == pages.document([one, one], mark="内部")
