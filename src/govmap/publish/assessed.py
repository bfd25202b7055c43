"""What was worked out of units, as each audience may see it: gaps, rates and the like.

Everyone loses the rows of sensitive kinds of incident. The public gets people short and rates where enough people stand
behind them, rounded, and nothing by which what is withheld could be worked out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from govmap import sensitive
from govmap.publish import derived
from govmap.publish.allowed import Tables, column, withheld
from govmap.publish.counts import Homes, numbers, reported
from govmap.publish.rounding import column_of, keys_of
from govmap.publish.suppress import NOT_OF_PEOPLE, Closed, by_levels

ALL, INCIDENTS = "all", "incidents"
COUNTED, ALIKE = "counted", "alike"  # of which count those who are served are one, and how that is rounded
SERVED = "served/"
TOLD_OF_PEOPLE = ("people", "people_short", "share_short", "reason", "walk_min")
OF_INCIDENTS = ("rates", "spots", "answered", "months", "recurring")


def assessed(
    tables: Tables,
    told: pd.DataFrame | None,
    secret: pd.DataFrame | None,
    closed: Closed | None,
    k: int,
    *,
    found: Homes,
    zone: str,
    fewest: int | None = None,
) -> dict[str, pd.DataFrame]:
    """
    Bring the tables of results into the form an audience may see.

    Parameters
    ----------
    told, secret
        The incidents that may be told of, and those of sensitive kinds: what names one of these goes.
    closed
        Units and tallies as the public sees them; None for those inside the office.
    found
        The parts of every unit.
    zone
        Of the office's clock, by which the days of rates are counted.
    fewest
        Fewest reports that may be known of, where that is not k.
    """
    made = {name: _open(tables[name]) for name in OF_INCIDENTS if name in tables}
    if "matches" in tables and secret is not None:
        matches = tables["matches"]
        made["matches"] = matches[~matches["need_id"].isin(set(secret["incident_id"]))].reset_index(drop=True)
    if closed is None:
        return made
    if "gaps" in tables:
        made["gaps"] = _gaps(_told_alike(tables["gaps"], tables, found), closed.units, k)
    if "rates" in made:
        rates = reported(_of_all_kinds(made["rates"], tables["units"]), told, tables["units"], zone)
        made["rates"] = _rates(rates, closed, fewest or k)
    if "months" in made:
        made["months"] = _months(made["months"], k)
    return made | ({"norms": tables["norms"]} if "norms" in tables else {})


def _open(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows whose category is none of the sensitive kinds."""
    category = column(frame, "category")
    hidden = category.isin(withheld("kinds")).to_numpy() | sensitive.rows(category)
    return frame[~hidden].reset_index(drop=True)


def _gaps(gaps: pd.DataFrame, units: pd.DataFrame, k: int) -> pd.DataFrame:
    """
    Round people short to tens (to k), and withhold them where they or those who are served are fewer than k.

    Where a unit is withheld another of its whole is too, so that the whole does not give it away. Of those who are
    served, and of those short where that is all of them, no more is told than the count of the unit tells.
    """
    gaps = gaps[gaps["unit_id"].isin(set(units["unit_id"]))].reset_index(drop=True)
    people, short = numbers(gaps, "people"), numbers(gaps, "people_short")
    gone = set(units.loc[column(units, "withheld").notna(), "unit_id"])
    few = (people < k) | ((short > 0) & (short < k)) | ((people - short > 0) & (people - short < k))
    hidden = (few & (people > 0)).to_numpy() | gaps["unit_id"].isin(gone).to_numpy()
    hidden = _with_others(gaps.assign(short=short), hidden, units, k)
    known = column(gaps, "people_short").notna()  # where no place of a kind is listed nobody was judged
    served = _to(numbers(gaps, ALIKE), k)
    rounded = _to(short, k).clip(upper=served).where(short < people, served)
    share = (rounded / served.where(served > 0)).round(2)
    return gaps.assign(
        people=_kept(served, hidden),
        people_short=_kept(rounded, hidden | ~known),
        share_short=share.astype(object).where(~hidden & known & share.notna(), None),
        withheld=pd.Series(np.where(hidden, "under_k", ""), dtype=object).where(hidden, None),
    )


def _told_alike(gaps: pd.DataFrame, tables: Tables, found: Homes) -> pd.DataFrame:
    """
    Round those who are served as the count that says the same of the unit is rounded.

    Two roundings of one number would tell more of it than each. `counted` names that count: households or residents of
    the unit, or a group of them; where there is none, what is served is a number of its own.
    """
    people, unit = numbers(gaps, "people"), gaps["unit_id"]
    named = SERVED + gaps["category"].astype(str) + "/" + column(gaps, "standard").astype(str)
    for name, count in _published(tables):
        named = named.mask((unit.map(count) == people) & (people > 0), name)
    keys = keys_of(tables.get("parts", pd.DataFrame({"part_id": []})))
    alike = column_of(people, named.tolist(), [found.area(one) for one in unit], keys)
    columns: dict[str, Any] = {COUNTED: named, ALIKE: alike.astype(float)}
    return gaps.assign(**columns)


def _published(tables: Tables) -> list[tuple[str, "pd.Series[Any]"]]:
    """Give the counts of people that stand on the map, by unit; that which rules stands last."""
    units, tallies = tables["units"].set_index("unit_id"), tables.get("tallies")
    found = []
    if tallies is not None:
        theirs = tallies[~tallies["theme"].isin(NOT_OF_PEOPLE)]
        for (theme, category), rows in theirs.groupby(["theme", "category"], sort=True):
            found.append((f"{theme}/{category}", rows.groupby("unit_id")["people"].sum()))
    return found + [(name, numbers(units, name)) for name in ("households", "residents")]


def _with_others(gaps: pd.DataFrame, hidden: "np.ndarray[Any, Any]", units: pd.DataFrame, k: int) -> Any:
    """Withhold, of each category and standard, as many more units as the sums of the levels above ask for."""
    found = hidden.copy()
    keys = gaps["category"].astype(str) + "\n" + column(gaps, "standard").astype(str)
    row_of = {unit: at for at, unit in enumerate(units["unit_id"])}
    for _, mine in gaps.groupby(keys, sort=True):
        values, forced = np.zeros((len(units), 1)), np.zeros(len(units), dtype=bool)
        at = mine["unit_id"].map(row_of).to_numpy()
        values[at, 0], forced[at] = np.maximum(mine["short"], hidden[mine.index]), hidden[mine.index]
        found[mine.index] |= by_levels(units, values, forced, k).rows[at]
    return found


def _kept(values: "pd.Series[Any]", hidden: Any) -> "pd.Series[Any]":
    return values.astype("int64").astype(object).where(~hidden, None)


def _to(values: "pd.Series[Any]", step: int) -> "pd.Series[Any]":
    """Round to whole steps, halves up."""
    return (values / step + 0.5).astype("int64") * step


def _of_all_kinds(rates: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Keep the rates of all kinds together, of these units and their communities."""
    ours = set(units["unit_id"]) | set(column(units, "community_id").dropna())
    every = (column(rates, "category").fillna(ALL) == ALL) & rates["unit_id"].isin(ours)
    return rates[every].reset_index(drop=True)


def _rates(found: pd.DataFrame, closed: Closed, fewest: int) -> pd.DataFrame:
    """Count nothing where the reports are a few, or withheld."""
    few = (found["count"] > 0) & (found["count"] < fewest)
    return found.assign(count=found["count"].where(~few & ~found["unit_id"].isin(_untold(closed))))


def _untold(closed: Closed) -> set[Any]:
    """Name the units and communities whose reports, or whose people, are withheld."""
    reports, sums = closed.tallies, closed.totals
    gone = set(reports.loc[(reports["theme"] == INCIDENTS) & reports["count"].isna(), "unit_id"])
    gone |= set(closed.units.loc[column(closed.units, "withheld").notna(), "unit_id"])
    all_kinds = (sums["theme"] == INCIDENTS) & (sums["category"] == ALL)
    return gone | set(sums.loc[all_kinds & sums["count"].isna(), "community_id"])


def _months(months: pd.DataFrame, k: int) -> pd.DataFrame:
    """Keep the months of all kinds together, none of fewer than k reports."""
    months = months[column(months, "category").fillna(ALL) == ALL].reset_index(drop=True)
    count = numbers(months, "count")
    return months.assign(count=_kept(count, ((count > 0) & (count < k)).to_numpy()))


def settled(made: Mapping[str, pd.DataFrame], k: int) -> dict[str, pd.DataFrame]:
    """
    Finish what stands beside counts when these are rounded, and those withheld that must be.

    Rates, norms and shares are worked out of the published counts alone; what tells of a withheld one goes with it.
    """
    units, totals = made["units"], made["totals"]
    homes = dict(zip(units["unit_id"], column(units, "households"), strict=True))
    homes |= derived.totals_of(totals, "households")
    found = {**made, "units": _about(units, "estimated_share", column(units, "households"), k)}
    if "gaps" in made and "withheld" in made["gaps"]:
        gaps = _withheld_whole(made["gaps"], made)
        found["gaps"] = _about(gaps, "share_estimated", gaps["people"], k)
    if "rates" in made:
        rates = derived.rates(made["rates"], homes, k)
        found["rates"] = _about(rates, "share_estimated", rates["unit_id"].map(homes), k)
    if "norms" in made:
        found["norms"] = derived.norms(made["norms"], totals)
    return found


def _withheld_whole(gaps: pd.DataFrame, made: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Withhold of a row all that tells of people, or whether there are any, and say not why."""
    gone = column(gaps, "withheld").notna()
    gone |= column(gaps, "people").notna() & _count_gone(gaps, made)
    blank = {name: gaps[name].astype(object).where(~gone, None) for name in TOLD_OF_PEOPLE if name in gaps}
    why = pd.Series("withheld", index=gaps.index, dtype=object)
    return gaps.assign(**blank, withheld=why.where(gone, None))


def _about(frame: pd.DataFrame, name: str, of: "pd.Series[Any]", k: int) -> pd.DataFrame:
    """Tell the estimated share of a published number; nothing where that is withheld."""
    if name not in frame:
        return frame
    return frame.assign(**{name: derived.about(column(frame, name), of, k).where(of.notna(), None)})


def _count_gone(gaps: pd.DataFrame, made: Mapping[str, pd.DataFrame]) -> "pd.Series[bool]":
    """Tell where the count that those who are served are is withheld by now."""
    units, tallies = made["units"], made.get("tallies")
    gone = set(units.loc[column(units, "withheld").notna(), "unit_id"])
    hidden = gaps["unit_id"].isin(gone)
    if tallies is not None and len(tallies):
        blank = tallies[tallies["people"].isna() & tallies["count"].isna()]
        named = blank["unit_id"].astype(str) + "\t" + blank["theme"].astype(str) + "/" + blank["category"].astype(str)
        hidden |= (gaps["unit_id"].astype(str) + "\t" + column(gaps, COUNTED).astype(str)).isin(set(named))
    return hidden
