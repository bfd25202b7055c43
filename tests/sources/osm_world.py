"""A small OSM world in code: things placed in metres, written as the real file formats."""

import bz2
import gzip
from pathlib import Path
from xml.sax.saxutils import quoteattr

import osmium

LON, LAT = 111.0, 23.0
DEGREES_X, DEGREES_Y = 1 / 102_475.0, 1 / 110_750.0


class World:
    """Nodes, ways and relations; shapes in metres from one corner."""

    def __init__(self, timestamp: str = "2024-05-01T00:00:00Z") -> None:
        self.nodes: dict[int, tuple[float, float, dict[str, str]]] = {}
        self.ways: dict[int, tuple[list[int], dict[str, str]]] = {}
        self.relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] = {}
        self.timestamp = timestamp
        self._places: dict[tuple[float, float], int] = {}

    def node(self, x: float, y: float, **tags: str) -> int:
        """Put a point; one without tags at the same place is the same point."""
        if not tags and (x, y) in self._places:
            return self._places[x, y]
        id_ = len(self.nodes) + 1
        self.nodes[id_] = (x, y, _plain(tags))
        self._places.setdefault((x, y), id_)
        return id_

    def way(self, *points: tuple[float, float], **tags: str) -> int:
        return self.way_of([self.node(*point) for point in points], **tags)

    def way_of(self, nodes: list[int], **tags: str) -> int:
        id_ = len(self.ways) + 1
        self.ways[id_] = (nodes, _plain(tags))
        return id_

    def box(self, x: float, y: float, wide: float, high: float, **tags: str) -> int:
        """Put a closed rectangle."""
        return self.way((x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y), **tags)

    def relation(self, *members: tuple[str, int, str], **tags: str) -> int:
        id_ = len(self.relations) + 1
        self.relations[id_] = (list(members), _plain(tags))
        return id_

    def xml(self, *, ways_first: bool = False, declare: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
        nodes, others = self._node_lines(), [*self._way_lines(), *self._relation_lines()]
        lines = [*others, *nodes] if ways_first else [*nodes, *others]
        return "\n".join([declare, '<osm version="0.6" generator="test">', *lines, "</osm>"])

    def write(self, path: Path) -> Path:
        """Write the format that the ending names."""
        text = self.xml().encode()
        if path.name.endswith(".pbf"):
            plain = path.with_suffix(".xml")
            plain.write_bytes(text)
            with osmium.SimpleWriter(str(path), overwrite=True) as writer:
                for one in osmium.FileProcessor(osmium.io.File(str(plain), "osm")):
                    writer.add(one)
            plain.unlink()
        elif path.name.endswith(".gz"):
            path.write_bytes(gzip.compress(text))
        elif path.name.endswith(".bz2"):
            path.write_bytes(bz2.compress(text))
        else:
            path.write_bytes(text)
        return path

    def _facts(self, id_: int) -> str:
        return f'id="{id_}" version="1" timestamp="{self.timestamp}"'

    def _node_lines(self) -> list[str]:
        return [
            f'<node {self._facts(id_)} lat="{LAT + y * DEGREES_Y:.7f}" lon="{LON + x * DEGREES_X:.7f}">'
            f"{_tags(tags)}</node>"
            for id_, (x, y, tags) in self.nodes.items()
        ]

    def _way_lines(self) -> list[str]:
        return [
            f"<way {self._facts(id_)}>{''.join(f'<nd ref={quoteattr(str(ref))}/>' for ref in nodes)}{_tags(tags)}</way>"
            for id_, (nodes, tags) in self.ways.items()
        ]

    def _relation_lines(self) -> list[str]:
        return [
            f"<relation {self._facts(id_)}>{''.join(_member(*one) for one in members)}{_tags(tags)}</relation>"
            for id_, (members, tags) in self.relations.items()
        ]


def _plain(tags: dict[str, str]) -> dict[str, str]:
    """Let `addr__street` stand for `addr:street`, `class_` for `class`."""
    return {key.rstrip("_").replace("__", ":"): value for key, value in tags.items()}


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def _member(kind: str, ref: int, role: str) -> str:
    return f'<member type="{kind}" ref="{ref}" role="{role}"/>'
