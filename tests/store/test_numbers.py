"""Counting by columns gives what counting row by row gives, whatever stands in the cells."""

from collections import Counter
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from govmap.store import numbers
from govmap.store.geopackage import open_file

ROWS = [
    ("a", "p1", "noise", False), ("b", "p1", "noise", None), ("c", "p2", None, False), ("d", None, "noise", False),
    ("e", "p2", "li\x1fght", False), ("f", "p1", "", False), ("g", "p9", "noise", False), ("h", "p1", "noise", True),
]  # fmt: skip


@pytest.fixture(name="told")
def fixture_told(blank: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(numbers, "STRETCH", 3)
    path = tmp_path / "town.gpkg"
    path.write_bytes(blank)
    frame = pd.DataFrame(ROWS, columns=["incident_id", "part_id", "category", "sensitive"])
    with closing(open_file(path)) as store, store.writing() as session:
        session.append("incidents", frame.astype({"sensitive": "boolean"}))
    return path


def counts(path: Path, **how: object) -> Counter[tuple[object, ...]]:
    with closing(open_file(path)) as store:
        rows = store.counts("incidents", by=["part_id", "category"], **how)
    return Counter({tuple(row[:-1]): row[-1] for row in rows.itertuples(index=False, name=None)})


def test_rows_are_counted_by_their_words(told: Path) -> None:
    assert counts(told) == Counter(row[1:3] for row in ROWS)


def test_conditions_hold(told: Path) -> None:
    assert counts(told, where={"sensitive": [False, None]}) == Counter(row[1:3] for row in ROWS if row[3] is not True)


def test_words_are_counted_as_what_they_stand_for_and_strangers_left_out(told: Path) -> None:
    units = {"p1": "U", "p2": "U"}
    found = counts(told, through={"part_id": units})
    assert found == Counter((units[row[1]], row[2]) for row in ROWS if row[1] in units)


def test_a_table_without_rows_counts_nothing(blank: bytes, tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    path.write_bytes(blank)
    assert counts(path) == Counter()
