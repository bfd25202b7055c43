"""The gate itself: who asks, what passes, what was withheld, and what is written down of it.

The public sees counts of people by unit alone, rounded, none of fewer than k, and none that the totals or what was
published before would give away. Everyone else is inside the office (`--internal`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

import pandas as pd

from govmap.messages import Note, note
from govmap.publish import allowed, counts, derived, hexagons
from govmap.publish.allowed import Tables
from govmap.publish.assessed import assessed, settled
from govmap.publish.hidden import Hidden, open_places, unnamed
from govmap.publish.history import guard, publications
from govmap.publish.located import located
from govmap.publish.nameless import nameless, numbered
from govmap.publish.rounding import column_of, keys_of
from govmap.publish.suppress import close
from govmap.publish.unplaced import unplaced
from govmap.publish.wording import mask, masked
from govmap.schema import TABLES

Audience: TypeAlias = Literal["public", "official", "planner", "worker"]
Withheld: TypeAlias = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Released:
    """
    Tables that one audience may see; made by `release` alone.

    `numbers` says which number stands in them for a key of the project, where keys gave way to numbers: only for what
    the office itself puts beside these tables, as who answers; it is written nowhere.
    """

    tables: Tables
    audience: Audience
    plan_id: str
    edition: int
    k: int
    at: datetime
    suppressed: Withheld
    publications: pd.DataFrame
    privacy_report: Mapping[str, Any]
    estimated_share: float | None = None
    notes: tuple[Note, ...] = ()
    georeferenced: bool = True
    numbers: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def called(self, kind: str, key: str) -> str:
        """Give what a key of the project is called in these tables; `kind` is the name of its column."""
        return self.numbers.get(kind, {}).get(key, key)

    @property
    def internal(self) -> bool:
        """Tell whether this must stay inside the office."""
        return self.audience != "public"

    def worded(self, text: str) -> str:
        """Give words that somebody typed for this publication (a title, a headline) as this audience may read them."""
        return text if self.internal else mask(text)


def release(
    tables: Tables,
    *,
    audience: Audience,
    plan_id: str,
    edition: int,
    k: int = 10,
    previous: pd.DataFrame | None = None,
    at: datetime,
    zone: str = "UTC",
    georeferenced: bool = True,
) -> Released:
    """
    Let through what one audience may see of a plan.

    Parameters
    ----------
    tables
        Tables of the project by name; of tables that hold several plans only the rows of `plan_id` pass.
    audience
        `public` gets aggregates; the others are inside the office.
    edition
        Edition of the cells that the plan stands on.
    k
        Fewest people that a published count may stand for.
    previous
        The table `publications`: all that was published before, against which this one is held.
    at
        Moment of publication, with its zone.
    zone
        Of the office's clock, by which days are counted.
    georeferenced
        Whether the public form may say where on earth it lies; if not, shapes are measured from a corner of their own,
        have no coordinate system, and keys are numbers that lead to no other map.

    Returns
    -------
    released
        The tables with the columns on the list; `units` with `withheld` and `estimated_share`, `buildings`,
        `resources` and `incidents` with their `unit_id`, and `totals` of each community.

    Notes
    -----
    Numbers here are withheld until they give nobody away. What publications of before give away among themselves no
    number withheld here takes back: it is told, never a reason to publish nothing.
    """
    public, rule = audience == "public", hexagons.Rule.known()
    ours = allowed.of_plan(tables, plan_id)
    ours, hidden = open_places(ours) if public else (ours, Hidden(frozenset(), {}))
    found = counts.homes(ours)
    made, suppressed, secret = _counted(ours, found, k=k, zone=zone, at=at if public else None)
    made["tallies"] = made["tallies"].assign(plan_id=plan_id)
    rows, past = _nothing_published(), 0
    if public:
        guarded = guard({**ours, **made}, found, previous, k=k, fewest=rule.fewest)
        made |= guarded.tables | {"units": _without_reasons(guarded.tables["units"])}
        made = settled(made, k)
        suppressed, past = (*suppressed, *guarded.suppressed), len(guarded.past)
        rows = publications(guarded.rows, (audience, plan_id, edition), k, at, fewest=rule.fewest)
    passed, dropped = allowed.columns(unnamed({**ours, **made}, hidden), public=public)
    passed, words = masked(passed) if public else (passed, {})
    placed = georeferenced or not public
    facts = {"audience": audience, "plan_id": plan_id, "edition": edition, "k": k, "at": at.isoformat()}
    few = _told_secret(made["totals"], secret) if public else secret
    report = facts | _report(passed, dropped, _by_code(suppressed, ours), hidden.gone, few, k)
    report |= {"words_masked": words}
    report |= {"differencing_checked": public, "leaks_of_before": past, "georeferenced": placed}
    numbers = {} if placed else numbered(passed)
    passed = passed if placed else nameless(unplaced(passed), numbers)
    share = _share(counts.guesses(ours, found).sum(), made["totals"] if public else None, k)
    told = _notes(report)
    return Released(passed, audience, plan_id, edition, k, at, suppressed, rows, report, share, told, placed, numbers)


def reports_for_all(incidents: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Give the incidents of which everybody may be told at this moment: none of a sensitive kind, none too young."""
    told, _ = counts.told_incidents(incidents, counts.Homes({}, {}, {}, {}))
    old = hexagons.old_enough(told, at, days=hexagons.Rule.known().days)
    return incidents.iloc[:0] if old is None else old


def _counted(
    tables: Tables, found: counts.Homes, *, k: int, zone: str, at: datetime | None
) -> tuple[dict[str, pd.DataFrame], Withheld, int]:
    """
    Bring buildings, resources, incidents and units into the form the audience may see; count the sensitive.

    `at` is the moment at which the public is told; None inside the office.
    """
    public, rule = at is not None, hexagons.Rule.known()
    made = {
        name: located(tables[name].assign(unit_id=found.of(tables[name])), tables)
        for name in ("buildings", "resources")
        if name in tables
    }
    told, secret = counts.told_incidents(tables.get("incidents"), found)
    told = hexagons.old_enough(told, at, days=rule.days) if at is not None else told
    sums = counts.guesses(tables, found)
    share = sums["guess"] / sums["weight"].where(sums["weight"] > 0)
    share = share if public else share.round(2)
    units = tables["units"].assign(withheld=None, estimated_share=tables["units"]["unit_id"].map(share))
    tallies = counts.tally(tables.get("tallies"), told, units, by_category=not public)
    totals = counts.total(units, tallies, secret)
    if told is not None:
        made["incidents"] = located(told, tables)
    hidden = 0 if secret is None else len(secret)
    if not public:
        made |= {"units": units, "tallies": tallies, "totals": counts.without_few(totals, k)}
        return made | assessed(tables, told, secret, None, k, found=found, zone=zone), (), hidden
    closed = close(units, tallies, totals, k, fewest=rule.fewest, homes=_shown_homes(units, tables, found))
    made |= {"incident_places": hexagons.places(told, tables, rule)} if told is not None else {}
    made |= {"units": closed.units, "tallies": closed.tallies, "totals": closed.totals}
    results = assessed(tables, told, secret, closed, k, found=found, zone=zone, fewest=rule.fewest)
    return made | results, closed.suppressed, hidden


def _shown_homes(units: pd.DataFrame, tables: Tables, found: counts.Homes) -> "pd.Series[Any]":
    """Round households as they will be shown: a rule by what is shown tells nothing of what is not."""
    areas = [found.area(one) for one in units["unit_id"]]
    keys = keys_of(tables.get("parts", pd.DataFrame({"part_id": []})))
    return column_of(counts.numbers(units, "households"), ["households"] * len(units), areas, keys).astype(float)


def _share(sums: "pd.Series[float]", totals: pd.DataFrame | None, k: int) -> float | None:
    """Give the estimated share of all households; to the public as finely as their published number allows."""
    if not sums["weight"] > 0:
        return None
    share = float(sums["guess"] / sums["weight"])
    if totals is None:
        return round(share, 2)
    homes = pd.Series([sum(one or 0 for one in derived.totals_of(totals, "households").values())])
    return float(derived.about(pd.Series([share]), homes, k, most=derived.HUNDREDTHS).iloc[0])


def _told_secret(totals: pd.DataFrame, secret: int) -> int | None:
    """Count the sensitive incidents as the public is told of them; None where they are few in one community."""
    told = totals.loc[totals["category"] == "sensitive", "count"]
    return None if secret and (told.empty or told.isna().any()) else int(told.sum())


def _nothing_published() -> pd.DataFrame:
    return pd.DataFrame(columns=TABLES["publications"].names)


def _without_reasons(units: pd.DataFrame) -> pd.DataFrame:
    """Say of a unit that its numbers are withheld, never why: that it is under k would itself be told of its people."""
    hidden = units["withheld"].notna()
    return units.assign(
        withheld=pd.Series(["withheld"] * len(units), index=units.index, dtype=object).where(hidden, None)
    )


def _report(
    passed: Tables,
    dropped: Mapping[str, list[str]],
    suppressed: Withheld,
    gone: Mapping[str, int],
    secret: int | None,
    k: int,
) -> dict[str, Any]:
    """Say what passed, what was left behind and why."""
    return {
        "tables": {
            name: {"rows": len(frame), "columns": [str(one) for one in frame.columns], "dropped": dropped[name]}
            for name, frame in sorted(passed.items())
        },
        "tables_withheld": sorted(set(dropped) - set(passed)),
        "places_withheld": dict(sorted(gone.items())),
        "sensitive_incidents": secret if secret is None or secret == 0 or secret >= k else None,
        "suppressed": [dict(one) for one in suppressed],
    }


def _by_code(suppressed: Withheld, tables: Tables) -> Withheld:
    """Name units and communities by the codes that stand on the map, not by the keys of the project."""
    names: dict[Any, Any] = {}
    for table, key in (("communities", "community_id"), ("units", "unit_id")):
        frame = tables.get(table, pd.DataFrame({key: []}))
        known = allowed.column(frame, "code")
        names |= dict(zip(frame[key], known.where(known.notna(), frame[key]), strict=True))
    return tuple(
        {"area": names.get(one["unit_id"], one["unit_id"]), **{name: one[name] for name in ("statistic", "reason")}}
        for one in suppressed
    )


def _notes(report: Mapping[str, Any]) -> tuple[Note, ...]:
    """What a user should know of it."""
    units = len({one["area"] for one in report["suppressed"]})
    places, words = (sum(report[one].values()) for one in ("places_withheld", "words_masked"))
    told = [
        (units, note("publish_suppressed", count=units, k=report["k"])),
        (places, note("publish_places_withheld", count=places)),
        (words, note("publish_masked", count=words)),
        (report["sensitive_incidents"], note("publish_sensitive", count=report["sensitive_incidents"])),
        (report["leaks_of_before"], note("publish_past_leaks", count=report["leaks_of_before"], k=report["k"])),
        (report["sensitive_incidents"] is None, note("publish_sensitive_few", k=report["k"])),
    ]
    return tuple(one for count, one in told if count)
