"""What is told of a division: one row a unit, why units are as they are, the score, what a planner should know."""

import numpy as np
import pandas as pd

from govmap.delineate.reasons import reasons
from govmap.delineate.score import Term, roundness, rows, score, spans, terms
from govmap.delineate.view import View
from govmap.messages import Note, note
from govmap.plan import named, sums

EXCLUSIVE = ("business", "scenic", "school", "danwei")
LEAST_EXCLUSIVE_M2 = 10_000
FEW = 0.1  # of the lower end of the band: so few households make no unit of their own


def table(view: View, band: tuple[int, int], told: pd.DataFrame) -> pd.DataFrame:
    """Give one row a unit: its sums, whether it lies in its band, and the first reason where it does not."""
    unit_of = pd.Series([view.names[unit] for unit in view.unit], index=view.atoms["part_id"].to_numpy())
    units = sums(unit_of, view.atoms)
    first = np.unique(view.unit, return_index=True)[1]
    units["community_id"] = view.atoms["community_id"].to_numpy()[first]
    units["kind"] = "base"
    units["size"] = view.weight
    units["pieces"] = view.pieces_of
    units["area_m2"] = np.bincount(view.unit, view.problem.area) / 100
    units["in_band"] = (view.weight >= band[0]) & (view.weight <= band[1])
    why = told[told["about"] == "size"].set_index("unit_id").reindex(units["unit_id"])
    for name, column in (("reason", "key"), ("facts", "facts")):
        given = [None if missing else one for one, missing in zip(why[column], why["key"].isna(), strict=True)]
        units[name] = pd.Series(given, dtype=object)
    return units


def notes(view: View, units: pd.DataFrame, told: pd.DataFrame) -> tuple[Note, ...]:
    """Say in a few sentences what a planner must know of the division."""
    found = [note("delineate_done", count=len(units), in_band=int(units["in_band"].sum()))]
    for key, group in told.groupby("key", sort=True):
        ids = sorted(set(group["unit_id"]))
        found.append(note(f"{key}_count", count=len(ids), examples=named(ids)))
    if not view.problem.total:
        found.append(note("delineate_nothing_to_count"))
    return tuple(found)


def with_help(told: pd.DataFrame) -> list[Note]:
    """Give the notes of one unit's rows of `reasons`: why it is as it is, and then what would help."""
    help_ = told["help"] if "help" in told else [None] * len(told)
    found: list[Note] = []
    for key, facts, help_key in zip(told["key"], told["facts"], help_, strict=True):
        found += [Note(key, facts), *([Note(help_key, facts)] if isinstance(help_key, str) else [])]
    return found


def exclusive_candidates(atoms: pd.DataFrame, compounds: pd.DataFrame, low: int) -> pd.DataFrame:
    """
    Propose grounds that may be better as exclusive units: large, and hardly anybody lives there.

    Parameters
    ----------
    atoms
        `compound_id`, `households`, `area_m2`.
    compounds
        `compound_id`, `name`, `kind`.
    low
        Lower end of the band, in households.

    Returns
    -------
    candidates
        The largest first: compound_id, name, kind, households, area_m2.
    """
    held = atoms.groupby("compound_id", sort=True)[["households", "area_m2"]].sum().reset_index()
    rows_ = compounds.loc[compounds["kind"].isin(EXCLUSIVE), ["compound_id", "name", "kind"]]
    rows_ = rows_.merge(held, on="compound_id")
    rows_ = rows_[(rows_["area_m2"] >= LEAST_EXCLUSIVE_M2) & (rows_["households"] < FEW * low)]
    order = ["area_m2", "compound_id"]
    return pd.DataFrame(rows_.sort_values(order, ascending=[False, True], kind="stable", ignore_index=True))


def exclusive_notes(candidates: pd.DataFrame) -> tuple[Note, ...]:
    """Name the grounds that may be better as exclusive units, and how to make them."""
    if candidates.empty:
        return ()
    names = candidates["name"].where(candidates["name"].notna(), candidates["compound_id"])
    kinds = [f"--exclusive {kind}" for kind in sorted(set(candidates["kind"]))]
    return (note("delineate_exclusive_proposed", count=len(candidates), examples=named(names), kinds=kinds),)


__all__ = [
    "Term",
    "View",
    "exclusive_candidates",
    "exclusive_notes",
    "notes",
    "reasons",
    "roundness",
    "rows",
    "score",
    "spans",
    "table",
    "terms",
    "with_help",
]
