"""What holds of plans and their units, and of what was decided about them."""

from collections.abc import Iterator

import pandas as pd

from govmap import catalog, contiguity
from govmap.check.rule import Rules, Tables


# plans -------------------------------------------------------------------------------------------------------------
def _current_plans(tables: Tables) -> pd.DataFrame:
    cells = tables["cells"]
    edition = 0 if cells.empty else int(cells["edition"].iloc[0])
    plans = tables["plans"]
    return plans[plans["edition"] == edition]


def _part_not_in_one_unit(tables: Tables) -> Iterator[str]:
    wanted = set(tables["parts"]["part_id"])
    for plan_id in _current_plans(tables)["plan_id"]:
        held = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan_id]
        yield from (f"{plan_id}/{part}" for part in wanted ^ set(held["part_id"]))
        wrong = held["part_id"].duplicated() | held["unit_id"].isna()
        yield from (f"{plan_id}/{part}" for part in held["part_id"][wrong])


def _revisions_do_not_give_the_plan(tables: Tables) -> Iterator[str]:
    for plan_id, head in zip(tables["plans"]["plan_id"], tables["plans"]["head_revision"], strict=True):
        replayed = replay(tables["revisions"], tables["revision_parts"], head)
        held = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan_id]
        if replayed != dict(zip(held["part_id"], held["unit_id"], strict=True)):
            yield plan_id


def replay(revisions: pd.DataFrame, revision_parts: pd.DataFrame, head: str | None) -> dict[str, str]:
    """Follow the chain that ends in `head` from its beginning: part_id -> unit_id."""
    parents = dict(zip(revisions["revision_id"], revisions["parent_id"], strict=True))
    chain: list[str] = []
    while head is not None and head in parents:
        chain.append(head)
        head = parents[head]
    by_revision = dict(iter(revision_parts.groupby("revision_id", sort=False)))
    state: dict[str, str] = {}
    for revision_id in reversed(chain):
        moves = by_revision.get(revision_id)
        if moves is None:
            continue
        for part_id, unit in zip(moves["part_id"], moves["unit_after"], strict=True):
            state.pop(part_id, None) if pd.isna(unit) else state.__setitem__(part_id, unit)
    return state


def _unit_sums_differ(tables: Tables) -> Iterator[str]:
    parts = tables["parts"].set_index("part_id")
    for plan_id in _current_plans(tables)["plan_id"]:
        held = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan_id]
        units = tables["units"][tables["units"]["plan_id"] == plan_id].set_index("unit_id")
        units = units[~units.index.isin(units["parent_unit_id"].dropna())]  # upper levels: `_unit_levels_differ`
        counted = parts.reindex(held["part_id"])[["households", "residents"]].fillna(0).astype(int)
        sums = counted.groupby(held["unit_id"].to_numpy()).sum()
        yield from (f"{plan_id}/{unit}" for unit in set(units.index) ^ set(sums.index))
        both = sums.index.intersection(units.index)
        wrong = (sums.loc[both] != units.loc[both, ["households", "residents"]].fillna(0).astype(int)).any(axis=1)
        yield from (f"{plan_id}/{unit}" for unit in both[wrong])


def _unit_levels_differ(tables: Tables) -> Iterator[str]:
    """A unit over others is there, lies in their community and holds what they hold, and none lies above itself."""
    summed = ["households", "residents", "buildings"]
    for plan_id in _current_plans(tables)["plan_id"]:
        units = tables["units"][tables["units"]["plan_id"] == plan_id].set_index("unit_id")
        parent = units["parent_unit_id"].dropna()
        yield from (f"{plan_id}/{unit}" for unit in sorted(set(parent) - set(units.index)))
        known = parent[parent.isin(units.index)]
        held = units.loc[known.index, summed].fillna(0).astype(int).groupby(known.to_numpy()).sum()
        wrong = (held != units.loc[held.index, summed].fillna(0).astype(int)).any(axis=1)
        yield from (f"{plan_id}/{unit}" for unit in held.index[wrong])
        away = units.loc[known.index, "community_id"].to_numpy() != units.loc[known, "community_id"].to_numpy()
        yield from (f"{plan_id}/{unit}" for unit in known.index[away])
        above = known
        for _ in range(len(units)):
            above = above.map(known).dropna()
            if above.empty:
                break
        yield from (f"{plan_id}/{unit}" for unit in above.index)


def _unit_in_pieces(tables: Tables) -> Iterator[str]:
    """A unit lies in one piece by the rule of the ground, unless the plan says why not."""
    plans = _current_plans(tables)
    if plans.empty:
        return
    borders = contiguity.borders(tables["cells"], tables["barriers"], tables["streets"])
    graph = contiguity.between_parts(borders, tables["parts"])
    for plan_id in plans["plan_id"]:
        held = tables["plan_parts"][tables["plan_parts"]["plan_id"] == plan_id].set_index("part_id")["unit_id"]
        units = held.reindex(graph.ids).to_numpy()
        piece = pd.Series(contiguity.pieces(graph, units))
        count = piece.groupby(units).nunique()
        told = tables["units"][(tables["units"]["plan_id"] == plan_id) & tables["units"]["out_of_band_reason"].notna()]
        yield from (f"{plan_id}/{unit}" for unit in count.index[count > 1] if unit not in set(told["unit_id"]))


def _codes_repeat(tables: Tables) -> Iterator[str]:
    units = tables["units"].dropna(subset=["code"])
    yield from units["code"][units.duplicated(["plan_id", "code"])]


# decisions ---------------------------------------------------------------------------------------------------------
def _adopted_more_than_one(tables: Tables) -> Iterator[str]:
    """A plan covers all communities, so that one at the most is binding."""
    adopted = tables["plans"].loc[tables["plans"]["status"] == "adopted", "plan_id"]
    yield from adopted if len(adopted) > 1 else ()


def _plan_state_unfounded(tables: Tables) -> Iterator[str]:
    """A plan is where the last step that was written of it leads; without any it is a draft."""
    ways = catalog.layer("agreement")["steps"]
    last = tables["agreements"].sort_values("turn").drop_duplicates("plan_id", keep="last")
    leads = {plan: ways.get(step, {}).get("to") for plan, step in zip(last["plan_id"], last["step"], strict=True)}
    plans = tables["plans"]
    states = zip(plans["plan_id"], plans["status"], strict=True)
    yield from (plan for plan, state in states if state != leads.get(plan, "draft"))


def _objection_unanswered(tables: Tables) -> Iterator[str]:
    """An answer has a known outcome and words; nothing was adopted over an open objection."""
    rows = tables["objections"]
    known = catalog.layer("agreement")["objections"]["outcomes"]
    wrong = rows["outcome"].notna() & (~rows["outcome"].isin(known) | rows["answer"].isna())
    adopted = set(tables["plans"].loc[tables["plans"]["status"] == "adopted", "plan_id"])
    wrong |= rows["outcome"].isna() & rows["plan_id"].isin(adopted)
    yield from (f"{plan}/{number}" for plan, number in rows.loc[wrong, ["plan_id", "number"]].to_numpy())


def _said_of_no_plan(tables: Tables) -> Iterator[str]:
    """Steps, objections and comments are of plans that are there."""
    known = tables["plans"]["plan_id"]
    for name in ("agreements", "objections", "comments"):
        rows = tables[name]["plan_id"].dropna()
        yield from rows[~rows.isin(known)]


RULES: Rules = {
    "part_not_in_one_unit": _part_not_in_one_unit,
    "revisions_do_not_give_the_plan": _revisions_do_not_give_the_plan,
    "unit_sums_differ": _unit_sums_differ,
    "unit_levels_differ": _unit_levels_differ,
    "unit_in_pieces": _unit_in_pieces,
    "codes_repeat": _codes_repeat,
    "adopted_more_than_one": _adopted_more_than_one,
    "plan_state_unfounded": _plan_state_unfounded,
    "objection_unanswered": _objection_unanswered,
    "said_of_no_plan": _said_of_no_plan,
}
