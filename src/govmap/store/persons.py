"""Persons by name, where an office insists: a file of their own beside the project, which only its owner can read.

The project itself never names them. The file is a GeoPackage with one plain table, kept by SQLite alone with its own
`secure_delete`; it is gone when the last of its rows is.
"""

import os
import sqlite3
import stat
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pandas as pd

from govmap.errors import ProjectError
from govmap.store import standard
from govmap.store.connection import told

COLUMNS = ("import_id", "source_row", "place_id", "name", "relation", "birth_year", "phone", "address", "room")
OWNER_ONLY = 0o600
_SIDE_FILES = ("-wal", "-shm", "-journal")


class PersonsFile:
    """The file of persons beside a project; there is none until an office asks for it."""

    def __init__(self, project: Path) -> None:
        self.path = project.with_name(f"{project.stem}.persons.gpkg")

    @property
    def owner_only(self) -> bool:
        """Tell whether the file system itself keeps others out: Windows goes by the rights of the folder."""
        return os.name != "nt"

    def exists(self) -> bool:
        """Tell whether persons are kept beside this project."""
        return self.path.is_file()

    def replace(self, import_id: str, rows: pd.DataFrame) -> int:
        """
        Put in the persons of one import, over those it brought before; say how many.

        Raises
        ------
        ProjectError
            The file cannot be kept from others on this disk, or cannot be written.
        """
        fresh = not self.exists()
        if fresh:
            self._begin()
        listed = rows.assign(import_id=import_id).reindex(columns=list(COLUMNS)).astype(object)
        values = listed.where(listed.notna(), None).to_numpy().tolist()
        with self._open() as raw:
            if fresh:
                _lay(raw)
            raw.execute("DELETE FROM persons WHERE import_id = ?", (import_id,))
            raw.executemany(f"INSERT INTO persons VALUES (NULL{', ?' * len(COLUMNS)})", values)
        return len(values)

    def read(self, place_id: str | None = None) -> pd.DataFrame:
        """Read persons, of one place where it is given; whoever calls this writes it down in the project's audit."""
        if not self.exists():
            return pd.DataFrame(columns=list(COLUMNS))
        sql = f"SELECT {', '.join(COLUMNS)} FROM persons"
        sure, values = (" WHERE place_id = ?", (place_id,)) if place_id is not None else ("", ())
        with self._open() as raw:
            rows = raw.execute(f"{sql}{sure} ORDER BY import_id, source_row", values).fetchall()
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def known(self, import_ids: Collection[str]) -> pd.DataFrame:
        """Read the persons of imports that the project knows: what a killed import left behind is none of them."""
        rows = self.read()
        return rows[rows["import_id"].isin(set(import_ids))].reset_index(drop=True)

    def remove(self, import_ids: Collection[str] | None = None) -> int:
        """Take out the persons of these imports, or all; the file goes with the last of them. Say how many went."""
        if not self.exists():
            return 0
        with self._open() as raw:
            before = raw.execute("SELECT count(*) FROM persons").fetchone()[0]
            for import_id in sorted(import_ids or ()):
                raw.execute("DELETE FROM persons WHERE import_id = ?", (import_id,))
            if import_ids is None:
                raw.execute("DELETE FROM persons")
            left = raw.execute("SELECT count(*) FROM persons").fetchone()[0]
        with told(self.path), closing(self._connect()) as raw:
            raw.execute("VACUUM")
        if not left:
            for ending in ("", *_SIDE_FILES):
                Path(f"{self.path}{ending}").unlink(missing_ok=True)
        return int(before - left)

    def _begin(self) -> None:
        """Make the file so that nobody else could read it at any moment."""
        for ending in _SIDE_FILES:
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY))
            self.path.chmod(OWNER_ONLY)
            mode = stat.S_IMODE(self.path.stat().st_mode)
        except OSError as error:
            raise ProjectError("project_not_writable", where=str(self.path)) from error
        if self.owner_only and mode & ~OWNER_ONLY:  # a stick's file system keeps nothing from anybody
            self.path.unlink()
            raise ProjectError("persons_not_private", where=str(self.path))

    def _connect(self) -> sqlite3.Connection:
        raw = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("journal_mode = DELETE", "secure_delete = ON", "synchronous = FULL", "temp_store = MEMORY"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        return raw

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction: all of it or nothing."""
        with told(self.path), closing(self._connect()) as raw:
            raw.execute("BEGIN IMMEDIATE")
            try:
                yield raw
            except BaseException:
                raw.execute("ROLLBACK")
                raise
            raw.execute("COMMIT")


def _lay(raw: sqlite3.Connection) -> None:
    from pyproj import CRS

    for sql, values in standard.foundation(CRS.from_epsg(4326), 4326):
        raw.execute(sql, values)
    columns = ", ".join(f"{name} {'INTEGER' if name == 'source_row' else 'TEXT'}" for name in COLUMNS)
    raw.execute(f"CREATE TABLE persons (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {columns})")
    sql = "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('persons', 'attributes', ?, 0)"
    raw.execute(sql, ("persons",))
