"""Where rows lie by words: a building's id, an address, compound and building and stairwell, a unit or community.

Only down to the stairwell: rooms are left out here. Which building the words mean is found later, by `attach`.
"""

import re
from typing import Any

import numpy as np
import pandas as pd

from govmap import addresses
from govmap.sources import values
from govmap.sources.columns import Columns

WORDS = ("address", "street", "house_number", "compound", "building", "entrance")
WIDER = (("compound", "compound"), ("unit", "unit"), ("area_code", "area"), ("community", "community"))


def residents_places(frame: pd.DataFrame, columns: Columns, shapes: Any) -> pd.DataFrame:
    """
    Say of which place each row of residents counts: the narrowest that it names.

    Returns
    -------
    places
        place_kind (part, building, address, compound, unit, area, community; None where nothing is named), place_id
        (None where only a shape says it), building_id, part_id.
    """
    places = pd.DataFrame(index=frame.index)
    places["part_id"], places["building_id"] = ids(frame, columns, "part_id"), ids(frame, columns, "building_id")
    kinds = [("part", places["part_id"]), ("building", places["building_id"])]
    kinds.append(("address", texts(frame, columns)))
    kinds += [(kind, ids(frame, columns, ours)) for ours, kind in WIDER]
    places["place_kind"], places["place_id"] = _shape_kinds(shapes, frame.index), None
    for kind, named in reversed(kinds):
        there = named.notna()
        places.loc[there, "place_kind"] = kind
        places.loc[there, "place_id"] = named[there]
    return places


def _shape_kinds(shapes: Any, index: "pd.Index[Any]") -> "pd.Series[Any]":
    """Name what a row without words counts by its shape: a building for a point, an area for a polygon."""
    kinds = [None if shape is None else "building" if shape.geom_type == "Point" else "area" for shape in shapes]
    return pd.Series(kinds, index=index, dtype=object)


def ids(frame: pd.DataFrame, columns: Columns, ours: str) -> "pd.Series[Any]":
    """Give a column of names or ids as text, None where there is none; a `.0` that a program put behind goes."""
    theirs = columns.theirs(ours)
    if theirs is None:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    cells = frame[theirs].map(values.clean)
    filled = cells[cells != ""]
    if len(filled) and filled.str.fullmatch(r"\d+\.0+").all():
        cells = cells.str.replace(r"\.0+$", "", regex=True)
    return cells.where(cells != "", None).astype(object)


def texts(frame: pd.DataFrame, columns: Columns, *, own_words: bool = False) -> "pd.Series[Any]":
    """
    Write the place of each row down to the stairwell, from one column of addresses or several parts.

    In the one form that can be compared; with `own_words` as its owner wrote it, where that names no room.
    """
    parts = [frame[columns.theirs(name)].map(values.clean) if columns.has(name) else None for name in WORDS]
    lists = [part if part is not None else pd.Series([""] * len(frame), index=frame.index) for part in parts]
    combined = pd.Series(list(zip(*lists, strict=True)), index=frame.index, dtype=object)
    codes, unique = pd.factorize(combined)
    texts = np.array(
        [_composed(dict(zip(WORDS, one, strict=True)), own_words=own_words) for one in unique], dtype=object
    )
    return pd.Series(texts[codes] if len(texts) else [], index=frame.index, dtype=object)


def _composed(cells: dict[str, str], *, own_words: bool) -> str | None:
    """Compose compound, street, building and stairwell; nothing where there is no building, number or address."""
    address, building = cells.get("address", ""), cells.get("building", "")
    if cells.get("street") and cells.get("house_number"):
        number = cells["house_number"]
        chinese = bool(re.search(r"[一-鿿]", cells["street"] + number))
        way = f"{cells['street']}{number.removesuffix('号')}号" if chinese else f"{number} {cells['street']}"
        address = address or way
    if building:
        building = f"{building}号楼" if re.fullmatch(r"[A-Za-z]?\d+[A-Za-z]?|[A-Za-z]", building) else building
        compound = cells.get("compound", "")
        building = building if compound and building.startswith(compound) else f"{compound}{building}"
        address = building if not address or address in building else f"{address}{building}"
    if not address:
        return None
    entrance = cells.get("entrance", "")
    if entrance and not addresses.parse(address).entrance:
        address += entrance if entrance.endswith(("单元", "门", "梯")) else f"{entrance}单元"
    plain = addresses.without_room(address)
    return (address if own_words and plain == addresses.normalise(address) else plain) or None
