"""What a planner's hand works on, as packs for the desk alone: the ground of each building, walls, and gates."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from govmap.render.compact import Pack
from govmap.render.place import Frame, Ground, column, ordered, shapes_of

CELL_TOLERANCE_M = 0.5

Places = Mapping[str, int]


def pack_cells(tables: Mapping[str, Frame], here: Ground, place: Places, building_at: Places) -> Pack | None:
    """
    Pack the cells, in the order of their keys: their building and the unit that holds their first part, as rows.

    They are simplified together, so that they still leave no gap.
    """
    cells = tables.get("cells")
    if cells is None or cells.empty:
        return None
    rows = cells.sort_values("cell_id", kind="stable")
    shapes = shapely.coverage_simplify(shapes_of(rows), CELL_TOLERANCE_M)
    pack = Pack(len(rows)).shapes(here.degrees(np.asarray(shapes, dtype=object))).texts("id", rows["cell_id"])
    pack.numbers("building", column(rows, "building_id").map(building_at))
    return pack.numbers("unit", rows["cell_id"].map(_unit_of(tables)).map(place))


def _unit_of(tables: Mapping[str, Frame]) -> Mapping[str, str]:
    parts, held = tables.get("parts"), tables.get("plan_parts")
    if parts is None or held is None:
        return {}
    both = parts[["part_id", "cell_id"]].merge(held[["part_id", "unit_id"]], on="part_id").sort_values("part_id")
    first = both.dropna().drop_duplicates("cell_id")
    return dict(zip(first["cell_id"], first["unit_id"], strict=True))


def pack_lines(frame: Frame | None, here: Ground, key: str, texts: Sequence[str]) -> Pack | None:
    """Pack walls or gates with their keys."""
    if frame is None or frame.empty:
        return None
    rows, shapes = ordered(frame[here.seen(frame)], here, (key,))
    pack = Pack(len(rows)).shapes(shapes).texts("id", rows[key])
    for name in texts:
        pack.texts(name, column(rows, name))
    return pack
