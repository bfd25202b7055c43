"""What would fix a gap: the best new sites among places that are there, the use of others' sites, longer hours.

Places are rooms and ground that exist; how people reach them is measured elsewhere and comes in as pairs of home and
place. A new site may lie anywhere in the community; what it does for one unit is counted unit by unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.assess.covering import Chosen, Cover, best, fewest
from govmap.geometry import Bools, Ints

PLACES = ("place_id", "place_kind", "name", "size_m2", "turn")
SITES = (
    "plan_id", "category", "standard", "place_id", "place_kind", "name", "rank", "people_covered", "gain", "bound",
    "reason", "geometry",
)  # fmt: skip
NEW, SHARED, LONGER = "new_site", "shared_use", "longer_hours"
PROVEN, BOUNDED = "proven", "bounded"
GROUND = ("open_ground", "green_ground")
SHOPS = "retail"
WIDER = 1.5


def _rules() -> Mapping[str, Any]:
    return catalog.layer("siting")


def best_of() -> int:
    """Give how many new sites are looked for where nobody says."""
    return int(_rules()["search"]["best"])


def sited_here(category: str) -> bool:
    """Tell whether a community decides where such a service goes."""
    return category not in _rules()["elsewhere"]["categories"]


def sharing(category: str) -> tuple[str, ...]:
    """Name the kinds of sites that could let others in for such a service."""
    return tuple(_rules()["shared_use"].get(category, ()))


def kind_title(kind: str) -> Mapping[str, str]:
    """Name a kind of place in every language."""
    titles: Mapping[str, str] = next(one["title"] for one in _rules()["kinds"] if one["name"] == kind)
    return titles


# places --------------------------------------------------------------------------------------------------------------
def places(tables: Mapping[str, pd.DataFrame], *, barred: Any = None) -> gpd.GeoDataFrame:
    """
    List the places inside the community where something could be put.

    Parameters
    ----------
    tables
        `resources`, `buildings`, `cells` (those without building are open ground) and `features` (the green ones).
    barred
        Shapes of water and rail: open ground that lies mostly in them is none.

    Returns
    -------
    places
        place_id, place_kind, name, size_m2, turn (of its kind, the preferred first), geometry (a point); sorted by
        turn and id, thinned out where they lie close together.
    """
    found = []
    for turn, kind in enumerate(_rules()["kinds"]):
        rows = _of_kind(kind, tables, barred)
        found.append(rows.assign(place_kind=kind["name"], turn=turn))
    every = pd.concat([one for one in found if len(one)]) if any(map(len, found)) else found[0]
    every = every.sort_values(["turn", "place_id"], kind="stable").drop_duplicates("place_id")
    made = gpd.GeoDataFrame(
        every[[*PLACES, "geometry"]], geometry="geometry", crs=getattr(tables["cells"], "crs", None)
    )
    return _thinned(made.reset_index(drop=True))


def _of_kind(kind: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], barred: Any) -> pd.DataFrame:
    """Give the places of one kind: place_id, name, size_m2, geometry."""
    if "green" in kind:
        return _green(kind["green"], tables)
    if kind.get("open"):
        return _open_ground(tables["cells"], barred)
    if "uses" in kind:
        return _buildings(kind["uses"], tables)
    resources, buildings = tables["resources"], tables["buildings"]
    size = dict(zip(buildings["building_id"], shapely.area(buildings["geometry"].to_numpy(object)), strict=True))
    rows = resources[_listed(kind, resources) & resources["cell_id"].notna()]
    return _rows(rows["resource_id"], rows["name"], rows["building_id"].map(size), rows["geometry"].to_numpy(object))


def _buildings(uses: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give buildings of some uses; shops under homes are shops; none that a police or fire station has taken."""
    buildings, resources = tables["buildings"], tables["resources"]
    taken = resources.loc[resources["category"].isin(_rules()["elsewhere"]["categories"]), "building_id"]
    here = buildings["cell_id"].notna() & buildings["status"].ne("demolished")
    inside = buildings[here & ~buildings["building_id"].isin(taken.dropna())]
    shops = inside["shops"].fillna(0).astype(int).gt(0) & (SHOPS in uses)
    rows = inside[inside["use"].isin(uses) | shops]
    shape = rows["geometry"].to_numpy(object)
    return _rows(rows["building_id"], rows["name"], shapely.area(shape), shapely.point_on_surface(shape))


def _green(classes: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give green ground of some classes, as far as its middle lies in the community."""
    features, cells = tables["features"], tables["cells"]
    rows = features[(features["kind"] == "green") & features["class"].isin(classes)]
    shape = rows["geometry"].to_numpy(object)
    point = shapely.point_on_surface(shape)
    tree = shapely.STRtree(cells["geometry"].to_numpy(object))
    here = np.unique(tree.query(point, predicate="intersects")[0]) if len(point) and len(cells) else np.zeros(0, int)
    return _rows(rows["feature_id"].iloc[here], rows["name"].iloc[here], shapely.area(shape[here]), point[here])


def _listed(kind: Mapping[str, Any], resources: pd.DataFrame) -> "pd.Series[bool]":
    """Tell which resources are meant: of some layers, or said to be shared or open to others by terms."""
    if "resources" in kind:
        return resources["category"].isin(kind["resources"])
    said = resources["shared"].astype("boolean").fillna(value=False).astype(bool)
    return said | (resources["terms"].fillna("") != "")


def _open_ground(cells: pd.DataFrame, barred: Any) -> pd.DataFrame:
    rows = cells[cells["building_id"].isna()]
    shape = rows["geometry"].to_numpy(object)
    if barred is not None and len(barred) and len(shape):
        tree = shapely.STRtree(shape)
        at, one = tree.query(barred, predicate="intersects")
        lost = np.bincount(one, shapely.area(shapely.intersection(shape[one], np.asarray(barred)[at])), len(shape))
        rows, shape = rows[lost < shapely.area(shape) / 2], shape[lost < shapely.area(shape) / 2]
    return _rows(rows["cell_id"], None, shapely.area(shape), shapely.point_on_surface(shape))


def _rows(key: Any, name: Any, size: Any, geometry: Any) -> pd.DataFrame:
    count = len(key)
    return pd.DataFrame(
        {
            "place_id": np.asarray(key, dtype=object),
            "name": [None] * count if name is None else np.asarray(name, dtype=object),
            "size_m2": np.asarray(size, dtype=float),
            "geometry": np.asarray(geometry, dtype=object),
        }
    )


def _thinned(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep of places of one kind in a square of a lattice the largest, in wider squares until they are few enough."""
    search = _rules()["search"]
    apart, most = float(search["apart_m"]), int(search["most_places"])
    listed = found["turn"].to_numpy() <= 1  # what people named themselves stays
    xy = shapely.get_coordinates(found["geometry"].to_numpy(object))
    while True:
        square = np.floor(xy / apart).astype(np.int64)
        rows = found.assign(a=square[:, 0], b=square[:, 1], large=-found["size_m2"].fillna(0))
        order = rows.sort_values(["turn", "a", "b", "large", "place_id"], kind="stable")
        kept = ~order.duplicated(["turn", "a", "b"]) | listed[order.index]
        if (kept.to_numpy() & ~listed[order.index]).sum() <= most:
            return found.loc[np.sort(order.index[kept])].reset_index(drop=True)
        apart *= WIDER


def fitting(found: pd.DataFrame, category: str) -> Ints:
    """Give the rows of the places that suit a service: rooms or ground, and large enough; unknown sizes are."""
    rules = _rules()
    needs = rules["needs_m2"]
    outdoor, either = (category in rules[where]["categories"] for where in ("outdoor", "either"))
    ground = found["place_kind"].isin(GROUND).to_numpy()
    need = float(needs.get(category, needs["ground" if outdoor else "room"]))
    built = found["place_kind"].eq(GROUND[0]).to_numpy()  # nobody builds a house in a park
    size = found["size_m2"].fillna(np.inf).to_numpy(float)
    out_of_doors: Bools = ground & (size >= need)
    within: Bools = np.where(ground, built & (size >= max(need, float(needs["built"]))), size >= need)
    return np.flatnonzero(out_of_doors if outdoor else within | out_of_doors if either else within)


# choosing ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True, eq=False)
class Sited:
    """
    New sites for one standard: `chosen` counts the rows of the places that suit (`rows` of all places).

    `needed` is the fewest places that reach everybody whom any of them reaches, `reachable` how many people that is,
    `short` all who are short.
    """

    rows: Ints
    cover: Cover
    chosen: Chosen
    needed: Chosen
    short: int

    @property
    def reachable(self) -> int:
        """People short whom at least one place reaches."""
        return self.cover.reachable

    def table(self, found: gpd.GeoDataFrame, **keys: str) -> gpd.GeoDataFrame:
        """Give the rows of `sites`: the places chosen, that with most people first, and who is reached with each."""
        rows = found.iloc[self.rows[self.chosen.places]]
        columns = {**keys, **{name: rows[name].to_numpy(object) for name in ("place_id", "place_kind", "name")}}
        made = gpd.GeoDataFrame(columns, geometry=rows["geometry"].to_numpy(object), crs=found.crs)
        made["rank"] = np.arange(1, len(made) + 1)
        made["people_covered"], made["gain"] = np.cumsum(self.chosen.gains), self.chosen.gains
        made["bound"], made["reason"] = float(self.chosen.bound), PROVEN if self.chosen.exact else BOUNDED
        return made[list(SITES)]


def sited(short: Ints, rows: Ints, pairs: tuple[Ints, Ints], k: int) -> Sited:
    """
    Choose the k places that reach most of the people short, and say how few would reach all.

    Parameters
    ----------
    short
        People short of each home.
    rows
        The places that suit, in the order in which they are preferred.
    pairs
        Home, and place as its place in `rows`, within the standard's walk.
    """
    lacks = short[pairs[0]] > 0
    cover = Cover(short, pairs[0][lacks], pairs[1][lacks], len(rows))
    return Sited(rows=rows, cover=cover, chosen=best(cover, k), needed=fewest(cover), short=int(short.sum()))


def by_unit(cover: Cover, home: Ints, unit: Ints, units: int) -> Any:
    """
    Count the people of each unit who reach each place.

    Parameters
    ----------
    home, unit
        Which home lies in which unit, of every level; `units` is their number.

    Returns
    -------
    people
        Sparse, one row a unit, one column a place.
    """
    from scipy.sparse import csr_array

    belongs = csr_array((cover.people[home], (unit, home)), shape=(units, len(cover.people)))
    return (belongs @ cover.table).tocsr()


def most_by_unit(people: Any, preferred: Ints) -> tuple[Ints, Ints]:
    """
    Give of each unit the place that reaches most of its people, and how many; -1 where none reaches anybody.

    Parameters
    ----------
    people
        Of `by_unit`.
    preferred
        Places chosen for all units: one of them is taken where it reaches as many of this unit as any other.
    """
    count = people.shape[0]
    place, reached = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.int64)
    first = np.zeros(people.shape[1], dtype=np.int64)
    first[preferred] = -1
    for unit in range(count):
        row = slice(people.indptr[unit], people.indptr[unit + 1])
        columns, numbers = people.indices[row], people.data[row]
        if len(columns) and numbers.max() > 0:
            at = np.lexsort((columns, first[columns], -numbers))[0]
            place[unit], reached[unit] = columns[at], numbers[at]
    return place, reached
