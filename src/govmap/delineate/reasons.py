"""Why a unit is out of its band, in pieces, or divides a compound: proven where it can be, and what would help."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from govmap.delineate.mending import Mending, Step
from govmap.delineate.problem import Flags, Ints, components, numbered, pieces
from govmap.delineate.territories import divisible, possible_units
from govmap.delineate.view import View
from govmap.messages import Note, note
from govmap.plan import named

MOST_MENDED = 500  # steps are looked for in so many units, those farthest out of the band first
NAMED_ACROSS = 3
Facts = dict[str, Any]


def reasons(
    view: View, band: tuple[int, int], number: int | None = None, *, locked: Collection[str] = ()
) -> pd.DataFrame:
    """
    Say of every unit that is out of its band, in pieces or divides a compound why that is so.

    Parameters
    ----------
    number
        How many units were asked for, where a number was.
    locked
        Units that may not change.

    Returns
    -------
    reasons
        Sorted by unit_id: unit_id, about (size, pieces, compound), key and facts of a note, and help: the key of a note
        with the same facts that says what would help, None where nothing needs to.
    """
    looked = _Look(view=view, band=band, number=number, locked=view.flagged(locked))
    rows = [*looked.sizes(), *_in_pieces(view), *_compounds(view, band)]
    help_ = [None if about == "pieces" else f"{_help(told)}_help" for _, about, told in rows]
    found = pd.DataFrame(
        [(view.names[unit], about, told.key, dict(told.facts)) for unit, about, told in rows],
        columns=["unit_id", "about", "key", "facts"],
    ).assign(help=pd.Series(help_, dtype=object))
    return found.sort_values(["unit_id", "about", "key"], kind="stable", ignore_index=True)


# Reasons for which the same helps.
_HELP = {
    "delineate_neighbours_overflow": "delineate_room",
    "delineate_neighbours_full": "delineate_room",
    "delineate_pairs_between": "delineate_several",
    "delineate_no_single_step": "delineate_several",
    "delineate_no_double_step": "delineate_several",
    "delineate_nothing_better": "delineate_several",
    "delineate_compound_no_room": "delineate_compound_divided",
    "delineate_locked_beside": "delineate_locked",
    "delineate_step_give": "delineate_step",
    "delineate_step_take": "delineate_step",
    "delineate_step_swap": "delineate_step",
}
# What is worse than the number of units asked for, and would be so with any number.
_WHATEVER = ("delineate_building_exceeds", "delineate_community_small", "delineate_island")


def _help(told: Note) -> str:
    """Name what would help."""
    facts = told.facts
    if told.key == "delineate_island" and not facts["across"]:
        return "delineate_island_alone"
    if told.key == "delineate_number_asked" and facts["fewest"] > facts["most"]:
        return "delineate_number_never"
    if told.key == "delineate_ground_between" and facts["total"] < facts["low"]:
        return "delineate_ground_below"
    return _HELP.get(told.key, told.key)


@dataclass(frozen=True)
class _Look:
    """A division looked at for sizes."""

    view: View
    band: tuple[int, int]
    number: int | None
    locked: Flags

    def sizes(self) -> Iterator[tuple[int, str, Note]]:
        """Say of each unit out of its band why it is."""
        low, high = self.band
        weight = self.view.weight
        out = np.flatnonzero((weight < low) | (weight > high))
        far = out[np.lexsort((out, -np.maximum(low - weight, weight - high)[out]))]
        tried = set(far[:MOST_MENDED].tolist())
        for unit in out.tolist():
            facts: Facts = {"size": int(weight[unit]), "low": low, "high": high}
            yield unit, "size", self._why(unit, facts, tried=unit in tried)

    def _why(self, unit: int, facts: Facts, *, tried: bool) -> Note:
        asked = self._asked(facts)
        first = self._too_small(unit, facts) if facts["size"] < facts["low"] else self._too_large(unit, facts)
        if asked is not None and (first is None or first.key not in _WHATEVER):
            return asked
        return first or self._locked_beside(unit, facts) or self._step(unit, facts, tried=tried)

    def _asked(self, facts: Facts) -> Note | None:
        """Say that the number of units asked for does not go with the band."""
        low, high = self.band
        total, number = self.view.problem.total, self.number
        if number is None or number * low <= total <= number * high:
            return None
        fewest, most = possible_units(total, low, high)
        return note("delineate_number_asked", **facts, number=number, total=total, fewest=fewest, most=most)

    def _too_large(self, unit: int, facts: Facts) -> Note | None:
        view = self.view
        mine = np.flatnonzero(view.unit == unit)
        heaviest = int(mine[np.argmax(view.problem.weight[mine])])
        weight = int(view.problem.weight[heaviest])
        if weight > facts["high"]:
            building = view.atoms["building_id"].iat[heaviest] or view.atoms["part_id"].iat[heaviest]
            return note("delineate_building_exceeds", **facts, building=str(building), weight=weight)
        if not divisible(self.grounds[unit], facts["low"], facts["high"]):
            return self._between(unit, facts)
        near = [one for one in view.neighbours(unit) if not self.locked[one]]
        weights = view.problem.weight[mine]
        least = int(weights[weights > 0].min())
        if near and all(view.weight[one] + least > facts["high"] for one in near):
            return note("delineate_neighbours_full", **facts, neighbours=len(near))
        return None

    def _too_small(self, unit: int, facts: Facts) -> Note | None:
        view = self.view
        community = view.community[np.flatnonzero(view.unit == unit)[0]]
        total = int(view.problem.weight[view.community == community].sum())
        if total < facts["low"]:
            return note("delineate_community_small", **facts, total=total)
        near = view.neighbours(unit)
        if not near:
            across = [view.names[one] for one in view.across(unit)[:NAMED_ACROSS]]
            return note("delineate_island", **facts, across=across)
        if not divisible(self.grounds[unit], facts["low"], facts["high"]):
            return self._between(unit, facts)
        free = [one for one in near if not self.locked[one]]
        if free and all(view.weight[one] + facts["size"] > facts["high"] for one in free):
            pairs = any(2 * facts["low"] <= view.weight[one] + facts["size"] for one in free)
            return None if pairs else note("delineate_neighbours_overflow", **facts, neighbours=len(free))
        return None

    def _between(self, unit: int, facts: Facts) -> Note:
        """Say between which bands the ground lies: one unit fewer would be larger, one more smaller."""
        total = self.grounds[unit]
        fewer = max(1, total // facts["low"])
        raised, lowered = -(-total // fewer), total // (fewer + 1) if total >= facts["low"] else total
        return note("delineate_ground_between", **facts, total=total, raised=raised, lowered=lowered)

    @cached_property
    def grounds(self) -> dict[int, int]:
        """Sum what can be divided together: all a unit could reach over joining borders or shares a name with."""
        view = self.view
        reach = pieces(view.problem, np.zeros(len(view.unit), dtype=np.int64))
        count = int(reach.max()) + 1 if len(reach) else 0
        whole = components(count + len(view.names), reach, count + view.unit)
        weight = np.bincount(whole[reach], view.problem.weight).astype(np.int64)
        return {unit: int(weight[whole[count + unit]]) for unit in range(len(view.names))}

    def _locked_beside(self, unit: int, facts: Facts) -> Note | None:
        """Say that the unit or everything beside it is locked."""
        near = self.view.neighbours(unit)
        if self.locked[unit]:
            return note("delineate_locked", **facts, locked=[self.view.names[unit]])
        if near and all(self.locked[one] for one in near):
            return note("delineate_locked_beside", **facts, locked=[self.view.names[one] for one in near])
        return None

    @cached_property
    def mending(self) -> Mending:
        """The division whose wholes may be moved."""
        return Mending.of(self.view, self.band, self.locked)

    def _step(self, unit: int, facts: Facts, *, tried: bool) -> Note:
        """Name the step that would help, or say that there is none."""
        if not tried:
            return note("delineate_nothing_better", **facts)
        found = self.mending.step(unit)
        if found.step is not None:
            return self._told(found.step, facts)
        near = len(self.view.neighbours(unit))
        if not found.pairs:
            return note("delineate_pairs_between", **facts, neighbours=near)
        key = ("delineate_nothing_better", "delineate_no_single_step", "delineate_no_double_step")[found.proven]
        return note(key, **facts, neighbours=near)

    def _told(self, step: Step, facts: Facts) -> Note:
        other = self.view.names[step.other]
        part = self.view.atoms["part_id"].to_numpy(dtype=object)
        leaves, comes = (named(map(str, part[np.isin(self.mending.whole, wholes)])) for wholes in step[:2])
        key = "swap" if leaves and comes else "give" if leaves else "take"
        return note(f"delineate_step_{key}", **facts, leaves=leaves, comes=comes, other=other)


def _in_pieces(view: View) -> Iterator[tuple[int, str, Note]]:
    """Say of each unit in pieces what is joined by name only."""
    first = np.unique(view.piece, return_index=True)[1]
    owner, parts = view.unit[first], np.bincount(view.piece)
    weight = np.bincount(view.piece, view.problem.weight).astype(np.int64)
    reach = pieces(view.problem, np.zeros(len(view.unit), dtype=np.int64))
    land = np.bincount(reach, view.problem.weight)[reach[first]]
    for unit in np.flatnonzero(np.bincount(owner) > 1):
        mine = np.flatnonzero(owner == unit)
        apart = mine[np.lexsort((mine, -parts[mine], -weight[mine], -land[mine]))][1:]
        facts = {"pieces": len(mine), "size": int(weight[apart].sum()), "parts": int(parts[apart].sum())}
        lived = bool(facts["size"])
        yield int(unit), "pieces", note("delineate_joined_by_name" if lived else "delineate_open_ground_apart", **facts)


def _compounds(view: View, band: tuple[int, int]) -> Iterator[tuple[int, str, Note]]:
    """Say of each unit that holds a part of a compound why it does not hold all of it."""
    compound = numbered(view.atoms["compound_id"])
    known = compound >= 0
    held = np.unique(np.column_stack([compound[known], view.unit[known]]), axis=0)
    weight = np.bincount(compound[known], view.problem.weight[known]).astype(np.int64)
    alone = np.where(known, compound, -2 - np.arange(len(compound)))
    lies = np.unique(np.column_stack([compound[known], pieces(view.problem, alone)[known]]), axis=0)
    names = np.unique(view.atoms["compound_id"].dropna())
    for one in np.flatnonzero(np.bincount(held[:, 0]) > 1) if len(held) else ():
        facts = {"compound": str(names[one]), "size": int(weight[one]), "high": band[1]}
        in_pieces = np.count_nonzero(lies[:, 0] == one) > 1
        units = held[held[:, 0] == one, 1]
        key = "too_large" if weight[one] > band[1] else "in_pieces" if in_pieces else "divided"
        if key == "divided" and not _has_room(view, compound == one, units, band):
            key = "no_room"
        for unit in units:
            yield int(unit), "compound", note(f"delineate_compound_{key}", **facts)


def _has_room(view: View, mine: Flags, units: Ints, band: tuple[int, int]) -> bool:
    """Tell whether one of the units that hold a compound could hold all of it and the others do without it."""
    low, high = band
    part = np.bincount(view.unit[mine], view.problem.weight[mine], len(view.names)).astype(np.int64)
    whole = int(part.sum())
    for one in units:
        others = units[units != one]
        if view.weight[one] - part[one] + whole <= high and (view.weight[others] - part[others] >= low).all():
            return True
    return low <= whole and bool((view.weight[units] - part[units] >= low).all())
