"""Tables as files for others, one writer a format, chosen by the ending; equal tables give equal bytes."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from govmap.errors import InputError
from govmap.exports import layers, parquet, sheets
from govmap.exports.files import write_whole
from govmap.messages import Note
from govmap.schema import TABLES

Writer = Callable[[str, pd.DataFrame, Path], tuple[bytes, tuple[Note, ...]]]
WRITERS: dict[str, Writer] = {
    ".geojson": layers.geojson,
    ".gpkg": layers.geopackage,
    ".fgb": layers.flatgeobuf,
    ".zip": layers.shapefile,
    ".parquet": parquet.geoparquet,
    ".csv": sheets.text,
    ".xlsx": sheets.workbook,
}


def write(table: str, frame: pd.DataFrame, path: Path) -> tuple[Note, ...]:
    """
    Write one table as the ending of `path` says.

    Parameters
    ----------
    table
        Its name, which becomes the name of the layer or sheet.
    frame
        As `publish.release` let it through; written in the order of the table's key.
    path
        .geojson, .gpkg, .fgb, .zip (a Shapefile), .parquet, .csv or .xlsx; replaced whole or left as it was. Columns
        keep the names under which they can be read in again.

    Returns
    -------
    notes
        What the format could not hold.

    Raises
    ------
    InputError
        The ending is none that is written, or the format cannot hold the table.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError("export_ending", where=str(path), ending=path.suffix, endings=list(WRITERS))
    content, notes = writer(table, ordered(table, frame), path)
    write_whole(path, content)
    return notes


def ordered(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give rows in the order of the table's key, so that the order in which they came does not show."""
    keys = [name for name in TABLES[table].key if name in frame] if table in TABLES else []
    return frame.sort_values(keys, kind="stable", ignore_index=True) if keys else frame.reset_index(drop=True)
