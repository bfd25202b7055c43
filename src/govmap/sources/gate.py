"""The import gate: raw rows in, checked rows and rejects out; rows in = rows kept + rows rejected, always.

A row is kept whole or rejected with its number, the column and the reason. What must not be stored is withheld and the
user is told; what would have to be guessed is asked for by an error before anything is written.
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from govmap.errors import TableError
from govmap.messages import Note, Voice, note
from govmap.schema import TABLES
from govmap.sources import columns as naming
from govmap.sources import content, named, persons, places, returned
from govmap.sources.columns import Columns
from govmap.sources.sieve import Sieve

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

ADMITTED = (
    "residents", "resources", "incidents", "workers", "buildings", "parts", "communities", "compounds", "barriers",
    "entrances", "units",
)  # fmt: skip
# What `attach` needs to know of a row beside the columns of its table.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "buildings": ("compound",),
    "parts": ("address",),
    "incidents": ("text",),
    "units": ("source_row", "unit", "covers", "address", "building_id", "part", "said"),
    "workers": ("said",),
}
ENOUGH: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "residents": (
        (*persons.COUNTS, *persons.PERSON, *persons.HOUSEHOLD),
        ("geometry", "lon", "x", "coordinates", "address", "building", "street", "compound", "unit", "community",
         "area_code", "building_id", "part_id"),
    ),
    "resources": (("category", "name"),),
    "incidents": (("category", "kind", "reported_at", "external_no", "incident_id"),),
    "workers": (("name", "worker_id"),),
    "buildings": (("geometry", "lon", "x", "coordinates", "name", "building_id", "address"),),
    "parts": (("building_id", "building", "address"), ("entrance", "floor_from", "floor_to", "part_id")),
    "communities": (("geometry",),),
    "compounds": (("geometry", "name"),),
    "barriers": (("geometry",),),
    "entrances": (("geometry", "lon", "x", "coordinates"),),
    "units": (("geometry", "covers", "address", "building", "building_id", "compound"),),
}  # fmt: skip
OUTLINES = frozenset({"area_code", "geometry"})
FEWEST_IDS, FEWEST_DIFFERENT, MOST_WANTED = 3, 0.5, 6
NAMES = 20  # that a file of rejects may go by, while other programs hold the ones before
UNITS_EXPORT = frozenset(map(naming.plain, ("plan_id", "unit_id", "parent_unit_id")))
# A long number of which a spreadsheet has kept the first digits only: 2.02403E+17.
CUT_ID = re.compile(r"\d(?:\.\d+)?[Ee]\+\d+")


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """What passed the gate and what did not, with what the user is to be told."""

    import_id: str
    rows: pd.DataFrame
    rejects: pd.DataFrame
    columns: Columns
    notes: tuple[Note, ...]
    rows_in: int
    rows_kept: int
    found: Mapping[str, Any]
    places: Mapping[int, str] = field(default_factory=dict)  # of lists of persons: which row is of which place

    def __post_init__(self) -> None:
        if self.rows_in != self.rows_kept + self.rows_rejected:
            raise AssertionError(f"{self.rows_in} rows in, {self.rows_kept} kept, {self.rows_rejected} rejected")

    @property
    def rows_rejected(self) -> int:
        """Count the rows that did not pass."""
        return len(self.rejects)

    @property
    def mapping(self) -> dict[str, Any]:
        """What was recognised and set, for the record of the import."""
        return {"columns": dict(self.columns.ours), "found": {name: self.found[name] for name in sorted(self.found)}}

    @property
    def reasons(self) -> dict[str, int]:
        """Count the rejects by reason, the most frequent first."""
        return {str(code): int(count) for code, count in self.rejects["reason_code"].value_counts().items()}


def admit(
    raw: "RawTable",
    table: str,
    *,
    crs: "pyproj.CRS | str",
    project_bounds: places.Bounds | None = None,
    columns: Mapping[str, str] | None = None,
    datum: str | None = None,
    source_crs: str | None = None,
    zone: str = "Asia/Shanghai",
    date_order: str | None = None,
    footprints: Sequence[Any] = (),
    taken: Collection[str] = (),
    today: pd.Timestamp | None = None,
    import_id: str | None = None,
) -> Admitted:
    """
    Check every row of a list for one table.

    Parameters
    ----------
    raw
        As `files.rows` gave it.
    table
        One of `ADMITTED`.
    crs, project_bounds, footprints
        The project's CRS, its bounds in it (metres), and its buildings' shapes, by which a shifted datum is recognised.
    columns
        Theirs -> ours, as the user says; `-` leaves one out.
    datum, source_crs
        What the user says of the file's coordinates.
    zone, date_order
        Where times without a zone were noted down; `dmy` or `mdy` where the file does not tell.
    taken
        Keys that stand in the project from other imports: a row with one of them is rejected, not written over.
    today
        The day on which ages are taken; now where None.
    import_id
        The import that the rows belong to, where they come back to an earlier one.

    Returns
    -------
    admitted
        `rows` has the columns of the schema. Shapes of residents may be points too, for `attach`: only areas are kept.
    """
    if table not in ADMITTED:
        raise TableError("import_table_unknown", table=table, tables=list(ADMITTED))
    import_id = import_id or id_of(table, raw)
    known = naming.recognise(raw.frame[list(raw.header)], table, given=columns)
    _check_enough(raw, table, known)
    fingerprint = raw.sha256
    raw = persons.unnamed(raw, known) if table == "residents" else raw
    sieve = Sieve(raw, table, known)
    sieve.sift_form()
    ground = places.Frame(crs=pyproj.CRS(crs), bounds=project_bounds, footprints=footprints)
    placed = places.place(raw, known, table, ground, crs=source_crs, datum=datum)
    sieve.mark(placed.reason != None, placed.reason)  # noqa: E711 - elementwise
    sieve.notes += placed.notes
    clock = content.Clock(zone=zone, order=date_order, today=today or pd.Timestamp.now().normalize())
    rows = content.rows(sieve, placed.geometry, clock, import_id)
    _key(sieve, rows, taken)
    kept = rows if sieve.kept.all() else rows[sieve.kept]
    frame = persons.reduce(kept) if sieve.reduced else kept
    return Admitted(
        import_id=import_id,
        rows=_with_schema(frame, table, ground.crs),
        rejects=sieve.rejects(import_id),
        columns=known,
        notes=(*_column_notes(known), *sieve.notes, *sieve.totals_told(), *_counted_notes(sieve, kept, frame)),
        rows_in=raw.rows_in,
        rows_kept=int(sieve.kept.sum()),
        found={**raw.found, **placed.found, "zone": zone, "sha256": fingerprint, "reduced": sieve.reduced},
        places=_places(kept) if sieve.reduced else {},
    )


def _places(kept: pd.DataFrame) -> dict[int, str]:
    known = kept.dropna(subset=["place_id"])
    return {int(row): str(place) for row, place in zip(known["source_row"], known["place_id"], strict=True)}


def rejects_file(
    raw: "RawTable",
    rejects: pd.DataFrame,
    path: Path,
    voice: Voice,
    *,
    hidden: Collection[str] = (),
    bands: "pd.Series[Any] | None" = None,
) -> Path:
    """
    Write the user's own rejected rows with the reason before them, to be corrected and given again.

    As a workbook where `path` ends so, else as CSV that Excel opens rightly. Columns that must not be stored stay out,
    and so do those of `hidden`; `bands` are the age bands of a list of persons, in the order of its rows. Where another
    program has the file open the new one stands beside it; gives the file.
    """
    content_ = returned.workbook if path.suffix.lower() == ".xlsx" else returned.text
    made = content_(returned.table(raw, rejects, voice, hidden=hidden, bands=bands))
    names = (path, *(path.with_name(f"{path.stem} ({number}){path.suffix}") for number in range(2, NAMES)))
    return next(file for file in names if _put(made, file, last=file == names[-1]))


def _put(made: bytes, file: Path, *, last: bool) -> bool:
    """Write a file whole; say no where another program, such as Excel on Windows, holds the one that stands there."""
    fresh = file.with_name(f".{file.name}.tmp")
    try:
        fresh.write_bytes(made)
        fresh.replace(file)
    except PermissionError:
        fresh.unlink(missing_ok=True)
        if last or not file.exists():
            raise
        return False
    return True


def id_of(table: str, raw: "RawTable") -> str:
    """Name an import by what it brings: the same list into the same table is the same import."""
    return "i" + hashlib.sha256(f"{table}:{raw.sha256}".encode()).hexdigest()[:12]


def _check_enough(raw: "RawTable", table: str, known: Columns) -> None:
    """Refuse a list that lacks what its table is about, and say what was found."""
    if raw.unread and not len(raw.frame):
        return
    lacking = _lacking(raw, table, known)
    if lacking is None:
        return
    if not raw.header:
        raise TableError("import_shapes_alone", where=str(raw.path), title=note(f"table_{table}"))
    facts = {"title": note(f"table_{table}"), "header": list(raw.header), "ours": lacking[0]}
    if table == "units" and {naming.plain(one) for one in raw.header} >= UNITS_EXPORT:
        raise TableError("import_units_without_ground", where=str(raw.path))
    wanted = list({str(told): told for told in (naming.meaning(one, table) for one in lacking[:MOST_WANTED])}.values())
    raise TableError("import_columns_missing", where=str(raw.path), wanted=wanted, **facts)


def _lacking(raw: "RawTable", table: str, known: Columns) -> tuple[str, ...] | None:
    """Name the columns of which the list has none and should have one; None where it has enough."""
    there = set(known.ours.values()) | ({"geometry"} if raw.geometry is not None else set())
    there |= {"geometry"} if "wkt" in there else set()
    if table == "residents" and there >= OUTLINES:  # areas by their code, for tables that name them so
        return None
    return next((wanted for wanted in ENOUGH[table] if not there & set(wanted)), None)


def fits(raw: "RawTable", table: str) -> int:
    """Say how well a list is one for a table: 0 not at all, 1 it can be, 2 it names buildings by their code."""
    known = naming.recognise(raw.frame[list(raw.header)], table)
    if not known.ours or _lacking(raw, table, known) is not None:
        return 0
    return 2 if known.has("building_id") and table in ("units", "residents") else 1


def _key(sieve: Sieve, rows: pd.DataFrame, taken: Collection[str]) -> None:
    """Give every row its key, in place: the list's own where it is one, else the import and the row."""
    key = TABLES[sieve.table].key
    if len(key) > 1:
        return
    own, theirs = _own_ids(sieve, key[0])
    there = own.notna().to_numpy(bool)
    again = np.zeros(len(own), dtype=bool)
    asked = sieve.kept & there
    again[asked] = own[asked].duplicated().to_numpy(bool)
    sieve.mark(again, "duplicate_id", theirs)
    if taken:
        known = frozenset(taken)
        sieve.mark(np.fromiter((one in known for one in own), dtype=bool, count=len(own)), "already_there", theirs)
    ids = own.to_numpy(object, copy=True)
    lacking = np.flatnonzero(~there)
    ids[lacking] = [
        f"{a}-{row}" for a, row in rows[["import_id", "source_row"]].iloc[lacking].itertuples(index=False, name=None)
    ]
    rows[key[0]] = ids


def _own_ids(sieve: Sieve, key: str) -> "tuple[pd.Series[Any], str | None]":
    """Give the list's own ids; a column that repeats itself is none, unless the user or its name says so."""
    wanted = ["external_no", key] if sieve.table == "incidents" else [key]
    ours = next((one for one in wanted if sieve.columns.has(one)), key)
    ids = named.ids(sieve.frame, sieve.columns, ours)
    theirs = sieve.columns.theirs(ours)
    cut = [isinstance(one, str) and "+" in one and CUT_ID.fullmatch(one) is not None for one in ids.tolist()]
    sieve.mark(np.array(cut, dtype=bool), "id_cut", theirs)
    told = theirs is None or naming.plain(theirs) in (naming.plain(key), naming.plain("external_no"))
    filled = [] if told else ids[sieve.kept].dropna().tolist()
    different = len(set(filled))
    if told or len(filled) < FEWEST_IDS or different > FEWEST_DIFFERENT * len(filled):
        return ids, theirs
    sieve.notes.append(note("import_id_repeats", column=theirs, different=different, rows=len(filled)))
    return pd.Series([None] * len(ids), index=ids.index, dtype=object), None


def _column_notes(known: Columns) -> list[Note]:
    told = [note("import_columns", pairs=[f"{theirs} → {ours}" for theirs, ours in known.ours.items()])]
    for kind in sorted(set(known.withheld.values())):
        names = [theirs for theirs, what in known.withheld.items() if what == kind]
        told.append(note(f"import_withheld_{kind}", columns=names))
    if known.left_out:
        told.append(note("import_left_out", columns=list(known.left_out)))
    return told


def _counted_notes(sieve: Sieve, kept: pd.DataFrame, frame: pd.DataFrame) -> list[Note]:
    """Say that persons were counted and forgotten, and how times were taken."""
    told = [note(f"import_{sieve.reduced}s_counted", rows=len(kept), places=len(frame))] if sieve.reduced else []
    if sieve.raw.found.get("record_by_record"):
        told.append(note("import_record_by_record"))
    return told


def _with_schema(rows: pd.DataFrame, table: str, crs: pyproj.CRS) -> pd.DataFrame:
    """Give the columns of the schema in its order, shapes with their CRS."""
    schema = TABLES[table]
    kinds = {column.name: column.type for column in schema}
    blank = np.full(len(rows), None, dtype=object)
    index = pd.RangeIndex(len(rows))
    names = [*schema.names, *(name for name in BESIDE.get(table, ()) if name not in kinds)]
    given = {name: rows[name].set_axis(index) if name in rows else pd.Series(blank, index) for name in names}
    typed = {name: _typed_column(cells, kinds[name]) if name in kinds else cells for name, cells in given.items()}
    frame = pd.DataFrame(typed, index=index)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=crs) if "geometry" in frame else frame


def _typed_column(cells: "pd.Series[Any]", kind: str) -> "pd.Series[Any]":
    if kind == "str":
        missing = cells.isna().to_numpy(bool)
        return cells.astype(object).where(~missing, None) if missing.any() else cells.astype(object)
    if kind in ("time", "date"):
        return pd.to_datetime(cells, utc=True)
    return pd.Series(
        cells.array, index=cells.index, dtype={"int": "Int64", "float": "float64", "bool": "boolean"}[kind]
    )
