"""Counts of buildings, stairwells and parts themselves: what was counted stands, the rest of a building is shared out.

A list of totals says of a building how many live in it, and perhaps of its stairwells too: then the stairwells are part
of the building. A list of persons was added up place by place: there, who is known by the building alone comes on top.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from govmap.attach.leaves import Bools, Floats, Ints, Leaves
from govmap.attach.places import texts
from govmap.shares import share_out

LEAF, STAIR, BUILDING = 0, 1, 2


@dataclass
class Direct:
    """Numbers of the leaves that were counted, and buildings whose total is less (or more) than what they hold."""

    values: Ints
    fixed: Bools
    misfits: list[tuple[int, int, int]] = field(default_factory=list)
    superseded: set[object] = field(default_factory=set)


def direct(rows: pd.DataFrame, found: Leaves, thought: Floats) -> Direct:
    """
    Give what rows say of buildings and what lies in them.

    Parameters
    ----------
    rows
        building (row), leaf (-1 where none alone is meant), stair, number, adds (of a list of persons), turn (the later
        the higher): where two lists count the same place, the later one does.
    """
    made = Direct(np.zeros(len(found.building), np.int64), np.zeros(len(found.building), dtype=bool))
    if rows.empty:
        return made
    rows = rows.reset_index(drop=True)
    rows = _latest(rows.assign(level=_level(rows, found)), made)
    several = np.bincount(found.building, minlength=int(found.building.max()) + 1) > 1
    alone = ~several[rows["building"].to_numpy(np.int64)]
    _single(rows[alone], found, made)
    _divided(rows[~alone], found, thought, made)
    return made


def _level(rows: pd.DataFrame, found: Leaves) -> Ints:
    """Say of what a row speaks: a leaf, a stairwell that is a part of its building here, or the building."""
    known = pd.MultiIndex.from_arrays([found.building, found.stair])
    asked = pd.MultiIndex.from_arrays([rows["building"], texts(rows, "stair")])
    has_stair = rows["stair"].notna().to_numpy(bool)
    stair = np.where(has_stair & asked.isin(known), STAIR, BUILDING)
    level: Ints = np.where(rows["leaf"].to_numpy() >= 0, LEAF, stair).astype(np.int64)
    return level


def _latest(rows: pd.DataFrame, made: Direct) -> pd.DataFrame:
    """Leave out what an earlier list said of a place that a later one counts; lists of persons add up."""
    place = ["building", "level", "leaf", "stair"]
    totals = rows[~rows["adds"]]
    newest = totals.groupby(place, dropna=False)["turn"].transform("max")
    old = totals.index[totals["turn"] < newest]
    made.superseded.update(rows.loc[old, place].astype(object).itertuples(index=False, name=None))
    return rows.drop(index=old)


def _single(rows: pd.DataFrame, found: Leaves, made: Direct) -> None:
    """Count buildings that are one leaf: their own total, else the sum of what was said of their stairwells."""
    if rows.empty:
        return
    wholes = rows[(rows["level"] == BUILDING) & rows["stair"].isna() & ~rows["adds"]].groupby("building")["number"]
    pieces = rows[~rows["adds"] & ((rows["level"] != BUILDING) | rows["stair"].notna())].groupby("building")["number"]
    added = rows[rows["adds"]].groupby("building")["number"].sum()
    table = pd.DataFrame({"whole": wholes.sum(), "pieces": pieces.sum()}).reindex(sorted(set(rows["building"])))
    exceeded = table[table["pieces"] > table["whole"]]
    columns = (exceeded.index, exceeded["whole"], exceeded["whole"] - exceeded["pieces"])
    made.misfits += [(int(b), int(w), int(left)) for b, w, left in zip(*columns, strict=True)]
    number = table[["whole", "pieces"]].max(axis=1)
    # a list of totals and one of persons are two counts of the same: the totals stand
    number = number.fillna(added.reindex(number.index))
    leaf = np.searchsorted(found.building, number.index.to_numpy(np.int64))
    made.values[leaf] = number.to_numpy(float).astype(np.int64)
    made.fixed[leaf] = True


def _divided(rows: pd.DataFrame, found: Leaves, thought: Floats, made: Direct) -> None:
    """Count buildings of several leaves, one by one: there are few, and each is a small reckoning of its own."""
    for building in np.unique(rows["building"].to_numpy(np.int64)).tolist():
        mine = rows[rows["building"] == building]
        leaf = np.arange(*np.searchsorted(found.building, [building, building + 1]))
        totals, persons = mine[~mine["adds"]], mine[mine["adds"]]
        if len(totals):
            _narrow(totals, leaf, found, thought, made)
            _whole(building, totals, leaf, thought, made)
        else:
            _narrow(persons, leaf, found, thought, made)
            made.fixed[leaf] = True
            at_large = persons.loc[persons["level"] == BUILDING, "number"]
            made.values[leaf] += share_out(int(at_large.sum()), thought[leaf])


def _narrow(rows: pd.DataFrame, leaf: Ints, found: Leaves, thought: Floats, made: Direct) -> None:
    """Take counts of leaves, then of stairwells: what their own leaves leave over is shared among the others."""
    counted = rows[rows["level"] == LEAF].groupby("leaf")["number"].sum()
    made.values[counted.index.to_numpy(np.int64)] = counted.to_numpy(np.int64)
    made.fixed[counted.index.to_numpy(np.int64)] = True
    for stair, number in rows[rows["level"] == STAIR].groupby("stair")["number"].sum().items():
        misfit = _fill(leaf[found.stair[leaf] == stair], int(number), thought, made)
        if misfit:
            made.misfits.append((int(found.building[leaf[0]]), int(number), misfit))


def _whole(building: int, rows: pd.DataFrame, leaf: Ints, thought: Floats, made: Direct) -> None:
    """Take the total of a building, else what was said of stairwells that are no parts here."""
    for told in _wholes(rows):
        misfit = _fill(leaf, told, thought, made)
        if misfit:
            made.misfits.append((building, told, misfit))


def _wholes(rows: pd.DataFrame) -> Iterator[int]:
    level = rows[rows["level"] == BUILDING]
    whole = level[level["stair"].isna()]
    if len(whole):
        yield int(whole["number"].sum())
    elif len(level):
        yield int(level["number"].sum() + rows.loc[rows["level"] != BUILDING, "number"].sum())


def _fill(leaf: Ints, total: int, thought: Floats, made: Direct) -> int:
    """Share a total among the leaves that were not counted yet; give what does not fit."""
    free = leaf[~made.fixed[leaf]]
    left = total - int(made.values[leaf[made.fixed[leaf]]].sum())
    if left < 0 or (left > 0 and not len(free)):
        return left
    made.values[free], made.fixed[free] = share_out(left, thought[free]), True
    return 0
