"""The whole division: what stands, what is divided, then names for the units and what came of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from govmap.delineate import explain
from govmap.delineate.beside import is_asked, met_labels
from govmap.delineate.criteria import Criteria
from govmap.delineate.further import asked, figures, missed, proven
from govmap.delineate.keep import account
from govmap.delineate.keep import notes as keep_notes
from govmap.delineate.levels import Level, apart, divide_levels
from govmap.delineate.mending import mended_labels
from govmap.delineate.problem import Flags, Ints, Problem, cut_out, measured, of_parts
from govmap.delineate.standing import Standing, standings
from govmap.delineate.tasks import Progress
from govmap.delineate.trimming import trimmed_labels
from govmap.messages import Note, note
from govmap.plan import Plan, named

if TYPE_CHECKING:
    from govmap.contiguity import Graph


# What is said of a unit by the whole community, said of one inside another unit.
INSIDE = {"delineate_community_small": "levels_parent_small", "delineate_island": "levels_alone_inside"}


@dataclass(frozen=True, kw_only=True)
class Division:
    """
    What a division gives, on one level; `above` is the level over it.

    `assignment` holds part_id, unit_id; `units` one row a unit with its sums, `level`, `kind` (base, exclusive),
    `exclusive_kind`, `parent_unit_id`, `in_band`, and `reason` and `facts` where it is not; `reasons` every unit that
    is out of its band, in pieces or divides a compound, with key and facts; `score` the whole in figures, each in its
    own unit of measure.
    """

    assignment: pd.DataFrame
    units: pd.DataFrame
    reasons: pd.DataFrame
    score: Mapping[str, float]
    notes: tuple[Note, ...]
    level: str
    above: "Division | None" = None

    @property
    def tiers(self) -> "tuple[Division, ...]":
        """The division on every level, the topmost first."""
        return (*(self.above.tiers if self.above else ()), self)

    @property
    def parents(self) -> dict[str, str]:
        """The unit above of each unit that has one, on all levels."""
        rows = pd.concat([one.units[["unit_id", "parent_unit_id"]] for one in self.tiers]).dropna()
        return dict(zip(rows["unit_id"], rows["parent_unit_id"], strict=True))


def delineate(
    atoms: pd.DataFrame,
    graph: "Graph",
    criteria: Criteria,
    *,
    former: Plan | None = None,
    keep: bool = True,
    locked: Collection[str] = (),
    exclusive: Collection[str] = (),
    sizes: Mapping[str, int] | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> Division:
    """
    Divide the parts of every community into units, on every level that is wanted.

    Every unit lies in one community and in one piece, but for islands too small to stand alone, which are joined by
    name. Compounds and buildings that fit the band stay whole.

    Parameters
    ----------
    atoms
        One row a part: `part_id`, `building_id`, `community_id`, `compound_id`, `block_id`, `households`, `residents`,
        `dwellings`, `area_m2`, `x`, `y` in metres, `perimeter_m` if known; `place_id` and `place_kind` where a part
        lies in a place that may become an exclusive unit.
    graph
        Who borders whom.
    criteria
        What is wanted.
    former
        A plan that stands already. Only its units that left their band change.
    keep
        Without it nothing of the former plan stays but what is locked or exclusive.
    locked
        Units of the former plan that never change, with everything inside them.
    exclusive
        Units of the former plan that stay as they are, beside the rule of the band.
    sizes
        What each unit of the former plan counted when it was made: one that was out of its band then and counts the
        same now has not left it, and stays. Without them every unit out of its band is mended.
    processes
        How many may work on large ground at the same time; the result is the same.
    progress
        Told (borders done, borders in all) from time to time, and at the end.
    """
    atoms = atoms.sort_values("part_id", kind="stable", ignore_index=True)
    ground = of_parts(atoms, graph, measured(atoms, criteria.by))
    stand = standings(atoms, criteria, former, keep=keep, locked=locked, exclusive=exclusive, sizes=sizes)
    levels = [
        Level(atoms=atoms, problem=weighed(ground, atoms, one), criteria=one, standing=units, processes=processes)
        for one, units in zip(criteria.chain, stand, strict=True)
    ]
    found = _mended(levels, divide_levels(levels, progress))
    names = _names(levels, found)
    division = _tiers(levels, names, levels[-1].standing.exclusive, locked)
    return replace(division, notes=(*_kept(levels[-1], found[-1], names[-1]), *division.notes))


def _kept(level: Level, label: Ints, names: pd.Series) -> tuple[Note, ...]:
    """Say what became of a plan that was kept."""
    if not level.standing.kept:
        return ()
    called = dict(enumerate(level.standing.names)) | dict(zip(label.tolist(), names, strict=True))
    told = account(level.problem, level.standing.unit, label, level.criteria.reach(level.total))
    return (*keep_notes(told, called), *((note("levels_kept_wishes"),) if is_asked(level.criteria) else ()))


def weighed(ground: Problem, atoms: pd.DataFrame, criteria: Criteria) -> Problem:
    """Give the ground with the weights of what is counted, and with what is asked beside the band."""
    return replace(ground, weight=measured(atoms, criteria.by), more=asked(atoms, criteria))


def review(
    plan: Plan,
    atoms: pd.DataFrame,
    graph: "Graph",
    criteria: Criteria,
    *,
    exclusive: Collection[str] = (),
    locked: Collection[str] = (),
) -> Division:
    """Sum up a plan as it stands, after edits or by hand, in the same way; what is given is as for `delineate`."""
    atoms = atoms[atoms["part_id"].isin(plan.parts.index)].sort_values("part_id", kind="stable", ignore_index=True)
    ground = of_parts(atoms, graph, measured(atoms, criteria.by))
    chain, tiers = criteria.chain, plan.tiers()
    chain = (*chain[:1] * (len(tiers) - len(chain)), *chain[-len(tiers) :])
    nothing = Standing.nothing(len(atoms))
    levels = [Level(atoms=atoms, problem=weighed(ground, atoms, one), criteria=one, standing=nothing) for one in chain]
    names = [pd.Series(tier.parts.reindex(atoms["part_id"]).to_numpy(), dtype=object) for tier in tiers]
    return _tiers(levels, names, exclusive, locked)


def _mended(levels: Sequence[Level], found: list[Ints]) -> list[Ints]:
    """Take the single steps left between units of the lowest level: to the band, to what else is asked, of verges."""
    last = levels[-1]
    problem, label = apart(last.problem, found[-2]) if len(found) > 1 else last.problem, found[-1]
    if last.criteria.hard and not last.standing.kept:
        label = mended_labels(last.atoms, problem, label, last.band, len(last.standing.names))
    if is_asked(last.criteria):
        band, standing = last.criteria.reach(last.total), last.standing
        held = standing.held | standing.beside if standing.kept else label < len(standing.names)
        label = met_labels(last.atoms, problem, label, last.criteria, band, held)
    if not last.standing.kept:
        label = trimmed_labels(last.atoms, problem, label, len(last.standing.names))
    return [*found[:-1], label]


# names -------------------------------------------------------------------------------------------------------------
def _names(levels: Sequence[Level], labels: Sequence[Ints]) -> list[pd.Series]:
    """Name the units of every level; those that stood keep their names, and no name is given twice."""
    taken = {name for level in levels for name in level.standing.names}
    found = []
    for place, (level, label) in enumerate(zip(levels, labels, strict=True)):
        stem = "u" if place == len(levels) - 1 else f"{level.criteria.level}-"
        found.append(_named(level, label, stem, taken))
        taken |= set(found[-1])
    return found


def _named(level: Level, label: Ints, stem: str, taken: set[str]) -> pd.Series:
    """Name each new unit after the first of its parts that count, so that the name comes from what it holds."""
    atoms, names = level.atoms, level.standing.names
    first = np.lexsort((np.arange(len(label)), atoms["building_id"].isna(), level.problem.weight == 0, label))
    units, place = np.unique(label[first], return_index=True)
    leads = atoms["part_id"].to_numpy(dtype=object)[first[place]]
    called = [names[one] if one < len(names) else f"{stem}{lead}" for one, lead in zip(units, leads, strict=True)]
    free = [_free(name, taken) if one >= len(names) else name for one, name in zip(units, called, strict=True)]
    rows = np.array(free, dtype=object)[np.searchsorted(units, label)]
    return pd.Series(rows, index=atoms.index, dtype=object)


def _free(name: str, taken: set[str]) -> str:
    """Give the name, or with a number after it where a unit has it already."""
    number, wanted = 1, name
    while wanted in taken:
        number += 1
        wanted = f"{name}.{number}"
    return wanted


# what came of it ---------------------------------------------------------------------------------------------------
def _tiers(
    levels: Sequence[Level], names: Sequence[pd.Series], beside: Collection[str], locked: Collection[str]
) -> Division:
    """Sum up every level, the topmost first, each with the one over it."""
    over: Division | None = None
    for place, (level, unit_id) in enumerate(zip(levels, names, strict=True)):
        own = unit_id.isin(list(beside)).to_numpy(dtype=bool)
        own = own & ~own.all()
        over = _told(level, unit_id, names[place - 1] if place else None, own, over, locked)
    if over is None:
        raise ValueError(levels)
    return _with_exclusive(over, _exclusive(levels, names[-1], beside), levels, names[-1]) if len(beside) else over


def _with_exclusive(over: Division, lone: pd.DataFrame, levels: Sequence[Level], unit_id: pd.Series) -> Division:
    """Add the exclusive units, which have no unit above them, to the lowest level."""
    if lone.empty:
        return over
    told = note("levels_exclusive", count=len(lone), examples=named(lone["unit_id"]))
    apart_ = _in_pieces(levels[0], unit_id, list(lone["unit_id"]))
    if over.units["unit_id"].isin(lone["unit_id"]).all():
        return replace(over, units=lone, reasons=apart_, notes=(note("levels_nothing_left"), told), above=None)
    units = pd.concat([over.units, lone], ignore_index=True)
    return replace(
        over,
        assignment=pd.DataFrame({"part_id": levels[0].atoms["part_id"], "unit_id": unit_id}),
        units=units.sort_values("unit_id", kind="stable", ignore_index=True),
        reasons=pd.concat([over.reasons, apart_], ignore_index=True) if len(apart_) else over.reasons,
        notes=(*over.notes, told),
    )


def _told(
    level: Level,
    unit_id: pd.Series,
    above: pd.Series | None,
    own: Flags,
    over: Division | None,
    locked: Collection[str],
) -> Division:
    """Sum up one level; exclusive units (`own` parts) are left out, as no rule of size is for them."""
    rows, wanted = np.flatnonzero(~own), level.criteria
    atoms, unit_id = level.atoms.iloc[rows].reset_index(drop=True), unit_id.iloc[rows].reset_index(drop=True)
    problem = cut_out(level.problem, rows) if own.any() else level.problem
    band, aim = wanted.band(problem.total), wanted.aim(problem.total)
    view = explain.View.of(atoms, problem, unit_id)
    over_it = None if above is None else above.iloc[rows].reset_index(drop=True)
    reasons = _reasons(view, wanted, over_it, locked)
    further = missed(view, wanted)
    if wanted.finer is None and len(further):
        inside = view if over_it is None else _inside(view, over_it)
        further = proven(further, inside, wanted, wanted.reach(problem.total), locked=locked)
    reasons = pd.concat([reasons, further], ignore_index=True) if len(further) else reasons
    units = explain.table(view, band, reasons)
    notes = explain.notes(view, units, reasons)
    if wanted.units not in (None, len(units)):
        notes = (*notes, note("delineate_other_number", wanted=wanted.units, count=len(units)))
    return Division(
        assignment=pd.DataFrame({"part_id": atoms["part_id"], "unit_id": unit_id}),
        units=_placed(units, unit_id, over_it, wanted.level),
        reasons=reasons,
        score={**explain.score(view, band, aim), **figures(further, wanted)},
        notes=notes,
        level=wanted.level,
        above=over,
    )


def _placed(units: pd.DataFrame, unit_id: pd.Series, above: pd.Series | None, level: str) -> pd.DataFrame:
    """Add to the rows of units their level and the unit they lie in."""
    lies = {} if above is None else dict(zip(unit_id, above, strict=True))
    parent = pd.Series([lies.get(unit) for unit in units["unit_id"]], dtype=object)
    nothing = pd.Series([None] * len(units), dtype=object)
    return units.assign(level=level, parent_unit_id=parent, exclusive_kind=nothing)


def _reasons(view: explain.View, wanted: Criteria, above: pd.Series | None, locked: Collection[str]) -> pd.DataFrame:
    """Say why units are as they are; a unit inside another one is judged by the ground of that."""
    band = wanted.band(view.problem.total)
    if above is None:
        return _wished(explain.reasons(view, band, wanted.units, locked=locked), view, wanted)
    told = explain.reasons(_inside(view, above), band, wanted.units, locked=locked)
    other = told["key"].map(INSIDE)
    told = told.assign(
        key=other.fillna(told["key"]).astype(object), help=(other + "_help").fillna(told["help"]).astype(object)
    )
    return _wished(told, view, wanted)


def _inside(view: explain.View, above: pd.Series) -> explain.View:
    """Look at units inside the units above them, each of which is ground by itself."""
    ground = pd.factorize(above, sort=True)[0].astype(np.int64)
    return replace(view, atoms=view.atoms.assign(community_id=above), problem=apart(view.problem, ground))


def _wished(told: pd.DataFrame, view: explain.View, wanted: Criteria) -> pd.DataFrame:
    """Say of units a little out of a band that is but a wish that this is why."""
    low, high = wanted.reach(view.problem.total)
    size = told["facts"].map(lambda facts: facts.get("size", -1))
    mild = (told["about"] == "size") & size.between(low, high)
    if wanted.hard or not mild.any():
        return told
    key = told["key"].where(~mild, "levels_soft").astype(object)
    return told.assign(key=key, help=told["help"].where(~mild, "levels_soft_help").astype(object))


def _in_pieces(level: Level, unit_id: pd.Series, lone: Collection[str]) -> pd.DataFrame:
    """Say which exclusive units lie in pieces: no band binds them, but people must know that."""
    rows = np.flatnonzero(unit_id.isin(list(lone)).to_numpy(dtype=bool))
    atoms, mine = level.atoms.iloc[rows].reset_index(drop=True), unit_id.iloc[rows].reset_index(drop=True)
    view = explain.View.of(atoms, cut_out(level.problem, rows), mine)
    told = explain.reasons(view, (0, max(1, view.problem.total)))
    return told[told["about"] == "pieces"].reset_index(drop=True)


def _exclusive(levels: Sequence[Level], unit_id: pd.Series, beside: Collection[str]) -> pd.DataFrame:
    """Give the rows of exclusive units: they stand beside the topmost level, and no band is asked of them."""
    top = levels[0]
    rows = np.flatnonzero(unit_id.isin(list(beside)).to_numpy(dtype=bool))
    atoms, mine = top.atoms.iloc[rows].reset_index(drop=True), unit_id.iloc[rows].reset_index(drop=True)
    view = explain.View.of(atoms, cut_out(top.problem, rows), mine)
    nothing = pd.DataFrame(columns=["unit_id", "about", "key", "facts"], dtype=object)
    units = explain.table(view, (0, max(1, view.problem.total)), nothing).assign(kind="exclusive")
    kinds = dict(zip(mine, atoms["place_kind"], strict=True)) if "place_kind" in atoms else {}
    kind = pd.Series([kinds.get(unit) for unit in units["unit_id"]], dtype=object)
    return _placed(units, mine, None, top.criteria.level).assign(exclusive_kind=kind)
