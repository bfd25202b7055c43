"""Registers of residents put in place of estimates: what was counted for a building stays, totals are spread."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap.attach.sums import shares
from govmap.messages import Note, note

ORDER = ("area", "compound", "unit", "community")
BASES = ("actual", "registered")
MEASURES = {"households": "households", "people": "residents"}
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Counted:
    """Buildings with what the register says of them, and what did not fit together."""

    buildings: pd.DataFrame
    notes: tuple[Note, ...]


def households(buildings: pd.DataFrame, residents: pd.DataFrame, *, units: "pd.Series[Any] | None" = None) -> Counted:
    """
    Put the register's households and residents into the buildings.

    Counts of a building stand as they are (`register`). Totals of an area, compound, unit or community, the narrowest
    first, are spread over those of its buildings that have no count of their own, by the households they are thought to
    have (`spread`), so that every total given is met exactly; one that its own buildings exceed is told and left.
    Persons who live there count (`actual`), else those registered there.

    Parameters
    ----------
    buildings
        With households, residents, households_source, compound_id, community_id, cell_id, geometry.
    residents
        Rows that `attach` placed; those of areas with their shape.
    units
        building_id -> unit_id, for totals of units.
    """
    frame = buildings.copy()
    told: list[Note] = []
    for counts, measure in MEASURES.items():
        values = frame[measure].astype("Int64").copy()
        fixed = np.zeros(len(frame), dtype=bool)
        for base in BASES:
            told += _put(values, fixed, frame, _of_base(residents, base, counts), counts, units)
        frame[measure] = values
        if counts == "households":
            frame = _sourced(frame, buildings, fixed, _counted_directly(residents, frame, counts))
        else:
            frame[measure] = _followed(frame, buildings, fixed)
    return Counted(frame, tuple(told))


def _of_base(residents: pd.DataFrame, base: str, counts: str) -> pd.DataFrame:
    return residents[residents["reason"].isna() & (residents["base"] == base) & residents[counts].notna()]


def _counted_directly(residents: pd.DataFrame, frame: pd.DataFrame, counts: str) -> npt.NDArray[np.bool_]:
    told = residents[residents["reason"].isna() & residents["base"].isin(BASES) & residents[counts].notna()]
    return frame["building_id"].isin(told["building_id"].dropna()).to_numpy(bool)


def _put(
    values: "pd.Series[Any]",
    fixed: npt.NDArray[np.bool_],
    frame: pd.DataFrame,
    residents: pd.DataFrame,
    counts: str,
    units: "pd.Series[Any] | None",
) -> Iterator[Note]:
    """Write counts and spread totals into `values`, marking `fixed`; both in place."""
    sums = residents[residents["building_id"].notna()].groupby("building_id")[counts].sum()
    mine = frame["building_id"].isin(sums.index).to_numpy(bool) & ~fixed
    values[mine] = frame["building_id"][mine].map(sums).astype("Int64")
    fixed |= mine
    for kind in ORDER:
        for row in (
            residents[residents["place_kind"] == kind].sort_values(["place_id", "source_row"]).to_dict("records")
        ):
            inside = _inside(frame, kind, row, units)
            free = np.flatnonzero(inside & ~fixed)
            left = int(row[counts]) - int(values[inside & fixed].sum())
            if left < 0 or (left > 0 and len(free) == 0):
                yield note("attach_total_does_not_fit", place=str(row["place_id"]), given=int(row[counts]), left=left)
                continue
            values.iloc[free] = shares(left, frame[MEASURES[counts]].fillna(0).astype(float).to_numpy()[free])
            fixed |= inside


def _inside(
    frame: pd.DataFrame, kind: str, row: Mapping[Any, Any], units: "pd.Series[Any] | None"
) -> npt.NDArray[np.bool_]:
    """Tell which buildings a total counts: those that stand inside and have ground of their own."""
    if kind == "area":
        middle = shapely.point_on_surface(frame["geometry"].to_numpy(object))
        inside = shapely.intersects(middle, row["geometry"])
    elif kind == "unit":
        inside = (frame["building_id"].map(units if units is not None else {}) == row["place_id"]).to_numpy(bool)
    else:
        inside = (frame[f"{kind}_id"] == row["place_id"]).to_numpy(bool)
    stands = frame["status"].fillna("standing").ne("demolished").to_numpy(bool)
    return np.asarray(inside & stands & frame["community_id"].notna().to_numpy(bool), dtype=bool)


def _sourced(
    frame: pd.DataFrame, before: pd.DataFrame, fixed: npt.NDArray[np.bool_], direct: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Say where each building's households come from, and within what bounds they lie."""
    source = before["households_source"].astype(object).to_numpy().copy()
    source[fixed] = "spread"
    source[direct] = "register"
    frame["households_source"] = source
    for bound in ("households_low", "households_high"):
        frame.loc[direct, bound] = frame.loc[direct, "households"]
    low, high = frame["households_low"], frame["households_high"]
    frame["households_low"] = low.where(~(low > frame["households"]), frame["households"])
    frame["households_high"] = high.where(~(high < frame["households"]), frame["households"])
    return frame


def _followed(frame: pd.DataFrame, before: pd.DataFrame, fixed: npt.NDArray[np.bool_]) -> "pd.Series[Any]":
    """Let residents follow households where only these were counted, at the size of household thought of before."""
    residents, households_ = frame["residents"].astype("Int64").copy(), frame["households"].astype("Int64")
    changed = ~fixed & (households_ != before["households"].astype("Int64")).fillna(value=True).to_numpy(bool)
    thought = before[~fixed] if (~fixed).any() else before  # counted ones would make the size differ from time to time
    people, homes = float(thought["residents"].fillna(0).sum()), float(thought["households"].fillna(0).sum())
    if homes > 0 and changed.any():
        expected = (households_[changed].fillna(0).astype(float) * people / homes).to_numpy()
        residents[changed] = shares(round(float(expected.sum())), expected) if expected.sum() > 0 else 0
    return residents
