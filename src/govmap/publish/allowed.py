"""The columns that pass, by audience: a list of what may, never of what may not."""

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
    "gaps": "plan_id unit_id level category standard people people_short share_short share_estimated reason walk_min"
    " withheld",
    "norms": "community_id category standard have need short unit source",
    "rates": "plan_id unit_id level category rate low high too_small share_estimated since until",
    "months": "community_id category month count whole",
    "incident_places": "place_id kind count geometry",
    "imports": "import_id table at",
}
INSIDE: Mapping[str, str] = {
    "buildings": "cell_id reason osm_id homes_a_floor dwellings households households_low households_high"
    " residents shops workplaces households_source outline_source edited_by_hand",
    "addresses": "entrance source",
    "entrances": "entrance_id building_id compound_id kind geometry",
    "compounds": "households",
    "parts": "households households_low households_high residents source",
    "plans": "criteria base_plan_id",
    "units": "locked out_of_band_reason",
    "unit_lineage": "plan_id unit_id former_plan_id former_unit_id edition households",
    "zones": "stakeholders",
    "resources": "contact_role osm_id",
    "incidents": "incident_id kind category severity lifecycle stage reported_at due_at closed_at duplicate_of"
    " building_id street_id community_id unit_id geometry",
    "workers": "worker_id name office_phone role organisation",
    "attachments": "attachment_id type content",
    "duties": "worker_id plan_id unit_id role share from to state",
    "leaders": "said_id worker_id building_id entrance role",
    "norms": "people",
    "gaps": "households households_short elders_short children_short site_id distance_m fixes rank by_reason"
    " people_unsure places_a_thousand",
    "sites": "plan_id category standard place_id place_kind name rank people_covered gain bound reason geometry",
    "rates": "count households raw",
    "spots": "plan_id unit_id level category z p q kind stable_levels quarter grounds since until",
    "answered": "plan_id unit_id level category cases open overdue responded resolved satisfied_resident"
    " satisfied_office hours_median satisfied_gap rated_resident rated_office responded_low responded_high resolved_low"
    " resolved_high satisfied_resident_low satisfied_resident_high satisfied_office_low satisfied_office_high since"
    " until",
    "months": "expected low high notable",
    "recurring": "street_id category incidents days first last expected q",
    "loads": "plan_id unit_id level item amount amount_unit minutes_each hours share_estimated source",
    "fits": "plan_id unit_id level measure value",
    "matches": "need_id resource_id amount cost_m reason",
    "imports": "file rows_in rows_kept rows_rejected",
}
PERSONAL_INSIDE: Mapping[str, frozenset[str]] = {"workers": frozenset({"name", "office_phone"})}
PLAN_TABLES = (
    "plans", "plan_parts", "units", "unit_lineage", "tallies", "duties", "gaps", "sites", "rates", "spots", "answered",
    "loads", "fits",
)  # fmt: skip


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
