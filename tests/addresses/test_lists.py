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
    assert found.stretches == (Stretch("建设路", "street", low=12, high=12),)


@given(st.text(alphabet="幸福小区路街1234５六号楼栋单双除外-至、，（）()@ a", max_size=40))
def test_nothing_falls_over_and_nothing_is_lost(text: str) -> None:
    found = listed(text)
    assert all(0 <= at < len(text) and words for at, words in found.unknown)
    if any(letter in "幸福" for letter in text):
        assert found.stretches or found.unknown
