"""Work of each unit in hours a month, every part of it shown: calls, visits, incidents, patrol, ways there and back.

How much each item weighs stands in `layers/loads.toml` and may be the office's own. What is weighed is the work that a
unit asks for, never a person: amounts are counts of homes, of age groups, of incidents without sensitive kinds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.errors import InputError
from govmap.messages import LANGUAGES
from govmap.plan import Plan

INCIDENTS, STREETS, TRIPS = "incidents", "street_km", "trips"
PEOPLE = ("residents", "age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus", "living_alone_60")
COUNTED = ("households", "shops", "workplaces", *PEOPLE)
# What may be weighed, and in what its amount is told. Nothing else: no list of persons of any kind becomes a load.
UNITS_OF = {
    **dict.fromkeys(PEOPLE, "people"),
    "households": "households",
    "shops": "shops",
    "workplaces": "workplaces",
    INCIDENTS: "incidents",
    STREETS: "km",
    TRIPS: "trips",
}
AMOUNTS = ("part_id", "item", "amount", "minutes", "estimated")
LOADS = (
    "plan_id", "unit_id", "level", "item", "amount", "amount_unit", "minutes_each", "hours", "share_estimated",
    "source",
)  # fmt: skip
LEVEL = "base"
MOST_TIMES, MOST_MINUTES = 10_000.0, 10_000.0


@dataclass(frozen=True, kw_only=True)
class Item:
    """
    One kind of work: what it counts, how often a month, how many minutes each time.

    `minutes_by` are the minutes of kinds and categories of incidents that differ; a category goes before a kind.
    """

    name: str
    counts: str
    times_month: float
    minutes: float = 0.0
    title: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    verified: bool = False
    minutes_by: Mapping[str, float] = field(default_factory=dict)


def items(own: Iterable[Mapping[str, Any]] = ()) -> tuple[Item, ...]:
    """
    Give the items of `layers/loads.toml`, with what an office says of them instead; one that is new comes last.

    Raises
    ------
    InputError
        An item has no name, counts what may not be weighed, or a number is none.
    """
    found = {str(row["name"]): _item(row) for row in catalog.layer("loads")["items"]}
    for row in own:
        name = str(row.get("name") or "").strip()
        if not name:
            raise InputError("load_no_name")
        found[name] = _item(row, found.get(name))
    return tuple(one for one in found.values() if one.times_month > 0)


def _item(row: Mapping[str, Any], usual: Item | None = None) -> Item:
    """Read one item; what is not said is as usual, and the source is the office's own where a number is."""
    name = str(row["name"]).strip()
    counts = str(row.get("counts") or (usual.counts if usual else ""))
    if counts not in UNITS_OF:
        raise InputError("load_bad_counts", item=name, counts=counts, known=list(UNITS_OF))
    base = usual or Item(name=name, counts=counts, times_month=1.0, title=_in_both(name))
    times = _number(row, "times_month", base.times_month, MOST_TIMES)
    minutes = _number(row, "minutes", base.minutes, MOST_MINUTES)
    given = row.get("minutes_by", base.minutes_by)
    by = {str(kind): _number(given, kind, 0.0, MOST_MINUTES) for kind in given}
    found = replace(base, counts=counts, times_month=times, minutes=minutes, minutes_by=by)
    title, source = (_in_both(row.get(key) or getattr(base, key)) for key in ("title", "source"))
    return replace(found, title=title, source=source, verified=bool(row.get("verified", False)))


def _in_both(text: Any) -> dict[str, str]:
    """Give a text of a file in both languages; one that is said once is the same in both."""
    return (
        {str(key): str(one) for key, one in text.items()}
        if isinstance(text, Mapping)
        else dict.fromkeys(LANGUAGES, str(text))
    )


def _number(row: Mapping[str, Any], name: str, usual: float, most: float) -> float:
    value = row.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise InputError("load_bad_number", item=str(row.get("name") or ""), what=name, given=str(value))
    return float(value)


# amounts of parts ----------------------------------------------------------------------------------------------------
def counted(items_: Sequence[Item], counts: pd.DataFrame, estimated: pd.DataFrame) -> pd.DataFrame:
    """
    Give the amounts of what is counted in homes: one row a part and item that has any.

    Parameters
    ----------
    counts
        By part_id: a column for each of `COUNTED` that is known at all.
    estimated
        As `counts`: how much of each number is an estimate; a column that is missing was counted.
    """
    found = []
    for item in items_:
        if item.counts in COUNTED and item.counts in counts:
            amount = pd.to_numeric(counts[item.counts]).fillna(0).astype(float)
            thought = estimated[item.counts] if item.counts in estimated else pd.Series(0.0, index=counts.index)
            minutes = amount * item.times_month * item.minutes
            found.append(_rows(counts.index, item.name, amount, minutes, thought.reindex(counts.index).fillna(0)))
    return _together(found)


def handled(items_: Sequence[Item], cases: pd.DataFrame, months: float) -> pd.DataFrame:
    """
    Give the amounts of incidents a month: one row a part and kind, its item named `incidents/KIND`.

    Parameters
    ----------
    cases
        Incidents that count: part_id, kind, category. Sensitive kinds and repeats are not among them.
    months
        How many months they are of.
    """
    found = []
    for item in (one for one in items_ if one.counts == INCIDENTS):
        each = cases["category"].map(item.minutes_by).fillna(cases["kind"].map(item.minutes_by)).fillna(item.minutes)
        rows = cases.assign(minutes=each.astype(float) * item.times_month / months, amount=1.0 / months)
        sums = rows.groupby(["part_id", rows["kind"].fillna("").astype(str)])[["amount", "minutes"]].sum()
        part = sums.index.get_level_values(0)
        name = [f"{item.name}/{kind}" if kind else item.name for kind in sums.index.get_level_values(1)]
        found.append(_rows(part, name, sums["amount"].to_numpy(), sums["minutes"].to_numpy(), 0.0))
    return _together(found)


def patrolled(items_: Sequence[Item], street_m: pd.Series) -> pd.DataFrame:
    """
    Give the amounts of patrol in km a month.

    Parameters
    ----------
    street_m
        Metres of streets people walk, by part_id; see `streets_of`.
    """
    km = street_m[street_m > 0] / 1000
    found = [
        _rows(km.index, one.name, km * one.times_month, km * one.times_month * one.minutes, 0.0)
        for one in items_
        if one.counts == STREETS
    ]
    return _together(found)


def _rows(part: Any, item: Any, amount: Any, minutes: Any, estimated: Any) -> pd.DataFrame:
    rows = {"part_id": np.asarray(part, dtype=object), "item": item}
    rows |= {"amount": np.asarray(amount, float), "minutes": np.asarray(minutes, float)}
    found = pd.DataFrame(rows).assign(estimated=np.asarray(estimated, float))
    return found[found["amount"] > 0]


def _together(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    rows = [one for one in found if len(one)]
    return (
        pd.concat(rows, ignore_index=True)
        if rows
        else pd.DataFrame(columns=list(AMOUNTS)).astype({"amount": float, "minutes": float, "estimated": float})
    )


def minutes_of(amounts: pd.DataFrame) -> pd.Series:
    """Give the whole minutes a month of each part, by part_id: what a division by load counts."""
    return amounts.groupby("part_id")["minutes"].sum().round().astype("int64")


# loads of units ------------------------------------------------------------------------------------------------------
def loads(plan: Plan, amounts: pd.DataFrame, items_: Sequence[Item], walks: pd.DataFrame) -> pd.DataFrame:
    """
    Give the rows of `loads`: every item of every unit, on every level.

    Parameters
    ----------
    amounts
        Of `counted`, `handled` and `patrolled`.
    walks
        unit_id, walk_min (mean minutes to a household of the unit, one way) and `estimated`; units without one have
        no row of travel.
    """
    found = []
    for tier in plan.tiers():
        rows = amounts.assign(unit_id=tier.parts.reindex(amounts["part_id"]).to_numpy(dtype=object))
        sums = rows.groupby(["unit_id", "item"])[["amount", "minutes", "estimated"]].sum().reset_index()
        mine = walks[walks["unit_id"].isin(tier.units) & walks["walk_min"].notna()]
        found += [_told(plan, one, items_) for one in (sums, _travel(mine, items_)) if len(one)]
    every = pd.concat(found) if found else pd.DataFrame(columns=list(LOADS))
    return every.drop_duplicates(["unit_id", "item"]).sort_values(["unit_id", "item"], ignore_index=True)


def _travel(walks: pd.DataFrame, items_: Sequence[Item]) -> pd.DataFrame:
    """Give the ways there and back of units."""
    found = [
        pd.DataFrame(
            {
                "unit_id": walks["unit_id"].to_numpy(object),
                "item": one.name,
                "amount": one.times_month,
                "minutes": 2 * walks["walk_min"].to_numpy(float) * one.times_month,
                "estimated": walks["estimated"].to_numpy(float) * one.times_month,
            }
        )
        for one in items_
        if one.counts == TRIPS
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _told(plan: Plan, sums: pd.DataFrame, items_: Sequence[Item]) -> pd.DataFrame:
    """Lay sums out as rows of the table; `amount` is of a month where it is of incidents, streets and trips."""
    by_name = {one.name: one for one in items_}
    item = sums["item"].map(lambda name: by_name[str(name).partition("/")[0]])
    amount, minutes = sums["amount"].to_numpy(float), sums["minutes"].to_numpy(float)
    return pd.DataFrame(
        {
            "plan_id": plan.plan_id,
            "unit_id": sums["unit_id"].to_numpy(object),
            "level": [plan.levels.get(str(unit), LEVEL) for unit in sums["unit_id"]],
            "item": sums["item"].to_numpy(object),
            "amount": amount.round(6),
            "amount_unit": [UNITS_OF[one.counts] for one in item],
            "minutes_each": (minutes / amount).round(6),
            "hours": (minutes / 60).round(6),
            "share_estimated": np.clip(sums["estimated"].to_numpy(float) / amount, 0, 1).round(6),
            "source": [one.source.get("en", "") for one in item],
        }
    )[list(LOADS)]


def balance(rows: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """
    Say how even the work of the units of each level is; exclusive units are no part of it.

    Parameters
    ----------
    rows
        Of `loads`.
    units
        unit_id, level, kind of all units: one without any row has no work.

    Returns
    -------
    levels
        By level: units, hours, mean, most, unit_id (that with most), ratio (most / mean).
    """
    hours = rows.groupby("unit_id")["hours"].sum()
    known = units[units["kind"] != "exclusive"].sort_values("unit_id", kind="stable")
    known = known.assign(hours=known["unit_id"].map(hours).fillna(0.0), level=known["level"].fillna(LEVEL))
    found = known.groupby("level")["hours"].agg(units="size", hours="sum", mean="mean", most="max")
    heaviest = known.sort_values("hours", ascending=False, kind="stable").drop_duplicates("level")
    found["unit_id"] = heaviest.set_index("level")["unit_id"]
    found["ratio"] = (found["most"] / found["mean"].where(found["mean"] > 0)).fillna(1.0)
    return found.reset_index()
