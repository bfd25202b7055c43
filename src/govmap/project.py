"""One open project: its tables, settings, editions, plans and their revisions.

The only module that opens a store. Every change goes through `Project.change`: one transaction with its audit row.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from govmap.catalog import Profile, profile
from govmap.errors import InputError, PlanError, StaleError
from govmap.plan import Plan
from govmap.store import geopackage

if TYPE_CHECKING:
    from pyproj import CRS

    from govmap.store.base import Where
    from govmap.store.geopackage import GeoPackage
    from govmap.store.persons import PersonsFile
    from govmap.store.session import Session

BASE_TABLES = ("buildings", "barriers", "communities", "compounds", "entrances", "streets")


def now() -> datetime:
    """Give the present moment, or SOURCE_DATE_EPOCH where builds must repeat byte for byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)


@dataclass
class Change:
    """A transaction on a project: the store's session, and what the project adds to it."""

    session: "Session"
    at: datetime
    author: str
    _facts: dict[str, str | None] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)

    @property
    def facts(self) -> Mapping[str, str | None]:
        """All facts of the project as they stand now."""
        return self._facts

    def get(self, key: str) -> str | None:
        """Read one fact of the project."""
        return self._facts.get(key)

    def set(self, key: str, value: str) -> None:
        """Write one fact of the project."""
        self._facts[key] = value
        self.session.upsert("project", pd.DataFrame({"key": [key], "value": [value]}))

    def unset(self, key: str) -> None:
        """Take out one fact of the project."""
        self._facts.pop(key, None)
        self.session.delete("project", where={"key": key})

    def base_changed(self) -> None:
        """Say that cells must be made anew before they are used."""
        self.set("base_version", str(int(self.get("base_version") or "0") + 1))

    def revise(
        self,
        plan: Plan,
        moves: pd.DataFrame,
        *,
        action: str,
        parent: str | None,
        detail: Mapping[str, Any] | None = None,
    ) -> str:
        """
        Write one revision more: `moves` holds part_id, unit_before, unit_after.

        Raises
        ------
        StaleError
            Someone else revised the plan since `parent` was read.
        """
        head = revision_id(plan.plan_id, parent, action, moves, author=self.author, detail=detail)
        self._advance(plan, parent, head)
        row: dict[str, Any] = {"revision_id": head, "plan_id": plan.plan_id, "parent_id": parent, "action": action}
        row |= {"detail": dict(detail or {}), "author": self.author, "at": self.at}
        self.session.append("revisions", pd.DataFrame([row]))
        self.session.append("revision_parts", moves.assign(revision_id=head))
        self._move(plan.plan_id, moves)
        return head

    def _advance(self, plan: Plan, parent: str | None, head: str) -> None:
        stored = self.session.read("plans", where={"plan_id": plan.plan_id}, columns=["plan_id", "head_revision"])
        if len(stored) != 1 or stored["head_revision"].iloc[0] != parent:
            raise StaleError("project_stale")
        row = {"plan_id": plan.plan_id, "head_revision": head, "edition": plan.edition}
        self.session.upsert("plans", pd.DataFrame([row]))

    def _move(self, plan_id: str, moves: pd.DataFrame) -> None:
        gone = moves[moves["unit_after"].isna()]
        stay = moves[moves["unit_after"].notna()]
        for start in range(0, len(gone), 10_000):
            parts = gone["part_id"].iloc[start : start + 10_000].tolist()
            self.session.delete("plan_parts", where={"plan_id": plan_id, "part_id": parts})
        rows = stay[["part_id"]].assign(plan_id=plan_id, unit_id=stay["unit_after"])
        self.session.upsert("plan_parts", rows)


class Project:
    """An open project."""

    def __init__(self, store: "GeoPackage", *, author: str, path: Path | None = None) -> None:
        self.store = store
        self.author = author
        self.path = path or store.path
        self._changes: dict[int, Change] = {}

    @property
    def crs(self) -> "CRS":
        """The metric CRS of all shapes."""
        from pyproj import CRS

        return CRS.from_wkt(self.store.crs)

    @property
    def profile(self) -> Profile:
        """The country's words and rules."""
        return profile(self.fact("profile") or "generic")

    @property
    def edition(self) -> int:
        """The edition of the cells; 0 before there are any."""
        return int(self.fact("edition") or "0")

    def fact(self, key: str) -> str | None:
        """Read one fact of the project."""
        rows = self.store.read("project", where={"key": key})
        return None if rows.empty else str(rows["value"].iloc[0])

    def read(self, table: str, *, where: "Where | None" = None, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table, sorted by its key."""
        return self.store.read(table, where=where, columns=columns)

    def reading(self, *tables: str) -> dict[str, pd.DataFrame]:
        """Read several tables as they stand at one moment."""
        with self.store.reading() as session:
            return {table: session.read(table) for table in tables}

    def active_plan_id(self) -> str:
        """
        Name the plan that commands mean when they name none.

        Raises
        ------
        PlanError
            There is no plan yet.
        """
        wanted = self.fact("active_plan_id")
        if wanted is None:
            raise PlanError("plan_none_yet", where=str(self.path))
        return wanted

    def plan(self, plan_id: str | None = None) -> Plan:
        """Read a plan, the active one without an id."""
        wanted = plan_id or self.active_plan_id()
        with self.store.reading() as session:
            return plan_of(session, wanted)

    @contextmanager
    def change(
        self, command: str, arguments: Mapping[str, Any] | None = None, *, tidy: bool = True
    ) -> Iterator[Change]:
        """
        Change tables: all of it or nothing, with one row of the audit; a change inside another is part of it.

        Without `tidy` what was written, safe already, is brought into the one file by whoever calls `store.checkpoint`.
        """
        outer = self._changes.get(threading.get_ident())
        if outer is not None:
            yield outer
            outer.session.append("audit", audit_row(command, arguments or {}, self.author, outer.at))
            return
        with self.store.writing() as session:
            facts = session.read("project")
            change = Change(session, now(), self.author, dict(zip(facts["key"], facts["value"], strict=True)))
            self._changes[threading.get_ident()] = change
            try:
                yield change
            finally:
                del self._changes[threading.get_ident()]
            row = audit_row(command, arguments or {}, self.author, change.at, written=change.written)
            session.append("audit", row)
        if tidy:
            self.store.checkpoint()

    def has_read(self, command: str, **personal: int) -> None:
        """Write down that something personal was read, and how much of it, never whose; a read-only copy cannot."""
        if not self.store.read_only:
            with self.store.writing() as session:
                session.append("audit", audit_row(command, {}, self.author, now(), read=personal))

    @property
    def persons(self) -> "PersonsFile":
        """The file of persons beside the project, where an office keeps one."""
        from govmap.store.persons import PersonsFile

        return PersonsFile(self.path)

    def close(self) -> None:
        """Leave one plain file."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_project(path: Path | str, *, author: str | None = None) -> Project:
    """Open a project file; see `store.geopackage.open_file` for what can be wrong."""
    return Project(geopackage.open_file(Path(path)), author=author or whoami())


@contextmanager
def new_project(path: Path | str, crs: "CRS", *, profile_name: str, author: str | None = None) -> Iterator[Project]:
    """
    Make a new project: it gets its name when the block ends well, so that nobody ever finds it half-made.

    Raises
    ------
    InputError
        The name does not end in `.gpkg`.
    ProjectError
        The folder cannot be written, or a project of that name came into being meanwhile.
    """
    target = Path(path)
    if target.suffix.lower() != ".gpkg":
        raise InputError("project_suffix", where=str(target))
    with geopackage.created(target, crs) as store:
        project = Project(store, author=author or whoami(), path=target)
        with project.change("create", {"profile": profile_name}) as change:
            change.set("profile", profile_name)
        yield project


def plan_of(session: "Session", plan_id: str) -> Plan:
    """
    Read a plan inside a transaction.

    Raises
    ------
    PlanError
        There is no such plan.
    """
    plans = session.read("plans", where={"plan_id": plan_id}, columns=["plan_id", "edition"])
    if plans.empty:
        raise PlanError("plan_unknown", plan=plan_id)
    rows = session.read("plan_parts", where={"plan_id": plan_id})
    units = session.read("units", where={"plan_id": plan_id}, columns=["unit_id", "parent_unit_id", "level"])
    return Plan.of(plan_id, int(plans["edition"].iloc[0]), rows).nested(units)


def revision_id(
    plan_id: str,
    parent: str | None,
    action: str,
    moves: pd.DataFrame,
    *,
    author: str,
    detail: Mapping[str, Any] | None = None,
) -> str:
    """Name a revision by its content and its place in the chain."""
    ordered = moves.sort_values("part_id")
    rows = ordered[["part_id", "unit_before", "unit_after"]].astype(object)
    content = [plan_id, parent, action, author, dict(detail or {}), rows.where(rows.notna(), None).to_numpy().tolist()]
    return "r" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def facts_of(rows: pd.DataFrame) -> dict[str, str]:
    """Give the table `project` as a mapping."""
    return {str(key): str(value) for key, value in zip(rows["key"], rows["value"], strict=True)}


def audit_row(
    command: str,
    arguments: Mapping[str, Any],
    author: str,
    at: datetime,
    *,
    read: Mapping[str, int] | None = None,
    written: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Give one row of the audit; `read` and `written` say how many persons, never which."""
    facts = {name: value for name, value in arguments.items() if not (value is None or value is False or value == ())}
    row = {"audit_id": "a" + os.urandom(8).hex(), "at": at, "author": author, "command": command, "arguments": facts}
    row |= {"read": dict(read) if read else None, "written": dict(written) if written else None}
    return pd.DataFrame([row])


def whoami() -> str:
    """Name the person at this machine."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as in some containers
        return "unknown"
