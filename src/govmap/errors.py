"""Everything that can be wrong with what a user gave, as one tree.

GovmapError
├── InputError            a file, a row, an option that cannot be used
│   ├── BoundaryError     no boundary, or one that names nothing
│   └── TableError        a register that cannot be read as a table
├── ProjectError          the project file itself
│   ├── NotAProjectError  some other file
│   ├── BusyError         another program holds it
│   └── StaleError        it changed while we worked; nothing was written
├── PlanError             a plan that cannot be governed, or an edit that would make it so
└── NetworkError          a service on the network that did not answer

Each says by a key of the catalogues what is wrong; the key with `_hint` behind it says what to do. `where` names file,
row or column. `str(error)` is English; faces translate. Faults in our own code are left to rise.
"""

from typing import Any

from govmap.messages import Note, Voice


class GovmapError(Exception):
    """What a user can mend."""

    def __init__(self, key: str, /, *, where: str | None = None, **facts: Any) -> None:
        super().__init__(key)
        self.note = Note(key, facts)
        self.where = where

    @property
    def code(self) -> str:
        """The key, for programs."""
        return self.note.key

    def message(self, voice: Voice) -> str:
        """Say what is wrong."""
        return voice.tell(self.note)

    def hint(self, voice: Voice) -> str | None:
        """Say what to do, where the catalogue knows it."""
        key = f"{self.note.key}_hint"
        return voice.say(key, **self.note.facts) if voice.knows(key) else None

    def __str__(self) -> str:
        voice = Voice("en")
        told = [self.where, self.message(voice), self.hint(voice)]
        return " ".join(f"{one}" for one in told if one)


class InputError(GovmapError):
    """A file, a row or an option that cannot be used."""


class BoundaryError(InputError):
    """No boundary, or one that names nothing."""


class TableError(InputError):
    """A register that cannot be read as a table."""


class ProjectError(GovmapError):
    """The project file itself."""


class NotAProjectError(ProjectError):
    """Some other file."""


class BusyError(ProjectError):
    """Another program holds the project."""


class StaleError(ProjectError):
    """The project changed while we worked; nothing was written."""


class PlanError(GovmapError):
    """A plan that cannot be governed, or an edit that would make it so."""


class NetworkError(GovmapError):
    """A service on the network that did not answer."""
