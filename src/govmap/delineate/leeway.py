"""What of a plan may change while its rules are kept: the ground that random plans are drawn on.

The rules are read from the plan as it stands, so that every plan can be a beginning: what it keeps whole and fits the
band stays whole; what it joins by name stays joined; units that are out of their band or in pieces stay as they are.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from govmap.delineate.criteria import EQUAL, Criteria
from govmap.delineate.problem import Flags, Ints, Problem, common, contract, measured, numbered, of_parts, pieces
from govmap.delineate.territories import bind, compact
from govmap.plan import Plan

if TYPE_CHECKING:
    from govmap.contiguity import Graph


@dataclass(frozen=True, kw_only=True)
class Leeway:
    """
    A plan laid out for random changes.

    `problem` holds atoms: parts put together that stay together. `atom` names that of each part, `unit` the unit of
    each atom, `weights` what each counts by measure, `low` and `high` the bands of the measures. `free` flags the units
    that may change, `ways` the borders across which atoms may be exchanged. `blocks` are pairs (street block, atom),
    sorted. `aim` is the size aimed at, `barrier` the length of all borders of parts by the strength of what runs there.
    """

    parts: Ints
    problem: Problem
    atom: Ints
    unit: Ints
    weights: Ints
    low: Ints
    high: Ints
    free: Flags
    ways: Ints
    blocks: Ints
    aim: float
    barrier: int


def leeway(
    plan: Plan,
    atoms: pd.DataFrame,
    graph: "Graph",
    criteria: Criteria,
    *,
    still: Collection[str] = (),
    apart: Mapping[str, str] | None = None,
) -> Leeway:
    """
    Find what may change.

    Parameters
    ----------
    still
        Units that may not.
    apart
        A name by unit (of its parent); units of different names exchange nothing.
    """
    rows = np.flatnonzero(atoms["part_id"].isin(plan.parts.index))
    rows = rows[np.argsort(atoms["part_id"].to_numpy(dtype=object)[rows], kind="stable")]
    atoms = atoms.iloc[rows].reset_index(drop=True)
    unit, names = _units(plan, atoms)
    whole = of_parts(atoms, graph, measured(atoms, criteria.by))
    low, high = _bands(whole, criteria, len(names))
    atom = _put_together(atoms, whole, unit, criteria, int(high[0]))
    problem, unit_of = contract(whole, atom), common(atom, unit)
    weights = _weights(atoms, criteria, atom)
    side = np.stack([_grounds(atoms, whole, unit, int(high[0])), _named(names, apart or {})])
    free = _free(problem, unit_of, weights, (low, high)) & ~np.isin(names, list(still))
    ends = unit_of[problem.i], unit_of[problem.j]
    ways = problem.joins & free[ends[0]] & free[ends[1]] & (side[:, ends[0]] == side[:, ends[1]]).all(axis=0)
    return Leeway(
        parts=rows,
        problem=problem,
        atom=atom,
        unit=unit_of,
        weights=weights,
        low=low,
        high=high,
        free=free,
        ways=np.flatnonzero(ways),
        blocks=_blocks(atoms, atom),
        aim=criteria.aim(whole.total),
        barrier=int(whole.barrier.sum()),
    )


def _units(plan: Plan, atoms: pd.DataFrame) -> tuple[Ints, list[str]]:
    unit, names = pd.factorize(plan.parts.reindex(atoms["part_id"]).to_numpy(dtype=object), sort=True)
    return unit.astype(np.int64), [str(name) for name in names]


def _bands(problem: Problem, criteria: Criteria, units: int) -> tuple[Ints, Ints]:
    """Give the lower and upper ends of all bands, that of the main measure first."""
    low, high = criteria.band(problem.total)
    if criteria.equal:
        mean = problem.total / max(1, units)
        low, high = max(low, int(np.ceil((1 - EQUAL) * mean))), min(high, int((1 + EQUAL) * mean))
    bands = np.array([(low, high), *((least, most) for _, least, most in criteria.also)], dtype=np.int64)
    return bands[:, 0], bands[:, 1]


def _weights(atoms: pd.DataFrame, criteria: Criteria, atom: Ints) -> Ints:
    """Sum every measure by atom."""
    measures = (criteria.by, *(measure for measure, _, _ in criteria.also))
    weights = np.zeros((len(measures), int(atom.max(initial=-1)) + 1), dtype=np.int64)
    for row, measure in enumerate(measures):
        np.add.at(weights[row], atom, measured(atoms, measure))
    return weights


def _put_together(atoms: pd.DataFrame, problem: Problem, unit: Ints, criteria: Criteria, high: int) -> Ints:
    """Put together what fits and is kept whole inside each unit, and tie what a unit holds by name only."""
    atom = np.arange(len(problem))
    for whole in ("building", "compound"):
        if whole in criteria.keep_whole:
            key = common(atom, numbered(atoms[f"{whole}_id"]))
            atom = bind(contract(problem, atom), key, high)[atom]
    atom = compact(atom * (int(unit.max(initial=0)) + 1) + unit)
    atom = compact(_tied(contract(problem, atom), common(atom, unit))[atom])
    return _along_the_ground(contract(problem, atom), len(np.unique(unit)))[atom]


def _along_the_ground(problem: Problem, units: int) -> Ints:
    """Number atoms in strips as wide as a unit, from south to north in each: what lies near is near in memory."""
    strips = max(1.0, float(np.sqrt(units)))
    strip = np.floor((problem.x - problem.x.min(initial=np.inf)) / max(float(np.ptp(problem.x)), 1e-9) * strips)
    rank = np.empty(len(problem), dtype=np.int64)
    rank[np.lexsort((np.arange(len(problem)), problem.y, strip))] = np.arange(len(problem))
    return rank


def _tied(problem: Problem, unit: Ints) -> Ints:
    """Tie each piece that no other unit can reach to an atom of the heaviest piece of its unit."""
    group, piece = np.arange(len(problem)), pieces(problem, unit)
    first = np.unique(piece, return_index=True)[1]
    owner, weight = unit[first], np.bincount(piece, problem.weight)
    order = np.lexsort((first, -np.bincount(piece), -weight, owner))
    main = np.zeros(len(first), dtype=bool)
    main[order[np.unique(owner[order], return_index=True)[1]]] = True
    met = problem.joins & (piece[problem.i] != piece[problem.j])
    reached = np.zeros(len(first), dtype=bool)
    reached[piece[problem.i[met]]] = reached[piece[problem.j[met]]] = True
    for island in np.flatnonzero(~main & ~reached):
        shore = np.flatnonzero((unit == owner[island]) & main[piece])
        group[piece == island] = _anchor(problem, piece == island, shore)
    return group


def _anchor(problem: Problem, island: Flags, shore: Ints) -> int:
    """Choose the atom an island is tied to: across the longest border, else the nearest."""
    border = np.zeros(len(problem), dtype=np.int64)
    for here, there in ((problem.i, problem.j), (problem.j, problem.i)):
        np.add.at(border, there[island[here]], problem.length[island[here]])
    if border[shore].any():
        return int(shore[np.argmax(border[shore])])
    at = np.column_stack([problem.x, problem.y])
    distance, place = cKDTree(at[shore]).query(at[island])
    return int(shore[place[np.argmin(distance)]])


def _grounds(atoms: pd.DataFrame, problem: Problem, unit: Ints, high: int) -> Ints:
    """Name by unit the compound above the band that the plan divides by itself, -1 for none."""
    compound, lived = numbered(atoms["compound_id"]), problem.weight > 0
    count = int(unit.max(initial=-1)) + 1
    only = np.full(count, -1, dtype=np.int64)
    only[unit[lived]] = compound[lived]
    mixed = np.bincount(unit[lived], only[unit[lived]] != compound[lived], count) > 0
    only[mixed] = -1
    inside = lived & (compound >= 0)
    weight = np.bincount(compound[inside], problem.weight[inside], len(atoms))
    shared = np.bincount(compound[inside], only[unit[inside]] != compound[inside], len(atoms)) > 0
    great = (weight > high) & ~shared
    named: Ints = np.where((only >= 0) & great[only], only, -1)
    return named


def _named(names: list[str], apart: Mapping[str, str]) -> Ints:
    return numbered(pd.Series([apart.get(name) for name in names], dtype=object))


def _free(problem: Problem, unit: Ints, weights: Ints, bands: tuple[Ints, Ints]) -> Flags:
    """Flag the units that hang together and lie in all their bands."""
    count = int(unit.max(initial=-1)) + 1
    held = np.stack([np.bincount(unit, weight, count) for weight in weights]).astype(np.int64)
    in_band = ((held >= bands[0][:, None]) & (held <= bands[1][:, None])).all(axis=0)
    first = np.unique(pieces(problem, unit), return_index=True)[1]
    one_piece = np.bincount(unit[first], minlength=count) == 1
    flags: Flags = in_band & one_piece
    return flags


def _blocks(atoms: pd.DataFrame, atom: Ints) -> Ints:
    """Pair street blocks and atoms, sorted."""
    block = numbered(atoms["block_id"])
    return np.unique(np.column_stack([block, atom])[block >= 0], axis=0)
