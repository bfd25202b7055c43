"""The buildings of a plan as people know them: compound, number, address, and which part of them is in which unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely

from govmap.exports.covering import STEP, natural, numbers
from govmap.messages import Voice

BAND_M = 60.0
MOST_ALONE = 6  # house numbers that are told one by one
COUNTED = ("households", "residents")
OF_ADDRESS = ("building_id", "street", "house_number", "full")
OF_BUILDING = ("stairwells", "dwellings", "shops", "workplaces")


@dataclass(frozen=True)
class Buildings:
    """
    One row a building and unit: `unit_id`, fields of `layers/rosters.toml`, and what they are sorted by.

    `lesser` buildings, without name, address and homes, stand on another's ground and are not listed.
    """

    rows: pd.DataFrame
    lesser: int


def buildings_of(tables: Mapping[str, pd.DataFrame], unit_of: Mapping[str, str], voice: Voice) -> Buildings:
    """
    Find the buildings of units.

    Parameters
    ----------
    tables
        `buildings`, `parts`, `plan_parts`, `compounds` and `addresses` as an audience may see them.
    unit_of
        The unit that is wanted of each unit of the plan's lowest level.
    """
    parts = _parts(tables, unit_of, voice)
    others, lesser = _on_others_ground(tables, parts, unit_of)
    held = pd.concat([parts, others], ignore_index=True)
    facts = _facts(tables, voice)
    rows = held.merge(facts, on="building_id", how="inner")
    if "households" not in tables["parts"]:
        rows = rows.drop(columns=list(COUNTED))
    return Buildings(rows.astype(object).where(rows.notna(), None), lesser)


def _parts(tables: Mapping[str, pd.DataFrame], unit_of: Mapping[str, str], voice: Voice) -> pd.DataFrame:
    """Give one row a building and unit: its people there, and words for the part of it that is there."""
    placed = tables["plan_parts"].merge(tables["parts"], on="part_id")
    placed = placed.assign(unit_id=placed["unit_id"].map(unit_of)).dropna(subset=["unit_id", "building_id"])
    placed = placed.reindex(columns=[*placed.columns, *(name for name in COUNTED if name not in placed)])
    pairs = placed.groupby(["building_id", "unit_id"], sort=True)
    sums = pairs[list(COUNTED)].sum(min_count=1).astype("Float64").round().astype("Int64").reset_index()
    sums["part"] = ""
    divided = sums["building_id"].duplicated(keep=False)
    if divided.any():
        words = {key: _part_words(rows, voice) for key, rows in pairs}
        keys = zip(sums.loc[divided, "building_id"], sums.loc[divided, "unit_id"], strict=True)
        sums.loc[divided, "part"] = [words[key] for key in keys]
    return sums


def _part_words(rows: pd.DataFrame, voice: Voice) -> str:
    """Say which stairwells and floors of a building these are."""
    doors: dict[tuple[str, ...], list[str]] = {}
    for entrance, some in rows.groupby(rows["entrance"].fillna(""), sort=True):
        floors = sorted({one for row in some.itertuples() for one in _floors(row)})
        words = [voice.say("roster_floors", floors=run) for run in numbers(floors, fewest=2)] if floors else [""]
        doors.setdefault(tuple(words), []).append(str(entrance))
    told = [f"{_doors(some, voice)}{run}".strip() for words, some in doors.items() for run in words]
    return voice.say("roster_comma").join(sorted(filter(None, told), key=natural))


def _doors(doors: list[str], voice: Voice) -> str:
    """Name stairwells: 1-3单元、5单元."""
    counted = [int(one) for one in doors if one.isdecimal()]
    told = [*numbers(counted), *(one for one in doors if one and not one.isdecimal())]
    return voice.say("roster_comma").join(voice.say("roster_door", door=one) for one in told)


def _floors(row: Any) -> range:
    if pd.isna(row.floor_from) or pd.isna(row.floor_to):
        return range(0)
    return range(int(row.floor_from), int(row.floor_to) + 1)


def _on_others_ground(
    tables: Mapping[str, pd.DataFrame], parts: pd.DataFrame, unit_of: Mapping[str, str]
) -> tuple[pd.DataFrame, int]:
    """Find buildings without a part of their own that people know by name or address, and count the lesser ones."""
    buildings = tables["buildings"]
    left = buildings[buildings["unit_id"].notna() & ~buildings["building_id"].isin(parts["building_id"])]
    known = left["name"].notna() | left["building_id"].isin(tables["addresses"]["building_id"])
    unit = left.loc[known, "unit_id"].map(unit_of)
    rows = pd.DataFrame({"building_id": left.loc[known, "building_id"], "unit_id": unit, "part": ""})
    return rows.dropna(subset="unit_id"), int((~known).sum())


def _facts(tables: Mapping[str, pd.DataFrame], voice: Voice) -> pd.DataFrame:
    """Say of every building what it is called and where it stands."""
    buildings = tables["buildings"]
    points = shapely.point_on_surface(buildings.geometry.to_numpy(object))
    names = tables["compounds"].set_index("compound_id")
    own, other = ("name_zh", "name") if voice.language == "zh" else ("name", "name_zh")
    compound = buildings["compound_id"].map(names[own].fillna(names[other]).to_dict()).astype(object)
    facts = pd.DataFrame({"building_id": buildings["building_id"], "compound": compound})
    facts["building"] = _called(buildings, voice)
    facts["north"], facts["east"] = -(shapely.get_y(points) // BAND_M), shapely.get_x(points).round()
    for name in OF_BUILDING:
        if name in buildings:
            facts[name] = buildings[name]
    if "households_source" in buildings:
        facts["source"] = [_say(f"roster_source_{one}", one, voice) for one in buildings["households_source"]]
    facts["use"] = [_say(f"roster_use_{one}", one, voice) for one in buildings["use"]]
    facts["levels"] = [_floors_of(one) for one in buildings["levels"]]
    return facts.merge(_addresses(tables["addresses"], voice), on="building_id", how="left")


def _floors_of(levels: float) -> Any:
    return None if pd.isna(levels) else int(levels) if levels == int(levels) else round(float(levels), 1)


def _say(key: str, word: Any, voice: Voice) -> Any:
    return voice.say(key) if voice.knows(key) else word


def _called(buildings: pd.DataFrame, voice: Voice) -> "pd.Series[Any]":
    """Give the name of buildings; else the number as it is spoken, else the mark by which a map knows them."""
    name = buildings["name"].astype(object)
    for field in ("number", "mark"):
        if field in buildings:
            said = buildings[field].map(
                lambda one: voice.say("roster_number", number=one) if isinstance(one, str) and one.isdecimal() else one
            )
            name = name.where(name.notna(), said)
    return name.where(name.notna(), None)


def _addresses(addresses: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """Give one address a building: several on one street as 建设路13、15号, and the first of them to sort by."""
    rows = addresses[addresses["building_id"].notna()][list(OF_ADDRESS)].astype(object)
    rows = rows.where(rows.notna(), None)
    keys = {one: natural(one) for name in ("street", "house_number") for one in set(rows[name])}
    order = sorted(rows.itertuples(index=False, name=None), key=lambda one: (keys[one[1]], keys[one[2]]))
    held: dict[Any, list[tuple[Any, ...]]] = {}
    for row in order:
        held.setdefault(row[0], []).append(row)
    told = [(*some[0][:3], _address(some, voice)) for some in held.values()]
    return pd.DataFrame(told, columns=["building_id", "street", "house_number", "address"], dtype=object)


def _address(rows: list[tuple[Any, ...]], voice: Voice) -> str:
    streets: dict[Any, list[tuple[Any, ...]]] = {}
    for row in rows:
        streets.setdefault(row[1], []).append(row)
    told = []
    for street, some in streets.items():
        found = [one for one in dict.fromkeys(row[2] for row in some) if isinstance(one, str) and one]
        if isinstance(street, str) and found:
            told += _numbers_of(street, found, voice)
        else:
            told += [one for one in dict.fromkeys(row[3] for row in some) if isinstance(one, str) and one]
    return voice.say("roster_semicolon").join(told)


def _numbers_of(street: str, found: list[str], voice: Voice) -> list[str]:
    """Tell the house numbers of a building on one street: one by one, or of many the runs of each side."""
    if voice.language == "zh" and street[-1:].isascii() and not street.endswith(" "):
        street += " "  # Mody Road 75号
    if len(found) <= MOST_ALONE:
        return [voice.say("roster_address", street=street, numbers=found)]
    plain = {int(one) for one in found if one.isdecimal()}
    told, alone = [], [one for one in found if not one.isdecimal()]
    for side, odd in (("odd", 1), ("even", 0)):
        some = sorted(one for one in plain if one % STEP == odd)
        runs = numbers(some, range(some[0], some[-1] + 1, STEP)) if some else []
        told += [voice.say(f"roster_{side}", street=street, numbers=one) for one in runs if "-" in one]
        alone += [one for one in runs if "-" not in one]
    return told + ([voice.say("roster_address", street=street, numbers=sorted(alone, key=natural))] if alone else [])
