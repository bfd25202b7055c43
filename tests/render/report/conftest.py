"""The small town with every table of results filled, as a report for each audience and language."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from govmap.messages import Voice
from govmap.publish import Released
from govmap.render.report import whole
from govmap.render.report.desk import Desk
from govmap.render.report.paper import Paper, Tile
from govmap.render.scene import sheet_of

HOSTILE = (
    "<script>alert(1)</script>", "{{7*7}}", "${7*7}", '"><img src=x onerror=alert(1)>', "'; alert(1) //",
    "</svg><iframe src=javascript:alert(1)>", "]]></title></style><b>", "\u202egnp.exe\u2028\x00\x0b", "a\ud800b",
)  # fmt: skip
UNITS = [f"U{at:03d}" for at in range(1, 7)]
WRITTEN: dict[tuple[str, str], Paper] = {}  # a report is a value: what all tests look at is written once
MONTHS = [dt.date(2025, month, 1) for month in range(7, 13)] + [dt.date(2026, 1, 1)]


def results(name: Callable[[str], str] = lambda plain: plain) -> dict[str, pd.DataFrame]:
    """Rows that steps would write for the town's six units; `name` turns every text of the user's into another."""
    short = [416, 104, 0, 52, 312, 208]
    of_units = {"plan_id": "p1", "unit_id": UNITS, "level": "base"}
    fix = {
        "key": "fix_new_site",
        "facts": {"service": {"en": "Clinic", "zh": "诊所"}, "kind": {"en": "room", "zh": "房"}},
    }
    fix["facts"] |= {"place": name("the hall"), "people": 300}
    return {
        "gaps": pd.DataFrame(
            of_units
            | {
                "category": "clinic", "standard": "cn_15min/health_station", "people": 416, "households": 160,
                "people_short": short, "households_short": [one // 2 for one in short],
                "share_short": [one / 416 for one in short], "share_estimated": 1.0,
                "reason": ["none", "full", None, "closed", name("odd"), "none"], "walk_min": 8.0, "site_id": "r1",
                "distance_m": 500.0, "fixes": [[fix]] * 6,
            }
        ),
        "norms": pd.DataFrame(
            {"community_id": ["c1"], "category": ["park"], "standard": ["cn_15min/park"], "people": [2496],
             "have": [1000.0], "need": [2496.0], "short": [1496.0], "unit": ["m2"], "source": [name("GB 50180")]}
        ),
        "sites": pd.DataFrame(
            {"plan_id": "p1", "category": ["clinic"], "standard": ["cn_15min/health_station"], "place_id": ["w3"],
             "place_kind": ["public_building"], "name": [name("Town hall")], "rank": [1], "people_covered": [300],
             "gain": [300], "bound": [300.0], "reason": ["proven"], "geometry": [None]}
        ),
        "rates": pd.DataFrame(
            of_units
            | {"category": "all", "count": [40, 30, 20, 25, 12, 3], "households": [160] * 5 + [40],
               "rate": [0.25, 0.19, 0.13, 0.16, 0.08, 0.1], "low": 0.05, "high": 0.3, "raw": 0.2,
               "too_small": [False] * 5 + [True]}
        ),
        "spots": pd.DataFrame(
            of_units
            | {"category": name("noise"), "z": 4.2, "p": 0.0001, "q": 0.0002, "kind": ["hot"] + ["none"] * 5,
               "stable_levels": 3}
        ),
        "answered": pd.DataFrame(
            {"plan_id": "p1", "unit_id": ["c1", "c1", "U001"], "level": ["community", "community", "base"],
             "category": ["all", name("noise"), "all"], "cases": [130, 40, 40], "open": 5, "overdue": [3, 1, 2],
             "responded": 0.99, "resolved": 0.95, "satisfied_resident": 0.8, "satisfied_office": 0.97,
             "hours_median": 40.0}
        ),
        "months": pd.DataFrame(
            {"community_id": "c1", "category": "all", "month": MONTHS, "count": [20, 22, 18, 25, 24, 60, 21],
             "expected": [None, None, 20, 21, 21, 22, 25], "low": [None, None, 12, 12, 12, 13, 15],
             "high": [None, None, 30, 31, 31, 32, 36], "notable": [None, None, None, None, None, "high", None],
             "whole": True}
        ),
        "recurring": pd.DataFrame(
            {"street_id": ["s1"], "category": [name("noise")], "incidents": [20], "days": [18],
             "first": [dt.date(2025, 7, 2)], "last": [dt.date(2026, 1, 5)], "expected": [3.0], "q": [0.0001]}
        ),
        "loads": pd.DataFrame(
            [
                ("p1", unit, "base", item, 10.0, "households", 15.0, hours, 1.0, name("own"))
                for unit, more in zip(UNITS, (30, 5, 5, 5, 5, 5), strict=True)
                for item, hours in (("households", 20.0), ("incidents/event", 4.0), ("incidents/need", float(more)))
            ],
            columns=["plan_id", "unit_id", "level", "item", "amount", "amount_unit", "minutes_each", "hours",
                     "share_estimated", "source"],
        ),
        "fits": pd.DataFrame(
            [("p1", unit, "base", measure, value) for unit in UNITS for measure, value in
             (("households", 160.0), ("longest_walk_m", 950.0), ("compound_share", 0.4))],
            columns=["plan_id", "unit_id", "level", "measure", "value"],
        ),
        "matches": pd.DataFrame(
            {"need_id": ["i0"], "resource_id": ["r1"], "amount": [2.0], "cost_m": [120.0],
             "reason": [{"walk_min": 4.2, "nearest": True, "choices": 2, "inside": True, "capacity_known": True}]}
        ),
        "imports": pd.DataFrame(
            {"import_id": ["x1"], "table": ["residents"], "file": [name("list.xlsx")], "mapping": [None],
             "sha256": [""], "rows_in": [10], "rows_kept": [9], "rows_rejected": [1],
             "at": [pd.Timestamp("2026-02-01", tz="UTC")], "turn": [1]}
        ),
        "unit_lineage": pd.DataFrame(
            {"plan_id": "p1", "unit_id": ["U001", "U002", "U002", "U003"], "former_plan_id": "p0",
             "former_unit_id": [name("north"), name("north"), name("south"), name("east")], "edition": 1,
             "households": [160, 30, 130, 160]}
        ),
    }  # fmt: skip


def plans(name: Callable[[str], str] = lambda plain: plain) -> pd.DataFrame:
    criteria = {"size": [100, 150], "by": "households", "level": "base", "finer": None}
    return pd.DataFrame(
        {"plan_id": ["p1"], "name": [name("Spring")], "base_plan_id": ["p0"], "edition": [1], "criteria": [criteria],
         "status": ["draft"]}
    )  # fmt: skip


TILES = (
    Tile("Households", "≈960", "of the whole town", "From: units", "ok", "in order"),
    Tile("Overdue", "3", "past their deadline", "From: incidents", "red", "look at this"),
    Tile("Vacant", "unknown", "import workers", "From: duties", "unknown", "not known"),
)


def desk_of(released: Released, language: str = "en", **facts: Any) -> Desk:
    sheet = sheet_of(released, width_mm=170, most_mm=150)
    return Desk(released=released, voice=Voice(language), sheet=sheet, **facts)


@pytest.fixture
def filled(town: Callable[..., dict[str, pd.DataFrame]]) -> Callable[..., dict[str, pd.DataFrame]]:
    """Give the town's tables with all results; the argument turns every text of the user's into another."""

    def fill(name: Callable[[str], str] = lambda plain: plain) -> dict[str, pd.DataFrame]:
        tables = town(name) | results(name) | {"plans": plans(name)}
        incidents = tables["incidents"]
        kind = ["need"] * 3 + list(incidents["kind"].iloc[3:])
        tables["incidents"] = incidents.assign(kind=kind, duplicate_of=None)
        tables["resources"] = tables["resources"].assign(capacity=[30.0, None], capacity_unit="places")
        return tables

    return fill


@pytest.fixture
def paper(released: Callable[..., Released], filled: Callable[..., dict[str, pd.DataFrame]]) -> Callable[..., Paper]:
    """Write a report of the town for an audience."""

    def write(
        audience: str = "official",
        language: str = "en",
        tables: dict[str, pd.DataFrame] | None = None,
        title: str = "Well",
        tiles: tuple[Tile, ...] = TILES,
    ) -> Paper:
        if tables is None and (audience, language) in WRITTEN:
            return WRITTEN[audience, language]
        desk = desk_of(released(audience, filled() if tables is None else tables), language, data_date="2026-01-15")
        made = whole.paper(desk, tiles, title=title, plan_name="Spring", format_="A4")
        if tables is None:
            WRITTEN[audience, language] = made
        return made

    return write


@pytest.fixture
def hostile() -> Callable[[str], str]:
    """Put every hostile text before each name."""
    return lambda plain: " ".join(HOSTILE) + plain
