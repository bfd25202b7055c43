"""A planner's hand: parts moved, units divided and put together, named, locked, and all of it taken back.

Each edit looks at a draft and gives one revision more; nothing is written here.
"""

from govmap.delineate.edit.carrying import carry
from govmap.delineate.edit.cutting import by_line, in_pieces
from govmap.delineate.edit.draft import KEPT, Draft, Edit, weights
from govmap.delineate.edit.history import edits_of, origin, redo, standing, stood, undo, units_ever
from govmap.delineate.edit.holding import hang, holds_units, inside, merge_above, split_above, units_in_pieces
from govmap.delineate.edit.labels import base, exclusive, lock, rename, unlock
from govmap.delineate.edit.lineage import lineage, overlap
from govmap.delineate.edit.moves import heaviest, merge, move, refuse_unknown, split
from govmap.delineate.edit.naming import divided, parts_named, parts_within, unit_named
from govmap.delineate.edit.rules import piece_counts
from govmap.delineate.edit.shifting import found, shift

__all__ = [
    "KEPT",
    "Draft",
    "Edit",
    "base",
    "by_line",
    "carry",
    "divided",
    "edits_of",
    "exclusive",
    "found",
    "hang",
    "heaviest",
    "holds_units",
    "in_pieces",
    "inside",
    "lineage",
    "lock",
    "merge",
    "merge_above",
    "move",
    "origin",
    "overlap",
    "parts_named",
    "parts_within",
    "piece_counts",
    "redo",
    "refuse_unknown",
    "rename",
    "shift",
    "split",
    "split_above",
    "standing",
    "stood",
    "undo",
    "unit_named",
    "units_ever",
    "units_in_pieces",
    "unlock",
    "weights",
]
