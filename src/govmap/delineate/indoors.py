"""Where a unit lies that has no ground of its own: stairwells and floors of a building, in words."""

from collections.abc import Iterator, Mapping

import pandas as pd

from govmap.messages import Note, Voice, note


def texts(parts: pd.DataFrame, called: Mapping[str, str], voice: Voice) -> pd.Series:
    """
    Say which stairwells and floors of which buildings units hold.

    Parameters
    ----------
    parts
        `unit_id`, `building_id`, `entrance`, `floor_from`, `floor_to`; parts of no building are passed over.
    called
        What people call buildings, by id; the id where they have no name.

    Returns
    -------
    texts
        By unit id, sorted.
    """
    told: dict[str, str] = {}
    for unit, rows in parts.dropna(subset=["building_id"]).groupby("unit_id", sort=True):
        notes = [
            one for building, mine in rows.groupby("building_id", sort=True) for one in _of(building, mine, called)
        ]
        told[str(unit)] = voice.say("bounds_indoors", places=[voice.tell(one) for one in notes])
    return pd.Series(told, dtype=object)


def _of(building: object, rows: pd.DataFrame, called: Mapping[str, str]) -> Iterator[Note]:
    """Name what a unit holds of one building, stairwell by stairwell."""
    name = called.get(str(building), str(building))
    entrances = rows["entrance"].fillna("").astype(str)
    for entrance, mine in rows.groupby(entrances, sort=True):
        place = _place(name, entrance)
        floors = mine.dropna(subset=["floor_from", "floor_to"])[["floor_from", "floor_to"]].astype(int)
        if floors.empty:
            yield note("bounds_building", place=place)
        for low, high in _runs(floors):
            yield note("bounds_floor" if low == high else "bounds_floors", place=place, low=low, high=high)


def _place(building: str, entrance: str) -> str | Note:
    """Name a stairwell: by its number, or in the words that stand there."""
    if entrance.isascii() and entrance.isalnum():
        return note("bounds_entrance", building=building, entrance=entrance)
    return f"{building} {entrance}".strip()


def _runs(floors: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Put bands of floors together that follow each other."""
    low: int | None = None
    high = 0
    for start, end in sorted(zip(floors["floor_from"].tolist(), floors["floor_to"].tolist(), strict=True)):
        if low is not None and start > high + 1:
            yield low, high
            low = None
        low, high = (start, end) if low is None else (low, max(high, end))
    if low is not None:
        yield low, high
