"""Which parts the words of a former division mean: a building with its stairwells and floors, a street, a compound.

What a row says more narrowly goes before what it says widely: a stairwell before its building, a building before one
house number, that before a stretch of street, that before a whole compound or street. A building with several addresses
goes with the first of them, the others count where nobody says that one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from govmap import addresses as wording
from govmap.addresses import Stretch
from govmap.attach.gazetteer import Gazetteer, plain
from govmap.attach.places import texts

STAIRWELL, BUILDING, HOUSE, HOUSE_TOO, STRETCH, STRETCH_TOO, WHOLE, COUNTED, SHAPE = range(9)
HAN, DIGIT = re.compile(r"[一-鿿]"), re.compile(r"\d")
Finding = tuple[int, str, int | None, str, str] | tuple[int, str, int | None, str, str, float]
Row = Mapping[Any, Any]


class Claim(NamedTuple):
    """A part that a row says a unit holds; the lower the rank, the more narrowly it is said."""

    part_id: str
    unit: str
    row: int
    rank: int


class Ground(NamedTuple):
    """The tables of a project that a former division is compared with."""

    parts: pd.DataFrame
    buildings: pd.DataFrame
    addresses: pd.DataFrame
    cells: gpd.GeoDataFrame
    compounds: pd.DataFrame | None = None
    aliases: pd.DataFrame | None = None


class _Several(NamedTuple):
    """A name that several buildings have, or buildings that are only counted: one unit alone may mean them all."""

    row: Row
    place: int | None
    text: str
    buildings: frozenset[str]
    how_many: int | None = None


Said = Claim | Finding | _Several


class Reader:
    """Finds the parts that words mean."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._gazetteer = Gazetteer(ground.buildings, ground.addresses, ground.compounds, ground.aliases)
        self._parts: dict[str, list[str]] = defaultdict(list)
        self._within: dict[str, list[tuple[str, str, float, float]]] = defaultdict(list)
        columns = (texts(ground.parts, name) for name in ("building_id", "part_id", "entrance"))
        floors = (_floors(ground.parts, name) for name in ("floor_from", "floor_to"))
        for building, part, entrance, low, high in zip(*columns, *floors, strict=True):
            self._parts[building].append(part)
            self._within[building].append((part, _door(entrance), low, high))
        self._of_compound = _grouped(ground.buildings, "compound_id")
        self._streets = _houses(ground.addresses)

    def read(self, rows: pd.DataFrame) -> tuple[list[Claim], list[Finding]]:
        """
        Read every row.

        Parameters
        ----------
        rows
            source_row, unit, and any of covers, address, building_id, part.

        Returns
        -------
        claims, findings
            Parts that rows claim for units; what was not understood, or is not known here.
        """
        claims: list[Claim] = []
        findings: list[Finding] = []
        several: list[_Several] = []
        for row in rows.to_dict("records"):
            for said in (*self._named(row), *self._prose(row)):
                if isinstance(said, Claim):
                    claims.append(said)
                elif isinstance(said, _Several):
                    several.append(said)
                else:
                    findings.append(said)
        settled = list(self._of_one_unit(several))
        claims += [one for one in settled if isinstance(one, Claim)]
        return claims, [*findings, *(one for one in settled if not isinstance(one, Claim))]

    # one building ------------------------------------------------------------------------------------------------
    def _named(self, row: Row) -> Iterator[Said]:
        """Read a row about one building, or about some in the words of an address: 幸福小区, 1-8号楼."""
        part = row.get("part")
        places = wording.within(part) if isinstance(part, str) and part else []
        if isinstance(part, str) and part and not places:
            yield (row["source_row"], row["unit"], None, part, "not_understood")
        for text in (row.get("building_id"), row.get("address")):
            if isinstance(text, str) and text:
                if text in self._gazetteer.ids:
                    for doors, floors in places or [((), None)]:
                        yield from self._parts_of(row, text, BUILDING, text, tuple(doors), floors, None)
                elif self._gazetteer.find(text).reason in (None, "ambiguous") or not self._listed(text).stretches:
                    door = _door(wording.parse(text).entrance)
                    for doors, floors in places or [((door,) if door else (), None)]:
                        yield from self._building(row, text, doors, floors, None)
                else:
                    yield from self._prose({**row, "covers": text})
                return

    def _prose(self, row: Row) -> Iterator[Said]:
        """Read a cell that says in prose what a unit covers."""
        text = row.get("covers")
        if not isinstance(text, str) or not text:
            return
        found = self._listed(text)
        for place, words in found.unknown:
            yield (row["source_row"], row["unit"], place, words, "not_understood")
        for place, name, count in found.nameless:
            words = text[place : place + len(name) + 10] if HAN.search(text) else text[place:].partition(",")[0]
            yield _Several(row, place, words, self._nameless(name), count)
        for stretch in found.stretches:
            place = max(text.casefold().find(stretch.name.casefold()), 0)
            street = stretch.kind == "street" and (plain(stretch.name) in self._streets or not self._holds(stretch))
            if stretch.kind == "whole":
                yield from self._whole(row, stretch, place)
            elif street:
                yield from self._street(row, stretch, place)
            else:
                yield from self._numbers(row, stretch, place)

    def _listed(self, text: str) -> wording.Listed:
        return wording.listed(text, self._knows)

    def _knows(self, text: str) -> bool:
        """Tell whether a text is a name as it stands: of a compound, a street or a building."""
        if plain(text) in self._streets or self._gazetteer.compound(text) is not None:
            return True
        return self._gazetteer.calls(text)

    def _holds(self, stretch: Stretch) -> bool:
        """Tell whether a name with numbers is a compound's, and the numbers its buildings'."""
        return self._gazetteer.compound(stretch.name) is not None

    def _numbers(self, row: Row, stretch: Stretch, place: int) -> Iterator[Said]:
        """Read numbers of a compound's buildings; of a run in a street where there is no such compound, its houses."""
        street = plain(stretch.name) in self._streets and not self._holds(stretch)
        if stretch.kind == "building" and street and not HAN.search(stretch.name):
            for number in stretch.numbers:
                digits = int(re.sub(r"\D", "", number) or 0)
                one = Stretch(stretch.name, "street", low=digits, high=digits, number=number)
                yield from self._street(row, one, place)
            return
        numbers = stretch.numbers
        if stretch.kind == "street":
            low, high = stretch.low or 0, stretch.high or stretch.low or 0
            every = [str(one) for one in range(low, high + 1)] if not stretch.number else [stretch.number]
            odd = stretch.parity == "odd"
            numbers = tuple(one for one in every if stretch.parity == "all" or (int(one) % 2 == 1) == odd)
            numbers = tuple(one for one in numbers if one not in stretch.without)
        for number in numbers:
            chinese = HAN.search(stretch.name) or HAN.search(row.get("covers") or "")
            words = f"{stretch.name}{number}号楼" if chinese else f"{stretch.name} block {number}"
            yield from self._building(row, words, stretch.entrances, stretch.floors, place, (stretch.name, number))

    def _building(
        self,
        row: Row,
        text: str,
        doors: Iterable[str],
        floors: tuple[int, int] | None,
        place: int | None,
        house: tuple[str, str] | None = None,
    ) -> Iterator[Said]:
        found = self._gazetteer.house(*house) if house else None
        found = found or self._gazetteer.find(text)
        if found.building_id is not None:
            yield from self._parts_of(row, found.building_id, BUILDING, text, tuple(doors), floors, place)
        elif found.reason == "ambiguous" and not tuple(doors) and not DIGIT.search(text):
            yield _Several(row, place, text, found.among)
        else:
            reason = "ambiguous" if found.reason == "ambiguous" else "unknown_building"
            yield (row["source_row"], row["unit"], place, text, reason)

    def _parts_of(
        self,
        row: Row,
        building: str,
        rank: int,
        text: str,
        doors: tuple[str, ...],
        floors: tuple[int, int] | None,
        place: int | None,
    ) -> Iterator[Claim | Finding]:
        """Claim a building's parts, or those of some stairwells and floors."""
        every = self._parts.get(building, [])
        for door in [_door(one) for one in doors] or [""]:
            held = every
            if door or floors:
                held = [
                    part
                    for part, own, low, high in self._within.get(building, [])
                    if (not door or own == door)
                    and (floors is None or np.isnan(low) or (low <= floors[1] and high >= floors[0]))
                ]
            if not held and door:
                # A building that is one part cannot be given away by the stairwell; all of it goes with the first.
                yield (row["source_row"], row["unit"], place, f"{text}{door}单元", "unknown_stairwell")
            narrow = STAIRWELL if held and len(held) < len(every) else rank
            for part in held or every:
                yield Claim(part, row["unit"], row["source_row"], narrow)

    # streets and compounds ---------------------------------------------------------------------------------------
    def _street(self, row: Row, stretch: Stretch, place: int) -> Iterator[Said]:
        houses = self._streets.get(plain(stretch.name), ())
        if stretch.number:
            wanted = plain(stretch.number)
            own = {(one.building, one.first) for one in houses if one.written == wanted}
            held = own or {(one.building, one.first) for one in houses if one.number == stretch.low}
            ranks = (HOUSE, HOUSE_TOO)
        else:
            gone = {int(one) for one in stretch.without if one.isdigit()}
            held = {
                (one.building, one.first)
                for one in houses
                if (stretch.low is None or stretch.low <= one.number <= (stretch.high or stretch.low))
                and (stretch.parity == "all" or one.number % 2 == (stretch.parity == "odd"))
                and one.number not in gone
            }
            ranks = (STRETCH, STRETCH_TOO)
        if not held:
            yield (row["source_row"], row["unit"], place, stretch.name, "unknown_street")
        narrow = (tuple(stretch.entrances), stretch.floors) if stretch.number else ((), None)
        for building, first in sorted(held):
            rank = ranks[0] if first or (building, True) in held else ranks[1]
            yield from self._parts_of(row, building, rank, stretch.name, *narrow, place)

    def _whole(self, row: Row, stretch: Stretch, place: int) -> Iterator[Said]:
        compound = self._gazetteer.compound(stretch.name)
        held: list[str] = self._of_compound.get(compound, []) if compound else []
        narrow = bool(stretch.entrances or stretch.floors)
        if held and narrow:  # a building that is called like its compound
            held = []
        if not held and plain(stretch.name) in self._streets and not self._gazetteer.calls(stretch.name):
            yield from self._street(row, stretch, place)
            return
        if held:
            gone = {self._one(stretch.name, number) for number in stretch.without}
            for building in held:
                if building not in gone:
                    yield from self._parts_of(row, building, WHOLE, stretch.name, (), None, place)
            return
        found = self._gazetteer.find(stretch.name)
        if found.reason == "ambiguous" and not stretch.entrances and not DIGIT.search(stretch.name):
            yield _Several(row, place, stretch.name, found.among)
        elif found.building_id is None:
            reason = "ambiguous" if found.reason == "ambiguous" else "unknown_name"
            yield (row["source_row"], row["unit"], place, stretch.name, reason)
        else:
            told = (stretch.name, tuple(stretch.entrances), stretch.floors, place)
            yield from self._parts_of(row, found.building_id, BUILDING, *told)

    def _one(self, compound: str, number: str) -> str | None:
        """Give the building of a compound that has a number."""
        found = self._gazetteer.house(compound, number) or self._gazetteer.find(f"{compound}{number}号楼")
        return found.building_id

    # what one unit alone may mean -------------------------------------------------------------------------------
    def _of_one_unit(self, several: list[_Several]) -> Iterator[Claim | Finding]:
        """Give buildings of one name, or that are only counted, to the unit that alone names them; else say so."""
        units: dict[frozenset[str], set[str]] = defaultdict(set)
        for said in several:
            units[said.buildings].add(said.row["unit"])
        for said in several:
            row, alone = said.row, len(units[said.buildings]) == 1
            counted = said.how_many is not None
            if said.buildings and alone and (not counted or said.how_many == len(said.buildings)):
                for building in sorted(said.buildings):
                    for part in self._parts.get(building, []):
                        yield Claim(part, row["unit"], row["source_row"], COUNTED if counted else BUILDING)
            else:
                reason = "only_counted" if counted else "ambiguous"
                yield (row["source_row"], row["unit"], said.place, said.text, reason)

    def _nameless(self, compound: str) -> frozenset[str]:
        """Give the buildings without a name, number or address in a compound, or outside all of them."""
        home = self._gazetteer.compound(compound) if compound else None
        if compound and home is None:
            return frozenset()
        return frozenset(self._without_name.get(home or "", ()))

    @cached_property
    def _without_name(self) -> dict[str, list[str]]:
        rows = self._ground.buildings
        known = rows.reindex(columns=["name", "number", "mark"]).notna().any(axis=1)
        known |= rows["building_id"].isin(self._ground.addresses["building_id"]) & rows["compound_id"].isna()
        left = rows[~known & rows["building_id"].isin(list(self._parts))].sort_values("building_id")
        homes = left["compound_id"].astype(object).where(left["compound_id"].notna(), "")
        return {str(home): list(held) for home, held in left.groupby(homes, sort=True)["building_id"]}


def _floors(parts: pd.DataFrame, name: str) -> Any:
    return pd.to_numeric(parts[name], errors="coerce").to_numpy(float, na_value=np.nan)


def _door(entrance: object) -> str:
    """Give a stairwell as it is compared: its number, without the word behind it."""
    if not isinstance(entrance, str) or not entrance:
        return ""
    return wording.parse(f"{entrance}单元").entrance if entrance.isalnum() else wording.parse(entrance).entrance


def _grouped(buildings: pd.DataFrame, by: str) -> dict[str, list[str]]:
    rows = buildings.dropna(subset=[by]).sort_values("building_id")
    return {str(key): list(held) for key, held in rows.groupby(by, sort=True)["building_id"]}


class _House(NamedTuple):
    """A house number of a street: as a number, as it is written, its building, and whether that is its first."""

    number: int
    written: str
    building: str
    first: bool


def _houses(addresses: pd.DataFrame) -> dict[str, list[_House]]:
    """Give the houses of each street; of 12甲 and 12-1 the number is 12."""
    rows = addresses.dropna(subset=["street", "house_number", "building_id"])
    rows = rows.assign(written=rows["house_number"].astype(str).map(plain))
    rows = rows.assign(number=rows["written"].str.extract(r"^\s*(\d+)", expand=False)).dropna(subset=["number"])
    rows = rows.assign(number=rows["number"].astype(int)).sort_values(["building_id", "street", "number", "written"])
    first = ~rows["building_id"].duplicated()
    found: dict[str, list[_House]] = defaultdict(list)
    columns = (rows[name] for name in ("street", "number", "written", "building_id"))
    for street, number, written, building, once in zip(*columns, first, strict=True):
        found[plain(str(street))].append(_House(int(number), str(written), str(building), bool(once)))
    return found
