"""The stages of an incident, who may move it from which to which, and what each move needs.

The stages stand in `layers/lifecycles/`; a new way of working is a new file there. Nothing here is stored: a move gives
the row for `incident_log` and the columns of the incident that change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Self

from govmap import catalog
from govmap.errors import InputError, StaleError
from govmap.messages import note


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage: its name in each language, whether an incident in it is done, and what lists call it."""

    stage_id: str
    title: Mapping[str, str]
    terminal: bool
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way on: from which stages to which, by whom, and what must be given with it."""

    from_: tuple[str, ...]
    to: str
    roles: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Incident:
    """An incident as it stands: where it is on its way, and since when."""

    incident_id: str
    stage: str | None
    since: datetime | None = None
    sensitive: bool = False


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A move that was made: the row for the log, and what changes in the incident."""

    log: Mapping[str, Any]
    changes: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is told with a move; None where nothing is said."""

    note: str | None = None
    responsible: str | None = None
    satisfied_resident: bool | None = None
    satisfied_office: bool | None = None
    duplicate_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """A way of working: stages in their order, ways between them, roles, the first stage and the one that closes."""

    name: str
    title: Mapping[str, str]
    stages: Mapping[str, Stage]
    ways: tuple[Way, ...]
    roles: Mapping[str, Mapping[str, str]]
    first: str
    closing: str
    deadlines: tuple[Mapping[str, Any], ...] = field(default=())

    @classmethod
    def load(cls, name: str) -> Self:
        """
        Read `layers/lifecycles/NAME.toml`.

        Raises
        ------
        InputError
            There is none of this name.
        """
        known = catalog.layers("lifecycles")
        if name not in known:
            raise InputError("lifecycle_unknown", name=name, known=list(known))
        return cls._of(name, known[name])

    @classmethod
    def _of(cls, name: str, facts: Mapping[str, Any]) -> Self:
        stages = {
            one: Stage(
                stage_id=one,
                title=told["title"],
                terminal=bool(told.get("terminal", False)),
                words=tuple(told.get("words", ())),
            )
            for one, told in facts["stages"].items()
        }
        ways = tuple(
            Way(from_=tuple(one["from"]), to=one["to"], roles=tuple(one["roles"]), needs=tuple(one.get("needs", ())))
            for one in facts["moves"]
        )
        return cls(
            name=name,
            title=facts["title"],
            stages=stages,
            ways=ways,
            roles=facts["roles"],
            first=facts["first"],
            closing=facts["closing"],
            deadlines=tuple(facts.get("deadlines", ())),
        )

    @property
    def terminal(self) -> frozenset[str]:
        """The stages in which an incident is done."""
        return frozenset(one for one, stage in self.stages.items() if stage.terminal)

    def moves(self, stage: str | None, role: str) -> list[str]:
        """
        Say where an incident may go from a stage by the hand of a role; one of unknown stage may be put anywhere first.

        Raises
        ------
        InputError
            There is no such role.
        """
        self._known_role(role)
        if stage is None:
            return [one for one in self.stages if any(way.to == one and role in way.roles for way in self.ways)]
        return [way.to for way in self.ways if stage in way.from_ and role in way.roles]

    def advance(
        self, incident: Incident, stage: str, *, at: datetime, actor: str, role: str, given: Given | None = None
    ) -> Moved:
        """
        Move an incident on.

        Parameters
        ----------
        incident
            As it stands.
        stage
            Where it goes, by its name.
        at
            Now, with its zone.
        actor, role
            Whose hand it is, and as what.
        given
            What is told with it; of a sensitive incident neither the note nor the office is kept.

        Raises
        ------
        InputError
            No such stage or role, no way there, not for this role, or something that the move needs is missing.
        StaleError
            The incident entered its stage after this moment.
        """
        told = given or Given()
        way = self._way(incident, stage, role)
        missing = [one for one in way.needs if getattr(told, one) in (None, "")]
        if missing:
            needed = [note(f"lifecycle_need_{one}") for one in missing]
            raise InputError("lifecycle_needs", where=incident.incident_id, stage=self.titled(stage), missing=needed)
        if incident.since is not None and at <= incident.since:
            raise StaleError("lifecycle_later", where=incident.incident_id)
        kept = None if incident.sensitive else told.note
        log = {"incident_id": incident.incident_id, "stage": stage, "at": at, "actor_id": actor, "note": kept}
        return Moved(log=log, changes=self._changes(incident, stage, at, told))

    def _changes(self, incident: Incident, stage: str, at: datetime, told: Given) -> dict[str, Any]:
        """Say what changes: closing sets the moment, opening again takes it and the ratings away."""
        done, was_done = stage in self.terminal, incident.stage in self.terminal
        changes: dict[str, Any] = {"stage": stage, "stage_said": None}
        if done and not was_done:
            changes["closed_at"] = at
        if was_done and not done:
            changes |= {"closed_at": None, "satisfied_resident": None, "satisfied_office": None, "duplicate_of": None}
        names = ["satisfied_resident", "satisfied_office", "duplicate_of"]
        names += [] if incident.sensitive else ["responsible"]
        return changes | {name: value for name in names if (value := getattr(told, name)) is not None}

    def titled(self, stage: str | None) -> Any:
        """Give what people call a stage, in every language."""
        if stage is None:
            return note("lifecycle_anywhere")
        known = self.stages.get(stage)
        return known.title if known else stage

    def onward(self, stage: str | None) -> list[str]:
        """Name the stages that may follow, by whatever hand, in the order of the way."""
        wanted = {way.to for way in self.ways if stage is None or stage in way.from_}
        return [one for one in self.stages if one in wanted]

    def _way(self, incident: Incident, stage: str, role: str) -> Way:
        if stage not in self.stages:
            raise InputError("lifecycle_no_stage", name=stage, known=[one.title for one in self.stages.values()])
        here = [self.titled(one) for one in self.moves(incident.stage, role)]
        ways = [way for way in self.ways if way.to == stage and (incident.stage is None or incident.stage in way.from_)]
        facts = {"stage": self.titled(stage), "where": incident.incident_id}
        if not ways:
            known = [self.titled(one) for one in self.onward(incident.stage)]
            raise InputError("lifecycle_no_way", now=self.titled(incident.stage), known=known, **facts)
        ours = [way for way in ways if role in way.roles]
        if not ours:
            roles = [self.roles[one] for one in sorted({one for way in ways for one in way.roles})]
            raise InputError("lifecycle_not_by_role", roles=roles, known=here, **facts)
        return ours[0]

    def _known_role(self, role: str) -> None:
        if role not in self.roles:
            raise InputError("lifecycle_no_role", name=role, known=list(self.roles))


@cache
def default_for(profile: str) -> str:
    """Name the way of working that a country's projects begin with."""
    return "grid_loop" if profile == "cn" else "hotline"
