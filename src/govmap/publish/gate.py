"""The gate itself: who asks, what passes, what was withheld, and what is written down of it.

The public sees counts of people by unit alone, none of fewer than k, and none that the totals would give away.
Everyone else is inside the office (`--internal`). What two publications give away together is not looked at here yet:
what was published is written down so that it can be.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from govmap.messages import Note, note
from govmap.publish import allowed, counts
from govmap.publish.allowed import Tables, column
from govmap.publish.suppress import close
from govmap.schema import TABLES

Audience: TypeAlias = Literal["public", "official", "planner", "worker"]
Withheld: TypeAlias = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Released:
    """Tables that one audience may see; made by `release` alone."""

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

    @property
    def internal(self) -> bool:
        """Tell whether this must stay inside the office."""
        return self.audience != "public"


def release(
    tables: Tables,
    *,
    audience: Audience,
    plan_id: str,
    edition: int,
    k: int = 10,
    previous: pd.DataFrame | None = None,
    at: datetime,
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
        The table `publications`: a publication already written there is not written again.
    at
        Moment of publication, with its zone.

    Returns
    -------
    released
        The tables with the columns on the list; `units` with `withheld` and `estimated_share`, `buildings`,
        `resources` and `incidents` with their `unit_id`, and `totals` of each community.
    """
    public = audience == "public"
    ours = allowed.of_plan(tables, plan_id)
    ours, gone = allowed.open_places(ours) if public else (ours, {})
    found = counts.homes(ours)
    made, suppressed, secret = _counted(ours, found, k=k, public=public)
    made["tallies"] = made["tallies"].assign(plan_id=plan_id)
    passed, dropped = allowed.columns({**ours, **made}, public=public)
    rows = _publications(passed, found, (audience, plan_id, edition), at) if public else _nothing_published()
    if previous is not None and len(rows) and rows["publication_id"].iloc[0] in set(previous["publication_id"]):
        rows = _nothing_published()
    facts = {"audience": audience, "plan_id": plan_id, "edition": edition, "k": k, "at": at.isoformat()}
    report = facts | _report(passed, dropped, suppressed, gone, secret, k)
    share = _share(counts.guesses(ours, found).sum())
    return Released(passed, audience, plan_id, edition, k, at, suppressed, rows, report, share, _notes(report))


def _counted(
    tables: Tables, found: counts.Homes, *, k: int, public: bool
) -> tuple[dict[str, pd.DataFrame], Withheld, int]:
    """Bring buildings, resources, incidents and units into the form the audience may see; count the sensitive."""
    made = {
        name: tables[name].assign(unit_id=found.of(tables[name]))
        for name in ("buildings", "resources")
        if name in tables
    }
    told, secret = counts.told_incidents(tables.get("incidents"), found)
    sums = counts.guesses(tables, found)
    share = (sums["guess"] / sums["weight"].where(sums["weight"] > 0)).round(2)
    units = tables["units"].assign(withheld=None, estimated_share=tables["units"]["unit_id"].map(share))
    tallies = counts.tally(tables.get("tallies"), told, units, by_category=not public)
    totals = counts.total(units, tallies, secret)
    if told is not None:
        made["incidents"] = told
    hidden = 0 if secret is None else len(secret)
    if not public:
        return {**made, "units": units, "tallies": tallies, "totals": counts.without_few(totals, k)}, (), hidden
    closed = close(units, tallies, totals, k)
    return (
        {**made, "units": closed.units, "tallies": closed.tallies, "totals": closed.totals},
        closed.suppressed,
        hidden,
    )


def _share(sums: "pd.Series[float]") -> float | None:
    return round(float(sums["guess"] / sums["weight"]), 2) if sums["weight"] > 0 else None


def _nothing_published() -> pd.DataFrame:
    return pd.DataFrame(columns=TABLES["publications"].names)


def _publications(tables: Tables, found: counts.Homes, what: tuple[str, str, int], at: datetime) -> pd.DataFrame:
    """Write down what the public gets of people: one row a statistic and area, the area as its parts."""
    units = tables["units"].set_index("unit_id")
    area = {unit: " ".join(found.parts.get(unit, [])) or str(unit) for unit in units.index}
    rows = [
        (name, area[unit], _value(value))
        for name in ("households", "residents")
        for unit, value in zip(units.index, column(units, name), strict=True)
    ]
    tallies = tables["tallies"][tables["tallies"]["theme"] != "resources"]
    told = column(tallies, "people").where(column(tallies, "people").notna(), column(tallies, "count"))
    names = tallies["theme"].astype(str) + "/" + tallies["category"].astype(str)
    rows += [(name, area[unit], _value(one)) for name, unit, one in zip(names, tallies["unit_id"], told, strict=True)]
    rows.sort()
    text = json.dumps([*what, rows], ensure_ascii=False).encode("utf-8", "surrogatepass")
    name = "p" + hashlib.sha256(text).hexdigest()[:12]
    return pd.DataFrame([(name, at, *what, *row) for row in rows], columns=TABLES["publications"].names)


def _value(value: Any) -> str:
    return json.dumps({"value": None if pd.isna(value) else int(value)})


def _report(
    passed: Tables,
    dropped: Mapping[str, list[str]],
    suppressed: Withheld,
    gone: Mapping[str, int],
    secret: int,
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
        "sensitive_incidents": secret if secret == 0 or secret >= k else None,
        "suppressed": [dict(one) for one in suppressed],
        "differencing_checked": False,
    }


def _notes(report: Mapping[str, Any]) -> tuple[Note, ...]:
    """What a user should know of it."""
    units = len({one["unit_id"] for one in report["suppressed"]})
    places = int(np.sum(list(report["places_withheld"].values())))
    told = [
        (units, note("publish_suppressed", count=units, k=report["k"])),
        (places, note("publish_places_withheld", count=places)),
        (report["sensitive_incidents"], note("publish_sensitive", count=report["sensitive_incidents"])),
        (report["sensitive_incidents"] is None, note("publish_sensitive_few", k=report["k"])),
    ]
    return tuple(one for count, one in told if count)
