"""One file of the corpus through the command line: what a program that drives `govmap import --json` sees."""

import contextlib
import hashlib
import json
import multiprocessing
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from nasty import CRS, ORIGIN
from typer.testing import CliRunner

from govmap.cli.commands import app
from govmap.messages import LANGUAGES

# What a refused file may still leave in a project: that somebody asked.
NOTED = frozenset({"audit", "gpkg_ogr_contents", "sqlite_sequence", "gpkg_contents"})
HOUSES = 12
# Loaded once in a clean process, from which each program of its own begins.
LOADED = ["govmap.cli.commands", "govmap.pipeline.importing", "govmap.sources.gate", "govmap.attach.belonging", "fiona"]
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Seen:
    """What came of one run: how it ended, what stood on the two streams, and what was broken of the promise."""

    code: int
    out: str
    err: str
    faults: tuple[str, ...]

    @property
    def told(self) -> dict[str, Any]:
        """The one object on the standard output."""
        return dict(json.loads(self.out))


def ground(folder: Path) -> Path:
    """The community on whose ground the corpus lies, as a layer."""
    x0, y0 = ORIGIN
    return _layer(folder / "ground.geojson", [shapely.box(x0 - 300, y0 - 300, x0 + 400, y0 + 400)], name=["幸福社区"])


def houses(folder: Path) -> Path:
    """Twelve houses in it, as a layer."""
    x0, y0 = ORIGIN
    corners = [(x0 + 25 * (n % 4), y0 + 30 * (n // 4)) for n in range(HOUSES)]
    names = [f"幸福小区{n + 1}号楼" for n in range(HOUSES)]
    ids = [f"h{n + 1}" for n in range(HOUSES)]
    boxes = [shapely.box(x, y, x + 15, y + 10) for x, y in corners]
    return _layer(folder / "houses.geojson", boxes, building_id=ids, name=names, levels=[6] * HOUSES)


def _layer(path: Path, shapes: list[shapely.Geometry], **facts: list[Any]) -> Path:
    path.write_text(gpd.GeoDataFrame(facts, geometry=shapes, crs=CRS).to_crs("EPSG:4326").to_json(), "utf-8")
    return path


def built(folder: Path) -> Path:
    """A project of a community, its houses and their cells, made by the commands; to be copied, not changed."""
    folder.mkdir(parents=True, exist_ok=True)
    path, first = folder / "town.gpkg", folder / "first.csv"
    first.write_text("小区,楼号,户数\n幸福小区,1号楼,5\n", "utf-8")
    given = {"communities": ground(folder), "buildings": houses(folder), "residents": first}
    for table, file in given.items():
        done = CliRunner().invoke(app, words(path, table, file, "zh"))
        assert done.exit_code == 0, done.output
    return path


def contents(path: Path) -> dict[str, str]:
    """Give the fingerprint of every table of a project, apart from the record of who asked for what."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        names = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: _fingerprint(opened, name) for name in names if name not in NOTED and "rtree" not in name}


def _fingerprint(opened: sqlite3.Connection, name: str) -> str:
    rows = sorted(repr(row) for row in opened.execute(f'SELECT * FROM "{name}"'))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def words(project: Path, table: str, file: Path, language: str) -> list[str]:
    """The command as a program types it."""
    return ["import", str(project), table, str(file), "--json", "--yes", "--lang", language]


def drive_alone(town: Path, file: Path, table: str, language: str, *, before: dict[str, str]) -> tuple[Seen, float]:
    """Import one file as `drive` does, in a process of its own; give the megabytes it took too."""
    project = Path(shutil.copy(town, file.parent / "town.gpkg"))
    there = found(file.parent.parent)
    seen, most = alone(words(project, table, file, language))
    return Seen(seen.code, seen.out, seen.err, tuple(faults(seen, project, there, before))), most


def drive(town: Path, file: Path, table: str, language: str, *, before: dict[str, str] | None = None) -> Seen:
    """Import one file into a copy of a project beside it, and look whether all that was promised was kept."""
    assert language in LANGUAGES
    project = Path(shutil.copy(town, file.parent / "town.gpkg"))
    there = found(file.parent.parent)
    done = CliRunner().invoke(app, words(project, table, file, language))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return Seen(done.exit_code, done.stdout, done.stderr, (f"{type(done.exception).__name__}: {done.exception}",))
    seen = Seen(done.exit_code, done.stdout, done.stderr, ())
    return Seen(seen.code, seen.out, seen.err, tuple(faults(seen, project, there, before or contents(town))))


def alone(command: list[str]) -> tuple[Seen, float]:
    """
    Run a command in a process of its own; give what it said, and the most megabytes that it or its helpers held.

    The process begins in a clean one that has only loaded the program: nothing of ours counts.
    """
    ways = multiprocessing.get_context("forkserver")
    ways.set_forkserver_preload(LOADED)
    mine, theirs = ways.Pipe(duplex=False)
    child = ways.Process(target=_run, args=(command, theirs))
    child.start()
    theirs.close()
    try:
        code, out, err, most = mine.recv()
    except EOFError:
        code, out, err, most = -1, "", "the process died", 0.0
    child.join()
    return Seen(code, out, err, ()), most


def _run(command: list[str], answer: Connection) -> None:
    done = CliRunner().invoke(app, command)
    broken = done.exception is not None and not isinstance(done.exception, SystemExit)
    high = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
    most = max(high, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024 / MEGABYTE
    answer.send((done.exit_code, done.stdout, repr(done.exception) if broken else done.stderr, most))


def found(folder: Path) -> dict[str, str]:
    """Give every file below a folder with its fingerprint."""
    return {
        str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }


def faults(seen: Seen, project: Path, there: dict[str, str], before: dict[str, str]) -> Iterator[str]:
    """Name what a run broke of the promise: rows that add up, or one sentence and nothing changed."""
    try:
        told = seen.told
    except (ValueError, TypeError):
        yield f"not one object: {seen.out[:200]!r}"
        return
    if seen.out.count("\n") != 1 or seen.err:
        yield f"more than one object: {seen.out[:80]!r} {seen.err[:200]!r}"
    if any(word in seen.out for word in ("Traceback", "Error(", "/tmp/govmap-", "<class ")):
        yield "a trace of the machine in what is said"
    yield from _of_rows(told) if seen.code == 0 else _of_refusal(seen, told, project, before)
    yield from _of_files(seen, told, project, there)


def _of_rows(told: dict[str, Any]) -> Iterator[str]:
    if not told["ok"] or told["error"] is not None:
        yield "exit 0 and not ok"
    if told["rows_in"] != told["rows_kept"] + told["rows_rejected"]:
        yield "rows do not add up"
    if sum(told.get("reasons", {}).values()) != told["rows_rejected"] and not told.get("known"):
        yield "reasons do not add up"
    if bool(told["rejects"]) != bool(told["rows_rejected"]):
        yield "rejected rows and no file of them, or a file of none"


def _of_refusal(seen: Seen, told: dict[str, Any], project: Path, before: dict[str, str]) -> Iterator[str]:
    error = told["error"] or {}
    if seen.code != 1 or told["ok"] or set(error) != {"code", "message", "where", "hint"}:
        yield f"exit {seen.code} without its reason"
        return
    if not error["message"] or "\n" in error["message"].strip() or "{" in error["message"].replace("{{", ""):
        yield f"no plain sentence: {error['message']!r}"
    if not error["hint"]:
        yield f"{error['code']} does not say what to do"
    if contents(project) != before:
        yield "refused, and yet the project is another"


def _of_files(seen: Seen, told: dict[str, Any], project: Path, there: dict[str, str]) -> Iterator[str]:
    folder = project.parent
    said = {str((folder / Path(name).name).relative_to(folder.parent)) for name in told.get("files", [])}
    now = found(folder.parent)
    own = {str(project.relative_to(folder.parent))}
    new = {name for name in now if name not in there} - said - own
    if new:
        yield f"files nobody spoke of: {sorted(new)}"
    if seen.code and said:
        yield "refused, and yet files"
    gone = {name for name in there if now.get(name) != there[name]} - own
    if gone:
        yield f"files that were there are others now: {sorted(gone)}"
