"""How a list was read last time, used again for the next file with the same header; flags of the user go before it.

Only what was set by hand is remembered (columns, coordinate system, encoding, order of dates), never a cell of a list.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govmap.errors import InputError, TableError
from govmap.messages import Note, note
from govmap.project import open_project

if TYPE_CHECKING:
    import pandas as pd

    from govmap.sources.files import RawTable

ASKED = frozenset({"file_encoding_unsure", "file_several_sheets", "file_several_layers"})
MOST_SHEETS = 12
OF_FILES = ("encoding", "sheet", "layer")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How to read a user's file, in the words of a face."""

    crs: str | None = None
    columns: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    datum: str | None = None
    layer: str | None = None
    date_order: str | None = None

    @property
    def says_something(self) -> bool:
        """Tell whether anything was said of how to read the file, so that reading it again may give something else."""
        return self != Reading()

    @property
    def mapping(self) -> dict[str, str]:
        """
        Give their column -> ours, from `THEIRS=OURS` words.

        Raises
        ------
        InputError
            A word is not of this form.
        """
        pairs = [word.rpartition("=")[::2] for word in self.columns]
        bad = [word for word, (theirs, ours) in zip(self.columns, pairs, strict=True) if not theirs or not ours]
        if bad:
            raise InputError("import_bad_column_flag", given=bad[0])
        return dict(pairs)

    @property
    def said(self) -> dict[str, Any]:
        """Give what was set, for the record of an import."""
        return {name: list(value) if name == "columns" else value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Past:
    """How one earlier list of a table was read: its header, what was set, and what the file was called."""

    header: str
    reading: Reading
    file: str


def past(path: Path, table: str) -> list[Past]:
    """Give the readings of earlier lists of a table that set anything, the newest first; none without a project."""
    if not path.exists():
        return []
    with open_project(path) as project:
        return past_of(project.read("imports", where={"table": table}))


def past_of(imports: "pd.DataFrame") -> list[Past]:
    """Give the readings in the rows of `imports`, the newest first."""
    found = []
    for row in imports.sort_values(["turn", "import_id"], ascending=False).to_dict("records"):
        said = (row["mapping"] or {}).get("said")
        if said:
            reading = replace(Reading(**said), columns=tuple(said.get("columns", ())))
            found.append(Past(str(row["mapping"].get("header")), reading, str(row["file"])))
    return found


def rows(file: Path, reading: Reading, earlier: Sequence[Past], *, project_path: Path, table: str = "") -> "RawTable":
    """
    Read a file; where something had to be asked for that was said of an earlier list of this header, as that one was.

    Of several sheets the one is taken that alone can be a list for the table.

    Raises
    ------
    TableError
        The file cannot be read as a table, or something must be asked for.
    """
    from govmap.sources import files

    given = {name: getattr(reading, name) for name in OF_FILES}
    try:
        return files.rows(file, **given, project_path=project_path)
    except TableError as fault:
        if fault.code not in ASKED:
            raise
        for one in earlier:
            again = {name: value or getattr(one.reading, name) for name, value in given.items()}
            raw = None if again == given else _tried(file, again, project_path)
            if raw is not None and header_of(raw) == one.header:
                return raw
        raw = _of_sheets(file, fault, given, project_path, table) if fault.code == "file_several_sheets" else None
        if raw is not None:
            return raw
        raise


def completed(reading: Reading, raw: "RawTable", earlier: Sequence[Past]) -> tuple[Reading, list[Note]]:
    """Complete what the user says by what was set for the newest list of the same header, and say so."""
    known = next((one for one in earlier if one.header == header_of(raw)), None)
    if known is None:
        return reading, []
    columns = known.reading.mapping | reading.mapping
    words = tuple(f"{theirs}={ours}" for theirs, ours in columns.items())
    rest = {name: value for name, value in asdict(known.reading).items() if value and not getattr(reading, name)}
    whole = replace(reading, **{**rest, "columns": words})
    used = {name: value for name, value in whole.said.items() if value != reading.said.get(name)}
    shown = [f"{value}" if name != "columns" else "、".join(value) for name, value in used.items()]
    return whole, [note("import_remembered", file=known.file, said=shown)] if used else []


def header_of(raw: "RawTable") -> str:
    """Give the fingerprint of a header: the names of the columns in their order."""
    return hashlib.sha256("\x1f".join(raw.header).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _of_sheets(
    file: Path, fault: TableError, given: dict[str, str | None], project_path: Path, table: str
) -> "RawTable | None":
    """Read the sheet that fits a table best, where one alone does."""
    from govmap.sources import gate

    names = list(fault.note.facts["sheets"])
    if table not in gate.ADMITTED or len(names) > MOST_SHEETS:
        return None
    raws = [_tried(file, {**given, "sheet": name}, project_path) for name in names]
    fit = [0 if raw is None else gate.fits(raw, table) for raw in raws]
    return raws[fit.index(max(fit))] if max(fit) and fit.count(max(fit)) == 1 else None


def _tried(file: Path, given: dict[str, str | None], project_path: Path) -> "RawTable | None":
    from govmap.sources import files

    try:
        return files.rows(file, **given, project_path=project_path)
    except TableError:
        return None
