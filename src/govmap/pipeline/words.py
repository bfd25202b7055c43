"""The words of a plan's units as a project keeps them: codes that are never given twice, and bounds in its language."""

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.delineate import bounds, codes, indoors
from govmap.messages import LANGUAGES, Note, Voice
from govmap.project import Change, facts_of

if TYPE_CHECKING:
    import geopandas as gpd

    from govmap.plan import Plan

NEEDED = ("streets", "features", "barriers", "compounds", "buildings", "communities")
LASTING = ("on_notice", "adopted", "retired")  # codes of drafts are given up with them
GONE = "codes_gone/"
Tables = Mapping[str, pd.DataFrame]


def new_codes(units: "gpd.GeoDataFrame", plan: "Plan", tables: Tables, *, kept: str | None = None) -> pd.Series:
    """
    Give the codes of a new plan's units.

    Parameters
    ----------
    units
        As `codes.number` takes them.
    tables
        `communities`, `plans`, `units`, `plan_parts`, `parts` and `project` of the project.
    kept
        The plan that was kept to: its units keep their codes. Without one, a unit that holds more than half of a unit
        of the newest adopted plan, and little else, takes its code over.

    Returns
    -------
    codes
        By unit id.
    """
    facts = facts_of(tables["project"])
    lasting = _lasting(tables["plans"])
    if kept is None:
        former = _taken_over(plan, tables, lasting)
    else:
        former = _gone(facts, kept) | _codes_of(tables["units"], [kept])
    given = _given(tables["units"], facts, lasting)
    numbered = codes.number(units, tables["communities"], former=former, given=given)
    return numbered.set_index("unit_id")["code"]


def kept_codes(change: Change, plan_id: str, units: "gpd.GeoDataFrame", stored: pd.DataFrame) -> pd.Series:
    """
    Give the codes of a plan's units after an edit, by unit id: each keeps its own; what has gone is remembered.

    Parameters
    ----------
    units
        As they are now.
    stored
        The rows of `units` as they stood: of this plan.
    """
    session = change.session
    facts = facts_of(session.read("project"))
    before = dict(zip(stored["unit_id"], stored["code"], strict=True))
    former = _gone(facts, plan_id) | {unit: code for unit, code in before.items() if isinstance(code, str)}
    left = set(units["unit_id"])
    gone = {unit: code for unit, code in former.items() if unit not in left}
    if gone != _gone(facts, plan_id):
        change.set(f"{GONE}{plan_id}", json.dumps(gone, sort_keys=True))
    lasting = [one for one in _lasting(session.read("plans")) if one != plan_id]
    others = session.read("units", where={"plan_id": lasting}, columns=["plan_id", "unit_id", "code"])
    given = _given(others, facts, lasting)
    numbered = codes.number(units, session.read("communities"), former=former, given=given)
    return numbered.set_index("unit_id")["code"]


def bounds_of(
    units: "gpd.GeoDataFrame", tables: Tables, *, plan: "Plan | None" = None, only: Collection[str] | None = None
) -> pd.Series:
    """
    Write the bounds of units in the project's language, by unit id.

    Parameters
    ----------
    tables
        `NEEDED` and `project`; with a plan also `parts`.
    plan
        Which part lies in which unit: by it a unit without an outline is told by building and floors.
    """
    voice = voice_of(facts_of(tables["project"]))
    told = bounds.texts(units, tables, voice, only=only)
    if plan is not None:
        told.update(_indoors(units, plan, tables, voice).reindex(told.index).dropna())
    return told


def _indoors(units: "gpd.GeoDataFrame", plan: "Plan", tables: Tables, voice: Voice) -> pd.Series:
    """Say of units without an outline which floors of which buildings they hold."""
    hidden = set(units.loc[units.geometry.is_empty, "unit_id"])
    parts = tables["parts"].assign(unit_id=plan.parts.reindex(tables["parts"]["part_id"]).to_numpy(dtype=object))
    known = called(units.iloc[:0], tables["buildings"], tables["compounds"])
    return indoors.texts(parts[parts["unit_id"].isin(hidden)], known, voice)


def rewritten(
    change: Change, units: "gpd.GeoDataFrame", stored: "gpd.GeoDataFrame", *, plan: "Plan | None" = None
) -> pd.Series:
    """
    Give the bounds of a plan's units after an edit, by unit id: those of units that changed, or lie beside one, anew.

    Parameters
    ----------
    units
        As they are now, with their codes.
    stored
        The rows of `units` as they stood.
    """
    told = pd.Series(stored["bounds_text"].to_numpy(dtype=object), index=stored["unit_id"].to_numpy(dtype=object))
    told = told.reindex(units["unit_id"]).astype(object)
    touched = sorted({*_touched(units, stored), *units.loc[units.geometry.is_empty, "unit_id"]})
    if touched:
        tables = {name: change.session.read(name) for name in (*NEEDED, "parts", "project")}
        told.update(bounds_of(units, tables, plan=plan, only=touched))
    return told.where(told.notna(), None)


def called(units: pd.DataFrame, buildings: pd.DataFrame, compounds: pd.DataFrame) -> dict[str, str]:
    """Say what people call units (by code), buildings and compounds (by name), by id; without a name it is left out."""
    known: dict[str, str] = {}
    for rows, key, name in (
        (buildings, "building_id", "name"),
        (compounds, "compound_id", "name"),
        (units, "unit_id", "code"),
    ):
        named = rows[[key, name]].dropna()
        known |= dict(zip(named[key], named[name], strict=True))
    return known


def in_words(told: Note, known: Mapping[str, str]) -> Note:
    """Give a note in which what has a name is called by it."""
    facts = {
        name: [known.get(one, one) for one in fact] if isinstance(fact, list) else known.get(fact, fact)
        for name, fact in told.facts.items()
        if isinstance(fact, list | str)
    }
    return Note(told.key, {**told.facts, **facts})


def voice_of(facts: Mapping[str, str]) -> Voice:
    """Give the language and the words of a project."""
    language = facts.get("language", LANGUAGES[0])
    return catalog.profile(facts.get("profile", "generic")).voice(language)


def _lasting(plans: pd.DataFrame) -> list[str]:
    """Name the plans whose codes are given for good, the newest last."""
    rows = plans[plans["status"].isin(LASTING)].sort_values(["created_at", "plan_id"], kind="stable")
    return [str(one) for one in rows["plan_id"]]


def _codes_of(units: pd.DataFrame, plan_ids: Collection[str]) -> dict[str, str]:
    rows = units[units["plan_id"].isin(list(plan_ids)) & units["code"].notna()]
    return dict(zip(rows["unit_id"], rows["code"], strict=True))


def _gone(facts: Mapping[str, str], plan_id: str) -> dict[str, str]:
    """Give the codes of units that a plan once had."""
    found: dict[str, str] = json.loads(facts.get(f"{GONE}{plan_id}", "{}"))
    return found


def _given(units: pd.DataFrame, facts: Mapping[str, str], plan_ids: Collection[str]) -> list[str]:
    """List every code that was given for good."""
    rows = units[units["plan_id"].isin(list(plan_ids)) & units["code"].notna()]
    return sorted({*rows["code"], *(code for one in plan_ids for code in _gone(facts, one).values())})


def _taken_over(plan: "Plan", tables: Tables, lasting: list[str]) -> dict[str, str]:
    """Give units the code of the adopted unit of which they hold more than half and that is more than half of them."""
    plans = tables["plans"]
    adopted = [one for one in lasting if one in set(plans.loc[plans["status"] == "adopted", "plan_id"])]
    if not adopted:
        return {}
    stood = tables["plan_parts"]
    stood = stood[stood["plan_id"] == adopted[-1]].rename(columns={"unit_id": "former"})
    households = tables["parts"].set_index("part_id")["households"].fillna(0)
    rows = plan.rows().merge(stood[["part_id", "former"]], on="part_id")
    rows["weight"] = rows["part_id"].map(households).fillna(0) * len(households) + 1  # open ground decides alone only
    shared = rows.groupby(["unit_id", "former"], sort=True)["weight"].sum().reset_index()
    most = [shared["weight"] * 2 > shared.groupby(side)["weight"].transform("sum") for side in ("unit_id", "former")]
    code = _codes_of(tables["units"], adopted[-1:])
    same = shared[most[0] & most[1] & shared["former"].isin(list(code))]
    return {unit: code[former] for unit, former in zip(same["unit_id"], same["former"], strict=True)}


def _touched(units: "gpd.GeoDataFrame", stored: "gpd.GeoDataFrame") -> list[str]:
    """Name the units that changed their outline or code, and all that touch one, as it is or as it was."""
    was = stored.set_index("unit_id")["geometry"].reindex(units["unit_id"]).to_numpy(dtype=object)
    now = units["geometry"].to_numpy(dtype=object)
    code = stored.set_index("unit_id")["code"].reindex(units["unit_id"]).to_numpy(dtype=object)
    changed = ~shapely.equals_exact(_multiple(was), _multiple(now)) | (code != units["code"].to_numpy(dtype=object))
    gone = stored.loc[~stored["unit_id"].isin(units["unit_id"]), "geometry"].to_numpy(dtype=object)
    places = np.concatenate([now[changed], was[changed & ~shapely.is_missing(was)], gone])
    near = shapely.STRtree(now).query(places, predicate="intersects")[1] if len(places) else np.zeros(0, int)
    return sorted(set(units["unit_id"].to_numpy(dtype=object)[np.union1d(near, np.flatnonzero(changed))]))


def _multiple(shapes: np.ndarray) -> np.ndarray:
    """Give shapes as collections: a store gives one of a single piece back as that piece."""
    many, single = shapes.copy(), shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    many[single] = [shapely.multipolygons([one]) for one in shapes[single]]
    return many
