"""Tables as lists for offices: CSV that Excel opens rightly, and workbooks; what would be a formula is defused."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from govmap.errors import InputError
from govmap.messages import Note

FORMULA = ("=", "+", "-", "@", "\t", "\r")
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
MOST_ROWS, WIDEST, LOOKED_AT = 1_048_575, 48, 200
Written = tuple[bytes, tuple[Note, ...]]


def text(table: str, frame: pd.DataFrame, path: Path) -> Written:
    """Write CSV with the mark by which Excel knows UTF-8; places as longitude and latitude of a point inside."""
    del table, path
    flat = flattened(frame)
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(flat.columns)
    columns = [[word(cell) for cell in flat[name].tolist()] for name in flat.columns]
    writer.writerows(zip(*columns, strict=True))
    return page.getvalue().encode("utf-8-sig"), ()


def workbook(table: str, frame: pd.DataFrame, path: Path) -> Written:
    """
    Write a workbook of one sheet: numbers as numbers, everything else as text.

    Raises
    ------
    InputError
        A sheet cannot hold so many rows.
    """
    if len(frame) > MOST_ROWS:
        raise InputError("export_too_many_rows", where=str(path), rows=len(frame), most=MOST_ROWS)
    flat = flattened(frame)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table[:31])
    sheet.freeze_panes = "A2"
    for place, name in enumerate(flat.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(str(name), flat[name])
    sheet.append([_cell(sheet, str(name), bold=True) for name in flat.columns])
    for row in flat.itertuples(index=False):
        sheet.append([_cell(sheet, cell) for cell in row])
    page = io.BytesIO()
    book.save(page)
    return timeless(page.getvalue()), ()


def flattened(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a table without shapes: a point inside each, in degrees, in their place."""
    if "geometry" not in frame:
        return frame
    shapes = frame["geometry"].to_crs(4326) if frame.crs is not None else frame["geometry"]
    points = shapely.point_on_surface(shapes.to_numpy(object))
    there = shapely.is_geometry(points) & ~shapely.is_empty(points)
    lon, lat = np.full(len(points), np.nan), np.full(len(points), np.nan)
    lon[there], lat[there] = shapely.get_x(points[there]), shapely.get_y(points[there])
    names = ("lon", "lat") if frame.crs is not None else ("x_m", "y_m")  # metres from a corner
    return pd.DataFrame(frame.drop(columns="geometry")).assign(
        **dict(zip(names, (lon.round(7), lat.round(7)), strict=True))
    )


def timeless(content: bytes) -> bytes:
    """Give a workbook that does not tell when it was made."""
    page = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as new:
        for one in sorted(old.namelist()):
            part = old.read(one)
            if one == "docProps/core.xml":
                part = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", part)
            new.writestr(zipfile.ZipInfo(one, ZIP_DAY), part, zipfile.ZIP_DEFLATED)
    return page.getvalue()


def missing(cell: Any) -> bool:
    """Tell whether there is nothing in a cell."""
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell))


def word(cell: Any) -> str:
    """Write a cell as text; one that a program would take for a formula gets an apostrophe before it."""
    if missing(cell):
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA) else cell
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if isinstance(cell, pd.Timestamp):
        return cell.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, sort_keys=True)
    return repr(float(cell)) if isinstance(cell, float) else str(cell)


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_) and not missing(value):
        cell.value = float(value) if isinstance(value, float | np.floating) else int(value)
    elif not missing(value):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value if isinstance(value, str) else word(value))
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _width(name: str, cells: "pd.Series[Any]") -> float:
    words = [name, *(word(cell) for cell in cells.iloc[:LOOKED_AT].tolist())]
    return min(WIDEST, 2 + max(sum(2 if letter > "\u2e80" else 1 for letter in one) for one in words))
