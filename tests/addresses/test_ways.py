"""Names of streets in one form, and texts that mean a stretch or a crossing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govmap.addresses import StreetName, Way, opposite, street_name, way


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("N CHARLES ST", StreetName("charles", "street", "north")),
        ("North Charles Street", StreetName("charles", "street", "north")),
        ("Charles St.", StreetName("charles", "street")),
        ("E NORTH AVE", StreetName("north", "avenue", "east")),
        ("NORTH AV", StreetName("north", "avenue")),
        ("St Paul St", StreetName("saint paul", "street")),
        ("SAINT PAUL STREET", StreetName("saint paul", "street")),
        ("WASHINGTON BL", StreetName("washington", "boulevard")),
        ("Fort Ave E", StreetName("fort", "avenue", "east")),
        ("O'Donnell Street", StreetName("odonnell", "street")),
        ("S BROADWAY", StreetName("broadway", "", "south")),
        ("The Alameda", StreetName("the alameda")),
        ("N", StreetName("n")),
        ("建设東路", StreetName("建设东路")),
    ],
)
def test_a_street_has_one_name_however_it_is_written(text: str, name: StreetName) -> None:
    assert street_name(text) == name


@pytest.mark.parametrize(
    "text",
    ["1700 BLK OF N CHARLES ST", "1700 block N CHARLES ST", "N CHARLES ST 1700 BLK", "1700-1799 N CHARLES ST",
     "1700 blk. n charles st", "1700 Hundred Block of N Charles St", "1742 BLOCK OF N CHARLES ST"],
)  # fmt: skip
def test_a_block_in_words(text: str) -> None:
    found = way(text)
    assert found is not None
    assert (found.kind, found.number) == ("block", 1700)
    assert street_name(found.streets[0]) == street_name("North Charles Street")


def test_a_number_and_a_street_may_be_a_house_or_a_block() -> None:
    assert way("1700 WESTWOOD AV") == Way("number", ("westwood av",), 1700)
    assert way("0 LIGHT ST") == Way("number", ("light st",), 0)
    assert way("1500 33RD ST") == Way("number", ("33rd st",), 1500)
    assert way("1500 blk of 33rd St") == Way("block", ("33rd st",), 1500)


@pytest.mark.parametrize(
    "text",
    ["CHARLES ST & PRATT ST", "Charles St/Pratt St", "CHARLES ST AT PRATT ST", "Charles St and Pratt St",
     "corner of Charles St and Pratt St", "intersection of CHARLES ST & PRATT ST", "Charles St @ Pratt St"],
)  # fmt: skip
def test_a_crossing(text: str) -> None:
    assert way(text) == Way("crossing", ("charles st", "pratt st"))


@pytest.mark.parametrize(
    "text",
    ["建设路与人民路交叉口", "建设路人民路口", "建设路和人民路路口", "建设路、人民路交汇处", "建設路與人民路交叉口",
     "天河区石牌街道建设路与人民路交叉口东北角", "建设路/人民路交叉路口", "建设路 与 人民路 十字路口"],
)  # fmt: skip
def test_a_crossing_in_chinese(text: str) -> None:
    found = way(text)
    assert found is not None
    assert found.kind == "crossing"
    assert [street_name(one).core for one in found.streets] == ["建设路", "人民路"]


@pytest.mark.parametrize(
    "text",
    [
        "建设路(人民路-解放路)",
        "建设路（人民路至解放路段）",
        "建设路人民路至解放路段",
        "建设路，人民路到解放路之间",
        "建设路从人民路至解放路",
    ],
)
def test_a_stretch_between_two_crossings(text: str) -> None:
    assert way(text) == Way("between", ("建设路", "人民路", "解放路"))


def test_a_stretch_in_english() -> None:
    wanted = Way("between", ("eastern ave", "bond st", "ann st"))
    assert way("Eastern Ave between Bond St and Ann St") == wanted
    assert way("Eastern Ave (Bond St - Ann St)") == wanted


@pytest.mark.parametrize(
    "text",
    ["", "建设路", "建设路12号", "幸福小区3号楼", "12A Elm St", "Elm Street", "幸福小区1-8号楼", "建设路与建设路交叉口",
     "&", "建设路12号与人民路",
     "路口", "x" * 500, "{{7*7}}", "Elm St & Elm Street"],
)  # fmt: skip
def test_what_names_no_stretch_is_none(text: str) -> None:
    assert way(text) is None


def test_sides_have_opposites() -> None:
    assert opposite("north") == "south"
    assert opposite("") == ""


@given(st.text(alphabet="abn 19&/-.ST建设路与口至（）段", max_size=30))
def test_nothing_falls_over(text: str) -> None:
    way(text)
    street_name(text)


@pytest.mark.parametrize(
    ("text", "kind", "streets", "number"),
    [
        ("300 BLK E LOMBARD ST, Baltimore City, 21202", "block", ("e lombard st",), 300),
        ("100 BLK MAIN ST Baltimore MD 21202", "block", ("main st",), 100),
        ("17XX BLOCK OF MAIN ST", "block", ("main st",), 1700),
        ("3XX N CHARLES ST", "block", ("n charles st",), 300),
        ("MAIN ST & OAK AVE, Baltimore, MD", "crossing", ("main st", "oak ave"), None),
        ("1700 Main St, N", "number", ("main st n",), 1700),
    ],
)
def test_a_town_behind_the_street_and_hidden_digits_change_nothing(
    text: str, kind: str, streets: tuple[str, ...], number: int | None
) -> None:
    assert way(text) == Way(kind, streets, number)
