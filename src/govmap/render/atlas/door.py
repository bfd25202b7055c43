"""Door sheets: a table for each building, stairwell by floor by door as empty boxes; no names, nothing filled in.

Buildings of few doors stand beside each other, as on a shelf, so that a street of houses is no heap of paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import pandas as pd

from govmap.render.atlas import furniture
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.fonts import fitted, measured, shrunk
from govmap.render.atlas.houses import building_of
from govmap.render.atlas.paper import Box, Layout, layout
from govmap.render.svg import INK, SOFT, Drawing

FLOOR_WIDE, DOOR_WIDE, DOOR_MOST = 12.0, 14.0, 24.0
ROW, ROW_MOST, TITLE, WELL = 7.5, 10.5, 11.0, 5.5
GAP = 5.0
TITLE_MM, NOTE_MM = 4.4, 2.5  # of type
TITLE_LEAST, NOTE_LEAST = 0.6, 0.7  # of those, where there is little room


@dataclass(frozen=True)
class _House:
    """One building, or the floors and stairwells of it that stand beside each other."""

    title: str
    wells: Sequence[str]
    low: int
    high: int
    doors: int
    note: str

    @property
    def tall(self) -> float:
        """Give how high its table is, with its title."""
        return TITLE + WELL + ROW * self.floors + GAP

    @property
    def floors(self) -> int:
        """Count its floors."""
        return self.high - self.low + 1

    @property
    def wide(self) -> float:
        """Give how wide it stands where there is room, with its title."""
        wells = len(self.wells) * (FLOOR_WIDE + self.doors * DOOR_MOST + GAP) - GAP
        note = measured(self.note, NOTE_MM * NOTE_LEAST)
        return max(wells, measured(self.title, TITLE_MM, bold=True) + 0.1, note + 0.1)


Shelf: TypeAlias = Sequence[_House]


def leaves(desk: Desk, stairwells: pd.DataFrame, units: Sequence[str]) -> list[Leaf]:
    """Give the pages of the home buildings of units, in the order in which a person walks."""
    facts = {str(row["building_id"]): row for row in stairwells.to_dict("records")}
    page = layout(desk.paper, wide=False, panel="none", room=0)
    found = []
    for unit in units:
        rows = desk.rows_of(unit).drop_duplicates("building_id")
        known = [(row, facts[row["building_id"]]) for row in rows.to_dict("records") if row["building_id"] in facts]
        houses = [part for row, fact in known for part in _parts(_house(desk, row, fact), page.map)]
        for at, some in enumerate(_pages(_shelves(houses, page.map.wide), page.map.high)):
            paint = partial(_paint, desk, unit, page, some)
            title = desk.unit_title(unit)
            found.append(Leaf(kind="door", title=title, page=page, unit_id=unit, first=at == 0, paint=paint))
    return found


def _house(desk: Desk, row: Any, fact: Any) -> _House:
    told = [str(row["compound"])] if row.get("compound") else []
    told.append(building_of(row) or desk.called.get(str(row["building_id"])) or desk.say("atlas_nameless"))
    title = ("" if desk.voice.language == "zh" else ", ").join(told)
    note = desk.say("atlas_door_assumed") if fact["assumed"] else ""
    return _House(title, fact["stairwells"], 1, int(fact["floors"]), int(fact["doors"]), note)


def _parts(house: _House, box: Box) -> list[_House]:
    """Divide a house into rows of stairwells and, where it is higher than a page, into spans of floors."""
    rows = int((box.high - TITLE - WELL - GAP) // ROW)
    beside = max(1, int((box.wide + GAP) // (FLOOR_WIDE + house.doors * DOOR_WIDE + GAP)))
    groups = [house.wells[at : at + beside] for at in range(0, len(house.wells), beside)]
    spans = [(low, min(house.high, low + rows - 1)) for low in range(1, house.high + 1, rows)]
    return [_House(house.title, some, low, high, house.doors, house.note) for some in groups for low, high in spans]


def _shelves(houses: Sequence[_House], room: float) -> list[Shelf]:
    """Put houses beside each other as long as all of a row have room at their full width."""
    shelves: list[list[_House]] = []
    left = 0.0
    for house in houses:
        if house.wide > left:
            shelves.append([])
            left = room + 1e-6
        shelves[-1].append(house)
        left -= house.wide + GAP
    return list(shelves)


def _tall(shelf: Shelf) -> float:
    return max(house.tall for house in shelf)


def _floors(shelf: Shelf) -> int:
    return max(house.floors for house in shelf)


def _pages(shelves: Sequence[Shelf], room: float) -> list[list[Shelf]]:
    """Fill pages with rows of houses one under the other, none cut in two."""
    pages: list[list[Shelf]] = []
    left = 0.0
    for shelf in shelves:
        if _tall(shelf) > left:
            pages.append([])
            left = room
        pages[-1].append(shelf)
        left -= _tall(shelf)
    return pages


def _paint(desk: Desk, unit: str, page: Layout, shelves: Sequence[Shelf]) -> Drawing:
    title = desk.unit_title(unit)
    made = furniture.begin(page, title)
    furniture.head(made, desk, page, title, f"{desk.title}　{desk.say('atlas_door_about')}")
    y, row = page.map.y, _row(shelves, page.map.high)
    for shelf in shelves:
        x, tall = page.map.x, _tall(shelf) + (row - ROW) * _floors(shelf)
        for house in shelf:
            _draw(made, desk, house, Box(x, y, house.wide if len(shelf) > 1 else page.map.wide, tall), row)
            x += house.wide + GAP
        y += tall
    furniture.foot(made, desk, page, None)
    return made


def _row(shelves: Sequence[Shelf], room: float) -> float:
    """Give how high a box is: higher where the page has room, for there is much to write."""
    spare = room - sum(map(_tall, shelves))
    return min(ROW_MOST, ROW + max(0.0, spare) / sum(map(_floors, shelves)))


def _draw(made: Drawing, desk: Desk, house: _House, box: Box, row: float) -> None:
    told, size = shrunk(house.title, TITLE_MM, box.wide, TITLE_MM * TITLE_LEAST, bold=True)
    made.text(box.x, box.y + 5, told, size, INK, bold=True)
    if house.note:
        told, size = shrunk(house.note, NOTE_MM, box.wide, NOTE_MM * NOTE_LEAST)
        made.text(box.x, box.y + 9, told, size, SOFT)
    beside = len(house.wells)
    room = (box.wide - GAP * (beside - 1)) / beside
    wide = min(room, FLOOR_WIDE + house.doors * DOOR_MOST)
    for at, well in enumerate(house.wells):
        _well(made, desk, well, house, Box(box.x + at * (wide + GAP), box.y + TITLE, wide, box.high - TITLE), row)


def _well(made: Drawing, desk: Desk, well: str, house: _House, box: Box, row: float) -> None:
    told = fitted(desk.say("atlas_door_well", door=well), 3.2, box.wide, bold=True)
    made.text(box.x, box.y + 3.9, told, 3.2, INK, bold=True)
    wide = (box.wide - FLOOR_WIDE) / house.doors
    for at, floor in enumerate(range(house.high, house.low - 1, -1)):
        y = box.y + WELL + row * at
        made.text(
            box.x, y + row * 0.64, fitted(desk.say("atlas_door_floor", floor=floor), 2.7, FLOOR_WIDE - 1), 2.7, INK
        )
        for door in range(house.doors):
            x = box.x + FLOOR_WIDE + door * wide
            made.rect(x, y, wide, row, "none", stroke=INK, stroke_width=0.2)
            made.text(x + 0.7, y + 2.4, f"{floor}{door + 1:02d}", 2.0, SOFT)
