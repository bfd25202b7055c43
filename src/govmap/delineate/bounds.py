"""The bounds of a unit in words (四至): what runs along each of its four sides, as a clerk would write it.

A street or water with a name comes first, then rails and walls, a compound, park or water beyond, the unit beyond, and
the boundary of the community. The words can be read back by `sources.sides`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog, geometry
from govmap.delineate import codes
from govmap.delineate.rims import SIDES, Rim, rim
from govmap.geometry import Bools, Floats, Ints, Shapes
from govmap.messages import Note, Voice, note

if TYPE_CHECKING:
    import geopandas as gpd

FAR_M = 40.0  # half of a wide boulevard with its front gardens
NEAR_M = 12.0  # farther away no building may stand between
PARALLEL = 0.75
FAR_COUNTS = 0.35
BEYOND_M = (10.0, 25.0)
# The bounds of units are public; these places are not (`publish.allowed` withholds them).
NEVER_NAMED = frozenset({"military", "barracks", "bunker", "prison", "refuge", "danger_area", "naval_base"})
AREA_KINDS = ("green", "water", "land use")
ON_FOOT = frozenset({"footway", "cycleway", "path", "steps", "service", "track", "corridor", "platform", "bridleway"})
PASSED_OVER = ("隧道", "地道", "天桥", "tunnel", "tunneli", "footbridge")  # above or below the ground
# What a thing counts for a whole side of which it runs along all, by kind: with a name and without one.
BARRIERS: Mapping[str, tuple[float, float]] = {
    "railway": (1.0, 0.9),
    "river": (1.0, 0.9),
    "canal": (1.0, 0.9),
    "coast": (1.0, 0.9),
    "city_wall": (1.0, 0.9),
    "water": (1.0, 0.7),
    "siding": (0.6, 0.5),
    "stream": (0.9, 0.4),
    "wall": (0.6, 0.3),
    "fence": (0.5, 0.3),
    "cliff": (0.5, 0.3),
    "ditch": (0.5, 0.15),
    "hedge": (0.3, 0.15),
}
STREET, WAY, LANE = 1.0, 0.7, 0.4
BEYOND, COMMUNITY, UNIT, EDGE = 0.6, 0.3, 0.25, 0.2
Label = str | Note


@dataclass(frozen=True)
class _Lines:
    """Straight pieces of what can bound a unit, the number of the thing each belongs to, and the labels of things."""

    a: Floats
    b: Floats
    thing: Ints
    counts: Floats
    label: list[Label]


def texts(
    units: "gpd.GeoDataFrame", tables: Mapping[str, pd.DataFrame], voice: Voice, *, only: Collection[str] | None = None
) -> pd.Series:
    """
    Write the bounds of units.

    Parameters
    ----------
    units
        `unit_id`, `community_id`, `code`, geometry in metres; `level` where there are several.
    tables
        `streets`, `barriers`, `features`, `compounds`, `buildings`, `communities`; what is missing is done without.
    voice
        The language; Chinese names are taken where there are any and it is Chinese.
    only
        Ids of the units that are wanted.

    Returns
    -------
    texts
        By unit id: the words, None for a unit without an outline.
    """
    found = sides(units, tables, voice.language, only=only)
    told: dict[str, str | None] = dict.fromkeys(units["unit_id"] if only is None else sorted(only))
    for unit, rows in found.groupby("unit_id", sort=True):
        words = {side: _told(label, voice) for side, label in zip(rows["side"], rows["label"], strict=True)}
        if len(words) == len(SIDES):
            told[str(unit)] = voice.say("bounds_whole", **words)
    return pd.Series(told, dtype=object)


def sides(
    units: "gpd.GeoDataFrame",
    tables: Mapping[str, pd.DataFrame],
    language: str,
    *,
    only: Collection[str] | None = None,
) -> pd.DataFrame:
    """
    Say what bounds each unit on each side.

    Returns
    -------
    sides
        Sorted by unit_id and side: unit_id, side (north, east, south, west), label (a name, or a note), share (how much
        of the side it runs along, weighted).
    """
    found = [_of_level(level, tables, language, only) for level in _levels(units)]
    rows = pd.concat(found) if found else pd.DataFrame(columns=["unit_id", "side", "label", "share"])
    return rows.sort_values(["unit_id", "side"], kind="stable", ignore_index=True)


def _levels(units: "gpd.GeoDataFrame") -> Iterator["gpd.GeoDataFrame"]:
    """Give units that tile the ground together: each level by itself."""
    units = units.sort_values("unit_id", kind="stable", ignore_index=True)
    levels = units["level"].fillna("") if "level" in units else pd.Series("", index=units.index)
    for _, rows in units.groupby(levels, sort=True):
        yield rows.reset_index(drop=True)


def _of_level(
    units: "gpd.GeoDataFrame", tables: Mapping[str, pd.DataFrame], language: str, only: Collection[str] | None
) -> pd.DataFrame:
    around = rim(units.geometry.to_numpy())
    if only is not None:
        around = around.take(units["unit_id"].isin(list(only)).to_numpy()[around.unit])
    claims = [
        *_along(around, tables, language),
        *_beyond(around, tables, language),
        _neighbours(around, units, tables, language),
    ]
    best = _chosen(around, claims)
    best["unit_id"] = units["unit_id"].to_numpy()[best["unit"]]
    return best[["unit_id", "side", "label", "share"]]


def _told(label: Label, voice: Voice) -> str:
    return voice.tell(label) if isinstance(label, Note) else label


# ------------------------------------------------------------------------------------------------- the choice
def _claim(point: Ints, label: list[Label], counts: Any) -> pd.DataFrame:
    """Say of points of the rim what bounds them, and how much it counts there."""
    keys = [one if isinstance(one, str) else f"\0{one.key}{sorted(one.facts.items())}" for one in label]
    claim = {"point": point, "key": pd.Series(keys, dtype=object), "label": pd.Series(label, dtype=object)}
    return pd.DataFrame(claim).assign(counts=counts)


def _chosen(around: Rim, claims: list[pd.DataFrame]) -> pd.DataFrame:
    """Choose for each side what counts most along it."""
    rows = pd.concat(claims, ignore_index=True)
    rows = rows.sort_values(["point", "key", "counts"], ascending=[True, True, False], kind="stable")
    rows = rows.drop_duplicates(["point", "key"])
    rows["unit"] = around.unit[rows["point"].to_numpy()]
    found = []
    for number, side in enumerate(SIDES):
        whole = geometry.sums(around.unit, around.side[:, number], 0)
        weight = around.side[rows["point"].to_numpy(), number]
        share = weight * rows["counts"] / np.maximum(whole, 1e-9)[rows["unit"].to_numpy()]
        told = (
            rows.assign(share=share)
            .groupby(["unit", "key"], sort=True)
            .agg(label=("label", "first"), share=("share", "sum"))
        )
        told = told[told["share"] > 0].reset_index().assign(side=side)
        told["share"] = told["share"].round(6)
        told = told.sort_values(["unit", "share", "key"], ascending=[True, False, True], kind="stable")
        found.append(told.drop_duplicates("unit"))
    return pd.concat(found, ignore_index=True)


# ------------------------------------------------------------------------------------------------- lines
def _along(around: Rim, tables: Mapping[str, pd.DataFrame], language: str) -> Iterator[pd.DataFrame]:
    """Claim the points along which a line runs, the nearer the more."""
    lines = _lines(tables, language)
    if not len(lines.a) or not len(around.xy):
        return
    tree = shapely.STRtree(np.asarray(shapely.linestrings(np.stack([lines.a, lines.b], axis=1)), dtype=object))
    point, piece = tree.query(shapely.points(around.xy), predicate="dwithin", distance=FAR_M)
    point, piece = _parallel(around, lines, point, piece)
    foot = _foot(around.xy[point], lines.a[piece], lines.b[piece])
    off = geometry.lengths(foot, around.xy[point])
    rows = pd.DataFrame({"point": point, "thing": lines.thing[piece], "off": off, "row": np.arange(len(off))})
    nearest = rows.sort_values(["point", "thing", "off", "row"], kind="stable").drop_duplicates(["point", "thing"])
    at = nearest["row"].to_numpy()
    open_ = _in_sight(around.xy[point[at]], foot[at], off[at], tables.get("buildings"))
    at = at[open_]
    counts = lines.counts[piece[at]] * (1 - (1 - FAR_COUNTS) * off[at] / FAR_M)
    yield _claim(point[at], [lines.label[one] for one in lines.thing[piece[at]]], counts)


def _parallel(around: Rim, lines: _Lines, point: Ints, piece: Ints) -> tuple[Ints, Ints]:
    """Keep the pairs of a point and a piece of line that runs as the rim does there."""
    way = lines.b[piece] - lines.a[piece]
    across = np.abs((way * around.normal[point]).sum(axis=1)) / np.maximum(np.hypot(*way.T), 1e-9)
    runs = across <= np.sqrt(1 - PARALLEL**2)
    return point[runs], piece[runs]


def _foot(xy: Floats, a: Floats, b: Floats) -> Floats:
    """Give the nearest place on each piece."""
    way = b - a
    share = ((xy - a) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1e-12)
    foot: Floats = a + np.clip(share, 0, 1)[:, None] * way
    return foot


def _in_sight(xy: Floats, foot: Floats, off: Floats, buildings: pd.DataFrame | None) -> Bools:
    """Flag the lines that are near, or between which and the rim no building stands."""
    seen = np.ones(len(xy), dtype=bool)
    far = np.flatnonzero(off > NEAR_M)
    if buildings is None or not len(buildings) or not len(far):
        return seen
    tree = shapely.STRtree(buildings["geometry"].to_numpy())
    sights = shapely.linestrings(np.stack([xy[far], foot[far]], axis=1))
    seen[far[np.unique(tree.query(sights, predicate="intersects")[0])]] = False
    return seen


def _lines(tables: Mapping[str, pd.DataFrame], language: str) -> _Lines:
    """Collect everything with a line that people bound units by; the same name is the same thing."""
    shapes: list[Any] = []
    label: list[Label] = []
    counts: list[float] = []
    for found in (_streets(tables, language), _barriers(tables, language)):
        for shape, one, count in found:
            shapes.append(shape)
            label.append(one)
            counts.append(count)
    a, b, row = geometry.segments(shapely.simplify(np.array(shapes, dtype=object), 0.5))
    keys = [one if isinstance(one, str) else f"\0{one.key}{one.facts}" for one in label]
    thing = np.unique(np.array(keys, dtype=object), return_inverse=True)[1]
    first: dict[int, Label] = {}
    for place, one in zip(thing, label, strict=True):
        first.setdefault(int(place), one)
    return _Lines(a, b, thing[row], np.array(counts)[row], [first[one] for one in sorted(first)])


def _streets(tables: Mapping[str, pd.DataFrame], language: str) -> Iterator[tuple[Any, Label, float]]:
    streets = tables.get("streets")
    if streets is None:
        return
    chinese = _chinese(tables.get("features")) if language == "zh" else {}
    for name, kind, shape in zip(streets["name"], streets["kind"], streets["geometry"], strict=True):
        if isinstance(name, str) and name.casefold().strip().endswith(PASSED_OVER):
            continue
        if isinstance(name, str) and name.strip():
            yield shape, chinese.get(name, name).strip(), WAY if kind in ON_FOOT else STREET
        elif kind not in ON_FOOT:
            yield shape, note("bounds_lane"), LANE


def _chinese(features: pd.DataFrame | None) -> dict[str, str]:
    """Give the Chinese name of what has one, by its own name."""
    if features is None or "name_zh" not in features:
        return {}
    named = features.dropna(subset=["name", "name_zh"]).sort_values("feature_id")
    return dict(zip(named["name"], named["name_zh"], strict=True))


def _barriers(tables: Mapping[str, pd.DataFrame], language: str) -> Iterator[tuple[Any, Label, float]]:
    barriers = tables.get("barriers")
    if barriers is None:
        return
    title = {one["name"]: one["title"][language].lower() for one in catalog.layer("barriers")["kinds"]}
    chinese = _chinese(tables.get("features")) if language == "zh" else {}
    rows = barriers[barriers["on_ground"].fillna(value=True).astype(bool) & barriers["kind"].isin(list(BARRIERS))]
    for name, kind, shape in zip(rows["name"], rows["kind"], rows["geometry"], strict=True):
        named, plain = BARRIERS[kind]
        known = isinstance(name, str) and bool(name.strip())
        yield shape, chinese.get(name, name).strip() if known else title[kind], named if known else plain


# ------------------------------------------------------------------------------------------------- what lies beyond
def _beyond(around: Rim, tables: Mapping[str, pd.DataFrame], language: str) -> Iterator[pd.DataFrame]:
    """Claim the points beyond which a compound, park or water with a name lies that does not go on inside."""
    shapes, names = _areas(tables, language)
    if not len(shapes) or not len(around.xy):
        return
    tree = shapely.STRtree(shapes)
    inside = _held(tree, around, -BEYOND_M[0])
    for metres in BEYOND_M:
        held = _held(tree, around, metres)
        held = held[~np.isin(held[:, 0] * len(shapes) + held[:, 1], inside[:, 0] * len(shapes) + inside[:, 1])]
        yield _claim(held[:, 0], [names[one] for one in held[:, 1]], BEYOND)


def _held(tree: shapely.STRtree, around: Rim, metres: float) -> Ints:
    """Give pairs of a point moved outward and an area that holds it."""
    moved = shapely.points(around.xy + metres * around.normal)
    found: Ints = np.asarray(tree.query(moved, predicate="within"), dtype=np.int64).T
    return found


def _areas(tables: Mapping[str, pd.DataFrame], language: str) -> tuple[Shapes, list[str]]:
    """Collect the grounds that have a name."""
    shapes: list[Any] = []
    names: list[str] = []
    for table in ("compounds", "features"):
        rows = tables.get(table)
        if rows is None or not len(rows):
            continue
        if table == "features":
            secret = rows["class"].isin(NEVER_NAMED) if "class" in rows else False
            rows = rows[rows["kind"].isin(AREA_KINDS) & ~pd.Series(secret, index=rows.index)]
        rows = rows[shapely.get_dimensions(rows["geometry"].to_numpy()) == 2]  # noqa: PLR2004 - a surface
        for name, name_zh, shape in zip(rows["name"], rows["name_zh"], rows["geometry"], strict=True):
            chosen = name_zh if language == "zh" and isinstance(name_zh, str) and name_zh else name
            if isinstance(chosen, str) and chosen.strip():
                shapes.append(shape)
                names.append(chosen.strip())
    return np.array(shapes, dtype=object), names


def _neighbours(around: Rim, units: pd.DataFrame, tables: Mapping[str, pd.DataFrame], language: str) -> pd.DataFrame:
    """Claim every point for the unit beyond, for the community beyond, or for the boundary."""
    community = units["community_id"].to_numpy(dtype=object)
    known = _community_names(tables.get("communities"), language)
    label: list[Label] = [note("bounds_unit", unit_code=codes.short(code)) for code in units["code"]]
    edge = note("bounds_edge")
    told, counts = [], []
    for here, there in zip(around.unit, around.across, strict=True):
        foreign = there >= 0 and community[there] != community[here]
        told.append(edge if there < 0 else known.get(community[there], edge) if foreign else label[there])
        counts.append(EDGE if there < 0 else COMMUNITY if foreign else UNIT)
    return _claim(np.arange(len(around.unit)), told, counts)


def _community_names(communities: pd.DataFrame | None, language: str) -> dict[str, Label]:
    if communities is None:
        return {}
    chosen = communities["name_zh"].where(communities["name_zh"].notna(), communities["name"])
    names = chosen if language == "zh" else communities["name"]
    return {one: name for one, name in zip(communities["community_id"], names, strict=True) if isinstance(name, str)}
