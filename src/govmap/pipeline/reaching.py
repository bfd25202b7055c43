"""Who reaches which service on foot: homes, sites and standards of a project brought together and judged."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.assess import access, gaps, hours, standards
from govmap.assess.people import People, people
from govmap.assess.standards import Standard
from govmap.errors import InputError
from govmap.geometry import Bools, Floats, Ints, Shapes
from govmap.govern import Workdays
from govmap.network import Network, Stops
from govmap.pipeline.report import Progress, quiet
from govmap.pipeline.walking import Homes, homes, network_of
from govmap.project import Project, now

if TYPE_CHECKING:
    from datetime import date

NARROW = ("part", "building", "address")
EVERY = "all"


@dataclass(frozen=True, kw_only=True, eq=False)
class Reached:
    """
    Who reaches what: `judged` holds one entry a standard, whose arrays count the rows of `homes`.

    `sites` are the places that serve, each once, also those beyond the boundary, with their `community_id` and `state`
    (open, closed, unknown; where a moment was asked for); `stops` where they are entered; `nearest` by category.
    """

    network: Network
    homes: Homes
    people: People
    sites: pd.DataFrame
    stops: Stops
    nearest: Mapping[str, access.Nearest]
    judged: tuple[gaps.Judged, ...]
    moment: hours.Moment | None = None
    complete: tuple[str, ...] = ()

    @property
    def standards(self) -> tuple[Standard, ...]:
        """The standards that people were held against."""
        return tuple(one.standard for one in self.judged)

    def of(self, standard: str) -> gaps.Judged:
        """Give what was found for one standard, by its name."""
        return next(one for one in self.judged if one.standard.name == standard)

    def sites_of(self, standard: Standard) -> Ints:
        """Rows of the sites that serve a standard."""
        return np.flatnonzero(self.sites["category"].isin(standard.categories).to_numpy(bool))


def reached(
    project: Project,
    wanted: Sequence[str] | None = None,
    *,
    at: str | None = None,
    categories: Sequence[str] = (),
    complete: Sequence[str] = (),
    progress: Progress = quiet,
) -> Reached:
    """
    Hold everybody's way to the nearest places against standards.

    Parameters
    ----------
    wanted
        Names of standards or files of the user's own; those of the project's country without it.
    at
        A moment, as `Sat 20:00` or `周六 20:00`: only places open then serve.
    categories
        Only standards of these layers, by name or title.
    complete
        Layers whose list is said to be complete (or `all`): where none is listed there is none.

    Raises
    ------
    InputError
        An unknown standard, category or moment.
    """
    chosen = standards_of(project, wanted, categories)
    moment = _moment(project, at)
    whole = complete_of(complete)
    network, home = network_of(project), homes(project)
    progress("progress_reach", 0.1)
    group = people_of(project, home)
    sites, stops = sites_of(project, network, {one for row in chosen for one in row.categories}, moment)
    near = access.nearest(network, home.stops, stops, sites["category"])
    progress("progress_reach", 0.6)
    made = Reached(
        network=network, homes=home, people=group, sites=sites, stops=stops, nearest=near, judged=(),
        moment=moment, complete=whole,
    )  # fmt: skip
    judged = tuple(_judged(made, standard) for standard in chosen)
    progress("progress_reach", 1.0)
    return replace(made, judged=judged)


def standards_of(
    project: Project, wanted: Sequence[str] | None = None, categories: Sequence[str] = ()
) -> tuple[Standard, ...]:
    """
    Read the standards a project is held against, those of its country where none is named.

    Raises
    ------
    InputError
        There is no such standard or category, or no standard speaks of the category.
    """
    rows = standards.load(wanted or standards.by_profile(project.profile.name))
    if not categories:
        return rows
    asked = {category_named(one) for one in categories}
    kept = tuple(row for row in rows if asked & set(row.categories))
    if not kept:
        known = sorted({one for row in rows for one in row.categories})
        raise InputError("assess_no_standard_for", category=sorted(asked), known=known)
    return kept


def category_named(given: str) -> str:
    """
    Find a layer of resources by its name or its title in any language.

    Raises
    ------
    InputError
        There is no such layer.
    """
    layers = catalog.layers("resources")
    said = given.strip().casefold()
    for name, facts in layers.items():
        if said in {name, *(title.casefold() for title in facts["layer"]["title"].values())}:
            return name
    raise InputError("assess_no_category", given=given, known=sorted(layers))


def complete_of(given: Sequence[str]) -> tuple[str, ...]:
    """Read the layers whose list is complete."""
    if any(one.strip().casefold() in {EVERY, "全部"} for one in given):
        return tuple(sorted(catalog.layers("resources")))
    return tuple(sorted({category_named(one) for one in given}))


def people_of(project: Project, home: Homes) -> People:
    """Count people and age bands of each home, by registers where they know them."""
    sizes = catalog.layer("buildings")["households"]["mean_size"]
    profile = project.profile.name
    ages = catalog.layer("ages")
    return people(
        home.frame,
        narrow=_narrow(project),
        ages=ages.get(profile, ages["generic"]),
        household_size=float(sizes.get(profile, sizes["generic"])),
    )


def _narrow(project: Project) -> dict[str, set[str]]:
    """
    Name the buildings for which people, or an age band, are counted by address, building or part.

    Counts stand in registers of residents, or people alone in the lists of buildings and parts themselves.
    """
    told = ("people", *standards.BANDS)
    rows = project.read("residents", columns=["import_id", "source_row", "place_kind", "base", "building_id", *told])
    rows = rows[rows["place_kind"].isin(NARROW) & rows["building_id"].notna()]
    found = {what: set(rows.loc[rows[what].notna(), "building_id"]) for what in told}
    for table, key in (("buildings", "building_id"), ("parts", "part_id")):
        own = project.read(table, columns=list(dict.fromkeys([key, "building_id", "residents_given"])))
        found["people"] |= set(own.loc[own["residents_given"].notna(), "building_id"].dropna())
    return found


def sites_of(
    project: Project, network: Network, categories: set[str], moment: hours.Moment | None = None
) -> tuple[pd.DataFrame, Stops]:
    """Read the places of some layers, each once, and where they are entered: open grounds all along their edge."""
    rows = project.read("resources", where={"category": sorted(categories), "duplicate_of": [None]})
    there = ~(
        shapely.is_missing(rows["geometry"].to_numpy(object)) | shapely.is_empty(rows["geometry"].to_numpy(object))
    )
    sites = access.merged(rows[there])
    cells = project.read("cells", columns=["cell_id", "community_id"])
    sites["community_id"] = sites["cell_id"].map(dict(zip(cells["cell_id"], cells["community_id"], strict=True)))
    sites = sites.assign(state=_states(sites, moment))
    doors, owner = _doors(project, sites)
    return sites, network.stops(doors, owner, len(sites))


def _states(sites: pd.DataFrame, moment: hours.Moment | None) -> Any:
    """Tell what is open; a stop or a park that says nothing of hours has no door to close."""
    if moment is None:
        return hours.OPEN
    always = sites["category"].isin(catalog.layer("catchments")["hours"]["always"]).to_numpy(bool)
    return np.where(always & sites["hours"].isna().to_numpy(bool), hours.OPEN, hours.states(sites["hours"], moment))


def _doors(project: Project, sites: pd.DataFrame) -> tuple[Shapes, Ints]:
    """Give where sites are entered: points along the edge of open grounds that the base map has, else the point."""
    rule = catalog.layer("catchments")["green"]
    points = sites["geometry"].to_numpy(object)
    wanted = sorted(set(sites["osm_id"].dropna()))
    shapes = project.read("features", where={"kind": "green", "feature_id": wanted}) if wanted else None
    if shapes is None or shapes.empty:
        return points, np.arange(len(points))
    outline = shapely.boundary(shapes["geometry"].to_numpy(object))
    found = dict(zip(shapes["feature_id"], outline, strict=True))
    edge = np.array([found.get(one) for one in sites["osm_id"]], dtype=object)
    ringed = np.flatnonzero(~shapely.is_missing(edge) & (shapely.length(edge) > 0))
    doors = [_along(edge[row], float(rule["doors_m"]), int(rule["most_doors"])) for row in ringed]
    plain = np.setdiff1d(np.arange(len(points)), ringed)
    owner = np.concatenate([plain, np.repeat(ringed, [len(one) for one in doors])]).astype(np.int64)
    every = np.concatenate([points[plain], *doors]) if doors else points[plain]
    return every, owner


def _along(edge: Any, step_m: float, most: int) -> Shapes:
    """Give points along an edge, so far apart, and no more than so many."""
    count = int(min(most, max(4, np.ceil(edge.length / step_m))))
    lines = shapely.get_parts(edge)
    length = shapely.length(lines)
    at = np.arange(count) * (length.sum() / count)
    line = np.minimum(np.searchsorted(np.cumsum(length), at, side="right"), len(lines) - 1)
    begun = np.cumsum(length) - length
    placed: Shapes = np.asarray(shapely.line_interpolate_point(lines[line], at - begun[line]), object)
    return placed


def _moment(project: Project, at: str | None) -> hours.Moment | None:
    if at is None:
        return None
    profile = project.profile
    days = json.loads(project.fact("days_off") or "{}")
    off = Workdays.load(profile.name, off=days.get("off", ()), worked=days.get("worked", ())).off
    today: date = now().astimezone(ZoneInfo(str(profile.facts["time"]["zone"]))).date()
    return hours.moment(at, today=today, off=off)


# by standard -------------------------------------------------------------------------------------------------------
def _judged(made: Reached, standard: Standard) -> gaps.Judged:
    rows = made.sites_of(standard)
    near = access.either(made.nearest, standard.categories, len(made.people))
    found = bool(made.stops.connected[rows].any())
    listed = found or set(standard.categories) <= set(made.complete)
    pairs, capacity = _pairs(made, standard, rows)
    offered = None
    if not np.isnan(capacity).all():
        offered = gaps.supply(standard, made.people, pairs, capacity)
    return gaps.judge(
        standard,
        made.people,
        near,
        made.homes.stops.connected,
        listed=listed,
        opening=_opening(made, rows) if made.moment is not None else None,
        offered=offered,
    )


def _pairs(made: Reached, standard: Standard, rows: Ints) -> tuple[tuple[Ints, Ints, Floats], Floats]:
    """Give homes and sites within a standard's walk, where any site says how many it takes."""
    capacity = np.full(len(made.sites), np.nan)
    capacity[rows] = access.capacities(made.sites.iloc[rows], standard.places.unit if standard.places else "places")
    none = np.zeros(0, np.int64)
    if np.isnan(capacity).all():
        return (none, none, np.zeros(0)), capacity
    home, site, far = made.network.pairs(made.homes.stops, made.stops.take(rows), limit_m=standard.limit_m)
    return (home, rows[site], far), capacity


def _opening(made: Reached, rows: Ints) -> gaps.Opening:
    state = made.sites["state"].to_numpy(np.int64)[rows]
    found = [_nearest_of(made, rows[state == wanted]) for wanted in (hours.OPEN, hours.UNKNOWN)]
    return gaps.Opening(*found)


def _nearest_of(made: Reached, rows: Ints) -> access.Nearest:
    if not len(rows):
        return access.either({}, (), len(made.people))
    site, far = made.network.nearest(made.homes.stops, made.stops.take(rows))
    there: Bools = site >= 0
    return access.Nearest(np.where(there, rows[site], access.NOWHERE), far)
