"""Keys that say not where a thing lies: a key of OpenStreetMap leads to its coordinates in one step.

Where a map must not say where on earth it lies, every key taken from the source, or made of one as those of units are,
gives way to a number of its own, the same in all tables, so that they can still be joined.
"""

from collections.abc import Mapping

import pandas as pd

from govmap.publish.allowed import Tables

KEYS: Mapping[str, str] = {
    "community_id": "c",
    "building_id": "b",
    "cell_id": "g",
    "part_id": "t",
    "address_id": "a",
    "compound_id": "k",
    "barrier_id": "w",
    "street_id": "s",
    "feature_id": "f",
    "unit_id": "u",
    "zone_id": "z",
    "resource_id": "r",
    "block_id": "q",
}


def numbered(tables: Tables) -> dict[str, dict[str, str]]:
    """Give every key of every table a number of its own, in their order, by the name of the key."""
    found = {key: _numbers(tables, key, letter) for key, letter in KEYS.items()}
    return {**found, "parent_unit_id": found["unit_id"]}


def nameless(tables: Tables, numbers: Mapping[str, Mapping[str, str]]) -> dict[str, pd.DataFrame]:
    """Put numbers in the place of keys; units keep the codes by which people call them."""
    return {name: _renamed(frame, numbers) for name, frame in tables.items()}


def _numbers(tables: Tables, key: str, letter: str) -> dict[str, str]:
    """Number what a key names in any table."""
    found = {one for frame in tables.values() if key in frame for one in frame[key].dropna()}
    return {one: f"{letter}{at + 1}" for at, one in enumerate(sorted(found, key=str))}


def _renamed(frame: pd.DataFrame, numbers: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    here = [key for key in numbers if key in frame]
    told = {key: frame[key].map(numbers[key]).astype(object).where(frame[key].notna(), None) for key in here}
    return frame.assign(**told) if told else frame
