"""Lists put before the import gate, and what it says of them."""

from pathlib import Path
from typing import Any

import pandas as pd
from nasty import BOUNDS, CRS

from govmap.messages import Voice
from govmap.sources import files, gate

TODAY = pd.Timestamp("2024-06-01")


def admit(path: Path, table: str, **said: Any) -> gate.Admitted:
    facts = {"crs": CRS, "project_bounds": BOUNDS, "today": TODAY} | said
    return gate.admit(files.rows(path), table, **facts)


def told(admitted: gate.Admitted) -> list[str]:
    """Give the keys of the notes, each of which can be said in both languages."""
    for one in admitted.notes:
        assert Voice("en").tell(one)
        assert Voice("zh").tell(one)
    return [one.key for one in admitted.notes]


def listed(tmp_path: Path, header: list[str], *rows: list[str], name: str = "a.csv") -> Path:
    """Write a list whose cells may hold anything."""
    import csv

    with (tmp_path / name).open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([header, *rows])
    return tmp_path / name


def by_row(admitted: gate.Admitted) -> dict[int, str]:
    return dict(zip(admitted.rejects["row"], admitted.rejects["reason_code"], strict=True))


def place_rows(*pairs: tuple[object, object]) -> list[list[str]]:
    return [[f"点{n}", "诊所", str(x), str(y)] for n, (x, y) in enumerate(pairs)]


PLACES = ["名称", "类别", "经度", "纬度"]
