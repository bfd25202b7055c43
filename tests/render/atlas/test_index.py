"""Indexes: numbers in short, names by their sound."""

import pytest

from govmap.render.atlas import index


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        (["3", "1", "2", "7"], ["1–3", "7"]),
        (["10", "9"], ["9", "10"]),
        (["12A", "12", "13", "14", "13"], ["12", "12A", "13", "14"]),
        (["A-2", "A-10", "A-1"], ["A-1", "A-2", "A-10"]),
        ([], []),
    ],
)
def test_three_numbers_in_a_row_are_one_run(numbers, told):
    assert index.runs(numbers) == told


def test_chinese_names_stand_by_their_sound_among_the_others():
    names = ["张家巷", "幸福路", "Brook Street", "北京路", "幸福路10号", "幸福路2号", "Zoo Road"]
    told = ["北京路", "Brook Street", "幸福路", "幸福路2号", "幸福路10号", "张家巷", "Zoo Road"]
    assert sorted(names, key=index.sound) == told
