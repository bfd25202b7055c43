"""Every invariant of a project: tables in, findings out.

Each rule is a small function over the tables of one moment; what it yields is either a fault of the data (someone
edited the file by other means, or we made a mistake) or nothing. What is allowed but worth knowing is in the
reports of the steps, not here. `ground`, `plans` and `records` hold the rules of their tables under the names by which
the texts `check_NAME` tell them.
"""

from dataclasses import dataclass

from govmap.check import ground, plans, records
from govmap.check.ground import barring_lines
from govmap.check.plans import replay
from govmap.check.rule import Rules, Tables
from govmap.messages import Note, note

__all__ = ["NEEDED", "RULES", "Finding", "barring_lines", "findings", "replay"]
RULES: Rules = ground.RULES | plans.RULES | records.RULES
SHOWN_IDS = 10


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold, the rows it concerns, and what to say of it."""

    rule: str
    ids: tuple[str, ...]

    @property
    def note(self) -> Note:
        """What to tell the user: how many rows, and the first of them."""
        return note(f"check_{self.rule}", count=len(self.ids), first=list(self.ids[:SHOWN_IDS]))


NEEDED = (
    "communities", "buildings", "barriers", "streets", "compounds", "cells", "parts", "plans", "plan_parts",
    "revisions", "revision_parts", "units", "imports", "rejects", "residents", "tallies", "incidents", "incident_log",
    "gaps", "norms", "agreements", "objections", "comments", "offers", "base_edits",
)  # fmt: skip


def findings(tables: Tables) -> list[Finding]:
    """Try every rule on the tables named in `NEEDED`."""
    tried = ((rule, sorted({f"{one}" for one in ids(tables)})) for rule, ids in RULES.items())
    return [Finding(rule, tuple(ids)) for rule, ids in tried if ids]
