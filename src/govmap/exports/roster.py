"""Who answers for what, as one list: a row a building and unit, or a row a unit, from what an audience may see.

The columns are the fields of `layers/rosters.toml`; `listing` writes them for people, `office` into forms.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from govmap import catalog
from govmap.errors import InputError
from govmap.exports.answering import AT, answering, leaders
from govmap.exports.covering import covered, natural, only_counted
from govmap.exports.places import buildings_of
from govmap.messages import Voice
from govmap.publish import Released

AGES = ("age_60_plus", "age_80_plus", "living_alone_60")
OF_UNIT = ("responsible_org", "meeting_place")


@dataclass(frozen=True)
class Roster:
    """
    Rows by field of `layers/rosters.toml`, with `unit_id`, in the order in which a person walks.

    `levels` are those of the plan from the top; fields of a level above are `unit@grid`, `unit_code@grid`; those of
    one role are `worker@网格长`, `worker_phone@网格长`. `vacant` units have nobody who answers; `missing` says that
    nobody answers for any; `lesser` buildings stand on another's ground and are not listed. `only_counted` have neither
    name nor number, so that words for what a unit covers cannot tell which they are.
    """

    rows: pd.DataFrame
    level: str
    levels: tuple[str, ...]
    roles: tuple[str, ...]
    vacant: tuple[str, ...]
    missing: bool
    lesser: int = 0
    only_counted: int = 0


def units(released: Released, voice: Voice, *, level: str | None = None) -> Roster:
    """
    List the units of one level, each with its bounds, what it covers and who answers.

    Parameters
    ----------
    level
        The lowest without one.

    Raises
    ------
    InputError
        The plan has no such level.
    """
    return _by_unit(_Base.of(released, voice, level))


def both(released: Released, voice: Voice, *, level: str | None = None) -> tuple[Roster, Roster]:
    """Give the list of units and that of buildings, what they share found once; see `units` and `buildings`."""
    base = _Base.of(released, voice, level)
    return _by_unit(base), _by_building(base)


def _by_unit(base: "_Base") -> Roster:
    rows = base.units.assign(
        households=base.units["unit_households"], residents=base.units["unit_residents"]
    ).reset_index(drop=True)
    rows.insert(0, "no", range(1, len(rows) + 1))
    return base.roster(rows, counted=only_counted(base.buildings, "unit_id"))


def buildings(released: Released, voice: Voice, *, level: str | None = None) -> Roster:
    """
    List the buildings of every unit, those of several units once in each, by compound and number.

    Raises
    ------
    InputError
        The plan has no such level.
    """
    return _by_building(_Base.of(released, voice, level))


def _by_building(base: "_Base") -> Roster:
    fields = [name for name in base.units if name not in base.buildings or name == "unit_id"]
    rows = base.buildings.merge(base.units[fields], on="unit_id", how="inner")
    place = {unit: at for at, unit in enumerate(base.units["unit_id"])}
    keys = list(
        zip(
            rows["unit_id"].map(place),
            rows["compound"].isna(),
            rows["compound"].map(natural),
            rows["street"].where(rows["compound"].isna()).map(natural),
            rows["house_number"].where(rows["compound"].isna()).map(natural),
            rows["building"].isna(),
            rows["building"].map(natural),
            rows["north"],
            rows["east"],
            rows["part"].map(natural),
            rows["building_id"],
            strict=True,
        )
    )
    rows = rows.iloc[sorted(range(len(rows)), key=keys.__getitem__)].reset_index(drop=True)
    rows.insert(0, "no", range(1, len(rows) + 1))
    return base.roster(rows, base.lesser)


@dataclass(frozen=True)
class _Base:
    """Units with all that is said of them, and buildings with their unit, of one level."""

    units: pd.DataFrame
    buildings: pd.DataFrame
    level: str
    levels: tuple[str, ...]
    roles: tuple[str, ...]
    vacant: tuple[str, ...]
    missing: bool
    lesser: int

    @classmethod
    def of(cls, released: Released, voice: Voice, level: str | None) -> "_Base":
        tables = released.tables
        units = tables["units"]
        parent = dict(zip(units["unit_id"], units["parent_unit_id"], strict=True))
        levels = _levels(units, parent)
        wanted = level or levels[-1]
        if wanted not in levels:
            raise InputError("roster_no_level", wanted=wanted, known=list(levels))
        chains = {unit: _chain(unit, parent) for unit in units["unit_id"]}
        level_of = dict(zip(units["unit_id"], units["level"], strict=True))
        lowest = {unit: _at(chains[unit], level_of, wanted) for unit in units["unit_id"]}
        found = buildings_of(tables, {low: unit for low, unit in lowest.items() if unit is not None}, voice)
        rows = units[units["level"] == wanted].copy()
        who = answering(tables, chains)
        rows = _told(rows, units, chains, level_of, voice).merge(who.rows, on="unit_id", how="left")
        rows = _with_places(rows, found.rows, tables, voice)
        rows = _with_ages(rows, tables)
        rows = rows.merge(leaders(tables, found.rows, "unit_id", voice), on="unit_id", how="left")
        of_building = leaders(tables, found.rows, "building_id", voice)
        vacant = tuple(rows.loc[~rows["unit_id"].isin(who.held), "unit"]) if "duties" in tables else ()
        listed = found.rows.merge(of_building, on="building_id", how="left")
        return cls(rows, listed, wanted, levels, who.roles, vacant, not who.held, found.lesser)

    def roster(self, rows: pd.DataFrame, lesser: int = 0, counted: int = 0) -> Roster:
        return Roster(rows, self.level, self.levels, self.roles, self.vacant, self.missing, lesser, counted)


def _chain(unit: str, parent: Mapping[str, str | None]) -> list[str]:
    """Give a unit and all above it, from itself up."""
    found = [unit]
    above = parent.get(unit)
    while isinstance(above, str) and above in parent and above not in found:
        found.append(above)
        above = parent.get(above)
    return found


def _at(chain: list[str], level_of: Mapping[str, str], wanted: str) -> str | None:
    return next((unit for unit in chain if level_of[unit] == wanted), None)


def _levels(units: pd.DataFrame, parent: Mapping[str, str | None]) -> tuple[str, ...]:
    """Name the levels of a plan from the top."""
    depth = units["unit_id"].map(lambda unit: len(_chain(unit, parent)))
    deepest = depth.groupby(units["level"]).max().sort_index(kind="stable").sort_values(kind="stable")
    return tuple(str(one) for one in deepest.index) or ("base",)


def _told(
    rows: pd.DataFrame,
    units: pd.DataFrame,
    chains: Mapping[str, list[str]],
    level_of: Mapping[str, str],
    voice: Voice,
) -> pd.DataFrame:
    """Say what units are called, and those above them, in the order of their codes from the top."""
    code = dict(zip(units["unit_id"], units["code"].fillna(units["unit_id"]), strict=True))
    called = dict(zip(units["unit_id"], units["name"].fillna(units["unit_id"].map(code)), strict=True))
    order = {unit: [natural(code[one]) for one in reversed(chains[unit])] for unit in rows["unit_id"]}
    rows = rows.iloc[sorted(range(len(rows)), key=lambda at: order[rows["unit_id"].iloc[at]])].reset_index(drop=True)
    told = pd.DataFrame({"unit_id": rows["unit_id"]}, dtype=object)
    told["community"] = None
    for level in dict.fromkeys(level_of.values()):
        above = rows["unit_id"].map(lambda unit, level=level: _at(chains[unit], level_of, level))
        if above.notna().any():
            told[f"unit_code{AT}{level}"] = above.map(code)
            told[f"unit{AT}{level}"] = above.map(called)
    told["unit_code"], told["unit"] = rows["unit_id"].map(code), rows["unit_id"].map(called)
    told["level"] = [voice.say(f"level_{one}") if voice.knows(f"level_{one}") else one for one in rows["level"]]
    told["kind"] = [
        _kind(kind, exclusive, voice) for kind, exclusive in zip(rows["kind"], rows["exclusive_kind"], strict=True)
    ]
    told["unit_households"], told["unit_residents"] = rows["households"], rows["residents"]
    told["area"], told["bounds"] = rows["area_m2"].round().astype("Int64"), rows["bounds_text"]
    for name in OF_UNIT:
        told[name] = rows.get(name)
    return told.assign(community_id=rows["community_id"])


def _kind(kind: object, exclusive: object, voice: Voice) -> str:
    told = voice.say("roster_exclusive" if kind == "exclusive" else "roster_base")
    kinds = {one["name"]: one["title"][voice.language] for one in catalog.layer("exclusive")["kinds"]}
    return voice.say("roster_kind", kind=told, of=kinds[exclusive]) if exclusive in kinds else told


def _with_places(
    rows: pd.DataFrame, buildings: pd.DataFrame, tables: Mapping[str, pd.DataFrame], voice: Voice
) -> pd.DataFrame:
    """Add the community, the number of buildings and the words for what a unit covers."""
    known = tables["communities"].set_index("community_id")
    name = known["name_zh"].fillna(known["name"]) if voice.language == "zh" else known["name"].fillna(known["name_zh"])
    texts = covered(buildings, "unit_id", voice)
    count = buildings.groupby("unit_id")["building_id"].nunique()
    return rows.assign(
        community=rows["community_id"].map(name.to_dict()),
        buildings=rows["unit_id"].map(count).fillna(0).astype("Int64"),
        covers=rows["unit_id"].map(texts),
    ).drop(columns="community_id")


def _with_ages(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add how many are old or live alone, where the tallies of the plan know it."""
    tallies = tables.get("tallies")
    if tallies is None or tallies.empty:
        return rows
    told = tallies[(tallies["theme"] == "residents") & tallies["category"].isin(AGES)]
    counts = told.assign(people=pd.to_numeric(told["people"], errors="coerce")).dropna(subset="people")
    for name in AGES:
        ours = counts[counts["category"] == name].set_index("unit_id")["people"]
        if len(ours):
            rows = rows.assign(**{name: rows["unit_id"].map(ours).astype("Int64")})
    return rows
