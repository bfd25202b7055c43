"""A straight lane of 1,000 m with a home every 100 m and sites along it: every walk can be counted by eye."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap.assess.people import People
from govmap.assess.standards import BANDS, Amount, Standard
from govmap.network import Network, Stops, build

HOMES = 11  # at 0, 100, ... 1,000 m
TITLE = {"zh": "诊所", "en": "clinic"}


@cache
def lane() -> Network:
    line = shapely.LineString([(-100.0, 0.0), (1_100.0, 0.0)])
    facts = {"street_id": ["s1"], "from_node": ["a"], "to_node": ["b"], "length_m": [1_200.0], "kind": ["residential"]}
    frame = pd.DataFrame({**facts, "name": ["Lane"], "walkable": [True]})
    return build(gpd.GeoDataFrame(frame, geometry=[line], crs="EPSG:32650"))


def at(network: Network, *metres: float) -> Stops:
    return network.stops([shapely.Point(one, 0.0) for one in metres])


def homes(network: Network) -> Stops:
    return at(network, *(100.0 * number for number in range(HOMES)))


def people(each: int = 10, *, old: int = 3, young: int = 2, guessed: bool = False) -> People:
    """Ten people in five households in each home: three old, two young."""
    every = {"all": each, "age_60_plus": old, "age_80_plus": 0, "age_0_6": young, "age_7_14": 0, "age_15_59": 5}
    numbers = {name: np.full(HOMES, count, np.int64) for name, count in every.items()}
    marks = {name: np.full(HOMES, guessed) for name in ("all", *BANDS)}
    return People(np.full(HOMES, each // 2, np.int64), numbers, marks)


def standard(metres: float = 300.0, *, whom: str = "all", places: float | None = None, **more: object) -> Standard:
    enough = None
    if places is not None:
        enough = Amount(amount=places, per=1, unit="places", source=TITLE, verified=True)
    facts: dict[str, object] = {"name": "own/clinic", "category": "clinic", "title": TITLE, "set_title": TITLE}
    facts |= {"source": TITLE, "distance_m": metres, "whom": whom, "places": enough, "verified": True}
    return Standard(**{**facts, **more})  # type: ignore[arg-type] # words of a standard
