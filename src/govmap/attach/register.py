"""Registers of residents put in place of estimates: what was counted for a building stays, totals are spread."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap.messages import Note, note
from govmap.shares import share_out

ORDER = ("area", "compound", "unit", "community")
BASES = ("actual", "registered")
MEASURES = {"households": "households", "people": "residents"}
WHOLE, MOST_TOLD = 0.999, 3


@dataclass(frozen=True)
class Counted:
    """Buildings with what the register says of them, and what did not fit together."""

    buildings: pd.DataFrame
    notes: tuple[Note, ...]


def households(
    buildings: pd.DataFrame,
    residents: pd.DataFrame,
    *,
    units: "pd.Series[Any] | None" = None,
    communities: pd.DataFrame | None = None,
) -> Counted:
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
    communities
        Where given, an area that lies partly outside them counts by the share of its ground inside.
    """
    frame = buildings.copy()
    ground = _Ground(frame, units, communities)
    for counts, measure in MEASURES.items():
        values = frame[measure].astype("Int64").copy()
        fixed = np.zeros(len(frame), dtype=bool)
        for base in BASES:
            _put(values, fixed, ground, _of_base(residents, base, counts), counts)
        frame[measure] = values
        if counts == "households":
            frame = _sourced(frame, buildings, fixed, _counted_directly(residents, frame, counts))
        else:
            frame[measure] = _followed(frame, buildings, fixed)
    return Counted(frame, ground.notes())


class _Ground:
    """Which buildings a total counts, and what of the totals could not be placed."""

    def __init__(self, frame: pd.DataFrame, units: "pd.Series[Any] | None", communities: pd.DataFrame | None) -> None:
        self.frame = frame
        self._units = frame["building_id"].map(units if units is not None else {})
        self._middles = shapely.STRtree(shapely.point_on_surface(frame["geometry"].to_numpy(object)))
        self._inside = None if communities is None else shapely.union_all(communities["geometry"].to_numpy(object))
        stands = frame["status"].fillna("standing").ne("demolished").to_numpy(bool)
        self._counts = stands & frame["community_id"].notna().to_numpy(bool)
        self._misfits: list[tuple[str, int, int]] = []
        self._cut: dict[str, int] = {}

    def buildings(self, row: Mapping[Any, Any]) -> npt.NDArray[np.bool_]:
        """Tell which buildings a total is of: those that stand inside and belong to a community."""
        inside = np.zeros(len(self.frame), dtype=bool)
        if row["place_kind"] == "area":
            inside[self._middles.query(row["geometry"], predicate="intersects")] = True
        elif row["place_kind"] == "unit":
            inside = (self._units == row["place_id"]).to_numpy(bool)
        else:
            inside = (self.frame[f"{row['place_kind']}_id"] == row["place_id"]).to_numpy(bool)
        return inside & self._counts

    def total(self, row: Mapping[Any, Any], counts: str) -> int:
        """Give how much of a total lies here."""
        given = int(row[counts])
        if row["place_kind"] != "area" or self._inside is None or row["geometry"].area == 0:
            return given
        share = shapely.intersection(row["geometry"], self._inside).area / row["geometry"].area
        here = given if share > WHOLE else round(given * share)
        if here != given and counts == "people":
            self._cut[str(row["place_id"])] = given - here
        return here

    def misfit(self, row: Mapping[Any, Any], given: int, left: int) -> None:
        """Remember a total that its buildings cannot have."""
        self._misfits.append((str(row["place_id"]), given, left))

    def notes(self) -> tuple[Note, ...]:
        """Say what could not be placed: few totals one by one, many in one sentence."""
        told = []
        if self._cut:
            told.append(note("attach_areas_cut", count=len(self._cut), people=sum(self._cut.values())))
        if len(self._misfits) > MOST_TOLD:
            places = [place for place, _, _ in self._misfits[:MOST_TOLD]]
            return (*told, note("attach_totals_do_not_fit", count=len(self._misfits), first=places))
        one_by_one = [note("attach_total_does_not_fit", place=p, given=g, left=left) for p, g, left in self._misfits]
        return (*told, *one_by_one)


def _of_base(residents: pd.DataFrame, base: str, counts: str) -> pd.DataFrame:
    return residents[residents["reason"].isna() & (residents["base"] == base) & residents[counts].notna()]


def _counted_directly(residents: pd.DataFrame, frame: pd.DataFrame, counts: str) -> npt.NDArray[np.bool_]:
    told = residents[residents["reason"].isna() & residents["base"].isin(BASES) & residents[counts].notna()]
    return frame["building_id"].isin(told["building_id"].dropna()).to_numpy(bool)


def _put(
    values: "pd.Series[Any]", fixed: npt.NDArray[np.bool_], ground: _Ground, residents: pd.DataFrame, counts: str
) -> None:
    """Write counts and spread totals into `values`, marking `fixed`; both in place."""
    frame = ground.frame
    sums = residents[residents["building_id"].notna()].groupby("building_id")[counts].sum()
    mine = frame["building_id"].isin(sums.index).to_numpy(bool) & ~fixed
    values[mine] = frame["building_id"][mine].map(sums).astype("Int64")
    fixed |= mine
    thought = frame[MEASURES[counts]].fillna(0).astype(float).to_numpy()
    wide = residents[residents["place_kind"].isin(ORDER)]
    wide = wide.assign(order=wide["place_kind"].map(ORDER.index)).sort_values(["order", "place_id", "source_row"])
    for row in wide.to_dict("records"):
        inside, total = ground.buildings(row), ground.total(row, counts)
        free = np.flatnonzero(inside & ~fixed)
        left = total - int(values[inside & fixed].sum())
        if left < 0 or (left > 0 and len(free) == 0):
            ground.misfit(row, total, left)
            continue
        values.iloc[free] = share_out(left, thought[free])
        fixed |= inside


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
        residents[changed] = share_out(round(float(expected.sum())), expected) if expected.sum() > 0 else 0
    return residents
