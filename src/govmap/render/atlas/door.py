"""Door sheets: a table for each building, stairwell by floor by door as empty boxes; no names, nothing filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from govmap.render.atlas import furniture
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.fonts import fitted
from govmap.render.atlas.houses import building_of
from govmap.render.atlas.paper import Box, Layout, layout
from govmap.render.svg import INK, SOFT, Drawing

FLOOR_WIDE, DOOR_WIDE, DOOR_MOST = 12.0, 14.0, 24.0
ROW, ROW_MOST, TITLE, WELL = 7.5, 10.5, 11.0, 5.5
GAP = 5.0


@dataclass(frozen=True)
class _House:
    """One building, or the floors and stairwells of it that stand beside each other."""

    title: str
    wells: Sequence[str]
    low: int
    high: int
    doors: int
    assumed: bool

    @property
    def tall(self) -> float:
        """Give how high its table is, with its title."""
        return TITLE + WELL + ROW * self.floors + GAP

    @property
    def floors(self) -> int:
        """Count its floors."""
        return self.high - self.low + 1


def leaves(desk: Desk, stairwells: pd.DataFrame, units: Sequence[str]) -> list[Leaf]:
    """Give the pages of the home buildings of units, in the order in which a person walks."""
    facts = {str(row["building_id"]): row for row in stairwells.to_dict("records")}
    page = layout(desk.paper, wide=False, panel="none", room=0)
    found = []
    for unit in units:
        rows = desk.rows_of(unit).drop_duplicates("building_id")
        known = [(row, facts[row["building_id"]]) for row in rows.to_dict("records") if row["building_id"] in facts]
        houses = [part for row, fact in known for part in _parts(_house(desk, row, fact), page.map)]
        for at, some in enumerate(_pages(houses, page.map.high)):
            paint = partial(_paint, desk, unit, page, some)
            title = desk.unit_title(unit)
            found.append(Leaf(kind="door", title=title, page=page, unit_id=unit, first=at == 0, paint=paint))
    return found


def _house(desk: Desk, row: Any, fact: Any) -> _House:
    told = [str(row["compound"])] if row.get("compound") else []
    told.append(building_of(row) or desk.called.get(str(row["building_id"])) or desk.say("atlas_nameless"))
    title = ("" if desk.voice.language == "zh" else ", ").join(told)
    return _House(title, fact["stairwells"], 1, int(fact["floors"]), int(fact["doors"]), bool(fact["assumed"]))


def _parts(house: _House, box: Box) -> list[_House]:
    """Divide a house into rows of stairwells and, where it is higher than a page, into spans of floors."""
    rows = int((box.high - TITLE - WELL - GAP) // ROW)
    beside = max(1, int((box.wide + GAP) // (FLOOR_WIDE + house.doors * DOOR_WIDE + GAP)))
    groups = [house.wells[at : at + beside] for at in range(0, len(house.wells), beside)]
    spans = [(low, min(house.high, low + rows - 1)) for low in range(1, house.high + 1, rows)]
    return [_House(house.title, some, low, high, house.doors, house.assumed) for some in groups for low, high in spans]


def _pages(houses: Sequence[_House], room: float) -> list[list[_House]]:
    """Fill pages with houses one under the other, none cut in two."""
    pages: list[list[_House]] = []
    left = 0.0
    for house in houses:
        if house.tall > left:
            pages.append([])
            left = room
        pages[-1].append(house)
        left -= house.tall
    return pages


def _paint(desk: Desk, unit: str, page: Layout, houses: Sequence[_House]) -> Drawing:
    title = desk.unit_title(unit)
    made = furniture.begin(page, title)
    furniture.head(made, desk, page, title, f"{desk.title}　{desk.say('atlas_door_about')}")
    y, row = page.map.y, _row(houses, page.map.high)
    for house in houses:
        tall = house.tall + (row - ROW) * house.floors
        _draw(made, desk, house, Box(page.map.x, y, page.map.wide, tall), row)
        y += tall
    furniture.foot(made, desk, page, None)
    return made


def _row(houses: Sequence[_House], room: float) -> float:
    """Give how high a box is: higher where the page has room, for there is much to write."""
    spare = room - sum(house.tall for house in houses)
    return min(ROW_MOST, ROW + max(0.0, spare) / sum(house.floors for house in houses))


def _draw(made: Drawing, desk: Desk, house: _House, box: Box, row: float) -> None:
    made.text(box.x, box.y + 5, fitted(house.title, 4.4, box.wide, bold=True), 4.4, INK, bold=True)
    if house.assumed:
        made.text(box.x, box.y + 9, fitted(desk.say("atlas_door_assumed"), 2.5, box.wide), 2.5, SOFT)
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
