"""The import gate: rows in = rows kept + rows rejected, each reject with its reason, nothing personal through."""

from pathlib import Path

import geopandas as gpd
import nasty
import pandas as pd
import pytest
import shapely
from gating import PLACES, TODAY, admit, by_row, listed, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import BOUNDS, CRS, HEADER, LAT, LON, ROWS

from govmap.errors import TableError
from govmap.messages import Voice
from govmap.schema import TABLES
from govmap.sources import files, gate


def test_counts_by_building_pass_whole(tmp_path: Path) -> None:
    admitted = admit(listed(tmp_path, HEADER, *ROWS), "residents")
    assert admitted.rows["place_id"].tolist() == ["幸福小区1号楼", "幸福小区2号楼", "和平小区3号楼"]
    assert admitted.rows["households"].tolist() == [12, 20, 8]
    assert admitted.rows["base"].unique().tolist() == ["actual"]
    assert (admitted.rows_in, admitted.rows_kept, admitted.rows_rejected) == (3, 3, 0)
    assert list(admitted.rows.columns) == TABLES["residents"].names


def test_what_is_no_entry_is_rejected_and_the_total_is_compared(tmp_path: Path) -> None:
    path = listed(
        tmp_path, ["社区住户表"], [], HEADER, *ROWS, ["小计", "", "40", ""], HEADER, ["", "", "", ""],
        ["合 计", "", "40", "102"], ["填表人：某某", "", "", ""], ["甲", "乙", "1"], ["甲", "丙", "1", "2", "3"],
    )  # fmt: skip
    admitted = admit(path, "residents")
    assert by_row(admitted) == {
        7: "total_row", 8: "header_again", 10: "total_row", 11: "not_a_row", 12: "row_shifted", 13: "row_shifted"
    }  # fmt: skip
    assert [one.key for one in admitted.notes if "total" in one.key] == ["import_total_agrees", "import_total_differs"]
    told(admitted)


def test_cells_that_would_be_a_guess_are_rejected_with_their_column(tmp_path: Path) -> None:
    rows = [["a", "1", "约40", "1"], ["a", "2", "1,234", "１２"], ["a", "3", "12.5", "1"], ["a", "4", "十二户", ""]]
    admitted = admit(listed(tmp_path, HEADER, *rows), "residents")
    assert by_row(admitted) == {2: "bad_int", 4: "bad_int"}
    assert admitted.rejects["their_column"].tolist() == ["户数", "户数"]
    assert admitted.rows["households"].tolist() == [1234, 12]


def test_a_place_counted_twice_is_not_added_up(tmp_path: Path) -> None:
    admitted = admit(
        listed(tmp_path, HEADER, ROWS[0], ["幸福小区", "１栋", "13", "31"], ["", "", "5", "5"]), "residents"
    )
    assert by_row(admitted) == {3: "place_again", 4: "no_place"}


def test_a_merged_number_belongs_to_no_row_alone(tmp_path: Path) -> None:
    admitted = admit(nasty.merged(tmp_path / "a.xlsx"), "residents")
    assert by_row(admitted) == {6: "merged_number", 7: "merged_number", 8: "total_row"}
    assert admitted.rows[["households", "people", "age_60_plus"]].to_numpy().tolist() == [[12, 30, 5], [20, 50, 9]]


def test_an_uncalculated_formula_is_not_taken_for_nothing(tmp_path: Path) -> None:
    admitted = admit(nasty.uncalculated(tmp_path / "a.xlsx"), "residents")
    assert by_row(admitted) == {2: "error_cell", 4: "total_row"}


def test_ids_stay_text_doubles_are_rejected_and_those_of_others_are_not_written_over(tmp_path: Path) -> None:
    rows = [["007", "a"], ["7", "b"], ["007", "c"], ["", "d"], ["X1", "e"]]
    admitted = admit(listed(tmp_path, ["编号", "名称"], *rows), "resources", taken={"X1"})
    assert by_row(admitted) == {4: "duplicate_id", 6: "already_there"}
    assert admitted.rows["resource_id"].tolist()[:2] == ["007", "7"]
    assert admitted.rows["resource_id"].tolist()[2] == f"{admitted.import_id}-5"


def test_a_row_that_was_rejected_does_not_stand_in_the_way_of_its_corrected_copy(tmp_path: Path) -> None:
    rows = [["A1", "约5", "a"], ["A1", "5", "a"]]
    admitted = admit(listed(tmp_path, ["编号", "容量", "名称"], *rows), "resources")
    assert by_row(admitted) == {2: "bad_float"}


def test_an_id_column_that_repeats_itself_is_not_used_as_one(tmp_path: Path) -> None:
    admitted = admit(listed(tmp_path, ["id", "名称"], *[["0", str(n)] for n in range(5)]), "resources")
    assert admitted.rows_kept == 5
    assert "import_id_repeats" in told(admitted)


def test_ids_that_a_program_made_floats_of_are_whole_again(tmp_path: Path) -> None:
    admitted = admit(listed(tmp_path, ["编号", "名称"], ["1.0", "a"], ["2.0", "b"]), "resources")
    assert admitted.rows["resource_id"].tolist() == ["1", "2"]


def test_tickets_keep_their_number_and_times_their_zone(tmp_path: Path) -> None:
    header = ["工单编号", "诉求类型", "问题分类", "上报时间", "事发地址", "来电人", "联系电话"]
    rows = [
        ["2024-001", "投诉", "噪音扰民", "2024年3月5日 14:05", "幸福小区3号楼2单元501室", "王某", "13800138000"],
        ["2024-002", "求助", "家庭暴力", "2024-03-06", "建设路12号", "李某", "13900139000"],
        ["2024-003", "建议", "绿化", "明天", "建设路12号", "", ""],
    ]
    admitted = admit(listed(tmp_path, header, *rows), "incidents")
    assert by_row(admitted) == {4: "bad_time"}
    assert admitted.rows["incident_id"].tolist() == ["2024-001", "2024-002"]
    assert admitted.rows["kind"].tolist() == ["complaint", "need"]
    assert admitted.rows["sensitive"].tolist() == [False, True]
    assert admitted.rows["address"].tolist() == ["幸福小区3号楼2单元", "建设路12号"]
    assert admitted.rows["reported_at"].iloc[0] == pd.Timestamp("2024-03-05 06:05", tz="UTC")


def test_day_and_month_are_asked_about_where_nothing_tells(tmp_path: Path) -> None:
    path = listed(tmp_path, ["类别", "上报时间"], ["a", "03/05/2024"], ["b", "04/05/2024"])
    with pytest.raises(TableError) as caught:
        admit(path, "incidents")
    assert caught.value.code == "import_date_order_unsure"
    assert admit(path, "incidents", date_order="mdy").rows_kept == 2


def test_a_list_that_lacks_what_its_table_is_about_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        admit(listed(tmp_path, ["序号", "颜色"], ["1", "红"]), "residents")
    assert caught.value.code == "import_columns_missing"
    assert "颜色" in str(caught.value)


def test_the_same_content_has_the_same_import_whatever_its_file(tmp_path: Path) -> None:
    one = admit(listed(tmp_path, HEADER, *ROWS), "residents")
    other = admit(nasty.workbook(tmp_path / "b.xlsx", 表=[HEADER, *ROWS]), "residents")
    assert one.import_id == other.import_id
    assert one.import_id != admit(tmp_path / "a.csv", "buildings").import_id


@pytest.mark.parametrize("name", ["rejects.csv", "rejects.xlsx"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_rejects_come_back_as_the_users_own_rows_and_can_be_given_again(
    tmp_path: Path, name: str, language: str
) -> None:
    path = listed(
        tmp_path, [*HEADER, "联系电话"], ["幸福小区", "9号楼", "约40", "1", "13800138000"], [*ROWS[0], "13800138000"]
    )
    raw = files.rows(path)
    admitted = gate.admit(raw, "residents", crs=CRS, project_bounds=BOUNDS)
    voice = Voice(language)
    gate.rejects_file(raw, admitted.rejects, tmp_path / name, voice)
    back = files.rows(tmp_path / name)
    assert list(back.header)[4:] == HEADER
    assert back.frame[list(back.header)].to_numpy().tolist() == [
        ["2", voice.say("reason_bad_int"), "户数", admitted.import_id, "幸福小区", "9号楼", "约40", "1"]
    ]
    again = gate.admit(back, "residents", crs=CRS, project_bounds=BOUNDS)
    assert by_row(again) == {2: "bad_int"}


def test_hostile_text_passes_as_text(tmp_path: Path) -> None:
    names = [
        "{{7*7}}",
        "<img src=x onerror=alert(1)>",
        "</script>",
        "${x}",
        "=cmd|'/c calc'!A1",
        "a\u2028b",
        "'; DROP TABLE x;--",
    ]
    admitted = admit(listed(tmp_path, ["名称", "类别"], *[[name, "诊所"] for name in names]), "resources")
    assert admitted.rows["name"].tolist() == names


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "幸福小区",
            "1号楼",
            "12",
            "合计",
            "约40",
            "-",
            "117.0",
            "31.184",
            "118",
            "#N/A",
            "2024-03-05",
            "１２",
            "null",
        ]
    ),
    st.text(max_size=6),
)


HEADERS = st.sampled_from([
    HEADER, PLACES, ["编号", "类别", "上报时间", "地址"], ["姓名", "年龄", "楼栋", "房号"],
    ["小区", "户数", "人口", "60岁以上"],
])  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=HEADERS, rows=st.lists(st.lists(CELLS, max_size=6), max_size=12), table=st.sampled_from(gate.ADMITTED))
def test_every_row_is_kept_or_rejected_once(
    tmp_path: Path, header: list[str], rows: list[list[str]], table: str
) -> None:
    path = listed(tmp_path, header, *rows)
    try:
        raw = files.rows(path)
        admitted = gate.admit(raw, table, crs=CRS, project_bounds=BOUNDS, today=TODAY)
    except TableError as fault:
        fault.message(Voice("zh"))
        return
    kept = admitted.rows_kept if table == "residents" else len(admitted.rows)
    assert raw.rows_in == kept + len(admitted.rejects)
    assert not admitted.rejects["row"].duplicated().any()
    assert set(admitted.rejects["row"]) <= set(raw.frame["source_row"])
    assert not set(admitted.rejects["row"]) & set(admitted.rows["source_row"])
    assert all(Voice("zh").knows(f"reason_{code}") for code in admitted.reasons)
    told(admitted)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(8)))
def test_the_order_of_rows_changes_nothing_but_their_numbers(tmp_path: Path, order: list[int]) -> None:
    rows = [[f"a{n}", f"点{n}", str(LON + n / 1e4), str(LAT)] for n in range(8)]
    header = ["编号", "名称", "经度", "纬度"]
    one = admit(listed(tmp_path, header, *rows), "resources").rows
    other = admit(listed(tmp_path, header, *[rows[n] for n in order], name="b.csv"), "resources").rows
    same = ["resource_id", "name", "geometry"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(one[same].sort_values("resource_id", ignore_index=True)).astype(str),
        pd.DataFrame(other[same].sort_values("resource_id", ignore_index=True)).astype(str),
    )


def test_real_registers_reconcile(shared: Path) -> None:
    side = shared / "data" / "side"
    cases = [
        ("baltimore_incidents_2021.csv", "incidents", "EPSG:32618", (-76.71, 39.19, -76.52, 39.38), 15167, {}),
        ("berkeley_311_requests.geojson", "incidents", "EPSG:32610", (-122.33, 37.84, -122.23, 37.91), 2341, {}),
        ("shanghai_lujiazui_pois_tilezen.geojson", "resources", "EPSG:32651", (121.48, 31.22, 121.52, 31.25), 493,
         {"duplicate_id": 1}),
        ("helsinki_population_grid_2020.gpkg", "residents", "EPSG:32635", (24.93, 60.16, 24.95, 60.18), 92, {}),
        ("sf_demand_205_tracts.csv", "residents", "EPSG:32610", (-122.5, 37.6, -122.3, 37.9), 205, {}),
        ("sf_stores_16.csv", "resources", "EPSG:32610", (-122.5, 37.6, -122.3, 37.9), 16, {}),
        ("porto_alegre_hexgrid.csv", "residents", "EPSG:32722", (-51.3, -30.2, -51.1, -29.9), 0,
         {"hexagon_without_shape": 1227}),
        ("baltimore_neighborhoods.geojson", "communities", "EPSG:32618", (-76.71, 39.19, -76.52, 39.38), 278, {}),
        ("baltimore_foot_patrol_areas.geojson", "communities", "EPSG:32618", (-76.71, 39.19, -76.52, 39.38), 118, {}),
    ]  # fmt: skip
    for name, table, system, degrees, kept, reasons in cases:
        bounds = tuple(gpd.GeoSeries([shapely.box(*degrees)], crs=4326).to_crs(system).total_bounds)
        admitted = gate.admit(files.rows(side / name), table, crs=system, project_bounds=bounds, zone="UTC")
        assert (name, admitted.rows_kept, admitted.reasons) == (name, kept, reasons)
        told(admitted)
    grid = gate.admit(files.rows(side / "helsinki_population_grid_2020.gpkg"), "residents", crs="EPSG:32635")
    assert int(grid.rows["people"].sum()) == 71724


def test_buildings_told_as_a_range_beside_their_compound_are_read_as_prose(tmp_path: Path) -> None:
    rows = [
        ["一", "幸福小区", "1-8号楼"],
        ["一", "幸福小区", "9、10幢"],
        ["二", "新华里", "全部"],
        ["二", "和平里", "3号楼"],
    ]
    admitted = admit(listed(tmp_path, ["网格名称", "小区", "楼栋"], *rows), "units")
    assert admitted.rows["covers"].tolist() == ["幸福小区1-8号楼", "幸福小区9、10幢", "新华里", None]
    assert admitted.rows["address"].tolist() == [None, None, None, "和平里3号楼"]


def test_a_building_and_its_stairwell_in_one_cell_are_not_several_buildings(tmp_path: Path) -> None:
    cells = ["3-1号楼", "3号楼-1单元", "2-1", "1-3单元", "12-14 High Street"]
    admitted = admit(
        listed(tmp_path, ["网格名称", "小区", "楼栋"], *(["一", "幸福小区", one] for one in cells)), "units"
    )
    assert admitted.rows["covers"].isna().all()
    assert admitted.rows["address"].notna().all()


def test_several_buildings_are_read_as_prose_whatever_stands_around_them(tmp_path: Path) -> None:
    cells = [
        "1-8号楼（共8栋）",
        "12号院1-5号楼",
        "2期1-8号楼",
        "1-3号楼，5号楼1单元",
        "1-8号楼，平安里1-3号楼",
        "1号楼、2号楼",
    ]
    admitted = admit(
        listed(tmp_path, ["网格名称", "小区", "楼栋"], *(["一", "幸福小区", one] for one in cells)), "units"
    )
    plain = str.maketrans("（），", "(),")
    assert admitted.rows["covers"].tolist() == [f"幸福小区{one}".translate(plain) for one in cells]
    assert admitted.rows["address"].isna().all()


def test_a_name_that_ends_like_a_sum_is_none_unless_the_group_before_it_stands_above(tmp_path: Path) -> None:
    shops = [
        ["Shell", "fuel"],
        ["Station Total", "fuel"],
        ["The Count", "pub"],
        ["数据汇总", "shop"],
        ["Shell Total", "2"],
    ]
    path = listed(tmp_path, ["name", "category", "lon", "lat"], *([*one, "8.1", "50.1"] for one in shops))
    admitted = gate.admit(files.rows(path), "resources", crs="EPSG:32632", zone="UTC")
    assert admitted.rows["name"].tolist() == ["Shell", "Station Total", "The Count", "数据汇总"]
    assert admitted.reasons == {"total_row": 1}


def test_telephones_beside_several_buildings_are_masked(tmp_path: Path) -> None:
    admitted = admit(listed(tmp_path, ["网格名称", "小区", "楼栋"], ["一", "幸福小区", "3号楼,13812345678"]), "units")
    assert "13812345678" not in admitted.rows.to_csv()


def test_a_header_below_names_with_values_is_the_one_as_wide_as_the_list(tmp_path: Path) -> None:
    rows = [["population", "All households"], ["date", "2021"], [], ["2021 output area", "mnemonic", "2021"]]
    path = listed(tmp_path, rows[0], *rows[1:], ["E00079000", "E00079000", "120"], ["E00079001", "E00079001", "98"])
    assert files.rows(path).header == ("2021 output area", "mnemonic", "2021")
