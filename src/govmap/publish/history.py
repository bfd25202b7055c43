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
REPORTS, REPORTS_IN = "incidents/all", "incidents/days/"  # all, and those of some days
MONTHS = "incidents/month/"
NUMBERED = ("units", "tallies", "totals", "gaps", "incident_places", "rates", "months")
NUMBER = ["statistic", "area", "table", "row", "column", "value", "edge"]
SAME = {"residents/households": "households", "residents/people": "residents"}  # the register's count and the unit's


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
        `units`, `tallies`, `totals`, `gaps`, `incident_places`, `rates`, `months` as they would be shown, and `parts`.
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
    told = pd.concat([_before(previous), _ours(numbers, k, fewest)], ignore_index=True)
    gone: list[int] = []
    past: list[Leak] = []
    for statistic, rows in told.groupby("statistic", sort=True):
        withheld, left = protect(_told(rows), _least(str(statistic), k, fewest), truth=_truth(str(statistic), parts))
        gone += [int(one) for one in rows["number"].iloc[withheld]]
        past += left
    suppressed = _withhold(made, _wherever(numbers, gone))
    shown = _numbers(made, tables, found)
    if "incident_places" in made:  # a place of few reports is not on the map at all
        places = made["incident_places"]
        shown = shown[~((shown["table"] == "incident_places") & shown["value"].isna())]
        places = places[places["count"].notna()].reset_index(drop=True)
        made["incident_places"] = places.assign(place_id=[f"h{at + 1}" for at in range(len(places))])
    return Guarded(made, suppressed, shown, tuple(past))


def _wherever(numbers: pd.DataFrame, gone: list[int]) -> pd.DataFrame:
    """Give the rows of some numbers, and all others that tell the same of the same area."""
    named = pd.MultiIndex.from_frame(numbers[["statistic", "area"]])
    return numbers[named.isin(named[numbers.index.isin(gone)]) & numbers["value"].notna()]


def _least(statistic: str, k: int, fewest: int | None) -> int:
    """Say how few may be known of: of reports, fewer than of people."""
    return fewest if fewest is not None and (statistic == REPORTS or statistic.startswith(REPORTS_IN)) else k


def publications(
    numbers: pd.DataFrame, what: tuple[str, str, int], k: int, at: datetime, *, fewest: int | None = None
) -> pd.DataFrame:
    """Give the rows of the table `publications`: what was counted, over which parts, what is shown and leaves open."""
    rows = sorted(
        (one["statistic"], " ".join(one["area"]), _value(one, k, fewest)) for one in numbers.to_dict("records")
    )
    text = json.dumps([*what, rows], ensure_ascii=False).encode("utf-8", "surrogatepass")
    name = "p" + hashlib.sha256(text).hexdigest()[:12]
    frame = pd.DataFrame([(name, at, *what, *row) for row in rows], columns=TABLES["publications"].names)
    return frame.drop_duplicates(["statistic", "area"]).reset_index(drop=True)


def _value(one: Mapping[Any, Any], k: int, fewest: int | None) -> str:
    low, high = _span(one, k, fewest)
    shown = None if pd.isna(one["value"]) else int(one["value"])
    return json.dumps({"value": shown, "low": int(low), "high": None if np.isinf(high) else int(high)})


def _span(one: Mapping[Any, Any], k: int, fewest: int | None) -> tuple[float, float]:
    """
    Give what a number leaves open.

    People short are rounded to tens, halves up, but where they are all who are served: these are rounded to fives
    first, and `edge` says that it may be so.
    """
    value, statistic = one["value"], str(one["statistic"])
    if pd.isna(value):
        return span(None, k)
    half, room = k // 2, 0
    if statistic.startswith((ROUNDED_ELSEWHERE, SERVED)) and value > 0:
        room = BASE - 1 if one["edge"] else 0
        return max(float(k), float(value) - half - room), float(value) + k - half - 1 + room
    return span(float(value), _least(statistic, k, fewest))


def _numbers(made: Mapping[str, pd.DataFrame], tables: Tables, found: Homes) -> pd.DataFrame:
    """List every number of people: one row each."""
    every = [
        row
        for listed in (_of_units, _of_tallies, _of_totals, _of_places, _of_rates, _of_months)
        for row in listed(made, found, _communities(tables, found))
    ]
    plain = pd.DataFrame(every, columns=NUMBER[:-1]).assign(edge=False)
    gaps = pd.DataFrame(list(_of_gaps(made, found)), columns=NUMBER)
    return _named_alike(pd.concat([one for one in (plain, gaps) if len(one)] or [plain], ignore_index=True))


def _named_alike(numbers: pd.DataFrame) -> pd.DataFrame:
    """Call by one name what the register and the unit tell alike of one area: the same number is one number."""
    statistic, area = numbers["statistic"], numbers["area"]
    told = {(name, where): value for name, where, value in zip(statistic, area, numbers["value"], strict=True)}
    alike = [
        SAME[name] if name in SAME and told.get((SAME[name], where)) == value else name
        for name, where, value in zip(statistic, area, numbers["value"], strict=True)
    ]
    return numbers.assign(statistic=pd.Series(alike, index=numbers.index, dtype=object))


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


def _of_gaps(made: Mapping[str, pd.DataFrame], found: Homes) -> Iterator[tuple[Any, ...]]:
    for row, one in enumerate(made.get("gaps", pd.DataFrame()).to_dict("records")):
        area, short = found.area(one["unit_id"]), one["people_short"]
        name = f"{ROUNDED_ELSEWHERE}/{one['standard']}/{one['category']}"
        yield name, area, "gaps", row, "people_short", short, short == one["people"]
        if str(one.get(COUNTED, "")).startswith(SERVED):
            yield one[COUNTED], area, "gaps", row, "people", one["people"], True


def _of_places(made: Mapping[str, pd.DataFrame], _: Homes, __: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    places = made.get("incident_places", pd.DataFrame())
    for row in range(len(places)):
        yield REPORTS, places["area"].iloc[row], "incident_places", row, "count", places["count"].iloc[row]


def _of_rates(
    made: Mapping[str, pd.DataFrame], found: Homes, communities: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[Any, ...]]:
    """List the reports above the line of each rate: those of some days are a number of their own."""
    for row, one in enumerate(made.get("rates", pd.DataFrame()).to_dict("records")):
        days = [str(one.get(name))[:10] if pd.notna(one.get(name)) else "" for name in ("since", "until")]
        name = REPORTS_IN + "/".join(days) if any(days) else REPORTS
        yield name, communities.get(one["unit_id"]) or found.area(one["unit_id"]), "rates", row, "count", one["count"]


def _of_months(
    made: Mapping[str, pd.DataFrame], _: Homes, communities: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[Any, ...]]:
    for row, one in enumerate(made.get("months", pd.DataFrame()).to_dict("records")):
        area = communities.get(one["community_id"]) or (str(one["community_id"]),)
        yield MONTHS + str(one["month"])[:7], area, "months", row, "count", one["count"]


def _drawn(statistic: str) -> str:
    """Name the draw of a statistic: the same count of the same area is rounded one way, however it came about."""
    if statistic.startswith((REPORTS_IN, MONTHS)):
        return REPORTS
    return SAME.get(statistic, statistic)


def _round(made: dict[str, pd.DataFrame], numbers: pd.DataFrame, keys: Mapping[str, int]) -> None:
    """Round each column in its place; what was rounded by its own rule stays."""
    ours = numbers[numbers["table"] != ROUNDED_ELSEWHERE]
    for (table, name), rows in ours.groupby(["table", "column"], sort=True):
        frame = made[str(table)]
        shown = column_of(rows["value"], rows["statistic"].map(_drawn).tolist(), rows["area"].tolist(), keys)
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


def _ours(numbers: pd.DataFrame, k: int, fewest: int | None) -> pd.DataFrame:
    """Give what our numbers leave open, each once however often it is told."""
    spans = [_span(one, k, fewest) for one in numbers.to_dict("records")]
    few = (numbers["table"] == "incident_places") & numbers["value"].isna()  # who knows the rule knows that much
    spans = [(0.0, (fewest or k) - 1.0) if one else span_ for one, span_ in zip(few, spans, strict=True)]
    told = numbers[["statistic", "area"]].assign(
        low=[one[0] for one in spans], high=[one[1] for one in spans], ours=True, number=numbers.index
    )
    return told.drop_duplicates(["statistic", "area", "low", "high"])


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
