"""Prose lists as English and other Western offices write them."""

import pytest

from govmap.addresses import Listed, Stretch, listed, within

NAMES = {"Kingfisher Estate", "High Street", "Health and Care Centre", "Boat Yard", "7 Sisters", "Park, The"}


def read(text: str) -> Listed:
    return listed(text, NAMES.__contains__)


BLOCKS = Stretch("Kingfisher Estate", "building", numbers=("1", "2", "4"))


@pytest.mark.parametrize(
    "text",
    [
        "Kingfisher Estate blocks 1, 2, 4",
        "Kingfisher Estate Blocks 1-2 and 4",
        "Blocks 1, 2 and 4 of Kingfisher Estate",
        "Kingfisher Estate Block 1, Block 2, Block 4",
        "Kingfisher Estate buildings 1 to 2 & 4",
    ],
)
def test_every_writing_of_three_blocks(text: str) -> None:
    found = read(text)
    assert [(one.name, one.kind) for one in found.stretches if one.numbers] == [
        ("Kingfisher Estate", "building")
    ] * len(found.stretches)
    assert tuple(number for one in found.stretches for number in one.numbers) == BLOCKS.numbers
    assert not found.unknown


@pytest.mark.parametrize(
    "text",
    [
        "Kingfisher Estate blocks 1-4 (except 3)",
        "Kingfisher Estate blocks 1-4 except block 3",
        "Kingfisher Estate blocks 1–4, excluding 3",
        "Blocks 1-4 Kingfisher Estate, but not 3",
    ],
)
def test_every_writing_of_an_exception(text: str) -> None:
    assert [one.numbers for one in read(text).stretches] == [("1", "2", "4")]


@pytest.mark.parametrize(
    "text",
    [
        "13-19 High Street (odd)",
        "odd numbers 13-19 High Street",
        "High Street 13 to 19, odd side",
        "High Street odd 13-19",
    ],
)
def test_every_writing_of_one_side(text: str) -> None:
    (stretch,) = read(text).stretches
    assert (stretch.name, stretch.kind, stretch.low, stretch.high, stretch.parity) == (
        "High Street",
        "street",
        13,
        19,
        "odd",
    )


def test_one_house_keeps_its_letter_and_numbers_go_on() -> None:
    found = read("12A High Street, 14, 20-24").stretches
    assert [(one.name, one.number, one.low, one.high) for one in found] == [
        ("High Street", "12a", 12, 12), ("High Street", "14", 14, 14), ("High Street", "", 20, 24),
    ]  # fmt: skip


def test_a_hundred_block_is_all_its_numbers() -> None:
    (stretch,) = read("1700 block of Westwood Ave").stretches
    assert (stretch.kind, stretch.low, stretch.high) == ("street", 1700, 1799)


def test_names_that_are_known_stay_whole() -> None:
    found = read("7 Sisters; Park, The; Health and Care Centre and Boat Yard, all of High Street")
    assert [(one.name, one.kind) for one in found.stretches] == [
        (name, "whole") for name in ("7 Sisters", "Park, The", "Health and Care Centre", "Boat Yard", "High Street")
    ]


def test_what_is_only_counted_and_what_is_not_understood_is_said_at_its_place() -> None:
    text = "Boat Yard, 2 buildings without name in Kingfisher Estate, High Street 1-9 (see map)"
    found = read(text)
    assert found.nameless == ((11, "kingfisher estate", 2),)
    assert [text[at:].startswith("High Street") or words for at, words in found.unknown] == [True]
    assert found.unknown[0][1] == "see map"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("entrance 1-3 floors 4-6, entrance 5", [(("1", "2", "3"), (4, 6)), (("5",), None)]),
        ("floors 2-4", [((), (2, 4))]),
        ("1-3单元、5单元2-4层", [(("1", "2", "3", "5"), (2, 4))]),
        ("1单元1-3层、2单元", [(("1",), (1, 3)), (("2",), None)]),
        ("see map", []),
        ("说明", []),
    ],
)
def test_parts_of_a_building(text: str, told: list[object]) -> None:
    assert within(text) == told


def test_numbers_before_their_name_may_be_listed() -> None:
    assert [one.number for one in read("12, 14 and 16 High Street").stretches] == ["12", "14", "16"]
    assert read("1, 3").unknown


@pytest.mark.parametrize(
    "text",
    [
        "Mill Street all",
        "Mill Street (all)",
        "Mill Street - all",
        "Mill Street, entire length",
        "Mill Street whole street",
    ],
)
def test_all_of_a_street_is_the_street(text: str) -> None:
    found = listed(text)
    assert [(one.name, one.kind) for one in found.stretches] == [("Mill Street", "whole")]
    assert found.unknown == ()
