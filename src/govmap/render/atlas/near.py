"""What lies near: the rows of released tables that touch a window, found by trees that are built once a book."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap.publish import Released
from govmap.render.atlas.paper import Window
from govmap.render.place import Shapes, column, shapes_of

DRAWN = {
    "features": ("class", "kind", "name", "name_zh"),
    "buildings": ("building_id", "status", "unit_id"),
    "streets": ("name",),
    "barriers": ("kind",),
    "entrances": ("kind",),
    "resources": ("resource_id", "category"),
    "units": ("unit_id", "parent_unit_id", "code", "colour"),
}
KEYS = {"buildings": "building_id", "units": "unit_id"}
FINE = 1 / 400  # of the whole, that a miniature leaves out


@dataclass(frozen=True)
class Near:
    """Released tables, and what maps draw of them: plain columns alone, with a tree over the shapes of each."""

    released: Released
    drawn: dict[str, pd.DataFrame] = field(default_factory=dict)
    trees: dict[str, shapely.STRtree] = field(default_factory=dict)

    @classmethod
    def of(cls, released: Released) -> "Near":
        """Build the trees."""
        held = {name: released.tables[name] for name in DRAWN if name in released.tables}
        drawn = {name: _plain(frame, DRAWN[name]) for name, frame in held.items() if "geometry" in frame}
        return cls(released, drawn, {name: shapely.STRtree(shapes_of(frame)) for name, frame in drawn.items()})

    def rows(self, name: str, window: Window) -> pd.DataFrame:
        """Give what is drawn of one table and touches a window, in the order of the table."""
        frame = self.drawn[name]
        return frame.iloc[np.sort(self.trees[name].query(shapely.box(*window)))].reset_index(drop=True)

    def shapes_by(self, name: str, keys: Iterable[Any]) -> Shapes:
        """Give the shapes of buildings or units, in the order of their table; those that are there."""
        if name not in self.drawn:
            return np.empty(0, dtype=object)
        places = self._places[name]
        return shapes_of(self.drawn[name])[sorted({places[one] for one in keys if one in places})]

    @cached_property
    def _places(self) -> dict[str, dict[Any, int]]:
        return {
            name: {one: at for at, one in enumerate(self.drawn[name][key].tolist())}
            for name, key in KEYS.items()
            if name in self.drawn
        }

    @cached_property
    def whole(self) -> Any:
        """Give the ground of all communities, else of all units, in few points; None where there is none."""
        for name in ("communities", "units"):
            frame = self.released.tables.get(name)
            ground = None if frame is None or "geometry" not in frame else shapely.union_all(shapes_of(frame))
            if ground is not None and not ground.is_empty:
                west, south, east, north = ground.bounds
                return shapely.simplify(ground, FINE * max(east - west, north - south))
        return None

    def within(self, window: Window) -> Released:
        """Keep the rows that touch a window; tables that are not drawn stay whole."""
        cut = {name: self.rows(name, window) for name in self.trees}
        return replace(self.released, tables={**self.released.tables, **cut})


def _plain(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Give some columns as plain Python values: pages take rows of them hundreds of times."""
    held = {name: column(frame, name).to_numpy(object) for name in names if name in frame}
    return pd.DataFrame({**held, "geometry": shapes_of(frame)})
