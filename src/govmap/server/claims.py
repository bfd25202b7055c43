"""What one desk holds for itself: a project, so that no second desk opens it, and a folder that goes when it ends.

Both are locks of the operating system on files in the machine's cache folder: they fall when the program ends, however
it ends, and the next desk sweeps away what a killed one left behind.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO

from govmap.errors import BusyError

_FAR = 1 << 30  # where the lock lies: away from the text, which stays readable


class Claim:
    """A file that is ours as long as we live."""

    def __init__(self, handle: IO[str]) -> None:
        self._handle = handle

    def give_up(self) -> None:
        """Let others have it."""
        self._handle.close()


def project(cache: Path, path: Path, address: str) -> Claim:
    """
    Claim a project for the desk at an address.

    Raises
    ------
    BusyError
        Another desk has it; `address` says where that one is.
    """
    name = hashlib.sha256(os.path.normcase(path.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:20]
    file = _desks(cache) / f"{name}.desk"
    claim = _claimed(file)
    if claim is None:
        raise BusyError("desk_open_elsewhere", where=str(path), address=file.read_text("utf-8")[:80])
    file.write_text(address, "utf-8")
    return claim


def folder(cache: Path) -> tuple[Path, Claim]:
    """Make a folder that only this account can read, and sweep away those of desks that are gone."""
    desks = _desks(cache)
    for left in sorted(desks.glob("work-*")):
        gone = _claimed(left / "lock") if left.is_dir() else None
        if gone is not None:
            gone.give_up()
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix="work-", dir=desks))
    claim = _claimed(made / "lock")
    if claim is None:
        raise RuntimeError("a folder that was made just now is claimed by another program")
    return made, claim


def _desks(cache: Path) -> Path:
    desks = cache / "desks"
    desks.mkdir(parents=True, exist_ok=True)
    return desks


def _claimed(file: Path) -> Claim | None:
    """Lock a file; None where another program has it."""
    handle = file.open("a+", encoding="utf-8")
    try:
        _lock(handle)
    except OSError:
        handle.close()
        return None
    return Claim(handle)


if sys.platform == "win32":

    def _lock(handle: IO[str]) -> None:
        import msvcrt

        handle.seek(_FAR)
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)

else:

    def _lock(handle: IO[str]) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
