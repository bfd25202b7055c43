"""What every sheet of a book is made of: tables that were released, words, who answers; and what a page is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from govmap.messages import Voice
from govmap.publish import Released
from govmap.render.atlas.near import Near
from govmap.render.atlas.paper import LARGER, Box, Layout
from govmap.render.scene import Sheet
from govmap.render.svg import Drawing

LARGE_MM = 6.35  # 18 points
NOWHERE = np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class Person:
    """Somebody who answers for a unit, as the office itself names them; `photo` is a small JPEG."""

    role: str
    name: str
    phone: str
    photo: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """
    All that the sheets of one book are drawn from.

    Parameters
    ----------
    near
        What was released, with trees.
    rows
        A row a building and unit, in the order in which a person walks: `unit_id`, `building_id`, `compound`,
        `building`, `address`, `part`.
    units
        A row a unit: `unit_id`, `unit_code`, `unit`, `bounds`, `responsible_org`, `meeting_place` and counts.
    called
        What is written on a building of the map.
    people
        Who answers, by unit.
    untold
        Units for which somebody is proposed who is not named yet.
    crs
        Name of the coordinate system; None where it is not told.
    line
        A telephone for those who are not content, and whose it is.
    by_name
        Whether residents are named: then every page is stamped so, and nothing but the whole is ever on a disk.
    """

    near: Near
    voice: Voice
    title: str
    paper: str
    rows: pd.DataFrame
    units: pd.DataFrame
    called: Mapping[str, str]
    people: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    untold: frozenset[str] = frozenset()
    plan: str = ""
    draft: bool = True
    data_date: str | None = None
    credit: str | None = None
    crs: str | None = None
    length: str = "m"
    headline: str | None = None
    line: str | None = None
    large: bool = False
    by_name: bool = False

    @property
    def released(self) -> Released:
        """Give what was released."""
        return self.near.released

    def say(self, key: str, **facts: object) -> str:
        """Give a text of sheets."""
        return self.voice.say(key, **facts)

    @property
    def type_mm(self) -> float:
        """Give the size of letters in tables."""
        return LARGE_MM if self.large else 2.75 * LARGER.get(self.paper, 1.0)

    @property
    def larger(self) -> float:
        """Say how much larger than on A4 things are written."""
        return LARGER.get(self.paper, 1.0)

    def unit(self, unit_id: str) -> Mapping[str, object]:
        """Give the row of a unit."""
        return self._units[unit_id]

    def rows_of(self, unit_id: str) -> pd.DataFrame:
        """Give the rows of a unit's buildings, in the order in which a person walks."""
        return self.rows.take(self._places.get(unit_id, NOWHERE))

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Give the codes of all units, by their ids."""
        return {str(unit): str(code) for unit, code in zip(self.units["unit_id"], self.units["unit_code"], strict=True)}

    @cached_property
    def _units(self) -> Mapping[str, Mapping[str, object]]:
        listed = self.units.to_dict("records")
        return {
            str(row["unit_id"]): {str(key): None if pd.isna(value) else value for key, value in row.items()}
            for row in listed
        }

    @cached_property
    def _places(self) -> Mapping[Any, Any]:
        """Say which rows each unit has: a city has a hundred thousand, and a page asks several times."""
        return self.rows.groupby("unit_id", sort=False).indices

    def unit_title(self, unit_id: str) -> str:
        """Name a unit: its word and code, with its name where it has one of its own."""
        row = self.unit(unit_id)
        name = row["unit"] if row["unit"] != row["unit_code"] else ""
        return self.say("atlas_unit_title", code=row["unit_code"], name=name).strip()


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """
    One page that is to be drawn: what the bookmark says, the page's paper, and where the map lies on it.

    `paint` draws everything but the page's number; it is called once, when its turn has come.
    """

    kind: str
    title: str
    page: Layout
    paint: Callable[[], Drawing]
    unit_id: str | None = None
    sheet: Sheet | None = None
    first: bool = True

    @property
    def frame(self) -> Box | None:
        """Give where the map lies, in millimetres from the upper left corner."""
        return self.page.map if self.sheet is not None else None
