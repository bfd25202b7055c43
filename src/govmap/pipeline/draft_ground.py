"""What the page needs to redraw a plan: parts as columns of numbers, borders as the guard sees them, units, the band.

Parts are numbered as the sitting numbers them, units and places as they are listed here. What registers say of ages is
given for whole units alone.
"""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govmap import attach, catalog
from govmap.delineate import edit
from govmap.messages import LANGUAGES
from govmap.pipeline import counting
from govmap.pipeline.drafting import Drafting, can_turn
from govmap.project import Change, Project, facts_of, now

if TYPE_CHECKING:
    from govmap.pipeline.edited import Measure

AGES = ("age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus")
FACTS = ("code", "name", "kind", "exclusive_kind", "level", "parent_unit_id")
SIMPLER_M = 0.4
BLOCK = 1000  # cells that are simplified together: whole towns at once cost more than twice as much
Ints = NDArray[np.int64]


def ground(drafting: Drafting) -> dict[str, Any]:
    """
    Give the parts and borders of a plan for the page.

    Returns
    -------
    facts
        `columns`: base64 of whole numbers of four bytes by name, one a part (unit, cell, building, compound, block,
        community: places in the lists of that name, -1 for none; households, residents, weight, load; `origin`: the
        unit before all edits by hand) or one a border that joins (one, other); `units`: a row each, of every level;
        `names` of buildings in several parts and of compounds; `floors` of parts of such buildings; `band`; `revision`.
    """
    desk = drafting.held.desk
    draft, tables = desk.draft, desk.tables
    units = unit_rows(drafting)
    number = {row["id"]: at for at, row in enumerate(units)}
    columns = dict(_columns(drafting, number))
    joins = np.flatnonzero(draft.graph.joins)
    spot = draft.atoms["part_id"].pipe(pd.Index).get_indexer(pd.Index(draft.graph.ids))
    one, other = spot[draft.graph.i[joins]], spot[draft.graph.j[joins]]
    there = (one >= 0) & (other >= 0)
    columns |= {"one": one[there], "other": other[there]}
    parts = tables["parts"]
    return {
        "plan": drafting.plan_id,
        "revision": drafting.revision,
        "turns": can_turn(drafting.held),
        "parts": len(draft.atoms),
        "unassigned": int((~parts["part_id"].isin(draft.plan.parts.index)).sum()),
        "columns": {name: _coded(values) for name, values in columns.items()},
        "units": units,
        "names": _names(drafting),
        "floors": _floors(drafting),
        "band": band(desk.measure),
        "kinds": _kinds(),
    }


def _columns(drafting: Drafting, number: Mapping[str, int]) -> Any:
    desk = drafting.held.desk
    draft = desk.draft
    atoms = draft.atoms
    yield "unit", _placed(draft.plan.parts, number)
    started = edit.origin(draft.plan, desk.revisions, desk.revision_parts).parts
    yield "origin", _placed(started.reindex(draft.plan.parts.index), number)
    cells = pd.Index(desk.tables["cells"]["cell_id"])
    yield "cell", cells.get_indexer(pd.Index(atoms["cell_id"]))
    for name in ("building_id", "compound_id", "block_id", "community_id"):
        yield name.removesuffix("_id"), pd.factorize(atoms[name], sort=True)[0]
    for name in ("households", "residents", "load"):
        yield name, atoms[name].to_numpy()
    yield "weight", desk.measure.weight


def _placed(unit_of: "pd.Series[Any]", number: Mapping[str, int]) -> Ints:
    return np.asarray(unit_of.map(number).fillna(-1), dtype=np.int64)


def _coded(values: Any) -> str:
    return base64.b64encode(np.asarray(values).astype("<i4").tobytes()).decode("ascii")


def unit_rows(drafting: Drafting, only: "set[str] | None" = None) -> list[dict[str, Any]]:
    """Give what the table of the page shows of units, sorted by id: of all, or of some."""
    desk = drafting.held.desk
    rows = desk.draft.units if only is None else desk.draft.units[desk.draft.units["unit_id"].isin(only)]
    over = set(desk.draft.plan.parents.values())
    size = _sizes(drafting, only)
    found = []
    for row in rows.to_dict("records"):
        low, high = desk.measure.band_of({"level": row["level"]})
        known = {name.removesuffix("_unit_id"): _text(row[name]) for name in FACTS}
        told = {name: int(row[name] or 0) for name in ("households", "residents", "buildings")}
        unit = str(row["unit_id"])
        more = {"locked": bool(row["locked"]), "upper": unit in over, "low": low, "high": high}
        found.append({"id": unit, **known, **told, **more, "size": size.get(unit, 0)})
    return found


def _sizes(drafting: Drafting, only: "set[str] | None") -> dict[str, int]:
    desk = drafting.held.desk
    if only is None:
        return desk.measure.sizes(desk.draft)
    members = drafting.held.lying.members
    return {unit: int(desk.measure.weight[members[unit]].sum()) for unit in only if unit in members}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def band(measure: "Measure") -> dict[str, Any]:
    """Give the band of the lowest level, what is measured, and the rule it comes from where one has these numbers."""
    low, high = measure.band
    for preset in catalog.layer("presets").values():
        if (preset["low"], preset["high"], preset["by"]) == (low, high, measure.criteria.by):
            source = {one: f"{preset['title'][one]} · {preset['source'][one]}" for one in LANGUAGES}
            return {"low": low, "high": high, "by": measure.criteria.by, "source": source}
    return {"low": low, "high": high, "by": measure.criteria.by, "source": None}


def _kinds() -> list[dict[str, Any]]:
    return [{"key": str(one["name"]), "title": dict(one["title"])} for one in catalog.layer("exclusive")["kinds"]]


def _names(drafting: Drafting) -> dict[str, list[str | None]]:
    """Name the compounds, and the buildings that are divided into parts, by their places."""
    desk = drafting.held.desk
    atoms, tables = desk.draft.atoms, desk.tables
    several = set(atoms.loc[atoms["building_id"].duplicated() & atoms["building_id"].notna(), "building_id"])
    found: dict[str, list[str | None]] = {}
    for table, key, wanted in (("buildings", "building_id", several), ("compounds", "compound_id", None)):
        rows = tables[table]
        called = dict(zip(rows[key], rows["name"], strict=True))
        places = pd.factorize(atoms[key], sort=True)[1]
        found[table] = [_text(called.get(one)) if wanted is None or one in wanted else None for one in places]
    return found


def _floors(drafting: Drafting) -> list[list[Any]]:
    """Give number, stairwell and floors of each part of a building that has several."""
    atoms, parts = drafting.held.desk.draft.atoms, drafting.held.desk.tables["parts"].set_index("part_id")
    several = atoms["building_id"].notna() & atoms["building_id"].duplicated(keep=False)
    rows = parts.reindex(atoms.loc[several, "part_id"])
    numbers = np.flatnonzero(several).tolist()
    floors = rows[["floor_from", "floor_to"]].astype(object).where(rows[["floor_from", "floor_to"]].notna(), None)
    found = zip(numbers, rows["entrance"], floors["floor_from"], floors["floor_to"], strict=True)
    return [[at, _text(door), *(None if one is None else int(one) for one in span)] for at, door, *span in found]


def cells(drafting: Drafting, project: Project) -> bytes:
    """Give the outlines of the cells as a pack, in the order of their ids."""
    from pyproj import Transformer

    from govmap.crs import GEOGRAPHIC
    from govmap.render.compact import Pack

    shapes = drafting.held.desk.tables["cells"]["geometry"].to_numpy()
    simple = _simpler(shapes)
    turn = Transformer.from_crs(project.crs, GEOGRAPHIC, always_xy=True)
    degrees = shapely.transform(simple, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1])))
    return Pack(len(shapes)).shapes(np.asarray(degrees, dtype=object)).deflated(6)


def _simpler(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give cells fewer corners and leave no gap: in blocks, along whose own edges every corner stays."""
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    strips = max(1, round(np.sqrt(len(shapes) / BLOCK)))
    found = np.empty(len(shapes), dtype=object)
    for strip in np.array_split(np.argsort(middle[:, 0], kind="stable"), strips):
        for block in np.array_split(strip[np.argsort(middle[strip, 1], kind="stable")], strips):
            found[block] = shapely.coverage_simplify(shapes[block], SIMPLER_M, simplify_boundary=strips == 1)
    return found


def ages(drafting: Drafting, project: Project) -> pd.DataFrame:
    """
    Give what registers say of the ages of people, a row a part and a column a band; empty where they say nothing.

    It stays on the server: the page is told of whole units.
    """
    with project.store.reading() as session:
        facts = facts_of(session.read("project"))
        change = Change(session, now(), project.author, dict(facts))
        residents = counting.registers(session)
        if residents.empty:
            return pd.DataFrame()
        people = attach.by_part(
            session.read("buildings"),
            residents,
            parts=session.read("parts"),
            members=counting.members(change, residents),
            communities=session.read("communities"),
        )
    mine = people[(people["base"] == "actual") & people["category"].isin(AGES)]
    wide = mine.pivot_table(index="part_id", columns="category", values="number", aggfunc="sum")
    return wide.reindex(drafting.held.desk.draft.atoms["part_id"]).fillna(0).astype("int64").reset_index(drop=True)


def ages_of(drafting: Drafting, held: pd.DataFrame, only: "set[str] | None" = None) -> dict[str, dict[str, int]]:
    """Sum ages by unit: of all units, or of some."""
    if held.empty:
        return {}
    members = drafting.held.lying.members
    ages, names = held.to_numpy(), [str(name) for name in held.columns]
    units = sorted(members if only is None else only & members.keys())
    return {unit: dict(zip(names, ages[members[unit]].sum(axis=0).tolist(), strict=True)) for unit in units}
