"""What holds of lists that came in, changes by hand, incidents, and what was found out about services."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from govmap import catalog, sensitive
from govmap.check.rule import Rules, Tables

OFFERED = ("open", "taken", "left")
NORM_TOLERANCE = 1e-9


# by hand -----------------------------------------------------------------------------------------------------------
def _offers_broken(tables: Tables) -> Iterator[str]:
    """An open difference of the map is of a building that is there, except where it offers a new one."""
    rows = tables["offers"]
    lost = ~rows["row_key"].isin(tables["buildings"]["building_id"]) & (rows["kind"] != "added")
    wrong = ~rows["state"].isin(OFFERED) | ((rows["state"] == "open") & (rows["table"] == "buildings") & lost)
    yield from rows.loc[wrong, "offer_id"]


def _base_edits_out_of_turn(tables: Tables) -> Iterator[str]:
    """Changes by hand stand in one line, so that it is known which is taken back first."""
    rows = tables["base_edits"]
    yield from rows.loc[rows["turn"].isna() | rows["turn"].duplicated(keep=False), "edit_id"]


# registers ---------------------------------------------------------------------------------------------------------
def _rows_lost(tables: Tables) -> Iterator[str]:
    imports = tables["imports"]
    wrong = imports["rows_in"] != imports["rows_kept"] + imports["rows_rejected"]
    yield from imports["import_id"][wrong]


# incidents ---------------------------------------------------------------------------------------------------------
def _sensitive_told(tables: Tables) -> Iterator[str]:
    """An incident of a sensitive kind says neither where nor what."""
    incidents = tables["incidents"]
    flag = incidents["sensitive"].fillna(value=False).astype(bool).to_numpy()
    kind = sensitive.rows(incidents["category"]) | sensitive.rows(incidents["kind"])
    says = ("category", "address", "building_id", "part_id", "cell_id", "street_id", "geometry")
    placed = incidents[[name for name in says if name in incidents]].notna().any(axis=1).to_numpy()
    yield from incidents["incident_id"][(flag | kind) & placed]


def _incident_stage_unknown(tables: Tables) -> Iterator[str]:
    incidents = tables["incidents"].dropna(subset=["stage", "lifecycle"])
    known = {(cycle, stage) for cycle, facts in catalog.layers("lifecycles").items() for stage in facts["stages"]}
    pairs = incidents[["lifecycle", "stage"]].drop_duplicates().itertuples(index=False, name=None)
    wrong = {pair for pair in pairs if pair not in known}
    told = zip(incidents["incident_id"], incidents["lifecycle"], incidents["stage"], strict=True)
    yield from (one for one, cycle, stage in told if (cycle, stage) in wrong)


def _incident_log_lost(tables: Tables) -> Iterator[str]:
    """The last entry of an incident's log is the stage at which it stands."""
    log, incidents = tables["incident_log"], tables["incidents"]
    last = log.sort_values("at", kind="stable").drop_duplicates("incident_id", keep="last").set_index("incident_id")
    stands = incidents.set_index("incident_id")["stage"].reindex(last.index)
    yield from last.index[(last["stage"] != stands).to_numpy()]


def _repeats_broken(tables: Tables) -> Iterator[str]:
    """No incident repeats itself, also not by way of others; what it repeats may lie in a list that is not here."""
    incidents = tables["incidents"].dropna(subset="duplicate_of")
    links = dict(zip(incidents["incident_id"], incidents["duplicate_of"], strict=True))
    for one, first in links.items():
        seen, at = {one}, first
        while at in links and at not in seen:
            seen.add(at)
            at = links[at]
        if at == one:
            yield one


# services ----------------------------------------------------------------------------------------------------------
def _gaps_more_than_people(tables: Tables) -> Iterator[str]:
    """Of no group more are short than there are, nor do elders, children or shares go beyond what holds them."""
    gaps = tables["gaps"]
    number = gaps[[*_GAP_NUMBERS, "share_short", "share_estimated"]].astype("Float64").fillna(0)
    wrong = (number < 0).any(axis=1) | (number[["share_short", "share_estimated"]] > 1).any(axis=1)
    wrong |= (number["people_short"] > number["people"]) | (number["households_short"] > number["households"])
    wrong |= (number["elders_short"] > number["people_short"]) & _whole_group(gaps)
    yield from _gap_ids(gaps[wrong.to_numpy(bool)])


_GAP_NUMBERS = ("people", "households", "people_short", "households_short", "elders_short", "children_short")


def _whole_group(gaps: pd.DataFrame) -> "pd.Series[bool]":
    """Tell where elders were counted among everybody, so that they cannot be more than these."""
    told: pd.Series[bool] = gaps["elders_short"].notna() & gaps["children_short"].notna()
    return told


def _gap_ids(gaps: pd.DataFrame) -> Iterator[str]:
    for row in gaps[["plan_id", "unit_id", "standard"]].itertuples(index=False, name=None):
        yield "/".join(map(str, row))


def _norms_do_not_add_up(tables: Tables) -> Iterator[str]:
    """What is short of a norm is what it needs beyond what there is, and never less than nothing."""
    norms = tables["norms"].dropna(subset=["have", "short"])
    lacks = np.maximum(norms["need"].to_numpy(float) - norms["have"].to_numpy(float), 0.0)
    wrong = np.abs(lacks - norms["short"].to_numpy(float)) > NORM_TOLERANCE * (1 + norms["need"].to_numpy(float))
    yield from norms["community_id"][wrong] + "/" + norms["standard"][wrong]


RULES: Rules = {
    "offers_broken": _offers_broken,
    "base_edits_out_of_turn": _base_edits_out_of_turn,
    "rows_lost": _rows_lost,
    "sensitive_told": _sensitive_told,
    "incident_stage_unknown": _incident_stage_unknown,
    "incident_log_lost": _incident_log_lost,
    "repeats_broken": _repeats_broken,
    "gaps_more_than_people": _gaps_more_than_people,
    "norms_do_not_add_up": _norms_do_not_add_up,
}
