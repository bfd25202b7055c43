"""Prose lists of last year's division."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govmap.addresses import Stretch, listed


def test_ranges_and_exceptions() -> None:
    found = listed("第三网格：幸福小区1-8号楼（除3号楼）、建设路单号12-48号、沿街商铺")
    assert found.stretches == (
        Stretch("幸福小区", "building", numbers=("1", "2", "4", "5", "6", "7", "8"), without=("3",)),
        Stretch("建设路", "street", low=12, high=48, parity="odd"),
        Stretch("沿街商铺", "whole"),
    )
    assert found.unknown == ()


@pytest.mark.parametrize(
    "text",
    [
        "幸福小区1-3号楼",
        "幸福小区１－３栋",
        "幸福小区1号楼至3号楼",
        "幸福小区1、2、3号楼",
        "幸福小区一至三号楼",
        "幸福小区1幢、2幢和3幢",
    ],
)
def test_every_writing_of_three_buildings(text: str) -> None:
    assert listed(text).stretches == (Stretch("幸福小区", "building", numbers=("1", "2", "3")),)


@pytest.mark.parametrize(
    "text", ["幸福小区1-8号楼（除3、5号楼）", "幸福小区1-8号楼，不含3、5号楼", "幸福小区1-8号楼除3、5号楼外"]
)
def test_every_writing_of_an_exception(text: str) -> None:
    assert listed(text).stretches[0].numbers == ("1", "2", "4", "6", "7", "8")


@pytest.mark.parametrize("text", ["建设路2-40号（双号）", "建设路双号2-40号", "建设路双号2至40号"])
def test_one_side_of_a_street(text: str) -> None:
    assert listed(text).stretches == (Stretch("建设路", "street", low=2, high=40, parity="even"),)


def test_stairwells_of_one_building() -> None:
    assert listed("幸福小区2-3号楼、4号楼1-2单元").stretches == (
        Stretch("幸福小区", "building", numbers=("2", "3")),
        Stretch("幸福小区", "building", numbers=("4",), entrances=("1", "2")),
    )


def test_a_section_belongs_to_the_compound_before_it() -> None:
    assert [one.name for one in listed("幸福花园一期1-3栋、二期5-8栋").stretches] == ["幸福花园一期", "幸福花园二期"]


def test_what_is_not_understood_is_given_back_at_its_place() -> None:
    text = "东至人民路，@@@建设路12号"
    found = listed(text)
    assert found.unknown == ((0, "东至人民路"), (6, "@@@"))
    assert all(text[at : at + len(words)] == words for at, words in found.unknown)
    assert found.stretches == (Stretch("建设路", "street", low=12, high=12, number="12"),)


@given(st.text(alphabet="幸福小区路街1234５六号楼栋单双除外-至、，（）()@ a", max_size=40))
def test_nothing_falls_over_and_nothing_is_lost(text: str) -> None:
    found = listed(text)
    assert all(0 <= at < len(text) and words for at, words in found.unknown)
    if any(letter in "幸福" for letter in text):
        assert found.stretches or found.unknown


def numbered(text: str) -> list[tuple[str, str]]:
    """Name and number of every building of a text."""
    return [(one.name, number) for one in listed(text).stretches for number in one.numbers]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("幸福小区：1#、2#、5#楼", "1 2 5"),
        ("幸福小区（1、2、3、5号楼）", "1 2 3 5"),
        ("幸福小区1.2.3号楼", "1 2 3"),
        ("①幸福小区1-2号楼②和平小区", "1 2"),
        ("1.幸福小区1号楼 2号楼\n2.建设路12-20号", "1 2"),
        ("幸福小区1~3号楼,10~12号楼（11号楼除外）", "1 2 3 10 12"),
        ("幸福小区第1至2栋共2栋", "1 2"),
        ("幸福小区一号楼、二号楼", "1 2"),
        ("幸福小区1-2栋以及和平小区", "1 2"),
    ],
)
def test_numbers_in_every_habit_of_writing(text: str, numbers: str) -> None:
    assert numbered(text) == [("幸福小区", one) for one in numbers.split()]
    assert listed(text).unknown == ()


@pytest.mark.parametrize("text", ["建设路12-48号(双)", "建设路第12至48号（偶数）", "建设路沿街双号12-48号门面"])
def test_a_side_in_every_habit_of_writing(text: str) -> None:
    assert listed(text).stretches == (Stretch("建设路", "street", low=12, high=48, parity="even"),)


def test_a_section_has_the_compound_before_it() -> None:
    assert [one.name for one in listed("和平小区A1-A2栋、B区3栋").stretches] == ["和平小区", "和平小区b区"]


def test_a_direction_is_no_name() -> None:
    found = listed("人民路以东、建设路以北区域")
    assert found.stretches == ()
    assert [words for _, words in found.unknown] == ["人民路以东", "建设路以北区域"]


STYLES = (
    lambda name, low, high, gone: f"{name}{low}-{high}号楼（除{gone}号楼）",
    lambda name, low, high, gone: f"{name}{low}栋至{high}栋，不含{gone}栋",
    lambda name, low, high, gone: name + "、".join(f"{one}号楼" for one in range(low, high + 1) if one != gone),
    lambda name, low, high, gone: f"{name}：" + "、".join(f"{one}#" for one in range(low, high + 1) if one != gone),
    lambda name, low, high, gone: f"{name}（{'、'.join(str(n) for n in range(low, high + 1) if n != gone)}号楼）",
    lambda name, low, high, gone: f"{name}{low}～{high}幢（{gone}幢除外）",
    lambda name, low, high, gone: f"{name}{low}-{gone - 1}、{gone + 1}-{high}栋",
    lambda name, low, high, gone: f"{name}第{low}至{high}号楼（不包含{gone}号楼）",
)
COMPOUNDS = ("幸福小区", "新华里", "机械厂宿舍东院", "万科城市花园", "翠园", "石桥新村", "阳光100国际公寓")


def test_a_hundred_cells_in_eight_styles_are_read_right() -> None:
    right = read = meant = 0
    for cell in range(100):
        wanted, texts = set(), []
        for part in range(1 + cell % 3):
            name, low = COMPOUNDS[(cell + part) % 6], 1 + (cell * 7 + part) % 9
            high, gone = low + 3 + cell % 5, low + 2
            texts.append(STYLES[(cell + part) % len(STYLES)](name, low, high, gone))
            wanted |= {(name, str(one)) for one in range(low, high + 1) if one != gone}
        found = set(numbered("；".join(texts)))
        right, read, meant = right + len(found & wanted), read + len(found), meant + len(wanted)
    assert right / read >= 0.99
    assert right / meant >= 0.95


HARDER = (
    lambda name, low, high, gone: f"{name}（{low}#-{high}#楼，{gone}#楼除外）",
    lambda name, low, high, gone: f"{name}{low}号楼-{high}号楼(除{gone}号楼)",
    lambda name, low, high, gone: f"{name}：{low}-{gone - 1}栋、{gone + 1}-{high}栋",
    lambda name, low, high, gone: f"{name}{'、'.join(str(n) for n in range(low, high + 1) if n != gone)}号楼",
    lambda name, low, high, gone: f"{name}{low}～{high}号楼，不包括{gone}号楼",
    lambda name, low, high, gone: f"{name}第{low}幢至第{high}幢（不含第{gone}幢）",
    lambda name, low, high, gone: f"{name}{low}、{'、'.join(f'{n}#' for n in range(low + 1, high + 1) if n != gone)}楼",
    lambda name, low, high, gone: f"{name}{low}—{high}#（除{gone}#外）共{high - low}栋",
)
HEADS = ("", "第三网格：", "1.", "①", "（1）", "包含：")


def test_a_hundred_harder_cells_in_eight_other_styles_are_read_right() -> None:
    right = read = meant = 0
    for cell in range(100):
        wanted, texts = set(), []
        for part in range(1 + cell % 3):
            name, low = COMPOUNDS[(cell + part) % 6], 1 + (cell * 5 + part) % 11
            high, gone = low + 3 + cell % 7, low + 2
            texts.append(HARDER[(cell + part) % len(HARDER)](name, low, high, gone))
            wanted |= {(name, str(one)) for one in range(low, high + 1) if one != gone}
        found = set(numbered(HEADS[cell % len(HEADS)] + "；".join(texts)))
        right, read, meant = right + len(found & wanted), read + len(found), meant + len(wanted)
    assert right / read >= 0.99
    assert right / meant >= 0.95
