"""The hard rules of a plan that a hand may break by force only, and then it is written down.

A unit stays in no more pieces than it had, belongs to one community, does not change while it is locked, and is not
left behind without parts. The size band is no such rule: it is told and left to the planner.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap.delineate.edit.draft import Draft, differing
from govmap.delineate.problem import Ints, components
from govmap.errors import PlanError
from govmap.plan import Plan, named

if TYPE_CHECKING:
    from govmap.contiguity import Graph

PIECES, LOCKED, COMMUNITY, EMPTY = "pieces", "locked", "community", "empty"
Counts = Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Breaches:
    """
    What a change would break.

    `locked`, `empty` and `broken` name units: that may not change, would be left without parts, would fall into too
    many pieces (those of the lowest level on which any does, the most of one being `pieces`); `foreign` and `cut_off`
    name parts: that would come into a unit of another community, would hang together with their unit no more.
    """

    locked: list[str]
    foreign: list[str]
    empty: list[str]
    broken: list[str]
    cut_off: list[str]
    pieces: int


def refuse(
    draft: Draft,
    after: Plan,
    *,
    gone: Collection[str] = (),
    allowed: Counts | None = None,
    together: bool = False,
    excused: Collection[str] = (),
    force: bool = False,
) -> tuple[str, ...]:
    """
    Refuse a change that breaks a hard rule, or name the rules it breaks where that is wanted.

    Parameters
    ----------
    gone
        Units that are meant to be no more.
    allowed
        Pieces that a unit may have, where it may have more than it has now.
    together
        Count the pieces of all units that change together: where units are divided or put together, an island that
        belonged to one of them by name may belong to any.
    excused
        Rules that may be broken because the edit that is taken back or made again broke them.
    force
        Break every rule.

    Raises
    ------
    PlanError
        A rule is broken that is neither excused nor forced.
    """
    broken: list[str] = []
    for rule, error in _errors(draft, breaches(draft, after, gone=gone, allowed=allowed, together=together)):
        if not force and rule not in excused:
            raise error
        broken.append(rule)
    return tuple(broken)


def breaches(
    draft: Draft, after: Plan, *, gone: Collection[str] = (), allowed: Counts | None = None, together: bool = False
) -> Breaches:
    """
    Look at the lowest level on which anything changes; what falls into pieces is looked for on all.

    The choices are those of `refuse`.
    """
    was, now = differing(draft.plan, after)
    rows = was.difference(now)
    touched = set(rows["unit_before"].dropna()) | set(rows["unit_after"].dropna())
    broken, cut_off, most = _in_pieces(draft, after, rows, allowed or {}, together=together)
    return Breaches(
        locked=sorted(touched & draft.locked()),
        foreign=_foreign(draft, was, rows),
        empty=sorted(set(was.units) - set(now.units) - set(gone)),
        broken=broken,
        cut_off=cut_off,
        pieces=most,
    )


def _errors(draft: Draft, found: Breaches) -> Iterator[tuple[str, PlanError]]:
    """Say which rules are broken, and what of it a planner is told."""
    if found.locked:
        yield LOCKED, PlanError("edit_locked", unit_codes=draft.shown(found.locked), count=len(found.locked))
    if found.foreign:
        yield COMMUNITY, PlanError("edit_other_community", parts=named(found.foreign), count=len(found.foreign))
    if found.empty:
        yield EMPTY, PlanError("edit_left_empty", unit_codes=draft.shown(found.empty), count=len(found.empty))
    if found.broken:
        told: dict[str, Any] = {"cut_off": named(found.cut_off), "parts": len(found.cut_off), "pieces": found.pieces}
        shown = draft.shown(found.broken)
        yield PIECES, PlanError("edit_in_pieces", unit_codes=shown, count=len(found.broken), **told)


def _foreign(draft: Draft, plan: Plan, rows: pd.DataFrame) -> list[str]:
    """Name the parts that would come into a unit of another community."""
    community = dict(zip(draft.atoms["part_id"], draft.atoms["community_id"], strict=True))
    units = plan.parts[plan.parts.isin(set(rows["unit_after"]))]
    homes: dict[str, set[Any]] = {}
    for part, unit in units.items():
        homes.setdefault(unit, set()).add(community.get(str(part)))
    pairs = zip(rows["part_id"], rows["unit_after"], strict=True)
    return [part for part, unit in pairs if unit in homes and community.get(part) not in homes[unit]]


def _in_pieces(
    draft: Draft, after: Plan, rows: pd.DataFrame, allowed: Counts, *, together: bool
) -> tuple[list[str], list[str], int]:
    """Give units that fall into more pieces than they may, on the level where that is so, and the parts cut off."""
    tiers = zip(reversed(draft.plan.tiers()), reversed(after.tiers()), strict=False)
    for was, now in tiers:
        broken, most = _too_many(was, now, rows, draft, allowed, together=together)
        if broken:
            return broken, _cut_off(now, draft, broken), most
    return [], [], 0


def _too_many(
    was: Plan, now: Plan, rows: pd.DataFrame, draft: Draft, allowed: Counts, *, together: bool
) -> tuple[list[str], int]:
    """Give the units of one level that have too many pieces, and the most of these."""
    touched = sorted(
        set(was.parts.reindex(rows["part_id"]).dropna()) | set(now.parts.reindex(rows["part_id"]).dropna())
    )
    had, has = piece_counts(was, draft.graph, touched), piece_counts(now, draft.graph, touched)
    if together and sum(has.values()) - len(has) <= sum(had.values()) - len(had):
        return [], 0
    may = {unit: max(had.get(unit, 1), allowed.get(unit, 1)) for unit in touched}
    broken = [unit for unit in touched if has.get(unit, 0) > may[unit]]
    return broken, max((has[unit] for unit in broken), default=0)


def _cut_off(plan: Plan, draft: Draft, units: Collection[str]) -> list[str]:
    """Name the parts of units that do not hang together with the piece of most households."""
    chosen = plan.parts[plan.parts.isin(list(units))]
    piece = pieces(chosen, draft.graph)
    households = draft.atoms.set_index("part_id")["households"].reindex(chosen.index).fillna(0).to_numpy()
    frame = pd.DataFrame({"part": chosen.index, "unit": chosen.to_numpy(), "piece": piece, "households": households})
    held = frame.groupby(["unit", "piece"])["households"].agg(["sum", "size"]).reset_index()
    held = held.sort_values(["unit", "sum", "size", "piece"], ascending=[True, False, False, True], kind="stable")
    main = set(held.drop_duplicates("unit")["piece"])
    return sorted(frame.loc[~frame["piece"].isin(main), "part"])


def piece_counts(plan: Plan, graph: "Graph", units: Collection[str]) -> dict[str, int]:
    """Count the pieces in which the parts of some units hang together by joining borders."""
    chosen = plan.parts[plan.parts.isin(list(units))]
    _, first = np.unique(pieces(chosen, graph), return_index=True)  # each piece lies in one unit
    return dict(Counter(str(one) for one in chosen.to_numpy(dtype=object)[first]))


def pieces(label: pd.Series, graph: "Graph") -> Ints:
    """Number the pieces of parts that have one label and hang together by joining borders; `label` by part id."""
    spot = label.index.get_indexer(pd.Index(graph.ids, dtype=object))
    i, j = spot[graph.i], spot[graph.j]
    code = pd.factorize(label, sort=True)[0]
    joined = (i >= 0) & (j >= 0) & np.asarray(graph.joins, dtype=bool)
    i, j = i[joined], j[joined]
    same = code[i] == code[j]
    return components(len(label), i[same], j[same])
