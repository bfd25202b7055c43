"""Tells by their first bytes which files are OSM extracts, and refuses the others in one sentence."""

import bz2
import gzip
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from govmap.errors import InputError

_HEAD = 65_536
_PBF = b"\x0a\x09OSMHeader"
_OPENERS: dict[str, Callable[..., Any]] = {"osm": Path.open, "osm.gz": gzip.open, "osm.bz2": bz2.open}


def recognise(path: Path) -> str:
    """Give the format of an OSM file (pbf, osm, osm.gz, osm.bz2); its ending may say what it likes."""
    where = str(path)
    if not path.exists():
        raise InputError("fetch_no_file", where=where)
    if path.is_dir():
        raise InputError("fetch_folder", where=where)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise InputError("fetch_empty_file", where=where)
    if head[4:].startswith(_PBF):
        return "pbf"
    form = "osm.gz" if head.startswith(b"\x1f\x8b") else "osm.bz2" if head.startswith(b"BZh") else "osm"
    _refuse_other_text(_head_of(path, form), where)
    return form


def opened(path: Path, form: str) -> IO[bytes]:
    """Open a text format to read its plain bytes."""
    file: IO[bytes] = _OPENERS[form](path, "rb")
    return file


def _head_of(path: Path, form: str) -> bytes:
    try:
        with opened(path, form) as file:
            head = file.read(_HEAD)
    except (OSError, EOFError, zlib.error) as fault:
        raise InputError("fetch_broken_file", where=str(path), reason=str(fault)) from fault
    return head


def _refuse_other_text(head: bytes, where: str) -> None:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    lower = text[:2048].lower()
    if re.search(rb"<osm[\s>]", text):
        return
    marks = ((b"<osmchange", "fetch_is_change"), (b"<!doctype html", "fetch_is_html"), (b"<html", "fetch_is_html"))
    for mark, key in marks:
        if mark in lower:
            raise InputError(key, where=where)
    if text.startswith(b"PK\x03\x04"):
        raise InputError("fetch_is_zip", where=where)
    if text.startswith((b"{", b"[")):
        raise InputError("fetch_is_json", where=where)
    raise InputError("fetch_not_osm", where=where)
