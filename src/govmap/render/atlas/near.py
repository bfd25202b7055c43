"""What lies near: the rows of released tables that touch a window, found by trees that are built once a book."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap.publish import Released
from govmap.render.atlas.paper import Window
from govmap.render.place import shapes_of

DRAWN = ("features", "buildings", "streets", "barriers", "entrances", "resources", "incidents", "compounds", "units")
FINE = 1 / 400  # of the whole, that a miniature leaves out


@dataclass(frozen=True)
class Near:
    """Released tables with a tree over the shapes of each that maps draw."""

    released: Released
    trees: dict[str, shapely.STRtree] = field(default_factory=dict)

    @classmethod
    def of(cls, released: Released) -> "Near":
        """Build the trees."""
        frames = {name: released.tables[name] for name in DRAWN if name in released.tables}
        held = {name: frame for name, frame in frames.items() if "geometry" in frame}
        return cls(released, {name: shapely.STRtree(shapes_of(frame)) for name, frame in held.items()})

    def rows(self, name: str, window: Window) -> pd.DataFrame:
        """Give the rows of one table that touch a window, in the order of the table."""
        frame = self.released.tables[name]
        return frame.iloc[np.sort(self.trees[name].query(shapely.box(*window)))].reset_index(drop=True)

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
