"""A large project laid out of copies of a small divided one, side by side: every id told apart, one plan over all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap.project import Change, Project, new_project, open_project, revision_id

COPIED = ("communities", "buildings", "compounds", "barriers", "streets", "cells", "parts", "plan_parts", "units")
DRAWN = ("addresses", "entrances", "features", "resources")
OWN = (
    "community_id", "building_id", "compound_id", "barrier_id", "street_id", "cell_id", "part_id", "unit_id",
    "parent_unit_id", "block_id", "from_node", "to_node", "address_id", "entrance_id", "feature_id", "resource_id",
)  # fmt: skip
GAP = 1.1
PLAN = "plan"


def lay(source: Path, target: Path, copies: int, *, drawn: bool = False) -> int:
    """Write the large project, with what maps show beside units where they are to be `drawn`; say how many parts."""
    names = (*COPIED, *DRAWN) if drawn else COPIED
    with open_project(source) as small:
        tables = {name: small.read(name) for name in names}
        plan_id, facts = small.active_plan_id(), small.read("project")
        plans, crs, profile = small.read("plans", where={"plan_id": plan_id}), small.crs, small.fact("profile")
    for name in ("plan_parts", "units"):
        tables[name] = tables[name][tables[name]["plan_id"] == plan_id].assign(plan_id=PLAN)
    target.unlink(missing_ok=True)
    west, south, east, north = shapely.total_bounds(tables["communities"]["geometry"].to_numpy())
    step = ((east - west) * GAP, (north - south) * GAP)
    with new_project(target, crs, profile_name=profile or "generic") as large, large.change("lay") as change:
        for name in names:
            rows = pd.concat(list(_copies(tables[name], copies, step)), ignore_index=True)
            if name == "units":
                rows["code"] = [f"U{at + 1:04d}" for at in range(len(rows))]
            change.session.append(name, rows)
        _plan(change, large, plans, facts)
        return int(change.session.count("parts"))


def _copies(rows: pd.DataFrame, copies: int, step: tuple[float, float]) -> Iterator[pd.DataFrame]:
    across = int(np.ceil(np.sqrt(copies)))
    for at in range(copies):
        own = {
            name: rows[name].where(rows[name].isna(), rows[name].astype(str) + f"~{at}") for name in OWN if name in rows
        }
        moved = rows.assign(**own)
        if "geometry" in rows:
            shift = np.array([at % across * step[0], at // across * step[1]])
            moved["geometry"] = shapely.transform(rows["geometry"].to_numpy(), lambda xy, by=shift: xy + by)
        yield moved


def _plan(change: Change, large: Project, plans: pd.DataFrame, facts: pd.DataFrame) -> None:
    """Write the plan with the revision that made it, and what the project knows of its cells."""
    parts = change.session.read("plan_parts", where={"plan_id": PLAN})
    moves = pd.DataFrame(
        {"part_id": parts["part_id"], "unit_before": None, "unit_after": parts["unit_id"]}, dtype=object
    )
    head = revision_id(PLAN, None, "delineate", moves, author=large.author)
    row: dict[str, Any] = {"plan_id": PLAN, "name": PLAN, "head_revision": head}
    change.session.append("plans", plans.assign(**row))
    made = {"revision_id": head, "plan_id": PLAN, "parent_id": None, "action": "delineate", "detail": {}}
    change.session.append("revisions", pd.DataFrame([{**made, "author": large.author, "at": change.at}]))
    change.session.append("revision_parts", moves.assign(revision_id=head))
    kept = facts[~facts["key"].str.startswith("changed:") & ~facts["key"].isin(["active_plan_id", "laid_at"])]
    for key, value in zip(kept["key"], kept["value"], strict=True):
        if change.get(key) is None:
            change.set(key, value)
    change.set("active_plan_id", PLAN)
