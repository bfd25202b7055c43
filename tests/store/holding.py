"""Rows put into an open project and looked for in its file."""

import subprocess
from pathlib import Path

import pandas as pd
from pyproj import CRS

from govmap.store.geopackage import GeoPackage, open_file
from govmap.store.session import Session

ZONE = CRS.from_epsg(32650)


SIDES = ("-wal", "-shm", "-journal")


def put(store: GeoPackage, *keys: str) -> None:
    with store.writing() as session:
        put_in(session, *keys)


def put_in(session: Session, *keys: str) -> None:
    session.upsert("project", pd.DataFrame({"key": keys, "value": "1"}))


def has(path: Path, *keys: str) -> bool:
    opened = open_file(path)
    found = set(opened.read("project")["key"])
    opened.close()
    return set(keys) <= found


def copied(path: Path, folder: Path, *endings: str) -> Path:
    """Copy by another process, as a file manager does: reading the file here would drop our own locks."""
    folder.mkdir(exist_ok=True)
    for ending in ("", *endings):
        subprocess.run(["cp", f"{path}{ending}", folder], check=True)
    return folder / path.name
