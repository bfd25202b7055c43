"""One released table, one pack of the web map: in degrees, clipped to the surroundings, in an order that packs well."""

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import shapely

from govmap.messages import Voice
from govmap.render import symbology
from govmap.render.compact import Pack
from govmap.render.place import Frame, Ground, Shapes, column, ordered, shapes_of
from govmap.render.standing import standing
from govmap.render.traced import MICRO

UNIT_TOLERANCE_M = 0.8
MANY_POINTS, WIDER = 100_000, 2.0  # borders of so many points are drawn simpler
OUTLINE_TOLERANCE_M = 0.6
LABEL_TOLERANCE_M = 2.0
OFFICIAL_DIGITS = 15
MANY = 30_000  # so many buildings are drawn a little simpler, by less than a foot
BUILDING_TOLERANCE_M = 0.3
COARSE, COARSER, ADDRESS_STEP = 2, 4, 10  # steps of the grid, in micro-degrees
PEOPLE = (
    "households",
    "people",
    "age_0_6",
    "age_7_14",
    "age_15_59",
    "age_60_plus",
    "age_80_plus",
    "living_alone_60",
)

Places: TypeAlias = Mapping[str, int]


def units_in_order(units: Frame) -> Frame:
    """Sort units by code, so that the list of the page reads from the first to the last."""
    code = column(units, "code").fillna(units["unit_id"]).astype(str)
    key = [re.sub(r"\d+", lambda digits: digits[0].zfill(20), one) for one in code]
    order = np.lexsort((units["unit_id"].astype(str).to_list(), key))
    return units.iloc[order].reset_index(drop=True)


def above(units: Frame, every: Frame) -> list[str | None]:
    """Name for each unit those it lies in, from the topmost down."""
    title = column(every, "code").fillna(every["unit_id"]).astype(str)
    name = column(every, "name")
    titles = dict(zip(every["unit_id"], title.where(name.isna(), title + " " + name.astype(str)), strict=True))
    parent = dict(zip(every["unit_id"], column(every, "parent_unit_id"), strict=True))
    told: list[str | None] = []
    for unit in units["unit_id"]:
        chain, over = list[str](), parent.get(unit)
        while isinstance(over, str) and over in titles and len(chain) < len(titles):
            chain.insert(0, titles[over])
            over = parent.get(over)
        told.append(" › ".join(chain) or None)
    return told


def _with_ids(pack: Pack, rows: Frame, key: str, *, ids: bool) -> Pack:
    """Add the keys of rows where they are wanted: at the desk, never in a file."""
    return pack.texts("id", column(rows, key)) if ids else pack


def pack_upper(units: Frame, here: Ground, *, ids: bool = False) -> Pack | None:
    """Pack the outlines of units that hold others."""
    if units.empty:
        return None
    shapes = shapely.simplify(shapes_of(units), OUTLINE_TOLERANCE_M)
    pack = Pack(len(units)).shapes(here.degrees(shapes)).texts("code", column(units, "code").fillna(units["unit_id"]))
    return _with_ids(pack, units, "unit_id", ids=ids)


def pack_units(
    units: Frame, here: Ground, voices: Mapping[str, Voice], over: list[str | None], *, ids: bool = False
) -> Pack:
    """Pack units with colour, label and what the panel says of them."""
    shapes = shapes_of(units)
    drawn = np.full(len(shapes), None, dtype=object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))  # floors of a tower alone have no outline
    much = shapely.get_num_coordinates(shapes[there]).sum() > MANY_POINTS
    drawn[there] = shapely.coverage_simplify(shapes[there], UNIT_TOLERANCE_M * (WIDER if much else 1))
    pack = Pack(len(units)).shapes(here.degrees(drawn), step=COARSER if much else 1)
    code = column(units, "code").fillna(units["unit_id"]).astype(str)
    pack.texts("code", code).texts("label", [_short(one) for one in code]).texts("above", over)
    for name in ("name", "kind", "withheld", "responsible_org", "meeting_place", "bounds_text"):
        pack.texts(name, column(units, name))
    for name in ("households", "residents", "buildings"):
        pack.numbers(name, column(units, name))
    pack.numbers("area", column(units, "area_m2")).numbers(
        "estimated_share", column(units, "estimated_share"), scale=100
    )
    pack.numbers("colour", symbology.colours(drawn))
    for language, voice in voices.items():
        pack.texts(f"reason_{language}", [reason(one, voice) for one in column(units, "out_of_band_reason")])
    return _label_places(_with_ids(pack, units, "unit_id", ids=ids), drawn, here)


def _short(code: str) -> str:
    """Give the last three digits of an official code, any other code whole."""
    return code[-3:] if len(code) == OFFICIAL_DIGITS and code.isdigit() else code


def reason(stored: Any, voice: Voice) -> str | None:
    """Tell what a plan says of a unit: notes as JSON (one, or a list of them), a key, or words of the user's own."""
    if not stored:
        return None
    try:
        told = json.loads(stored)
    except ValueError:
        told = stored
    if isinstance(told, str | Mapping):
        told = [told]
    return " ".join(_said(one, voice) for one in told) if isinstance(told, list) else str(stored)


def _said(one: Any, voice: Voice) -> str:
    key, facts = (one.get("key"), one.get("facts", {})) if isinstance(one, Mapping) else (one, {})
    return voice.say(key, **facts) if isinstance(key, str) and voice.knows(key) else str(key)


def _label_places(pack: Pack, shapes: Shapes, here: Ground) -> Pack:
    """Add the middle of the largest circle inside each shape, where a label has most room, and its radius."""
    single, owner = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(single), owner))
    rows, first = np.unique(owner[order], return_index=True)
    largest = single[order][first]
    spoke = shapely.maximum_inscribed_circle(largest, LABEL_TOLERANCE_M)
    middle = here.degrees(shapely.get_point(spoke, 0))
    west, _, _, north = here.bounds
    at = np.full((len(shapes), 3), np.nan)
    at[rows] = np.column_stack([shapely.get_x(middle) - west, north - shapely.get_y(middle), shapely.length(spoke)])
    pack.numbers("label_east", np.clip(at[:, 0] * MICRO, 0, None)).numbers(
        "label_south", np.clip(at[:, 1] * MICRO, 0, None)
    )
    return pack.numbers("label_radius", at[:, 2])


def pack_tallies(tallies: Frame | None, place: Places) -> Pack | None:
    """Pack what was counted in each unit; resources are counted by the page itself."""
    if tallies is None:
        return None
    kept = tallies[tallies["unit_id"].isin(place) & (tallies["theme"] != "resources")]
    rank = kept["category"].map({name: at for at, name in enumerate(PEOPLE)}).fillna(len(PEOPLE))
    kept = kept.assign(unit=kept["unit_id"].map(place), rank=rank)
    kept = kept.sort_values(["unit", "theme", "rank", "category"], kind="stable")
    pack = Pack(len(kept)).numbers("unit", kept["unit"])
    for name in ("theme", "category"):
        pack.texts(name, column(kept, name))
    return pack.numbers("count", column(kept, "count")).numbers("people", column(kept, "people"))


def pack_communities(communities: Frame | None, here: Ground) -> Pack | None:
    """Pack the communities' borders."""
    if communities is None or communities.empty:
        return None
    pack = Pack(len(communities)).shapes(here.degrees(shapely.simplify(shapes_of(communities), OUTLINE_TOLERANCE_M)))
    return pack.texts("name", column(communities, "name")).texts("name_zh", column(communities, "name_zh"))


def pack_compounds(compounds: Frame | None, here: Ground, *, ids: bool = False) -> tuple[Pack | None, Places]:
    """Pack the compounds, and say at which row each stands."""
    if compounds is None or compounds.empty:
        return None, {}
    seen = compounds[here.seen(compounds)]
    rows, _ = ordered(seen, here, ("compound_id",))
    pack = Pack(len(rows)).shapes(here.degrees(shapely.simplify(shapes_of(rows), OUTLINE_TOLERANCE_M)))
    for name in ("name", "name_zh", "kind"):
        pack.texts(name, column(rows, name))
    return _with_ids(pack, rows, "compound_id", ids=ids), _at(rows["compound_id"])


def _at(ids: "pd.Series[Any]") -> Places:
    return {one: at for at, one in enumerate(ids)}


def pack_buildings(
    tables: Mapping[str, Frame], here: Ground, place: Places, compound_at: Places, *, ids: bool = False
) -> tuple[Pack | None, Pack | None, Places]:
    """Pack the buildings as they are drawn, then what is told of each, and say at which row each stands."""
    buildings = tables.get("buildings")
    if buildings is None or buildings.empty:
        return None, None, {}
    standing = here.seen(buildings) & (column(buildings, "status") != "demolished").to_numpy()
    seen = buildings[standing]
    many = len(seen) > MANY
    rows, shapes = ordered(_simpler(seen) if many else seen, here, ("building_id",))
    drawn = Pack(len(rows)).shapes(shapes, step=COARSE if many else 1, square=True)
    drawn.numbers("unit", column(rows, "unit_id").map(place))
    pack = Pack(len(rows)).numbers("compound", column(rows, "compound_id").map(compound_at))
    pack.texts("name", column(rows, "name")).texts("use", column(rows, "use")).texts("status", column(rows, "status"))
    pack.texts("number", column(rows, "number"))
    pack.numbers("levels", column(rows, "levels"), scale=2)
    for name in ("households", "households_low", "households_high", "residents"):
        if name in rows:
            pack.numbers(name, column(rows, name), beside="households" if name != "households" else None)
    if "households_source" in rows:
        pack.texts("source", column(rows, "households_source"))
    return drawn, _with_ids(pack, rows, "building_id", ids=ids), _at(rows["building_id"])


def _simpler(buildings: Frame) -> Frame:
    """Give buildings with fewer corners, but for those that would be broken by that."""
    shapes = shapes_of(buildings)
    simpler = shapely.simplify(shapes, BUILDING_TOLERANCE_M, preserve_topology=False)
    good = shapely.is_valid(simpler) & ~shapely.is_empty(simpler)
    return buildings.assign(geometry=np.where(good, simpler, shapes))


def pack_addresses(addresses: Frame | None, here: Ground, building_at: Places) -> Pack | None:
    """Pack the addresses for the search and for the doors of buildings; a place has only what has no building."""
    if addresses is None or addresses.empty:
        return None
    building = column(addresses, "building_id").map(building_at).astype(float)
    numbered = building.notna() & column(addresses, "house_number").notna()
    told = numbered | (column(addresses, "full").notna() & here.seen(addresses))
    rows, shapes = ordered(addresses.assign(at=building)[told], here, ("full", "address_id"))
    shapes = np.where(rows["at"].isna().to_numpy(), shapes, np.array(None))
    near = np.argsort(rows["at"].to_numpy(), kind="stable")  # as buildings stand; what has none comes last
    rows, shapes = rows.iloc[near], shapes[near]
    pack = Pack(len(rows)).shapes(shapes, step=ADDRESS_STEP).numbers("building", rows["at"], rising=True)
    number = column(rows, "house_number")
    return pack.texts("number", number).texts("full", column(rows, "full"), around=number)


def pack_parts(tables: Mapping[str, Frame], place: Places, building_at: Places, *, ids: bool = False) -> Pack | None:
    """Pack the parts of buildings that have several."""
    if "parts" not in tables or "plan_parts" not in tables:
        return None
    parts = tables["parts"][tables["parts"]["building_id"].notna()]
    several = parts[parts["building_id"].duplicated(keep=False)].merge(
        tables["plan_parts"][["part_id", "unit_id"]], on="part_id", how="left"
    )
    several = several.assign(building=several["building_id"].map(building_at), unit=several["unit_id"].map(place))
    several = several[several["building"].notna()].sort_values(["building", "part_id"], kind="stable")
    pack = Pack(len(several)).numbers("building", several["building"]).numbers("unit", several["unit"])
    _with_ids(pack, several, "part_id", ids=ids).texts("entrance", column(several, "entrance"))
    return pack.numbers("floor_from", column(several, "floor_from")).numbers("floor_to", column(several, "floor_to"))


def _located(frame: Frame, units: Frame) -> "pd.Series[Any]":
    """Place of the unit of each point: as released, else the unit in which it lies."""
    known = column(frame, "unit_id").map({unit: at for at, unit in enumerate(units["unit_id"])})
    open_ = np.flatnonzero(known.isna())
    point, unit = shapely.STRtree(shapes_of(units)).query(shapes_of(frame)[open_], predicate="intersects")
    found = known.astype(object).to_numpy(copy=True)
    found[open_[point[::-1]]] = unit[::-1]
    return pd.Series(found, index=frame.index, dtype=object)


def pack_resources(
    resources: Frame | None, here: Ground, units: Frame, found: list[str], *, ids: bool = False
) -> tuple[Pack | None, Places]:
    """Pack the resources with the place of their category, and say at which row each stands."""
    if resources is None or resources.empty:
        return None, {}
    seen = resources[here.seen(resources) & column(resources, "category").isin(found).to_numpy()]
    seen = seen.assign(unit=_located(seen, units))
    rows, shapes = ordered(seen, here, ("resource_id",))
    pack = Pack(len(rows)).shapes(shapes).numbers("unit", rows["unit"])
    pack.numbers("category", rows["category"].map({name: at for at, name in enumerate(found)}))
    for name in ("name", "hours", "provider_type", "contact_role"):
        pack.texts(name, column(rows, name))
    sizes = zip(column(rows, "capacity"), column(rows, "capacity_unit"), strict=True)
    pack.texts("capacity", [_amount(*row) for row in sizes])
    return _with_ids(pack, rows, "resource_id", ids=ids), _at(rows["resource_id"])


def _amount(value: Any, unit: Any) -> str | None:
    return None if value is None else f"{float(value):g}{f' {unit}' if unit else ''}"


def pack_incidents(incidents: Frame | None, here: Ground, units: Frame, *, ids: bool = False) -> Pack | None:
    """Pack the incidents that have a place."""
    if incidents is None or incidents.empty:
        return None
    seen = incidents[here.seen(incidents)]
    seen = seen.assign(unit=_located(seen, units))
    rows, shapes = ordered(seen, here, ("incident_id",))
    pack = Pack(len(rows)).shapes(shapes).numbers("unit", rows["unit"])
    for name in ("kind", "category", "severity", "stage"):
        pack.texts(name, column(rows, name))
    for name, stored in (("reported", "reported_at"), ("due", "due_at"), ("closed", "closed_at")):
        pack.texts(name, [None if one is None else str(one)[:10] for one in column(rows, stored)])
    return _with_ids(pack, rows, "incident_id", ids=ids).numbers("standing", standing(rows))


def pack_incident_places(places: Frame | None, here: Ground) -> Pack | None:
    """Pack how many reports came from which ground, as the public may know it."""
    if places is None or places.empty:
        return None
    seen = places[here.seen(places)]
    rows, shapes = ordered(seen, here, ("place_id",))
    return Pack(len(rows)).shapes(shapes).numbers("count", rows["count"])


def pack_duties(workers: Frame | None, duties: Frame | None, place: Places) -> Pack | None:
    """Pack who answers for which unit, with the office's number; never for the public."""
    if workers is None or duties is None or duties.empty:
        return None
    rows = duties.merge(workers.drop(columns="role", errors="ignore"), on="worker_id", how="left")
    rows = (
        rows.assign(unit=rows["unit_id"].map(place))
        .dropna(subset="unit")
        .sort_values(["unit", "role", "worker_id"], kind="stable")
    )
    pack = Pack(len(rows)).numbers("unit", rows["unit"])
    for name, stored in (
        ("worker", "worker_id"),
        ("name", "name"),
        ("role", "role"),
        ("organisation", "organisation"),
        ("phone", "office_phone"),
        ("state", "state"),
    ):
        pack.texts(name, column(rows, stored))
    return pack
