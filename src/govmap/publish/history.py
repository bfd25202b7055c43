"""Numbers of people that are about to be published: rounded, held against all that was published before, written down.

One row a number: what is counted, over which parts, in which table it stands. `differencing` says which of them would
give away fewer than k people together with the others; those are withheld here.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from govmap.publish.allowed import Tables, column
from govmap.publish.assessed import COUNTED, SERVED
from govmap.publish.counts import Homes
from govmap.publish.differencing import Leak, Told, protect
from govmap.publish.rounding import BASE, column_of, keys_of, span
from govmap.schema import TABLES

OPEN = "resources"  # what is counted there is no person
ROUNDED_ELSEWHERE = "gaps"
REPORTS = "incidents/all"
NUMBERED = ("units", "tallies", "totals", "gaps", "incident_places")
NUMBER = ["statistic", "area", "table", "row", "column", "value"]


@dataclass(frozen=True)
class Guarded:
    """Tables whose numbers are rounded and safe together, what was withheld for it, and what leaked before."""

    tables: dict[str, pd.DataFrame]
    suppressed: tuple[Mapping[str, Any], ...]
    rows: pd.DataFrame
    past: tuple[Leak, ...]


def guard(tables: Tables, found: Homes, previous: pd.DataFrame | None, *, k: int, fewest: int | None = None) -> Guarded:
    """
    Round the numbers of people that the public is to get, and withhold what would give away fewer than k.

    Parameters
    ----------
    tables
        `units`, `tallies`, `totals`, `gaps`, `incident_places` as they would be shown, and `parts`.
    found
        The parts of every unit.
    previous
        The table `publications`: everything that was published before, here or from another copy.
    fewest
        Fewest incidents that may be known of, where that is not k.
    """
    made = {name: tables[name].copy() for name in NUMBERED if name in tables}
    parts = tables.get("parts", pd.DataFrame({"part_id": []}))
    _round(made, _numbers(made, tables, found), keys_of(parts))
    numbers = _numbers(made, tables, found)
    told = pd.concat([_before(previous), _ours(numbers, k, fewest or k)], ignore_index=True)
    gone: list[int] = []
    past: list[Leak] = []
    for statistic, rows in told.groupby("statistic", sort=True):
        least = fewest if statistic == REPORTS and fewest is not None else k
        withheld, left = protect(_told(rows), least, truth=_truth(str(statistic), parts))
        gone += [int(one) for one in rows["number"].iloc[withheld]]
        past += left
    suppressed = _withhold(made, numbers.loc[sorted(gone)])
    shown = _numbers(made, tables, found)
    if "incident_places" in made:  # a place of few reports is not on the map at all
        places = made["incident_places"]
        shown = shown[~((shown["table"] == "incident_places") & shown["value"].isna())]
        places = places[places["count"].notna()].reset_index(drop=True)
        made["incident_places"] = places.assign(place_id=[f"h{at + 1}" for at in range(len(places))])
    return Guarded(made, suppressed, shown, tuple(past))


def publications(
    numbers: pd.DataFrame, what: tuple[str, str, int], k: int, at: datetime, *, fewest: int | None = None
) -> pd.DataFrame:
    """Give the rows of the table `publications`: what was counted, over which parts, what is shown and leaves open."""
    rows = sorted(
        (statistic, " ".join(area), _value(value, statistic, k, fewest or k))
        for statistic, area, value in zip(numbers["statistic"], numbers["area"], numbers["value"], strict=True)
    )
    text = json.dumps([*what, rows], ensure_ascii=False).encode("utf-8", "surrogatepass")
    name = "p" + hashlib.sha256(text).hexdigest()[:12]
    frame = pd.DataFrame([(name, at, *what, *row) for row in rows], columns=TABLES["publications"].names)
    return frame.drop_duplicates(["statistic", "area"]).reset_index(drop=True)


def _value(value: Any, statistic: str, k: int, fewest: int) -> str:
    low, high = _span(value, statistic, k, fewest)
    shown = None if pd.isna(value) else int(value)
    return json.dumps({"value": shown, "low": int(low), "high": None if np.isinf(high) else int(high)})


def _span(value: Any, statistic: str, k: int, fewest: int) -> tuple[float, float]:
    """Give what a number leaves open; people short are rounded to tens, half as far to either side."""
    if pd.isna(value):
        return span(None, k)
    if statistic.startswith(ROUNDED_ELSEWHERE) and value > 0:
        return max(0.0, float(value) - k / 2), float(value) + k / 2
    if statistic.startswith(SERVED) and value > 0:  # to fives, then to tens
        return max(float(k), float(value) - k / 2 - BASE + 1), float(value) + k / 2 + BASE - 1
    return span(float(value), fewest if statistic == REPORTS else k)


def _numbers(made: Mapping[str, pd.DataFrame], tables: Tables, found: Homes) -> pd.DataFrame:
    """List every number of people: one row each."""
    every = [
        row
        for listed in (_of_units, _of_tallies, _of_totals, _of_gaps, _of_places)
        for row in listed(made, found, _communities(tables, found))
    ]
    return pd.DataFrame(every, columns=NUMBER)


def _communities(tables: Tables, found: Homes) -> dict[str, tuple[str, ...]]:
    """Give the parts of each community's units."""
    units = tables["units"]
    members: dict[str, set[str]] = {}
    for unit, community in zip(units["unit_id"], column(units, "community_id"), strict=True):
        members.setdefault(community, set()).update(found.area(unit))
    return {community: tuple(sorted(parts)) for community, parts in members.items()}


def _of_units(made: Mapping[str, pd.DataFrame], found: Homes, _: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    units = made["units"]
    for name in ("households", "residents"):
        for row, (unit, value) in enumerate(zip(units["unit_id"], column(units, name), strict=True)):
            yield name, found.area(unit), "units", row, name, value


def _of_tallies(made: Mapping[str, pd.DataFrame], found: Homes, _: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    tallies = made.get("tallies", pd.DataFrame())
    if tallies.empty:
        return
    people = tallies["theme"] != OPEN
    for name in ("count", "people"):
        for row in np.flatnonzero(people & (column(tallies, "people").isna() | (name == "people"))):
            one = tallies.iloc[row]
            yield (
                f"{one['theme']}/{one['category']}",
                found.area(one["unit_id"]),
                "tallies",
                int(row),
                name,
                one[name],
            )


def _of_totals(
    made: Mapping[str, pd.DataFrame], _: Homes, communities: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[Any, ...]]:
    totals = made.get("totals", pd.DataFrame())
    for row in range(len(totals)):
        one = totals.iloc[row]
        area = communities.get(one["community_id"])
        if one["theme"] != OPEN and area:
            name = one["category"] if one["theme"] == "base" else f"{one['theme']}/{one['category']}"
            yield name, area, "totals", row, "count", one["count"]


def _of_gaps(made: Mapping[str, pd.DataFrame], found: Homes, _: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    gaps = made.get("gaps", pd.DataFrame())
    for row in range(len(gaps)):
        one = gaps.iloc[row]
        name = f"{ROUNDED_ELSEWHERE}/{one['standard']}/{one['category']}"
        yield name, found.area(one["unit_id"]), "gaps", row, "people_short", one["people_short"]
        if str(one.get(COUNTED, "")).startswith(SERVED):
            yield one[COUNTED], found.area(one["unit_id"]), "gaps", row, "people", one["people"]


def _of_places(made: Mapping[str, pd.DataFrame], _: Homes, __: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    places = made.get("incident_places", pd.DataFrame())
    for row in range(len(places)):
        yield REPORTS, places["area"].iloc[row], "incident_places", row, "count", places["count"].iloc[row]


def _round(made: dict[str, pd.DataFrame], numbers: pd.DataFrame, keys: Mapping[str, int]) -> None:
    """Round each column in its place; what was rounded by its own rule stays."""
    ours = numbers[numbers["table"] != ROUNDED_ELSEWHERE]
    for (table, name), rows in ours.groupby(["table", "column"], sort=True):
        frame = made[str(table)]
        shown = column_of(rows["value"], rows["statistic"].tolist(), rows["area"].tolist(), keys)
        values = frame[name].astype(object)
        values.iloc[rows["row"].to_numpy()] = shown.to_numpy()
        frame[name] = values.where(values.notna(), None)
    if "tallies" in made and len(made["tallies"]):  # a tally of people says the same number twice
        tallies = made["tallies"]
        tallies["count"] = tallies["count"].where(tallies["people"].isna(), tallies["people"])


def _before(previous: pd.DataFrame | None) -> pd.DataFrame:
    """Read what was published before; a number of an older file without its span was exact."""
    rows = [
        (statistic, tuple(area.split(" ")), *_read_span(value), False, -1)
        for statistic, area, value in (
            () if previous is None else zip(previous["statistic"], previous["area"], previous["value"], strict=True)
        )
    ]
    return pd.DataFrame(rows, columns=["statistic", "area", "low", "high", "ours", "number"])


def _read_span(value: Any) -> tuple[float, float]:
    told = json.loads(value) if isinstance(value, str) else value
    if told["value"] is None:
        return 0.0, np.inf
    return float(told.get("low", told["value"])), float(told.get("high", told["value"]))


def _ours(numbers: pd.DataFrame, k: int, fewest: int) -> pd.DataFrame:
    spans = [_span(value, name, k, fewest) for value, name in zip(numbers["value"], numbers["statistic"], strict=True)]
    few = (numbers["table"] == "incident_places") & numbers["value"].isna()  # who knows the rule knows that much
    spans = [(0.0, fewest - 1.0) if one else span_ for one, span_ in zip(few, spans, strict=True)]
    return pd.DataFrame(
        {
            "statistic": numbers["statistic"],
            "area": numbers["area"],
            "low": [one[0] for one in spans],
            "high": [one[1] for one in spans],
            "ours": True,
            "number": numbers.index,
        }
    )


def _told(rows: pd.DataFrame) -> Told:
    return Told(
        tuple(map(frozenset, rows["area"])),
        rows["low"].to_numpy(float),
        rows["high"].to_numpy(float),
        rows["ours"].to_numpy(bool),
    )


def _truth(statistic: str, parts: pd.DataFrame) -> dict[str, float] | None:
    """Give the count of each part where the table of parts has it."""
    if statistic not in ("households", "residents") or statistic not in parts:
        return None
    told = pd.to_numeric(parts[statistic], errors="raise").fillna(0.0).astype(float)
    return dict(zip(parts["part_id"], told, strict=True))


def _withhold(made: dict[str, pd.DataFrame], gone: pd.DataFrame) -> tuple[Mapping[str, Any], ...]:
    """Take numbers out: households and residents of a unit together, the people of a tally with its count."""
    together = {
        "units": ["households", "residents"],
        "tallies": ["count", "people"],
        "gaps": ["people_short", "people"],
    }
    told = []
    for table, at, statistic in zip(gone["table"], gone["row"], gone["statistic"], strict=True):
        frame = made[table]
        row = frame.index[at]
        for name in together.get(table, ["count"]):
            frame[name] = frame[name].astype(object)
            frame.loc[row, name] = None
        if "withheld" in frame:
            frame.loc[row, "withheld"] = "differencing"
        place = frame.loc[row, next(one for one in ("unit_id", "community_id", "place_id") if one in frame)]
        told.append({"unit_id": place, "statistic": statistic, "reason": "differencing"})
    return tuple(told)
