"""Where new sites would help most, and what else would fix each gap: the table `sites`, and `fixes` of `gaps`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.assess import gaps, hours, siting
from govmap.assess.covering import Cover
from govmap.geometry import Ints
from govmap.messages import Note, note
from govmap.network import Stops
from govmap.pipeline.loading import plan_here
from govmap.pipeline.reaching import Reached, reached
from govmap.pipeline.report import Progress, Report, quiet
from govmap.pipeline.walking import notes_of
from govmap.project import Project

READ = ("resources", "buildings", "cells", "addresses", "streets", "features", "compounds", "gaps")
BARRED = ("water", "rail")
AREA = 2  # dimension of a shape with ground
MOST_TOLD = 6


def site(
    project: Project,
    *,
    standards: Sequence[str] | None = None,
    category: Sequence[str] = (),
    at: str | None = None,
    k: int | None = None,
    plan: str | None = None,
    found: Reached | None = None,
    progress: Progress = quiet,
) -> Report:
    """
    Find the best k new sites for every standard of which people are short, and what would fix each unit's gap.

    Parameters
    ----------
    standards, category, at
        As `reaching.reached` takes them.
    k
        Sites to find for each standard; that of `layers/siting.toml` without it.
    plan
        The plan whose units are meant, the active one without it.
    found
        What `reached` gave already, by the same plan.

    Raises
    ------
    PlanError
        There is no plan yet, or it stands on cells of a former edition.
    InputError
        An unknown standard, category or moment.
    """
    here = plan_here(project, plan)
    found = found or reached(project, standards, at=at, categories=category, progress=progress)
    progress("progress_site", 0.0)
    search = _search(project, found, here.plan_id, k or siting.best_of())
    made = [_of_standard(search, judged) for judged in found.judged if judged.listed]
    _store(project, search, made)
    progress("progress_site", 1.0)
    return _report(search, made)


@dataclass(frozen=True, eq=False)
class _Search:
    """What is searched: who reaches what, the places, where they are entered, the units."""

    reached: Reached
    plan_id: str
    k: int
    places: gpd.GeoDataFrame
    stops: Stops
    units: gaps.Grouping
    tables: dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class _Found:
    """What was found for one standard: new sites (None where none is proposed), and the fixes of each unit."""

    judged: gaps.Judged
    sited: siting.Sited | None
    sites: pd.DataFrame | None
    fixes: dict[str, list[dict[str, Any]]]


def _search(project: Project, found: Reached, plan_id: str, k: int) -> _Search:
    tables = project.reading(*READ)
    barred = tables["features"].loc[tables["features"]["kind"].isin(BARRED), "geometry"].to_numpy(object)
    barred = barred[shapely.get_dimensions(barred) == AREA]
    places = siting.places(tables, barred=barred)
    places["name"] = _called(places, tables)
    stops = found.network.stops(places["geometry"].to_numpy(object))
    return _Search(found, plan_id, k, places, stops, gaps.Grouping.of(found.homes.units), tables)


def _called(places: gpd.GeoDataFrame, tables: dict[str, pd.DataFrame]) -> Any:
    """Name places: by their name or address, with the compound they stand in, else by the street they lie at."""
    rows = tables["addresses"].dropna(subset=["building_id"]).sort_values("address_id", kind="stable")
    joined = rows["street"].fillna("") + " " + rows["house_number"].fillna("")
    said = rows["full"].where(rows["full"].notna(), joined.str.strip())
    address = said.where(said != "").groupby(rows["building_id"]).first()
    street = _street_beside(places, tables["streets"])
    name = places["name"].where(places["name"].notna(), places["place_id"].map(address))
    compounds = tables["compounds"].set_index("compound_id")["name"].dropna()
    inside = tables["buildings"].set_index("building_id")["compound_id"].map(compounds)
    whole = places["place_id"].map(inside).astype(object)  # of nothing but nulls where there is no compound
    name = name.where(whole.isna() | (whole == name), whole + " · " + name)
    found = name.where(name.notna(), street).astype(object)
    return found.where(found.notna(), None)


def _street_beside(places: gpd.GeoDataFrame, streets: pd.DataFrame) -> "pd.Series[str]":
    """Give the nearest street with a name that is near enough to call a place by."""
    named = streets[streets["name"].notna()].sort_values("street_id", ignore_index=True)
    found = pd.Series([None] * len(places), dtype=object)
    if len(named) and len(places):
        tree = shapely.STRtree(named["geometry"].to_numpy(object))
        far = float(catalog.layer("siting")["search"]["beside_m"])
        at, line = tree.query_nearest(places["geometry"].to_numpy(object), max_distance=far, all_matches=True)
        first = np.unique(at, return_index=True)[1]
        found[at[first]] = named["name"].to_numpy(object)[line[first]]
    return found


# one standard --------------------------------------------------------------------------------------------------------
def _of_standard(search: _Search, judged: gaps.Judged) -> _Found:
    """Find new sites and other fixes for one standard."""
    standard = judged.standard
    lacking = judged.short[gaps.NONE] + judged.short[gaps.FULL]
    fixes: list[tuple[Ints, dict[str, Any]]] = []
    sited = table = None
    if siting.sited_here(standard.category) and lacking.any():
        rows = siting.fitting(search.places, standard.category)
        pairs = _pairs(search, judged, lacking, search.stops.take(rows))
        sited = siting.sited(lacking, rows, pairs, search.k)
        keys = {"plan_id": search.plan_id, "category": standard.category, "standard": standard.name}
        table = sited.table(search.places, **keys)
        fixes += _new(search, judged, sited)
    fixes += _shared(search, judged, lacking)
    fixes += _longer(search, judged)
    return _Found(judged, sited, table, _by_unit(search, fixes))


def _pairs(search: _Search, judged: gaps.Judged, lacking: Ints, stops: Stops) -> tuple[Ints, Ints]:
    """Give who of those short would have which place within the standard's walk."""
    home = np.flatnonzero(lacking > 0)
    made = search.reached
    one, other, _ = made.network.pairs(made.homes.stops.take(home), stops, limit_m=judged.standard.limit_m)
    return home[one], other


def _new(search: _Search, judged: gaps.Judged, sited: siting.Sited) -> list[tuple[Ints, dict[str, Any]]]:
    """Give of each unit the new site that reaches most of its people, one of those chosen where it is as good."""
    units = search.units
    people = siting.by_unit(sited.cover, units.home, units.unit, len(units.ids))
    place, reached_ = siting.most_by_unit(people, sited.chosen.places)
    found = []
    for unit in np.flatnonzero(place >= 0):
        row = search.places.iloc[sited.rows[place[unit]]]
        by_street = row["place_kind"] in siting.GROUND
        facts = {"kind": dict(siting.kind_title(row["place_kind"])), "place": row["name"] or row["place_id"]}
        fix = _fix(siting.NEW, "fix_new_site_by" if by_street else "fix_new_site", judged, facts)
        fix |= {"place_id": row["place_id"], "place_kind": row["place_kind"], "name": row["name"]}
        found.append((np.array([unit]), {**fix, "people": int(reached_[unit])}))
    return found


def _shared(search: _Search, judged: gaps.Judged, lacking: Ints) -> list[tuple[Ints, dict[str, Any]]]:
    """Give of each unit the site of another kind that would serve most of its people, if it let them in."""
    kinds = siting.sharing(judged.standard.category)
    rows = search.tables["resources"]
    rows = rows[rows["category"].isin(kinds) & rows["duplicate_of"].isna()].sort_values(
        "resource_id", ignore_index=True
    )
    return _existing(search, judged, lacking, rows, siting.SHARED, "fix_shared_use")


def _longer(search: _Search, judged: gaps.Judged) -> list[tuple[Ints, dict[str, Any]]]:
    """Give of each unit the closed site that would serve most of its people, if it were open."""
    closed = judged.short[gaps.CLOSED]
    sites = search.reached.sites
    mine = sites["category"].isin(judged.standard.categories) & (sites["state"] == hours.CLOSED)
    return _existing(search, judged, closed, sites[mine].reset_index(drop=True), siting.LONGER, "fix_longer_hours")


def _existing(
    search: _Search, judged: gaps.Judged, lacking: Ints, rows: pd.DataFrame, kind: str, key: str
) -> list[tuple[Ints, dict[str, Any]]]:
    """Give of each unit the one of some sites that reaches most of its people who lack something."""
    shape = rows["geometry"].to_numpy(object)
    rows = rows[~(shapely.is_missing(shape) | shapely.is_empty(shape))].reset_index(drop=True)
    if rows.empty or not lacking.any():
        return []
    stops = search.reached.network.stops(rows["geometry"].to_numpy(object))
    home, place = _pairs(search, judged, lacking, stops)
    cover = Cover(lacking, home, place, len(rows))
    people = siting.by_unit(cover, search.units.home, search.units.unit, len(search.units.ids))
    best, reached_ = siting.most_by_unit(people, np.zeros(0, dtype=np.int64))
    titles = catalog.layers("resources")
    found = []
    for unit in np.flatnonzero(best >= 0):
        row = rows.iloc[best[unit]]
        title = dict(titles[row["category"]]["layer"]["title"])
        facts = {"kind": title, "place": row["name"] or row["resource_id"], "hours": row["hours"] or ""}
        fix = _fix(kind, key, judged, facts)
        fix |= {"place_id": row["resource_id"], "place_kind": row["category"], "name": row["name"]}
        found.append((np.array([unit]), {**fix, "people": int(reached_[unit])}))
    return found


def _fix(kind: str, key: str, judged: gaps.Judged, facts: dict[str, Any]) -> dict[str, Any]:
    title = catalog.layers("resources")[judged.standard.category]["layer"]["title"]
    return {"kind": kind, "key": key, "facts": {**facts, "service": dict(title)}}


def _by_unit(search: _Search, fixes: list[tuple[Ints, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Sort fixes by unit, those that help most people first; the words get the number too."""
    found: dict[str, list[dict[str, Any]]] = {}
    for units, fix in fixes:
        for unit in units:
            told = {**fix, "facts": {**fix["facts"], "people": fix["people"]}}
            found.setdefault(str(search.units.ids[unit]), []).append(told)
    for unit, some in found.items():  # a place that stands and could be shared is not also proposed as a new one
        standing = {one["place_id"] for one in some if one["kind"] != siting.NEW}
        found[unit] = [one for one in some if one["kind"] != siting.NEW or one["place_id"] not in standing]
    order = (siting.LONGER, siting.SHARED, siting.NEW)  # what is cheapest first where it helps as many
    return {
        unit: sorted(some, key=lambda one: (-one["people"], order.index(one["kind"]))) for unit, some in found.items()
    }


# storing and telling -------------------------------------------------------------------------------------------------
def _store(project: Project, search: _Search, made: list[_Found]) -> None:
    """Write new sites, and the fixes into the gaps that stand; those of standards not looked at stay as they were."""
    mine = search.tables["gaps"]
    mine = mine[mine["plan_id"] == search.plan_id]
    keys = ["plan_id", "unit_id", "category", "standard"]
    with project.change("assess sites", {"plan": search.plan_id, "k": search.k}) as change:
        for one in made:
            standard = one.judged.standard.name
            change.session.delete("sites", where={"plan_id": search.plan_id, "standard": standard})
            if one.sites is not None and len(one.sites):
                change.session.append("sites", one.sites)
            rows = mine.loc[mine["standard"] == standard, keys]
            if len(rows):
                fixes = pd.Series([one.fixes.get(str(unit), []) for unit in rows["unit_id"]], rows.index, dtype=object)
                change.session.upsert("gaps", rows.assign(fixes=fixes))


def _report(search: _Search, made: list[_Found]) -> Report:
    report = Report(figures={"sites": [_figures(search, one) for one in made if one.sited is not None]})
    shown = [one for one in made if one.sited is not None and one.sited.short]
    shown.sort(key=lambda one: (-_sited(one).short, one.judged.standard.name))
    for one in shown[:MOST_TOLD]:
        report.shown += _told(search, one)
    if len(shown) > MOST_TOLD:
        report.shown.append(note("site_more", count=len(shown) - MOST_TOLD))
    others = [
        one for one in made if not siting.sited_here(one.judged.standard.category) and one.judged.people_short.any()
    ]
    if others:
        report.notes.append(note("site_elsewhere", services=[one.judged.standard.title for one in others]))
    kinds = search.places["place_kind"].value_counts(sort=False)
    counted = [note("site_kind", title=siting.kind_title(str(kind)), count=int(n)) for kind, n in kinds.items()]
    report.notes.append(
        note("site_places", count=len(search.places), kinds=counted) if counted else note("site_no_places")
    )
    report.notes += notes_of(search.reached.network, search.stops)
    return report


def _sited(one: _Found) -> siting.Sited:
    if one.sited is None:
        raise ValueError(one.judged.standard.name)
    return one.sited


def _told(search: _Search, one: _Found) -> list[Note]:
    """Say of one standard where new sites would help, how many people, and how many sites all would take."""
    sited, standard = _sited(one), one.judged.standard
    head = note("site_head", title=standard.title, people=sited.short, told=[standard.source, *_marks(search, one)])
    if not len(sited.chosen.places):
        return [head, note("site_none")]
    rows = search.places.iloc[sited.rows[sited.chosen.places]]
    lines = [
        _line(rank, row, int(gain))
        for rank, row, gain in zip(range(1, len(rows) + 1), rows.to_dict("records"), sited.chosen.gains, strict=True)
    ]
    key = "site_proven" if sited.chosen.exact else "site_bounded"
    together = note(key, people=sited.chosen.reached, bound=sited.chosen.bound)
    count = len(sited.needed.places)
    needed = note("site_needed" if sited.needed.exact else "site_needed_at_most", count=count, people=sited.reachable)
    left = sited.short - sited.reachable
    return [head, *lines, together, needed, *([note("site_unreached", people=left)] if left else [])]


def _line(rank: int, row: dict[Any, Any], gain: int) -> Note:
    """Say one new site: what stands there by its name or address, ground by the street it lies at."""
    key = "site_line_by" if row["place_kind"] in siting.GROUND else "site_line"
    place, kind = row["name"] or row["place_id"], siting.kind_title(row["place_kind"])
    return note(key, rank=rank, place=place, kind=kind, gain=gain)


def _marks(search: _Search, one: _Found) -> list[Note]:
    """Mark what is not certain: people that are estimated, a number of the standard that nobody checked."""
    people, standard = search.reached.people, one.judged.standard
    group = people.of(standard.whom)
    guessed = float(group[people.estimated(standard.whom)].sum()) / max(int(group.sum()), 1)
    marks = [note("site_estimated", share=f"{guessed:.0%}")] if guessed > 0 else []
    return [*marks, *([] if standard.verified else [note("site_unverified")])]


def _figures(search: _Search, one: _Found) -> dict[str, Any]:
    sited, standard = _sited(one), one.judged.standard
    places = search.places["place_id"].to_numpy(object)[sited.rows[sited.chosen.places]]
    return {
        "standard": standard.name,
        "category": standard.category,
        "people_short": sited.short,
        "people_reachable": sited.reachable,
        "people_covered": sited.chosen.reached,
        "bound": sited.chosen.bound,
        "proven": sited.chosen.exact,
        "candidates": len(sited.rows),
        "needed": len(sited.needed.places),
        "needed_least": sited.needed.bound,
        "places": [{"place_id": one, "gain": int(gain)} for one, gain in zip(places, sited.chosen.gains, strict=True)],
        "source": standard.source,
        "verified": standard.verified,
    }
