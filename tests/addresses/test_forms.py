"""Addresses in one form, taken apart, without rooms."""

import pytest

from govmap.addresses import Address, normalise, numeral, parse, readings, without_room


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十二", 12),
        ("二〇三", 203),
        ("一百零五", 105),
        ("十", 10),
        ("三千二百", 3200),
        ("两万五千", 25000),
        ("壹佰", 100),
    ],
)
def test_chinese_numerals_are_read(text: str, number: int) -> None:
    assert numeral(text) == number


@pytest.mark.parametrize("text", ["", "12", "甲", "三x"])
def test_what_is_no_numeral_is_none(text: str) -> None:
    assert numeral(text) is None


SAME_BUILDING = [
    "幸福小区3号楼", "幸福小区３号楼", "幸福小区三号楼", "幸福小区 3栋", "幸福小区3幢", "幸福小区3#", "幸福小區3號樓",
    "幸福小区3座", "幸福小区03号楼", "幸福小区，3号楼", "幸福小区3#楼", "幸福小区3栋楼",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME_BUILDING)
def test_every_writing_of_a_building_is_one(text: str) -> None:
    assert parse(text) == Address(name="幸福小区", building="3")


@pytest.mark.parametrize(
    "text",
    ["幸福小区3号楼2单元501室", "幸福小区3-2-501", "幸福小区3栋2门", "幸福小区3号楼-2-501", "幸福小区3幢2单元5层501"],
)
def test_stairwell_is_kept_and_room_is_not(text: str) -> None:
    assert without_room(text) == "幸福小区3号楼2单元"


@pytest.mark.parametrize(
    ("text", "street", "number", "building"),
    [
        ("建设路12号", "建设路", "12", ""),
        ("建设路十二号", "建设路", "12", ""),
        ("广东省广州市天河区石牌街道幸福社区建设路12号", "建设路", "12", ""),
        ("建设路12号3号楼2单元", "建设路", "12", "3"),
        ("清华东路27号院3号楼", "清华东路", "27", "3"),
        ("中山北路1234弄5号601室", "中山北路1234弄", "5", ""),
        ("中山北路1234弄5号楼", "中山北路1234弄", "5", ""),
        ("府前街甲3号", "府前街", "甲3", ""),
    ],
)
def test_streets_and_numbers_are_found(text: str, street: str, number: str, building: str) -> None:
    address = parse(text)
    assert (address.street, address.number, address.building) == (street, number, building)


@pytest.mark.parametrize(
    "text",
    [
        "1700 Westwood Ave",
        "1700 WESTWOOD AV",
        "1700  westwood avenue",
        "1700 Westwood Ave., Apt 3B",
        "Westwood Ave 1700",
    ],
)
def test_western_addresses_are_one(text: str) -> None:
    assert (parse(text).street, parse(text).number) == ("westwood avenue", "1700")


@pytest.mark.parametrize("text", ["Vesterbrogade 12A", "vesterbrogade 12 a", "Vesterbrogade 12A, st. tv"])
def test_a_letter_belongs_to_the_number(text: str) -> None:
    assert parse(text).number == "12a"


@pytest.mark.parametrize("text", ["1500 33rd Street", "1500 33RD ST", "33rd St 1500"])
def test_a_street_may_be_called_by_a_number(text: str) -> None:
    assert (parse(text).street, parse(text).number) == ("33rd street", "1500")


@pytest.mark.parametrize(
    ("text", "building"),
    [("翠园4号4单元1801", "4"), ("万科城市花园15号楼2单元", "15"), ("清华东路二十七号院2号4单元901", "2")],
)
def test_the_number_before_the_stairwell_is_the_building(text: str, building: str) -> None:
    assert readings(text)[0].building == building
    assert parse(text).entrance in ("4", "2")


def test_a_city_in_a_compounds_name_is_no_region() -> None:
    assert "万科城市花园" in {one.name for one in readings("万科城市花园15号楼")}
    assert parse("江城市东湖区长青街道幸福小区3栋").name == "幸福小区"


def test_traditional_letters_are_compared_as_simple_ones() -> None:
    assert normalise("建設東路12號") == normalise("建设东路12号")


def test_saint_is_not_street() -> None:
    assert normalise("1700 St Paul St") == normalise("1700 Saint Paul Street")


def test_a_block_is_not_a_house() -> None:
    assert parse("1700 block of Westwood Ave").block
    assert not parse("1700 Westwood Ave").block


@pytest.mark.parametrize("name", ["幸福小区", "崂山二村", "第三幼儿园", "工商银行大楼", "农大小区-北区", "城东花园"])
def test_a_name_stays_a_name(name: str) -> None:
    assert parse(name).name == normalise(name)
    assert not parse(name).building


def test_a_community_is_left_out_only_where_something_stays() -> None:
    assert parse("幸福社区和平小区3号楼").name == "和平小区"
    assert parse("幸福社区3号楼").name == "幸福社区"


@pytest.mark.parametrize(
    "text", ["", " ", "-", "{{7*7}}", "<img src=x onerror=alert(1)>", "😀" * 50, "号" * 200, "((((", "0"]
)
def test_odd_text_never_falls_over(text: str) -> None:
    parse(text)
    without_room(text)


@pytest.mark.parametrize(
    "text", ["Block 3, Mill Court", "Mill Court Block 3", "Mill Court, Bldg 3", "MILL COURT building 3"]
)
def test_blocks_of_an_estate_are_buildings_of_a_compound(text: str) -> None:
    assert parse(text) == Address(name="mill court", building="3")


def test_a_stretch_of_a_street_keeps_its_ends() -> None:
    assert without_room("建设路（人民路-解放路）") == "建设路(人民路-解放路)"


@pytest.mark.parametrize("text", ["幸福小区" + "9" * 50_000, "12号" * 9000, "1-" * 20_000, "a " * 30_000])
def test_a_text_without_end_is_no_address_and_takes_no_time(text: str) -> None:
    assert parse(text) == Address()
    assert set(readings(text)) == {Address()}
    assert without_room(text)
