"""Indexes of a book: streets and buildings from A to Z, Chinese names by their sound, with unit, page and squares."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, TypeAlias

import pandas as pd

from govmap.render.atlas import chart as charts
from govmap.render.atlas import tables
from govmap.render.atlas.desk import Desk, Leaf
from govmap.render.atlas.fonts import measured
from govmap.render.atlas.paper import Layout
from govmap.render.atlas.tables import Column, Line, Table

SHARES = (0.34, 0.66)
LEAST_MM = 84.0
FEWEST_IN_A_RUN = 3
LARGER = (1.5, 1.35, 1.2)  # written where all of it stands on one page

Found: TypeAlias = dict[str, list[str]]


def leaves(desk: Desk, sheets: Sequence[Leaf], before: int, full: Layout, under: str) -> list[Leaf]:
    """Give the pages of both indexes; the first of `sheets` is page `before` + 1."""
    maps = [(at, leaf) for at, leaf in enumerate(sheets, before + 1) if leaf.sheet is not None and leaf.unit_id]
    found = {"building": _buildings(desk, maps), "street": _streets(desk, maps)}
    held = {kind: one for kind, one in found.items() if one}
    some = _titled(desk, full, held, 1.0)
    short = tables.stacked(desk, full, "index", under, some)
    if short:
        tried = (tables.stacked(desk, full, "index", under, _titled(desk, full, held, one)) for one in LARGER)
        return next(filter(None, tried), short)
    return [
        leaf for title, one in some for leaf in tables.listing(desk, full, "index", title, under, one, None, first=True)
    ]


def _titled(desk: Desk, full: Layout, held: Mapping[str, Found], larger: float) -> list[tuple[str, Table]]:
    """Give each index as a table under its title, written so much `larger`."""
    return [
        (desk.say(f"atlas_index_{kind}s"), _table(desk, full, kind, one, larger=larger)) for kind, one in held.items()
    ]


def natural(text: Any) -> tuple[tuple[int, int, str], ...]:
    """Give a key by which 2号楼 stands before 10号楼; what is missing stands last."""
    if not isinstance(text, str) or not text:
        return ((2, 0, ""),)
    return tuple((0, int(one), "") if one.isdecimal() else (1, 0, one) for one in re.findall(r"\d+|\D+", text))


def runs(numbers: Iterable[str]) -> list[str]:
    """Write numbers shortly: 1–5, 7, 9A; three in a row and more are one run."""
    ordered = sorted(set(numbers), key=natural)
    found: list[list[str]] = []
    for one in ordered:
        last = found[-1][-1] if found else ""
        if last.isdecimal() and one.isdecimal() and int(one) == int(last) + 1:
            found[-1].append(one)
        else:
            found.append([one])
    return [told for some in found for told in ([f"{some[0]}–{some[-1]}"] if len(some) >= FEWEST_IN_A_RUN else some)]


def sound(name: str) -> tuple[Any, ...]:
    """Give the sound of a name, by which Chinese indexes are sorted; numbers in it count."""
    from pypinyin import lazy_pinyin

    return natural("".join(lazy_pinyin(name)).casefold()), name


# what stands where ----------------------------------------------------------------------------------------------------
def _streets(desk: Desk, maps: Sequence[tuple[int, Leaf]]) -> Found:
    """Say of every named street which squares of which sheets it passes."""
    found: Found = {}
    for page, leaf in maps:
        for name, squares in charts.streets_on(desk.near, leaf.sheet, leaf.unit_id).items():  # type: ignore[arg-type] # both are there
            found.setdefault(name, []).append(_entry(desk, leaf, page, " ".join(squares)))
    return found


def _buildings(desk: Desk, maps: Sequence[tuple[int, Leaf]]) -> Found:
    """Say of every compound, and every street with houses, which of its buildings lie in which square."""
    mine = {str(unit): rows for unit, rows in desk.rows.groupby("unit_id", sort=True)}
    found: Found = {}
    for page, leaf in maps:
        rows = mine.get(str(leaf.unit_id))
        if rows is None or leaf.sheet is None:
            continue
        squares = rows["building_id"].map(charts.squares_on(desk.near, leaf.sheet))
        for name, told in _grouped(desk, rows.assign(square=squares).dropna(subset="square")).items():
            found.setdefault(name, []).append(_entry(desk, leaf, page, told))
    return found


def _grouped(desk: Desk, rows: pd.DataFrame) -> Mapping[str, str]:
    """Gather the buildings of one sheet by compound or street, then by square: B2 1–5, 7; B3 6."""
    groups: dict[str, dict[str, list[str]]] = {}
    for row in rows.to_dict("records"):
        short = _short(desk, row)
        group = row.get("compound") or row.get("street")
        if not group and not row.get("building"):
            continue
        name, number = (str(group), short) if group else (str(row["building"]), "")
        groups.setdefault(name, {}).setdefault(str(row["square"]), []).extend([number] if number else [])
    return {name: "; ".join(_square(at, held[at]) for at in sorted(held)) for name, held in groups.items()}


def _short(desk: Desk, row: Mapping[Any, Any]) -> str:
    """Give what a map says of a building, but its whole name where the map has no room for that."""
    short = desk.called.get(str(row["building_id"]), "")
    return str(row.get("building") or short) if short.endswith("…") else short


def _square(square: str, numbers: Sequence[str]) -> str:
    return f"{square} {', '.join(runs(numbers))}".strip()


def _entry(desk: Desk, leaf: Leaf, page: int, squares: str) -> str:
    code = desk.unit(str(leaf.unit_id))["unit_code"]
    return desk.say("atlas_index_entry", code=code, page=page, squares=squares)


# on pages -------------------------------------------------------------------------------------------------------------
def _table(desk: Desk, full: Layout, column: str, found: Found, *, larger: float) -> Table:
    size, least = desk.type_mm * 0.95 * larger, LEAST_MM * desk.larger * larger
    strips = max(1, int((full.map.wide + tables.BETWEEN_MM) // (least + tables.BETWEEN_MM)))
    wide = (full.map.wide - tables.BETWEEN_MM * (strips - 1)) / strips
    lines: list[Line] = []
    for name in sorted(found, key=sound):
        names = tables.over_rows(name, size, wide * SHARES[0] - tables.ASIDE, bold=True)
        lines += zip_longest(names, _rows(found[name], size, wide * SHARES[1] - 1.8))
    columns = [
        Column(desk.say(f"atlas_col_{column}"), SHARES[0], bold=True),
        Column(desk.say("atlas_col_squares"), SHARES[1]),
    ]
    goes_on = frozenset(at for at, line in enumerate(lines) if line[0] is None or line[1] is None)
    return Table(columns, lines, size, least_mm=least, goes_on=goes_on)


def _rows(told: Sequence[str], size: float, room: float) -> list[str]:
    """Fill rows with entries, broken at a space only."""
    rows = [""]
    for piece in "; ".join(told).split(" "):
        joined = f"{rows[-1]} {piece}" if rows[-1] else piece
        if rows[-1] and measured(joined, size) > room:
            rows.append(piece)
        else:
            rows[-1] = joined
    return rows
