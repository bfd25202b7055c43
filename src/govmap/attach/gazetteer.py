"""Which building an address or a name means, from the names of buildings and compounds, addresses and aliases."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import addresses as wording
from govmap.addresses import Address
from govmap.attach.similar import Similar

STREET = re.compile(r"(?:路|街|巷|大道|道|弄|胡同|\b(?:street|road|avenue|lane|drive|way|place|court|square))$")

# How sure a building is by what it was found: an id or a choice of the user's, the whole text of an address or name,
# compound and number, court and number, street and number, a number that one building alone has, a word cut short by a
# full stop, a name with a slip of the pen.
SURE = {
    "id": 1.0, "alias": 1.0, "text": 0.99, "house": 0.98, "court": 0.98, "street": 0.97, "number": 0.9,
    "shortened": 0.9, "slip": 0.85,
}  # fmt: skip
NEXT_TO_M, MOST_NEXT_TO = 30.0, 3
SHORTENED = re.compile(r"[^\W\d_]{2,}\.?|[^\W\d_]\.")


@dataclass(frozen=True)
class Found:
    """
    What words were found to mean: one building, or why none.

    `how` says by what it was found and `score` how sure that is (`SURE`); `instead_of` is the known name that was read
    for one with a slip of the pen, `among` the buildings that an ambiguous text may mean, or that stand next to an
    address in none.
    """

    building_id: str | None = None
    reason: str | None = None
    among: frozenset[str] = frozenset()
    instead_of: str | None = None
    how: str | None = None
    score: float = np.nan


class Gazetteer:
    """Which building an address or name means, from the names of buildings and compounds, addresses and aliases."""

    def __init__(
        self,
        buildings: pd.DataFrame,
        addresses: pd.DataFrame,
        compounds: pd.DataFrame | None = None,
        aliases: pd.DataFrame | None = None,
    ) -> None:
        self._means: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._nowhere: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        self._buildings = buildings
        self._compounds: dict[str, set[str]] = defaultdict(set)
        self.ids = frozenset(buildings["building_id"])
        self._grounded = frozenset(buildings.loc[buildings["cell_id"].notna(), "building_id"])
        names = _compound_names(compounds)
        for compound_id, known in names.items():
            for name in known:
                self._compounds[name].add(compound_id)
        self._learn_buildings(buildings, names)
        self._learn_addresses(addresses)
        named = {key[1] for key in self._means if key[0] in ("street", "house")}
        self._written = {plain(name): name for name in sorted(named)}
        self._similar = Similar(self._written)
        self._streets = sorted({key[1] for key in self._means if key[0] == "street"})
        self._aliases = (
            {} if aliases is None else dict(zip(map(plain, aliases["text"]), aliases["building_id"], strict=True))
        )

    def compound(self, name: str) -> str | None:
        """Give the compound of an id or name, where only one has it."""
        found = self._compounds.get(plain(name), set())
        return next(iter(found)) if len(found) == 1 else None

    def house(self, compound: str, number: str) -> Found | None:
        """Say which building of a compound, or of another name, has a number; None where none has it just so."""
        found = self._means.get(("house", plain(compound), plain(number)))
        return self._one_of(found, "house") if found else None

    def calls(self, text: str) -> bool:
        """Tell whether a building is called by a text as it stands."""
        return ("text", plain(text)) in self._means or plain(text) in self._aliases

    def find(self, text: str) -> Found:
        """Say which building a text means."""
        alias = self._aliases.get(plain(text))
        if alias is not None and alias in self.ids:
            return _found(alias, "alias")
        address = wording.parse(text)
        keys = [key for one in wording.readings(text) for key in _keys(one, text)]
        for key in keys:
            found = self._means.get(key)
            if found:
                return self._one_of(found, key[0])
        beside = next((key for key in keys if key in self._nowhere), None)
        if beside is not None:
            return Found(reason="address_without_building", among=self._next_to(self._nowhere[beside]))
        corrected = self._spelled_out(address, text) or self._corrected(address)
        if corrected is not None:
            return corrected
        if plain(address.name) in self._compounds and not address.building:
            return Found(reason="compound_only")
        return Found(reason="street_only" if STREET.search(address.name) else "unknown_address")

    def _one_of(self, found: set[str], how: str) -> Found:
        """Choose where one alone has ground here: what is gone or lies outside does not make a name ambiguous."""
        here = found & self._grounded or found
        return _found(next(iter(here)), how) if len(here) == 1 else Found(reason="ambiguous", among=frozenset(here))

    def _next_to(self, points: list[Any]) -> frozenset[str]:
        """Give the buildings that stand next to an address which lies in none, for the user's choice."""
        known = [point for point in points if isinstance(point, shapely.Point) and not point.is_empty]
        if self._standing is None or not known:
            return frozenset()
        tree, ids = self._standing
        point = min(known, key=lambda one: (one.x, one.y))
        near = tree.query(point, predicate="dwithin", distance=NEXT_TO_M)
        away = shapely.distance(tree.geometries[near], point).round(3)
        first = np.lexsort((ids[near], away))[:MOST_NEXT_TO]
        return frozenset(ids[near[first]])

    @cached_property
    def _standing(self) -> tuple[shapely.STRtree, Any] | None:
        """Give the buildings with ground here, to be asked for by place; None where nobody knows where they stand."""
        if "geometry" not in self._buildings:
            return None
        mine = self._buildings[self._buildings["building_id"].isin(self._grounded)]
        shapes = mine["geometry"].to_numpy(object)
        good = shapely.is_geometry(shapes)
        return shapely.STRtree(shapes[good]), mine["building_id"].to_numpy(object)[good]

    def _spelled_out(self, address: Address, text: str) -> Found | None:
        """Look up a street whose words are cut short by a full stop (Saxog. 58), where one alone begins so."""
        words = SHORTENED.findall(unicodedata.normalize("NFKC", text).casefold())
        if not address.number or not any(word.endswith(".") for word in words):
            return None
        begins = words[0].rstrip(".")
        wanted = re.compile(" ".join(re.escape(word).replace(r"\.", r"\w*") for word in words))
        first = bisect_left(self._streets, begins)
        last = bisect_right(self._streets, f"{begins}\U0010ffff", lo=first)
        near = [
            street
            for street in self._streets[first:last]
            if wanted.fullmatch(street) and ("street", street, address.number) in self._means
        ]
        if len(near) != 1:
            return None
        return replace(self._one_of(self._means["street", near[0], address.number], "shortened"), instead_of=near[0])

    def _corrected(self, address: Address) -> Found | None:
        """Look an address up under the one known street or compound whose name differs by a slip, if it has one."""
        for part, number in (("street", address.number), ("name", address.building)):
            name = self._similar.nearest(plain(getattr(address, part))) if number else None
            if name is None:
                continue
            kind = "street" if part == "street" else "house"
            rest = (number, address.building) if part == "street" and address.building else (number,)
            found = self._means.get((kind if len(rest) == 1 else "court", self._written[name], *rest))
            if found:
                return replace(self._one_of(found, "slip"), instead_of=self._written[name])
        return None

    def _learn_buildings(self, buildings: pd.DataFrame, names: Mapping[str, frozenset[str]]) -> None:
        for building_id, osm_id, name, compound_id in _names_and_numbers(buildings):
            if isinstance(osm_id, str):
                self._means["id", osm_id].add(building_id)
            if not isinstance(name, str) or not name.strip():
                continue
            self._means["text", plain(name)].add(building_id)
            address = wording.parse(name)
            number = address.building or (plain(name) if plain(name).isdigit() else "")
            within = {plain(address.name)} if number and address.name else names.get(compound_id, frozenset())
            for compound in within:
                self._means["house", compound, number or plain(name)].add(building_id)
                court = wording.parse(compound)
                if number and court.street and court.number:  # a compound called by its address: 清华东路27号院
                    self._means["court", court.street, court.number, number].add(building_id)
                self._means["text", f"{compound}{plain(name)}"].add(building_id)
            if number:
                self._means["number", number].add(building_id)

    def _learn_addresses(self, addresses: pd.DataFrame) -> None:
        names = ["building_id", "street", "house_number", "full", "geometry"]
        columns = pd.DataFrame({name: addresses.get(name) for name in names}, index=addresses.index).astype(object)
        for building_id, street, number, full, point in columns.itertuples(index=False):
            told = [_street_text(street, number)] if isinstance(street, str) and isinstance(number, str) else []
            told += [full] if isinstance(full, str) else []
            for key in dict.fromkeys(key for text in told for key in _keys_of(text)):
                if building_id in self.ids:
                    self._means[key].add(building_id)
                else:
                    self._nowhere[key].append(point)


def _found(building_id: str, how: str) -> Found:
    return Found(building_id, how=how, score=SURE[how])


def _keys_of(text: str) -> list[tuple[str, ...]]:
    """Give what an address that is known can be looked up by."""
    address = wording.parse(text)
    keys: list[tuple[str, ...]] = [("text", plain(text))]
    if address.street and address.number:
        keys.append(("street", address.street, address.number))
        if address.building:
            keys.append(("court", address.street, address.number, address.building))
    if address.name and address.building:
        keys.append(("house", plain(address.name), address.building))
    return keys


def _names_and_numbers(buildings: pd.DataFrame) -> Iterable[tuple[Any, ...]]:
    """Give building, OSM id, name and compound; where the office gave a number it stands beside the name, or for it."""
    columns = ["building_id", "osm_id", "name", "compound_id", "number", "mark"]
    for *told, compound_id, number, mark in buildings.reindex(columns=columns).astype(object).itertuples(index=False):
        building_id, osm_id, name = told
        numbered = isinstance(number, str)
        if not (numbered and isinstance(name, str) and wording.parse(name).building):
            yield building_id, osm_id, name, compound_id
        if numbered:
            yield building_id, osm_id, number, compound_id
        if isinstance(mark, str):
            yield building_id, osm_id, mark, compound_id


def plain(text: str) -> str:
    """Give a name in the one form in which names are compared."""
    return wording.normalise(str(text)).replace(" ", "")


def _street_text(street: str, number: str) -> str:
    chinese = any("一" <= letter <= "鿿" for letter in street + number)
    return f"{street}{number.removesuffix('号')}号" if chinese else f"{number} {street}"


def _compound_names(compounds: pd.DataFrame | None) -> dict[str, frozenset[str]]:
    """Give what each compound is called, its id with it."""
    if compounds is None:
        return {}
    columns = compounds.reindex(columns=["compound_id", "name", "name_zh"]).astype(object)
    return {
        row[0]: frozenset(plain(name) for name in row if isinstance(name, str) and name)
        for row in columns.itertuples(index=False)
    }


def _keys(address: Address, text: str) -> Iterable[tuple[str, ...]]:
    """Give what to look an address up by, the surest first."""
    yield "id", text
    yield "text", plain(text)
    if address.name and address.building:
        yield "house", plain(address.name), address.building
    if address.street and address.number:
        if address.building:
            yield "court", address.street, address.number, address.building
        yield "street", address.street, address.number
        yield "house", plain(address.street), address.number
    if address.building and not address.name and not address.street:
        yield "number", address.building
    if address.name and not address.building:
        yield "text", plain(address.name)
        first, _, rest = address.name.partition(",")
        yield "house", plain(rest), plain(first)
        yield "house", plain(first), plain(rest)
