"""Addresses and doors: which building or compound each belongs to, and its text in the country's order."""

import re
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from govmap.sources.osm.elements import Elements, Tags
from govmap.sources.osm.rows import Tally, frame, has_han, picked, smallest_holder

NEAR_M = 15.0
_ON_OUTLINE_M = 0.5
_ON_FENCE_M = 5.0
_NO_HOME = frozenset({"shed", "garage", "roof", "utility"})
_GATES = frozenset({
    "gate", "lift_gate", "swing_gate", "sliding_gate", "entrance", "sally_port", "turnstile", "kissing_gate",
})  # fmt: skip
_SERVICE_DOORS = frozenset({"service", "garage", "emergency", "exit", "fire_exit", "deck"})
_NUMBER_FIRST = frozenset({"US", "GB", "UK", "IE", "CA", "AU", "NZ", "FR", "MC", "LU"})
_ENGLISH = re.compile(
    r"\b(street|road|avenue|lane|drive|boulevard|court|way|place|square|terrace|highway|st|rd|ave)\.?$", re.IGNORECASE
)
_FRENCH = re.compile(
    r"^(rue|avenue|boulevard|place|chemin|impasse|allée|quai|route|montée|escalier|cours)\b", re.IGNORECASE
)
_BARE_NUMBER = re.compile(r"^[\d０-９]+(?:[-－][\d０-９]+)?$")


def addresses(elements: Elements, buildings: gpd.GeoDataFrame, crs: CRS) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give a row for every address; a building has as many as stand on it or in it.

    A point belongs to the smallest building that holds it, else to the nearest within 15 m, else to none. "12;14" are
    two addresses. The same address twice in one building is one.
    """
    rows = _found(elements)
    tally = Tally(read=len(rows))
    ways = sum("addr:interpolation" in tags for tags in elements.lines.tags)
    tally.read += ways
    tally.drop("interpolation", ways)
    rows["building_id"] = _home_of(rows, buildings)
    twice = rows["building_id"].notna() & rows.duplicated(["building_id", "full", "entrance"])
    tally.drop("duplicate", twice.sum())
    kept = rows[~twice]
    tally.kept = len(kept)
    return frame("addresses", dict(kept.drop(columns="geometry")), kept["geometry"], crs), tally


def entrances(
    elements: Elements, buildings: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame, crs: CRS
) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give doors of buildings and gates of compounds.

    `kind` is door, service (garages, emergency exits, deliveries: nobody's home door) or gate.
    """
    points = elements.points
    kinds = [_entrance_kind(tags) for tags in points.tags]
    chosen = np.array([kind is not None for kind in kinds], dtype=bool)
    doors = points.take(chosen)
    kind = [one for one in kinds if one]
    gate = np.array([one == "gate" for one in kind], dtype=bool)
    building = _nearest(doors.shapes, buildings, "building_id", _ON_OUTLINE_M)
    compound = _nearest(doors.shapes, _fences(compounds), "compound_id", _ON_FENCE_M)
    building[gate], compound[~gate] = None, None
    columns = {"entrance_id": doors.ids, "building_id": building, "compound_id": compound, "kind": kind}
    return frame("entrances", columns, doors.shapes, crs), Tally(read=len(doors), kept=len(doors))


def full_text(street: str | None, number: str | None, *, country: str | None = None) -> str | None:
    """Put street and number in the order of the country: 中山路12号, 12 High Street, Nørregade 12."""
    if not street or not number:
        return street or number or None
    if has_han(street[-1]):
        return f"{street}{number}{'号' if _BARE_NUMBER.match(number) else ''}"
    if has_han(street):
        return f"{street} {number}"
    first = country in _NUMBER_FIRST if country else bool(_ENGLISH.search(street) or _FRENCH.search(street))
    return f"{number} {street}" if first else f"{street} {number}"


def _found(elements: Elements) -> pd.DataFrame:
    """Give one row an address, in the order of the ids."""
    rows = []
    for things in (elements.points, elements.areas):
        for id_, tags, shape in zip(things.ids, things.tags, things.shapes, strict=True):
            if "addr:housenumber" in tags or "addr:full" in tags:
                rows += [(*row, shape) for row in _addresses_of(id_, tags, elements.streets_of)]
    names = ["address_id", "street", "house_number", "entrance", "full", "source", "geometry"]
    table = pd.DataFrame(rows, columns=names, dtype=object).sort_values("address_id", kind="stable", ignore_index=True)
    table["area"] = shapely.get_dimensions(table["geometry"].to_numpy()) == 2  # noqa: PLR2004 -- an area
    table["geometry"] = shapely.point_on_surface(table["geometry"].to_numpy())
    return table


def _addresses_of(id_: str, tags: Tags, streets_of: Mapping[str, str]) -> list[tuple[Any, ...]]:
    street = tags.get("addr:street") or tags.get("addr:place") or streets_of.get(id_) or tags.get("addr:neighbourhood")
    told = [one.strip() for one in tags.get("addr:housenumber", "").split(";")]
    numbers: list[str | None] = [one for one in told if one] or [None]
    door = tags.get("addr:unit") or tags.get("addr:entrance") or (tags.get("ref") if "entrance" in tags else None)
    rows = []
    for place, number in enumerate(numbers):
        full = tags.get("addr:full") if len(numbers) == 1 else None
        text = full or full_text(street, number, country=tags.get("addr:country"))
        rows.append((f"{id_}/{place + 1}" if place else id_, street, number, door, text, "osm"))
    return rows


def _home_of(rows: pd.DataFrame, buildings: gpd.GeoDataFrame) -> np.ndarray:
    """Give the building of each address: its own outline, the smallest that holds it, or the nearest."""
    stands = buildings[(buildings["status"] == "standing").to_numpy()]
    shapes = rows["geometry"].to_numpy()
    holder = smallest_holder(shapes, stands.geometry.to_numpy())
    home = np.array(picked(stands["building_id"].to_list(), holder), dtype=object)
    homes = stands[~stands["use"].isin(_NO_HOME).to_numpy()]
    loose = (holder < 0) & ~rows["area"].to_numpy(dtype=bool)
    home[loose] = _nearest(shapes[loose], homes, "building_id", NEAR_M)
    own = rows["address_id"].str.split("/").str[0]
    known = own.isin(stands["building_id"]).to_numpy()
    home[known] = own[known]
    return home


def _nearest(points: np.ndarray, places: gpd.GeoDataFrame, key: str, within_m: float) -> np.ndarray:
    """Give the key of the nearest place, the first by key among equals, None beyond the distance."""
    found = np.full(len(points), None, dtype=object)
    if len(points) and len(places):
        tree = shapely.STRtree(places.geometry.to_numpy())
        at, of = tree.query_nearest(points, max_distance=within_m, all_matches=True)
        first = np.unique(at, return_index=True)[1]
        found[at[first]] = places[key].to_numpy(dtype=object)[of[first]]
    return found


def _fences(compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return compounds.set_geometry(compounds.geometry.boundary)


def _entrance_kind(tags: Tags) -> str | None:
    """Give door, service or gate; None for what is none of them."""
    said = tags.get("entrance") or ("yes" if tags.get("building") == "entrance" else None)
    if said and said != "no":
        return "service" if said in _SERVICE_DOORS else "door"
    return "gate" if tags.get("barrier") in _GATES else None
