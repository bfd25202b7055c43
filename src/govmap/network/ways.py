"""The streets people walk, as a graph: nodes where streets meet, edges that know their line and length.

Lengths are whole nanometres, so that sums are exact, the way there is as long as the way back to the last digit, and
ties are ties: the same answer on every machine whatever the order of rows.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.geometry import Bools, Floats, Ints, Shapes

NM = 1e9
SAME_NODE_M = 0.01  # ends of streets without node ids meet where they are this near


@dataclass(frozen=True)
class Near:
    """Streets sorted by place; `rows` are their numbers among all."""

    tree: Any
    rows: Ints


@dataclass(frozen=True)
class Ways:
    """
    Edges `start`-`stop` of `length` nm with their `line` and `street_id`; half-edges sorted by the node they leave.

    `first` (nodes + 1), `to`, `weight`, `edge` are the half-edges; `piece` numbers the connected piece of each node,
    `piece_nm` is the length of each, `main` tells of each edge whether it belongs to a piece that counts as the city's.
    """

    street_id: Any
    line: Shapes
    start: Ints
    stop: Ints
    length: Ints
    first: Ints
    to: Ints
    weight: Ints
    edge: Ints
    piece: Ints
    piece_nm: Ints
    main: Bools

    def __len__(self) -> int:
        return len(self.start)

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.first) - 1

    @cached_property
    def everywhere(self) -> "Near":
        """All streets, to find those near a door."""
        return Near(shapely.STRtree(self.line), np.arange(len(self)))

    @cached_property
    def city(self) -> "Near":
        """The streets of pieces that count as the city's, to find those near a door."""
        rows = np.flatnonzero(self.main)
        return Near(shapely.STRtree(self.line[rows]), rows)

    def half(self) -> tuple[Ints, Ints, Ints]:
        """Give what a search walks on: first, to, weight."""
        return self.first, self.to, self.weight

    def ends(self) -> tuple[Ints, Ints, Ints]:
        """Give what a stop needs of an edge: start, stop, length."""
        return self.start, self.stop, self.length


def ways(streets: pd.DataFrame) -> Ways:
    """
    Make the graph of the walkable streets; where nothing is said of walking, people walk.

    Parameters
    ----------
    streets
        `street_id`, `from_node`, `to_node`, `walkable`, `geometry` in metres. Ends without a node id meet where they
        lie on the same place (to 1 cm).
    """
    walked = streets[streets["walkable"].astype("boolean").fillna(value=True).to_numpy(bool)]
    shapes = np.asarray(walked["geometry"], object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rows = walked[there].sort_values("street_id", kind="stable", ignore_index=True)
    line = np.asarray(shapely.force_2d(np.asarray(rows["geometry"], object)), object)
    length = np.rint(shapely.length(line) * NM).astype(np.int64)
    start, stop, count = _nodes(rows, line)
    return _linked(rows["street_id"].to_numpy(object), line, start, stop, length, count)


def metres(nm: Any, none: int) -> Floats:
    """Give metres of nanometres, inf where there is no way."""
    given = np.asarray(nm, np.int64)
    return np.where(given >= none, np.inf, given / NM)


def _nodes(rows: pd.DataFrame, line: Shapes) -> tuple[Ints, Ints, int]:
    """Number the nodes by their ids; an end without id is the node that lies there."""
    ids = np.concatenate([rows["from_node"].to_numpy(object), rows["to_node"].to_numpy(object)])
    points = np.concatenate([shapely.get_point(line, 0), shapely.get_point(line, -1)])
    xy = np.rint(shapely.get_coordinates(points) / SAME_NODE_M).astype(np.int64)
    ends = pd.DataFrame({"id": pd.Series(ids, dtype=object), "x": xy[:, 0], "y": xy[:, 1]})
    unnamed = ends["id"].isna()
    if unnamed.any():
        here = ends[~unnamed].groupby(["x", "y"])["id"].min()
        known = here.reindex(pd.MultiIndex.from_frame(ends[["x", "y"]])).to_numpy(object)
        place = "@" + ends["x"].astype(str) + "," + ends["y"].astype(str)
        found = pd.Series(known, dtype=object).where(~pd.isna(known), place)
        ends["id"] = ends["id"].where(~unnamed, found)
    number, names = pd.factorize(ends["id"], sort=True)
    half = len(rows)
    return number[:half].astype(np.int64), number[half:].astype(np.int64), len(names)


def _linked(street_id: Any, line: Shapes, start: Ints, stop: Ints, length: Ints, count: int) -> Ways:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    leaving, to = np.concatenate([start, stop]), np.concatenate([stop, start])
    edge = np.tile(np.arange(len(start)), 2)
    order = np.lexsort((edge, to, leaving))
    first = np.concatenate([[0], np.cumsum(np.bincount(leaving, minlength=count))]).astype(np.int64)
    links = coo_array((np.ones(len(start)), (start, stop)), shape=(max(count, 1), max(count, 1)))
    piece = connected_components(links, directed=False)[1][:count].astype(np.int64)
    piece_nm = np.zeros(int(piece.max(initial=-1)) + 1, np.int64)
    np.add.at(piece_nm, piece[start], length)
    main = piece_nm >= piece_nm.max(initial=0) * float(catalog.layer("walking")["snap"]["main_share"])
    half = edge[order]
    return Ways(
        street_id, line, start, stop, length, first, to[order], length[half], half, piece, piece_nm, main[piece[start]]
    )
