"""History only grows: an edit is taken back by its inverse, and made again by the inverse of that.

`undo` takes back the author's own last edit that still stands, `redo` the author's own last undo until they edit
anew. Both are refused, with names, where another has changed since what they would change.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from govmap.delineate.edit import labels, moves
from govmap.delineate.edit.draft import KEPT, Draft, Edit, Facts, Turn, placed
from govmap.delineate.edit.rules import Counts, piece_counts, refuse
from govmap.errors import PlanError
from govmap.plan import Plan, named

UNDO, REDO = "undo", "redo"
MADE_BY_HAND = frozenset(
    {moves.MOVE, moves.MERGE, moves.SPLIT, labels.RENAME, labels.LOCK, labels.UNLOCK, labels.EXCLUSIVE, labels.BASE}
)
EDITS = MADE_BY_HAND | {UNDO, REDO}
TURNED = "turned"  # what the revision that is taken back or made again did, for the sentence that tells of it


def undo(
    draft: Draft, revisions: pd.DataFrame, revision_parts: pd.DataFrame, author: str, *, force: bool = False
) -> Edit:
    """
    Take back the author's own last edit that still stands.

    Parameters
    ----------
    revisions
        Rows of the plan: revision_id, parent_id, action, detail, author. An undo has `{"undoes": revision_id}` in its
        detail, a redo `{"redoes": revision_id}`.
    revision_parts
        revision_id, part_id, unit_before, unit_after: those of the edits at least.
    force
        Break hard rules by it; what another has changed since is never taken back.

    Raises
    ------
    PlanError
        There is none, another has changed its parts or units since, or a hard rule would be broken that was kept.
    """
    done, _ = _standing(chain(revisions), author)
    if not done:
        raise PlanError("edit_nothing_to_undo")
    return _turned(draft, revisions, revision_parts, done[-1], UNDO, force=force)


def redo(
    draft: Draft, revisions: pd.DataFrame, revision_parts: pd.DataFrame, author: str, *, force: bool = False
) -> Edit:
    """Make again what the author took back last, unless they edited since; parameters and errors are as for `undo`."""
    _, undone = _standing(chain(revisions), author)
    if not undone:
        raise PlanError("edit_nothing_to_redo")
    return _turned(draft, revisions, revision_parts, undone[-1], REDO, force=force)


def chain(revisions: pd.DataFrame) -> list[dict[str, Any]]:
    """Put revisions in the order of their chain, with their details read."""
    rows = {
        row["parent_id"] if isinstance(row["parent_id"], str) else None: row for row in revisions.to_dict("records")
    }
    ordered: list[dict[str, Any]] = []
    parent = None
    while parent in rows and len(ordered) < len(revisions):
        row = rows[parent]
        ordered.append({**{str(name): value for name, value in row.items()}, "detail": _read(row["detail"])})
        parent = str(row["revision_id"])
    return ordered


def units_ever(revisions: pd.DataFrame) -> dict[str, str | None]:
    """Give every unit that an edit made or took away, with the code it had: none of these is given again."""
    found: dict[str, str | None] = {}
    for row in chain(revisions):
        for unit, turn in row["detail"].get("units", {}).items():
            codes = [known.get("code") for known in turn if isinstance(known, Mapping)]
            found[unit] = next((code for code in codes if code), found.get(unit))
    return found


def edits_of(revisions: pd.DataFrame) -> list[str]:
    """Name the revisions made by hand, undone and redone ones included, in the order of the chain."""
    return [str(row["revision_id"]) for row in chain(revisions) if row["action"] in EDITS]


def origin(plan: Plan, revisions: pd.DataFrame, revision_parts: pd.DataFrame) -> Plan:
    """Give the plan as it was before all edits by hand since it was made or carried over to new cells."""
    rows = chain(revisions)
    made = [at for at, row in enumerate(rows) if row["action"] not in EDITS]
    return _rewound(plan, rows[made[-1] + 1 if made else 0 :], revision_parts)


def standing(revisions: pd.DataFrame, author: str) -> tuple[list[str], list[str]]:
    """Name the author's edits that stand, and the undos that can be taken back, the last ones last."""
    return _standing(chain(revisions), author)


def _read(detail: Any) -> dict[str, Any]:
    read = json.loads(detail) if isinstance(detail, str) else detail
    return dict(read) if isinstance(read, Mapping) else {}


def _standing(rows: list[dict[str, Any]], author: str) -> tuple[list[str], list[str]]:
    """Give the author's edits that stand, and the undos that can be taken back, the last ones last."""
    stands: tuple[list[str], list[str]] = ([], [])
    for row in rows:
        if row["author"] == author and row["action"] in EDITS:
            stands = stood(stands, str(row["revision_id"]), row["action"], row["detail"])
    return stands


def stood(
    stands: tuple[list[str], list[str]], revision: str, action: str, detail: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Give what `standing` gives, after one revision more by the same author."""
    done, undone = stands
    if action == UNDO:
        return [one for one in done if one != detail.get("undoes")], [*undone, revision]
    if action == REDO:
        return [*done, revision], [one for one in undone if one != detail.get("redoes")]
    return [*done, revision], []


def _turned(
    draft: Draft, revisions: pd.DataFrame, revision_parts: pd.DataFrame, target: str, action: str, *, force: bool
) -> Edit:
    """Give the inverse of a revision."""
    rows = chain(revisions)
    at = next(place for place, row in enumerate(rows) if row["revision_id"] == target)
    record = rows[at]
    facts = {unit: (turn[1], turn[0]) for unit, turn in record["detail"].get("units", {}).items()}
    done = revision_parts[revision_parts["revision_id"] == target].sort_values("part_id", kind="stable")
    after = placed(_moved_back(draft, done, facts, units_ever(revisions)), facts)
    _refuse_changed(draft, after, facts)
    gone = [unit for unit, (_, then) in facts.items() if then is None]
    allowed = _pieces_then(draft, rows[at:], revision_parts, after)
    excused = _forced_by(rows, record)
    forced = refuse(draft, after, gone=gone, allowed=allowed, excused=excused, force=force)
    if action == REDO:
        forced = tuple(dict.fromkeys((*forced, *_forced_in(rows, record["detail"].get("undoes")))))
    told = {"undoes" if action == UNDO else "redoes": target, TURNED: record["detail"].get(TURNED, record["action"])}
    return Edit(action=action, before=draft.plan, after=after, facts=facts, forced=forced, more=told)


def _moved_back(draft: Draft, done: pd.DataFrame, facts: Mapping[str, Turn], ever: Mapping[str, str | None]) -> Plan:
    """Put parts back where they came from, unless they lie elsewhere by now or there is no such unit any more."""
    now = draft.plan.parts.reindex(done["part_id"])
    pairs = zip(now.items(), done["unit_after"], strict=True)
    since = [str(part) for (part, unit), after in pairs if unit != after]
    if since:
        raise PlanError("edit_changed_since", parts=named(since), count=len(since))
    come_back = {unit for unit, (before, _) in facts.items() if before is None}
    lost = sorted(set(done["unit_before"]) - set(draft.leaves) - come_back)
    if lost:
        raise PlanError("edit_unit_gone_since", unit_codes=named(ever.get(one) or one for one in lost), count=len(lost))
    changed = draft.plan.parts.copy()
    changed.loc[done["part_id"]] = done["unit_before"].to_numpy()
    return replace(draft.plan, parts=changed)


def _refuse_changed(draft: Draft, after: Plan, facts: Mapping[str, Turn]) -> None:
    """Refuse where a unit is not known as it was left, or holds parts of others and would be no more."""
    known = draft.facts
    turns = facts.items()
    changed = sorted(
        unit for unit, (left, then) in turns if not _as_left(known.get(unit), left, whole=left is None or then is None)
    )
    if changed:
        raise PlanError("edit_unit_changed_since", unit_codes=draft.shown(changed), count=len(changed))
    gone = {unit for unit, (_, then) in facts.items() if then is None}
    held = sorted(str(part) for part in after.parts.index[after.parts.isin(gone)])
    if held:
        raise PlanError("edit_changed_since", parts=named(held), count=len(held))


def _as_left(known: Facts | None, left: Facts | None, *, whole: bool) -> bool:
    """Tell whether a unit is known as an edit left it: in what it changed, or in all where it made the unit."""
    if known is None or left is None:
        return known is None and left is None
    names = set(KEPT if whole else left) - {"code"}
    return all(labels.value_of(known, name) == labels.value_of(left, name) for name in names)


def _pieces_then(draft: Draft, later: list[dict[str, Any]], revision_parts: pd.DataFrame, after: Plan) -> Counts:
    """Count the pieces units of all levels had before a revision; unknown where cells were made anew since."""
    if any(row["action"] not in EDITS for row in later):
        return {}
    then = _rewound(draft.plan, later, revision_parts)
    then = replace(then, parents={**draft.plan.parents, **after.parents, **then.parents})
    counts: dict[str, int] = {}
    for tier in then.tiers():
        counts |= piece_counts(tier, draft.graph, tier.units)
    return counts


def _rewound(plan: Plan, later: list[dict[str, Any]], revision_parts: pd.DataFrame) -> Plan:
    """Give the plan as it was before some revisions at the end of its chain."""
    rows = dict(iter(revision_parts.groupby("revision_id", sort=False)))
    parts = plan.parts.copy()
    for row in reversed(later):
        done = rows.get(row["revision_id"])
        if done is not None:
            parts.loc[done["part_id"]] = done["unit_before"].to_numpy()
    for row in reversed(later):
        turns = row["detail"].get("units", {})
        plan = placed(plan, {unit: (turn[1], turn[0]) for unit, turn in turns.items()})
    return replace(plan, parts=parts)


def _forced_in(rows: list[dict[str, Any]], revision: Any) -> list[str]:
    """Name the rules that one revision broke by force."""
    return next((list(row["detail"].get("forced", ())) for row in rows if row["revision_id"] == revision), [])


def _forced_by(rows: list[dict[str, Any]], record: Mapping[str, Any]) -> set[str]:
    """Name the rules that a revision, or the one it takes back or makes again, broke by force."""
    by_id = {row["revision_id"]: row for row in rows}
    forced: set[str] = set()
    at: Mapping[str, Any] | None = record
    while at is not None:
        forced |= set(at["detail"].get("forced", ()))
        at = by_id.get(at["detail"].get("undoes") or at["detail"].get("redoes"))
    return forced
