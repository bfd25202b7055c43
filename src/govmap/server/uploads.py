"""Files that were dropped on the page: streamed to the desk's own folder, bounded, gone when taken in or at the end."""

import itertools
import shutil
import threading
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from govmap.errors import InputError

LONGEST_NAME = 120
MOST = 60  # dropped files that wait at one time
EXTRACTS = (".osm", ".pbf", ".osm.gz", ".osm.bz2")
LAYERS = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml", ".kmz", ".fgb", ".gml", ".tab", ".mif")
LISTS = (".xlsx", ".xls", ".ods", ".csv", ".txt", ".tsv", ".parquet", ".et", ".htm", ".html")
NOT_IN_NAMES = '<>:"/\\|?*'


@dataclass
class Upload:
    """One dropped file, with those that belong to it (a Shapefile is several)."""

    id: str
    folder: Path
    names: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The file to read: of several the `.shp`."""
        main = next((name for name in self.names if name.lower().endswith(".shp")), self.names[0])
        return self.folder / main

    @property
    def kind(self) -> str:
        """What it can be by its name: extract, layer, list or unknown."""
        name = self.path.name.lower()
        if name.endswith(EXTRACTS):
            return "extract"
        return "layer" if name.endswith(LAYERS) else "list" if name.endswith(LISTS) else "unknown"


class Uploads:
    """The dropped files of this desk, by number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._uploads: dict[str, Upload] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def begin(self, name: str, beside: str | None = None) -> tuple[Upload, Path]:
        """
        Make room for a file, alone or beside one that came before.

        Raises
        ------
        InputError
            The name cannot be one of a file, or too many files wait.
        """
        plain = safe_name(name)
        with self._lock:
            if beside is not None:
                upload = self.get(beside)
            elif len(self._uploads) >= MOST:
                raise InputError("desk_too_many_files", most=MOST)
            else:
                number = f"u{next(self._numbers)}"
                upload = self._uploads[number] = Upload(number, self._folder / number)
                upload.folder.mkdir(parents=True)
            if plain not in upload.names:
                upload.names.append(plain)
        return upload, upload.folder / plain

    def get(self, number: str) -> Upload:
        """
        Give an upload.

        Raises
        ------
        InputError
            There is none of this number: it was taken in, or the desk was started anew.
        """
        if number not in self._uploads:
            raise InputError("desk_no_upload")
        return self._uploads[number]

    def drop(self, number: str) -> None:
        """Remove a file that is not needed any more."""
        upload = self._uploads.pop(number, None)
        if upload is not None:
            shutil.rmtree(upload.folder, ignore_errors=True)


async def stream(chunks: AsyncIterator[bytes], target: Path) -> int:
    """Write a body to a file as it comes, and give its size."""
    size = 0
    with target.open("wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            file.write(chunk)
    return size


def safe_name(name: str) -> str:
    """
    Give a file's name as every system can write it, its ending kept.

    Raises
    ------
    InputError
        Nothing of a name is left.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(one if one.isprintable() and one not in NOT_IN_NAMES else "_" for one in last).strip(" .")
    if not plain.strip("_"):
        raise InputError("desk_no_name")
    stem, dot, ending = plain.rpartition(".")
    short = stem[: LONGEST_NAME - len(ending) - 1] if dot else plain[:LONGEST_NAME]
    return f"{short}.{ending[:12]}" if dot else short
