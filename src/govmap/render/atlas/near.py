"""What lies near: the rows of released tables that touch a window, found by trees that are built once a book."""

from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from govmap.publish import Released
from govmap.render.atlas.paper import Window
from govmap.render.place import shapes_of

DRAWN = ("features", "buildings", "streets", "barriers", "entrances", "resources", "incidents", "compounds", "units")


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

    def within(self, window: Window) -> Released:
        """Keep the rows that touch a window; tables that are not drawn stay whole."""
        box = shapely.box(*window)
        cut = {
            name: self.released.tables[name].iloc[np.sort(tree.query(box))].reset_index(drop=True)
            for name, tree in self.trees.items()
        }
        return replace(self.released, tables={**self.released.tables, **cut})
