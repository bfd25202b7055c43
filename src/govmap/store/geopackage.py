"""A project in one GeoPackage file, by sqlite3 alone.

No GDAL in this process may ever open the live file: its own SQLite drops our locks, and acknowledged commits are lost
in silence after a kill. While open the file is in WAL mode; it is checkpointed after every command and the last to
leave turns it back to one plain file, so that a copy on a stick holds everything.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from govmap.errors import BusyError, ProjectError
from govmap.schema import TABLES
from govmap.store import connection, fresh, laying, standard
from govmap.store.connection import Way, register, told
from govmap.store.session import Session

if TYPE_CHECKING:
    import pandas as pd
    from pyproj import CRS

    from govmap.store.base import Store, Where

_WAIT_S = 30.0


class GeoPackage:
    """An open project file; see `store.base.Store` for what can be asked of it."""

    def __init__(self, path: Path, *, called: Path | None = None) -> None:
        self.path = path
        self._called = called or path  # what errors say, where the file has not got its name yet
        self._way, facts = connection.way_in(path, wait_s=_WAIT_S)
        self.srs_id, self.crs = int(facts["srs_id"]), facts["crs"]
        self._engine = sa.create_engine("sqlite+pysqlite://", creator=self._connect, poolclass=sa.pool.QueuePool)
        _begin_by_purpose(self._engine)
        self._check_tables()

    @property
    def read_only(self) -> bool:
        """Tell whether the file can be looked at and no more."""
        return self._way is not Way.WRITE

    # reading -----------------------------------------------------------------------------------------------------
    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read several tables as they stand at one moment."""
        with told(self._called), self._engine.connect() as connected, connected.begin():
            yield self._session(connected)

    def read(self, table: str, *, where: "Where | None" = None, columns: list[str] | None = None) -> "pd.DataFrame":
        """Read one table; see `store.base.Reading`."""
        with self.reading() as session:
            return session.read(table, where=where, columns=columns)

    def count(self, table: str, *, where: "Where | None" = None) -> int:
        """Count rows; see `store.base.Reading`."""
        with self.reading() as session:
            return session.count(table, where=where)

    def counts(
        self,
        table: str,
        *,
        by: list[str],
        where: "Where | None" = None,
        through: Mapping[str, Mapping[str, str]] | None = None,
    ) -> "pd.DataFrame":
        """Count rows by the values of text columns; see `store.base.Reading`."""
        with self.reading() as session:
            return session.counts(table, by=by, where=where, through=through)

    # writing -----------------------------------------------------------------------------------------------------
    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write everything or nothing; see `store.base.Store`."""
        if self.read_only:
            raise ProjectError("project_read_only", where=str(self._called))
        with told(self._called), self._engine.connect() as connected:
            writer = connected.execution_options(write=True)
            with writer.begin():
                session = self._session(writer)
                yield session
                session.finish()

    # the file itself ---------------------------------------------------------------------------------------------
    def foreign_changes(self) -> list[str]:
        """Name the tables that another program changed; see `store.base.Store`."""
        with self.reading() as session:
            return session.foreign_changes()

    def backup(self, path: str) -> None:
        """
        Copy by SQLite's own means, whole even while others write.

        Raises
        ------
        ProjectError
            The folder cannot be written, or another program is working in a project of that name.
        """
        target = Path(path)
        if target.exists() and target.samefile(self.path):
            raise ValueError("a copy cannot go over the project itself")
        _leave_alone_if_open(target)
        with fresh.beside(target) as copy:
            with told(target), closing(self._connect()) as source, closing(sqlite3.connect(copy)) as sink:
                source.backup(sink)
                sink.execute("PRAGMA journal_mode = DELETE").fetchall()
            fresh.name_over(copy, target)

    def findings(self) -> Iterator[str]:
        """Say what is wrong with the file: SQLite's own check, R-trees out of step."""
        with told(self._called), closing(self._connect()) as raw:
            try:
                yield from (f"{row[0]}" for row in raw.execute("PRAGMA integrity_check") if row[0] != "ok")
                for table in TABLES.values():
                    if table.geometry:
                        yield from _index_findings(raw, table.name)
            except sqlite3.DatabaseError as error:
                if connection.is_busy(error):
                    raise
                yield f"{error}"  # so damaged that the check itself ends

    def checkpoint(self) -> None:
        """Bring everything into the one file; another's open reading may leave a rest for later."""
        if not self.read_only:
            with _saved_already(self._called), closing(self._connect()) as raw:
                connection.tidy(raw)

    def compact(self) -> bool:
        """Write the file anew, so that nothing that was taken out is left in it; not while others have it open."""
        if self.read_only:
            raise ProjectError("project_read_only", where=str(self._called))
        self._engine.dispose()
        try:
            with _saved_already(self._called), closing(self._connect()) as raw:
                connection.tidy(raw)
                raw.execute("VACUUM")
                return connection.tidy(raw)
        except BusyError:
            return False

    def close(self) -> None:
        """Leave: the last one turns the file back to a plain one."""
        self._engine.dispose()
        if not self.read_only and self.path.exists():
            with suppress(BusyError), _saved_already(self._called), closing(self._connect()) as raw:
                connection.tidy(raw)  # busy: someone else is in it, and the last to leave will do it
                connection.make_plain(raw)

    # below -------------------------------------------------------------------------------------------------------
    @cached_property
    def _crs(self) -> "CRS":
        from pyproj import CRS

        return CRS.from_wkt(self.crs)

    def _session(self, connected: sa.Connection) -> Session:
        return Session(connected, self.srs_id, self._crs)

    def _connect(self) -> sqlite3.Connection:
        return connection.connect(self.path, self._way, wait_s=_WAIT_S)

    def _check_tables(self) -> None:
        """An older govmap did not know every table: it is added. One that another program took away is said."""
        with told(self._called), closing(self._connect()) as raw:
            lacking = laying.missing(raw)
            older = bool(lacking) and laying.may_grow(raw)
            if older and not self.read_only:
                laying.grow(raw, self.srs_id)
                lacking = laying.missing(raw)
        if lacking:
            self._engine.dispose()
            if older and self.read_only:
                raise ProjectError("store_older_read_only", where=str(self._called))
            names = [f"{table}.{name}" for table, name in lacking[:10]]
            raise ProjectError("store_other_tables", where=str(self._called), missing=names)


@contextmanager
def created(path: Path, crs: "CRS") -> Iterator[GeoPackage]:
    """
    Make a new project file under a temporary name; it gets its own when the block ends well, and never half-made.

    Raises
    ------
    ProjectError
        The folder cannot be written, or a file of that name stands already.
    """
    fresh.refuse_taken(path)
    with fresh.beside(path) as made:
        with told(path), closing(sqlite3.connect(made)) as raw:
            raw.isolation_level = None
            register(raw)
            laying.lay(raw, crs)
        store = GeoPackage(made, called=path)
        try:
            yield store
        finally:
            store.close()
        if not connection.is_plain(made):
            raise RuntimeError("a new project is still open somewhere: what is not in its one file yet would be lost")
        fresh.name_new(made, path)


def open_file(path: Path) -> GeoPackage:
    """
    Open a project file.

    Raises
    ------
    ProjectError
        There is none, it is some other file, a newer govmap made it, or it cannot be read.
    """
    try:
        there = path.is_file()
    except OSError as error:
        raise ProjectError("store_not_readable", where=str(path)) from error
    if not there:
        raise ProjectError("project_missing", where=str(path))
    return GeoPackage(path)


def _begin_by_purpose(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "begin")
    def _begin(connected: sa.Connection) -> None:
        writes = connected.get_execution_options().get("write")
        connected.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _saved_already(path: Path) -> Iterator[None]:
    """What was written is safe; only bringing it into the one file failed, and a copy of that file would lack it."""
    try:
        with told(path):
            yield
    except BusyError:
        raise
    except ProjectError as error:
        raise ProjectError("store_not_tidied", where=str(path), rest=f"{path.name}-wal") from error


def _leave_alone_if_open(target: Path) -> None:
    """A project that others have open is not replaced under them: their work would end in a damaged file."""
    if not any(Path(f"{target.resolve()}{ending}").exists() for ending in ("-wal", "-shm", "-journal")):
        return
    with told(target), closing(connection.bare(target, Way.WRITE, wait_s=0)) as raw:
        if not connection.make_plain(raw):
            raise BusyError("store_target_open", where=str(target))


def _index_findings(raw: sqlite3.Connection, table: str) -> Iterator[str]:
    tree = standard.rtree(table)
    said = raw.execute("SELECT rtreecheck(?)", (tree,)).fetchone()[0]
    if said != "ok":
        yield f"{tree}: {said}"
    sql = f'SELECT count(*) FROM "{table}" t LEFT JOIN "{tree}" r ON r.id = t.fid WHERE (r.id IS NULL) != '
    sql += "(t.geometry IS NULL OR ST_IsEmpty(t.geometry)) OR r.minx > ST_MinX(t.geometry)"
    sql += " OR r.maxx < ST_MaxX(t.geometry) OR r.miny > ST_MinY(t.geometry) OR r.maxy < ST_MaxY(t.geometry)"
    wrong = raw.execute(sql).fetchone()[0]
    spare = raw.execute(f'SELECT count(*) FROM "{tree}" WHERE id NOT IN (SELECT fid FROM "{table}")').fetchone()[0]
    if wrong or spare:
        yield f"{tree}: {wrong + spare} rows out of step"


if TYPE_CHECKING:

    def _keeps_the_contract(store: GeoPackage) -> Store:
        return store
