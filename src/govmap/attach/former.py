"""Last year's division: which parts each of its units holds, told by polygons, by a list of buildings, or in prose.

What a row says more narrowly goes before what it says widely: a stairwell before its building, a building before a
stretch of street, that before a whole compound or street, and all of them before a polygon. What cannot be understood,
or is said twice, is found and told; nothing is guessed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap import addresses as wording
from govmap.addresses import Stretch
from govmap.attach.gazetteer import STREET, Gazetteer, plain
from govmap.attach.places import texts

STAIRWELL, BUILDING, STRETCH, WHOLE, SHAPE = range(5)
CUT, OVERLAP_M2 = 0.99, 1.0
Finding = tuple[int, str, int | None, str, str] | tuple[int, str, int | None, str, str, float]
FINDINGS = ["row", "unit", "place", "text", "reason", "area_m2"]


class Claim(NamedTuple):
    """A part that a row says a unit holds; the lower the rank, the more narrowly it is said."""

    part_id: str
    unit: str
    row: int
    rank: int


@dataclass(frozen=True, kw_only=True)
class Former:
    """
    What was made of a former division.

    `parts` has part_id, unit, row: the unit that each claimed part belongs to, sorted by part_id. `findings` has row,
    unit, place (of the first letter in the cell, from 0, or none), text and reason: what was not understood
    (`not_understood`), is not known here (`unknown_name`, `unknown_building`, `unknown_street`, `ambiguous`), is
    claimed by another unit too (`claimed_twice`, with that unit's name as text), or is cut by a polygon
    (`building_cut`); and where polygons overlap (`overlap`, with the other unit's name as text, and area_m2 of the
    ground that both have). `left_out` are buildings that no unit claims.
    """

    parts: pd.DataFrame
    findings: pd.DataFrame
    left_out: tuple[str, ...]


class Ground(NamedTuple):
    """The tables of a project that a former division is compared with."""

    parts: pd.DataFrame
    buildings: pd.DataFrame
    addresses: pd.DataFrame
    cells: gpd.GeoDataFrame
    compounds: pd.DataFrame | None = None
    aliases: pd.DataFrame | None = None


def former(rows: pd.DataFrame, ground: Ground) -> Former:
    """
    Say which parts the units of a former division hold.

    Parameters
    ----------
    rows
        source_row, unit (its name or code), and any of covers (prose), address (the words of one building),
        building_id, geometry (polygons, in the CRS of the cells). A unit may have several rows.
    ground
        What the words and polygons are compared with.
    """
    reader = _Reader(ground)
    claims: list[Claim] = []
    findings: list[Finding] = []
    for row in rows.to_dict("records"):
        for said in (*reader.named(row), *reader.prose(row)):
            if isinstance(said, Claim):
                claims.append(said)
            else:
                findings.append(said)
    shaped = _shaped(rows)
    claims += _by_shape(shaped, ground)
    findings += [*_cut(shaped, ground), *_overlaps(shaped)]
    kept, twice = _settled(claims)
    known = set(kept["part_id"])
    buildings = ground.parts.dropna(subset=["building_id"])
    held = set(buildings.loc[buildings["part_id"].isin(known), "building_id"])
    every = [one if len(one) == len(FINDINGS) else (*one, np.nan) for one in (*findings, *twice)]
    told = pd.DataFrame(every, columns=FINDINGS).astype({"area_m2": "float64"})
    return Former(
        parts=kept,
        findings=told.sort_values(["row", "unit", "reason", "text"], kind="stable", ignore_index=True),
        left_out=tuple(sorted(set(buildings["building_id"]) - held)),
    )


class _Reader:
    """Finds the parts that words mean."""

    def __init__(self, ground: Ground) -> None:
        self._gazetteer = Gazetteer(ground.buildings, ground.addresses, ground.compounds, ground.aliases)
        self._parts: dict[str, list[str]] = defaultdict(list)
        self._doors: dict[tuple[str, str], list[str]] = defaultdict(list)
        for building, part, entrance in zip(
            texts(ground.parts, "building_id"), ground.parts["part_id"], texts(ground.parts, "entrance"), strict=True
        ):
            self._parts[building].append(part)
            self._doors[building, _door(entrance)].append(part)
        self._of_compound = _grouped(ground.buildings, "compound_id")
        self._streets = _houses(ground.addresses)

    def named(self, row: Mapping[Any, Any]) -> Iterator[Claim | Finding]:
        """Read a row about one building, or about some in the words of an address: 幸福小区, 1-8号楼."""
        for text in (row.get("building_id"), row.get("address")):
            if isinstance(text, str) and text:
                if self._gazetteer.find(text).reason in (None, "ambiguous") or not wording.listed(text).stretches:
                    yield from self._building(row, text, _door(wording.parse(text).entrance), None)
                else:
                    yield from self.prose({**row, "covers": text})
                return

    def prose(self, row: Mapping[Any, Any]) -> Iterator[Claim | Finding]:
        """Read a cell that says in prose what a unit covers."""
        text = row.get("covers")
        if not isinstance(text, str) or not text:
            return
        listed = wording.listed(text)
        for place, words in listed.unknown:
            yield (row["source_row"], row["unit"], place, words, "not_understood")
        for stretch in listed.stretches:
            place = max(text.find(stretch.name), 0)
            if stretch.kind == "building":
                for number in stretch.numbers:
                    for door in stretch.entrances or ("",):
                        yield from self._building(row, f"{stretch.name}{number}号楼", door, place)
            elif stretch.kind == "street":
                yield from self._street(row, stretch, place)
            else:
                yield from self._whole(row, stretch, place)

    def _building(self, row: Mapping[Any, Any], text: str, door: str, place: int | None) -> Iterator[Claim | Finding]:
        found = self._gazetteer.find(text)
        if found.building_id is None:
            reason = "ambiguous" if found.reason == "ambiguous" else "unknown_building"
            yield (row["source_row"], row["unit"], place, text, reason)
            return
        parts = self._doors.get((found.building_id, door), []) if door else []
        if door and not parts:
            # A building that is one part cannot be given away by the stairwell; the whole of it goes with the first.
            yield (row["source_row"], row["unit"], place, f"{text}{door}单元", "unknown_stairwell")
        for part in parts or self._parts.get(found.building_id, []):
            yield Claim(part, row["unit"], row["source_row"], STAIRWELL if parts else BUILDING)

    def _street(self, row: Mapping[Any, Any], stretch: Stretch, place: int) -> Iterator[Claim | Finding]:
        gone = {int(one) for one in stretch.without if one.isdigit()}
        held = {
            building
            for number, building in self._streets.get(plain(stretch.name), ())
            if (stretch.low is None or stretch.low <= number <= (stretch.high or stretch.low))
            and (stretch.parity == "all" or number % 2 == (stretch.parity == "odd"))
            and number not in gone
        }
        yield from self._all(row, sorted(held), STRETCH, stretch.name, place, "unknown_street")

    def _whole(self, row: Mapping[Any, Any], stretch: Stretch, place: int) -> Iterator[Claim | Finding]:
        compound = self._gazetteer.compound(stretch.name)
        held: list[str] = self._of_compound.get(compound, []) if compound else []
        if not held and STREET.search(stretch.name):
            held = sorted({building for _, building in self._streets.get(plain(stretch.name), ())})
        if held:
            gone = {self._gazetteer.find(f"{stretch.name}{number}号楼").building_id for number in stretch.without}
            held = [building for building in held if building not in gone]
            yield from self._all(row, held, WHOLE, stretch.name, place, "unknown_name")
            return
        found = self._gazetteer.find(stretch.name)
        one = [found.building_id] if found.building_id else []
        yield from self._all(row, one, BUILDING, stretch.name, place, "unknown_name")

    def _all(
        self, row: Mapping[Any, Any], buildings: list[str], rank: int, text: str, place: int, otherwise: str
    ) -> Iterator[Claim | Finding]:
        parts = [part for building in buildings for part in self._parts.get(building, [])]
        if not parts:
            yield (row["source_row"], row["unit"], place, text, otherwise)
        for part in parts:
            yield Claim(part, row["unit"], row["source_row"], rank)


def _door(entrance: object) -> str:
    """Give a stairwell as it is compared: its number, without the word behind it."""
    if not isinstance(entrance, str) or not entrance:
        return ""
    return wording.parse(f"{entrance}单元").entrance if entrance.isalnum() else wording.parse(entrance).entrance


def _grouped(buildings: pd.DataFrame, by: str) -> dict[str, list[str]]:
    rows = buildings.dropna(subset=[by]).sort_values("building_id")
    return {str(key): list(held) for key, held in rows.groupby(by, sort=True)["building_id"]}


def _houses(addresses: pd.DataFrame) -> dict[str, list[tuple[int, str]]]:
    """Give the numbers of each street with their buildings; of 12甲 and 12-1 the number is 12."""
    rows = addresses.dropna(subset=["street", "house_number", "building_id"])
    number = rows["house_number"].astype(str).str.extract(r"^\s*(\d+)", expand=False)
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for street, digits, building in zip(rows["street"], number, rows["building_id"], strict=True):
        if isinstance(digits, str):
            found[plain(str(street))].append((int(digits), str(building)))
    return found


# polygons ----------------------------------------------------------------------------------------------------------
def _shaped(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows with a polygon, one for each unit and row."""
    if "geometry" not in rows:
        return rows.iloc[:0].assign(geometry=pd.Series(dtype=object))
    shapes = rows["geometry"].to_numpy(object)
    there = np.flatnonzero(shapely.is_geometry(shapes))
    kept = there[shapely.area(shapes[there]) > 0]
    return rows.iloc[kept].reset_index(drop=True)


def _shares(shaped: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    """Give cell_id, row number among `shaped` and the share of each cell's building, or of open ground, inside it."""
    cells = ground.cells[["cell_id", "building_id", "geometry"]].sort_values("cell_id", ignore_index=True)
    prints = ground.buildings.set_index("building_id")["geometry"].reindex(cells["building_id"]).to_numpy(object)
    shapes = np.where(shapely.is_geometry(prints), prints, cells["geometry"].to_numpy(object))
    at, one = shapely.STRtree(shaped["geometry"].to_numpy(object)).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[at], shaped["geometry"].to_numpy(object)[one]))
    share = common / np.maximum(shapely.area(shapes)[at], 1e-9)
    keys = {name: cells[name].to_numpy(object)[at] for name in ("cell_id", "building_id")}
    frame = pd.DataFrame({**keys, "of": one, "share": share})
    return frame.sort_values(by=["cell_id", "share", "of"], ascending=[True, False, True], kind="stable")


def _by_shape(shaped: pd.DataFrame, ground: Ground) -> list[Claim]:
    """Claim for each polygon the parts of the buildings of which it holds most."""
    if shaped.empty:
        return []
    best = _shares(shaped, ground).query("share > 0").drop_duplicates("cell_id")
    parts = ground.parts.merge(best, on="cell_id")
    unit, row = shaped["unit"].to_numpy(object), shaped["source_row"].to_numpy()
    return [Claim(part, unit[of], int(row[of]), SHAPE) for part, of in zip(parts["part_id"], parts["of"], strict=True)]


def _cut(shaped: pd.DataFrame, ground: Ground) -> list[Finding]:
    """Name the buildings that lie in several polygons."""
    if shaped.empty:
        return []
    shares = _shares(shaped, ground).dropna(subset=["building_id"])
    shares = shares.assign(unit=shaped["unit"].to_numpy(object)[shares["of"]]).query("share > 1 - @CUT")
    several = shares.groupby("building_id")["unit"].transform("nunique") > 1
    first = shares[several].drop_duplicates("building_id")
    rows = shaped["source_row"].to_numpy()[first["of"]]
    found = zip(rows, first["unit"], first["building_id"], first["share"], strict=True)
    return [(int(row), unit, None, building, "building_cut") for row, unit, building, share in found if share < CUT]


def _overlaps(shaped: pd.DataFrame) -> list[Finding]:
    """Name the pairs of units whose polygons lie over each other by more than a square metre."""
    shapes, unit, row = shaped["geometry"].to_numpy(object), shaped["unit"].to_numpy(object), shaped["source_row"]
    if not len(shapes):
        return []
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = np.flatnonzero((one < other) & (unit[one] != unit[other]))
    area = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]]))
    found = zip(one[pairs], other[pairs], area, strict=True)
    return [
        (int(row.iloc[a]), unit[a], None, unit[b], "overlap", round(m2, 1)) for a, b, m2 in found if m2 > OVERLAP_M2
    ]


def _settled(claims: list[Claim]) -> tuple[pd.DataFrame, list[Finding]]:
    """Give each part to the unit that claims it most narrowly, then first; say who claims it as narrowly too."""
    frame = pd.DataFrame(claims, columns=["part_id", "unit", "row", "rank"])
    frame = frame.sort_values(["part_id", "rank", "row", "unit"], kind="stable")
    kept = frame.drop_duplicates("part_id").reset_index(drop=True)
    rival = frame.merge(kept, on="part_id", suffixes=("", "_kept"))
    rival = rival[
        (rival["unit"] != rival["unit_kept"]) & (rival["rank"] == rival["rank_kept"]) & (rival["rank"] < SHAPE)
    ]
    rival = rival.drop_duplicates(["part_id", "unit"])
    told = zip(rival["row"], rival["unit"], rival["part_id"], rival["unit_kept"], strict=True)
    findings: list[Finding] = [
        (int(row), unit, None, f"{part}: {other}", "claimed_twice") for row, unit, part, other in told
    ]
    return kept[["part_id", "unit", "row"]], findings
