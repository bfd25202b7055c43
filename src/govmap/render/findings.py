"""What was found out about units, as packs of the web map: gaps, new places, rates, clusters, answers and work.

Only what `publish.release` let through is packed: the public gets gaps and rates, rounded or withheld there.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.messages import Voice
from govmap.publish import Released
from govmap.render.compact import Pack
from govmap.render.place import Frame, Ground, column, shapes_of

Places = Mapping[str, int]

REASONS = ("none", "full", "closed", "unlisted")  # in the order in which gaps are ranked
LAST = len(REASONS)
EVERY = "all"
PLAIN = ("units",)  # tables without which nothing of this is on the page
TENTHS, HUNDREDTHS, THOUSANDTHS = 10, 100, 1000


def findings(
    released: Released, here: Ground, place: Places, resource_at: Places, voices: Mapping[str, Voice]
) -> dict[str, Pack]:
    """
    Pack every table of findings that has rows for the units of the page.

    Parameters
    ----------
    place
        The row of each unit on the page.
    resource_at
        The row of each resource on the page.
    """
    tables = released.tables
    known = {one["key"]: at for at, one in enumerate(services(released))}
    made = {
        "gaps": _gaps(tables, place, known, resource_at, voices),
        "sites": _sites(tables.get("sites"), here, known, voices),
        "rates": _rates(tables.get("rates"), place),
        "spots": _spots(tables.get("spots"), place),
        "answered": _answered(tables.get("answered"), place),
        "loads": _loads(tables.get("loads"), place),
    }
    return {name: pack for name, pack in made.items() if pack is not None and pack.rows}


# facts of the page ---------------------------------------------------------------------------------------------------
def services(released: Released) -> list[dict[str, Any]]:
    """Give the services that gaps tell of, sorted: key, title, where its number is from, whether that was verified."""
    gaps = released.tables.get("gaps")
    if gaps is None or gaps.empty:
        return []
    found = gaps[["standard", "category"]].dropna().drop_duplicates("standard").sort_values("standard")
    return [_service(key, category) for key, category in zip(found["standard"], found["category"], strict=True)]


def _service(key: str, category: str) -> dict[str, Any]:
    layer, _, row = key.partition("/")
    facts = catalog.layers("standards").get(layer, {}).get(row, {})
    kind = catalog.layers("resources").get(category, {}).get("layer", {})
    plain = {language: (row or category).replace("_", " ") for language in ("en", "zh")}
    return {
        "key": key,
        "places": [category, *facts.get("also", ())],
        "title": {**plain, **kind.get("title", {}), **facts.get("title", {})},
        "source": _source(facts),
        "verified": bool(facts.get("verified", False)),
        "whom": facts.get("whom", EVERY),
    }


def _source(facts: Mapping[str, Any]) -> dict[str, str] | None:
    """Say where a number is from, with its clause and year."""
    told = facts.get("source")
    if told is None:
        return None
    both = {"en": told, "zh": told} if isinstance(told, str) else dict(told)
    clause, year = facts.get("clause", ""), facts.get("year")
    behind = "".join([f", {clause}" if clause else "", f" ({year})" if year else ""])
    return {language: f"{text}{behind}" for language, text in both.items()}


def work(released: Released) -> dict[str, Any] | None:
    """Give what a fair share of work is, and what its items are called."""
    loads = released.tables.get("loads")
    if loads is None or loads.empty:
        return None
    layer = catalog.layer("loads")
    titles = {item["name"]: dict(item["title"]) for item in layer["items"]}
    return {"most": float(layer["fair"]["most_of_mean"]), "source": layer["fair"].get("source"), "items": titles}


def span(released: Released) -> dict[str, str] | None:
    """Give the first and last day of the reports that rates count; None where that is not known."""
    rates = released.tables.get("rates")
    if rates is None:
        return None
    since, until = column(rates, "since").dropna(), column(rates, "until").dropna()
    return {"since": str(since.min())[:10], "until": str(until.max())[:10]} if len(since) and len(until) else None


# packs ---------------------------------------------------------------------------------------------------------------
def _of_page(frame: Frame | None, place: Places) -> Frame | None:
    """Keep the rows of units that the page shows, with the row of the unit."""
    if frame is None or frame.empty:
        return None
    return frame.assign(at=frame["unit_id"].map(place)).dropna(subset="at").reset_index(drop=True)


def _gaps(
    tables: Mapping[str, Frame], place: Places, known: Places, resource_at: Places, voices: Mapping[str, Voice]
) -> Pack | None:
    """Pack gaps, the worst first: none in reach before full before closed, then by people short."""
    rows = _of_page(tables.get("gaps"), place)
    if rows is None:
        return None
    short = pd.to_numeric(column(rows, "people_short")).fillna(0)
    turn = column(rows, "reason").map({reason: at for at, reason in enumerate(REASONS)}).fillna(LAST)
    rows = rows.assign(
        service=rows["standard"].map(known),
        turn=np.where(short > 0, turn, LAST),
        less=-short,
        fewer=-pd.to_numeric(column(rows, "share_short")).fillna(0),
    ).sort_values(["turn", "less", "fewer", "at", "service"], kind="stable", ignore_index=True)
    pack = Pack(len(rows)).numbers("unit", rows["at"]).numbers("service", rows["service"])
    pack.numbers("people", column(rows, "people")).numbers("short", column(rows, "people_short"))
    pack.numbers("share", column(rows, "share_short"), scale=HUNDREDTHS)
    pack.numbers("estimated", column(rows, "share_estimated"), scale=HUNDREDTHS)
    pack.numbers("minutes", column(rows, "walk_min"), scale=TENTHS)
    for name, stored in (("elders", "elders_short"), ("children", "children_short"), ("metres", "distance_m")):
        pack.numbers(name, column(rows, stored))
    pack.texts("reason", column(rows, "reason")).texts("withheld", column(rows, "withheld"))
    pack.texts("site", column(rows, "site_id").map(_names(tables.get("resources"))))
    pack.numbers("site_row", column(rows, "site_id").map(resource_at))
    for language, voice in voices.items():
        pack.texts(f"help_{language}", [_help(one, voice) for one in column(rows, "fixes")])
    return pack


def _names(resources: Frame | None) -> Mapping[str, Any]:
    if resources is None or resources.empty or "resource_id" not in resources:
        return {}
    return dict(zip(resources["resource_id"], column(resources, "name"), strict=True))


def _help(fixes: Any, voice: Voice) -> str | None:
    """Say what would help, the most helpful first, one a line."""
    if not isinstance(fixes, list):
        return None
    return "\n".join(voice.say(one["key"], **one["facts"]) for one in fixes if voice.knows(one.get("key", ""))) or None


def _sites(sites: Frame | None, here: Ground, known: Places, voices: Mapping[str, Voice]) -> Pack | None:
    """Pack the new places that would help most, by service and rank."""
    if sites is None or sites.empty:
        return None
    rows = sites[sites["standard"].isin(list(known))].sort_values(["standard", "rank", "place_id"], ignore_index=True)
    if rows.empty:
        return None
    pack = Pack(len(rows)).shapes(here.degrees(shapes_of(rows))).numbers("service", rows["standard"].map(known))
    for name, stored in (("rank", "rank"), ("reached", "people_covered"), ("gain", "gain")):
        pack.numbers(name, column(rows, stored))
    titles = {kind["name"]: kind["title"] for kind in catalog.layer("siting")["kinds"]}
    for language in voices:
        kinds = [titles.get(kind, {}).get(language, kind) for kind in column(rows, "place_kind")]
        pack.texts(f"kind_{language}", kinds)
    return pack.texts("name", column(rows, "name"))


def _rates(rates: Frame | None, place: Places) -> Pack | None:
    """Pack the rates of units, in reports of a thousand households."""
    rows = _of_page(rates, place)
    if rows is None:
        return None
    rows = rows.assign(kind=column(rows, "category").fillna(EVERY)).sort_values(["kind", "at"], kind="stable")
    pack = Pack(len(rows)).numbers("unit", rows["at"]).texts("category", rows["kind"])
    for name in ("rate", "low", "high", "raw"):
        pack.numbers(name, pd.to_numeric(column(rows, name)) * THOUSANDTHS, scale=TENTHS)
    pack.numbers("count", column(rows, "count")).numbers("households", column(rows, "households"))
    pack.numbers("estimated", column(rows, "share_estimated"), scale=HUNDREDTHS)
    return pack.numbers("few", column(rows, "too_small").fillna(value=False).astype(int))


def _spots(spots: Frame | None, place: Places) -> Pack | None:
    """Pack where reports cluster; `release` gives this to nobody outside the office."""
    rows = _of_page(spots, place)
    if rows is None:
        return None
    rows = rows.assign(about=column(rows, "category").fillna(EVERY)).sort_values(["about", "at"], kind="stable")
    pack = Pack(len(rows)).numbers("unit", rows["at"]).texts("category", rows["about"])
    return pack.texts("kind", column(rows, "kind")).numbers("levels", column(rows, "stable_levels"))


def _answered(answered: Frame | None, place: Places) -> Pack | None:
    """Pack how the reports of each unit were answered, all kinds together."""
    rows = _of_page(answered, place)
    if rows is None:
        return None
    rows = rows[column(rows, "category").fillna(EVERY) == EVERY].sort_values("at", kind="stable")
    pack = Pack(len(rows)).numbers("unit", rows["at"])
    for name in ("cases", "open", "overdue"):
        pack.numbers(name, column(rows, name))
    for name in ("responded", "resolved", "satisfied_resident", "satisfied_office"):
        pack.numbers(name, column(rows, name), scale=THOUSANDTHS)
    return pack.numbers("hours", column(rows, "hours_median"), scale=TENTHS)


def _loads(loads: Frame | None, place: Places) -> Pack | None:
    """Pack the hours a month of each item of work."""
    rows = _of_page(loads, place)
    if rows is None:
        return None
    rows = rows.sort_values(["at", "item"], kind="stable")
    pack = Pack(len(rows)).numbers("unit", rows["at"]).texts("item", rows["item"])
    pack.numbers("hours", column(rows, "hours"), scale=HUNDREDTHS)
    return pack.numbers("estimated", column(rows, "share_estimated"), scale=HUNDREDTHS)
