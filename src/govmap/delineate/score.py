"""A division in figures: each term in its own unit of measure, and in words a planner uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from govmap.delineate.problem import Flags, Ints, Reals, numbered
from govmap.delineate.view import View
from govmap.messages import Note, note

HULL_FROM = 200
COUNTED = {"units": "count"}  # `units` is the profile's word in every text
KILOMETRES = ("barrier_inside_m", "border_m")


@dataclass(frozen=True)
class Term:
    """One line of a score: its key in the figures, what it is called, its value, and whether more of it is better."""

    key: str
    label: Note
    value: Note
    more: bool | None


# The lines in their order: which figures each needs, and whether more is better, less, or neither.
LINES: Mapping[str, tuple[tuple[str, ...], bool | None]] = {
    "units": (("units",), None),
    "units_in_band": (("units_in_band", "units", "in_band_percent"), True),
    "size": (("size_least", "size_median", "size_most"), None),
    "largest_deviation_percent": (("largest_deviation_percent", "mean_deviation_percent"), False),
    "within_10_percent": (("within_10_percent",), True),
    "units_in_pieces": (("units_in_pieces",), False),
    "compounds_split": (("compounds_split_fitting", "compounds_fitting", "compounds_split"), False),
    "blocks_split": (("blocks_split", "blocks_too_large"), False),
    "buildings_split": (("buildings_split",), False),
    "barrier_inside_m": (("barrier_inside_m",), False),
    "border_m": (("border_m",), False),
    "compactness_mean": (("compactness_mean",), True),
    "walk_longest_m": (("walk_longest_m",), False),
    "units_out_of_also": (("units_out_of_also",), False),
    "units_out_of_walk": (("units_out_of_walk",), False),
    "households_moved": (("households_moved",), False),
}


def score(view: View, band: tuple[int, int], aim: float) -> Mapping[str, float]:
    """
    Give the whole in figures, each in its own unit of measure.

    Sizes are counted by what the division was made by; `..._fitting` are compounds that fit the band and
    `blocks_too_large` street blocks that must be divided; `walk_longest_m` is the farthest that two parts of one unit
    lie apart, in a straight line.
    """
    low, high = band
    problem, inside, n = view.problem, view.inside, len(view.names)
    good = (view.weight >= low) & (view.weight <= high)
    off = np.abs(view.weight - aim) / aim
    return {
        "units": n,
        "units_in_band": int(good.sum()),
        "in_band_percent": _percent(good),
        "within_10_percent": _percent(off <= 0.1),  # noqa: PLR2004 - as the name says
        "mean_deviation_percent": round(100 * float(off.mean()), 1) if n else 0.0,
        "largest_deviation_percent": round(100 * float(off.max()), 1) if n else 0.0,
        "size_least": int(view.weight.min()) if n else 0,
        "size_median": float(np.median(view.weight)) if n else 0.0,
        "size_most": int(view.weight.max()) if n else 0,
        "units_in_pieces": int((view.pieces_of > 1).sum()) if n else 0,
        **_splits(view, high),
        "barrier_inside_m": float(problem.barrier[inside].sum() / 1000),
        "border_m": float(problem.length[~inside].sum() / 1000),
        "compactness_mean": round(float(roundness(view).mean()), 3) if n else 0.0,
        "walk_longest_m": round(float(spans(view).max()), 0) if n else 0.0,
    }


def terms(figures: Mapping[str, float]) -> list[Term]:
    """
    Give a score as the lines of a table, in the order in which planners look at it.

    Lines whose figures are not there (as `households_moved` without a plan to compare with) are left out. `compared`
    scores are laid side by side by telling `value` of each.
    """
    found = []
    for key, (needed, more) in LINES.items():
        if all(name in figures for name in needed):
            facts = {COUNTED.get(name, name): _shown(name, figures[name]) for name in needed}
            found.append(Term(key, note(f"score_{key}"), note(f"score_{key}_value", **facts), more))
    return found


def rows(figures: Mapping[str, float]) -> list[Note]:
    """Give a score as one sentence a line."""
    return [note("score_line", label=term.label, value=term.value) for term in terms(figures)]


def _shown(name: str, value: float) -> str | int:
    """Give a figure as people read it: kilometres with one place, whole numbers whole."""
    if name in KILOMETRES:
        return f"{value / 1000:,.1f}"
    return int(value) if float(value).is_integer() else f"{value:,.3g}" if abs(value) < 1 else f"{value:,.1f}"


def _percent(flags: np.ndarray) -> float:
    return round(100 * float(flags.mean()), 1) if len(flags) else 0.0


def _splits(view: View, high: int) -> dict[str, float]:
    """Count compounds, street blocks and buildings that lie in several units, and those that cannot do otherwise."""
    found: dict[str, float] = {}
    for key in ("compound", "block", "building"):
        code = numbered(view.atoms[f"{key}_id"])
        known = code >= 0
        count = int(code.max()) + 1 if known.any() else 0
        held = np.unique(np.column_stack([code[known], view.unit[known]]), axis=0)
        split = np.bincount(held[:, 0], minlength=count) > 1
        fits = np.bincount(code[known], view.problem.weight[known], count) <= high
        found[f"{key}s_split"] = int(split.sum())
        if key == "compound":
            found |= {"compounds_fitting": int(fits.sum()), "compounds_split_fitting": int((split & fits).sum())}
        if key == "block":
            found["blocks_too_large"] = int((~fits).sum())
    return found


def roundness(view: View) -> Reals:
    """Give the Polsby-Popper measure of each unit, from the lengths of its borders."""
    problem, n = view.problem, len(view.names)
    around = np.bincount(view.unit, problem.outer, n)
    for end in (problem.i, problem.j):
        around += np.bincount(view.unit[end], np.where(view.inside, 0, problem.length), n)
    area = np.bincount(view.unit, problem.area, n) * 1e4
    found: Reals = np.minimum(4 * np.pi * area / np.maximum(around, 1.0) ** 2, 1.0)
    return found


def spans(view: View, chosen: Flags | None = None) -> Reals:
    """Give the farthest that two (`chosen`) parts of each unit lie apart, in metres in a straight line."""
    order = np.argsort(view.unit, kind="stable")
    order = order if chosen is None else order[chosen[order]]
    at = np.column_stack([view.problem.x, view.problem.y])[order]
    first = np.searchsorted(view.unit[order], np.arange(len(view.names) + 1))
    found: Reals = np.array([span(at[one:next_]) for one, next_ in pairwise(first)])
    return found


def span(at: Reals) -> float:
    """Give the farthest that two points lie apart, 0 where there are none."""
    corners = at[_hull(at)] if len(at) > HULL_FROM else at
    apart = corners[:, None, :] - corners[None, :, :]
    return float(np.sqrt((apart**2).sum(axis=2).max())) if len(at) else 0.0


def _hull(at: Reals) -> Ints:
    """Name the outermost points; all of them where they lie on one line."""
    try:
        return np.sort(ConvexHull(at).vertices).astype(np.int64)
    except QhullError:
        return np.arange(len(at))
