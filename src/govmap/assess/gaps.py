"""People short: who lacks a service within its standard, why, and where; counted by unit on every level."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from govmap.assess.access import NOWHERE, Nearest, Steps, floating_catchment
from govmap.assess.people import People
from govmap.assess.standards import EVERYONE, Standard
from govmap.geometry import Bools, Floats, Ints
from govmap.network import minutes
from govmap.schema import TABLES
from govmap.shares import share_out

NONE, FULL, CLOSED, UNLISTED = "none", "full", "closed", "unlisted"
REASONS = (NONE, FULL, CLOSED)  # in the order in which gaps are ranked
ORDER = {reason: at for at, reason in enumerate((*REASONS, UNLISTED))}
ELDERS, CHILDREN = ("age_60_plus", "age_80_plus"), ("age_0_6", "age_7_14")
A_THOUSAND = 1000.0
JUDGED = ["people_short", "households_short", "elders_short", "children_short", "share_short", "people_unsure"]


@dataclass(frozen=True, eq=False)
class Supply:
    """Places a head that each home reaches, and of how many sites of how many in reach the capacity is known."""

    a_head: Floats
    known: int
    sites: int

    @property
    def whole(self) -> bool:
        """Tell whether every site in reach says how many it takes: only then can anybody say that it is full."""
        return self.sites > 0 and self.known == self.sites


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """
    How every home stands by one standard.

    `short` holds the people short of each home by reason, `away` tells which homes have no site open to them at all,
    `unsure` the people of homes whose only sites in reach do not say when they are open, `supply` what sites in reach
    offer a head where they say so. Where no site of the kind is known anywhere (`listed`), nobody is judged.
    """

    standard: Standard
    nearest: Nearest
    short: Mapping[str, Ints]
    households_short: Ints
    away: Bools
    unsure: Ints
    connected: Bools
    listed: bool
    supply: Supply | None = None

    @property
    def people_short(self) -> Ints:
        """People short of each home, whatever the reason."""
        every: Ints = np.sum([self.short[reason] for reason in REASONS], axis=0, dtype=np.int64)
        return every


@dataclass(frozen=True, eq=False)
class Opening:
    """The nearest site that is open, and the nearest of which nobody knows."""

    open: Nearest
    unknown: Nearest


def supply(standard: Standard, people: People, pairs: tuple[Ints, Ints, Floats], capacity: Floats) -> Supply:
    """
    Give the places a head that every home reaches within a standard, by floating catchments in three zones.

    Parameters
    ----------
    pairs
        Home, site and metres within the standard's walk.
    capacity
        Of every site, nan where it is unknown.
    """
    home, site, far = pairs
    demand = people.of(standard.whom)
    lived = demand[home] > 0
    reached = np.unique(site[lived])
    known = ~np.isnan(capacity)
    told = known[site]
    weight = Steps.load().of(far[told], standard.limit_m)
    a_head = floating_catchment(home[told], site[told], weight, demand=demand, supply=np.nan_to_num(capacity))
    return Supply(a_head, int(known[reached].sum()), len(reached))


def judge(
    standard: Standard,
    people: People,
    nearest: Nearest,
    connected: Bools,
    *,
    listed: bool = True,
    opening: Opening | None = None,
    offered: Supply | None = None,
) -> Judged:
    """
    Tell who is short by one standard and why: no site within the walk, those within closed, or not enough places.

    Homes that meet no street are not judged; neither is anybody where the only sites in reach do not say when they are
    open, or where no site of the kind stands in the data at all.

    Parameters
    ----------
    connected
        Which homes meet a street.
    opening
        Where a moment was asked for.
    offered
        Where sites say how many they take; whether that is enough is judged where the standard says how many are.
    """
    group, limit = people.of(standard.whom), standard.limit_m
    judged = connected & listed
    within = nearest.distance_m <= limit
    state = np.where(within, "", NONE).astype(object)
    unsure = np.zeros(len(group), np.int64)
    if opening is not None:
        ready, doubt = opening.open.distance_m <= limit, opening.unknown.distance_m <= limit
        state[within & ~ready & ~doubt] = CLOSED
        unsure = np.where(judged & within & ~ready & doubt, group, 0)
    away = judged & (state != "")
    lacking = _lacking(standard, offered, judged & ~away & (unsure == 0))
    full = _share(group, lacking)
    short = {NONE: np.where(judged & (state == NONE), group, 0), FULL: full}
    short[CLOSED] = np.where(judged & (state == CLOSED), group, 0)
    homes = np.where(away, people.households, _share(people.households, lacking))
    return Judged(
        standard=standard, nearest=nearest, short=short, households_short=homes, away=away, unsure=unsure,
        connected=connected, listed=listed, supply=offered,
    )  # fmt: skip


def _lacking(standard: Standard, offered: Supply | None, served: Bools) -> Floats:
    """Give the share of each home's people for whom the places in reach are not enough."""
    if offered is None or standard.places is None or not offered.whole:
        return np.zeros(len(served))
    need = standard.places.amount / standard.places.per
    return np.where(served, np.clip(1.0 - offered.a_head / need, 0.0, 1.0), 0.0)


def _share(numbers: Ints, share: Floats) -> Ints:
    """Take a share of each number, whole and adding up (largest remainder)."""
    parts = numbers * share
    return np.minimum(share_out(round(float(parts.sum())), parts), numbers) if parts.any() else np.zeros_like(numbers)


# by unit -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Grouping:
    """Which homes lie in which unit: pairs of home and unit (number), and of each unit its id and level."""

    home: Ints
    unit: Ints
    ids: Any
    levels: Any

    @classmethod
    def of(cls, units: pd.DataFrame) -> "Grouping":
        """Read rows of row (of the homes), unit_id and level."""
        ids, first, unit = np.unique(units["unit_id"].to_numpy(str), return_index=True, return_inverse=True)
        return cls(units["row"].to_numpy(np.int64), unit, ids.astype(object), units["level"].to_numpy(object)[first])

    def sums(self, numbers: Any) -> Ints:
        """Sum a number of each home by unit."""
        held = np.bincount(self.unit, np.asarray(numbers, np.float64)[self.home], minlength=len(self.ids))
        return np.asarray(np.rint(held), np.int64)


def gaps(
    judged: Judged, people: People, units: Grouping, *, plan_id: str, sites: "pd.Series[str]", estimated_walks: bool
) -> pd.DataFrame:
    """
    Give the rows of the table `gaps` of one standard: one of each unit with people it is for.

    The nearest site is the one nearest to most of the people short (of all, where nobody is), the way to it the median
    of theirs; the reason is that of most. Elders and children are told where a register counts them. Where no site is
    listed anywhere, `reason` is unlisted and people_short missing: nobody knows.
    """
    standard = judged.standard
    group, short = people.of(standard.whom), judged.people_short
    every, lacks = units.sums(group), units.sums(short)
    guessed = np.where(people.estimated(standard.whom), group, 0)
    if estimated_walks:
        guessed = group
    lean = np.where(lacks[units.unit] > 0, short[units.home], group[units.home])
    site, far = _typical(units, judged.nearest, lean)
    rows = pd.DataFrame({"plan_id": plan_id, "unit_id": units.ids, "level": units.levels})
    rows = rows.assign(category=standard.category, standard=standard.name, people=every)
    rows["households"] = units.sums(people.households)
    rows["people_short"] = pd.array(lacks, dtype="Int64")
    rows["households_short"] = pd.array(units.sums(judged.households_short), dtype="Int64")
    rows["elders_short"] = _of_age(judged, people, units, ELDERS)
    rows["children_short"] = _of_age(judged, people, units, CHILDREN)
    rows["share_short"] = _quotient(lacks, every)
    rows["share_estimated"] = _quotient(units.sums(guessed), every)
    rows["reason"] = _reasons(judged, units, lacks)
    rows["site_id"] = pd.Series([*sites, None], dtype=object).to_numpy()[site]
    rows["distance_m"] = np.where(np.isfinite(far), far, np.nan)
    rows["walk_min"] = minutes(rows["distance_m"].to_numpy(), standard.speed)
    rows["fixes"] = [[] for _ in range(len(rows))]
    rows["by_reason"] = pd.Series(_by_reason(judged, units), dtype=object)
    rows["people_unsure"] = pd.array(units.sums(judged.unsure), dtype="Int64")
    rows["places_a_thousand"] = _places(judged, units, group, every)
    if not judged.listed:
        rows[JUDGED] = rows[JUDGED].mask(np.ones((len(rows), len(JUDGED)), dtype=bool))
    return rows[rows["people"] > 0].reset_index(drop=True)


def nothing() -> pd.DataFrame:
    """Give no rows, with the columns of the table."""
    return pd.DataFrame(columns=TABLES["gaps"].names)


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Give the gaps, the worst first: none in reach before full before closed, then by people short, then by share.

    `rank` counts within each level; at a tie the unit and the standard whose name comes first go before.
    """
    real = rows[rows["people_short"].fillna(0) > 0]
    made = real.assign(turn=real["reason"].map(ORDER), less=-real["people_short"], fewer=-real["share_short"])
    keys = ["turn", "less", "fewer", "unit_id", "standard"]
    made = made.sort_values(keys, kind="stable", ignore_index=True).drop(columns=keys[:3])
    return made.assign(rank=made.groupby("level", dropna=False).cumcount().astype("Int64") + 1)


def with_rank(rows: pd.DataFrame) -> pd.DataFrame:
    """Write into every gap its rank within its level; what is none gets none."""
    key = ["unit_id", "standard"]
    rank = ranked(rows).set_index(key)["rank"]
    return rows.assign(rank=rank.reindex(pd.MultiIndex.from_frame(rows[key])).astype("Int64").to_numpy())


def totals(judged: Judged, people: People) -> dict[str, Any]:
    """Say of all homes together how many households and people, by age where counted, are within a standard."""
    standard = judged.standard
    group, short = people.of(standard.whom), judged.people_short
    told: dict[str, Any] = {**standard.facts, "listed": judged.listed, "people": int(group.sum())}
    told["households"] = int(people.households.sum())
    told["people_estimated"] = int(group[people.estimated(standard.whom)].sum())
    told["people_not_judged"] = int(group[~judged.connected].sum())
    if judged.listed:
        told |= {"people_short": int(short.sum()), "households_short": int(judged.households_short.sum())}
        there = int(group[judged.connected].sum())
        told |= {"share_within": _part(there - int(short.sum()), there)}
        told["households_within"] = _part(told["households"] - told["households_short"], told["households"])
        told["by_reason"] = {reason: int(judged.short[reason].sum()) for reason in REASONS}
        told |= {"people_unsure": int(judged.unsure.sum()), "within_by_age": _by_age(judged, people)}
    if judged.supply is not None:
        held = float((judged.supply.a_head * group).sum())
        told["supply"] = {"places": round(held, 6), "known": judged.supply.known, "sites": judged.supply.sites}
        told["supply"]["places_a_thousand"] = _part(held * A_THOUSAND, int(group.sum()))
    return told


def _by_age(judged: Judged, people: People) -> dict[str, float | None]:
    """Give the share of each counted age band that a standard reaches."""
    bands = [band for band in people.numbers if band != EVERYONE and people.counted(band)]
    near = ~judged.away
    return {band: _part(int(people.of(band)[near].sum()), int(people.of(band).sum())) for band in bands}


def _part(some: float, every: int) -> float | None:
    return round(some / every, 4) if every else None


def _quotient(some: Ints, every: Ints) -> Floats:
    return np.divide(some, every, out=np.zeros(len(every)), where=every > 0)


def _of_age(judged: Judged, people: People, units: Grouping, bands: tuple[str, ...]) -> Any:
    """Count the elders or children short, where a register counts them and the standard is for them too."""
    whom = judged.standard.whom
    if whom in bands:
        numbers = judged.people_short
    elif whom == EVERYONE and all(people.counted(band) for band in _apart(bands)):
        every = np.sum([people.of(band) for band in _apart(bands)], axis=0)
        part = np.divide(judged.people_short, people.of(EVERYONE), out=np.zeros(len(every)), where=every > 0)
        numbers = np.where(judged.away, every, _share(every, np.where(judged.away, 0.0, np.clip(part, 0.0, 1.0))))
    else:
        return pd.array([pd.NA] * len(units.ids), dtype="Int64")
    if not people.counted(whom if whom in bands else bands[0]):
        return pd.array([pd.NA] * len(units.ids), dtype="Int64")
    return pd.array(units.sums(numbers), dtype="Int64")


def _apart(bands: tuple[str, ...]) -> tuple[str, ...]:
    """Of nested bands (60 and over holds 80 and over) the widest alone; others side by side."""
    return bands[:1] if bands == ELDERS else bands


def _reasons(judged: Judged, units: Grouping, lacks: Ints) -> Any:
    """Name the reason of most of the people short; at a tie the one ranked first; None where nobody is."""
    if not judged.listed:
        return np.full(len(lacks), UNLISTED, dtype=object)
    held = np.array([units.sums(judged.short[reason]) for reason in REASONS])
    most = np.array(REASONS, dtype=object)[np.argmax(held, axis=0)]
    return np.where(lacks > 0, most, None)


def _by_reason(judged: Judged, units: Grouping) -> list[dict[str, int]]:
    """Give of each unit how many people are short for which reason, those that are."""
    held = {reason: units.sums(judged.short[reason]).tolist() for reason in REASONS}
    return [{reason: counts[at] for reason, counts in held.items() if counts[at]} for at in range(len(units.ids))]


def _places(judged: Judged, units: Grouping, group: Ints, every: Ints) -> Floats:
    """Give places in reach for a thousand people of each unit, nan where not every site in reach tells its own."""
    if judged.supply is None or not judged.supply.whole:
        return np.full(len(units.ids), np.nan)
    held = np.bincount(units.unit, (judged.supply.a_head * group)[units.home], minlength=len(units.ids))
    return np.asarray(A_THOUSAND * held / np.maximum(every, 1), np.float64)


def _typical(units: Grouping, nearest: Nearest, weight: Ints) -> tuple[Ints, Floats]:
    """Give of each unit the site nearest to most people, and the weighted median of the way to it."""
    count = len(units.ids)
    site, far = np.full(count, NOWHERE), np.full(count, np.inf)
    mine, there = nearest.site[units.home], (weight > 0) & (nearest.site[units.home] >= 0)
    unit, mine, heavy = units.unit[there], mine[there], weight[there]
    way = nearest.distance_m[units.home][there]
    if not len(unit):
        return site, far
    size = int(mine.max()) + 1
    key, where = np.unique(unit * size + mine, return_inverse=True)
    held = np.bincount(where, heavy)
    order = np.lexsort((key % size, -held, key // size))
    owner, first = np.unique(key[order] // size, return_index=True)
    site[owner] = key[order][first] % size
    far[owner] = _median(unit, way, heavy)[owner]
    return site, far


def _median(group: Ints, value: Floats, weight: Ints) -> Floats:
    """Give the weighted median of each group: the least value that half of the weight does not exceed."""
    order = np.lexsort((value, group))
    group, value, weight = group[order], value[order], weight[order]
    run = np.cumsum(weight)
    total = np.bincount(group, weight)
    before = np.cumsum(total) - total
    reached = np.flatnonzero(2 * (run - before[group]) >= total[group])
    owner, first = np.unique(group[reached], return_index=True)
    found = np.full(len(total), np.inf)
    found[owner] = value[reached][first]
    return found
