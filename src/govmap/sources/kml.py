"""What a KML file says of its places beside name and shape: GDAL gives Chinese field names as strokes alone, or not."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from defusedxml.ElementTree import iterparse

from govmap.sources.heading import OUR_COLUMN, once_each

# What every place has in KML for its drawing, and never says anything of a register.
OF_DRAWING = frozenset({
    "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet",
})  # fmt: skip


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
