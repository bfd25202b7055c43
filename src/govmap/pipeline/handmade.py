"""A change of base data by a planner's hand: what it touches is laid aside first, so that it can be taken back.

Every such change is one transaction and one row of `base_edits`. The cells are stale afterwards and are made anew when
that is asked for (`pipeline.cells`), plans carried over by building.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap.errors import InputError, PlanError
from govmap.messages import note
from govmap.pipeline import counting
from govmap.pipeline.aside import NUMBERS, laid_aside, lay_aside, row_keys, take_out
from govmap.pipeline.report import Report
from govmap.project import Change, Project
from govmap.schema import TABLES

if TYPE_CHECKING:
    from pyproj import CRS

EDITS = "base_edits"
Degrees = Sequence[float]


@dataclass
class Hand:
    """One change by hand inside its transaction: rows are written through it, so that it knows what they were."""

    change: Change
    edit_id: str
    crs: "CRS"
    added: dict[str, list[str]] = field(default_factory=dict)
    touched: dict[str, list[str]] = field(default_factory=dict)
    stale: bool = False
    counted: bool = False

    def read(self, table: str, **where: Any) -> pd.DataFrame:
        """Read rows of a table."""
        return self.change.session.read(table, where=where or None)

    def put(self, table: str, rows: pd.DataFrame) -> None:
        """Write rows over those of the same key; what they were is laid aside, and which are new is noted."""
        keys = row_keys(rows, table)
        before = self._stored(table, keys)
        known = set(row_keys(before, table))
        self._aside(table, before)
        fresh = [key for key in keys if key not in known]
        self.added.setdefault(table, []).extend(fresh)
        self.touched.setdefault(table, []).extend(known)
        self.change.session.upsert(table, rows)

    def remove(self, table: str, keys: Sequence[str]) -> None:
        """Take rows out; they are laid aside."""
        before = self._stored(table, list(keys))
        self._aside(table, before)
        take_out(self.change, table, list(keys))
        self.touched.setdefault(table, []).extend(keys)

    def new_id(self, letter: str, table: str, shape: Any) -> str:
        """Give an id that no row of a table has: by the shape, so that the same drawing gives the same one."""
        known = set(self.read(table)[TABLES[table].key[0]])
        digest = hashlib.sha256(shapely.to_wkb(shape, byte_order=1)).hexdigest()
        for length in range(8, len(digest)):
            if (found := f"{letter}{digest[:length]}") not in known:
                return found
        raise InputError("base_drawn_twice")

    def _stored(self, table: str, keys: list[str]) -> pd.DataFrame:
        key = TABLES[table].key
        if len(key) != 1:
            raise TypeError(f"rows of {table} have a key of several columns")
        return self.change.session.read(table, where={key[0]: keys})

    def _aside(self, table: str, before: pd.DataFrame) -> None:
        """Lay rows aside as they were before the whole change: once each."""
        done = {*self.added.get(table, ()), *self.touched.get(table, ())}
        fresh = np.array([key not in done for key in row_keys(before, table)], dtype=bool)
        lay_aside(self.change, self.edit_id, table, before[fresh])


@contextmanager
def hand(project: Project, action: str, detail: Mapping[str, Any] | None = None) -> Iterator[Hand]:
    """
    Change base data: all of it or nothing, with a row of `base_edits`.

    Set `stale` where the cells no longer fit, `counted` where households are to be counted anew.
    """
    with project.change(f"base {action}", dict(detail or {})) as change:
        turns = change.session.read(EDITS, columns=["edit_id", "turn"])["turn"]
        turn = 1 + int(turns.max()) if len(turns) else 1
        before = change.get("base_version") or "0"
        made = Hand(change, f"e{turn:06d}", project.crs)
        yield made
        if made.stale:
            change.base_changed()
        if made.counted:
            counting.recounted(change)
        known = {name: keys for name, keys in made.added.items() if keys}
        row = {"edit_id": made.edit_id, "turn": turn, "action": action, "author": change.author, "at": change.at}
        row |= {"detail": {"added": known, "touched": made.touched, "stale": made.stale, "counted": made.counted}}
        row |= {"base_before": before, "base_after": change.get("base_version") or "0", "undone": False}
        change.session.append(EDITS, pd.DataFrame([row]))


def undo(project: Project) -> Report:
    """
    Take back the last change of base data by hand.

    Raises
    ------
    PlanError
        There is none, or base data were imported or fetched since, so that rows may be others.
    """
    with project.change("base undo") as change:
        edits = change.session.read(EDITS)
        live = edits[~edits["undone"].astype(bool)].sort_values("turn")
        if live.empty:
            raise PlanError("base_nothing_to_undo")
        row = live.iloc[-1]
        now = change.get("base_version") or "0"
        if str(row["base_after"]) != now:
            raise PlanError("base_changed_since", action=note(f"base_action_{row['action']}"))
        detail = row["detail"] if isinstance(row["detail"], dict) else json.loads(row["detail"])
        _put_back(change, str(row["edit_id"]), detail)
        if detail["stale"]:
            change.base_changed()
        if detail["counted"] or detail["stale"]:
            counting.recounted(change)
        _chained(change, live, str(row["edit_id"]), str(row["base_before"]))
    told = note("base_undone", action=note(f"base_action_{row['action']}"))
    return Report(figures={"action": str(row["action"]), "stale": bool(detail["stale"])}, notes=[told])


def _put_back(change: Change, edit_id: str, detail: Mapping[str, Any]) -> None:
    """Take out what was added and write what was there before."""
    session = change.session
    for table, keys in sorted(detail["added"].items()):
        take_out(change, table, keys)
    for table in sorted(detail["touched"]):
        former = laid_aside(change, edit_id, table)
        if len(former):
            session.upsert(table, _shaped(former, session.read(table, where={TABLES[table].key[0]: []})))
    session.delete("former_rows", where={"import_id": edit_id})


def _shaped(rows: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Give rows their system of coordinates again."""
    if "geometry" not in rows:
        return rows
    import geopandas as gpd

    shaped: pd.DataFrame = gpd.GeoDataFrame(rows, geometry="geometry", crs=like.crs)
    return shaped


def _chained(change: Change, live: pd.DataFrame, edit_id: str, base_before: str) -> None:
    """Mark an edit as taken back, and let the one before it, if nothing came between, be the next to be taken back."""
    rows = [{"edit_id": edit_id, "undone": True}]
    change.session.upsert(EDITS, pd.DataFrame(rows))
    earlier = live.iloc[:-1]
    if len(earlier) and str(earlier["base_after"].iloc[-1]) == base_before:
        now = change.get("base_version") or "0"
        row = {"edit_id": earlier["edit_id"].iloc[-1], "base_after": now}
        change.session.upsert(EDITS, pd.DataFrame([row]))


# shapes --------------------------------------------------------------------------------------------------------------
def metres(project: Project, degrees: Sequence[Degrees]) -> Any:
    """
    Bring corners from degrees (longitude, latitude) to the project's system.

    Raises
    ------
    InputError
        They are no places on earth where the project's system holds.
    """
    from pyproj import Transformer

    way = Transformer.from_crs(4326, project.crs, always_xy=True)
    xy = np.asarray(degrees, dtype=float).reshape(-1, 2)
    east, north = way.transform(xy[:, 0], xy[:, 1])
    found = np.column_stack([east, north])
    if not len(found) or not np.isfinite(found).all():
        raise InputError("base_no_place")
    return found


def polygon(project: Project, ring: Sequence[Degrees]) -> Any:
    """
    Make an area of a drawn ring; where its line crosses itself, what it encloses.

    Raises
    ------
    InputError
        It has fewer than three corners or encloses nothing.
    """
    from govmap.sources.grounds import area_of

    xy = metres(project, ring)
    if len(np.unique(xy, axis=0)) < 3:  # noqa: PLR2004 - an area has three corners
        raise InputError("base_no_area")
    found = area_of(shapely.make_valid(shapely.polygons(xy)))
    if found is None or found.area <= 0:
        raise InputError("base_no_area")
    return found


def line(project: Project, corners: Sequence[Degrees]) -> Any:
    """
    Make a line of drawn corners.

    Raises
    ------
    InputError
        It has no length.
    """
    xy = metres(project, corners)
    if len(np.unique(xy, axis=0)) < 2:  # noqa: PLR2004 - a line has two ends
        raise InputError("base_no_line")
    return shapely.linestrings(xy)


def point(project: Project, at: Degrees) -> Any:
    """Make a point of a place in degrees."""
    return shapely.points(metres(project, [at])[0])


def row_of(table: str, crs: Any, shape: Any, **facts: Any) -> pd.DataFrame:
    """Give one row of a table with only the columns that are said."""
    import geopandas as gpd

    frame = pd.DataFrame([facts]).astype(object)
    for column in TABLES[table]:
        if column.name in frame and column.type in ("int", "float", "bool"):
            kind: Any = NUMBERS[column.type]
            frame[column.name] = frame[column.name].astype(kind)
    return frame if shape is None else gpd.GeoDataFrame(frame, geometry=[shape], crs=crs)


def called(row: "pd.Series[Any]") -> str:
    """Say how people know a building: by its name, else its number; by its key where it has neither."""
    return next(
        str(row[name]) for name in ("name", "number", "building_id") if isinstance(row[name], str) and row[name]
    )
