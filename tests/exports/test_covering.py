"""What a unit covers, in words: what an office reads, and what our own reader of such lists reads back."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from govmap.addresses import listed
from govmap.exports.covering import covered, natural, numbered, numbers
from govmap.messages import Voice

ZH = Voice("zh")


def rows(*told: tuple[str, str | None, str | None, str | None, str | None]) -> pd.DataFrame:
    """One row a building: unit, compound, building, street, house number."""
    names = ["unit", "compound", "building", "street", "house_number"]
    return pd.DataFrame(told, columns=names, dtype=object).assign(part="", building_id=range(len(told)))


def test_a_compound_that_lies_whole_in_a_unit_is_named_alone() -> None:
    found = covered(rows(("A", "翠园", "1号楼", None, None), ("A", "翠园", None, None, None)), "unit", ZH)
    assert found["A"] == "翠园"


def test_numbers_of_a_divided_compound_are_told_as_runs() -> None:
    buildings = [("A" if one not in (4, 9, 12) else "B", "翠园", f"{one}号楼", None, None) for one in range(1, 13)]
    found = covered(rows(*buildings), "unit", ZH)
    assert found["A"] == "翠园1-3、5-8、10、11号楼"
    assert found["B"] == "翠园4、9、12号楼"


def test_a_run_of_house_numbers_ends_where_anothers_house_stands() -> None:
    told = [("A", None, None, "建设路", str(one)) for one in (1, 3, 5, 9, 11, 13)] + [("B", None, None, "建设路", "7")]
    found = covered(rows(*told, ("A", None, None, "建设路", "8")), "unit", ZH)
    assert found["A"] == "建设路单号1-5号、建设路单号9-13号、建设路8号"
    assert found["B"] == "建设路7号"


def test_what_has_no_name_is_counted() -> None:
    bare = [("A", "翠园", None, None, None)] * 2 + [("B", "翠园", "1号楼", None, None), ("A", None, None, None, None)]
    assert covered(rows(*bare), "unit", ZH)["A"] == "翠园内无名楼栋2栋、无名楼栋1栋"


@given(st.sets(st.integers(1, 60), min_size=1), st.sets(st.integers(1, 60), min_size=1))
def test_our_reader_of_lists_reads_back_what_was_written(ours: set[int], theirs: set[int]) -> None:
    told = [("A", "翠园", f"{one}号楼", None, None) for one in ours]
    told += [("B", "翠园", f"{one}栋", None, None) for one in theirs - ours]
    told += [("B", "翠园", "活动室", None, None)]
    read = listed(covered(rows(*told), "unit", ZH)["A"])
    assert not read.unknown
    assert {int(number) for one in read.stretches for number in one.numbers} == ours
    assert {one.name for one in read.stretches} == {"翠园"}


@given(st.sets(st.integers(1, 80), min_size=1, max_size=30), st.sets(st.integers(1, 80), max_size=30))
def test_a_street_is_read_back_house_by_house(ours: set[int], theirs: set[int]) -> None:
    told = [("A", None, None, "建设路", str(one)) for one in ours]
    told += [("B", None, None, "建设路", str(one)) for one in theirs - ours]
    read = listed(covered(rows(*told), "unit", ZH)["A"])
    claimed = set()
    for one in read.stretches:
        step = 1 if one.parity == "all" else 2
        claimed |= set(range(one.low or 0, (one.high or one.low or 0) + 1, step))
    assert claimed & (ours | theirs) == ours


def test_numbers_stand_in_their_natural_order() -> None:
    names = ["10号楼", "2号楼", "二十号楼", None, "1号楼", "Block 3"]
    assert sorted(names, key=natural) == ["1号楼", "2号楼", "10号楼", "二十号楼", "Block 3", None]
    assert [numbered(one) for one in ("3号楼", "三栋", "Block 7", "7", "幼儿园", None)] == [3, 3, 7, 7, None, None]
    assert numbers([1, 2, 3, 5, 6]) == ["1-3", "5", "6"]
