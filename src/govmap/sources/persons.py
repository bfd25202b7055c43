"""Lists of residents to counts: whoever is named in them, only how many live where is kept.

A list may hold counts, a row a household, or a row a person. Names, identity numbers, dates of birth and rooms are read
here at most to count by and are in nothing that leaves this module.
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from govmap import addresses
from govmap.sources import values
from govmap.sources.columns import ID_NUMBER, Columns, mask

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

COUNTS = (
    "households", "people", "age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus", "living_alone_60",
    "households_registered", "people_registered", "rooms_rented", "people_rented", "shops", "workplaces",
)  # fmt: skip
PERSON = ("person_name", "person_id", "birth_date", "age", "age_band", "relation")
OF_AGE = ("birth_date", "age", "person_id", "age_band")
HOUSEHOLD = ("head_name", "household_key")
HEADS = frozenset({"户主", "本人", "本人或户主", "head", "self", "householder", "head of household"})
BASES = (
    ("registered", re.compile(r"户籍|户口|人户一致|registered")),
    ("rented", re.compile(r"租|流动|暂住|外来|rent|tenant|migrant")),
    ("actual", re.compile(r"常住|实有|实际|居住|自住|actual|resident|usual")),
)
# Where people write words of their own of a place.
SPOKEN = frozenset({"address", "compound", "building", "street", "house_number", "entrance", "community", "unit"})
PLACE_AFTER = re.compile(
    r"小区|社区|花园|家园|花苑|公寓|大厦|大楼|新村|胡同|广场|大院|工业|中心|酒店|学校|医院|超市|市场"
    r"|[苑村路街巷弄里栋幢号城庄屯湾桥院园坊镇乡县区市]|楼(?![上下])"
    r"|\s+(?:street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|court|ct|place|pl|way|house|estate|square|close|tower)\b",
    re.IGNORECASE,
)
STARS = "***"
SHORTEST_NAME, LONGEST_HANZI, LONGEST_NAME = 2, 6, 40
OLD, VERY_OLD = 60, 80
OLDEST = 130
BANDS = (("age_0_6", 0, 6), ("age_7_14", 7, 14), ("age_15_59", 15, 59), ("age_60_plus", OLD, OLDEST), ("age_80_plus", VERY_OLD, OLDEST))  # fmt: skip  # noqa: E501
# Bands that do not overlap, in which a person is told; and how people write a band.
APART = ((0, 6), (7, 14), (15, OLD - 1), (OLD, VERY_OLD - 1), (VERY_OLD, OLDEST))
BAND = re.compile(
    r"(?P<low>\d{1,3})周?岁?(?:(?:[-~～—–至到]|to)(?P<high>\d{1,3})(?:周?岁)?|\+|(?:及|或|含)?以上|andover|plus)",
    re.IGNORECASE,
)
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Counted:
    """What the rows of a list count, row by row, and which cells are bad (our column -> rows)."""

    rows: pd.DataFrame
    bad: dict[str, Flags]
    kind: str
    ages_unknown: int = 0


def kind_of_list(columns: Columns) -> str:
    """Tell what a row stands for: `counts`, a `household`, or a `person`."""
    if columns.has(*HOUSEHOLD, "person_name") and columns.has("people") and not columns.has("households"):
        return "household"
    if columns.has(*COUNTS):
        return "counts"
    if columns.has(*PERSON):
        return "person"
    return "household" if columns.has(*HOUSEHOLD) else "counts"


def count(frame: pd.DataFrame, columns: Columns, places: pd.DataFrame, *, today: pd.Timestamp) -> Counted:
    """
    Say what each row counts.

    Parameters
    ----------
    frame, columns
        The text cells and what they are.
    places
        place_kind, place_id, base in the order of the rows.
    today
        The day on which ages are taken.
    """
    kind = kind_of_list(columns)
    if kind == "person":
        return _persons(frame, columns, places, today)
    rows, bad = places.copy(), {}
    for name in COUNTS:
        theirs = columns.theirs(name)
        parsed = values.numbers(frame[theirs], whole=True) if theirs else None
        rows[name] = parsed.values if parsed else pd.array([None] * len(frame), dtype="Int64")
        if parsed is not None:
            bad[name] = parsed.bad
    if kind == "household":
        rows["households"] = pd.array([1] * len(frame), dtype="Int64")
    return Counted(rows, bad, kind)


def reduce(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up rows of the same place and base; the first row's number and shape stand for all."""
    keys = ["place_kind", "place_id", "base", "building_id", "part_id"]
    shape = pd.Series(shapely.to_wkb(rows["geometry"].to_numpy(object), hex=True), index=rows.index, dtype=object)
    groups = rows.assign(shape=shape.where(rows["place_id"].isna(), None)).groupby(
        [*keys, "shape"], dropna=False, sort=False
    )
    sums = groups[list(COUNTS)].sum(min_count=1)
    firsts = groups[["import_id", "source_row", "geometry"]].first()
    firsts["geometry"] = rows["geometry"].loc[groups["source_row"].idxmin()].to_numpy()
    return firsts.join(sums).reset_index().drop(columns="shape").sort_values("source_row", ignore_index=True)


def unnamed(raw: "RawTable", columns: Columns, *, everywhere: bool = False) -> "RawTable":
    """
    Blot out of the words for places whoever the list itself names, and numbers by which somebody can be reached.

    With `everywhere` out of every column, for rows that go back to their owner.

    People write 张三家 or a telephone number where an address should stand. A name that a place has too (幸福 before
    小区) stays.
    """
    named = _names(raw, columns)
    frame = raw.frame.copy(deep=False)
    for theirs in raw.header:
        if (everywhere or columns.ours.get(theirs) in SPOKEN) and theirs not in columns.withheld:
            codes, unique = pd.factorize(raw.frame[theirs])
            plain_ = np.array([_blotted(mask(text), named) for text in unique], dtype=object)
            frame[theirs] = plain_[codes] if len(unique) else raw.frame[theirs]
    return replace(raw, frame=frame)


def telling(columns: Columns) -> frozenset[str]:
    """Name the columns of a list of persons that tell who somebody is, or of which nobody knows what they tell."""
    inside = {theirs for theirs, ours in columns.ours.items() if ours in (*PERSON, *HOUSEHOLD, "room")}
    return frozenset(inside | set(columns.withheld) | set(columns.left_out))


def by_name(raw: "RawTable", columns: Columns, rows: "pd.Series[Any]") -> pd.DataFrame:
    """
    Give the persons of these rows as an office may keep them: nothing of what must not be stored at all.

    Returns
    -------
    persons
        source_row, name, relation, birth_year, phone, address (as written, with the door), room.
    """
    frame = raw.frame[raw.frame["source_row"].isin(rows)]
    blank = pd.Series([""] * len(frame), index=frame.index, dtype=object)
    phone = next((theirs for theirs, kind in columns.withheld.items() if kind == "phone"), None)

    def cells(*ours: str) -> "pd.Series[Any]":
        theirs = next((found for one in ours if (found := columns.theirs(one))), None)
        return frame[theirs].map(values.clean) if theirs else blank

    born = cells("birth_date").str.extract(r"((?:19|20)\d{2})", expand=False)
    from_id = cells("person_id").map(_born).str[:4]
    words = [cells(one) for one in ("compound", "street", "house_number", "building", "entrance")]
    spoken = ["".join(parts) for parts in zip(*words, strict=True)]
    told = {
        "source_row": frame["source_row"].astype("int64"),
        "name": cells("person_name", "head_name"),
        "relation": cells("relation"),
        "birth_year": born.where(born.notna(), from_id),
        "phone": frame[phone].map(values.clean) if phone else blank,
        "address": cells("address").where(cells("address") != "", pd.Series(spoken, index=frame.index, dtype=object)),
        "room": cells("room"),
    }
    made = pd.DataFrame(told)
    return made.where(made != "", None).reset_index(drop=True)


def _names(raw: "RawTable", columns: Columns) -> frozenset[str]:
    theirs = {one for one, ours in columns.ours.items() if ours in ("person_name", "head_name")}
    theirs |= {one for one, kind in columns.withheld.items() if kind == "name"}
    cells = {values.clean(text).casefold() for one in theirs for text in raw.frame[one].unique()}
    return frozenset(text for text in cells if len(text) >= SHORTEST_NAME and not any(map(str.isdigit, text)))


def _blotted(text: str, named: frozenset[str]) -> str:
    """Blot names of a list out of one text; one that goes on as the name of a place stays."""
    if not named or not text:
        return text
    lowered, kept, at = text.casefold(), [], 0
    if len(lowered) != len(text):  # a letter that folds into two: places in the text would be off
        return STARS if lowered.strip() in named else text
    while at < len(text):
        end = _named_until(lowered, at, named)
        kept.append(STARS if end > at else text[at])
        at = max(end, at + 1)
    return "".join(kept)


def _named_until(text: str, at: int, named: frozenset[str]) -> int:
    """Say where a name that begins here ends; `at` where none does."""
    hanzi = "一" <= text[at] <= "鿿"
    if not hanzi and at and text[at - 1].isalnum():
        return at
    longest = LONGEST_HANZI if hanzi else LONGEST_NAME
    for end in range(min(len(text), at + longest), at + 1, -1):
        if text[at:end] in named and not PLACE_AFTER.match(text, end) and (hanzi or not text[end : end + 1].isalnum()):
            return end
    return at


def base(cells: "pd.Series[Any]") -> tuple["pd.Series[Any]", Flags]:
    """Say on which basis people are counted: registered, actual, rented; what is none of these is bad."""
    found = cells.map(values.clean).map(_base)
    return found.fillna("actual"), (found.isna() & (cells.map(values.clean) != "")).to_numpy(bool)


def repeated(frame: pd.DataFrame, columns: Columns, *, among: Flags) -> Flags:
    """Tell rows whose identity number stood in one of these rows before."""
    theirs = columns.theirs("person_id")
    if theirs is None:
        return np.zeros(len(frame), dtype=bool)
    numbers = frame[theirs].map(values.clean).str.upper()
    again = numbers[among & (numbers != "").to_numpy(bool)].duplicated()
    return again.reindex(frame.index, fill_value=False).to_numpy(bool)


def _base(text: str) -> str | None:
    return next((name for name, words in BASES if words.search(text.casefold())), None)


def _persons(frame: pd.DataFrame, columns: Columns, places: pd.DataFrame, today: pd.Timestamp) -> Counted:
    rows = places.copy()
    age, bad = _ages(frame, columns, today)
    old = age.to_numpy(dtype=float, na_value=np.nan)
    rows["people"] = pd.array([1] * len(frame), dtype="Int64")
    known = np.isfinite(old)
    any_age = columns.has(*OF_AGE)
    for name, low, high in BANDS:
        inside = pd.Series((old >= low) & (old <= high), index=frame.index).astype("Int64")
        rows[name] = inside.where(known | any_age, None)
    heads, households = _households(frame, columns, places)
    rows["households"] = heads
    alone = (households == 1) & (old >= OLD)
    rows["living_alone_60"] = pd.Series(alone, index=frame.index).astype("Int64").where(households > 0, None)
    for name in COUNTS:
        rows[name] = rows[name] if name in rows else pd.array([None] * len(frame), dtype="Int64")
    wrong = np.logical_or.reduce([np.zeros(len(frame), dtype=bool), *bad.values()])
    return Counted(rows, bad, "person", int((~known & any_age & ~wrong).sum()))


def _ages(frame: pd.DataFrame, columns: Columns, today: pd.Timestamp) -> tuple["pd.Series[Any]", dict[str, Flags]]:
    """Read ages: from what says it most surely, row by row; of a band its lowest."""
    age = pd.Series(pd.array([None] * len(frame), dtype="Int64"), index=frame.index)
    bad: dict[str, Flags] = {}
    if columns.has("age_band"):
        cells = frame[columns.theirs("age_band")].map(values.clean)
        age = cells.map(_lowest).astype("Int64")
        bad["age_band"] = (age.isna() & (cells != "")).to_numpy(bool)
    if columns.has("age"):
        parsed = values.numbers(frame[columns.theirs("age")], whole=True)
        bad["age"] = parsed.bad | (parsed.values > OLDEST).fillna(False).to_numpy(bool)
        age = parsed.values.fillna(age)
    if columns.has("person_id"):
        born = frame[columns.theirs("person_id")].map(_born)
        age = values.ages(born, today).values.fillna(age)
    if columns.has("birth_date"):
        parsed = values.ages(frame[columns.theirs("birth_date")], today)
        bad["birth_date"] = parsed.bad
        age = parsed.values.fillna(age)
    return age, bad


def age_bands(frame: pd.DataFrame, columns: Columns, *, today: pd.Timestamp) -> "pd.Series[Any] | None":
    """Give the age band of each person as people write it, empty where none is known; None where no list tells ages."""
    if kind_of_list(columns) != "person" or not columns.has(*OF_AGE):
        return None
    age, bad = _ages(frame, columns, today)
    for flags in bad.values():
        age = age.where(~flags, pd.NA)
    old = age.to_numpy(dtype=float, na_value=np.nan)
    told = np.full(len(frame), "", dtype=object)
    for low, high in APART:
        told[(old >= low) & (old <= high)] = f"{low}-{high}" if high < OLDEST else f"{low}+"
    return pd.Series(told, index=frame.index, dtype=object)


def _lowest(text: str) -> int | None:
    """Give the lowest age of a band that lies within one of ours: 0-6, 65~70岁, 80+, 80岁以上; None of any other."""
    found = BAND.fullmatch(text.replace(" ", ""))
    if not found:
        return None
    low, high = int(found["low"]), int(found["high"]) if found["high"] else OLDEST
    return low if any(first <= low <= high <= last for first, last in APART) else None


def _born(text: str) -> str:
    """Take the date of birth out of an identity number of 18 or 15 digits."""
    text = values.clean(text)
    if not ID_NUMBER.fullmatch(text):
        return ""
    day = text[6:14] if len(text) == 18 else f"19{text[6:12]}"  # noqa: PLR2004 - digits of an identity number
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def _households(
    frame: pd.DataFrame, columns: Columns, places: pd.DataFrame
) -> tuple["pd.Series[Any]", npt.NDArray[np.int64]]:
    """Give 1 for the row that stands for its household (nothing where that is unknown), and each household's size."""
    group = _groups(frame, columns, places)
    if group is not None:
        size = np.asarray(group.map(group.value_counts()).fillna(0), dtype=np.int64)
        first = (~group.duplicated() & group.notna()).astype("Int64")
        return first.where(group.notna(), 0), size
    unknown = np.zeros(len(frame), dtype=np.int64)
    if columns.has("relation"):
        relation = frame[columns.theirs("relation")].map(values.clean).str.casefold()
        return relation.isin(HEADS).astype("Int64"), unknown
    return pd.Series(pd.array([None] * len(frame), dtype="Int64"), index=frame.index), unknown


def _groups(frame: pd.DataFrame, columns: Columns, places: pd.DataFrame) -> "pd.Series[Any] | None":
    """Say which rows live together: by the household's key, its head, or the door."""
    place = places["place_id"].astype(object).fillna("")
    for ours in (*HOUSEHOLD, "room"):
        theirs = columns.theirs(ours)
        if theirs:
            key = frame[theirs].map(values.clean)
            return (place + "\x1f" + key).where(key != "", None)
    if not columns.has("address"):
        return None
    whole = frame[columns.theirs("address")].map(values.clean)
    doors = whole.map(lambda text: addresses.normalise(text) if text else "")
    has_room = doors.to_numpy() != whole.map(lambda text: addresses.without_room(text) if text else "").to_numpy()
    return doors.where(has_room, None) if has_room.any() else None
