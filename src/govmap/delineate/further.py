"""Wishes beside the band: bands of further measures, and the longest walk inside a unit; what is not met, and why."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from govmap.delineate.beside import DETOUR, MOST_MISSING, Meeting
from govmap.delineate.criteria import Criteria
from govmap.delineate.explain import spans
from govmap.delineate.mending import Step
from govmap.delineate.problem import NOWHERE, More, measured
from govmap.delineate.view import View
from govmap.messages import Note, note
from govmap.plan import named

COLUMNS = ["unit_id", "about", "key", "facts", "help"]


def asked(atoms: pd.DataFrame, wanted: Criteria) -> More | None:
    """Lay out for the search what is asked of units beside their band; None where nothing is."""
    if not wanted.also and wanted.walk_m is None:
        return None
    weight = [measured(atoms, measure) for measure, _, _ in wanted.also]
    low, high = ([band[end] for band in wanted.also] for end in (1, 2))
    return More(
        weight=np.array(weight, dtype=np.int64).reshape(-1, len(atoms)),
        low=np.array(low, dtype=np.int64),
        high=np.array(high, dtype=np.int64),
        reach_m=np.where(atoms["building_id"].isna(), NOWHERE, 0.0),
        span_m=(wanted.walk_m or 0) / DETOUR,
    )


def missed(view: View, wanted: Criteria) -> pd.DataFrame:
    """
    Say of every unit which of the further wishes it does not meet.

    Returns
    -------
    reasons
        As `explain.reasons` gives them, with `about` also or walk.
    """
    rows = [
        (view.names[unit], about, told.key, dict(told.facts), f"{told.key}_help")
        for unit, about, told in (*_measures(view, wanted), *_walks(view, wanted))
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype(object)


def proven(
    told: pd.DataFrame, view: View, wanted: Criteria, band: tuple[int, int], *, locked: Collection[str] = ()
) -> pd.DataFrame:
    """
    Say of what `missed` gives whether a step of one or two wholes would help, or that all were tried and none does.

    Where that is too much to try, what is told stays as it is.
    """
    units = sorted(set(told["unit_id"]))
    if not 0 < len(units) <= MOST_MISSING:
        return told
    meeting = Meeting.of(view, band, view.flagged(locked), wanted)
    place = {name: unit for unit, name in enumerate(view.names)}
    found = {unit: _proof(meeting, view, place[unit]) for unit in units}
    helps = [found[unit] for unit in told["unit_id"]]
    return told.assign(
        facts=pd.Series(
            [{**facts, **more} for facts, (_, more) in zip(told["facts"], helps, strict=True)], dtype=object
        ),
        help=pd.Series([key or own for own, (key, _) in zip(told["help"], helps, strict=True)], dtype=object),
    )


def _proof(meeting: Meeting, view: View, unit: int) -> tuple[str | None, dict[str, Any]]:
    """Give the key of what would help one unit and its facts; no key where nothing was proven."""
    if meeting.mending.locked[unit]:
        return "levels_beside_locked_help", {}
    if meeting.too_much(unit):
        return "levels_beside_whole_help", {}
    found = meeting.step(unit)
    if found.step is not None:
        return _told(meeting, view, found.step)
    key = (None, "levels_beside_single_help", "levels_beside_double_help")[found.proven]
    return key, {"neighbours": len(view.neighbours(unit))}


def _told(meeting: Meeting, view: View, step: Step) -> tuple[str, dict[str, Any]]:
    part = view.atoms["part_id"].to_numpy(dtype=object)
    leaves, comes = (named(map(str, part[np.isin(meeting.mending.whole, wholes)])) for wholes in step[:2])
    key = "swap" if leaves and comes else "give" if leaves else "take"
    return f"levels_beside_{key}_help", {"leaves": leaves, "comes": comes, "other": view.names[step.other]}


def figures(told: pd.DataFrame, wanted: Criteria) -> Mapping[str, float]:
    """Count the units that do not meet a wish, of the wishes there are."""
    asked = {"also": bool(wanted.also), "walk": wanted.walk_m is not None}
    units = told.drop_duplicates(["unit_id", "about"])["about"]
    return {f"units_out_of_{about}": int((units == about).sum()) for about, here in asked.items() if here}


def _measures(view: View, wanted: Criteria) -> Iterator[tuple[int, str, Note]]:
    for measure, low, high in wanted.also:
        size = np.bincount(view.unit, measured(view.atoms, measure), len(view.names)).astype(np.int64)
        for unit in np.flatnonzero((size < low) | (size > high)):
            facts = {"size": int(size[unit]), "low": low, "high": high}
            yield int(unit), "also", note(f"levels_also_{measure}", **facts)


def _walks(view: View, wanted: Criteria) -> Iterator[tuple[int, str, Note]]:
    if wanted.walk_m is None:
        return
    built = view.atoms["building_id"].notna().to_numpy()
    walk = np.rint(spans(view, built) * DETOUR).astype(np.int64)
    for unit in np.flatnonzero(walk > wanted.walk_m):
        yield int(unit), "walk", note("levels_walk_long", walk_m=int(walk[unit]), wished_m=wanted.walk_m)
