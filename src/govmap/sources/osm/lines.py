"""Barriers between neighbours, and the streets people walk, cut where they meet."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from govmap import catalog
from govmap.sources.osm import numbers
from govmap.sources.osm.elements import Elements, Tags, Things, name_of_id
from govmap.sources.osm.rows import Tally, frame, name_of
from govmap.sources.osm.rules import Rules

_OFF_GROUND = ("tunnel", "bridge", "covered", "indoor")
_FLOWING = ("river", "canal")
_LEAST_M = 0.01


def barriers(elements: Elements, crs: CRS) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give everything that can stand between neighbours, with its strength.

    Rivers drawn as areas bar by their banks; their middle line inside such an area is left out. What runs in a tunnel,
    on a bridge, covered or on another layer has `on_ground` False and bars nobody.
    """
    lines, kinds = _chosen(elements.lines)
    banks, bank_kinds = _banks(elements.areas)
    shapes = _without_middle_lines(lines, kinds, banks, bank_kinds)
    every = np.concatenate([shapes, shapely.boundary(banks.shapes)])
    things = Things(lines.ids + banks.ids, lines.tags + banks.tags, every)
    tally = Tally(read=len(set(things.ids)))
    tally.drop("inside_banks", _emptied(lines, shapes, banks))
    return _barrier_rows(things, [*kinds, *bank_kinds], crs, tally), tally


def streets(elements: Elements, crs: CRS) -> tuple[gpd.GeoDataFrame, Tally]:
    """
    Give the ways of the city cut at every node they share, so that they make a network.

    `from_node` and `to_node` are node ids; `walkable` is False where nobody may or can walk.
    """
    known = _walkable_kinds()
    every = elements.lines.tags
    chosen = np.array([tags.get("highway") in known and tags.get("area") != "yes" for tags in every], dtype=bool)
    others = np.array(["highway" in tags for tags in every], dtype=bool) & ~chosen
    ways, left_out = elements.lines.take(chosen), elements.lines.take(others)
    failed = [one for one in elements.failed if "highway" in one.tags]
    tally = Tally(read=len(set(ways.ids)) + len(set(left_out.ids)) + len(failed))
    tally.drop("no_street", len(set(left_out.ids)))
    for one in failed:
        tally.drop(one.reason)
    rows = _street_rows(ways, _pieces(ways), crs)
    tally.kept = rows["street_id"].str.split("/").str[0].nunique()
    tally.drop("no_length", len(set(ways.ids)) - tally.kept)
    return rows, tally


@cache
def _rules() -> Rules:
    return Rules(((kind["name"], kind["osm"]) for kind in catalog.layer("barriers")["kinds"]), in_order=True)


@cache
def _water_rules() -> Rules:
    water = catalog.layer("barriers")["water"]
    return Rules(((kind, water[kind]) for kind in ("canal", "river", "water")), in_order=True)


@cache
def _walkable_kinds() -> dict[str, bool]:
    foot = catalog.layer("streets")["foot"]
    return dict.fromkeys(foot["drive_only"], False) | dict.fromkeys(foot["walkable"], True)


def _chosen(lines: Things) -> tuple[Things, list[str]]:
    kinds = [_rules().match(tags) if tags.get("area") != "yes" else None for tags in lines.tags]
    chosen = np.array([kind is not None for kind in kinds], dtype=bool)
    return lines.take(chosen), [kind for kind in kinds if kind]


def _banks(areas: Things) -> tuple[Things, list[str]]:
    kinds = [_water_rules().match(tags) for tags in areas.tags]
    large = shapely.area(areas.shapes) >= catalog.layer("barriers")["water"]["smallest_m2"]
    chosen = np.array([kind is not None for kind in kinds], dtype=bool) & large
    banks = areas.take(chosen)
    return banks, [kind for kind, kept in zip(kinds, chosen, strict=True) if kind and kept]


def _without_middle_lines(lines: Things, kinds: list[str], banks: Things, bank_kinds: list[str]) -> np.ndarray:
    """Take out what of a river's line lies in its own area."""
    shapes = lines.shapes.copy()
    flowing = np.flatnonzero(np.isin(kinds, _FLOWING))
    wide = banks.shapes[np.isin(np.array(bank_kinds, dtype=object), _FLOWING)]
    if not len(flowing) or not len(wide):
        return shapes
    line, bank = shapely.STRtree(wide).query(shapes[flowing], predicate="intersects")
    for number in np.unique(line):
        at = flowing[number]
        shapes[at] = shapely.difference(shapes[at], shapely.union_all(wide[bank[line == number]]))
    return shapes


def _emptied(lines: Things, shapes: np.ndarray, banks: Things) -> int:
    """Count the lines of which nothing is left outside the banks."""
    before, after = shapely.length(lines.shapes) >= _LEAST_M, shapely.length(shapes) >= _LEAST_M
    ids = np.array(lines.ids, dtype=object)
    return len({*ids[before]} - {*ids[after]} - {*banks.ids})


def _on_ground(tags: Tags) -> bool:
    if any(tags.get(key, "no") not in {"no", "0"} for key in _OFF_GROUND):
        return False
    return numbers.layer(tags.get("layer")) == 0 and tags.get("location") not in {"underground", "overground"}


def _barrier_rows(things: Things, kinds: list[str], crs: CRS, tally: Tally) -> gpd.GeoDataFrame:
    strength = {kind["name"]: float(kind["strength"]) for kind in catalog.layer("barriers")["kinds"]}
    whole = pd.DataFrame({"id": things.ids, "kind": kinds, "number": range(len(things))})
    whole = whole[~(shapely.is_empty(things.shapes) | (shapely.length(things.shapes) < _LEAST_M))]
    tally.drop("no_length", tally.read - tally.dropped.total() - whole["id"].nunique())
    rows = whole.groupby("id", sort=True).agg({"kind": "first", "number": list})
    first = [numbers_[0] for numbers_ in rows["number"]]
    shapes = [shapely.multilinestrings(_lines(things.shapes[numbers_])) for numbers_ in rows["number"]]
    tally.kept = len(rows)
    columns = {
        "barrier_id": rows.index.to_list(),
        "kind": rows["kind"].to_list(),
        "name": [name_of(things.tags[number]) for number in first],
        "strength": [strength[kind] for kind in rows["kind"]],
        "on_ground": [_on_ground(things.tags[number]) for number in first],
    }
    return frame("barriers", columns, shapes, crs)


def _lines(shapes: np.ndarray) -> np.ndarray:
    parts = shapely.get_parts(shapes)
    return np.asarray(parts[shapely.get_dimensions(parts) == 1])


def _pieces(ways: Things) -> pd.DataFrame:
    """Cut ways where they share a node: a row a point, numbered by way and piece; a cut point stands in both pieces."""
    refs = np.array([ref for refs in ways.refs for ref in refs], dtype=np.int64)
    xy, way = shapely.get_coordinates(ways.shapes, return_index=True)
    points = pd.DataFrame({"way": way, "ref": refs, "x": xy[:, 0] if len(xy) else [], "y": xy[:, 1] if len(xy) else []})
    first = ~points["way"].duplicated()
    last = ~points["way"].duplicated(keep="last")
    shared = points["ref"].duplicated(keep=False)
    cut = shared & ~first & ~last
    points["piece"] = (first | cut).cumsum()
    ends = points[cut].assign(piece=points["piece"][cut] - 1)
    return pd.concat([points, ends]).sort_index(kind="stable").sort_values("piece", kind="stable", ignore_index=True)


def _street_rows(ways: Things, points: pd.DataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Make a row of every piece."""
    order = points.groupby("piece", sort=True)
    heads, tails = order.first(), order.last()
    pieces = points["piece"].rank(method="dense").astype(int).to_numpy() - 1
    lines = np.asarray(shapely.linestrings(points[["x", "y"]].to_numpy(), indices=pieces), dtype=object)
    length = np.asarray(shapely.length(lines))
    kept = np.flatnonzero(length >= _LEAST_M)
    rows, way = heads.iloc[kept], heads["way"].to_numpy()[kept]
    columns = {
        "street_id": _street_ids([ways.ids[number] for number in way]),
        "from_node": [name_of_id("n", ref) for ref in rows["ref"]],
        "to_node": [name_of_id("n", ref) for ref in tails["ref"].iloc[kept]],
        "length_m": length[kept],
        "kind": [ways.tags[number]["highway"] for number in way],
        "name": [name_of(ways.tags[number]) for number in way],
        "walkable": [_walkable(ways.tags[number]) for number in way],
    }
    return frame("streets", columns, lines[kept], crs)


def _street_ids(ways: list[str]) -> list[str]:
    """Number the pieces of one way: w12, w12/2, w12/3."""
    numbered = pd.Series(range(len(ways))).groupby(np.array(ways, dtype=object)).cumcount() + 1
    return [way if number == 1 else f"{way}/{number}" for way, number in zip(ways, numbered, strict=True)]


def _walkable(tags: Tags) -> bool:
    foot = catalog.layer("streets")["foot"]
    said = tags.get("foot")
    if said in foot["foot_yes"]:
        return True
    if said in foot["foot_no"] or tags.get("access") == "no":
        return False
    if _walkable_kinds()[tags["highway"]]:
        return True
    return tags.get("sidewalk") in foot["sidewalk_yes"]
