"""The words by which lists name units: codes, names, numbers, several in a cell; what may be two is none."""

import pandas as pd
import pytest

from govmap.govern.units_said import Names

COLUMNS = ["unit_id", "code", "name", "level", "parent_unit_id"]
UNITS = pd.DataFrame(
    [(f"u{n}", f"U{n:03d}", f"第{han}网格", "base", None) for n, han in enumerate("一二三四五六七八九", 1)]
    + [("u10", "U010", "北片", "base", None), ("u11", "U011", "农贸市场网格", "base", None)],
    columns=COLUMNS,
)
LONG = pd.DataFrame([(f"v{n}", f"440103001002{n:03d}", None, "base", None) for n in range(1, 13)], columns=COLUMNS)
TWO = pd.DataFrame(
    [("g1", "001", "第一网格", "grid", None), ("m1", "001-1", "第一微网格", "microgrid", "g1")], columns=COLUMNS
)


@pytest.mark.parametrize(
    ("cell", "units"),
    [
        ("第三网格", "3"),
        ("3", "3"),
        ("三", "3"),
        ("3号网格", "3"),
        ("网格3", "3"),
        ("ｕ００３", "3"),
        ("003", "3"),
        ("U003、第五网格", "3 5"),
        ("第一、二网格", "1 2"),
        ("1-4网格", "1 2 3 4"),
        ("第一至第三网格", "1 2 3"),
        ("1,2；5", "1 2 5"),
        ("1和2网格", "1 2"),
        ("北片网格", "10"),
        ("农贸市场", "11"),
        ("北片/农贸市场网格", "10 11"),
        ("unit 7", "7"),
        ("u7 and u8", "7 8"),
    ],
)
def test_a_cell_names_units(cell: str, units: str) -> None:
    meant = Names(UNITS).meant(cell)
    assert meant.units == tuple(sorted(f"u{one}" for one in units.split()))
    assert not meant.unknown + meant.ambiguous


@pytest.mark.parametrize("cell", ["第二十网格", "南片", "建设路12号", "U099", "幸福小区3号楼"])
def test_what_names_no_unit_is_told_and_never_guessed(cell: str) -> None:
    meant = Names(UNITS).meant(cell)
    assert meant.units == ()
    assert meant.unknown == (cell,)


def test_units_with_codes_alone_are_named_by_the_last_digits() -> None:
    assert Names(LONG).meant("第12网格、002").units == ("v12", "v2")


def test_words_for_a_level_decide_between_units_of_one_number() -> None:
    assert Names(TWO).meant("第一网格").units == ("g1",)
    assert Names(TWO).meant("第一微网格").units == ("m1",)
    assert Names(TWO).meant("微网格1").units == ("m1",)


def test_two_units_of_one_name_are_unclear() -> None:
    both = pd.concat([UNITS, UNITS.iloc[[2]].assign(unit_id="x", code="X1")])
    meant = Names(both).meant("第三网格、第四网格")
    assert meant.units == ("u4",)
    assert meant.ambiguous == ("第三网格",)


def test_all_means_the_units_of_the_topmost_level() -> None:
    assert Names(TWO).meant("全部网格", every=["全部网格"]).units == ("g1",)
