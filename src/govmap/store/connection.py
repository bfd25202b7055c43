"""Raw SQLite connections to a project file: how it can be opened, and what SQLite's refusals mean to a user.

Nobody may open the file but through SQLite: a process that opens and closes it by other means loses SQLite's locks on
it, so that another program takes itself for the last one, and commits made after that are lost in silence.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import Enum
from functools import partial
from pathlib import Path
from urllib.parse import quote_from_bytes

import sqlalchemy as sa

from govmap.errors import BusyError, GovmapError, NotAProjectError, ProjectError
from govmap.schema import SCHEMA_VERSION
from govmap.store import blob

_SAID = ("schema_version", "srs_id", "crs")  # what a project says of itself
_SWITCH_WAIT_MS = 1000
_TIDY_WAIT_MS = 200
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_CLOSED_TO_US = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_NO_DATABASE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


class Way(Enum):
    """How a file can be opened."""

    WRITE = "mode=rw"
    READ = "mode=ro"
    REST = "immutable=1"  # read-only folder, file left in WAL mode: SQLite has nowhere to put its shared index


def connect(path: Path, way: Way, *, wait_s: float) -> sqlite3.Connection:
    """Open a connection as all of ours are; a file that is missing stays missing."""
    raw = bare(path, way, wait_s=wait_s)
    try:
        if way is Way.WRITE:
            _prepare(raw, wait_s)
    except BaseException:
        raw.close()
        raise
    return raw


def bare(path: Path, way: Way, *, wait_s: float) -> sqlite3.Connection:
    """Open a connection that changes nothing by being there."""
    raw = sqlite3.connect(_uri(path, way), uri=True, timeout=wait_s, check_same_thread=False)
    raw.isolation_level = None  # else the driver begins transactions when it likes
    register(raw)
    return raw


def register(raw: sqlite3.Connection) -> None:
    """Give a connection the five functions that the R-tree's triggers call."""
    for index, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        raw.create_function(name, 1, partial(blob.edge, index), deterministic=True)
    raw.create_function("ST_IsEmpty", 1, blob.is_empty, deterministic=True)


def way_in(path: Path, *, wait_s: float) -> tuple[Way, dict[str, str]]:
    """
    Find how a project can be opened, and read what it says of itself; a file that is not ours is left as it is.

    Raises
    ------
    ProjectError
        It cannot be read, it is some other file, a newer govmap made it, or another program holds it.
    """
    ways = [Way.WRITE] if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else []
    for way in (*ways, Way.READ, Way.REST):
        if way is Way.REST:
            _look_for_rests(path)
        try:
            return way, _facts(path, way, wait_s)
        except sqlite3.OperationalError as error:
            if _code(error) not in _CLOSED_TO_US:
                raise _refusal(error, path) or NotAProjectError("project_not_ours", where=str(path)) from error
        except sqlite3.DatabaseError as error:
            raise NotAProjectError(_which(error), where=str(path)) from error
    raise ProjectError("store_not_readable", where=str(path))


def tidy(raw: sqlite3.Connection) -> bool:
    """Bring everything into the one file; tell whether that is done or another's open reading has left a rest."""
    raw.execute(f"PRAGMA busy_timeout = {_TIDY_WAIT_MS}")
    return bool(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)


def make_plain(raw: sqlite3.Connection) -> bool:
    """Turn the file back to one that can be copied by any means; only the last one in it can."""
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        return bool(raw.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete")
    except sqlite3.OperationalError as error:
        if is_busy(error):
            return False
        raise


def is_plain(path: Path) -> bool:
    """Tell whether a file at rest can be copied by any means."""
    with closing(bare(path, Way.READ, wait_s=0)) as raw:
        return bool(raw.execute("PRAGMA journal_mode").fetchone()[0] == "delete")


def is_busy(error: BaseException | None) -> bool:
    """Tell whether SQLite refused because another holds the file."""
    return _code(error) in _BUSY


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Say a refusal of SQLite's that a user can mend in a user's words; the rest are faults of ours."""
    try:
        yield
    except (sqlite3.Error, sa.exc.DBAPIError) as error:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        refusal = _refusal(cause, path)
        if refusal is None:
            raise
        raise refusal from error


def _uri(path: Path, way: Way) -> str:
    place = path.resolve().as_posix()  # a share's //server/name must not be taken for a host
    return f"file://{'' if place.startswith('/') else '/'}{quote_from_bytes(os.fsencode(place))}?{way.value}"


def _prepare(raw: sqlite3.Connection, wait_s: float) -> None:
    raw.execute(f"PRAGMA busy_timeout = {min(_SWITCH_WAIT_MS, int(wait_s * 1000))}")
    try:
        raw.execute("PRAGMA journal_mode = WAL").fetchall()
    except sqlite3.OperationalError as error:
        if not is_busy(error):  # someone reads it as a plain file: so do we, and writers wait for readers
            raise
    raw.execute(f"PRAGMA busy_timeout = {int(wait_s * 1000)}")
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "secure_delete = ON", "cache_size = -65536"):
        raw.execute(f"PRAGMA {pragma}").fetchall()


def _facts(path: Path, way: Way, wait_s: float) -> dict[str, str]:
    with closing(bare(path, way, wait_s=wait_s)) as raw:
        facts = dict(raw.execute("SELECT key, value FROM project WHERE key IN (?, ?, ?)", _SAID))
        _refuse_others(facts, path)
        if way is Way.WRITE:
            _prepare(raw, wait_s)
            _try_to_write(raw)
        return facts


def _refuse_others(facts: dict[str, str], path: Path) -> None:
    if len(facts) < len(_SAID) or not facts["schema_version"].isdecimal() or not facts["srs_id"].isdecimal():
        raise NotAProjectError("project_not_ours", where=str(path))
    if int(facts["schema_version"]) > SCHEMA_VERSION:
        raise ProjectError("project_newer", where=str(path))


def _try_to_write(raw: sqlite3.Connection) -> None:
    """Find out what permissions do not tell everywhere; another who writes just now shows that it can be done."""
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if not is_busy(error):
            raise


def _look_for_rests(path: Path) -> None:
    """Refuse to show an old state: beside the file lie changes that nobody brought into it."""
    for rest in (Path(f"{path.resolve()}{ending}") for ending in ("-wal", "-journal")):
        if rest.exists() and rest.stat().st_size > 0:
            raise ProjectError("store_left_open", where=str(path), rest=rest.name)


def _code(error: BaseException | None) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _which(error: sqlite3.DatabaseError) -> str:
    return "store_damaged" if _code(error) == sqlite3.SQLITE_CORRUPT else "project_not_ours"


def _refusal(error: BaseException | None, path: Path) -> GovmapError | None:
    code = _code(error)
    if code in _BUSY:
        return BusyError("project_busy", where=str(path))
    if code in _FULL:
        return ProjectError("project_disk_full", where=str(path))
    if code in _CLOSED_TO_US:
        return ProjectError("project_read_only", where=str(path))
    if code in _NO_DATABASE:
        return NotAProjectError("store_damaged", where=str(path))
    return None
