"""The public page as a file: what is not in it cannot be read out of it."""

import datetime as dt
import json
import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from govmap.messages import Voice
from govmap.publish import release
from govmap.render import webmap
from govmap.render.compact import inflated
from govmap.schema import TABLES

AT = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
VALUES = 2000
INSIDE = ("incidents", "workers", "duties", "residents")
Tables = dict[str, pd.DataFrame]


def page(tables: Tables, **choices: object) -> str:
    georeferenced = bool(choices.pop("georeferenced", True))
    let = release(tables, audience="public", plan_id="p1", edition=1, at=AT, georeferenced=georeferenced)
    return webmap.build(let, Voice("zh"), title="井", **choices)  # type: ignore[arg-type]


def filled(tables: Tables) -> tuple[Tables, list[str]]:
    """Write a value that stands nowhere else into every text of every row that is personal or belongs inside."""
    made, values = dict(tables), list[str]()
    rows = VALUES // 20
    tables["residents"] = pd.DataFrame({"place_id": [f"w{at % 24}" for at in range(rows)], "unit_hint": None})
    tables["incidents"] = pd.concat([tables["incidents"]] * 10, ignore_index=True).iloc[:rows]
    keep = {"geometry", "building_id", "plan_id", "unit_id", "worker_id", "sensitive", "reported_at", "closed_at"}
    for name, frame in tables.items():
        told = frame.copy()
        personal = [one for one in TABLES[name].names if one in TABLES[name].personal or name in INSIDE]
        for one in sorted({*personal, "phone", "note", "id_card"} - keep - {"place_id", "kind", "category"}):
            column = [f"{name}·{one}·{at:05d}·某" for at in range(len(told))]
            told[one] = column
            values += column
        made[name] = told
    return made, values


def test_none_of_two_thousand_personal_values_is_in_the_file(town: Callable[[], Tables]) -> None:
    tables, values = filled(town())
    assert len(set(values)) >= VALUES
    html = page(tables)
    everything = html + json.dumps(html)  # as text and as JSON writes it
    packs = re.findall(r'id="govmap-pack-\w+">([^<]+)<', html)
    everything += "".join(inflated(one).decode("latin-1") for one in packs)
    assert packs
    assert [one for one in values if one in everything or json.dumps(one)[1:-1] in everything] == []


def test_a_file_that_says_not_where_it_lies_holds_no_degree_and_no_metre_of_its_place(
    town: Callable[[], Tables],
) -> None:
    placed, unplaced = page(town()), page(town(), georeferenced=False)
    west, south, east, north = bounds(placed)
    assert np.allclose([west, south, east, north], [117, 23.05, 117, 23.05], atol=0.02)
    assert np.abs(bounds(unplaced)).max() < 0.01
    degrees = [f"{one:.6f}"[:-1] for one in (west, south, east, north)]
    assert all(one in placed for one in degrees)
    facts = re.search(r'id="govmap-facts">([^<]*)<', unplaced)[1]  # type: ignore[index]
    assert [one for one in [*degrees, "500000", "2550000", "EPSG:326", "proj="] if one in facts] == []
    assert [one for one in degrees if one in unplaced] == []


def bounds(html: str) -> list[float]:
    return json.loads(re.search(r'"bounds":(\[[^]]*\])', html)[1])  # type: ignore[index]


def test_distances_stay_true_without_a_place(town: Callable[[], Tables]) -> None:
    west, south, east, north = bounds(page(town(), georeferenced=False))
    metre = np.pi / 180 * 6_371_000
    assert round((east - west) * metre) == 240
    assert round((north - south) * metre) == 160


def test_the_number_of_an_approved_map_is_on_it(town: Callable[[], Tables]) -> None:
    assert '"mapNumber":"GS(2026)0001"' in page(town(), map_number="GS(2026)0001")
    assert '"mapNumber":null' in page(town())
