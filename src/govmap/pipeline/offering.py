"""What the map data changed since, offered one by one: nothing of a newer extract is taken in but what is accepted.

`look` compares buildings with a newer extract and keeps each difference as a row of `offers`; `take` writes those that
a planner accepts, as changes by hand that can be taken back; `leave` refuses them.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap.errors import InputError
from govmap.messages import note
from govmap.pipeline.base_data import FETCHED, Source
from govmap.pipeline.handmade import hand, row_of
from govmap.pipeline.report import Progress, Report, quiet
from govmap.project import Project
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.config import Config

OFFERS, TABLE = "offers", "buildings"
OPEN, TAKEN, LEFT = "open", "taken", "left"
KINDS = ("added", "gone", "reshaped", "retagged")
FACTS = ("name", "use", "levels", "height_m", "dwellings", "status")
MOST_SHOWN = 500


def look(project: Project, source: Source, *, config: "Config", progress: Progress = quiet) -> Report:
    """
    Compare buildings with newer map data and list what is different; nothing else is written.

    What was refused before is not offered again while the map says the same.

    Raises
    ------
    InputError
        There is no source, or it cannot be read.
    """
    from govmap.sources import extract, overpass, refetch, surroundings

    if source.osm is not None:
        read = extract.read(source.osm, bbox=source.box, crs=project.crs, progress=progress)
    elif source.place is not None or source.bbox is not None:
        place = overpass.read(source.place, bbox=source.box, cache=config.cache, crs=project.crs, progress=progress)
        read = place.extract
    else:
        raise InputError("fetch_no_source")
    old = {name: project.read(name) for name in FETCHED}
    fresh = surroundings.around({name: read.tables[name] for name in FETCHED}, project.read("communities"))
    merged, changes = refetch.merge(old | {TABLE: _open_to_the_map(old[TABLE])}, fresh)
    rows = _differences(old[TABLE], merged[TABLE], changes)
    with project.change("base look", {"rows": len(rows)}) as change:
        left = set(change.session.read(OFFERS, where={"state": [LEFT]})["offer_id"])
        rows = rows[~rows["offer_id"].isin(left)].assign(at=change.at)
        change.session.delete(OFFERS, where={"state": [OPEN, TAKEN]})
        if len(rows):
            change.session.append(OFFERS, rows)
    counts = {kind: int((rows["kind"] == kind).sum()) for kind in KINDS}
    return Report(figures={"offers": len(rows), **counts}, notes=[note("base_offers_found", count=len(rows), **counts)])


def listed(project: Project) -> Report:
    """List the open offers: what the map has, what the project has, and where."""
    from pyproj import Transformer

    rows = project.read(OFFERS, where={"state": [OPEN]})
    way = Transformer.from_crs(project.crs, 4326, always_xy=True)
    told = []
    for row in rows.head(MOST_SHOWN).to_dict("records"):
        shape = _degrees(row["geometry"], way)
        ring = [[[round(x, 7), round(y, 7)] for x, y in one.exterior.coords] for one in shapely.get_parts(shape)]
        facts = {"before": _facts(row["before"]), "after": _facts(row["after"]), "rings": ring}
        told.append({"offer_id": row["offer_id"], "kind": row["kind"], "building_id": row["row_key"], **facts})
    return Report(figures={"offers": told, "count": len(rows)}, notes=[note("base_offers_open", count=len(rows))])


def take(project: Project, offer_ids: Sequence[str]) -> Report:
    """
    Take offers in, as one change by hand.

    Raises
    ------
    InputError
        There is no such open offer.
    """
    wanted = sorted(set(offer_ids))
    with hand(project, "take", {"offers": len(wanted)}) as made:
        rows = _open(made.change.session, wanted)
        for row in rows.to_dict("records"):
            after = row["after"]
            shape = shapely.from_wkb(after["geometry"]) if after.get("geometry") else None
            facts = {name: after.get(name) for name in after if name != "geometry"}
            gone = {"cell_id": None, "reason": "demolished"} if row["kind"] == "gone" else {}
            made.put(TABLE, row_of(TABLE, made.crs, shape, **{**facts, **gone, "building_id": row["row_key"]}))
        states = pd.DataFrame({"offer_id": wanted, "state": TAKEN})
        made.put(OFFERS, states)
        made.stale = True
    told = [note("base_offers_taken", count=len(wanted)), note("base_stale")]
    return Report(figures={"taken": len(wanted), "stale": True}, notes=told)


def leave(project: Project, offer_ids: Sequence[str]) -> Report:
    """
    Refuse offers: they do not come again while the map says the same.

    Raises
    ------
    InputError
        There is no such open offer.
    """
    wanted = sorted(set(offer_ids))
    with project.change("base leave", {"offers": len(wanted)}) as change:
        _open(change.session, wanted)
        change.session.upsert(OFFERS, pd.DataFrame({"offer_id": wanted, "state": LEFT}))
    return Report(figures={"left": len(wanted)}, notes=[note("base_offers_left", count=len(wanted))])


# below ---------------------------------------------------------------------------------------------------------------
def _open(session: Any, wanted: Sequence[str]) -> pd.DataFrame:
    rows: pd.DataFrame = session.read(OFFERS, where={"offer_id": list(wanted), "state": [OPEN]})
    if not wanted or len(rows) != len(wanted):
        raise InputError("base_no_offer")
    return rows


def _open_to_the_map(rows: pd.DataFrame) -> pd.DataFrame:
    """Let what the map says of buildings edited by hand be offered too; what only people know of stays theirs."""
    of_the_map = rows["osm_id"].notna() & rows["import_id"].isna()
    return rows.assign(edited_by_hand=rows["edited_by_hand"].mask(of_the_map, other=False))


def _differences(old: pd.DataFrame, merged: pd.DataFrame, changes: Any) -> pd.DataFrame:
    """Give one row a difference; a building that is reshaped and retagged is offered once, with both."""
    kinds = {one: kind for kind in reversed(KINDS) for one in getattr(changes, kind)}
    before, after = old.set_index("building_id", drop=False), merged.set_index("building_id", drop=False)
    rows = [_offer(one, kind, before, after) for one, kind in sorted(kinds.items()) if _differs(one, before, after)]
    rows = [row for row in rows if row["before"] != row["after"]]  # else nothing would come of taking it in
    import geopandas as gpd

    columns = TABLES[OFFERS].names
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    made: pd.DataFrame = gpd.GeoDataFrame(frame, geometry="geometry", crs=getattr(merged, "crs", None))
    return made


def _differs(one: str, before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Tell whether a row is another for the one who works with it: a building marked as gone stays gone."""
    return one not in before.index or before["status"][one] != "demolished" or after["status"][one] != "demolished"


def _offer(one: str, kind: str, before: pd.DataFrame, after: pd.DataFrame) -> dict[str, Any]:
    from hashlib import sha256
    from json import dumps

    now = _packed(after.loc[[one]].iloc[0], added=kind == "added")
    was = _packed(before.loc[[one]].iloc[0], added=False) if one in before.index else None
    digest = sha256(dumps([kind, one, now], sort_keys=True, default=str).encode()).hexdigest()[:16]
    row = {"offer_id": f"o{digest}", "kind": kind, "table": TABLE, "row_key": one, "before": was, "after": now}
    return {**row, "state": OPEN, "geometry": after["geometry"][one]}


def _packed(row: "pd.Series[Any]", *, added: bool) -> dict[str, Any]:
    """Give what the map says of a building, as JSON holds it."""
    names = (*FACTS, "osm_id", "compound_id", "outline_source", *(("community_id",) if added else ()))
    facts = {name: None if pd.isna(row[name]) else row[name] for name in names}
    plain = {name: one.item() if isinstance(one, np.generic) else one for name, one in facts.items()}
    return {**plain, "geometry": shapely.to_wkb(row["geometry"], hex=True)}


def _degrees(shape: Any, way: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])))


def _facts(packed: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if packed is None else {name: packed.get(name) for name in FACTS}
