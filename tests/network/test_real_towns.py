"""Bars on real towns: the same metres as networkx finds on the nodes of the map file itself."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from pieces_oracle import Walk, street_pieces

from govmap.network import build
from govmap.sources import extract


@pytest.mark.parametrize("name", ["helsinki_center", "copenhagen"])
def test_walks_between_a_thousand_pairs_of_doors_are_right_to_a_millimetre(shared: Path, name: str) -> None:
    file = shared / "data" / f"{name}.osm.pbf"
    found = extract.read(file)
    lines = found.tables["streets"]
    walkable = set(lines["street_id"][lines["walkable"]].str.split("/").str[0])
    walk = Walk(*street_pieces(file, walkable, found.crs))
    inside = shapely.point_on_surface(np.asarray(found.tables["buildings"].geometry))
    chosen = np.random.default_rng(1).choice(len(inside), 65, replace=False)
    doors = shapely.get_coordinates(inside)[chosen]
    for number, xy in enumerate(doors):
        walk.tie(("door", number), xy)
    known = [walk.from_(("door", number)) for number in range(25)]
    theirs = np.array([[some.get(("door", number), np.inf) for number in range(25, 65)] for some in known])
    network = build(lines)
    ours = network.matrix(network.stops(inside[chosen[:25]]), network.stops(inside[chosen[25:]]))
    assert np.isfinite(theirs).sum() > 900
    assert np.array_equal(np.isfinite(ours), np.isfinite(theirs))
    assert np.abs(ours - theirs)[np.isfinite(ours)].max() < 1e-3
