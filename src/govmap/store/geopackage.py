"""A project in one GeoPackage file, by sqlite3 alone.

No GDAL in this process may ever open the live file: its own SQLite drops our locks, and acknowledged commits are lost
in silence after a kill. While open the file is in WAL mode; it is checkpointed after every command and the last to
leave turns it back to one plain file, so that a copy on a stick holds everything.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite as sqlite_dialect

from govmap.errors import BusyError, NotAProjectError, ProjectError
from govmap.schema import SCHEMA_VERSION, TABLES
from govmap.store import blob, definition, standard
from govmap.store.session import Session

if TYPE_CHECKING:
    import pandas as pd
    from pyproj import CRS

    from govmap.store.base import Where

_WAIT_S = 30.0
_OWN_SRS_ID = 100_000  # for a CRS without an EPSG code


class GeoPackage:
    """An open project file; see `store.base.Store` for what can be asked of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_only = not os.access(path, os.W_OK)
        self._engine = sa.create_engine("sqlite+pysqlite://", creator=self._connect, poolclass=sa.pool.QueuePool)
        _begin_by_purpose(self._engine)
        self.srs_id, self.crs = self._spatial_reference()
        self._tables = definition.tables(self.srs_id).tables

    # reading -----------------------------------------------------------------------------------------------------
    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read several tables as they stand at one moment."""
        with self._engine.connect() as connection, connection.begin():
            yield self._session(connection)

    def read(self, table: str, *, where: "Where | None" = None, columns: list[str] | None = None) -> "pd.DataFrame":
        """Read one table; see `store.base.Reading`."""
        with self.reading() as session:
            return session.read(table, where=where, columns=columns)

    def count(self, table: str, *, where: "Where | None" = None) -> int:
        """Count rows; see `store.base.Reading`."""
        with self.reading() as session:
            return session.count(table, where=where)

    # writing -----------------------------------------------------------------------------------------------------
    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write everything or nothing; see `store.base.Store`."""
        if self.read_only:
            raise ProjectError("project_read_only", where=str(self.path))
        connecting = self._engine.connect().execution_options(write=True)
        with _busy_is_ours(self.path), connecting as connection, connection.begin():
            session = self._session(connection)
            yield session
            session.finish()

    # the file itself ---------------------------------------------------------------------------------------------
    def foreign_changes(self) -> list[str]:
        """Name the tables that another program changed since we last wrote them."""
        with self.reading() as session:
            return session.foreign_changes()

    def backup(self, path: str) -> None:
        """Copy by SQLite's own means, whole even while others write."""
        target = Path(path)
        with _beside(target) as copy:
            with closing(self._connect()) as source, closing(sqlite3.connect(copy)) as sink:
                source.backup(sink)
                sink.execute("PRAGMA journal_mode = DELETE")
            _onto_disk(copy, target)

    def findings(self) -> Iterator[str]:
        """Say what is wrong with the file: SQLite's own check, keys to nowhere, R-trees out of step."""
        with closing(self._connect()) as raw:
            yield from (f"{row[0]}" for row in raw.execute("PRAGMA integrity_check") if row[0] != "ok")
            for table in TABLES.values():
                if table.geometry:
                    yield from _index_findings(raw, table.name)

    def checkpoint(self) -> None:
        """Bring everything into the one file; another's open reading may leave a rest for later."""
        if not self.read_only:
            with closing(self._connect()) as raw:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Leave: the last one turns the file back to a plain one."""
        self._engine.dispose()
        if not self.read_only:
            with closing(self._connect()) as raw:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                raw.execute("PRAGMA busy_timeout = 0")
                _plain_file(raw)

    def _session(self, connection: sa.Connection) -> Session:
        return Session(connection, self._tables, self.srs_id, self.crs)

    def _connect(self) -> sqlite3.Connection:
        if self.read_only:
            raw = sqlite3.connect(f"{self.path.resolve().as_uri()}?immutable=1", uri=True, check_same_thread=False)
        else:
            raw = sqlite3.connect(self.path, timeout=_WAIT_S, check_same_thread=False)
        raw.isolation_level = None  # else the driver begins transactions when it likes
        register(raw)
        if not self.read_only:
            for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL", "secure_delete = ON"):
                raw.execute(f"PRAGMA {pragma}").fetchall()
        return raw

    def _spatial_reference(self) -> tuple[int, str]:
        try:
            with self._engine.connect() as connection:
                sql = "SELECT key, value FROM project WHERE key IN ('schema_version', 'srs_id', 'crs')"
                facts: dict[str, str] = dict(connection.exec_driver_sql(sql).fetchall())
        except sa.exc.DatabaseError as error:
            raise NotAProjectError("project_not_ours", where=str(self.path)) from error
        if not facts:
            raise NotAProjectError("project_not_ours", where=str(self.path))
        if int(facts["schema_version"]) > SCHEMA_VERSION:
            raise ProjectError("project_newer", where=str(self.path))
        return int(facts["srs_id"]), facts["crs"]


@contextmanager
def created(path: Path, crs: "CRS") -> Iterator[GeoPackage]:
    """
    Make a new project file under a temporary name; it gets its own when the block ends well, and never half-made.

    Raises
    ------
    ProjectError
        The folder cannot be written, or a file of that name stands already.
    """
    try:
        with _beside(path) as fresh:
            with closing(sqlite3.connect(fresh)) as raw:
                raw.isolation_level = None
                register(raw)
                _lay(raw, crs)
            store = GeoPackage(fresh)
            try:
                yield store
            finally:
                store.close()
            _onto_disk(fresh, path, over=False)
    except FileExistsError as error:
        raise ProjectError("project_exists", where=str(path)) from error
    except OSError as error:
        raise ProjectError("project_not_writable", where=str(path)) from error


def open_file(path: Path) -> GeoPackage:
    """
    Open a project file.

    Raises
    ------
    ProjectError
        There is none, it is some other file, or a newer govmap made it.
    """
    if not path.is_file():
        raise ProjectError("project_missing", where=str(path))
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise NotAProjectError("project_not_ours", where=str(path))
    return GeoPackage(path)


def register(raw: sqlite3.Connection) -> None:
    """Give a connection the five functions that the R-tree's triggers call."""
    for index, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        raw.create_function(name, 1, partial(blob.edge, index), deterministic=True)
    raw.create_function("ST_IsEmpty", 1, blob.is_empty, deterministic=True)


def _lay(raw: sqlite3.Connection, crs: "CRS") -> None:
    from govmap.store.styles import embedded

    srs_id = crs.to_epsg() or _OWN_SRS_ID
    raw.execute("BEGIN")
    for sql, values in standard.foundation(crs, srs_id):
        raw.execute(sql, values)
    dialect = sqlite_dialect.dialect()
    for table in definition.tables(srs_id).sorted_tables:
        raw.execute(str(sa.schema.CreateTable(table).compile(dialect=dialect)))
    for sql, values in standard.registration(srs_id):
        raw.execute(sql, values)
    for name, qml in embedded().items():
        raw.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner)"
            " VALUES ('', '', ?, 'geometry', ?, ?, '', 1, '', '')",
            (name, name, qml),
        )
    facts = {"schema_version": str(SCHEMA_VERSION), "srs_id": str(srs_id), "crs": crs.to_wkt()}
    raw.executemany("INSERT INTO project (key, value) VALUES (?, ?)", sorted(facts.items()))
    raw.execute("COMMIT")


def _begin_by_purpose(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _busy_is_ours(path: Path) -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as error:
        said = str(error.orig)
        if "locked" in said or "busy" in said:
            raise BusyError("project_busy", where=str(path)) from error
        if "full" in said or "disk I/O" in said:
            raise ProjectError("project_disk_full", where=str(path)) from error
        raise


def _plain_file(raw: sqlite3.Connection) -> None:
    try:
        raw.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):  # someone else is still in: the last to leave will do it
            raise


def _index_findings(raw: sqlite3.Connection, table: str) -> Iterator[str]:
    tree = standard.rtree(table)
    told = raw.execute("SELECT rtreecheck(?)", (tree,)).fetchone()[0]
    if told != "ok":
        yield f"{tree}: {told}"
    sql = f'SELECT count(*) FROM "{table}" t LEFT JOIN "{tree}" r ON r.id = t.fid WHERE (r.id IS NULL) != '
    sql += "(t.geometry IS NULL OR ST_IsEmpty(t.geometry))"
    missing = raw.execute(sql).fetchone()[0]
    spare = raw.execute(f'SELECT count(*) FROM "{tree}" WHERE id NOT IN (SELECT fid FROM "{table}")').fetchone()[0]
    if missing or spare:
        yield f"{tree}: {missing + spare} rows out of step"


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder, gone afterwards whatever happens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            Path(f"{name}{rest}").unlink(missing_ok=True)


def _onto_disk(fresh: Path, path: Path, *, over: bool = True) -> None:
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.chmod(0o644)
    if over:
        fresh.replace(path)
        return
    try:
        os.link(fresh, path)  # unlike a rename it refuses to go over a file of that name
    except FileExistsError:
        raise
    except OSError:  # a stick's file system knows no links
        if path.exists():
            raise FileExistsError(path) from None
        fresh.replace(path)
