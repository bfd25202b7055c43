"""How things look, on the web map and in print alike: colours of units, symbols of resources, the drawn base map.

Unit colours are Paul Tol's light scheme, which stays apart for colour-blind readers; neighbours never share one. What
a colour means is always also said by a line, a label or a symbol.
"""

import heapq
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from govmap import catalog

STATIC = files("govmap.render") / "static"
PALETTE = ("#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#aaaa00", "#dddddd")
USUAL_COLOURS = 5
ACROSS = 0.4  # shapes nearer than this share of a usual side are beside each other, as across a road
PLAIN_CATEGORY = {"icon": "circle", "colour": "#5b6770"}
ICON_ALIASES = {
    "plus": "hospital",
    "cross": "hospital",
    "care": "heart",
    "book": "library",
    "tree": "park",
    "cart": "shop",
    "teddybear": "playground",
}

# fill, drawing order: the highest lies on top; from 90 up it is water
AREAS: Mapping[str, tuple[str, int]] = {
    "land use": ("#efece6", 10),
    "residential": ("#efebe4", 11),
    "commercial": ("#f3eae6", 12),
    "retail": ("#f3e9e4", 12),
    "industrial": ("#ebe8ee", 12),
    "construction": ("#ebe6db", 12),
    "railway": ("#e9e7e9", 12),
    "education": ("#f2eedd", 14),
    "school": ("#f2eedd", 14),
    "university": ("#f2eedd", 14),
    "college": ("#f2eedd", 14),
    "kindergarten": ("#f2eedd", 14),
    "hospital": ("#f5e6e3", 14),
    "parking": ("#eceae7", 30),
    "square": ("#ebe8e2", 30),
    "pedestrian": ("#ebe8e2", 30),
    "pier": ("#ebe8e2", 95),
    "beach": ("#f4ecd0", 20),
    "sand": ("#f4ecd0", 20),
    "green": ("#d6e7ca", 40),
    "forest": ("#c7dfb9", 41),
    "wood": ("#c7dfb9", 41),
    "farmland": ("#ecefd9", 39),
    "park": ("#cfe6c0", 42),
    "pitch": ("#c3dfc1", 45),
    "playground": ("#d3ead2", 45),
    "cemetery": ("#d3e0cd", 43),
    "water": ("#a9cfe6", 90),
}

# fill, casing, width at zoom 17, first zoom, dashes, order
Way = tuple[str, str | None, float, int, list[int] | None, int]
WAYS: Mapping[str, Way] = {
    "water": ("#a9cfe6", None, 4.0, 12, None, 0),
    "river": ("#a9cfe6", None, 9.0, 9, None, 0),
    "canal": ("#a9cfe6", None, 7.0, 11, None, 0),
    "road": ("#ffffff", "#d3cec4", 4.0, 14, None, 30),
    "motorway": ("#f2b27c", "#c98f5e", 13.0, 7, None, 90),
    "motorway_link": ("#f2b27c", "#c98f5e", 7.0, 11, None, 85),
    "trunk": ("#f6c896", "#cfa06e", 12.0, 8, None, 80),
    "trunk_link": ("#f6c896", "#cfa06e", 6.5, 12, None, 75),
    "primary": ("#fbdfa6", "#d2b678", 11.0, 9, None, 70),
    "primary_link": ("#fbdfa6", "#d2b678", 6.0, 12, None, 65),
    "secondary": ("#fdf0bf", "#d1c392", 10.0, 11, None, 60),
    "secondary_link": ("#fdf0bf", "#d1c392", 6.0, 13, None, 55),
    "tertiary": ("#ffffff", "#c9c3b8", 8.5, 12, None, 50),
    "tertiary_link": ("#ffffff", "#c9c3b8", 5.0, 14, None, 45),
    "residential": ("#ffffff", "#d3cec4", 6.5, 13, None, 40),
    "unclassified": ("#ffffff", "#d3cec4", 6.5, 13, None, 40),
    "living_street": ("#ffffff", "#d3cec4", 5.5, 14, None, 38),
    "pedestrian": ("#f1eeea", "#d0cac0", 5.0, 14, None, 36),
    "service": ("#ffffff", "#dbd6cd", 3.2, 15, None, 30),
    "construction": ("#eae6de", "#d3cec4", 4.0, 15, [6, 4], 30),
    "track": ("#d9cdb4", None, 1.6, 15, [6, 3], 20),
    "footway": ("#cdbfa6", None, 1.2, 16, [3, 3], 20),
    "path": ("#cdbfa6", None, 1.2, 16, [3, 3], 20),
    "steps": ("#b8a68c", None, 2.2, 17, [1, 2], 20),
    "cycleway": ("#b9c3d6", None, 1.2, 16, [4, 3], 20),
    "rail": ("#8d8f96", None, 1.8, 11, None, 95),
    "tram": ("#a7a9b0", None, 1.0, 15, None, 95),
}

# first zoom at which a name is written
PLACES: Mapping[str, int] = {
    "city": 9, "town": 11, "borough": 12, "suburb": 12, "village": 13, "quarter": 13, "island": 13, "hamlet": 14,
    "neighbourhood": 14, "islet": 15, "square": 15, "locality": 15, "station": 14, "halt": 15, "tram_stop": 17,
}  # fmt: skip
PLACES_OTHERWISE = 15


def area_styles() -> dict[str, Any]:
    """Give the styles of areas as the page takes them."""
    return {name: {"fill": fill, "order": order} for name, (fill, order) in AREAS.items()}


def way_styles() -> dict[str, Any]:
    """Give the styles of ways as the page takes them."""
    names = ("fill", "casing", "width", "from", "dash", "order")
    return {name: dict(zip(names, style, strict=True)) for name, style in WAYS.items()}


def categories(found: set[str]) -> list[dict[str, Any]]:
    """Give title, colour and symbol of the categories found, in the order of their names in English."""
    layers = catalog.layers("resources") if (catalog.folder() / "resources").is_dir() else {}
    made = [_category(name, layers.get(name, {})) for name in found]
    return sorted(made, key=lambda one: (one["title"]["en"], one["key"]))


def _category(name: str, layer: Mapping[str, Any]) -> dict[str, Any]:
    plain = name.replace("_", " ")
    facts = layer.get("layer", {})
    style = {**PLAIN_CATEGORY, **facts.get("style", {})}
    return {
        "key": name,
        "title": {"en": plain, "zh": plain, **facts.get("title", {})},
        "colour": style["colour"],
        "main": "standard" in facts,
        "icon": ICON_ALIASES.get(style["icon"], style["icon"]),
    }


def drawings(names: set[str]) -> dict[str, str]:
    """Give the drawings of symbols as SVG paths on a square of 15."""
    return {name: path for name, path in _all_drawings().items() if name in names}


@cache
def _all_drawings() -> Mapping[str, str]:
    drawn: Mapping[str, str] = json.loads((STATIC / "icons.json").read_text("utf-8"))
    return drawn


def colours(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """
    Colour shapes (in metres) so that neighbours differ, also across a road, as places in `PALETTE`.

    The shape with most colours around it goes first (DSATUR); of the colours left it takes the one used least, so that
    all are used alike.
    """
    neighbours = _neighbours(shapes)
    colour = np.full(len(shapes), -1, np.int64)
    used = np.zeros(len(PALETTE), np.int64)
    around: list[set[int]] = [set() for _ in neighbours]
    queue = [(0, -len(near), at) for at, near in enumerate(neighbours)]
    heapq.heapify(queue)
    while queue:
        _, _, at = heapq.heappop(queue)
        if colour[at] >= 0:
            continue
        taken = _least_used(around[at], used)
        colour[at] = taken
        used[taken] += 1
        for near in neighbours[at]:
            if colour[near] < 0:
                around[near].add(taken)
                heapq.heappush(queue, (-len(around[near]), -len(neighbours[near]), near))
    return colour


def _least_used(taken: set[int], used: NDArray[np.int64]) -> int:
    """Take the least used colour that no neighbour has, of the usual ones where that can be."""
    for last in range(USUAL_COLOURS, len(PALETTE) + 1):
        free = [one for one in range(last) if one not in taken]
        if free:
            return min(free, key=lambda one: (used[one], one))
    return len(PALETTE) - 1


def _neighbours(shapes: NDArray[np.object_]) -> list[list[int]]:
    tree = shapely.STRtree(shapes)
    area = shapely.area(shapes)
    side = float(np.median(np.sqrt(area[area > 0]))) if (area > 0).any() else 0.0
    one, other = tree.query(shapes, predicate="dwithin", distance=ACROSS * side)
    pairs = np.unique(np.column_stack([one, other])[one != other], axis=0)
    near: list[list[int]] = [[] for _ in shapes]
    for first, second in pairs.tolist():
        near[first].append(second)
    return near
