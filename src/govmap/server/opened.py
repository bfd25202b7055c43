"""The one project that is open at the desk: many may read it, one writes, and every change has a number."""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from govmap.config import Config
from govmap.errors import BusyError, ProjectError
from govmap.messages import Note, Voice, catalogue, note
from govmap.pipeline.catching_up import catch_up
from govmap.project import Project, open_project, whoami
from govmap.server import claims

if TYPE_CHECKING:
    from govmap.catalog import Profile

WAIT_S = 5.0
REDRAW = "redraw"  # the step that leaves outlines for later
T = TypeVar("T")


class Opened:
    """
    The open project of this desk, or none yet.

    `version` grows by one with every change, and when another project is opened; pages ask for what came after the
    version they know. `person` is the name of whoever sits at the desk: changes are signed with it.
    """

    def __init__(self, config: Config, *, address: str = "", home: Path | None = None) -> None:
        self.config, self.address = config, address
        self.folder, self._folder_claim = claims.folder(config.cache)
        self.home = home or Path.cwd()  # where projects are looked for and made
        self.person = whoami()
        self.version = 1
        self.closing = False
        self.busy: str | None = None
        self._project: Project | None = None
        self._claim: claims.Claim | None = None
        self._writer = threading.Lock()
        self._users = threading.Condition()
        self._inside = 0
        self._profile: Profile | None = None
        self._kept: dict[str, tuple[int, Any]] = {}
        self._keeping: dict[str, threading.Lock] = {}

    # which project -----------------------------------------------------------------------------------------------
    @property
    def path(self) -> Path | None:
        """The project's file; None while none is open."""
        return None if self._project is None else self._project.path

    def open(self, path: Path) -> None:
        """
        Open a project instead of the one that is open.

        Raises
        ------
        ProjectError
            It is none, cannot be read, another desk has it, or a step is still at work in the present one.
        """
        path = path.resolve()
        with self._writing_alone("open"):
            claim = None if path == self.path else claims.project(self.config.cache, path, self.address)
            try:
                fresh = open_project(path, author=self.person)
                catch_up(fresh)
            except BaseException:
                if claim is not None:
                    claim.give_up()
                raise
            self._swap(fresh, claim or self._claim)

    def close(self) -> None:
        """
        Leave one plain file and no temporary one.

        Raises
        ------
        ProjectError
            A step does not end in time: it goes with the program, and of it nothing is in the project.
        """
        self.closing = True
        try:
            with self._writing_alone("close"):
                self._swap(None, None)
        except BusyError as error:
            raise ProjectError("desk_ended_at_work", where=str(self.path)) from error
        finally:
            self._folder_claim.give_up()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _swap(self, project: Project | None, claim: claims.Claim | None) -> None:
        with self._users:
            if not self._users.wait_for(lambda: self._inside == 0, timeout=WAIT_S * (1 if self.closing else 4)):
                raise BusyError("desk_busy", step=_doing(self.busy))
            former, self._project = self._project, project
            if self._claim is not None and self._claim is not claim:
                self._claim.give_up()
            self._claim = claim
            self._profile = None if project is None else project.profile
            self._kept.clear()
            self.version += 1
        if former is not None:
            catch_up(former)
            former.close()

    # reading and writing -----------------------------------------------------------------------------------------
    @contextmanager
    def reading(self) -> Iterator[Project]:
        """
        Read the project, beside others.

        Raises
        ------
        ProjectError
            No project is open.
        """
        with self._users:
            if self._project is None:
                raise ProjectError("desk_no_project")
            project = self._project
            self._inside += 1
        try:
            yield project
        finally:
            with self._users:
                self._inside -= 1
                self._users.notify_all()

    @contextmanager
    def writing(self, step: str = "edit", *, wait_s: float | None = None) -> Iterator[Project]:
        """
        Change the project: one at a time; the version grows when the block ends well.

        A long step waits longer for its turn: what follows from strokes may still be written.

        Raises
        ------
        BusyError
            Another step is still at work.
        """
        with self._writing_alone(step, wait_s), self.reading() as project:
            project.author = self.person
            if step != REDRAW:
                catch_up(project)
            yield project
            self.changed()

    @contextmanager
    def _writing_alone(self, step: str, wait_s: float | None = None) -> Iterator[None]:
        after_strokes = WAIT_S * (4 if step == self.busy == REDRAW else 1)  # what those before it left is being drawn
        if not self._writer.acquire(timeout=after_strokes if wait_s is None else wait_s):
            raise BusyError("desk_busy", step=_doing(self.busy))
        self.busy = step
        try:
            yield
        finally:
            self.busy = None
            self._writer.release()

    def changed(self) -> int:
        """Say that the project is another than before; give the new version."""
        with self._users:
            self.version += 1
            return self.version

    # what is worked out of it ------------------------------------------------------------------------------------
    def kept(self, name: str, make: Callable[[Project], T]) -> T:
        """Give what `make` works out of the project, made once a version."""
        with self._keeping.setdefault(name, threading.Lock()):
            now = self.version
            version, known = self._kept.get(name, (0, None))
            if version != now:
                with self.reading() as project:
                    known = make(project)
                self._kept[name] = (now, known)
            made: T = known
            return made

    def has(self, name: str) -> bool:
        """Tell whether `kept` would give something at once."""
        return self._kept.get(name, (0, None))[0] == self.version

    def voice(self, language: str) -> Voice:
        """Give a voice with the words of the open project's profile."""
        return Voice(language) if self._profile is None else self._profile.voice(language)

    def plan_names(self) -> Mapping[str, str]:
        """Say what people call each plan of the open project."""
        from govmap.pipeline.former import called

        if self._project is None:
            return {}
        with self.reading() as project:
            return called(project)

    def foreign(self) -> list[str]:
        """Name the tables that another program has changed since."""
        if self._project is None:
            return []
        with self.reading() as project:
            return project.store.foreign_changes()


def _doing(step: str | None) -> Note:
    """Name what the desk does, in the words of the page."""
    known = (key for key in (f"desk_step_{step}", f"desk_mode_{step}") if key in catalogue("en"))
    return note(next(known, "desk_at_something"))
