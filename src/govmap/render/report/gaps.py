"""The section on gaps: what is missing for how many, where, why, and what would mend it; each with its source."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from govmap import catalog
from govmap.messages import Note
from govmap.render.place import Frame, column
from govmap.render.report import charts
from govmap.render.report.desk import NOTHING, Desk, numbers, records
from govmap.render.report.paper import Cell, Picture, Section, Table, Writer, cells
from govmap.render.scene import Entry, Show
from govmap.render.svg import SOFT

REASONS = ("none", "full", "closed")
SHARES = ((0.75, "#b2182b"), (0.4, "#ef8a62"), (0.0, "#fddbc7"))
RANKED_MOST = 20
DISC_MOST, DISC_LEAST = 7.0, 0.8
THIRDS = 3


def section(desk: Desk) -> Section:
    """Write the section."""
    made = desk.writer("gaps")
    gaps = desk.of_level("gaps")
    if gaps.empty:
        made.say(desk.say("report_gaps_missing"), "missing")
        return made.done()
    rows = gaps.assign(short=numbers(gaps, "people_short"), all=numbers(gaps, "people"))
    _head(desk, made, rows)
    if desk.assessed.get("at"):
        made.say(desk.say("report_gaps_at", at=desk.assessed["at"]), "caveat")
    made.add(_by_standard(desk, rows))
    made.add(_ranked(desk, rows))
    made.add(_map(desk, rows))
    matrix = _matrix(desk, rows)
    made.add(matrix)
    made.say(desk.say("report_matrix_told") if matrix else "", "source")
    made.add(_sites(desk))
    made.add(_norms(desk))
    unlisted = sorted({desk.category(one) for one in rows.loc[rows["short"].isna() & ~_hidden(rows), "category"]})
    if unlisted:
        made.say(desk.say("report_gaps_unlisted", kinds=unlisted), "caveat")
        made.say(desk.say("report_gaps_enter"), "missing")
    made.say(desk.say("report_gaps_source"), "source")
    made.say(desk.say("report_gaps_caveat"), "caveat")
    made.add(_sources(desk, rows))
    return made.done()


def _hidden(rows: Frame) -> "pd.Series[bool]":
    return column(rows, "withheld").notna()


def _head(desk: Desk, made: Writer, rows: Frame) -> None:
    short = rows[rows["short"] > 0]
    sets = sorted({str(one).partition("/")[0] for one in column(rows, "standard").dropna()})
    titles = [desk.title(_head_of(name).get("title"), name) for name in sets]
    kinds = column(short, "category").nunique()
    hit = int(short["unit_id"].nunique())
    key = "report_gaps_head" if hit else "report_gaps_none"
    made.say(desk.say(key, standards=titles, kinds=int(kinds), hit=hit))
    withheld = int(_hidden(rows).sum())
    if withheld:
        made.say(desk.say("report_gaps_withheld", count=withheld, k=desk.released.k), "caveat")


def _head_of(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = catalog.layers("standards").get(name, {}).get("standard", {})
    return found


def standard_title(desk: Desk, name: Any, category: Any) -> str:
    """Call a standard by its title, else by the kind of place and its own name."""
    titles = desk.standard(name).get("title")
    return desk.title(titles, f"{desk.category(category)} ({name})")


def _by_standard(desk: Desk, rows: Frame) -> Table:
    """Sum people short over units, by standard; the worst first."""
    keys = ["category", "standard"]
    guess = numbers(rows, "share_estimated").fillna(1.0) > 0
    rows = rows.assign(standard=column(rows, "standard").fillna(""), guess=guess.astype(int))
    groups = rows.groupby(keys, sort=True)
    sums = pd.concat([groups["short"].sum(min_count=1), groups[["all", "guess"]].sum()], axis=1).reset_index()
    hit = rows[rows["short"] > 0].groupby(keys).size().rename("hit").reset_index()
    sums = sums.merge(hit, on=keys, how="left").sort_values(
        ["short", *keys], ascending=[False, True, True], kind="stable"
    )
    made = [_sum_row(desk, one) for one in records(sums)]
    names = ("service", "people_short", "share_short", "units_hit", "source")
    head = tuple(desk.say(f"report_{name}") for name in names)
    return Table(desk.say("report_gaps_by_kind"), head, tuple(made), frozenset({1, 2, 3}), (0.3, 0.12, 0.1, 0.1, 0.38))


def _sum_row(desk: Desk, one: Mapping[str, Any]) -> tuple[Cell, ...]:
    facts = desk.standard(one["standard"])
    told: list[Cell | str] = [
        Cell(standard_title(desk, one["standard"], one["category"]), faint=facts.get("verified") is False)
    ]
    if one["short"] is None:
        told += [Cell(desk.say("report_not_listed"), faint=True), NOTHING, NOTHING]
    else:
        told += [Cell(desk.number(one["short"], about=one["guess"]), red=one["short"] > 0)]
        told += [desk.share(one["short"] / one["all"] if one["all"] else None), desk.number(one["hit"] or 0)]
    return cells([*told, desk.told(facts.get("source"))])


def worst(rows: Frame) -> Frame:
    """Order gaps as `assess` does: none in reach before full before closed, then by people short, then by share."""
    turn = column(rows, "reason").map({name: at for at, name in enumerate(REASONS)}).fillna(len(REASONS))
    rows = rows.assign(_turn=turn, _less=-rows["short"], _fewer=-numbers(rows, "share_short"))
    order = ["_turn", "_less", "_fewer", "unit_id", "category"]
    return rows[rows["short"] > 0].sort_values(order, kind="stable").reset_index(drop=True)


def _ranked(desk: Desk, rows: Frame) -> Table | None:
    found = worst(rows)
    if found.empty:
        return None
    made = [_ranked_row(desk, at, row) for at, row in enumerate(records(found.head(RANKED_MOST)), 1)]
    names = ["rank", "unit", "service", "people_short", "share_short", "nearest", "reason"]
    inside = desk.released.internal
    names += ["fix"] if inside else []
    head = tuple(desk.say(f"report_{name}") for name in names)
    widths = (0.05, 0.12, 0.2, 0.1, 0.09, 0.1, 0.12, 0.22) if inside else (0.06, 0.16, 0.28, 0.13, 0.12, 0.13, 0.12)
    title = desk.say("report_gaps_ranked", shown=len(made), count=len(found))
    return Table(title, head, tuple(made), frozenset({0, 3, 4, 5}), widths)


def _ranked_row(desk: Desk, at: int, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    about = row.get("share_estimated") is None or pd.isna(row.get("share_estimated")) or row["share_estimated"] > 0
    unverified = desk.standard(row.get("standard")).get("verified") is False
    told: list[Cell | str] = [str(at), desk.unit(row["unit_id"])]
    told += [Cell(standard_title(desk, row.get("standard"), row["category"]), faint=unverified)]
    told += [Cell(desk.number(row["short"], about=about), red=True), desk.share(row.get("share_short"), about=about)]
    minutes = row.get("walk_min")
    told += [NOTHING if minutes is None or pd.isna(minutes) else desk.say("report_minutes", count=f"{minutes:.0f}")]
    told += [reason_of(desk, row.get("reason"))]
    if desk.released.internal:
        told += [fixes(desk, row.get("fixes"))]
    return cells(told)


def reason_of(desk: Desk, reason: Any) -> str:
    """Say why a unit is short; a word of the list's own stays as it is."""
    if reason is None or pd.isna(reason):
        return NOTHING
    key = f"assess_reason_{reason}"
    return desk.say(key) if desk.voice.knows(key) else str(reason).replace("_", " ")


def fixes(desk: Desk, stored: Any) -> str:
    """Say what would mend a gap: the first of what is stored, by key and facts or in plain words."""
    listed = json.loads(stored) if isinstance(stored, str) else stored
    if not isinstance(listed, list) or not listed:
        return NOTHING
    return noted(desk, listed[0]) or NOTHING


def noted(desk: Desk, stored: Any) -> str:
    """Tell what was stored as key and facts; what is no such thing is told as nothing."""
    if not isinstance(stored, Mapping):
        return ""
    stored = stored.get("note") if isinstance(stored.get("note"), Mapping) else stored
    key, facts = stored.get("key"), stored.get("facts") or {}
    if not isinstance(key, str) or not desk.voice.knows(key):
        return ""
    try:
        return desk.voice.tell(Note(key, {name: _fact(value) for name, value in facts.items()}))
    except (KeyError, IndexError, ValueError):  # facts of another version of the program
        return ""


def _fact(value: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(value.get("key"), str):
        return Note(value["key"], {name: _fact(one) for name, one in (value.get("facts") or {}).items()})
    return [_fact(one) for one in value] if isinstance(value, list) else value


def _map(desk: Desk, rows: Frame) -> Picture | None:
    """
    Draw the kind of place that most people are short of: circles as large as people short, coloured by share.

    Kinds that others than a community decide on (a metro station) are drawn only where nothing else is missing.
    """
    rows = rows.assign(standard=column(rows, "standard").fillna(""))
    ours = rows[~rows["category"].isin(catalog.layer("siting").get("elsewhere", {}).get("categories", []))]
    wanted = ours if (ours["short"] > 0).any() else rows
    sums = wanted.groupby(["category", "standard"], sort=True)["short"].sum()
    if sums.empty or not sums.max() > 0:
        return None
    category, standard = sums.index[int(sums.to_numpy().argmax())]
    mine = rows[
        (rows["category"] == category) & (column(rows, "standard").fillna("") == standard) & (rows["short"] > 0)
    ]
    most = float(mine["short"].max())
    share = numbers(mine, "share_short").fillna(0)
    discs = {
        unit: (radius(short, most), colour_of(one))
        for unit, short, one in zip(mine["unit_id"], mine["short"], share, strict=True)
    }
    hidden = rows.loc[column(rows, "withheld").notna() & (rows["category"] == category), "unit_id"]
    legend = [Entry("disc", SOFT, desk.say("report_map_disc", count=f"{most:,.0f}"), 1.6)]
    lows = [low for low, _ in SHARES]
    for (low, colour), high in zip(SHARES, [1.0, *lows], strict=False):
        legend.append(Entry("fill", colour, desk.say("report_map_share", low=f"{low:.0%}", high=f"{high:.0%}")))
    legend += [Entry("hatch", "", desk.say("report_map_withheld"))] if len(hidden) else []
    title = desk.say("report_map_gaps", service=standard_title(desk, standard, category))
    show = Show(discs=discs, hatched=frozenset(hidden), legend=legend)
    return desk.map("gaps", title, show)


def radius(short: float, most: float) -> float:
    """Give the radius of a circle whose area stands for people."""
    return round(max(DISC_MOST * float(np.sqrt(short / most)), DISC_LEAST), 2)


def colour_of(share: float) -> str:
    """Give the colour of a share short."""
    return next(colour for low, colour in SHARES if share >= low)


def _matrix(desk: Desk, rows: Frame) -> Picture | None:
    """Place units by how many people they have and which share of them is served, each in thirds."""
    rows = rows[rows["all"] > 0].dropna(subset=["short"])
    need = rows.groupby("unit_id", sort=True)["all"].max()
    if len(need) < THIRDS:
        return None
    served = 1 - rows.groupby("unit_id", sort=True)["short"].sum() / rows.groupby("unit_id", sort=True)["all"].sum()
    high, good = _thirds(need), _thirds(served)
    told: dict[tuple[int, int], list[str]] = {}
    for unit, row, at in zip(need.index, THIRDS - 1 - high, good, strict=True):
        told.setdefault((int(row), int(at)), []).append(str(unit))
    words = {at: desk.several(ids, 5) for at, ids in told.items()}
    names = [desk.say(f"report_third_{one}") for one in ("low", "middle", "high")]
    title = desk.say("report_matrix")
    sides = (desk.say("report_matrix_need"), desk.say("report_matrix_supply"))
    counts = {at: len(ids) for at, ids in told.items()}
    drawn = charts.matrix(words, counts, title=title, need=names[::-1], supply=names, sides=sides)
    return Picture(title, drawn.svg(), drawn.width_mm, drawn.height_mm)


def _thirds(values: "pd.Series[float]") -> Any:
    """Put values into thirds by rank; equal values always fall together."""
    rank = values.rank(method="min").to_numpy() - 1
    return np.minimum((rank * THIRDS / max(len(values), 1)).astype(int), THIRDS - 1)


def _sites(desk: Desk) -> Table | None:
    sites = desk.table("sites")
    if sites.empty:
        return None
    sites = sites.assign(standard=column(sites, "standard").fillna(""), rank=numbers(sites, "rank"))
    sites = sites.sort_values(["category", "standard", "rank", "place_id"], kind="stable")
    rows = []
    for one in records(sites.head(RANKED_MOST)):
        told = [standard_title(desk, one["standard"], one["category"]), desk.number(one["rank"])]
        told += [str(one.get("name") or one.get("place_id")), place_kind(desk, one.get("place_kind"))]
        told += [desk.number(one.get("gain"), about=True), desk.number(one.get("people_covered"), about=True)]
        rows.append(cells(told))
    head = tuple(desk.say(f"report_{name}") for name in ("service", "rank", "place", "place_kind", "gain", "covered"))
    title = desk.say("report_sites")
    return Table(title, head, tuple(rows), frozenset({1, 4, 5}), (0.28, 0.07, 0.27, 0.14, 0.12, 0.12))


def place_kind(desk: Desk, kind: Any) -> str:
    """Say what kind of place a proposed site is."""
    kinds = {one["name"]: one["title"] for one in catalog.layer("siting").get("kinds", [])}
    return desk.title(kinds[kind], kind) if kind in kinds else desk.category(kind or NOTHING)


def measure(desk: Desk, unit: Any) -> str:
    """Say in what an amount a head is measured."""
    key = f"assess_unit_{unit}"
    return desk.say(key) if desk.voice.knows(key) else str(unit or "")


def _norms(desk: Desk) -> Table | None:
    norms = desk.table("norms")
    if norms.empty:
        return None
    rows = []
    for one in records(norms):
        lack = one.get("short")
        told: list[Cell | str] = [standard_title(desk, one["standard"], one["category"])]
        told += [desk.number(one.get("have"), places=1), desk.number(one.get("need"), places=1, about=True)]
        told += [Cell(desk.number(lack, places=1, about=True), red=bool(lack and lack > 0))]
        told += [measure(desk, one.get("unit")), desk.told(one.get("source"))]
        rows.append(cells(told))
    head = tuple(desk.say(f"report_{name}") for name in ("service", "have", "need", "short", "measure", "source"))
    return Table(desk.say("report_norms"), head, tuple(rows), frozenset({1, 2, 3}), (0.26, 0.1, 0.1, 0.1, 0.1, 0.34))


def _sources(desk: Desk, rows: Frame) -> Table | None:
    """List the source of every standard that was asked, with clause, year and whether it was seen there."""
    made = []
    for name in sorted(set(column(rows, "standard").dropna())):
        facts = desk.standard(name)
        if facts:
            state = "report_verified" if facts.get("verified") else "report_unverified"
            told = [desk.title(facts.get("title"), name), desk.told(facts.get("source"))]
            told += [desk.told(facts.get("clause")), str(facts.get("year") or NOTHING), desk.say(state)]
            made.append(cells([Cell(one, faint=not facts.get("verified")) for one in told]))
    if not made:
        return None
    head = tuple(desk.say(f"report_{name}") for name in ("service", "source", "clause", "year", "seen"))
    return Table(desk.say("report_standards"), head, tuple(made), frozenset({3}), (0.3, 0.32, 0.18, 0.08, 0.12))
