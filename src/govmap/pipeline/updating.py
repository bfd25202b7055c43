"""A newer export of a list that was taken in before: what it adds, changes and no longer has, row by row.

Rows are recognised by the list's own number, else by what they say of themselves. An empty cell says nothing: it takes
nothing away. What people edited by hand stays as it is, and this is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap.messages import Note, note
from govmap.pipeline.report import titled
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.sources.gate import Admitted

MADE = r"i[0-9a-f]{12}(?:-\d+)?-\d+"  # an id that an import gave, for want of the list's own
SAYS = {
    "residents": ("place_kind", "place_id", "base"),
    "resources": ("name", "category", "address"),
    "incidents": ("reported_at", "category", "address"),
    "workers": ("name", "organisation"),
    "buildings": ("name",),
    "parts": ("building_id", "entrance", "floor_from", "floor_to"),
    "communities": ("name", "code"),
    "compounds": ("name",),
    "barriers": ("kind", "name"),
    "entrances": ("kind", "building_id"),
}
POINTED = frozenset({"resources", "incidents", "buildings", "barriers", "entrances", "compounds", "communities"})
# Columns that are filled in where the list says nothing: they change only where it has one of these.
FILLED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "buildings": {
        "status": ("status",),
        "outline_source": ("geometry",),
        "reason": ("geometry",),
        "name": ("name", "number", "building", "compound", "address"),
    },
    "incidents": {"kind": ("kind", "category"), "sensitive": ("kind", "category")},
    "barriers": {"strength": ("strength",), "on_ground": ("on_ground",)},
    "entrances": {"kind": ("kind",)},
    "compounds": {"kind": ("kind",)},
    "parts": {"source": ()},
}
ATTACHED = frozenset({"residents", "resources", "incidents"})
WORDED = ("address", "building_id", "part_id", "building", "street", "compound", "house_number")
PLACED = ("building_id", "part_id", "cell_id", "street_id", "reason", "placed_by", "place_score", "unit_hint")
NEVER = frozenset({"import_id", "source_row", "edited_by_hand", "community_id"})
# What is counted anew from what lists say: never written from a list's own words.
COUNTED = frozenset({
    "households", "households_low", "households_high", "households_source", "residents", "shops", "workplaces",
})  # fmt: skip
# What a list of persons tells of a place as a whole: bands of an older list do not go with its number of people.
OF_PERSONS = frozenset({
    "people", "age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus", "living_alone_60",
})  # fmt: skip
MOST_TOLD, CLOSE_M = 5, 0.001


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a newer list changes: rows to write, as they were before, and what is told of it."""

    table: str
    added: pd.DataFrame
    changed: pd.DataFrame
    before: pd.DataFrame
    vanished: pd.DataFrame
    unchanged: int
    by_hand: tuple[str, ...] = ()
    columns: Mapping[str, int] = field(default_factory=dict)

    @property
    def figures(self) -> dict[str, Any]:
        """Give the changes for programs."""
        key = _label(self.table)
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "vanished": len(self.vanished),
            "kept_by_hand": len(self.by_hand),
            "columns": dict(self.columns),
            "changed_ids": [str(one) for one in self.changed[key].head(1000)],
            "vanished_ids": [str(one) for one in self.vanished[key].head(1000)],
        }

    @property
    def notes(self) -> list[Note]:
        """Give the changes for people: one line a kind of change, columns by how often they change."""
        counts = {name: self.figures[name] for name in ("added", "changed", "unchanged", "vanished")}
        told = [note("update_table", table=titled(self.table), **counts)]
        told += [note("update_column", column=name, count=count) for name, count in self.columns.items()]
        if self.by_hand:
            told.append(note("update_by_hand", count=len(self.by_hand), examples=list(self.by_hand[:MOST_TOLD])))
        return told


def changes(table: str, old: pd.DataFrame, new: pd.DataFrame, admitted: "Admitted") -> Changes:
    """
    Compare the rows that stand in the project with those of a newer list.

    Parameters
    ----------
    old, new
        Rows of the project, and of the list as the gate and `attach` gave them.
    admitted
        What the gate says of the list: which columns it has.
    """
    said = _said(table, new, admitted)
    stands, comes = _keyed(old, table), _keyed(new, table)
    both = comes.index.intersection(stands.index, sort=False)
    before, now = stands.loc[both], comes.loc[both]
    whole = OF_PERSONS if admitted.found.get("reduced") == "person" else frozenset()
    merged = _merged(table, before, now, said, whole)
    names = [name for name in said if name not in PLACED or table not in ATTACHED]
    names = [name for name in names if name != "geometry" or _drawn(admitted)]
    differs = _differences(before, merged, names)
    changed = differs.any(axis=1) if differs.shape[1] else np.zeros(len(both), dtype=bool)
    hand = _flags(before, "edited_by_hand") & changed
    writes = changed & ~hand
    lists = set(before["import_id"].dropna())
    gone = stands.loc[~stands.index.isin(both) & stands["import_id"].isin(lists).to_numpy(bool)]
    counts = differs[writes].sum(axis=0) if writes.any() else np.zeros(differs.shape[1], dtype=int)
    pairs = sorted(zip(names, counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return Changes(
        table=table,
        added=comes.loc[~comes.index.isin(both)].reset_index(drop=True),
        changed=merged[writes].reset_index(drop=True),
        before=before[writes].reset_index(drop=True),
        vanished=gone.reset_index(drop=True),
        unchanged=int((~changed).sum()),
        by_hand=tuple(before.loc[hand, _label(table)].astype(str)),
        columns={name: int(count) for name, count in pairs if count},
    )


def already_counted(old: pd.DataFrame, new: pd.DataFrame, counts: tuple[str, ...]) -> int:
    """Count places of a list of residents that another list has counted already, in the same columns."""
    if old.empty or new.empty:
        return 0
    stands, comes = _keyed(old, "residents"), _keyed(new, "residents")
    both = comes.index.intersection(stands.index)
    names = [name for name in counts if name in old and name in new]
    return int((stands.loc[both, names].notna() & comes.loc[both, names].notna()).any(axis=1).sum())


def _said(table: str, new: pd.DataFrame, admitted: "Admitted") -> list[str]:
    """Name the columns of ours that the list says something of."""
    has = set(admitted.columns.ours.values())
    shaped = _drawn(admitted)
    worded = bool(has & set(WORDED))
    told = []
    for name in TABLES[table].names:
        sources = FILLED.get(table, {}).get(name)
        counted = table in ("buildings", "parts") and name in COUNTED
        if name in NEVER or counted or name in TABLES[table].key or name not in new:
            continue
        if name == "geometry":
            wanted = shaped or (worded and table == "incidents")
        elif name in PLACED and table in ATTACHED:
            wanted = shaped or worded
        elif sources is not None:
            wanted = bool(has & set(sources)) or ("geometry" in sources and shaped)
        else:
            wanted = bool(new[name].notna().any())
        if wanted:
            told.append(name)
    return told


def _label(table: str) -> str:
    """Name the column by which people know a row."""
    return "place_id" if table == "residents" else TABLES[table].key[0]


def _drawn(admitted: "Admitted") -> bool:
    """Tell whether shapes or coordinates came with the list."""
    return "geometry" in admitted.rows and bool(admitted.rows["geometry"].notna().any())


def _keyed(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """Give rows by what they are recognised by: the list's own number, else what they say; each key once."""
    frame = rows.reset_index(drop=True)
    if frame.empty:
        return frame.set_axis(pd.Index([], dtype=object))
    words = _words(frame, table)
    key = TABLES[table].key
    if len(key) == 1:
        own = frame[key[0]].astype(str)
        words = np.where(own.str.fullmatch(MADE).to_numpy(bool), words, "=" + own.to_numpy(object))
    order = pd.Series(words, dtype=object)
    turn = order.groupby(order, sort=False).cumcount().astype(str)
    return frame.set_axis(pd.Index(order + "\x1f" + turn))


def _words(frame: pd.DataFrame, table: str) -> npt.NDArray[np.object_]:
    """Write what each row says of itself as one text; where it has no name, its place too."""
    texts = [frame[name].astype(object).where(frame[name].notna(), "").astype(str) for name in SAYS[table]]
    if table == "residents":
        texts[1] = _areas_by_shape(frame, texts[1])
    words = texts[0]
    for more in texts[1:]:
        words = words + "\x1e" + more
    if table in POINTED and "geometry" in frame:
        silent = (texts[0] == "") | (texts[-1] == "")
        words = words.where(~silent, words + "\x1e" + _corners(frame["geometry"]))
    return np.asarray(words.to_numpy(object), dtype=object)


def _areas_by_shape(frame: pd.DataFrame, names: "pd.Series[Any]") -> "pd.Series[Any]":
    """Recognise areas that an import had to name by their shape."""
    made = names.str.fullmatch(MADE)
    return names if not made.any() else names.where(~made, _corners(frame["geometry"]))


def _corners(shapes: "pd.Series[Any]") -> "pd.Series[Any]":
    """Write the bounds of shapes in whole metres."""
    boxes = shapely.bounds(shapes.to_numpy(object))
    texts = [";".join(f"{edge:.0f}" for edge in box) for box in boxes]
    return pd.Series(texts, index=shapes.index, dtype=object)


def _merged(
    table: str, before: pd.DataFrame, now: pd.DataFrame, said: list[str], whole: frozenset[str]
) -> pd.DataFrame:
    """Put what the list says over what stood there; places and persons whole; rows not to be placed as they came."""
    merged = before.copy()
    secret = _flags(now, "sensitive")
    placed = [name for name in said if name in PLACED or name == "geometry"]
    stays = TABLES[table].key if len(TABLES[table].key) == 1 else ()
    for name in [one for one in TABLES[table].names if one in now and one not in stays]:
        fresh, old = now[name].astype(object), before[name].astype(object)
        if name in ("import_id", "source_row"):
            merged[name] = fresh
        elif name in NEVER:
            continue
        elif name in placed:
            there = fresh.notna() | _has_place(now)
            merged[name] = fresh.where(there | secret, old)
        elif name in whole:
            merged[name] = fresh
        elif name in said:
            merged[name] = fresh.where(fresh.notna() | secret, old)
        else:
            merged[name] = old.where(~secret, fresh)
    return merged


def _has_place(now: pd.DataFrame) -> npt.NDArray[np.bool_]:
    columns = [name for name in ("geometry", "building_id", "address", "cell_id") if name in now]
    return np.asarray(now[columns].notna().any(axis=1).to_numpy(bool), dtype=bool)


def _flags(rows: pd.DataFrame, name: str) -> npt.NDArray[np.bool_]:
    if name not in rows:
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(rows[name].astype("boolean").fillna(value=False).to_numpy(bool), dtype=bool)


def _differences(before: pd.DataFrame, merged: pd.DataFrame, names: list[str]) -> npt.NDArray[np.bool_]:
    """Tell row by row and column by column what is not as it was."""
    found = [_differ(before[name], merged[name], shape=name == "geometry") for name in names]
    return np.column_stack(found) if found else np.zeros((len(before), 0), dtype=bool)


def _differ(before: "pd.Series[Any]", now: "pd.Series[Any]", *, shape: bool) -> npt.NDArray[np.bool_]:
    one, other = before.astype(object).to_numpy(), now.astype(object).to_numpy()
    if shape:
        same = shapely.equals_exact(one, other, CLOSE_M) | (shapely.is_missing(one) & shapely.is_missing(other))
        return np.asarray(~same, dtype=bool)
    gone, missing = pd.isna(one), pd.isna(other)
    both = ~gone & ~missing
    differs = gone != missing
    differs[both] = one[both] != other[both]
    return np.asarray(differs, dtype=bool)
