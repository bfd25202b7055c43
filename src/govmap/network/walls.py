"""What the few steps between a door and its street may not cross: barriers, and walls of compounds that have gates."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from govmap.geometry import Bools, Floats, Ints, Shapes, lengths

NEVER_CROSSED = 1.0
GATE = "gate"
TOUCH_M = 0.02  # a step may begin or end on a wall: a gate in it, a quay along the water
NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Walls:
    """
    Lines nobody steps across, and the gates of walled compounds.

    `compound` numbers the compound that a line is the outline of (-1: a barrier); `gates` are points with the number
    of their compound in `gate_of`; `grounds` are the compounds themselves.
    """

    lines: Shapes
    compound: Ints
    grounds: Shapes
    gates: Floats
    gate_of: Ints

    def bar(self, start: Floats, stop: Floats, own: Ints | None = None) -> Bools:
        """Tell which straight steps would cross a wall; the wall of the compound named in `own` does not count."""
        barred = np.zeros(len(start), bool)
        if not len(self.lines) or not len(start):
            return barred
        far = lengths(start, stop)
        long = np.flatnonzero(far > 2 * TOUCH_M)
        trim = (stop[long] - start[long]) * (TOUCH_M / far[long])[:, None]
        steps = shapely.linestrings(np.stack([start[long] + trim, stop[long] - trim], axis=1))
        step, wall = shapely.STRtree(self.lines).query(steps, predicate="intersects")
        if own is not None:
            others = (self.compound[wall] < 0) | (self.compound[wall] != own[long][step])
            step = step[others]
        barred[long[step]] = True
        return barred

    def ground_of(self, points: Floats) -> Ints:
        """Give the number of the walled compound each point lies in (the smallest of several), -1 for none."""
        found = np.full(len(points), -1)
        if not len(self.grounds) or not len(points):
            return found
        point, ground = shapely.STRtree(self.grounds).query(shapely.points(points), predicate="intersects")
        order = np.lexsort((ground, shapely.area(self.grounds)[ground], point))
        first = np.unique(point[order], return_index=True)[1]
        found[point[order][first]] = ground[order][first]
        return found


def walls(barriers: pd.DataFrame | None, compounds: pd.DataFrame | None, entrances: pd.DataFrame | None) -> Walls:
    """
    Gather what bars a step.

    Parameters
    ----------
    barriers
        Those on the ground of strength 1 bar.
    compounds, entrances
        The outline of a compound bars where `entrances` has gates for it (`kind` gate with its `compound_id`);
        of a compound without a known gate nobody knows whether it is walled.
    """
    barring = _barring(barriers)
    grounds, gates, gate_of = _gated(compounds, entrances)
    lines = np.concatenate([barring, np.asarray(shapely.boundary(grounds), object)])
    number = np.concatenate([np.full(len(barring), -1), np.arange(len(grounds))])
    return Walls(lines, number, grounds, gates, gate_of)


def _barring(barriers: pd.DataFrame | None) -> Shapes:
    if barriers is None or barriers.empty:
        return np.zeros(0, object)
    strong = barriers["strength"].fillna(0.0).to_numpy(float) >= NEVER_CROSSED
    ground = barriers["on_ground"].astype("boolean").fillna(value=True).to_numpy(bool)
    return _shapes(barriers[strong & ground].sort_values("barrier_id", kind="stable"))


def _gated(compounds: pd.DataFrame | None, entrances: pd.DataFrame | None) -> tuple[Shapes, Floats, Ints]:
    """Give the compounds that have gates, sorted by id, with their gates."""
    if compounds is None or entrances is None:
        return np.zeros(0, object), np.zeros((0, 2)), NONE
    gates = entrances[(entrances["kind"] == GATE) & entrances["compound_id"].isin(compounds["compound_id"])]
    gates = gates[~shapely.is_missing(np.asarray(gates["geometry"], object))].sort_values("entrance_id", kind="stable")
    walled = compounds[compounds["compound_id"].isin(gates["compound_id"])].sort_values("compound_id", kind="stable")
    number = pd.Index(walled["compound_id"]).get_indexer(gates["compound_id"])
    shapes = np.asarray(walled["geometry"].to_numpy(object), object)
    return shapes, shapely.get_coordinates(np.asarray(gates["geometry"], object)), np.asarray(number, np.int64)


def _shapes(rows: pd.DataFrame) -> Shapes:
    shapes: Shapes = np.asarray(rows["geometry"], object)
    return shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
