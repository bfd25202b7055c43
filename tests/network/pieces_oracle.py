"""Distances computed in another way: every node of the map in networkx, doors tied to the nearest piece by hand."""

from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
from pyproj import CRS, Transformer


def street_pieces(extract: Path, walkable: set[str], crs: CRS) -> tuple[dict[int, tuple[float, float]], list]:
    """Read the nodes and the straight pieces of some ways from the file itself."""
    ways, wanted = [], set()
    for way in osmium.FileProcessor(extract, osmium.osm.WAY):
        if f"w{way.id}" in walkable:
            ways.append([node.ref for node in way.nodes])
            wanted.update(ways[-1])
    ids, degrees = [], []
    for node in osmium.FileProcessor(extract, osmium.osm.NODE):
        if node.id in wanted and node.location.valid():
            ids.append(node.id)
            degrees.append((node.lon, node.lat))
    xy = np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(*np.array(degrees).T))
    places = dict(zip(ids, map(tuple, xy.tolist()), strict=True))
    pieces = []
    for way in ways:
        known = [ref for ref in way if ref in places]
        pieces += [(a, b) for a, b in pairwise(known) if a != b]
    return places, pieces


class Walk:
    """A graph of straight pieces to which doors are tied one by one."""

    def __init__(self, places: dict, pieces: list, main_share: float = 0.1) -> None:
        self.places, self.graph = places, nx.Graph()
        for a, b in pieces:
            far = float(np.hypot(*np.subtract(places[a], places[b])))
            if not self.graph.has_edge(a, b) or self.graph[a][b]["far"] > far:
                self.graph.add_edge(a, b, far=far)
        self.pieces = np.array(pieces)
        self.a, self.b = (np.array([places[node] for node in self.pieces[:, end]]) for end in range(2))
        self.main = self._main(main_share)
        self.doors: dict[int, list[tuple[float, int, float]]] = {}

    def _main(self, share: float) -> np.ndarray:
        long = {}
        for some in nx.connected_components(self.graph):
            length = self.graph.subgraph(some).size("far")
            long.update(dict.fromkeys(some, length))
        return np.array([long[a] for a in self.pieces[:, 0]]) >= share * max(long.values())

    def tie(self, name: object, xy: tuple[float, float]) -> None:
        """Tie a door to the nearest piece, and where that is cut off also to the nearest of the city's."""
        d = self.b - self.a
        t = np.clip(((xy - self.a) * d).sum(1) / (d * d).sum(1), 0, 1)
        on = self.a + t[:, None] * d
        far = np.hypot(*(on - xy).T)
        chosen = [int(np.argmin(far))]
        if not self.main[chosen[0]]:
            chosen.append(int(np.argmin(np.where(self.main, far, np.inf))))
        for piece in chosen:
            if far[piece] > 500:
                continue
            a, b = self.pieces[piece].tolist()
            spot = ("on", name, piece)
            self.graph.add_edge(name, spot, far=float(far[piece]))
            for end in (a, b):
                self.graph.add_edge(spot, end, far=float(np.hypot(*(on[piece] - self.places[end]))))
            for other, where in self.doors.setdefault(piece, []):
                self.graph.add_edge(spot, other, far=float(np.hypot(*(on[piece] - where))))
            self.doors[piece].append((spot, on[piece]))

    def from_(self, name: object) -> dict:
        """Give the way from one door to everything."""
        return nx.single_source_dijkstra_path_length(self.graph, name, weight="far") if name in self.graph else {}
