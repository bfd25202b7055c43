"""Needs met from pooled resources: as many as can be, each by what is near, fits and has room; the rest named with why.

A transport problem (needs × resources within reach) whose corner solutions are whole numbers; HiGHS' simplex finds one.
Unmet needs and idle room stand side by side: neither is hidden by the other.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.geometry import Bools, Floats, Ints

NONE_OF_KIND, NONE_IN_REACH, CLOSED, NOT_SHARED, FULL, NO_PLACE, NO_KIND = (
    "none_of_kind", "none_in_reach", "closed", "not_shared", "full", "no_place", "no_kind",
)  # fmt: skip


@dataclass(frozen=True)
class Matched:
    """
    What meets what.

    `matches`: need_id, resource_id, amount, cost_m (metres of way), reason. `unmet`: need_id, kind, amount, reason.
    `idle`: resource_id, category, capacity, used, idle, of resources that could meet any kind of need.
    """

    matches: pd.DataFrame
    unmet: pd.DataFrame
    idle: pd.DataFrame


def kind_of(category: object) -> str | None:
    """Name the kind of need that the words of a category mean: the longest word that stands in it decides."""
    if not isinstance(category, str):
        return None
    text = unicodedata.normalize("NFKC", category).casefold()
    found = [(len(word), name) for name, facts in kinds().items() for word in facts["words"] if word.casefold() in text]
    return max(found, key=lambda one: one[0])[1] if found else None


def kinds() -> Mapping[str, Mapping[str, Any]]:
    """Give the kinds of needs as `layers/needs.toml` describes them."""
    found: Mapping[str, Mapping[str, Any]] = catalog.layer("needs")["needs"]
    return found


def match(
    needs: pd.DataFrame, resources: pd.DataFrame, ways: pd.DataFrame, *, closed: Collection[tuple[str, str]] = ()
) -> Matched:
    """
    Meet needs from resources.

    Parameters
    ----------
    needs
        need_id (sorted), kind (or None), amount (whole), placed (whether it is known where).
    resources
        resource_id (sorted), category, capacity (missing: unknown), reach_min, shared, inside, provider_type, terms,
        serves.
    ways
        need (row), resource (row), metres, walk_min: pairs that anybody would walk.
    closed
        (kind, resource_id) of resources that are not open when a kind of need wants them.

    Returns
    -------
    matched
        As many needs as can be met at all; among all ways to do so the one with the fewest metres.
    """
    pairs = _pairs(needs, resources, ways, closed)
    usable = pairs[pairs["why"].isna()].reset_index(drop=True)
    flow = _flow(needs, resources, usable)
    matches = _matches(needs, resources, usable, flow)
    met = matches.groupby("need_id")["amount"].sum()
    left = needs["amount"] - needs["need_id"].map(met).fillna(0).astype(np.int64)
    unmet = needs[["need_id", "kind"]].assign(amount=left, reason=_reasons(needs, resources, pairs))
    return Matched(matches, unmet[left > 0].reset_index(drop=True), _idle(resources, matches))


def _pairs(
    needs: pd.DataFrame, resources: pd.DataFrame, ways: pd.DataFrame, closed: Collection[tuple[str, str]]
) -> pd.DataFrame:
    """Give every pair of a need and a resource of its kind with the first thing that stands against it (`why`)."""
    usual = catalog.layer("needs")["choosing"]
    kind = needs["kind"].to_numpy(object)[ways["need"]]
    category = resources["category"].to_numpy(object)[ways["resource"]]
    helps = {(name, one) for name, facts in kinds().items() for one in facts["resources"]}
    of_kind = np.array([pair in helps for pair in zip(kind, category, strict=True)], bool)
    pairs = ways[of_kind].assign(kind=kind[of_kind]).reset_index(drop=True)
    own = resources["reach_min"].to_numpy(float)[pairs["resource"]]
    asked = np.array([kinds()[one].get("walk_min", usual["walk_min"]) for one in pairs["kind"]], float)
    far = pairs["walk_min"].to_numpy(float) > np.where(np.isfinite(own), own, asked)
    ids = resources["resource_id"].to_numpy(object)[pairs["resource"]]
    shut = np.array([pair in set(closed) for pair in zip(pairs["kind"], ids, strict=True)], bool)
    pooled = np.array([bool(kinds()[one].get("pooled")) for one in pairs["kind"]], bool)
    shared = resources["shared"].astype("boolean")
    own_use = pooled & ~shared.fillna(value=True).to_numpy(bool)[pairs["resource"]]
    unsaid = pooled & shared.isna().to_numpy(bool)[pairs["resource"]]
    why = np.select([far, shut, own_use], [NONE_IN_REACH, CLOSED, NOT_SHARED], default="")
    return pairs.assign(
        why=pd.Series(why, dtype=object).replace("", None), cost=_costs(pairs, resources, unsaid, usual)
    )


def _costs(pairs: pd.DataFrame, resources: pd.DataFrame, unsaid: Bools, usual: Mapping[str, Any]) -> Ints:
    """Give metres, and what counts as metres."""
    unknown = resources["capacity"].isna().to_numpy(bool)[pairs["resource"]]
    outside = ~resources["inside"].to_numpy(bool)[pairs["resource"]]
    more = unknown * usual["unknown_m"] + outside * usual["outside_m"] + unsaid * usual["not_said_m"]
    return np.asarray(np.rint(pairs["metres"].to_numpy(float) + more), np.int64)


def _flow(needs: pd.DataFrame, resources: pd.DataFrame, usable: pd.DataFrame) -> Ints:
    """Give how much of each need goes to each resource, pair by pair."""
    from scipy import sparse
    from scipy.optimize import linprog

    count, many = len(usable), len(needs)
    if count == 0:
        return np.zeros(0, np.int64)
    cost = usable["cost"].to_numpy(np.int64)
    never = int(cost.max()) * 2 + 1  # no saving of metres is worth a need that could be met
    row = sparse.csr_matrix((np.ones(count), (usable["need"], np.arange(count))), shape=(many, count))
    each = sparse.hstack([row, sparse.identity(many)], format="csr")
    limited = np.flatnonzero(resources["capacity"].notna())
    room = np.floor(resources["capacity"].to_numpy(float)[limited])
    shape = (len(resources), count + many)
    held = sparse.csr_matrix((np.ones(count), (usable["resource"], np.arange(count))), shape=shape)
    found = linprog(
        np.r_[cost, np.full(many, never * (len(needs) + 1))].astype(float),
        A_eq=each, b_eq=needs["amount"].to_numpy(float), A_ub=held[limited], b_ub=room,
        bounds=(0, None), method="highs-ds",
    )  # fmt: skip
    return np.asarray(np.rint(found.x[:count]), np.int64)


def _matches(needs: pd.DataFrame, resources: pd.DataFrame, usable: pd.DataFrame, flow: Ints) -> pd.DataFrame:
    rows = usable.assign(amount=flow)[flow > 0]
    nearer = usable.groupby("need")["metres"].min()
    choices = np.bincount(usable["need"], minlength=len(needs))
    found = []
    columns = (rows[name].tolist() for name in ("need", "resource", "metres", "walk_min", "kind", "amount"))
    for need, resource, metres, walk, kind, amount in zip(*columns, strict=True):
        of = resources.iloc[int(resource)]
        reason: dict[str, Any] = {"kind": kind, "walk_min": round(float(walk), 1), "inside": bool(of["inside"])}
        reason |= {"capacity_known": bool(pd.notna(of["capacity"])), "choices": int(choices[int(need)])}
        reason |= {"nearest": bool(metres <= nearer[need])}
        reason |= {name: _text(of[name]) for name in ("provider_type", "terms", "serves", "hours")}
        ids = {"need_id": needs["need_id"].iloc[int(need)], "resource_id": of["resource_id"]}
        found.append({**ids, "amount": float(amount), "cost_m": round(float(metres), 1), "reason": reason})
    made = pd.DataFrame(found, columns=["need_id", "resource_id", "amount", "cost_m", "reason"])
    return made.sort_values(["need_id", "resource_id"], ignore_index=True)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _reasons(needs: pd.DataFrame, resources: pd.DataFrame, pairs: pd.DataFrame) -> list[str]:
    """Say of each need why it is not met, if it is not: the nearest thing to a chance that it had."""
    order = (NOT_SHARED, CLOSED, NONE_IN_REACH)
    mine: dict[int, set[Any]] = {}
    for need, why in zip(pairs["need"].tolist(), pairs["why"].tolist(), strict=True):
        mine.setdefault(need, set()).add(why)
    there = set(resources["category"])
    found = []
    for row, (kind, placed) in enumerate(zip(needs["kind"], needs["placed"], strict=True)):
        if not isinstance(kind, str):
            found.append(NO_KIND)
        elif not there & set(kinds()[kind]["resources"]):
            found.append(NONE_OF_KIND)
        elif not placed:
            found.append(NO_PLACE)
        else:
            whys = mine.get(row, set())
            open_ = any(pd.isna(one) for one in whys)
            found.append(FULL if open_ else next((one for one in order if one in whys), NONE_IN_REACH))
    return found


def _idle(resources: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Give what is left of resources that could meet needs; where nobody knows the room, nothing can be told."""
    helping = {one for facts in kinds().values() for one in facts["resources"]}
    rows = resources[resources["category"].isin(helping)]
    used = rows["resource_id"].map(matches.groupby("resource_id")["amount"].sum()).fillna(0.0)
    capacity: Floats = rows["capacity"].to_numpy(float)
    made = rows[["resource_id", "category"]].assign(capacity=capacity, used=used, idle=np.floor(capacity) - used)
    return made.reset_index(drop=True)
