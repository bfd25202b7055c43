"""Where each row of a register belongs: a building, part and cell, or the reason why none.

What a row says goes in this order: the id of a building or part, its address, its coordinates; of incidents also a
block, crossing or stretch of a street. A name that fits several places is not guessed at. Every text is looked up once,
and rows that say only where they lie are placed a whole column at a time.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap.attach.gazetteer import Found, Gazetteer, plain
from govmap.attach.places import Places, Texts, Where, has_shape, texts
from govmap.attach.waysides import ON_STREET, Waysides

if TYPE_CHECKING:
    from collections.abc import Callable

WIDER = {"compound": "unknown_compound", "unit": "unknown_unit", "community": "unknown_community"}
OWN_ID, OWN_POINT = 1.0, 1.0
UNKNOWN_IDS = frozenset({"unknown_building", "unknown_part"})
ASKED_OF = ("ambiguous", "address_without_building")  # what the user may choose a building for
MADE = ("read_as", "among")


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
    streets: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """
    Say where each row belongs.

    Parameters
    ----------
    rows, table
        Rows of `residents`, `resources`, `incidents` or `parts`, with what they say of their place: building_id,
        part_id, address (of residents place_kind and place_id), geometry. What was found before is found anew.
    parts, buildings, addresses, cells, plan_parts, compounds, communities, aliases, units, streets
        Tables of the project.

    Returns
    -------
    attached
        The rows in their order with building_id, part_id, cell_id and reason, which is None where a row is attached.
        A building of several parts leaves part_id to residents open: they are spread over its parts when counted.
        Residents counted for a compound, unit or community stay with it; `place_id` is then its id. `placed_by` says
        how a place was found and `place_score` how sure it is, 1 being certain; `read_as` is the known name of a
        street or compound that was taken for one with a slip of the pen, else None; `among` what an ambiguous text may
        mean. Incidents on a street have its `street_id`, a point on it, and the part of the ground there.
    """
    rows = _anew(rows.reset_index(drop=True))
    said = worded(rows, table)
    gazetteer = Gazetteer(*((buildings, addresses) if said else (buildings[:0], addresses[:0])), compounds, aliases)
    places = Places(parts, buildings, cells)
    words = _by_words(rows, table, gazetteer, places)
    pointed, near = places.cell_of(
        rows["geometry"] if "geometry" in rows else pd.Series([None] * len(rows), dtype=object)
    )
    words = _settled_by_point(words, pointed, places)
    attached = _put(rows, table, words, pointed, near, places)
    if table == "incidents" and streets is not None and said:
        attached = Waysides(streets, addresses, aliases).put(attached, places)
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


def _anew(rows: pd.DataFrame) -> pd.DataFrame:
    """Take out what was found before and not said by the row itself: it is looked for again."""
    if "placed_by" not in rows or not rows["placed_by"].notna().any():
        return rows
    rows = rows.copy()
    found = rows["placed_by"].notna() & rows["placed_by"].ne("id")
    for name in ("building_id", "part_id"):
        if name in rows:
            rows[name] = rows[name].astype(object).where(~found, None)
    if "geometry" in rows:
        made = rows["placed_by"].isin(ON_STREET).to_numpy(bool)
        rows.loc[made, "geometry"] = None
    return rows


def worded(rows: pd.DataFrame, table: str) -> bool:
    """Tell whether any row says in words or by an id where it lies; else no address need be learnt."""
    said = (texts(rows, "building_id"), texts(rows, "part_id"), _addresses(rows, table))
    return any(bool((cells != None).any()) for cells in said)  # noqa: E711 - elementwise


class _Words(NamedTuple):
    """What the words of each row were found to mean."""

    building: Texts
    reason: Texts
    how: Texts
    score: npt.NDArray[np.float64]
    read_as: Texts
    among: Texts
    asked: Texts


def _by_words(rows: pd.DataFrame, table: str, gazetteer: Gazetteer, places: Places) -> _Words:
    """Find buildings by id and address; each different text is looked up once, the first of what a row says counts."""
    asked = _addresses(rows, table)
    pool = [Found()]
    part = _looked_up(texts(rows, "part_id"), lambda one: _part(one, places), pool)
    building = _looked_up(texts(rows, "building_id"), lambda one: _building(one, gazetteer), pool)
    address = _looked_up(asked, gazetteer.find, pool)
    known = np.array([one.building_id is not None for one in pool])
    best = np.where(known[part] | (building == 0), part, building)
    best = np.where(~known[best] & (address > 0), address, best)
    return _answered(pool, best, asked)


def _looked_up(said: Texts, find: "Callable[[str], Found]", pool: list[Found]) -> npt.NDArray[np.int64]:
    """Look every different text up once: the place of each row's answer in the pool, 0 for none."""
    codes, unique = pd.factorize(said)
    first = len(pool)
    pool += [find(one) for one in unique]
    return np.where(codes >= 0, codes + first, 0)


def _answered(pool: list[Found], best: npt.NDArray[np.int64], asked: Texts) -> _Words:
    """Give building, reason, how, score, name read instead, and candidates of each row."""
    among = np.full(len(pool), None, dtype=object)
    among[:] = [tuple(sorted(one.among)) or None for one in pool]
    score = np.array([one.score for one in pool], dtype=np.float64)
    building, reason, how, read_as = (
        np.array([getattr(one, name) for one in pool], dtype=object)[best]
        for name in ("building_id", "reason", "how", "instead_of")
    )
    return _Words(building, reason, how, score[best], read_as, among[best], asked)


def _building(text: str, gazetteer: Gazetteer) -> Found:
    if text in gazetteer.ids:
        return Found(text, how="id", score=OWN_ID)
    found = gazetteer.find(text)
    return found if found.building_id or found.among else Found(reason="unknown_building")


def _part(text: str, places: Places) -> Found:
    building = places.building_of_part.get(text)
    return Found(building, how="id", score=OWN_ID) if building else Found(reason="unknown_part")


def _addresses(rows: pd.DataFrame, table: str) -> Texts:
    if table != "residents":
        return texts(rows, "address")
    kind = texts(rows, "place_kind")
    place = texts(rows, "place_id").copy()
    place[~np.isin(kind, ["address", "building"])] = None
    return place


def _settled_by_point(words: _Words, pointed: Texts, places: Places) -> _Words:
    """Let a row's own point choose among the buildings that its words may mean."""
    building, how, score = words.building.copy(), words.how.copy(), words.score.copy()
    for row in np.flatnonzero((words.among != None) & (pointed != None)):  # noqa: E711 - elementwise
        here = places.building_of_cell.get(pointed[row])
        if here in words.among[row]:
            building[row], how[row], score[row] = here, "point", OWN_POINT
    return words._replace(building=building, how=how, score=score)


def _put(
    rows: pd.DataFrame, table: str, words: _Words, pointed: Texts, near: npt.NDArray[np.bool_], places: Places
) -> pd.DataFrame:
    """Write where each row belongs and how that was found."""
    where = Where(words.building, pointed, texts(rows, "part_id"), words.asked, has_shape(rows), words.reason)
    found = places.put(where, ground_floor=table != "residents")
    by_point = (words.building == None) & (pointed != None)  # noqa: E711 - elementwise
    how = np.where(by_point, np.where(near, "near", "point"), words.how)
    score = np.where(by_point, np.where(near, places.near_score, OWN_POINT), words.score)
    nowhere = (found["building_id"] == None) & (found["cell_id"] == None)  # noqa: E711
    how[nowhere], score[nowhere] = None, np.nan
    for name in ("building_id", "part_id"):
        kept = np.isin(found["reason"], list(UNKNOWN_IDS))  # what a list says is not forgotten: the base may grow
        found[name] = np.where(kept, texts(rows, name), found[name])
    among = words.among.copy()
    among[~np.isin(found["reason"], ASKED_OF)] = None
    extra = {"placed_by": how, "place_score": score, "read_as": words.read_as, "among": among}
    columns = {name: pd.Series(column, dtype=object) for name, column in {**found, **extra}.items()}
    return rows.assign(**{**columns, "place_score": columns["place_score"].astype("float64")})


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
    nowhere = {name: rows[name].where(~wide, None) for name in ("building_id", "part_id", "cell_id", "placed_by")}
    score = rows["place_score"].where(~wide)
    told = {"place_id": pd.Series(place, dtype=object), "reason": pd.Series(reason, dtype=object)}
    return rows.assign(**told, **nowhere, place_score=score)


def _unit_names(plan_parts: pd.DataFrame | None, units: pd.DataFrame | None) -> dict[str, str]:
    """
    Give units as PLAN/UNIT by id, code and name, as the first plan has them: ids recur from plan to plan.

    A name that two units of one plan have is none.
    """
    ids = [] if plan_parts is None else sorted(set(plan_parts["unit_id"].dropna()))
    frame = pd.DataFrame({"unit_id": ids}) if units is None else units
    columns = frame.reindex(columns=["plan_id", "unit_id", "code", "name"]).astype(object)
    found: dict[str, str] = {}
    for plan_id, mine in columns.groupby("plan_id", sort=False, dropna=False):
        rows = mine[["unit_id", "code", "name"]].itertuples(index=False, name=None)
        within = f"{plan_id}/" if isinstance(plan_id, str) else ""
        known = [(f"{within}{row[0]}", name) for row in rows for name in (f"{within}{row[0]}", *row)]
        told = sorted({(plain(name), unit) for unit, name in known if isinstance(name, str)})
        names = Counter(name for name, _ in told)
        fresh = {name: unit for name, unit in told if name not in found}
        found |= {name: unit for name, unit in fresh.items() if names[name] == 1}
    return found


def _community_names(communities: pd.DataFrame | None, cells: gpd.GeoDataFrame) -> dict[str, str]:
    frame = communities
    if frame is None:
        frame = pd.DataFrame({"community_id": sorted(set(cells["community_id"].dropna()))})
    columns = frame.reindex(columns=["community_id", "name", "name_zh", "code"]).astype(object)
    return {
        plain(name): row[0] for row in columns.itertuples(index=False) for name in row if isinstance(name, str) and name
    }
