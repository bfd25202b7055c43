"""Where rows lie by words: a building's id, an address, compound and building and stairwell, a unit or community.

Only down to the stairwell: rooms are left out here. Which building the words mean is found later, by `attach`.
"""

import re
from typing import Any

import pandas as pd

from govmap import addresses
from govmap.sources import values
from govmap.sources.columns import Columns

WORDS = ("address", "street", "house_number", "compound", "building", "entrance")
HANZI = re.compile(r"[一-鿿]")
FLOAT = re.compile(r"\d+\.0+")
NUMBER = re.compile(r"[A-Za-z]?\d+[A-Za-z]?|[A-Za-z]")
_SUFFIX = r"[A-Za-z]?\s*(?:号楼|栋楼|楼|号|幢|栋|座|#)?\s*"
_BETWEEN = r"([-~～－—–至到]|to)|[、,，;；/&和及与]|and"
PAIR = re.compile(
    rf"(?<!\d)(?=(\d{{1,9}}){_SUFFIX}(?:{_BETWEEN})\s*(?:no\.?|第)?\s*[A-Za-z]?(\d{{1,9}}){_SUFFIX}(.{{0,20}}))",
    re.IGNORECASE | re.DOTALL,
)
# What is written behind two numbers that are no two buildings: 1-3单元 are stairwells, 12-14 High Street is a house.
INNER = re.compile(r"单元|[门室层梯户]|(?!odd|even|and|all|only|exc|without)[a-z]{3}", re.IGNORECASE)
WHOLE = re.compile(
    r"全部?|所有|整个?小区|全部?小区|全部?楼栋|所有楼栋|all|all of it|whole|entire|all buildings", re.IGNORECASE
)
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
    kinds.append(("address", _of_one_plot(texts(frame, columns), shapes)))
    kinds += [(kind, ids(frame, columns, ours)) for ours, kind in WIDER]
    places["place_kind"], places["place_id"] = _shape_kinds(shapes, frame.index), None
    for kind, named in reversed(kinds):
        there = named.notna()
        places.loc[there, "place_kind"] = kind
        places.loc[there, "place_id"] = named[there]
    return places


def _of_one_plot(named: "pd.Series[Any]", shapes: Any) -> "pd.Series[Any]":
    """Leave out an address that several plots share: each of them counts its own ground."""
    plot = [shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") for shape in shapes]
    shared = named.duplicated(keep=False) & named.notna()
    return named.where(~(shared & pd.Series(plot, index=named.index)), None)


def _shape_kinds(shapes: Any, index: "pd.Index[Any]") -> "pd.Series[Any]":
    """Name what a row without words counts by its shape: a building for a point, an area for a polygon."""
    kinds = [None if shape is None else "building" if shape.geom_type == "Point" else "area" for shape in shapes]
    return pd.Series(kinds, index=index, dtype=object)


def ids(frame: pd.DataFrame, columns: Columns, ours: str) -> "pd.Series[Any]":
    """Give a column of names or ids as text, None where there is none; a `.0` that a program put behind goes."""
    theirs = columns.theirs(ours)
    if theirs is None:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    cells = values.cleaned(frame[theirs])
    filled = [text for text in cells.tolist() if text]
    if filled and all(FLOAT.fullmatch(text) for text in filled):  # ends at the first that is none
        cells = cells.str.replace(r"\.0+$", "", regex=True)
    return cells if len(filled) == len(cells) else cells.where(cells != "", None)


def texts(frame: pd.DataFrame, columns: Columns, *, own_words: bool = False) -> "pd.Series[Any]":
    """
    Write the place of each row down to the stairwell, from one column of addresses or several parts.

    In the one form that can be compared; with `own_words` as its owner wrote it, where that names no room.
    """
    if not columns.has(*WORDS):
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    parts = [values.cleaned(frame[columns.theirs(name)]) if columns.has(name) else None for name in WORDS]
    lists = [part.tolist() if part is not None else [""] * len(frame) for part in parts]
    chinese = speaks_chinese(columns)
    composed: dict[tuple[str, ...], str | None] = {}
    for one in zip(*lists, strict=True):
        if one not in composed:
            composed[one] = _composed(*one, chinese=chinese, own_words=own_words)
    return pd.Series([composed[one] for one in zip(*lists, strict=True)], index=frame.index, dtype=object)


def several_buildings(frame: pd.DataFrame, columns: Columns) -> "pd.Series[Any]":
    """Write the cells that name several buildings, 1-8号楼 or all of a compound, as prose; None for the others."""
    if not columns.has("building"):
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    building = values.cleaned(frame[columns.theirs("building")]).tolist()
    compound = (
        values.cleaned(frame[columns.theirs("compound")]).tolist() if columns.has("compound") else [""] * len(frame)
    )
    space = "" if speaks_chinese(columns) else " "
    prose = [
        where if where and WHOLE.fullmatch(told) else f"{where}{space}{told}".strip() if names_several(told) else None
        for where, told in zip(compound, building, strict=True)
    ]
    return pd.Series(prose, index=frame.index, dtype=object, name=columns.theirs("building"))


def names_several(building: str) -> bool:
    """
    Tell whether a cell names several buildings: 1-8号楼, 1、3、5号楼, 1-8号楼（除3号楼）, Nos. 2 and 4.

    What counts down (3-1号楼) or names a stairwell (3号楼-1单元) is one building and what lies in it.
    """
    found = [one.groups() for one in PAIR.finditer(" ".join(building.split()))]
    down = any(dash and int(low) >= int(high) for low, dash, high, _ in found)
    return not down and any(not INNER.match(rest) for *_, rest in found)


def speaks_chinese(columns: Columns) -> bool:
    """Tell by the words of its header whether a list counts buildings as 号楼 and stairwells as 单元."""
    return any(HANZI.search(theirs) for theirs in columns.ours)


def house_name(compound: str, building: str, *, chinese: bool) -> str:
    """Name a building by its compound and its number or name."""
    if chinese and NUMBER.fullmatch(building):
        building = f"{building}号楼"
    if not compound or building.startswith(compound):
        return building
    return f"{compound}{building}" if chinese else f"{compound} {building}"


def _composed(
    address: str,
    street: str,
    house_number: str,
    compound: str,
    building: str,
    entrance: str,
    *,
    chinese: bool,
    own_words: bool,
) -> str | None:
    """Compose compound, street, building and stairwell; nothing where there is no building, number or address."""
    if not address and street and house_number:
        address = f"{street}{house_number.removesuffix('号')}号" if chinese else f"{house_number} {street}"
    house = house_name(compound, building, chinese=chinese) if building else ""
    if house and house not in address and (chinese or not address):
        address += house
    if not address:
        return None
    if entrance and chinese and not addresses.parse(address).entrance:
        address += entrance if entrance.endswith(("单元", "门", "梯")) else f"{entrance}单元"
    plain = addresses.without_room(address)
    return (address if own_words and plain == addresses.normalise(address) else plain) or None
