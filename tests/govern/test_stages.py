"""The words of lists for stages."""

import pandas as pd
import pytest

from govmap.govern import Lifecycle, read_stages

GRID, HOTLINE = Lifecycle.load("grid_loop"), Lifecycle.load("hotline")
WORDS = [
    ("待处理", "filed", "accepted"), ("处理中", "handling", "handling"), ("已办结", "closed", "closed"), ("办结", "closed", "closed"),  # noqa: E501
    ("已结案", "closed", "closed"), ("Closed", "closed", "closed"), (" OPEN ", "filed", "accepted"), ("In Progress", "handling", "handling"),  # noqa: E501
    ("in-progress", "handling", "handling"), ("已派发", "dispatched", "dispatched"), ("退单", "returned", "returned"),
    ("ＣＬＯＳＥＤ", "closed", "closed"), ("已办结状态", "closed", "closed"), ("不予受理", "declined", "declined"),
    ("重复工单", "merged", "merged"), ("resolved", "closed", "closed"), ("已回访", "closed", "called_back"), ("assigned", "dispatched", "dispatched"),  # noqa: E501
]  # fmt: skip


def rows(*told: tuple[str | None, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(told, columns=["stage", "reported_at", "closed_at"], dtype=object)
    for name in ("reported_at", "closed_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame


@pytest.mark.parametrize(("word", "grid", "hotline"), WORDS)
def test_words_of_lists_are_known(word: str, grid: str, hotline: str) -> None:
    for cycle, wanted in ((GRID, grid), (HOTLINE, hotline)):
        read = read_stages(rows((word, None, None)), cycle)
        assert read.stage[0] == wanted
        assert read.said[0] is None


def test_an_unknown_word_is_kept_and_told_with_its_number() -> None:
    read = read_stages(rows(("云上流转", None, None), ("云上流转", None, "2026-01-02"), ("closed", None, None)), GRID)
    assert read.stage.tolist() == [None, None, "closed"]
    assert read.said.tolist() == ["云上流转", "云上流转", None]
    assert read.unknown == (("云上流转", 2),)


def test_a_day_of_closing_says_it_where_nothing_else_does() -> None:
    read = read_stages(rows((None, None, "2026-01-02"), (None, None, None)), GRID)
    assert read.stage.tolist() == ["closed", None]


def test_dates_that_contradict_are_counted_and_a_bare_day_is_none_of_them() -> None:
    read = read_stages(
        rows(
            ("closed", "2026-01-05 14:30", "2026-01-04 10:15"),
            ("closed", "2026-01-05 14:30", "2026-01-05 00:00"),
            ("closed", "2026-01-05 14:30", "2026-01-05 14:10"),
            ("open", "2026-01-05 14:30", "2026-01-06 09:00"),
        ),
        GRID,
    )
    assert read.closed_early == 2
    assert read.closed_but_open == 1
