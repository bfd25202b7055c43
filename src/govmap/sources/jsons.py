"""What a file of JSON holds: a layer (of GeoJSON, ESRI, TopoJSON, one feature a line) or a list of plain records."""

import json
import re
from pathlib import Path
from typing import Any

from govmap.errors import TableError
from govmap.sources import sheets
from govmap.sources.heading import Sheet

HEAD, LARGEST_LIST = 65_536, 150_000_000
NULL_IN_LIST = re.compile(rb"[\[,]\s*null\s*(?=[,\]])")
TOPOLOGY = re.compile(rb'"type"\s*:\s*"Topology"')
ESRI = re.compile(rb'"(?:geometryType"\s*:\s*"esriGeometry|spatialReference"\s*:\s*\{)')
LAYER = re.compile(
    rb'"type"\s*:\s*"(?:FeatureCollection|Feature\b|(?:Multi)?(?:Point|LineString|Polygon)"|GeometryCollection")'
)


def driver(path: Path) -> str | None:
    """Name the kind of layer, as GDAL calls it; None for a list of records."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if TOPOLOGY.search(head):
        return "TopoJSON"
    if LAYER.search(head):
        return "GeoJSONSeq" if _in_lines(head) else "GeoJSON"
    if ESRI.search(head) and b'"features"' in path.read_bytes():
        return "ESRIJSON"
    return None


def utf8_copy(path: Path, folder: Path, encoding: str | None) -> tuple[Path, str | None]:
    """Give a file whose letters are UTF-8, as JSON must be, and the encoding that was found where it is another."""
    content = path.read_bytes()
    if encoding is None and sheets.decodes(content, "utf-8"):
        return path, None
    text, found = sheets.decoded(content, str(path), encoding=encoding)
    copy = folder / path.name
    copy.write_bytes(text.encode())
    return copy, found


def states_of_features(path: Path, *, some_without_shape: bool) -> list[str] | None:
    """
    Say of each entry of a collection what it is: `shaped`, `bare` (without a shape), or `none` (no feature at all).

    None where GDAL cannot have passed over anything in silence, or the file is too long to look.
    """
    content = path.read_bytes()
    if len(content) > LARGEST_LIST or not (some_without_shape or NULL_IN_LIST.search(content)):
        return None
    try:
        features = json.loads(content)["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return [
        "none" if not isinstance(one, dict) else "bare" if one.get("geometry") is None else "shaped" for one in features
    ]


def record_sheet(path: Path, *, encoding: str | None = None) -> Sheet:
    """
    Read a list of records, each with names and plain values: in brackets, or one a line.

    Raises
    ------
    TableError
        It is no list of records.
    """
    if path.stat().st_size > LARGEST_LIST:
        raise TableError("file_too_large", where=str(path), megabytes=path.stat().st_size // 1_000_000)
    text, found = sheets.decoded(path.read_bytes(), str(path), encoding=encoding)
    records = _records(text.strip().lstrip("\ufeff"))
    if not records:
        raise TableError("file_json_no_layer", where=str(path))
    names = list(dict.fromkeys(name for record in records for name in record))
    rows = [names, *([_cell(record.get(name)) for name in names] for record in records)]
    return Sheet(rows, found={"format": "records", "encoding": found})


def _records(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except RecursionError:
        return []
    except ValueError:
        try:
            found = [json.loads(line) for line in text.replace("\x1e", "").splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return []
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list) and _plain(value)]
        found = lists[0] if len(lists) == 1 else []
    return found if _plain(found) and any(not isinstance(v, dict | list) for one in found for v in one.values()) else []


def _plain(found: Any) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(one, dict) for one in found)


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return sheets.as_text(value) if not isinstance(value, int) or isinstance(value, bool) else str(value)


def _in_lines(head: bytes) -> bool:
    lines = [line.strip() for line in head.lstrip(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    return head.startswith(b"\x1e") or (len(lines) > 1 and lines[0].endswith(b"}") and lines[1].startswith(b"{"))
