"""What was worked out of a list: how its file was read and what each column means, as a table to read and as facts."""

from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from govmap.messages import Note, note

if TYPE_CHECKING:
    from govmap.sources.gate import Admitted

READ = ("format", "encoding", "delimiter", "sheet", "layer", "header_row", "crs", "datum")
PLACED = ("crs", "datum")
COORDINATES = ("lon", "lat", "x", "y", "coordinates", "wkt", "geometry")
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
FORMATS = ("text", "workbook", "page", "records", "parquet")
ANSWERS = {"worker": "found_worker", "worker_phone": "found_worker_phone", "worker_role": "found_worker_role"}
WIDEST = 32
TABLED = "import_columns"  # the one line that the table says better


def facts(admitted: "Admitted") -> dict[str, Any]:
    """
    Give what was worked out, for programs.

    Returns
    -------
    facts
        `found`: how the file was read (format, encoding, delimiter, sheet or layer, header_row, crs, datum; those that
        it has). `columns`: one entry a column with `theirs`, `ours` (None where it is not read) and `withheld` (the
        kind of what is not stored, else None).
    """
    known = admitted.columns
    names = [*known.ours, *(one for one in (*known.withheld, *known.left_out) if one not in known.ours)]
    columns = [{"theirs": one, "ours": known.ours.get(one), "withheld": known.withheld.get(one)} for one in names]
    return {"found": _found(admitted), "columns": columns}


def told(table: str, admitted: "Admitted") -> list[Note]:
    """Say the same to a person: a line on the file, then a line a column that is read, one under the other."""
    found = _found(admitted)
    ways = [_way(name, value) for name, value in found.items()]
    lines = [note("found_read", ways=ways)] if ways else []
    known = admitted.columns.ours
    if not known:
        return lines
    width = min(WIDEST, max(map(_width, known)))
    lines.append(note("found_columns", count=len(known)))
    for theirs, ours in known.items():
        padded = theirs + " " * (width - _width(theirs))
        word = "found_column" if theirs not in admitted.columns.withheld else "found_column_counted"
        lines.append(note(word, theirs=padded, ours=_meaning(ours, table)))
    return lines


def _found(admitted: "Admitted") -> dict[str, Any]:
    """Give how the file was read; of coordinates only where it has some."""
    placed = "layer" in admitted.found or admitted.columns.has(*COORDINATES)
    names = [name for name in READ if placed or name not in PLACED]
    return {name: admitted.found[name] for name in names if admitted.found.get(name) not in (None, "")}


def _way(name: str, value: Any) -> Note:
    if name == "delimiter" and value in SEPARATORS:
        return note(f"found_delimiter_{SEPARATORS[value]}")
    if name == "format" and value in FORMATS:
        return note(f"found_format_{value}")
    return note(f"found_{name}", value=str(value))


def _meaning(ours: str, table: str) -> "dict[str, str] | Note":
    """Name a column of ours, or whom it names."""
    from govmap.sources.columns import meaning
    from govmap.sources.roles import says_little

    what, _, role = ours.partition("@")
    if what in ANSWERS:
        return note(ANSWERS[what], role=role) if role and not says_little(role) else note(f"{ANSWERS[what]}_any")

    return meaning(ours, table)


def _width(text: str) -> int:
    """Count the places that a text takes on a terminal: Chinese letters take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
