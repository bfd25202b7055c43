"""Files that get their name when they are whole, and never go over one that is in use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from govmap.errors import ProjectError

_SIDE_FILES = ("-wal", "-shm", "-journal")


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give an empty file of another name in the same folder, gone afterwards whatever happens."""
    with _words_for(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.parent / f".govmap-{os.urandom(8).hex()}.tmp"  # a long name of the user's stays below every limit
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
    try:
        yield fresh
    finally:
        for ending in ("", *_SIDE_FILES):
            Path(f"{fresh}{ending}").unlink(missing_ok=True)


def name_new(fresh: Path, path: Path) -> None:
    """
    Give a finished file its name, where none of that name stands.

    Raises
    ------
    ProjectError
        One stands there already, or the folder cannot be written.
    """
    refuse_taken(path)
    with _words_for(path):
        _to_disk(fresh)
        _sweep(path)
        _name_if_free(fresh, path)
        _folder_to_disk(path.parent)


def name_over(fresh: Path, path: Path) -> None:
    """Give a finished file its name, in place of what stood there."""
    with _words_for(path):
        _to_disk(fresh)
        _sweep(path)
        fresh.replace(path)
        _folder_to_disk(path.parent)


def refuse_taken(path: Path) -> None:
    """
    Look before any work is done.

    Raises
    ------
    ProjectError
        A file of that name stands already.
    """
    if os.path.lexists(path):
        raise ProjectError("project_exists", where=str(path))


def _name_if_free(fresh: Path, path: Path) -> None:
    try:
        os.link(fresh, path)  # unlike a rename it refuses to go over a file that came into being just now
    except FileExistsError as error:
        raise ProjectError("project_exists", where=str(path)) from error
    except OSError:  # a stick's file system knows no links
        refuse_taken(path)
        fresh.replace(path)


@contextmanager
def _words_for(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ProjectError("project_not_writable", where=str(path)) from error


def _sweep(path: Path) -> None:
    """Take away what a killed program left of a former file: SQLite would take it for changes to the new one."""
    for ending in _SIDE_FILES:
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _to_disk(fresh: Path) -> None:
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """Bring the name itself to the disk, where a system can: the content is there already."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
