"""Take machine code along that this checkout compiled already: `machine_code.py SOURCE FOLDER/govmap`.

Only loops compiled for any processor go (as `scripts/test` compiles them), and only those of the source as it stands;
whatever is missing is compiled by the first division in the folder. numba knows a loop by a stamp: of its source here,
of the program in the folder.
"""

import shutil
import sys
from pathlib import Path

from numba.core.caching import IndexDataCacheFile, _hash_source_file

ANY_PROCESSOR = "generic"


def main(source: Path, folder: Path) -> None:
    """Copy index and code of every loop that fits."""
    stamp = _stamp(next(file for file in (folder / "govmap", folder / "govmap.exe") if file.is_file()))
    for index in sorted(source.rglob("*.nbi")):
        module = index.parent.parent / f"{index.name.partition('.')[0]}.py"
        place = folder / "_internal" / "govmap" / index.parent.relative_to(source)
        if module.is_file():
            _take(IndexDataCacheFile(str(index.parent), index.stem, _stamp(module)), index, place, stamp)


def _take(here: IndexDataCacheFile, index: Path, place: Path, stamp: bytes) -> None:
    """Write one loop's index anew for the folder, with the code it names."""
    kept = {key: name for key, name in here._load_index().items() if key[1][1] == ANY_PROCESSOR}  # noqa: SLF001 - numba has no public way
    if not kept:
        return
    place.mkdir(parents=True, exist_ok=True)
    for name in kept.values():
        shutil.copyfile(index.parent / name, place / name)
    IndexDataCacheFile(str(place), index.stem, stamp)._save_index(kept)  # noqa: SLF001


def _stamp(file: Path) -> bytes:
    told = file.stat()
    return _hash_source_file(str(file), told.st_mtime, told.st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
