"""Stairwells and floors that a list of the user's own names: each belongs to a building that is here, or goes back."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import addresses
from govmap import attach as attaching
from govmap.pipeline.attaching import places_of
from govmap.pipeline.numbered import given_back
from govmap.project import Project

if TYPE_CHECKING:
    from govmap.sources.files import RawTable
    from govmap.sources.gate import Admitted

TABLE, LOWEST, HIGHEST = "parts", -1000, 1000
PLACE = ["building_id", "entrance", "floor_from", "floor_to"]
SAID = re.compile(r"单元|[门梯号]|entrance|stair(?:well|case)?|door|\s", re.IGNORECASE)
UNKNOWN, TWICE = "part_without_building", "part_overlaps"
Reasons = npt.NDArray[np.object_]


def taken(project: Project, raw: "RawTable", admitted: "Admitted", *, update: bool, whole: bool = False) -> "Admitted":
    """
    Give the parts of a list with their buildings, found by id or by address.

    A row whose building is not here or not certain goes back, and so does one whose floors an earlier row of the same
    stairwell has, in this list or in one before it. In a list that updates, what it tells anew gives way; all that was
    told before where it is the `whole`.
    """
    rows = admitted.rows.reset_index(drop=True)
    if rows.empty:
        return admitted
    with project.store.reading() as session:
        places = places_of(session)
    found = attaching.attach(
        rows.assign(part_id=None),
        TABLE,
        places["parts"],
        places["buildings"],
        places["addresses"],
        places["cells"],
        compounds=places["compounds"],
        communities=places["communities"],
        aliases=places["aliases"],
    )
    known = found["building_id"].isin(places["buildings"]["building_id"])
    rows["building_id"] = found["building_id"].where(known, None).to_numpy(object)
    reason = np.full(len(rows), None, dtype=object)
    reason[_again(rows, _standing(places["parts"], rows, update=update, whole=whole))] = TWICE
    reason[~known.to_numpy(bool)] = UNKNOWN
    return _without(raw, admitted, rows, reason)


def _standing(parts: pd.DataFrame, rows: pd.DataFrame, *, update: bool, whole: bool) -> pd.DataFrame:
    """Give the parts that lists have named before and that these rows do not replace."""
    of_this_list = parts["import_id"].eq(rows["import_id"].iloc[0]).fillna(value=False).to_numpy(bool)
    read_anew = of_this_list & parts["source_row"].isin(rows["source_row"]).to_numpy(bool)
    if update:
        told = pd.MultiIndex.from_frame(_plain(rows[PLACE]))
        read_anew |= parts["part_id"].isin(rows["part_id"]).to_numpy(bool)
        read_anew |= pd.MultiIndex.from_frame(_plain(parts[PLACE])).isin(told)
    given = parts["source"].eq("given").fillna(value=False).to_numpy(bool)
    return parts[given & ~read_anew & (of_this_list | (not whole))]


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Give places in one form: 1单元, 一单元 and 1 are one stairwell; the empty text is the whole building."""
    named = {one: _stairwell(str(one)) for one in rows["entrance"].dropna().unique()}
    stairs = rows["entrance"].astype(object).map(named).fillna("")
    low, high = (_floors(rows, name, beyond) for name, beyond in (("floor_from", LOWEST), ("floor_to", HIGHEST)))
    return rows.assign(entrance=stairs.to_numpy(object), floor_from=low, floor_to=high)


def _stairwell(entrance: str) -> str:
    """Give the number or name of a stairwell alone."""
    return SAID.sub("", addresses.normalise(entrance))


def _again(new: pd.DataFrame, old: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell rows that name floors of a stairwell which a row that stays has named; the whole building is all of them."""
    rows = pd.concat([_plain(old[PLACE]), _plain(new[PLACE])], ignore_index=True)
    low, high, stairs = (rows[name].to_numpy() for name in ("floor_from", "floor_to", "entrance"))
    again = np.zeros(len(rows), dtype=bool)
    for mine in rows.groupby("building_id", sort=False).groups.values():
        stays: list[int] = []
        for at in np.asarray(mine, dtype=np.int64):
            before = np.array(stays, dtype=np.int64)
            same = (stairs[before] == stairs[at]) | (stairs[before] == "") | (stairs[at] == "")
            again[at] = bool((same & (low[before] <= high[at]) & (high[before] >= low[at])).any()) and at >= len(old)
            stays += [] if again[at] else [int(at)]
    return again[len(old) :]


def _floors(rows: pd.DataFrame, name: str, beyond: int) -> npt.NDArray[np.int64]:
    return np.array([beyond if pd.isna(one) else int(one) for one in rows[name]], dtype=np.int64)


def _without(raw: "RawTable", admitted: "Admitted", rows: pd.DataFrame, reason: Reasons) -> "Admitted":
    """Give rows back that cannot be taken, as the user wrote them."""
    bad = np.array([one is not None for one in reason], dtype=bool)
    if not bad.any():
        return replace(admitted, rows=rows)
    every = given_back(raw, admitted, rows[bad], reason[bad])
    return replace(
        admitted, rows=rows[~bad].reset_index(drop=True), rejects=every, rows_kept=admitted.rows_kept - int(bad.sum())
    )
