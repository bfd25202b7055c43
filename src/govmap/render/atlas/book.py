"""A book of sheets: which pages a kind has and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from govmap.render.atlas import carry, change, cover, door, numbering, one_unit, residents, wall
from govmap.render.atlas.desk import Desk, Leaf

NOTHING = pd.DataFrame()


@dataclass(frozen=True, kw_only=True)
class Material:
    """What one kind of sheet needs beyond what was released; empty for the other kinds."""

    incidents: pd.DataFrame = field(default_factory=pd.DataFrame)
    stairwells: pd.DataFrame = field(default_factory=pd.DataFrame)
    former: change.Former = field(default_factory=change.Former)
    marks: pd.DataFrame = field(default_factory=pd.DataFrame)
    residents: pd.DataFrame = field(default_factory=pd.DataFrame)


def leaves(desk: Desk, kind: str, units: Sequence[str], material: Material, *, with_cover: bool) -> list[Leaf]:
    """List the pages of a book; none is drawn yet."""
    if kind == "wall":
        return wall.leaves(desk)
    if kind == "change":
        return change.leaves(desk, material.former, units)
    if kind == "door":
        return door.leaves(desk, material.stairwells, units)
    if kind == "numbering":
        made = numbering.leaves(desk, material.marks, units)
    else:
        how = carry.kind(desk, material.incidents, units) if kind == "carry" else one_unit.BOARD
        some = residents.by_unit(material.residents)
        made = [leaf for unit in units for leaf in _of_unit(desk, unit, how, some.get(unit))]
    return cover.bound(desk, made, kind) if with_cover else made


def _of_unit(desk: Desk, unit: str, how: one_unit.Kind, named: pd.DataFrame | None) -> list[Leaf]:
    """Give the sheets of one unit, and behind them those that name its residents where somebody asked for that."""
    made = one_unit.leaves(desk, unit, how)
    return made if named is None else [*made, *residents.leaves(desk, unit, named)]
