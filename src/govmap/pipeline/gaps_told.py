"""What `assess` says of gaps: shares within standards, the worst ten, norms, and where every number comes from."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap import catalog
from govmap.assess import gaps, hours
from govmap.delineate.wishes import level_title
from govmap.messages import Note, Voice, note
from govmap.network import minutes
from govmap.pipeline.aligned import aligned
from govmap.pipeline.reaching import Reached
from govmap.pipeline.report import Report
from govmap.pipeline.walking import notes_of
from govmap.project import Project

if TYPE_CHECKING:
    from govmap.assess.standards import Standard

WORST = 10
HEADS = ("rank", "unit", "service", "short", "share", "reason", "nearest", "help")
THIN = (
    0.3  # with fewer people than this within a standard, the list of places is the first thing to look at (own choice)
)
SURROUNDINGS_M = 1500.0  # how far beyond the boundary `fetch` keeps streets and places


def told(project: Project, made: Reached, rows: dict[str, pd.DataFrame], voice: Voice) -> Report:
    """Say what was found: shares by standard, the worst gaps as a table, norms, sources and caveats."""
    ranked = gaps.ranked(rows["gaps"])
    names = _Names(project, made, voice)
    figures: dict[str, Any] = {
        "standards": [gaps.totals(one, made.people) for one in made.judged],
        "gaps": _plain(ranked),
        "norms": _plain(rows["norms"]),
        "unlisted": _unlisted(made),
        "at": made.moment.shown if made.moment else None,
        "not_judged": int(made.people.of("all")[~made.homes.stops.connected].sum()),
        "walks_estimated": made.network.estimated,
    }
    report = Report(figures=figures)
    report.shown = [*_summary(made), *_worst(ranked, made, names), *_norms(rows["norms"], names)]
    report.notes = [*_sources(made), *_caveats(made)]
    report.warnings = [*_walks(made), *_warnings(made)]
    return report


class _Names:
    """What units, sites and standards are called in one language."""

    def __init__(self, project: Project, made: Reached, voice: Voice) -> None:
        units = project.read("units", columns=["plan_id", "unit_id", "code", "name", "level"])
        units = units[units["plan_id"] == (project.fact("active_plan_id") or "")]
        shown = units["code"].fillna(units["unit_id"]) + (" " + units["name"].fillna("")).str.rstrip()
        self.units = dict(zip(units["unit_id"], shown, strict=True))
        self.voice = voice
        self.standards: dict[str, Standard] = {one.name: one for one in made.standards}
        self.communities = project.read("communities", columns=["community_id", "name"]).set_index("community_id")[
            "name"
        ]
        sites = made.sites
        self._sites = dict(zip(sites["resource_id"], zip(sites["name"], sites["category"], strict=True), strict=True))

    def site(self, site_id: Any) -> str:
        """A site by its name, else by what it is."""
        if site_id not in self._sites:
            return self.voice.say("assess_no_site")
        name, category = self._sites[site_id]
        if isinstance(name, str) and name:
            return name
        title = catalog.layer(f"resources/{category}")["layer"]["title"][self.voice.language]
        return self.voice.say("assess_unnamed_site", title=title)

    def standard(self, name: str) -> str:
        """A standard by its title, marked where its number was not seen in its source."""
        one = self.standards[name]
        title = str(one.title[self.voice.language])
        return title if one.verified else self.voice.say("assess_unverified_title", title=title)


def _summary(made: Reached) -> list[Note]:
    people = made.people
    shown = [note("assess_people", people=int(people.of("all").sum()), households=int(people.households.sum()))]
    if made.moment is not None:
        day = note("assess_holiday") if made.moment.holiday else ""
        shown.append(note("assess_at", at=made.moment.shown, day=day))
    for one in made.judged:
        told = gaps.totals(one, people)
        if one.listed and told["people"]:
            shown.append(note("assess_total", **_total_facts(one, told)))
            if one.supply is not None and one.supply.whole:
                shown.append(note("assess_supply", **_supply_facts(one, told)))
    return shown


def _total_facts(one: gaps.Judged, told: dict[str, Any]) -> dict[str, Any]:
    mark = "" if one.standard.verified else note("assess_mark")
    share = round(100 * (told["share_within"] or 0.0))
    group = note(f"assess_whom_{one.standard.whom}")
    return {"title": one.standard.title, "mark": mark, "share": share, "short": told["people_short"], "group": group}


def _supply_facts(one: gaps.Judged, told: dict[str, Any]) -> dict[str, Any]:
    """Say how many places stand against how many people, and how many would be enough where the standard knows."""
    places = one.standard.places
    enough = "" if places is None else note("assess_supply_enough", count=_amount(1000 * places.amount / places.per))
    a_thousand = _amount(told["supply"]["places_a_thousand"] or 0.0)
    return {"places": _amount(told["supply"]["places"]), "a_thousand": a_thousand, "enough": enough}


def _worst(ranked: pd.DataFrame, made: Reached, names: _Names) -> list[Note]:
    """Show the ten worst gaps of the lowest level as a table."""
    if ranked.empty:
        return [note("assess_no_gaps" if len(made.homes.units) else "assess_no_plan")]
    lowest = _lowest(made.homes.units)
    worst = ranked[ranked["level"] == lowest] if lowest is not None else ranked
    say = names.voice.say
    head = [say(f"assess_head_{one}") for one in HEADS]
    lines = [_line(at + 1, row, names) for at, row in enumerate(worst.head(WORST).to_dict("records"))]
    level = level_title(str(lowest)) if lowest is not None else ""
    shown = [note("assess_worst", count=len(lines), every=len(worst), level=level)]
    return shown + [note("assess_row", row=one) for one in aligned([head, *lines])]


def _lowest(units: pd.DataFrame) -> Any:
    """Name the level that holds most units."""
    levels = units.drop_duplicates("unit_id")["level"].value_counts()
    return None if levels.empty else levels.sort_index().idxmax()


def _line(rank: int, row: dict[Any, Any], names: _Names) -> list[str]:
    say = names.voice.say
    standard = names.standards[row["standard"]]
    short, people = int(row["people_short"]), int(row["people"])
    estimate = say("assess_estimate") if row["share_estimated"] > 0 else ""
    nearest = say("assess_nothing_near")
    if pd.notna(row["distance_m"]):
        way = {"metres": round(row["distance_m"]), "minutes": round(float(minutes(row["distance_m"], standard.speed)))}
        nearest = say("assess_nearest", site=names.site(row["site_id"]), **way)
    return [
        str(rank),
        str(names.units.get(row["unit_id"], row["unit_id"])),
        names.standard(row["standard"]),
        say("assess_short", short=short, people=people, estimate=estimate),
        f"{100 * row['share_short']:.0f}%",
        say(f"assess_reason_{row['reason']}"),
        nearest,
        _help(row["fixes"], say),
    ]


def _help(fixes: Any, say: Any) -> str:
    """Say what would help most people, where somebody looked for it."""
    if not isinstance(fixes, list) or not fixes:
        return ""
    best = fixes[0]
    return str(say(best["key"], **best["facts"]))


def _norms(rows: pd.DataFrame, names: _Names) -> list[Note]:
    shown = [note("assess_norms")] if len(rows) else []
    for row in rows.to_dict("records"):
        standard = names.standards[row["standard"]]
        facts = {"title": standard.title, "need": _amount(row["need"]), "unit": _unit(row["unit"])}
        facts |= {
            "community": names.communities.get(row["community_id"]) or row["community_id"],
            "source": row["source"],
        }
        small = standard.norm is not None and row["people"] < standard.norm.circle_people
        facts["small"] = (
            note("assess_norm_small", people=standard.norm.circle_people) if small and standard.norm else ""
        )
        if pd.isna(row["have"]):
            shown.append(note("assess_norm_unknown", **facts))
        else:
            shown.append(note("assess_norm", have=_amount(row["have"]), short=_amount(row["short"]), **facts))
    return shown


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:,.1f}".removesuffix(".0")  # noqa: PLR2004 - ten of anything


def _unit(unit: str) -> Note | str:
    return note(f"assess_unit_{unit}") if unit in {"m2", "ha", "places"} else unit


def _sources(made: Reached) -> list[Note]:
    """Say where every number comes from, once each."""
    told: dict[tuple[str, str, int | None, bool], list[Standard]] = {}
    for one in made.standards:
        told.setdefault((one.source["en"], one.clause, one.year, one.verified), []).append(one)
    found = [note("assess_sources")]
    for (_, clause, year, verified), rows in told.items():
        mark = "" if verified else note("assess_unverified")
        facts = {"titles": [one.title for one in rows], "source": rows[0].source, "clause": clause, "mark": mark}
        found.append(note("assess_source", year=str(year or ""), **facts))
    return found


def _caveats(made: Reached) -> list[Note]:
    found = [note("assess_caveat")]
    if len(made.sites) and made.sites["cell_id"].notna().all():
        found.append(note("assess_no_surroundings"))
    elif any(one.standard.limit_m > SURROUNDINGS_M for one in made.judged):
        found.append(note("assess_edge", metres=int(SURROUNDINGS_M)))
    guessed = int(made.people.of("all")[made.people.estimated("all")].sum())
    if guessed:
        every = int(made.people.of("all").sum())
        found.append(note("assess_estimated", people=guessed, share=round(100 * guessed / max(every, 1))))
    bands = sorted({one.whom for one in made.standards if one.whom != "all" and not made.people.counted(one.whom)})
    if bands:
        found.append(note("assess_ages", groups=[note(f"assess_whom_{one}") for one in bands]))
    if any(one.supply is not None for one in made.judged):
        steps = catalog.layer("catchments")["steps"]
        found.append(note("assess_supply_source", source=steps["source"], mark=note("assess_unverified")))
    for one in made.judged:
        if one.supply is not None and not one.supply.whole and one.standard.places is not None and one.supply.sites:
            facts = {"title": one.standard.title, "known": one.supply.known, "sites": one.supply.sites}
            found.append(note("assess_capacity_unknown", **facts))
    return found


def _walks(made: Reached) -> list[Note]:
    """Say what of the network matters; doors without a street are told by the people behind them instead."""
    return [one for one in notes_of(made.network, made.homes.stops) if one.key != "walk_not_connected"]


def _unlisted(made: Reached) -> list[str]:
    return sorted({one.standard.category for one in made.judged if not one.listed})


def _warnings(made: Reached) -> list[Note]:
    told = []
    beyond = made.sites[~made.stops.connected]
    if len(beyond):
        names = [str(one) for one in beyond["name"].fillna(beyond["resource_id"])][:WORST]
        told.append(note("assess_sites_lost", count=len(beyond), names=names))
    thin = [one for one in made.judged if one.listed and _thin(one, made)]
    if thin:
        titles = [
            note("assess_thin_one", title=one.standard.title, sites=len(made.sites_of(one.standard))) for one in thin
        ]
        told.append(note("assess_thin", kinds=titles))
    missing = _unlisted(made)
    if missing:
        titles = [catalog.layer(f"resources/{one}")["layer"]["title"] for one in missing]
        told.append(note("assess_unlisted", kinds=titles, count=len(missing)))
    lost = int(made.people.of("all")[~made.homes.stops.connected].sum())
    if lost:
        told.append(note("assess_not_judged", people=lost))
    if made.moment is not None:
        unknown = int((made.sites["state"] == hours.UNKNOWN).sum())
        unsure = max((int(one.unsure.sum()) for one in made.judged), default=0)
        if unknown:
            told.append(note("assess_hours_unknown", sites=unknown, every=len(made.sites), people=unsure))
        told.append(note("assess_stored_at", at=made.moment.shown))
    return told


def _thin(one: gaps.Judged, made: Reached) -> bool:
    """Tell whether so few people have any site within the walk that places are more likely unlisted than missing."""
    judged = int(made.people.of(one.standard.whom)[one.connected].sum())
    complete = set(one.standard.categories) <= set(made.complete)
    return not complete and judged > 0 and int(one.short[gaps.NONE].sum()) > (1 - THIN) * judged


def _plain(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    made = rows.astype(object)
    return made.where(made.notna(), None).to_dict("records")
