"""Places whose whereabouts must not be published: taken out of every table with name and footprint.

A place goes by its use, class or category (`layers/publish.toml`), and so does all that stands on its ground: houses
without a use in a barracks yard, its ways and walls, the ward of a prison hospital.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govmap import catalog
from govmap.publish.allowed import Tables, column, withheld

EDGE_M = 5.0  # a wall round a ground stands on its edge
AREA = 2
SPATIAL = ("buildings", "addresses", "compounds", "resources", "features", "streets", "barriers", "entrances", "zones")

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Hidden:
    """The buildings that nobody outside may know of, and how many rows of each table went."""

    buildings: frozenset[Any]
    gone: Mapping[str, int]


def open_places(tables: Tables) -> tuple[dict[str, pd.DataFrame], Hidden]:
    """Take out what must not be found; `parts` and `plan_parts` stay until everything is counted, see `unnamed`."""
    ground = _ground(tables)
    inside = {name: _within(tables[name], ground) for name in SPATIAL if name in tables}
    buildings = _buildings(tables, inside)
    hidden = {name: _of(name, frame, buildings) for name, frame in tables.items()}
    hidden |= {name: hidden[name] | ours for name, ours in inside.items()}
    kept = {name: frame[~hidden[name]].reset_index(drop=True) for name, frame in tables.items()}
    gone = {f"{name}_withheld": int(ours.sum()) for name, ours in hidden.items() if ours.any()}
    if "tallies" in kept and "resources" in kept:  # how many there are, less those on the map, would tell of them
        some = set(tables["resources"]["category"][hidden["resources"]])
        tallies = kept["tallies"]
        ours = (column(tallies, "theme") == "resources") & column(tallies, "category").isin(some)
        kept["tallies"] = tallies[~ours].reset_index(drop=True)
    if "cells" in kept:
        kept["cells"] = _open_ground(kept["cells"], buildings)
    return kept, Hidden(buildings, gone)


def unnamed(tables: Tables, hidden: Hidden) -> dict[str, pd.DataFrame]:
    """Take out the parts of hidden buildings, by whose names the buildings could be found."""
    kept = dict(tables)
    if "parts" in kept and hidden.buildings:
        ours = column(kept["parts"], "building_id").isin(hidden.buildings)
        names = set(kept["parts"]["part_id"][ours])
        for name in ("parts", "plan_parts"):
            if name in kept:
                kept[name] = kept[name][~kept[name]["part_id"].isin(names)].reset_index(drop=True)
    return kept


def _ground(tables: Tables) -> Any:
    """Join the grounds of withheld classes and kinds."""
    found = []
    for name, said in (("features", "class"), ("compounds", "kind")):
        frame = tables.get(name)
        if frame is not None and "geometry" in frame:
            shapes = frame["geometry"].to_numpy()[column(frame, said).isin(withheld("classes")).to_numpy()]
            found.append(shapes[shapely.get_dimensions(shapes) == AREA])
    shapes = np.concatenate(found) if found else np.array([], dtype=object)
    return shapely.buffer(shapely.union_all(shapely.make_valid(shapes)), EDGE_M) if len(shapes) else None


def _within(frame: pd.DataFrame, ground: Any) -> Flags:
    """Tell what lies on the ground: lines with their whole length, all else with a point of their own."""
    if ground is None or "geometry" not in frame or frame.empty:
        return np.zeros(len(frame), bool)
    shapes = np.array(frame["geometry"].to_numpy(), dtype=object)
    shapely.prepare(ground)
    area = shapely.get_dimensions(shapes) == AREA
    shapes[area] = shapely.point_on_surface(shapes[area])
    return np.asarray(shapely.covers(ground, shapes))


def _buildings(tables: Tables, inside: Mapping[str, Flags]) -> frozenset[Any]:
    """Name the hidden buildings: by their use, the ground below them, or what is listed at them."""
    buildings, resources = tables.get("buildings"), tables.get("resources")
    if buildings is None:
        return frozenset()
    by_use = column(buildings, "use").isin(withheld("uses")).to_numpy() | inside["buildings"]
    found = set(buildings["building_id"][by_use])
    if resources is not None:
        found |= set(column(resources, "building_id")[column(resources, "category").isin(withheld("uses"))].dropna())
    return frozenset(found)


def _of(name: str, frame: pd.DataFrame, buildings: frozenset[Any]) -> Flags:
    """Tell which rows of a table say of a hidden place."""
    hidden = pd.Series(False, index=frame.index)
    if name in ("buildings", "addresses", "entrances"):
        hidden |= column(frame, "building_id").isin(buildings)
    elif name == "features":
        hidden |= column(frame, "class").isin(withheld("classes") | withheld("above_county"))
    elif name == "compounds":
        hidden |= column(frame, "kind").isin(withheld("classes"))
    elif name == "tallies":
        hidden |= (column(frame, "theme") == "resources") & column(frame, "category").isin(_closed())
    elif name in ("gaps", "norms"):
        hidden |= column(frame, "category").isin(_closed())
    elif name == "resources":
        hidden |= column(frame, "category").isin(_closed()) | column(frame, "building_id").isin(buildings)
        hidden |= column(frame, "provider_type").isin(withheld("providers"))
        twice = set(column(frame, "osm_id")[hidden].dropna())  # one thing may stand in two layers
        hidden |= column(frame, "osm_id").isin(twice)
    return hidden.to_numpy(dtype=bool)


def _open_ground(cells: pd.DataFrame, buildings: frozenset[Any]) -> pd.DataFrame:
    """Give the ground of hidden buildings as open ground: a hole, or a cell named after the house, would show it."""
    hidden = column(cells, "building_id").isin(buildings)
    if not hidden.any():
        return cells
    names = [f"open-{at + 1}" for at in range(int(hidden.sum()))]
    told = cells.copy()
    told.loc[hidden, "cell_id"] = names
    for name in ("building_id", "compound_id"):
        if name in told:
            told.loc[hidden, name] = None
    return told


def _closed() -> frozenset[str]:
    """Name the layers of resources that say `publish = false`, and those of hidden places."""
    layers = catalog.layers("resources").items()
    return withheld("uses") | {name for name, facts in layers if facts["layer"].get("publish") is False}
