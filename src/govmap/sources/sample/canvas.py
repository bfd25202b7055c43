"""OSM elements in the making: nodes shared by place, ways, relations; written as OSM XML, always the same bytes."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from govmap.sources.sample.ground import Ground, Points

TIMESTAMP = "2026-01-15T00:00:00Z"
GENERATOR = "govmap sample: a fictional place, no OpenStreetMap data"
Tags = Mapping[str, str]


class Canvas:
    """A sheet on which a town is drawn; two points less than a centimetre apart are one node."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._nodes: dict[tuple[int, int], int] = {}
        self._points: list[tuple[float, float]] = []
        self._node_tags: dict[int, dict[str, str]] = {}
        self._ways: list[tuple[list[int], Tags]] = []
        self._relations: list[tuple[list[tuple[str, int, str]], Tags]] = []

    def node(self, point: Iterable[float], tags: Tags | None = None) -> int:
        """Give the node at a point, with these tags added to it."""
        x, y = (float(one) for one in point)
        key = (round(x * 100), round(y * 100))
        number = self._nodes.setdefault(key, len(self._nodes) + 1)
        if number > len(self._points):
            self._points.append((x, y))
        if tags:
            self._node_tags.setdefault(number, {}).update(tags)
        return number

    def way(self, points: Points, tags: Tags) -> int:
        """Draw a line."""
        refs = [self.node(point) for point in points]
        kept = [ref for before, ref in zip([0, *refs], refs, strict=False) if ref != before]
        self._ways.append((kept, tags))
        return len(self._ways)

    def ring(self, points: Points, tags: Tags) -> int:
        """Draw a closed way; the first point closes it."""
        return self.way(np.vstack([points, points[:1]]), tags)

    def relation(self, members: list[tuple[str, int, str]], tags: Tags) -> int:
        """Gather elements: type, number, role."""
        self._relations.append((members, tags))
        return len(self._relations)

    def count(self, key: str) -> int:
        """Count the ways that carry a tag."""
        return sum(key in tags for _, tags in self._ways)

    def write(self, path: Path) -> None:
        """Write everything as OSM XML."""
        places = self.ground.degrees(np.array(self._points))
        (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<osm version="0.6" generator={quoteattr(GENERATOR)}>',
            f' <bounds minlat="{south:.7f}" minlon="{west:.7f}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>',
            *self._node_lines(places),
            *self._way_lines(),
            *self._relation_lines(),
            "</osm>",
        ]
        path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")

    def _node_lines(self, places: Points) -> Iterable[str]:
        for number, (lon, lat) in enumerate(places, 1):
            place = f'lat="{lat:.7f}" lon="{lon:.7f}"'
            yield from _element("node", number, [], self._node_tags.get(number, {}), place)

    def _way_lines(self) -> Iterable[str]:
        for number, (refs, tags) in enumerate(self._ways, 1):
            yield from _element("way", number, [f'<nd ref="{ref}"/>' for ref in refs], tags)

    def _relation_lines(self) -> Iterable[str]:
        for number, (members, tags) in enumerate(self._relations, 1):
            inside = [f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members]
            yield from _element("relation", number, inside, tags)


def _element(kind: str, number: int, inside: list[str], tags: Tags, more: str = "") -> Iterable[str]:
    head = f' <{kind} id="{number}" version="1" timestamp="{TIMESTAMP}"{" " + more if more else ""}'
    body = inside + [f"<tag k={quoteattr(key)} v={quoteattr(tags[key])}/>" for key in sorted(tags)]
    if not body:
        yield head + "/>"
        return
    yield head + ">"
    yield from (f"  {one}" for one in body)
    yield f" </{kind}>"
