"""What the cells of a list say, table by table: typed values in the columns of the schema, bad cells to the sieve."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import catalog
from govmap.errors import TableError
from govmap.messages import note
from govmap.schema import TABLES
from govmap.sources import columns as naming
from govmap.sources import duties, hexagons, moments, named, persons, tickets, values
from govmap.sources.sieve import Sieve, given

KEPT_AS_IS = frozenset({"external_no", "office_phone", "duplicate_of", "code", "hours"})
BY_WORDS = frozenset({"building_id", "part_id", "cell_id", "address", "reason"})
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Where and how times were noted down, and what day it is."""

    zone: str
    order: str | None
    today: pd.Timestamp


def rows(sieve: Sieve, shapes: Shapes, clock: Clock, import_id: str) -> pd.DataFrame:
    """Give one row a row of the list, rejected ones with them, in the columns of the schema; reject bad cells."""
    frame = pd.DataFrame({"import_id": import_id, "source_row": sieve.frame["source_row"]})
    frame["geometry"] = shapes
    if sieve.table == "residents":
        return _residents(sieve, frame, clock)
    apart = {*frame.columns, *BY_WORDS, *TABLES[sieve.table].key}
    for column in TABLES[sieve.table]:
        cells = given(sieve, column.name)
        if cells is not None and column.name not in apart:
            frame[column.name] = _typed(sieve, column.name, column.type, cells, clock)
    if sieve.table == "workers":
        return duties.of_workers(sieve, frame, clock)
    finish = _FINISH.get(sieve.table)
    return finish(sieve, frame) if finish else frame


def _typed(sieve: Sieve, ours: str, kind: str, cells: "pd.Series[Any]", clock: Clock) -> "pd.Series[Any]":
    theirs = sieve.columns.theirs(ours)
    if kind == "time":
        return _times(sieve, theirs or ours, cells, clock)
    if kind in ("int", "float"):
        parsed = values.numbers(cells, whole=kind == "int")
    elif kind == "bool":
        parsed = values.flags(cells)
    else:
        texts = values.texts(cells)
        return texts if ours in KEPT_AS_IS else _masked(sieve, texts)
    sieve.mark(parsed.bad, f"bad_{kind}", theirs)
    return parsed.values


def _masked(sieve: Sieve, texts: "pd.Series[Any]") -> "pd.Series[Any]":
    masked = texts.map({text: naming.mask(text) for text in texts.dropna().unique()}, na_action="ignore")
    changed = int((masked.notna() & (masked != texts)).sum())
    if changed:
        sieve.notes.append(note("import_masked", count=changed, column=texts.name))
    return masked.astype(object).where(masked.notna(), None)


def _times(sieve: Sieve, theirs: str, cells: "pd.Series[Any]", clock: Clock) -> "pd.Series[Any]":
    since = moments.since_of(sieve.raw.found)
    parsed = values.times(cells, zone=clock.zone, order=clock.order, since=since)
    if parsed.decided == "unsure" and parsed.bad.any():
        raise TableError("import_date_order_unsure", where=str(sieve.raw.path), column=theirs)
    if parsed.decided == "serial":
        sieve.notes.append(note("import_serial_dates", column=theirs))
    sieve.mark(parsed.bad, parsed.reasons if parsed.reasons is not None else "bad_time", theirs)
    sieve.notes.append(note("import_zone", column=theirs, zone=clock.zone))
    return parsed.values


def _residents(sieve: Sieve, frame: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    hexagons.refuse(sieve, frame["geometry"])
    where = named.residents_places(sieve.frame, sieve.columns, frame["geometry"])
    frame = pd.concat([frame, where], axis=1)
    cells = given(sieve, "base")
    frame["base"], bad = persons.base(cells) if cells is not None else ("actual", np.zeros(len(frame), dtype=bool))
    sieve.mark(bad, "bad_base", sieve.columns.theirs("base"))
    counted = persons.count(sieve.frame, sieve.columns, frame, today=clock.today)
    for ours, flags in counted.bad.items():
        reason = "bad_age_band" if ours == "age_band" else "bad_age" if ours in persons.OF_AGE else "bad_int"
        sieve.mark(flags, reason, sieve.columns.theirs(ours))
    frame = counted.rows
    sieve.mark(frame["place_kind"].isna().to_numpy(bool), "no_place")
    silent = frame[list(persons.COUNTS)].isna().all(axis=1).to_numpy(bool)
    sieve.mark(silent & ~_outlines(sieve, frame), "no_counts")
    sieve.mark(persons.repeated(sieve.frame, sieve.columns, among=sieve.kept), "duplicate_person")
    if counted.ages_unknown:
        sieve.notes.append(note("import_ages_unknown", count=counted.ages_unknown))
    sieve.reduced = "" if counted.kind == "counts" else counted.kind
    return _areas_named(frame) if sieve.reduced else _same_place_twice(sieve, _areas_named(frame))


def _outlines(sieve: Sieve, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell the rows of a list that counts nothing and draws areas of a code: tables that come later name these."""
    drawn = (frame["place_kind"] == "area") & frame["place_id"].notna() & frame["geometry"].notna()
    if sieve.columns.has(*persons.COUNTS, *persons.PERSON, *persons.HOUSEHOLD) or not drawn.any():
        return np.zeros(len(frame), dtype=bool)
    sieve.notes.append(note("import_areas_known", count=int(drawn.sum())))
    return drawn.to_numpy(bool)


def _areas_named(frame: pd.DataFrame) -> pd.DataFrame:
    """Give areas that are known by their shape alone a name of their own."""
    nameless = (frame["place_kind"] == "area") & frame["place_id"].isna()
    made = frame["import_id"] + "-" + frame["source_row"].astype(str)
    return frame.assign(place_id=frame["place_id"].where(~nameless, made))


def _same_place_twice(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    """Reject counts of a place that was counted in an earlier row: adding them up or not would be a guess."""
    keys = ["place_kind", "place_id", "base"]
    again = frame.loc[sieve.kept & frame["place_id"].notna().to_numpy(bool), keys].duplicated()
    sieve.mark(again.reindex(frame.index, fill_value=False).to_numpy(bool), "place_again")
    return frame


def _placed_by_words(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what says in words where a row lies."""
    frame["building_id"] = named.ids(sieve.frame, sieve.columns, "building_id")
    frame["part_id"] = named.ids(sieve.frame, sieve.columns, "part_id")
    frame["address"] = named.texts(sieve.frame, sieve.columns, own_words=True)
    return frame


def _incidents(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    return tickets.incidents(sieve, _placed_by_words(sieve, frame))


def _resources(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    frame = _placed_by_words(sieve, frame)
    if "category" in frame:
        titles = _category_titles()
        frame["category"] = frame["category"].map(lambda text: titles.get(text.casefold(), text), na_action="ignore")
    nothing = frame.reindex(columns=["name", "category"]).isna().all(axis=1)
    sieve.mark(nothing.to_numpy(bool), "no_name")
    frame["edited_by_hand"] = False
    return frame


def _category_titles() -> dict[str, str]:
    """Give our categories by what they are called in the layers."""
    found = {}
    for name, layer in catalog.layers("resources").items():
        for title in (name, *layer["layer"]["title"].values()):
            found[str(title).casefold()] = name
    return found


def _buildings(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    frame["name"] = _building_names(sieve, frame)
    frame["compound"] = named.ids(sieve.frame, sieve.columns, "compound")
    frame["outline_source"] = _outline_sources(sieve, frame)
    frame["reason"] = _where(frame["geometry"].isna(), "no_outline")
    frame["households_source"] = _where(frame.reindex(columns=["households"])["households"].notna(), "register")
    frame = _given(frame, "households", "residents", "shops", "workplaces")
    frame["status"] = frame.get("status", pd.Series([None] * len(frame), index=frame.index)).fillna("standing")
    frame["edited_by_hand"] = False
    return frame


def _outline_sources(sieve: Sieve, frame: pd.DataFrame) -> "pd.Series[Any]":
    """Say whether an outline was drawn by its owner or by us around a point; None where there is none."""
    drawn = sieve.raw.geometry is not None or sieve.columns.has("wkt")
    source = pd.Series("import" if drawn else "point", index=frame.index, dtype=object)
    if sieve.raw.geometry is not None:
        kinds = [getattr(shape, "geom_type", "") for shape in sieve.raw.geometry]
        source[np.isin(kinds, ["Point", "MultiPoint"])] = "point"
    return source.where(frame["geometry"].notna(), None)


def _where(rows: "pd.Series[Any]", word: str) -> "pd.Series[Any]":
    return pd.Series(word, index=rows.index, dtype=object).where(rows, None)


def _building_names(sieve: Sieve, frame: pd.DataFrame) -> "pd.Series[Any]":
    """Name buildings by compound and number, so that 3号楼 of one is not taken for 3号楼 of another."""
    name = frame.get("name", pd.Series([None] * len(frame), index=frame.index, dtype=object))
    compound = named.ids(sieve.frame, sieve.columns, "compound").fillna("")
    chinese = named.speaks_chinese(sieve.columns)
    named_ = zip(compound, name, strict=True)
    texts = [named.house_name(a, b, chinese=chinese) if isinstance(b, str) else None for a, b in named_]
    return pd.Series(texts, index=frame.index, dtype=object)


def _parts(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    frame = _placed_by_words(sieve, frame)
    sieve.mark(frame[["building_id", "address"]].isna().all(axis=1).to_numpy(bool), "no_place")
    low, high = (frame.reindex(columns=[name])[name] for name in ("floor_from", "floor_to"))
    sieve.mark((low.astype("Int64") > high.astype("Int64")).fillna(False).to_numpy(bool), "floors_reversed")
    frame["source"] = "given"
    return _given(frame, "households", "residents")


def _given(frame: pd.DataFrame, *measures: str) -> pd.DataFrame:
    """Keep what a list itself says beside what registers will make of it."""
    return frame.assign(**{f"{name}_given": frame[name] for name in measures if name in frame})


def _barriers(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    if "strength" not in frame:
        frame["strength"] = 1.0
        sieve.notes.append(note("import_barriers_full_strength", count=len(frame)))
    sieve.mark((frame["strength"] > 1).to_numpy(bool), "bad_strength", sieve.columns.theirs("strength"))
    frame["strength"] = frame["strength"].fillna(1.0)
    frame["on_ground"] = frame.get("on_ground", pd.Series([True] * len(frame), index=frame.index)).fillna(value=True)
    frame["edited_by_hand"] = False
    return frame


def _entrances(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    frame["building_id"] = named.ids(sieve.frame, sieve.columns, "building_id")
    kind = frame.get("kind", pd.Series([None] * len(frame), index=frame.index, dtype=object))
    frame["kind"] = kind.where(kind.isin(["door", "gate"]), np.where(frame["building_id"].notna(), "door", "gate"))
    return frame


def _compounds(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    del sieve
    frame["kind"] = frame.get("kind", pd.Series([None] * len(frame), index=frame.index)).fillna("residential")
    frame["edited_by_hand"] = False
    return frame


def _units(sieve: Sieve, frame: pd.DataFrame) -> pd.DataFrame:
    """Say which unit a row is about, and what it says the unit holds."""
    frame = _placed_by_words(sieve, frame)
    blank = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    cells = given(sieve, "covers")
    frame["covers"] = blank if cells is None else _masked(sieve, values.texts(cells))
    several = _masked(sieve, named.several_buildings(sieve.frame, sieve.columns))
    frame["covers"] = frame["covers"].where(frame["covers"].notna(), several)
    frame["address"] = frame["address"].where(several.isna(), None)
    parts = given(sieve, "part")
    frame["part"] = blank if parts is None else values.texts(parts)
    shaped = pd.Series([shape is not None for shape in frame["geometry"]], index=frame.index)
    unit = frame.get("name", blank).fillna(frame.get("code", blank))
    if shaped.any() and unit[shaped].nunique() <= shaped.sum() / 2:
        unit = unit.where(~shaped, None)  # an id that repeats itself from polygon to polygon names none of them
    frame["unit"] = unit.where(unit.notna() | ~shaped, frame["source_row"].astype(str))
    sieve.mark(frame["unit"].isna().to_numpy(bool), "no_unit")
    words = frame["building_id"].where(frame["building_id"].notna(), frame["address"])
    frame["said"] = duties.of_units(sieve, words.where(words.notna(), frame["covers"]))
    said = frame[["covers", "address", "building_id"]].notna().any(axis=1) | shaped
    sieve.mark(~said.to_numpy(bool), "no_place")
    return frame


_FINISH: dict[str, Callable[[Sieve, pd.DataFrame], pd.DataFrame]] = {
    "incidents": _incidents,
    "resources": _resources,
    "buildings": _buildings,
    "parts": _parts,
    "barriers": _barriers,
    "entrances": _entrances,
    "compounds": _compounds,
    "units": _units,
}
