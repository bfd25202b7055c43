"""What a KML file says of its places beside name and shape: GDAL gives Chinese field names as strokes alone, or not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from defusedxml.ElementTree import iterparse

from govmap.sources import sheets
from govmap.sources.heading import OUR_COLUMN, once_each

# The readers of XML know these; Chinese programs also write GB2312 and GBK, some without meaning it.
READ_AS_THEY_ARE = ("utf-8", "utf-16", "us-ascii", "iso-8859-1")
DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")

# What every place has in KML for its drawing, and never says anything of a register.
OF_DRAWING = frozenset({
    "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet",
})  # fmt: skip


def utf8_copy(path: Path, folder: Path, encoding: str | None) -> tuple[Path, str | None]:
    """
    Give a file of KML or GPX that readers of XML can take, and the encoding where it was another.

    What the file declares is believed where its bytes are of that, and so is what the user says.
    """
    content = path.read_bytes()
    found = DECLARED.match(content.lstrip(b"\xef\xbb\xbf \t\r\n"))
    declared = found[1].decode().lower() if found else "utf-8"
    if encoding is None and declared in READ_AS_THEY_ARE and (declared != "utf-8" or sheets.decodes(content, "utf-8")):
        return path, None
    if encoding is None and _known(declared) and not sheets.decodes(content, "utf-8"):
        encoding = "gb18030" if declared in ("gb2312", "gbk") else declared
        encoding = encoding if sheets.decodes(content, encoding) else None
    text, used = sheets.decoded(content, str(path), encoding=encoding)
    copy = folder / path.name
    copy.write_text(re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")), "utf-8")
    return copy, used


def _known(encoding: str) -> bool:
    try:
        return "<?xml".encode(encoding).decode(encoding) == "<?xml"  # what turns bytes into bytes is none of a text
    except (LookupError, ValueError):
        return False


def completed(path: Path, layer: str, frame: pd.DataFrame) -> pd.DataFrame:
    """
    Give the rows of a layer with the fields that their places have under their own names.

    Where the file's places cannot be told one by one as the rows of the layer, the rows stay as they came.
    """
    told = list(_places(path))
    mine = [facts for folder, facts in told if folder == layer]
    mine = mine if len(mine) == len(frame) else [facts for _, facts in told]
    blank = {name for name in frame.columns if name in OF_DRAWING and _says_nothing(frame[name])}
    kept = frame.drop(columns=sorted(blank))
    if len(mine) != len(frame) or not any(mine):
        return kept
    names = list(dict.fromkeys(name for facts in mine for name in facts))
    lost = [name for name in kept.columns if name in names or not str(name).strip("_ ()0123456789")]
    kept = kept.drop(columns=lost)
    fields = pd.DataFrame([[facts.get(name, "") for name in names] for facts in mine], columns=names, dtype=object)
    whole = pd.concat([kept.drop(columns=OUR_COLUMN).reset_index(drop=True), fields], axis=1)
    whole.columns = pd.Index(once_each([str(name) for name in whole.columns]))
    return whole.assign(**{OUR_COLUMN: kept[OUR_COLUMN].to_numpy()})


def _says_nothing(cells: "pd.Series[str]") -> bool:
    return len(set(cells)) <= 1


def _places(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each place's folder and its fields by name, in the order of the file."""
    folders: list[str] = []
    fields: dict[str, str] = {}
    inside = False
    field = ""
    for event, one in iterparse(str(path), events=("start", "end"), forbid_dtd=True):
        tag = str(one.tag).rpartition("}")[2]
        if event == "start":
            folders += [""] if tag in ("Folder", "Document") else []
            if tag == "Placemark":
                fields, inside = {}, True
            field = one.get("name") or "" if tag in ("Data", "SimpleData") else field
        elif tag == "name" and not inside and folders:
            folders[-1] = folders[-1] or (one.text or "").strip()
        elif inside and field and tag in ("value", "SimpleData"):
            fields[field] = (one.text or "").strip()
        elif tag == "Placemark":
            inside = False
            yield (folders[-1] if folders else ""), fields
            one.clear()
        elif tag in ("Folder", "Document") and folders:
            folders.pop()
