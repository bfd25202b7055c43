"""Why a unit is out of its band, in pieces, or divides a compound; and the whole in figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from govmap.delineate.problem import Flags, Ints, Problem, Reals, components, numbered, pieces
from govmap.delineate.territories import divisible
from govmap.messages import Note, note
from govmap.plan import named, sums


@dataclass(frozen=True, kw_only=True)
class View:
    """A division to be looked at: parts sorted by id, their borders, and the number of each one's unit in `names`."""

    atoms: pd.DataFrame
    problem: Problem
    names: list[str]
    unit: Ints
    weight: Ints
    piece: Ints

    @classmethod
    def of(cls, atoms: pd.DataFrame, problem: Problem, unit_id: pd.Series) -> "View":
        """Look at parts with their units."""
        unit, names = pd.factorize(unit_id, sort=True)
        weight = np.bincount(unit, problem.weight).astype(np.int64)
        return cls(
            atoms=atoms,
            problem=problem,
            names=list(names),
            unit=unit.astype(np.int64),
            weight=weight,
            piece=pieces(problem, unit.astype(np.int64)),
        )

    @property
    def community(self) -> Ints:
        """Number of the community of each part."""
        return numbered(self.atoms["community_id"])

    @property
    def inside(self) -> Flags:
        """Flag the borders that lie inside a unit."""
        flags: Flags = self.unit[self.problem.i] == self.unit[self.problem.j]
        return flags


def reasons(view: View, band: tuple[int, int], number: int | None = None) -> pd.DataFrame:
    """
    Say of every unit that is out of its band, in pieces or divides a compound why that is so.

    Parameters
    ----------
    number
        How many units were asked for, where a number was.

    Returns
    -------
    reasons
        Sorted by unit_id: unit_id, about (size, pieces, compound), key and facts of a note.
    """
    rows = [*_sizes(view, band, number), *_in_pieces(view), *_compounds(view, band)]
    return pd.DataFrame(
        [(view.names[unit], about, told.key, dict(told.facts)) for unit, about, told in rows],
        columns=["unit_id", "about", "key", "facts"],
    ).sort_values(["unit_id", "about", "key"], kind="stable", ignore_index=True)


def _sizes(view: View, band: tuple[int, int], number: int | None) -> Iterator[tuple[int, str, Note]]:
    low, high = band
    ground, total = _grounds(view), view.problem.total
    for unit in np.flatnonzero((view.weight < low) | (view.weight > high)):
        facts = {"size": int(view.weight[unit]), "low": low, "high": high}
        tell = _too_small if view.weight[unit] < low else _too_large
        told = tell(view, int(unit), facts, ground)
        if number is not None and not number * low <= total <= number * high:
            told = note("delineate_number_asked", **facts, number=number, total=total)
        yield int(unit), "size", told


def _too_large(view: View, unit: int, facts: dict[str, Any], ground: dict[int, int]) -> Note:
    """Say why a unit is above its band."""
    mine = np.flatnonzero(view.unit == unit)
    heaviest = int(mine[np.argmax(view.problem.weight[mine])])
    weight = int(view.problem.weight[heaviest])
    if weight > facts["high"]:
        building = view.atoms["building_id"].iat[heaviest] or view.atoms["part_id"].iat[heaviest]
        return note("delineate_building_exceeds", **facts, building=str(building), weight=weight)
    if not divisible(ground[unit], facts["low"], facts["high"]):
        return note("delineate_ground_between", **facts, total=ground[unit])
    weights = view.problem.weight[mine]
    least = int(weights[weights > 0].min())
    near = _neighbours(view, unit)
    if all(view.weight[one] + least > facts["high"] for one in near):
        return note("delineate_neighbours_full", **facts, neighbours=len(near))
    return note("delineate_nothing_better", **facts)


def _too_small(view: View, unit: int, facts: dict[str, Any], ground: dict[int, int]) -> Note:
    """Say why a unit is below its band."""
    community = view.community[np.flatnonzero(view.unit == unit)[0]]
    total = int(view.problem.weight[view.community == community].sum())
    if total < facts["low"]:
        return note("delineate_community_small", **facts, total=total)
    if not divisible(ground[unit], facts["low"], facts["high"]):
        return note("delineate_ground_between", **facts, total=ground[unit])
    near = _neighbours(view, unit)
    if not near:
        return note("delineate_island", **facts)
    if all(view.weight[one] + facts["size"] > facts["high"] for one in near):
        return note("delineate_neighbours_overflow", **facts, neighbours=len(near))
    return note("delineate_nothing_better", **facts)


def _grounds(view: View) -> dict[int, int]:
    """Sum what can be divided together: everything a unit could reach over joining borders or shares a name with."""
    reach = pieces(view.problem, np.zeros(len(view.unit), dtype=np.int64))
    count = int(reach.max()) + 1
    whole = components(count + len(view.names), reach, count + view.unit)
    weight = np.bincount(whole[reach], view.problem.weight).astype(np.int64)
    return {unit: int(weight[whole[count + unit]]) for unit in range(len(view.names))}


def _neighbours(view: View, unit: int) -> list[int]:
    """Name the units one could exchange parts with."""
    problem = view.problem
    one, other = view.unit[problem.i], view.unit[problem.j]
    near = np.concatenate([other[problem.joins & (one == unit)], one[problem.joins & (other == unit)]])
    return [int(name) for name in np.unique(near[near != unit])]


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
        key = "delineate_joined_by_name" if facts["size"] else "delineate_open_ground_apart"
        yield int(unit), "pieces", note(key, **facts)


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
        key = "too_large" if weight[one] > band[1] else "in_pieces" if in_pieces else "divided"
        for unit in held[held[:, 0] == one, 1]:
            yield int(unit), "compound", note(f"delineate_compound_{key}", **facts)


def table(view: View, band: tuple[int, int], told: pd.DataFrame) -> pd.DataFrame:
    """Give one row a unit: its sums, whether it lies in its band, and the first reason where it does not."""
    unit_of = pd.Series([view.names[unit] for unit in view.unit], index=view.atoms["part_id"].to_numpy())
    units = sums(unit_of, view.atoms)
    first = np.unique(view.unit, return_index=True)[1]
    units["community_id"] = view.atoms["community_id"].to_numpy()[first]
    units["kind"] = "base"
    units["size"] = view.weight
    units["pieces"] = np.bincount(view.unit[np.unique(view.piece, return_index=True)[1]])
    units["area_m2"] = np.bincount(view.unit, view.problem.area) / 100
    units["in_band"] = (view.weight >= band[0]) & (view.weight <= band[1])
    why = told[told["about"] == "size"].set_index("unit_id").reindex(units["unit_id"])
    for name, column in (("reason", "key"), ("facts", "facts")):
        given = [None if missing else one for one, missing in zip(why[column], why["key"].isna(), strict=True)]
        units[name] = pd.Series(given, dtype=object)
    return units


def score(view: View, band: tuple[int, int], aim: float) -> Mapping[str, float]:
    """Give the whole in figures, each in its own unit of measure."""
    low, high = band
    problem, inside, n = view.problem, view.inside, len(view.names)
    good = (view.weight >= low) & (view.weight <= high)
    off = np.abs(view.weight - aim) / aim
    whole = {f"{key}s_split": _split(view, key) for key in ("compound", "block", "building")}
    return {
        "units": n,
        "units_in_band": int(good.sum()),
        "in_band_percent": round(100 * float(good.mean()), 1),
        "within_10_percent": round(100 * float((off <= 0.1).mean()), 1),  # noqa: PLR2004 - as the name says
        "mean_deviation_percent": round(100 * float(off.mean()), 1),
        "units_in_pieces": int((np.bincount(view.unit[np.unique(view.piece, return_index=True)[1]]) > 1).sum()),
        **whole,
        "barrier_inside_m": float(problem.barrier[inside].sum() / 1000),
        "border_m": float(problem.length[~inside].sum() / 1000),
        "compactness_mean": round(float(_roundness(view).mean()), 3),
    }


def _split(view: View, key: str) -> int:
    """Count compounds, blocks or buildings that lie in more than one unit."""
    code = numbered(view.atoms[f"{key}_id"])
    held = np.unique(np.column_stack([code, view.unit])[code >= 0], axis=0)
    return int((np.bincount(held[:, 0]) > 1).sum()) if len(held) else 0


def _roundness(view: View) -> Reals:
    """Give the Polsby-Popper measure of each unit, from the lengths of its borders."""
    problem, n = view.problem, len(view.names)
    around = np.bincount(view.unit, problem.outer, n)
    for end in (problem.i, problem.j):
        around += np.bincount(view.unit[end], np.where(view.inside, 0, problem.length), n)
    area = np.bincount(view.unit, problem.area, n) * 1e4
    found: Reals = np.minimum(4 * np.pi * area / np.maximum(around, 1.0) ** 2, 1.0)
    return found


def notes(view: View, units: pd.DataFrame, told: pd.DataFrame) -> tuple[Note, ...]:
    """Say in a few sentences what a planner must know of the division."""
    found = [note("delineate_done", count=len(units), in_band=int(units["in_band"].sum()))]
    for key, rows in told.groupby("key", sort=True):
        ids = sorted(set(rows["unit_id"]))
        found.append(note(f"{key}_count", count=len(ids), examples=named(ids)))
    if not view.problem.total:
        found.append(note("delineate_nothing_to_count"))
    return tuple(found)
