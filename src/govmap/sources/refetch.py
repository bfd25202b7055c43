"""A second fetch: what was edited by hand or imported stays, the rest follows the map data, and what changed is listed.

Buildings keep their id for as long as they can be recognised: by their OSM id, else, where a mapper drew them anew, by
their ground. One that is gone stays as a row with status `demolished`, for plans and registers may speak of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap.messages import Note, note
from govmap.schema import TABLES
from govmap.sources.osm.rows import frame

_OF_OSM = {
    "buildings": (
        "osm_id", "name", "use", "levels", "height_m", "floor_area_m2", "dwellings", "shops", "shops_given",
        "compound_id", "outline_source", "status", "geometry",
    ),
    "resources": ("osm_id", "category", "name", "hours", "capacity", "capacity_unit", "geometry"),
}  # fmt: skip
_FACTS = ("name", "use", "levels", "height_m", "floor_area_m2", "dwellings")
_SAME_GROUND = 0.7
_SAME_M2 = 0.5
_REACH_M = 100.0
_TOLD = 20

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What the map data changed, by building id, and how many rows of other tables."""

    added: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    reshaped: list[str] = field(default_factory=list)
    retagged: list[str] = field(default_factory=list)
    redrawn: list[str] = field(default_factory=list)
    kept_by_hand: list[str] = field(default_factory=list)
    others: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def figures(self) -> dict[str, Any]:
        """Give the changes for programs: counts and ids."""
        kinds = ("added", "gone", "reshaped", "retagged", "redrawn", "kept_by_hand")
        ids = {kind: getattr(self, kind) for kind in kinds}
        return {"counts": {kind: len(found) for kind, found in ids.items()}, "ids": ids, "tables": self.others}

    @property
    def notes(self) -> list[Note]:
        """Give the changes for people."""
        told = [
            note(f"refetch_{kind}", count=len(getattr(self, kind)), ids=_first(getattr(self, kind)))
            for kind in ("added", "gone", "reshaped", "retagged", "redrawn", "kept_by_hand")
            if getattr(self, kind)
        ]
        told += [
            note("refetch_others", table=note(f"table_{table}"), **count)
            for table, count in self.others.items()
            if any(count.values())
        ]
        return told or [note("refetch_nothing")]


def merge(old: Tables, new: Tables, *, covered: Any = None) -> tuple[dict[str, gpd.GeoDataFrame], Changes]:
    """
    Merge what a project holds with what was fetched now.

    Parameters
    ----------
    old, new
        Tables by name, both in the project's metric system.
    covered
        The ground that the new data cover: nothing beyond it counts as gone. Without it their hull.

    Returns
    -------
    tables, changes
        The tables to store, and what is different in them.
    """
    ground = covered if covered is not None else _hull(new)
    shaped_old = {table: _shaped(table, rows, new[table].crs) for table, rows in old.items() if table in new}
    fresh = {table: _shaped(table, rows, rows.crs) for table, rows in new.items()}
    renamed, redrawn = _recognised(shaped_old["buildings"], fresh["buildings"])
    fresh = {table: _renamed(table, rows, renamed) for table, rows in fresh.items()}
    buildings, changes = _buildings(shaped_old["buildings"], fresh["buildings"], ground, redrawn)
    merged = {"buildings": buildings}
    for table in sorted(set(fresh) - {"buildings"}):
        merged[table], changes.others[table] = _others(table, shaped_old.get(table), fresh[table], ground)
    return merged, changes


def _first(ids: list[str]) -> list[str]:
    return [*ids[:_TOLD], *(["…"] if len(ids) > _TOLD else [])]


def _hull(tables: Tables) -> Any:
    shapes = np.concatenate([rows["geometry"].to_numpy() for rows in tables.values() if len(rows)])
    return shapely.buffer(shapely.convex_hull(shapely.geometrycollections(shapes)), _REACH_M)


def _shaped(table: str, rows: pd.DataFrame, crs: Any) -> gpd.GeoDataFrame:
    """Give rows the columns and types of the schema, so that frames from anywhere can be joined."""
    columns = {
        name: [None if pd.isna(one) else one for one in rows[name]] for name in rows.columns if name != "geometry"
    }
    known = {column.name for column in TABLES[table]}
    return frame(table, {name: column for name, column in columns.items() if name in known}, rows["geometry"], crs)


def _recognised(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> tuple[dict[str, str], list[str]]:
    """Find the former id of every building that is there already: by OSM id, else by its ground."""
    own = old["osm_id"].where(old["osm_id"].notna(), old["building_id"])
    by_osm = dict(zip(own, old["building_id"], strict=True))
    renamed = {id_: by_osm[id_] for id_ in new["building_id"] if id_ in by_osm}
    vanished = old[~own.isin(new["building_id"]).to_numpy() & (old["status"] != "demolished").to_numpy()]
    unknown = new[~new["building_id"].isin(renamed).to_numpy()]
    pairs = _same_ground(vanished, unknown)
    return renamed | pairs, sorted(pairs.values())


def _same_ground(vanished: gpd.GeoDataFrame, unknown: gpd.GeoDataFrame) -> dict[str, str]:
    """Pair buildings drawn anew: common ground over most of both, each used once, best first."""
    if vanished.empty or unknown.empty:
        return {}
    former, latter = vanished.geometry.to_numpy(), unknown.geometry.to_numpy()
    left, right = shapely.STRtree(latter).query(former, predicate="intersects")
    common = shapely.area(shapely.intersection(former[left], latter[right]))
    share = common / (shapely.area(former[left]) + shapely.area(latter[right]) - common)
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for best in np.lexsort((right, left, -share)):
        one, other = vanished["building_id"].iloc[left[best]], unknown["building_id"].iloc[right[best]]
        if share[best] >= _SAME_GROUND and other not in pairs and one not in taken:
            pairs[other] = one
            taken.add(one)
    return pairs


def _renamed(table: str, rows: gpd.GeoDataFrame, renamed: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Put former ids in the place of those of the map."""
    if "building_id" not in rows:
        return rows
    changed = rows.assign(building_id=[renamed.get(id_, id_) for id_ in rows["building_id"]])
    key = list(TABLES[table].key)
    return changed.drop_duplicates(key).sort_values(key, kind="stable", ignore_index=True)


def _buildings(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, ground: Any, redrawn: list[str]
) -> tuple[gpd.GeoDataFrame, Changes]:
    """Merge the buildings and list what changed."""
    before, now = old.set_index("building_id", drop=False), new.set_index("building_id", drop=False)
    stays = _stays(before)
    both = now.index.intersection(before.index[~stays])
    added = now.index.difference(before.index)
    missing = before.index[~stays].difference(now.index)
    gone = missing[_within(before.loc[missing], ground) & (before.loc[missing, "status"] != "demolished").to_numpy()]
    kept = before.loc[before.index[stays].union(missing)]
    rows = [
        kept.assign(**_gone_facts(kept, gone)),
        _followed("buildings", before.loc[both], now.loc[both]),
        now.loc[added].assign(status=now.loc[added, "status"].replace({"standing": "new"})),
    ]
    changes = Changes(
        added=sorted(added),
        gone=sorted(gone),
        reshaped=_reshaped(before.loc[both], now.loc[both]),
        retagged=_retagged(before.loc[both], now.loc[both]),
        redrawn=redrawn,
        kept_by_hand=_against_hand(before.loc[before.index[stays]], now),
    )
    return _stacked("buildings", rows, new.crs), changes


def _stays(rows: pd.DataFrame) -> np.ndarray:
    """Tell which rows are ours alone: edited by hand or imported."""
    hand = rows["edited_by_hand"].to_numpy(dtype=bool) if "edited_by_hand" in rows else np.zeros(len(rows), dtype=bool)
    given = rows["import_id"].notna().to_numpy() if "import_id" in rows else np.zeros(len(rows), dtype=bool)
    return np.asarray(hand | given, dtype=bool)


def _within(rows: gpd.GeoDataFrame, ground: Any) -> np.ndarray:
    shapely.prepare(ground)
    return np.asarray(shapely.intersects(ground, shapely.point_on_surface(rows["geometry"].to_numpy())), dtype=bool)


def _gone_facts(kept: pd.DataFrame, gone: pd.Index) -> dict[str, Any]:
    """Mark what is gone as demolished; it holds nobody and has no cell any more."""
    lost = kept.index.isin(gone)
    status, reason = kept["status"].to_numpy(dtype=object).copy(), kept["reason"].to_numpy(dtype=object).copy()
    cell = kept["cell_id"].to_numpy(dtype=object).copy()
    status[lost], reason[lost], cell[lost] = "demolished", "demolished", None
    return {"status": status, "reason": reason, "cell_id": cell}


def _followed(table: str, before: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the columns that are OSM's their new values, and keep what the project has added to the row."""
    ours = [name for name in before.columns if name not in _OF_OSM.get(table, tuple(before.columns))]
    merged = now.assign(**{name: before[name].to_numpy(dtype=object) for name in ours})
    if table == "buildings":
        same = (before["status"].replace({"new": "standing"}) == now["status"]).to_numpy()
        merged["reason"] = np.where(same, before["reason"].to_numpy(dtype=object), now["reason"].to_numpy(dtype=object))
    return merged


def _stacked(table: str, rows: list[gpd.GeoDataFrame], crs: Any) -> gpd.GeoDataFrame:
    names = [column.name for column in TABLES[table]]
    columns = {name: [one for part in rows for one in part[name].tolist()] for name in names}
    columns = {name: [None if pd.isna(one) else one for one in column] for name, column in columns.items()}
    return frame(table, columns, [shape for part in rows for shape in part["geometry"]], crs)


def _reshaped(before: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> list[str]:
    one, other = before["geometry"].to_numpy(), now["geometry"].to_numpy()
    maybe = np.flatnonzero(~shapely.equals_exact(one, other, 1e-6))
    apart = shapely.area(shapely.symmetric_difference(one[maybe], other[maybe]))
    return sorted(before.index[maybe[apart > _SAME_M2]])


def _retagged(before: pd.DataFrame, now: pd.DataFrame) -> list[str]:
    other = np.zeros(len(before), dtype=bool)
    for name in _FACTS:
        one, two = before[name].to_numpy(dtype=object), now[name].to_numpy(dtype=object)
        gap = pd.isna(one) & pd.isna(two)
        other |= ~gap & np.array(
            [bool(pd.isna(a) or pd.isna(b) or a != b) for a, b in zip(one, two, strict=True)], dtype=bool
        )
    status = before["status"].replace({"new": "standing"}).to_numpy(dtype=object) != now["status"].to_numpy(
        dtype=object
    )
    return sorted(before.index[other | status])


def _against_hand(stays: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> list[str]:
    """List rows edited by hand that the map data would change or take away."""
    hand = stays[stays["edited_by_hand"].to_numpy(dtype=bool) & stays["import_id"].isna().to_numpy()]
    known = hand.index.intersection(now.index)
    lost = hand.index.difference(now.index)
    lost = lost[(hand.loc[lost, "status"] != "demolished").to_numpy() & hand.loc[lost, "osm_id"].notna().to_numpy()]
    one, other = hand.loc[known], now.loc[known]
    return sorted({*_reshaped(one, other), *_retagged(one, other), *lost})


def _others(
    table: str, old: gpd.GeoDataFrame | None, new: gpd.GeoDataFrame, ground: Any
) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Merge a table other than buildings: ours stays, the rest is replaced."""
    if old is None:
        return new, {"added": len(new), "gone": 0, "changed": 0}
    key = TABLES[table].key[0]
    before, now = old.set_index(key, drop=False), new.set_index(key, drop=False)
    stays = _stays(before)
    both = now.index.intersection(before.index[~stays])
    added = now.index.difference(before.index)
    missing = before.index[~stays].difference(now.index)
    gone = missing[_within(before.loc[missing], ground)]
    kept = before.loc[before.index[stays].union(missing.difference(gone))]
    rows = [kept, _followed(table, before.loc[both], now.loc[both]), now.loc[added]]
    moved = ~shapely.equals_exact(before.loc[both, "geometry"].to_numpy(), now.loc[both, "geometry"].to_numpy(), 1e-6)
    named = _differ(before.loc[both], now.loc[both], "name") | _differ(before.loc[both], now.loc[both], "kind")
    count = {"added": len(added), "gone": len(gone), "changed": int((moved | named).sum())}
    return _stacked(table, rows, new.crs), count


def _differ(one: pd.DataFrame, other: pd.DataFrame, name: str) -> np.ndarray:
    if name not in one:
        return np.zeros(len(one), dtype=bool)
    left, right = one[name].fillna("").to_numpy(dtype=object), other[name].fillna("").to_numpy(dtype=object)
    return np.asarray(left != right, dtype=bool)
