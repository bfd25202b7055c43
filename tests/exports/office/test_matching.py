"""What forms ask for: words for units, buildings and those who answer are known; what is personal stays empty."""

import pytest

from govmap.errors import InputError
from govmap.exports.office.matching import Matched, level_asked, match, scale


def sensitive(name: str) -> str | None:
    return "id_number" if "身份证" in name else "politics" if "党员" in name else None


def matched(*names: str, levels: tuple[str, ...] = ("base",), **given: str) -> Matched:
    places = dict(enumerate(names, start=1))
    return match(places, given=given, levels=levels, level=levels[-1], sensitive=sensitive)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("序号", "no"),
        ("所属网格", "unit"),
        ("网格编码", "unit_code"),
        ("四至 范围", "bounds"),
        ("包含小区/楼栋", "covers"),
        ("小区（院落）名称", "compound"),
        ("小区名称", "compound"),
        ("楼栋号", "building"),
        ("单元", "unit"),
        ("户数（户）", "households"),
        ("人口\n（人）", "residents"),
        ("楼栋数", "buildings"),
        ("面积（公顷）", "area"),
        ("网格员姓名", "worker@网格员"),
        ("网格长", "worker@网格长"),
        ("网格长›姓名", "worker@网格长"),
        ("网格长›联系电话", "worker_phone@网格长"),
        ("网格员手机号", "worker_phone@网格员"),
        ("责任人", "worker"),
        ("责任人电话", "worker_phone"),
        ("基本情况›户数", "households"),
        ("Households 户数", "households"),
        ("Unit code", "unit_code"),
        ("Block warden", "worker@blockwarden"),
        ("ESTATE NAME", "compound"),
        ("No. of homes", None),
        ("Number of flats", "dwellings"),
    ],
)
def test_columns_are_known_by_the_words_of_offices(name: str, field: str | None) -> None:
    assert matched(name).fields.get(1) == field


def test_a_stairwell_behind_its_building_is_no_unit() -> None:
    assert matched("小区", "楼栋", "单元").fields == {1: "compound", 2: "building", 3: "part"}


def test_a_telephone_is_the_offices_only_beside_somebody_who_answers() -> None:
    assert matched("网格员", "联系电话").fields == {1: "worker@网格员", 2: "worker_phone@网格员"}
    assert matched("小区", "户主姓名", "联系电话").personal["联系电话"] == "phone"
    assert matched("户数", "电话").personal == {"电话": "phone"}
    assert matched("姓名", "电话").fields == {}
    assert set(matched("居民›姓名", "居民›电话").personal) == {"居民›姓名", "居民›电话"}


def test_what_is_personal_by_hand_or_unknown_stays_empty_each_for_its_reason() -> None:
    found = matched("网格", "身份证号", "党员数", "备注", "签字", "综治积分")
    assert found.fields == {1: "unit"}
    assert found.personal == {"身份证号": "id_number", "党员数": "politics"}
    assert found.by_hand == ("备注", "签字")
    assert found.unknown == ("综治积分",)


def test_a_column_is_what_the_user_says() -> None:
    found = matched("网格", "片区", "户数", 片区="小区", 户数="-")
    assert found.fields == {1: "unit", 2: "compound"}
    with pytest.raises(InputError) as caught:
        matched("网格", 没有="unit")
    assert caught.value.code == "office_no_such_column"
    with pytest.raises(InputError) as caught:
        matched("网格", 网格="天气")
    assert caught.value.code == "office_no_such_field"


def test_levels_of_a_plan_are_told_apart() -> None:
    levels = ("grid", "microgrid")
    found = matched("网格名称", "微网格编码", "微网格名称", levels=levels)
    assert found.fields == {1: "unit@grid", 2: "unit_code", 3: "unit"}
    assert level_asked({1: "网格名称", 2: "户数"}, levels) == "grid"
    assert level_asked({1: "网格名称", 2: "微网格"}, levels) == "microgrid"
    assert level_asked({1: "社区"}, levels) is None


def test_areas_are_told_in_the_unit_of_the_header() -> None:
    assert [scale(one) for one in ("面积", "面积（公顷）", "面积（平方公里）", "Area (ha)", "Area km²")] == [
        1,
        1e4,
        1e6,
        1e4,
        1e6,
    ]
