"""References after rows were put in or taken out: every cell that stays is still the one referred to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govmap.exports.office.moving import Moved


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(F5:F10)", "SUM(F5:F20)"),
        ("SUM($F$5:$F$10)*2+F11", "SUM($F$5:$F$20)*2+F21"),
        ("SUM(F1:F10)", "SUM(F1:F20)"),
        ("SUM(F5:F12)", "SUM(F5:F22)"),
        ('A1&"F5:F10"', 'A1&"F5:F10"'),
        ("'明细 表'!A11+Sheet2!A11", "'明细 表'!A21+Sheet2!A11"),
        ('COUNTIF(F$5:F$10,">3")/ROWS(5:10)', 'COUNTIF(F$5:F$20,">3")/ROWS(5:20)'),
        ("SUM(A:A)+合计", "SUM(A:A)+合计"),
        ('IF(F11="","",F11/F12)', 'IF(F21="","",F21/F22)'),
    ],
)
def test_formulas_follow_the_rows_that_a_list_gains(formula: str, expected: str) -> None:
    assert Moved("明细 表", 5, 10, 16).formula(formula, here=True) == expected


def test_formulas_follow_the_rows_that_a_list_loses() -> None:
    moved = Moved("s", 5, 20, 2)
    assert moved.formula("SUM(F5:F20)+F21", here=True) == "SUM(F5:F6)+F7"
    assert moved.area("A5:K20 A22") == "A5:K6 A8"


def test_a_formula_of_one_row_is_made_to_fit_another() -> None:
    moved = Moved("s", 5, 10, 16)
    assert moved.copied("F5/F$11+E5*$G5", 5, 9) == "F9/F$21+E9*$G9"
    assert moved.copied("F5-F4", 5, 9) == "F9-F4"


@given(st.integers(1, 40), st.integers(0, 20), st.integers(1, 40), st.integers(1, 80), st.integers(0, 40))
def test_a_range_outside_the_list_holds_the_same_cells_as_before(
    first: int, rows: int, count: int, low: int, length: int
) -> None:
    moved = Moved("s", first, first + rows - 1, count)
    high = low + length
    start, end = moved.span(low, high)
    stays = [row for row in range(low, high + 1) if not first <= row < first + rows]
    assert all(start <= moved.row(row) <= end for row in stays)
    if high < first or low >= first + rows:
        assert end - start == length


@given(st.integers(1, 30), st.integers(1, 10), st.integers(1, 30))
def test_a_range_over_the_list_grows_and_shrinks_with_it(first: int, rows: int, count: int) -> None:
    moved = Moved("s", first, first + rows - 1, count)
    assert moved.span(first, first + rows - 1) == (first, first + count - 1)
