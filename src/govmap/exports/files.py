"""Files for others, whole or not at all: written beside, brought to the disk, then given their name."""

import os
import tempfile
from pathlib import Path

from govmap.errors import InputError


def write_whole(path: Path, content: bytes) -> None:
    """
    Write a file so that nobody ever sees half of it.

    Raises
    ------
    InputError
        The folder cannot be written or the disk is full; a file that stood there is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.chmod(0o644)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise InputError("export_not_writable", where=str(path)) from error
