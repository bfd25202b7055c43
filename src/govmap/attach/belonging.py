"""Where each row of a register belongs: a building, part and cell, or the reason why none.

What a row says goes in this order: the id of a building or part, its address, its coordinates. A name that fits several
buildings is not guessed at.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from govmap.attach.gazetteer import Found, Gazetteer, plain
from govmap.attach.places import Places, Texts, texts

if TYPE_CHECKING:
    from collections.abc import Callable

WIDER = {"compound": "unknown_compound", "unit": "unknown_unit", "community": "unknown_community"}


def attach(
    rows: pd.DataFrame,
    table: str,
    parts: pd.DataFrame,
    buildings: pd.DataFrame,
    addresses: pd.DataFrame,
    cells: gpd.GeoDataFrame,
    plan_parts: pd.DataFrame | None = None,
    *,
    compounds: pd.DataFrame | None = None,
    communities: pd.DataFrame | None = None,
    aliases: pd.DataFrame | None = None,
    units: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Say where each row belongs.

    Parameters
    ----------
    rows, table
        Rows of `residents`, `resources`, `incidents` or `parts`, with what they say of their place: building_id,
        part_id, address (of residents place_kind and place_id), geometry.
    parts, buildings, addresses, cells, plan_parts, compounds, communities, aliases, units
        Tables of the project.

    Returns
    -------
    attached
        The rows in their order with building_id, part_id, cell_id and reason, which is None where a row is attached.
        A building of several parts leaves part_id to residents open: they are spread over its parts when counted.
        Residents counted for a compound, unit or community stay with it; `place_id` is then its id. `read_as` is the
        known name of a street or compound that was taken for one with a slip of the pen, else None.
    """
    gazetteer = Gazetteer(buildings, addresses, compounds, aliases)
    places = Places(parts, buildings, cells)
    rows = rows.reset_index(drop=True)
    worded, reason, among, read_as = _by_words(rows, table, gazetteer, places)
    pointed = places.cell_of(rows["geometry"] if "geometry" in rows else pd.Series([None] * len(rows), dtype=object))
    worded = _settled_by_point(worded, among, pointed, places)
    attached = places.put(rows, worded, pointed, reason, ground_floor=table != "residents").assign(read_as=read_as)
    if table == "residents":
        attached = _wider(
            attached, gazetteer, places, _unit_names(plan_parts, units), _community_names(communities, cells)
        )
    return attached


def reasons(attached: pd.DataFrame) -> pd.DataFrame:
    """Count rows by reason; those attached stand first, with the reason `attached`."""
    counts = attached["reason"].fillna("attached").value_counts()
    frame = pd.DataFrame({"reason": counts.index.astype(object), "rows": counts.to_numpy(np.int64)})
    first = (frame["reason"] != "attached").astype(int)
    return (
        frame.assign(first=first)
        .sort_values(["first", "rows", "reason"], ascending=[True, False, True])[["reason", "rows"]]
        .reset_index(drop=True)
    )


def _by_words(
    rows: pd.DataFrame, table: str, gazetteer: Gazetteer, places: Places
) -> tuple[Texts, Texts, dict[int, frozenset[str]], Texts]:
    """Find buildings by id and address: building by row, why not, candidates of ambiguous rows, names read instead."""
    building = texts(rows, "building_id")
    part = texts(rows, "part_id")
    address = _addresses(rows, table)
    reason, among = np.full(len(rows), None, dtype=object), {}
    answers = {text: gazetteer.find(text) for text in pd.unique(address[address != None])}  # noqa: E711 - elementwise
    worded, read_as = np.full(len(rows), None, dtype=object), np.full(len(rows), None, dtype=object)
    for row in np.flatnonzero((building != None) | (part != None) | (address != None)):  # noqa: E711
        found = _by_id(building[row], part[row], gazetteer, places)
        if found.building_id is None and address[row] is not None:
            found = answers[address[row]]
        worded[row], reason[row], read_as[row] = found.building_id, found.reason, found.instead_of
        if found.among:
            among[int(row)] = found.among
    return worded, reason, among, read_as


def _by_id(building: str | None, part: str | None, gazetteer: Gazetteer, places: Places) -> Found:
    if part is not None and part in places.building_of_part:
        return Found(places.building_of_part[part])
    if building is not None:
        found = Found(building) if building in gazetteer.ids else gazetteer.find(building)
        return found if found.building_id or found.among else Found(reason="unknown_building")
    return Found(reason="unknown_part")


def _addresses(rows: pd.DataFrame, table: str) -> Texts:
    if table != "residents":
        return texts(rows, "address")
    kind = texts(rows, "place_kind")
    place = texts(rows, "place_id").copy()
    place[~np.isin(kind, ["address", "building"])] = None
    return place


def _settled_by_point(worded: Texts, among: dict[int, frozenset[str]], pointed: Texts, places: Places) -> Texts:
    """Let a row's own point choose among the buildings that its words may mean."""
    worded = worded.copy()
    for row, candidates in among.items():
        building = places.building_of_cell.get(pointed[row])
        if building in candidates:
            worded[row] = building
    return worded


def _wider(
    rows: pd.DataFrame, gazetteer: Gazetteer, places: Places, units: Mapping[str, str], communities: Mapping[str, str]
) -> pd.DataFrame:
    """Leave counts of compounds, units, communities and areas where they are, by the id of the place."""
    find: dict[str, Callable[[str], str | None]] = {
        "compound": gazetteer.compound,
        "unit": lambda text: units.get(plain(text)),
        "community": lambda text: communities.get(plain(text)),
    }
    kind, place, reason = texts(rows, "place_kind"), texts(rows, "place_id").copy(), texts(rows, "reason").copy()
    for row in np.flatnonzero(np.isin(kind, list(WIDER))):
        found = find[kind[row]](str(place[row]))
        place[row], reason[row] = found or place[row], None if found else WIDER[kind[row]]
    area = kind == "area"
    if area.any():
        shapes = rows["geometry"].to_numpy(object) if "geometry" in rows else np.full(len(rows), None, dtype=object)
        reason[area] = places.area_reasons(shapes[area])
    wide = area | np.isin(kind, list(WIDER))
    nowhere = {name: rows[name].where(~wide, None) for name in ("building_id", "part_id", "cell_id")}
    told = {"place_id": pd.Series(place, dtype=object), "reason": pd.Series(reason, dtype=object)}
    return rows.assign(**told, **nowhere)


def _unit_names(plan_parts: pd.DataFrame | None, units: pd.DataFrame | None) -> dict[str, str]:
    """Give units by id, code and name; a name that two units have is none."""
    ids = [] if plan_parts is None else sorted(set(plan_parts["unit_id"].dropna()))
    frame = pd.DataFrame({"unit_id": ids}) if units is None else units
    columns = frame.reindex(columns=["unit_id", "code", "name"]).astype(object)
    told = {(plain(name), row[0]) for row in columns.itertuples(index=False) for name in row if isinstance(name, str)}
    names = Counter(name for name, _ in told)
    return {name: unit for name, unit in told if names[name] == 1}


def _community_names(communities: pd.DataFrame | None, cells: gpd.GeoDataFrame) -> dict[str, str]:
    frame = communities
    if frame is None:
        frame = pd.DataFrame({"community_id": sorted(set(cells["community_id"].dropna()))})
    columns = frame.reindex(columns=["community_id", "name", "name_zh", "code"]).astype(object)
    return {
        plain(name): row[0] for row in columns.itertuples(index=False) for name in row if isinstance(name, str) and name
    }
