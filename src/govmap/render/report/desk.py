"""What every section of a report has at hand: what was released, the language, names of units and kinds, marks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from govmap import catalog
from govmap.messages import Voice
from govmap.publish import Released
from govmap.render.band import Band, bands
from govmap.render.place import Frame, column
from govmap.render.report.paper import Cell, Picture, Writer, heading
from govmap.render.scene import Sheet, Show, draw, ground, lowest, short

ABOUT = "≈"
NOTHING = "–"
MANY_UNITS = 60
GUESSED = 0.005  # a smaller share rounds to nothing
HECTARE_M2 = 10_000
ACRE_M2 = 4_046.8564224
GROUND = "ground"


def records(frame: Frame) -> list[dict[str, Any]]:
    """Give the rows of a frame, null as None."""
    filled = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in filled.to_dict("records")]


def numbers(frame: Frame, name: str) -> "pd.Series[float]":
    """Give a column as numbers, NaN where there is none."""
    return pd.to_numeric(column(frame, name), errors="coerce").astype(float)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What sections are written from; `terminal` names the stages at which an incident is done."""

    released: Released
    voice: Voice
    sheet: Sheet | None
    data_date: str | None = None
    credit: str | None = None
    length: str = "m"
    levels: Mapping[str, Mapping[str, str]] | None = None
    terminal: frozenset[str] = frozenset()
    assessed: Mapping[str, Any] = field(default_factory=dict)  # what gaps were judged by: standards, moment
    plan_names: Mapping[str, str] = field(default_factory=dict)  # what people call each plan

    def say(self, key: str, /, **facts: Any) -> str:
        """Give a text in the language of the report."""
        return self.voice.say(key, **facts)

    def writer(self, key: str) -> Writer:
        """Begin a section."""
        return Writer(key, self.voice.say(f"report_{key}"))

    def table(self, name: str) -> Frame:
        """Give a released table, empty where there is none."""
        return self.released.tables.get(name, pd.DataFrame())

    # units ------------------------------------------------------------------------------------------------------------
    @cached_property
    def units(self) -> Frame:
        """Units in the order of their codes."""
        units = self.table("units")
        code = column(units, "code").fillna(units["unit_id"]).astype(str)
        key = code.str.replace(r"\d+", lambda digits: digits[0].zfill(20), regex=True)
        return units.assign(_key=key).sort_values(["_key", "unit_id"], kind="stable", ignore_index=True)

    @cached_property
    def base(self) -> Frame:
        """Units of the lowest level."""
        return lowest(self.units)

    @cached_property
    def told_units(self) -> Frame:
        """Units of the level that results are told of: the lowest, or the one above where there are very many."""
        base = self.base
        above = self.units[self.units["unit_id"].isin(column(base, "parent_unit_id").dropna())]
        return above.reset_index(drop=True) if len(base) > MANY_UNITS and len(above) else base

    def of_level(self, name: str) -> Frame:
        """Give the rows of a table that tell of the units of that level."""
        frame = self.table(name)
        if frame.empty:
            return frame
        return frame[frame["unit_id"].isin(set(self.told_units["unit_id"]))].reset_index(drop=True)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each unit is called: its short code and its name."""
        found = {}
        for unit, code, name in zip(
            self.units["unit_id"], column(self.units, "code"), column(self.units, "name"), strict=True
        ):
            told = short(str(code or unit))
            found[str(unit)] = f"{told} {name}" if name and str(name) != told else told
        return found

    def unit(self, unit_id: Any) -> str:
        """Call a unit by its name."""
        return self.names.get(str(unit_id), str(unit_id))

    def several(self, ids: Iterable[Any], most: int = 6) -> str:
        """Name some units, with dots where there are more."""
        listed = [short(self.unit(one)) for one in ids]
        comma = "、" if self.voice.language == "zh" else ", "
        return comma.join(listed[:most]) + ("…" if len(listed) > most else "")

    @cached_property
    def bands(self) -> Mapping[str, Band]:
        """The wished size by level."""
        return bands(self.table("plans"))

    def level(self, name: Any) -> str:
        """Call a level of units by its title; where there is only one kind it is the profile's own word."""
        if name in (None, "base"):
            return heading(self.say("report_unit"))
        told = {**catalog.layer("levels"), **{key: {"title": one} for key, one in (self.levels or {}).items()}}
        return self.title(told.get(str(name), {}).get("title"), name)

    # kinds ------------------------------------------------------------------------------------------------------------
    def title(self, titles: Mapping[str, str] | None, otherwise: Any) -> str:
        """Choose a title in the language of the report."""
        return titles.get(self.voice.language, str(otherwise)) if titles else str(otherwise)

    def told(self, words: Any) -> str:
        """Give words that stand once, or once a language; a dash where there are none."""
        found = self.title(words, next(iter(words.values()), "")) if isinstance(words, Mapping) and words else words
        return str(found) if found else NOTHING

    def category(self, name: Any) -> str:
        """Call a kind of place by its title."""
        layer = catalog.layers("resources").get(str(name), {})
        return self.title(layer.get("layer", {}).get("title"), str(name).replace("_", " "))

    def kind(self, name: Any) -> str:
        """Call a kind of report: `all` by our word, any other as the lists have it."""
        return self.say("report_all_kinds") if name in (None, "all") else str(name).replace("_", " ")

    def standard(self, name: Any) -> Mapping[str, Any]:
        """Give the row of a standard by SET/ROW; of the user's own as it was when gaps were judged by it."""
        group, _, row = str(name).partition("/")
        found: Mapping[str, Any] = catalog.layers("standards").get(group, {}).get(row, {})
        return found or self.assessed.get("standards", {}).get(str(name), {})

    # figures ----------------------------------------------------------------------------------------------------------
    def number(self, value: Any, *, about: bool = False, places: int = 0) -> str:
        """Write a number, marked where it is estimated; a dash where there is none."""
        if value is None or pd.isna(value):
            return NOTHING
        return f"{ABOUT if about and value else ''}{float(value):,.{places}f}"

    def share(self, value: Any, *, about: bool = False) -> str:
        """Write a share in per cent."""
        return NOTHING if value is None or pd.isna(value) else f"{ABOUT if about and value else ''}{float(value):.0%}"

    def area(self, value: Any) -> str:
        """Write an area in the unit of the profile."""
        if value is None or pd.isna(value):
            return NOTHING
        return f"{float(value) / (ACRE_M2 if self.length == 'ft' else HECTARE_M2):,.1f}"

    def people(self, row: Mapping[str, Any], name: str, *, red: bool = False) -> Cell:
        """Give the cell of a count of people of a unit: withheld, marked as estimated, or plain."""
        if row.get("withheld"):
            return Cell(self.say("report_withheld"), faint=True)
        guessed = (row.get("estimated_share") or 0) > GUESSED
        return Cell(self.number(row.get(name), about=guessed), red=red, faint=guessed)

    # maps -------------------------------------------------------------------------------------------------------------
    @cached_property
    def ground(self) -> str:
        """The drawn ground under every map of this report."""
        return "" if self.sheet is None else ground(self.released, self.sheet)

    def map(self, key: str, title: str, show: Show, units: Frame | None = None) -> Picture | None:
        """Draw a map: once alone, once over the ground that the page holds already."""
        if self.sheet is None:
            return None
        how: dict[str, Any] = {
            "key": key,
            "title": title,
            "show": show,
            "units": self.told_units if units is None else units,
        }
        how |= {"data_date": self.data_date, "credit": self.credit, "length": self.length}
        alone = draw(self.released, self.sheet, self.voice, below=self.ground, **how)
        over = draw(self.released, self.sheet, self.voice, below=f'<use href="#{GROUND}"/>', **how)
        return Picture(title, alone.svg(), alone.width_mm, alone.height_mm, over.svg())
