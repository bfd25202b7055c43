"""Units and parts as people name them: by code, id or name; by building, compound, or an area drawn around them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap.delineate.edit.draft import Draft
from govmap.delineate.edit.labels import folded
from govmap.errors import PlanError
from govmap.plan import named

MOSTLY = 0.5


def unit_named(draft: Draft, wanted: str) -> str:
    """
    Find a unit by its code, its id, or its name.

    Raises
    ------
    PlanError
        There is none, or several have this name.
    """
    facts = draft.facts
    for sought in ("code", None, "name"):
        found = [
            unit for unit, known in facts.items() if folded(known.get(sought) if sought else unit) == folded(wanted)
        ]
        if len(found) > 1:
            raise PlanError("edit_name_of_several", wanted=wanted, unit_codes=draft.shown(found))
        if found:
            return found[0]
    raise PlanError("edit_no_unit", wanted=wanted, known=draft.shown(facts))


def parts_named(draft: Draft, words: Iterable[str], names: Mapping[str, pd.DataFrame]) -> list[str]:
    """
    Find parts by their own id, by building (all its parts) or by compound (all its cells), each by id or by name.

    Parameters
    ----------
    names
        `buildings` with building_id and name, `compounds` with compound_id and name.

    Raises
    ------
    PlanError
        Some words name nothing, or more than one place.
    """
    places = _places(draft.atoms, names)
    found: list[str] = []
    unknown: list[str] = []
    for word in words:
        parts, several = _one(places, word)
        if several:
            raise PlanError("edit_places_of_one_name", wanted=word, places=named(several), count=len(several))
        found += parts
        unknown += [] if parts else [word]
    if unknown:
        raise PlanError("edit_no_place", places=named(unknown), count=len(unknown))
    return sorted(set(found))


def parts_within(draft: Draft, cells: pd.DataFrame, area: Any) -> list[str]:
    """
    Find the parts whose cells lie in an area with more than half of their ground.

    Raises
    ------
    PlanError
        There is no such cell.
    """
    rows = cells[cells["cell_id"].isin(draft.atoms["cell_id"])]
    shapes = rows["geometry"].to_numpy()
    near = shapely.STRtree(shapes).query(area, predicate="intersects")
    most = shapely.area(shapely.intersection(shapes[near], area)) > MOSTLY * shapely.area(shapes[near])
    held = set(rows["cell_id"].to_numpy()[near[most]])
    if not held:
        raise PlanError("edit_area_empty")
    return sorted(draft.atoms.loc[draft.atoms["cell_id"].isin(held), "part_id"])


def _places(atoms: pd.DataFrame, names: Mapping[str, pd.DataFrame]) -> list[dict[str, dict[str, list[str]]]]:
    """Give the parts of each place by word and place: first all ids, one kind after another, then all names."""
    ids, called = [_by(atoms, "part_id")], []
    for table, key in (("buildings", "building_id"), ("compounds", "compound_id")):
        held = _by(atoms, key)
        ids.append(held)
        rows = names[table]
        by_name: dict[str, dict[str, list[str]]] = {}
        for place, name in zip(rows[key], rows["name"], strict=True):
            word = next(iter(held.get(folded(place), {}).values()), None)
            if word and folded(name):
                by_name.setdefault(folded(name), {})[str(place)] = word
        called.append(by_name)
    # A compound is what people mean by a name before the one building in it that has the same.
    return [*ids, *reversed(called)]


def _by(atoms: pd.DataFrame, key: str) -> dict[str, dict[str, list[str]]]:
    known = atoms[atoms[key].notna()]
    groups = known.groupby(key, sort=True)["part_id"].agg(list)
    return {folded(place): {str(place): parts} for place, parts in groups.items()}


def _one(places: list[dict[str, dict[str, list[str]]]], word: str) -> tuple[list[str], list[str]]:
    """Give the parts of the place that a word names, else the places it may name."""
    for kind in places:
        found = kind.get(folded(word), {})
        if len(found) > 1:
            return [], sorted(found)
        if found:
            return next(iter(found.values())), []
    return [], []


def divided(before: Draft, after: "pd.Series[Any]", key: str) -> list[str]:
    """Name the places (compound_id, building_id) that lay in one unit and would lie in several; `after` by part id."""
    was, now = (
        unit_of.reindex(before.atoms["part_id"]).to_numpy(dtype=object) for unit_of in (before.plan.parts, after)
    )
    known = before.atoms[key].notna().to_numpy()
    moved = (was != now) & known & ~(pd.isna(was) & pd.isna(now))
    concerned = known & before.atoms[key].isin(set(before.atoms.loc[moved, key])).to_numpy()
    place, places = pd.factorize(before.atoms.loc[concerned, key], sort=True)
    held = [_units_of(place, unit[concerned], len(places)) for unit in (was, now)]
    return [str(one) for one in places[(held[0] <= 1) & (held[1] > 1)]]


def _units_of(place: "np.ndarray[Any, Any]", unit: "np.ndarray[Any, Any]", count: int) -> "np.ndarray[Any, Any]":
    """Count the units in which each place lies."""
    code, units = pd.factorize(unit)
    pairs = np.unique((place * max(len(units), 1) + code)[code >= 0])
    return np.bincount(pairs // max(len(units), 1), minlength=count)
