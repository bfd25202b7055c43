"""Compounds as the list of numbers names them: buildings join one, a name that is new makes one around its buildings.

Most compounds of an extract have no outline and no name. A clerk who writes 幸福小区 beside twelve buildings has said
all that is needed: their ground, with what lies between them, is the compound's.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap import addresses
from govmap.messages import Note, note
from govmap.pipeline.aside import laid_aside, lay_aside, row_keys, take_out
from govmap.project import Change

if TYPE_CHECKING:
    from govmap.pipeline.updating import Changes

TABLE, KIND = "compounds", "residential"
BETWEEN_M, AROUND_M = 30.0, 4.0  # ground between buildings of a compound is its own up to twice the first
MOST_TOLD = 5
Shapes = npt.NDArray[np.object_]


def meant(rows: pd.DataFrame, compounds: pd.DataFrame, buildings: pd.DataFrame) -> "pd.Series[Any]":
    """
    Give the compound that each row of the list of numbers names; the one it stands in where it names none.

    Parameters
    ----------
    rows
        building_id, compound (as written), import_id, source_row.
    compounds, buildings
        Tables of the project. Of several compounds of a name the building's own counts, else the nearest.
    """
    stands = buildings.set_index("building_id")
    own = stands["compound_id"].reindex(rows["building_id"]).astype(object).to_numpy()
    shapes = stands["geometry"].reindex(rows["building_id"]).to_numpy(object)
    known = _by_name(compounds)
    ground = dict(zip(compounds["compound_id"], compounds["geometry"], strict=True))
    fresh: dict[str, str] = {}
    found = []
    for text, mine, shape, *made in zip(rows["compound"], own, shapes, rows["import_id"], rows["source_row"], strict=True):  # fmt: skip  # noqa: E501
        key = _plain(text)
        among = known.get(key, ())
        if not key or mine in among:
            found.append(mine if isinstance(mine, str) else None)
        elif among:
            found.append(min(among, key=lambda one: (_apart(shape, ground[one]), one)))
        else:
            found.append(fresh.setdefault(key, "-".join(map(str, made))))
    return pd.Series(found, index=rows.index, dtype=object)


def take_in(change: Change, rows: pd.DataFrame, found: "Changes") -> list[Note]:
    """
    Let the ground of compounds follow the buildings that joined them; inside a change, when buildings are written.

    Parameters
    ----------
    rows
        The rows of the list, with the words for the compound and the `compound_id` that `meant` gave.
    found
        What the list changed of the buildings.
    """
    now, before = found.changed, found.before
    joined = now["compound_id"].notna().to_numpy(bool) & (
        now["compound_id"].astype(object).to_numpy() != before["compound_id"].astype(object).to_numpy()
    )
    moved = now[joined & now["geometry"].notna().to_numpy(bool)]
    if moved.empty:
        return []
    import_id = str(rows["import_id"].iloc[0])
    stored = change.session.read(TABLE)
    words = dict(zip(rows["compound_id"], rows["compound"], strict=True))
    fresh = [one for one in sorted(set(moved["compound_id"])) if one not in set(stored["compound_id"])]
    others = change.session.read("buildings", columns=["building_id", "compound_id", "geometry"])
    drawn = _drawn(stored, moved, others)
    lay_aside(change, import_id, TABLE, stored[stored["compound_id"].isin(drawn)])
    made = stored[stored["compound_id"].isin(drawn)]
    made = made.assign(geometry=[drawn[one] for one in made["compound_id"]], edited_by_hand=True)
    new = [
        {"compound_id": one, "name": words[one], "kind": KIND, "edited_by_hand": True, "import_id": import_id}
        | {"geometry": drawn[one]}
        for one in fresh
    ]
    change.session.upsert(TABLE, pd.concat([made, pd.DataFrame(new)], ignore_index=True) if new else made)
    first = [str(words[one]) for one in fresh][:MOST_TOLD]
    told = [note("form_compounds_joined", count=len(moved))]
    return told + ([note("form_compounds_made", count=len(fresh), first=first)] if fresh else [])


def put_back(change: Change, import_id: str) -> None:
    """Take out compounds that an import of buildings made, and give others their ground back."""
    before = laid_aside(change, import_id, TABLE)
    change.session.delete(TABLE, where={"import_id": import_id})
    if len(before):
        take_out(change, TABLE, row_keys(before, TABLE))
        change.session.append(TABLE, before)


def _drawn(stored: pd.DataFrame, moved: pd.DataFrame, buildings: pd.DataFrame) -> dict[str, Any]:
    """Draw the compounds anew that gain buildings, and take that ground from those that had it."""
    ground = dict(zip(stored["compound_id"], stored["geometry"], strict=True))
    wanted: dict[str, Any] = {}
    for one, rows in moved.groupby("compound_id", sort=True):
        patch = _patch(rows["geometry"].to_numpy(object))
        foreign = buildings.loc[buildings["compound_id"].ne(one) & buildings["geometry"].notna(), "geometry"]
        near = foreign.to_numpy(object)
        near = near[shapely.STRtree(near).query(patch, predicate="intersects")] if len(near) else near
        whole = shapely.union_all([patch, *([ground[one]] if ground.get(one) is not None else [])])
        wanted[str(one)] = _areas(shapely.difference(whole, shapely.buffer(shapely.union_all(near), AROUND_M / 2)))
    points = shapely.point_on_surface(moved["geometry"].to_numpy(object))
    for one, shape in ground.items():
        inside = shape is not None and shapely.intersects(points, shape) & (moved["compound_id"] != one).to_numpy(bool)
        if np.any(inside):
            taken = shapely.buffer(shapely.union_all(moved["geometry"].to_numpy(object)[inside]), AROUND_M)
            wanted[one] = _areas(shapely.difference(wanted.get(one, shape), taken))
    return wanted


def _patch(shapes: Shapes) -> Any:
    """Give the ground of buildings with what lies between near ones."""
    around = shapely.buffer(shapely.union_all(shapes), BETWEEN_M, join_style="mitre")
    return shapely.union_all([shapely.buffer(around, AROUND_M - BETWEEN_M, join_style="mitre"), *shapely.buffer(shapes, AROUND_M)])  # fmt: skip  # noqa: E501


def _areas(shape: Any) -> Any:
    """Give the areas of a shape as one shape of many."""
    pieces = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    return shapely.MultiPolygon(pieces)


def _by_name(compounds: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one, *names in compounds[["compound_id", "name", "name_zh"]].sort_values("compound_id").itertuples(index=False):
        for key in sorted({_plain(name) for name in names} - {""}):
            found[key] = (*found.get(key, ()), str(one))
    return found


def _plain(text: Any) -> str:
    return addresses.normalise(text).replace(" ", "") if isinstance(text, str) else ""


def _apart(one: Any, other: Any) -> float:
    return float(shapely.distance(one, other)) if one is not None and other is not None else np.inf
