"""Quotation marks that nobody closed cost their own row, never those below."""

import pytest

from govmap.sources.quoted import MOST_OPEN, rows


@pytest.mark.parametrize("later", ['4,"z, w"', '4,"z"', '4,"", end', "4,z"])
def test_a_mark_that_is_not_closed_takes_no_row_below_along_though_marks_stand_there(later: str) -> None:
    found = rows(f'a,b\n1,"open\n2,x\n3,y\n{later}\n5,"t"\n', ",")
    assert found[:4] == [["a", "b"], ['1,"open'], ["2", "x"], ["3", "y"]]
    assert (found[4][0], found[5], len(found)) == ("4", ["5", "t"], 6)


def test_cells_of_several_lines_stay_whole_also_with_spaces_behind_their_mark() -> None:
    text = 'a,b\n1,"first\nsecond" ,x\n2,"said ""so""\nand so"\n'
    assert rows(text, ",") == [["a", "b"], ["1", "first\nsecond ", "x"], ["2", 'said "so"\nand so']]


def test_ever_so_many_open_marks_lose_no_row_behind_them() -> None:
    text = '1,"a\n' * (MOST_OPEN + 50) + "2,end\n" + '3,"b"\n'
    found = rows(text, ",")
    assert found[:MOST_OPEN] == [['1,"a']] * MOST_OPEN
    assert found[MOST_OPEN:] == [["1", '"a']] * 50 + [["2", "end"], ["3", '"b"']]
