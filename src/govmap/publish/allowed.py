"""The columns and rows that pass, by audience: a list of what may, never of what may not."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd

from govmap import catalog
from govmap.schema import TABLES

Tables: TypeAlias = Mapping[str, pd.DataFrame]

PUBLIC: Mapping[str, str] = {
    "communities": "community_id name name_zh code geometry",
    "buildings": "building_id community_id compound_id name use levels height_m status number mark stairwells"
    " unit_id geometry",
    "addresses": "address_id building_id street house_number full geometry",
    "compounds": "compound_id name name_zh kind geometry",
    "barriers": "barrier_id kind name strength on_ground geometry",
    "streets": "street_id kind name walkable geometry",
    "features": "feature_id kind class name name_zh geometry",
    "cells": "cell_id edition community_id building_id compound_id block_id area_m2 straddles geometry",
    "parts": "part_id building_id cell_id entrance floor_from floor_to",
    "plans": "plan_id name edition status created_at",
    "plan_parts": "plan_id part_id unit_id",
    "units": "plan_id unit_id community_id code parent_unit_id level kind exclusive_kind name households residents"
    " buildings area_m2 compactness responsible_org meeting_place bounds_text valid_from valid_to withheld"
    " estimated_share geometry",
    "zones": "zone_id kind name geometry",
    "resources": "resource_id category name provider_type provider_seat serves terms reach_min capacity capacity_unit"
    " hours shared building_id unit_id geometry",
    "tallies": "plan_id unit_id theme category count people",
    "totals": "community_id theme category count",
}
INSIDE: Mapping[str, str] = {
    "buildings": "cell_id reason osm_id homes_a_floor dwellings households households_low households_high"
    " residents shops workplaces households_source outline_source edited_by_hand",
    "addresses": "entrance source",
    "entrances": "entrance_id building_id compound_id kind geometry",
    "compounds": "households",
    "parts": "households residents source",
    "plans": "criteria",
    "units": "locked out_of_band_reason",
    "unit_lineage": "plan_id unit_id former_plan_id former_unit_id edition households",
    "zones": "stakeholders",
    "resources": "contact_role osm_id",
    "incidents": "incident_id kind category severity lifecycle stage reported_at due_at closed_at duplicate_of"
    " building_id street_id community_id unit_id geometry",
    "workers": "worker_id name office_phone role organisation",
    "duties": "worker_id plan_id unit_id role share from to",
    "gaps": "plan_id unit_id category standard people_short share_short reason site_id walk_min",
}
PERSONAL_INSIDE: Mapping[str, frozenset[str]] = {"workers": frozenset({"name", "office_phone"})}
PLAN_TABLES = ("plans", "plan_parts", "units", "unit_lineage", "tallies", "duties", "gaps")


def withheld(what: str) -> frozenset[str]:
    """Name the uses, classes, providers or kinds of incident that `layers/publish.toml` keeps from the public."""
    return frozenset(catalog.layer("publish")["withheld"][what])


def column(frame: pd.DataFrame | None, name: str) -> "pd.Series[Any]":
    """Give a column: empty where there is no table, of nulls where the table has no such column."""
    if frame is None:
        return pd.Series([], dtype=object)
    return frame[name] if name in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)


def of_plan(tables: Tables, plan_id: str) -> dict[str, pd.DataFrame]:
    """Sort every table by its key and keep the rows of one plan."""
    kept: dict[str, pd.DataFrame] = {}
    for name in sorted(tables):
        frame = tables[name]
        if name in PLAN_TABLES and "plan_id" in frame:
            frame = frame[frame["plan_id"] == plan_id]
        key = [part for part in TABLES[name].key if part in frame] if name in TABLES else []
        kept[name] = (frame.sort_values(key, kind="stable") if key else frame).reset_index(drop=True)
    return kept


def open_places(tables: Tables) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Take out places whose whereabouts must not be published, with all that stands on them, and count what went."""
    buildings = tables.get("buildings")
    ids = set(column(buildings, "building_id")[column(buildings, "use").isin(withheld("uses"))])
    kept, gone = dict(tables), {}
    for name, frame in tables.items():
        hidden = _hidden(name, frame, ids)
        if hidden is not None and hidden.any():
            kept[name] = frame[~hidden].reset_index(drop=True)
            gone[f"{name}_withheld"] = int(hidden.sum())
    return kept, gone


def _hidden(name: str, frame: pd.DataFrame, ids: set[Any]) -> "pd.Series[bool] | None":
    if name in ("buildings", "addresses", "cells"):
        return column(frame, "building_id").isin(ids)
    if name == "features":
        return column(frame, "class").isin(withheld("classes"))
    if name == "resources":
        closed = column(frame, "category").isin(_closed_layers() | withheld("uses"))
        return (
            closed | column(frame, "building_id").isin(ids) | column(frame, "provider_type").isin(withheld("providers"))
        )
    return None


def _closed_layers() -> set[str]:
    """Name the layers of resources that say `publish = false`."""
    return {name for name, facts in catalog.layers("resources").items() if facts["layer"].get("publish") is False}


def columns(tables: Tables, *, public: bool) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    """Keep the columns on the list; say what was left behind of each table, of some tables all."""
    kept: dict[str, pd.DataFrame] = {}
    dropped: dict[str, list[str]] = {}
    for name, frame in tables.items():
        names = [one for one in allowed(name, public=public) if one in frame]
        dropped[name] = [str(one) for one in frame.columns if one not in names]
        if names:
            kept[name] = frame[names].copy()
    return kept, dropped


def allowed(table: str, *, public: bool) -> list[str]:
    """Name the columns of a table that an audience may see, the geometry last."""
    names = PUBLIC.get(table, "").split() + ([] if public else INSIDE.get(table, "").split())
    personal = TABLES[table].personal if table in TABLES else frozenset()
    if not public:
        personal -= PERSONAL_INSIDE.get(table, frozenset())
    return sorted((one for one in names if one not in personal), key=lambda one: one == "geometry")
