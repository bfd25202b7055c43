"""Files for others, whole or not at all: written beside, brought to the disk, then given their name."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govmap.errors import InputError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_whole(path: Path, content: bytes) -> None:
    """
    Write a file so that nobody ever sees half of it.

    Raises
    ------
    InputError
        The folder is missing or closed, the disk is full, or another program has the file open; a file that stood
        there is untouched.
    """
    with whole(path) as fresh:
        fresh.write_bytes(content)


@contextmanager
def whole(path: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """
    Give a place beside a file to write to; what is there in the end takes the file's name, unless anything failed.

    `mode` says who may read the file.

    Raises
    ------
    InputError
        As `write_whole`.
    """
    _make_folder(path)
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
        fresh = Path(name)
        os.close(handle)
        try:
            yield fresh
            with fresh.open("rb+") as file:
                os.fsync(file.fileno())
            fresh.chmod(mode)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(_reason(error, path), where=str(path)) from error


def _make_folder(path: Path) -> None:
    if path.is_dir():
        raise InputError("export_is_folder", where=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("export_no_folder", where=str(path), folder=str(path.parent)) from error


def _reason(error: OSError, path: Path) -> str:
    """Say by what the system answers why a file cannot be written."""
    if error.errno in FULL:
        return "export_disk_full"
    if error.errno in (errno.EACCES, errno.EPERM) and path.exists():
        return "export_in_use"  # so Windows answers where Excel or WPS has the file open
    return "export_not_writable"
