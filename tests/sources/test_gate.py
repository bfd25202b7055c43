"""The import gate: rows in = rows kept + rows rejected, each reject with its reason, nothing personal through."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import nasty
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import BOUNDS, CRS, HEADER, LAT, LON, ORIGIN, ROWS

from govmap import crs as datums
from govmap.errors import TableError
from govmap.messages import Voice
from govmap.schema import TABLES
from govmap.sources import files, gate

TODAY = pd.Timestamp("2024-06-01")


def admit(path: Path, table: str, **said: Any) -> gate.Admitted:
    facts = {"crs": CRS, "project_bounds": BOUNDS, "today": TODAY} | said
    return gate.admit(files.rows(path), table, **facts)


def told(admitted: gate.Admitted) -> list[str]:
    """Give the keys of the notes, each of which can be said in both languages."""
    for one in admitted.notes:
        assert Voice("en").tell(one)
        assert Voice("zh").tell(one)
    return [one.key for one in admitted.notes]


def listed(tmp_path: Path, header: list[str], *rows: list[str], name: str = "a.csv") -> Path:
    """Write a list whose cells may hold anything."""
    import csv

    with (tmp_path / name).open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([header, *rows])
    return tmp_path / name


def by_row(admitted: gate.Admitted) -> dict[int, str]:
    return dict(zip(admitted.rejects["row"], admitted.rejects["reason_code"], strict=True))


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


PERSONS = ["姓名", "身份证号", "与户主关系", "小区", "楼栋", "单元", "房号", "民族", "联系电话", "备注"]


def persons(count: int) -> list[list[str]]:
    """People with names found nowhere else: two to a flat, in two buildings."""
    rows = []
    for n in range(count):
        year = 1930 + n % 90
        rows.append([
            f"欧阳唯一{n:04d}", f"440103{year}0101{n % 1000:03d}{n % 10}", "户主" if n % 2 == 0 else "配偶", "幸福小区",
            f"{1 + n % 2 * 0 + (n // 100) % 2}号楼", str(1 + (n // 2) % 2), f"{101 + n // 2}", "汉族",
            f"138{n:08d}", "低保户",
        ])  # fmt: skip
    return rows


def test_persons_are_counted_and_forgotten(tmp_path: Path) -> None:
    people = [*persons(200), persons(1)[0]]
    path = listed(tmp_path, PERSONS, *people)
    admitted = admit(path, "residents")
    assert admitted.rows_kept == 200
    assert by_row(admitted) == {202: "duplicate_person"}
    assert int(admitted.rows["people"].sum()) == 200
    assert int(admitted.rows["households"].sum()) == 100
    assert sorted(admitted.rows["place_id"]) == [f"幸福小区{b}号楼{e}单元" for b in (1, 2) for e in (1, 2)]
    ages = [2024 - (1930 + n % 90) for n in range(200)]
    assert int(admitted.rows["age_60_plus"].sum()) == sum(age >= 60 for age in ages)
    assert int(admitted.rows["age_0_6"].sum()) == sum(age <= 6 for age in ages)
    assert "import_persons_counted" in told(admitted)


def test_nothing_that_leaves_the_gate_names_a_person(tmp_path: Path) -> None:
    path = listed(tmp_path, PERSONS, *persons(60), ["坏行", "440103194001010011", "户主", "", "", "", "", "", "", ""])
    raw = files.rows(path)
    admitted = gate.admit(raw, "residents", crs=CRS, project_bounds=BOUNDS, today=TODAY)
    gate.rejects_file(raw, admitted.rejects, tmp_path / "rejects.csv", Voice("zh"))
    notes = json.dumps([[one.key, dict(one.facts)] for one in admitted.notes], ensure_ascii=False)
    everything = "\n".join([
        admitted.rows.astype(str).to_csv(), admitted.rejects.astype(str).to_csv(), notes,
        json.dumps(admitted.mapping, ensure_ascii=False, default=str),
        (tmp_path / "rejects.csv").read_text("utf-8-sig"),
    ])  # fmt: skip
    for secret in ("欧阳唯一", "440103", "1380000", "汉族", "低保户", "坏行"):
        assert secret not in everything, secret
    assert {"import_withheld_name", "import_withheld_id_number", "import_withheld_ethnicity"} <= set(told(admitted))


def test_a_file_of_rejects_that_is_open_elsewhere_is_left_and_a_new_one_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = files.rows(listed(tmp_path, PERSONS, ["坏行", "440103194001010011", "户主", "", "", "", "", "", "", ""]))
    rejects = gate.admit(raw, "residents", crs=CRS, project_bounds=BOUNDS, today=TODAY).rejects
    held, move = tmp_path / "名单.rejects.csv", Path.replace
    held.write_text("old")

    def refuse(fresh: Path, target: Path) -> Path:
        if target == held:  # so Windows answers where Excel or WPS has the file open
            raise PermissionError(13, "Permission denied")
        return move(fresh, target)

    monkeypatch.setattr(Path, "replace", refuse)
    written = gate.rejects_file(raw, rejects, held, Voice("zh"))
    assert (held.read_text(), written.name) == ("old", "名单.rejects (2).csv")
    assert written.read_bytes()
    assert sorted(one.name for one in tmp_path.glob("*.rejects*")) == sorted([held.name, written.name])
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_list_of_households_is_counted_by_building(tmp_path: Path) -> None:
    header = ["户主姓名", "详细地址", "家庭人口数"]
    rows = [["甲", "幸福小区1号楼1单元101室", "3"], ["乙", "幸福小区1号楼1单元102", "2"], ["丙", "幸福小区2栋301", "4"]]
    admitted = admit(listed(tmp_path, header, *rows), "residents")
    assert admitted.rows["place_id"].tolist() == ["幸福小区1号楼1单元", "幸福小区2号楼"]
    assert admitted.rows["households"].tolist() == [2, 1]
    assert admitted.rows["people"].tolist() == [5, 4]


def test_numbers_in_free_text_are_blotted_out(tmp_path: Path) -> None:
    rows = [["张三诊所 13800138000", "诊所", str(LON), str(LAT)]]
    admitted = admit(listed(tmp_path, ["名称", "类别", "经度", "纬度"], *rows), "resources")
    assert admitted.rows["name"].tolist() == ["张三诊所 ***"]
    assert "import_masked" in told(admitted)


def place_rows(*pairs: tuple[object, object]) -> list[list[str]]:
    return [[f"点{n}", "诊所", str(x), str(y)] for n, (x, y) in enumerate(pairs)]


PLACES = ["名称", "类别", "经度", "纬度"]


def test_points_that_cannot_be_here_are_rejected_one_by_one(tmp_path: Path) -> None:
    good = [(LON + n / 1e4, LAT) for n in range(6)]
    odd = [(LAT, LON), (118.5, 31.2), (0, 0), (500_123, 3_450_000), ("abc", LAT), ("", LAT), ("", ""), (np.inf, LAT)]
    admitted = admit(listed(tmp_path, PLACES, *place_rows(*good, *odd)), "resources")
    assert by_row(admitted) == {
        8: "swapped", 9: "far", 11: "coordinates_range", 12: "bad_coordinate", 13: "bad_coordinate",
        15: "bad_coordinate",
    }  # fmt: skip
    kept = admitted.rows.set_index("source_row")
    assert kept.loc[[10, 14], "geometry"].isna().all()
    assert "import_zero_coordinates" in told(admitted)
    assert kept.loc[2, "geometry"].distance(shapely.Point(ORIGIN)) < 30


def test_a_file_of_swapped_coordinates_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        admit(listed(tmp_path, PLACES, *place_rows(*[(LAT, LON)] * 5)), "resources")
    assert caught.value.code == "import_swapped"


def test_metres_in_degree_columns_are_asked_about_with_the_systems_that_would_fit(tmp_path: Path) -> None:
    path = listed(tmp_path, PLACES, *place_rows(*[(ORIGIN[0] + n, ORIGIN[1]) for n in range(5)]))
    with pytest.raises(TableError) as caught:
        admit(path, "resources")
    assert caught.value.code == "import_crs_unknown"
    assert CRS in caught.value.hint(Voice("en"))
    assert admit(path, "resources", source_crs=CRS).rows_kept == 5


@pytest.mark.parametrize(
    "cells", [("117°0'0\"E", "31°11′2.4″N"), ("东经117度", "北纬31度11分2.4秒"), ("117.000", "31.184")]
)
def test_degrees_are_read_as_written(tmp_path: Path, cells: tuple[str, str]) -> None:
    admitted = admit(listed(tmp_path, PLACES, *place_rows(cells)), "resources")
    assert admitted.rows["geometry"].iloc[0].distance(shapely.Point(ORIGIN)) < 30


@pytest.mark.parametrize("text", [f"{LON},{LAT}", f"{LAT}，{LON}", f"({LON} {LAT})", f"{LON};{LAT}"])
def test_both_numbers_in_one_cell_are_told_apart(tmp_path: Path, text: str) -> None:
    admitted = admit(listed(tmp_path, ["名称", "坐标"], ["a", text]), "resources")
    assert admitted.rows["geometry"].iloc[0].distance(shapely.Point(ORIGIN)) < 30


def shifted_list(tmp_path: Path, datum: str) -> tuple[Path, list[shapely.Polygon]]:
    rng = np.random.default_rng(5)
    at = [shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in rng.uniform(-400, 400, (120, 2))]
    ground = gpd.GeoSeries(at, crs=CRS).to_crs(4326)
    lon, lat = datums.from_wgs84(ground.x.to_numpy(), ground.y.to_numpy(), datum)
    path = listed(tmp_path, PLACES, *place_rows(*zip(lon, lat, strict=True)))
    return path, [point.buffer(8) for point in at]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_datum_is_told_and_never_shifted_unasked(tmp_path: Path, datum: str) -> None:
    path, footprints = shifted_list(tmp_path, datum)
    unasked = admit(path, "resources", footprints=footprints)
    suspicion = [one for one in unasked.notes if one.key == "import_datum_suspected"]
    assert [one.facts["datum"] for one in suspicion] == [datum]
    assert unasked.rows.geometry.distance(footprints[0].centroid).iloc[0] > 300
    asked = admit(path, "resources", footprints=footprints, datum=datum)
    assert asked.rows.geometry.iloc[0].distance(footprints[0].centroid) < 0.01
    assert "import_datum_suspected" not in told(asked)


@pytest.mark.parametrize(("header", "datum"), [("百度经度", "bd09"), ("经度(GCJ-02)", "gcj02"), ("lng (BD09)", "bd09")])
def test_a_column_that_names_its_datum_is_asked_about(tmp_path: Path, header: str, datum: str) -> None:
    path = listed(tmp_path, ["名称", "类别", header, "纬度"], *place_rows((LON, LAT)))
    with pytest.raises(TableError) as caught:
        admit(path, "resources")
    assert caught.value.code == "import_datum_stated"
    assert datum in caught.value.hint(Voice("zh"))
    assert admit(path, "resources", datum="wgs84").rows_kept == 1


def test_a_list_that_fits_raises_no_suspicion(tmp_path: Path) -> None:
    path, footprints = shifted_list(tmp_path, "wgs84")
    assert "import_datum_suspected" not in told(admit(path, "resources", footprints=footprints))


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


def test_buildings_from_points_get_a_small_outline_and_those_without_a_place_a_reason(tmp_path: Path) -> None:
    rows = [
        ["幸福小区", "3", str(LON), str(LAT), "40"],
        ["和平小区", "3号楼", str(LON + 0.00005), str(LAT), ""],
        ["和平小区", "4", "", "", ""],
    ]
    admitted = admit(listed(tmp_path, ["小区", "楼号", "经度", "纬度", "户数"], *rows), "buildings")
    assert admitted.rows["name"].tolist() == ["幸福小区3号楼", "和平小区3号楼", "和平小区4号楼"]
    assert admitted.rows["outline_source"].tolist() == ["point", "point", None]
    assert admitted.rows["reason"].tolist() == [None, None, "no_outline"]
    assert admitted.rows["households_source"].tolist() == ["register", None, None]
    first, second = admitted.rows.geometry.iloc[:2]
    assert not first.intersects(second)
    assert 1 < first.area <= 144


def test_shapes_are_repaired_or_rejected_and_never_lost(tmp_path: Path) -> None:
    x, y = ORIGIN
    shapes = [
        shapely.box(x, y, x + 10, y + 10),
        shapely.Polygon([(x, y), (x + 10, y + 10), (x + 10, y), (x, y + 10)]),
        shapely.Polygon(),
        None,
        shapely.LineString([(x, y), (x + 10, y), (x + 10, y + 10), (x, y)]),
        shapely.LineString([(x, y), (x + 10, y)]),
        shapely.GeometryCollection([shapely.Point(x, y), shapely.box(x, y, x + 5, y + 5)]),
        shapely.Polygon([(x, y, 3), (x + 10, y, 3), (x + 10, y + 10, 3)]),
        shapely.MultiPolygon([shapely.box(x, y, x + 5, y + 5), shapely.box(x + 20, y, x + 25, y + 5)]),
    ]
    frame = gpd.GeoDataFrame({"name": [f"b{n}" for n in range(len(shapes))]}, geometry=shapes, crs=CRS)
    admitted = admit(nasty.layer(tmp_path / "a.gpkg", frame, "GPKG"), "buildings")
    assert by_row(admitted) == {3: "geometry_empty", 6: "geometry_kind"}
    assert admitted.rows.geometry.geom_type.dropna().unique().tolist() == ["MultiPolygon"]
    assert admitted.rows.geometry.is_valid.where(admitted.rows.geometry.notna(), True).all()
    assert admitted.rows.loc[admitted.rows["name"] == "b1", "geometry"].iloc[0].area == pytest.approx(50)
    assert admitted.rows.loc[admitted.rows["name"] == "b3", "reason"].tolist() == ["no_outline"]
    assert "import_repaired" in told(admitted)


def test_an_unprojected_shapefile_is_asked_about(tmp_path: Path) -> None:
    parts = nasty.gbk_shapefile(tmp_path)
    del parts["poi.prj"]
    path = nasty.zipped(tmp_path / "a.zip", parts)
    with pytest.raises(TableError) as caught:
        admit(path, "resources")
    assert caught.value.code == "import_crs_unknown"
    assert CRS in caught.value.hint(Voice("zh"))
    kept = admit(path, "resources", source_crs=CRS)
    assert kept.rows["category"].tolist() == ["clinic", "pharmacy", "park"]


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
