"""A program of its own that reads one Parquet file and says what it holds as JSON, for `parquet`.

What reads Parquet for us ends the whole program at some damaged files; here it ends only this one. It is started by the
path of this file and knows nothing of the rest of the house. The first line is what the file says of
itself, each further line a piece of the table, column by column.
"""

import datetime as dt
import json
import math
import sys
from decimal import Decimal
from typing import Any

import arro3.core as arrow
from arro3.io import read_parquet

ROWS_AT_ONCE = 16_384
NARROW = (2, 4)  # bytes of floats that become long when they are widened
A_CELL = 8  # bytes that even an empty cell takes
ALREADY = 600_000_000  # bytes that the interpreter may have for itself
TOO_LARGE = 3  # the answer of this program where the file holds more than it may


def main(source: str, most: int) -> int:
    """Say the table in `source` on the standard output, as long as it takes no more than `most` bytes."""
    _within_bounds(most)
    pieces, taken = read_parquet(source, batch_size=ROWS_AT_ONCE), 0
    _say(_of_itself(pieces.schema))
    for piece in pieces:
        taken += max(piece.nbytes, A_CELL * piece.num_rows * piece.num_columns)
        if taken > most:
            return TOO_LARGE
        taken += _say([_column(column) for column in piece.columns])
    return 0


def _say(found: Any) -> int:
    return sys.stdout.buffer.write(json.dumps(found, ensure_ascii=False).encode("utf-8") + b"\n")


def _within_bounds(most: int) -> None:
    """Let no damaged length take the memory of the whole machine, where the system can see to it."""
    if sys.platform != "win32":
        import resource

        bound = 2 * most + ALREADY
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _of_itself(schema: Any) -> dict[str, Any]:
    """Give names of columns and what is said of them."""
    fields = [schema.field(place) for place in range(len(schema.names))]
    said = {field.name: {_text(key): _text(value) for key, value in field.metadata.items()} for field in fields}
    whole = {_text(key): _text(value) for key, value in schema.metadata.items()}
    return {"names": list(schema.names), "said": said, "whole": {name: whole.get(name) for name in ("geo", "pandas")}}


def _text(letters: bytes) -> str:
    return letters.decode("utf-8", "replace")


def _column(cells: Any) -> list[Any]:
    """Give cells as JSON holds them: numbers, words, true and false as they are, all else as text."""
    kind = arrow.DataType
    of = cells.type
    if kind.is_null(of):
        return [None] * len(cells)
    if kind.is_floating(of):
        return _numbers(cells)
    if kind.is_integer(of) or kind.is_boolean(of) or kind.is_string(of) or kind.is_large_string(of):
        return list(cells.to_pylist())
    found = _found(cells)
    return [_plain(cell) if not isinstance(cell, list | dict) else _nested(cell) for cell in found]


def _found(cells: Any) -> list[Any]:
    """Give cells; times that Python cannot tell, such as in the year 30,000, as the numbers that stand for them."""
    try:
        found = list(cells.to_pylist())
    except (ValueError, OverflowError, KeyError):
        found = []
    if len(found) == len(cells) and found.count(None) == cells.null_count:
        return found
    kind = arrow.DataType
    return list(cells.cast(kind.int64() if kind.is_temporal(cells.type) else kind.string()).to_pylist())


def _numbers(cells: Any) -> list[Any]:
    """Give numbers with the digits that were meant: those of narrow ones, not those of their wider likeness."""
    if cells.type.bit_width // 8 in NARROW:
        found = [None if one is None else float(one) for one in cells.cast(arrow.DataType.string()).to_pylist()]
    else:
        found = cells.to_pylist()
    return [None if one is None or math.isnan(one) else one for one in found]


def _plain(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time() and cell.tzinfo is None
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, bytes):
        return cell.hex().upper()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, dt.timedelta | Decimal) else cell


def _nested(cell: Any) -> str:
    return json.dumps(cell, ensure_ascii=False, default=lambda one: str(_plain(one)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
