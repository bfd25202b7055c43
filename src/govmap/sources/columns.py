"""Which of their columns is which of ours, and which must not be stored at all.

The words stand in `layers/columns.toml` and `layers/sensitive.toml`; here they are compared. A column is recognised by
its whole name, without case, spaces, punctuation and brackets; nothing is guessed from parts of a name, except that it
must *not* be kept.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from govmap import catalog
from govmap.errors import TableError
from govmap.schema import TABLES
from govmap.sources import masking, roles

UNDER = "›"
PLACED = frozenset({"residents", "resources", "incidents", "workers", "buildings", "parts", "entrances", "units"})
OWN_WORDS = {"workers": frozenset({"name", "office_phone"})}
OF_THOSE_WHO_ANSWER = frozenset({"name", "phone"})
DBASE_NAME = 10
FEWEST_VALUES, MOST_LOOKED_AT, TELLING_SHARE, MOST_NAMES = 3, 5000, 0.5, 50_000
ID_NUMBER = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"|\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?![\dXx])"
)
PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
DATUM_WORDS = (
    ("bd09", re.compile(r"百度|bd-?_?09|baidu")),
    ("gcj02", re.compile(r"gcj|火星|高德|腾讯|amap|tencent")),
)
# Traditional letters of column names, as lists from Hong Kong, Macao and Taiwan have them.
SIMPLE = str.maketrans(
    "戶數樓號區棟單門牌詳細經緯編碼類別時間報狀態處應責評廣場總計歲齡獨長稱樣員職務電話層層備註網範圍聯絡組織機構設資訊點標",
    "户数楼号区栋单门牌详细经纬编码类别时间报状态处应责评广场总计岁龄独长称样员职务电话层层备注网范围联络组织机构设资讯点标",
)
BRACKETS = re.compile(r"[(\[【](.*?)[)\]】]")
# What in brackets makes another thing of a name: empty homes are no households.
OTHER_THINGS = re.compile(
    r"空[置关房][户数房]*|未(?:入住|售|交付|登记)[户数]*|非(?:户籍|常住|本地|住宅)[人户]*[口数]*|去年|上年|往年|原|旧|曾用|"
    r"vacant|empty|unoccupied|former|previous|old|last year|non-\w+",
    re.IGNORECASE,
)
SHAPE = {"en": "shapes on the map", "zh": "图形"}
LESSER = "微"  # the level below: its words go first where a list has both, but do not name the column
PATTERNS = {"id_number": ID_NUMBER, "phone": PHONE}


@dataclass(frozen=True)
class Columns:
    """Which column is which: ours by theirs, kinds of what is withheld by theirs, what is left out, what was said."""

    ours: Mapping[str, str]
    withheld: Mapping[str, str]
    left_out: tuple[str, ...]
    said: frozenset[str] = frozenset()

    def theirs(self, ours: str) -> str | None:
        """Give the name that a column of ours has in the file."""
        return next((theirs for theirs, name in self.ours.items() if name == ours), None)

    def has(self, *ours: str) -> bool:
        """Tell whether the file has any of these."""
        return any(self.theirs(one) is not None for one in ours)


def recognise(frame: pd.DataFrame, table: str, *, given: Mapping[str, str] | None = None) -> Columns:
    """
    Say what the columns of a list are.

    Parameters
    ----------
    frame
        Text cells, a column a header name.
    table
        The table of ours that the list is for.
    given
        Theirs -> ours, as the user says; stands over what is recognised. `-` leaves a column out.

    Returns
    -------
    columns
        Every column is in one of: ours, withheld, left out. A column of persons that is only counted (a birth date)
        is in both of the first two.
    """
    given = {theirs: _ours(ours, table) for theirs, ours in (given or {}).items()}
    _check_given(frame, table, given)
    said = frozenset(given)
    claimed = roles.claims({theirs: plain(theirs) for theirs in frame.columns if theirs not in given}, table)
    given = {**claimed, **given}
    answering = {theirs for theirs, name in given.items() if theirs in claimed or name.startswith(roles.WORKER)}
    withheld = {
        theirs: kind
        for theirs, kind in sensitive(frame, table).items()
        if theirs not in answering or kind not in OF_THOSE_WHO_ANSWER
    }
    ours = {theirs: name for theirs, name in given.items() if name != "-" and theirs not in withheld}
    free = [theirs for theirs in frame.columns if theirs not in given]
    counted = vocabulary_of_persons() if table == "residents" else {}
    words = vocabulary(table)
    claims = {
        theirs: claim
        for theirs in free
        if (claim := _claim(theirs, free, counted if theirs in withheld else words)) is not None
        and not _how_many(theirs, frame[theirs])
    }
    for theirs, (_, name) in sorted(claims.items(), key=lambda item: item[1][0]):
        if name not in ours.values():
            ours[theirs] = name
    left = tuple(theirs for theirs in frame.columns if theirs not in ours and theirs not in withheld)
    return Columns({one: ours[one] for one in frame.columns if one in ours}, withheld, left, said)


def sensitive(frame: pd.DataFrame, table: str | None = None) -> dict[str, str]:
    """Name the columns that must not be stored, by their names and by what stands in them: theirs -> kind."""
    own = OWN_WORDS.get(table or "", frozenset())
    found = {}
    for theirs in frame.columns:
        claim = _claim(theirs, [], vocabulary(table)) if table else None
        if claim is not None and claim[1] in own:
            continue
        kind = _sensitive_name(theirs, table) or _sensitive_values(frame[theirs])
        if kind:
            found[theirs] = kind
    return found


def known(text: str) -> bool:
    """Tell whether any table has a column of this name."""
    return plain(text) in _all_words()


@lru_cache(maxsize=MOST_NAMES)
def plain(text: str) -> str:
    """Give a column's name without case, width, spaces, punctuation and brackets."""
    text = re.sub(r"[（(\[【].*?[）)\]】]", "", unicodedata.normalize("NFKC", text)) or text
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text).casefold().translate(SIMPLE)
    return re.sub(r"[\W_]+", "", text.replace("+", "plus").replace("~", "-").replace("#", "no"))


@cache
def vocabulary(table: str) -> Mapping[str, tuple[int, str]]:
    """Give what a table's columns are called: plain word -> (rank, our column), own words over places."""
    words: dict[str, tuple[int, str]] = {}
    groups = [table, *(["persons"] if table == "residents" else []), *(["place"] if table in PLACED else [])]
    if table not in PLACED:
        words.update({plain(word): (rank, "wkt") for rank, word in enumerate(catalog.layer("columns")["place"]["wkt"])})
    for group in groups:
        for ours, names in catalog.layer("columns").get(group, {}).items():
            for rank, word in enumerate([ours, *names]):
                words.setdefault(plain(word), (rank, ours))
    return words


@cache
def vocabulary_of_persons() -> Mapping[str, tuple[int, str]]:
    """Give what columns of persons are called that may be counted and not kept."""
    persons = catalog.layer("columns")["persons"]
    return {plain(word): (rank, ours) for ours, names in persons.items() for rank, word in enumerate([ours, *names])}


def columns_of(table: str) -> frozenset[str]:
    """Name everything a user may map a column to."""
    words = {ours for _, ours in vocabulary(table).values()} | (roles.fields() if table == "units" else set())
    return frozenset(words | {column.name for column in TABLES[table]} - {"import_id", "source_row", "reason"})


def meaning(ours: str, table: str) -> dict[str, str]:
    """Name a column of ours in either language, as the empty lists head it."""
    if ours == "geometry":
        return SHAPE
    rooms = catalog.layer("columns")
    words = [word for room in (rooms.get(table, {}), *rooms.values()) for word in room.get(ours, ())]
    chinese = (word for word in words if any("\u4e00" <= letter <= "\u9fff" for letter in word))
    english = re.sub(r"(?<=\d) (?=\d)", "-", ours.replace("_", " "))
    return {"en": english, "zh": next((word for word in chinese if word[0] not in LESSER), ours)}


def stated_datum(columns: Columns) -> tuple[str, str] | None:
    """Name a column of coordinates that says itself which shifted datum it is in, and that datum."""
    for theirs, ours in columns.ours.items():
        if ours in ("lon", "lat", "coordinates"):
            datum = next((datum for datum, word in DATUM_WORDS if word.search(theirs.casefold())), None)
            if datum:
                return theirs, datum
    return None


def mask(text: str) -> str:
    """Blot numbers by which a person is known or reached out of free text; see `masking`."""
    return masking.mask(text)


def _ours(said: str, table: str) -> str:
    """Give a column of ours that a user names as people call it: --column 户=户数."""
    return said if said == "-" or said in columns_of(table) else vocabulary(table).get(plain(said), (0, said))[1]


def _check_given(frame: pd.DataFrame, table: str, given: Mapping[str, str]) -> None:
    for theirs, ours in given.items():
        if theirs not in frame.columns:
            raise TableError("import_no_such_column", column=theirs, columns=list(frame.columns))
        if ours != "-" and ours not in columns_of(table):
            raise TableError("import_no_such_target", column=ours, table=table, columns=sorted(columns_of(table)))


def _claim(theirs: str, header: Iterable[str], words: Mapping[str, tuple[int, str]]) -> tuple[int, str] | None:
    """Say which of our columns a name claims, with the rank of the word (a small rank is a sure word)."""
    if _denied(theirs):
        return None
    whole = _qualified(theirs, words) or words.get(plain(theirs)) or _cut_name(theirs, words)
    if whole:
        return whole
    if UNDER in theirs:
        return _under(theirs, header, words)
    return _in_two_languages(theirs, words) or _of_several(theirs, words)


def _how_many(theirs: str, cells: "pd.Series[Any]") -> bool:
    """Tell a column that says how many buildings a unit has, as our own exports do, from one that says which."""
    filled = [text for text in cells.tolist() if isinstance(text, str) and text.strip()]
    return plain(theirs) == "buildings" and bool(filled) and all(text.strip().isdigit() for text in filled)


def _denied(theirs: str) -> bool:
    """Tell a name whose brackets turn it into something else: 户数（空置）, Flats (vacant)."""
    return any(
        OTHER_THINGS.fullmatch(inside.strip()) for inside in BRACKETS.findall(unicodedata.normalize("NFKC", theirs))
    )


def _qualified(theirs: str, words: Mapping[str, tuple[int, str]]) -> tuple[int, str] | None:
    """Recognise what a name means with its brackets read first: 户数（户籍） is 户籍户数."""
    text = unicodedata.normalize("NFKC", theirs)
    inside = BRACKETS.findall(text)
    return words.get(plain(inside[0] + BRACKETS.sub("", text))) if len(inside) == 1 else None


def _in_two_languages(theirs: str, words: Mapping[str, tuple[int, str]]) -> tuple[int, str] | None:
    """Recognise a name that stands there in Chinese and in English, by either, unless they say different things."""
    text = BRACKETS.sub(" ", unicodedata.normalize("NFKC", theirs))
    pieces = [
        piece
        for piece in re.split(r"(?<=[一-鿿])[^\w一-鿿]*(?=[A-Za-z])|(?<=[A-Za-z.])[^\w一-鿿]*(?=[一-鿿])", text)
        if piece
    ]
    claims = [words[plain(piece)] for piece in pieces if plain(piece) in words]
    return min(claims) if len(pieces) == 2 and len({name for _, name in claims}) == 1 else None  # noqa: PLR2004


def _of_several(theirs: str, words: Mapping[str, tuple[int, str]]) -> tuple[int, str] | None:
    """Recognise a name of several words for one thing, 楼号/栋号: each of them must be known."""
    claims = [words.get(plain(piece)) for piece in re.split(r"[/|、\n\r\s]+", theirs) if plain(piece)]
    known_ = [claim for claim in claims if claim is not None]
    alike = len(claims) > 1 and len(known_) == len(claims) and len({name for _, name in known_}) == 1
    return min(known_) if alike else None


def _cut_name(theirs: str, words: Mapping[str, tuple[int, str]]) -> tuple[int, str] | None:
    """Recognise a name cut at ten letters, as dBase does."""
    if len(theirs) != DBASE_NAME or not theirs.isascii():
        return None
    claims = {claim for word, claim in words.items() if word.startswith(plain(theirs)) and word.isascii()}
    return min(claims) if len({name for _, name in claims}) == 1 else None


def _under(theirs: str, header: Iterable[str], words: Mapping[str, tuple[int, str]]) -> tuple[int, str] | None:
    """Recognise a name below a spanning header, where no other column has the same name below another."""
    child = theirs.rpartition(UNDER)[2]
    children = Counter(plain(one.rpartition(UNDER)[2]) for one in header)
    return words.get(plain(child)) if children[plain(child)] <= 1 else None


def _sensitive_name(theirs: str, table: str | None) -> str | None:
    names = {plain(one) for one in [theirs, *theirs.split(UNDER)]}
    for kind, words in _sensitive_words().items():
        if kind == "name" and table not in ("residents", None) and "name" in names:
            continue
        if names & words["words"] or any(part in name for name in names for part in words["parts"]):
            return kind
    return "name" if table == "residents" and "name" in names else None


def _sensitive_values(cells: pd.Series) -> str | None:
    values = [text for text in cells.iloc[:MOST_LOOKED_AT].tolist() if isinstance(text, str) and text.strip()]
    if len(values) < FEWEST_VALUES:
        return None
    for kind, pattern in PATTERNS.items():
        if sum(bool(pattern.fullmatch(text.strip())) for text in values) >= TELLING_SHARE * len(values):
            return kind
    lowered = [text.strip().casefold() for text in values]
    for kind, words in _sensitive_words().items():
        if words["values"] and sum(text in words["values"] for text in lowered) >= TELLING_SHARE * len(values):
            return kind
    return None


@cache
def _sensitive_words() -> Mapping[str, Mapping[str, frozenset[str]]]:
    kinds = {kind: words for kind, words in catalog.layer("sensitive").items() if kind != "incidents"}
    return {
        kind: {
            "words": frozenset(map(plain, words.get("words", []))),
            "parts": frozenset(map(plain, words.get("parts", []))),
            "values": frozenset(words.get("values", [])),
        }
        for kind, words in kinds.items()
    }


@cache
def _all_words() -> frozenset[str]:
    columns = catalog.layer("columns").values()
    ours = {plain(word) for group in columns for name, names in group.items() for word in [name, *names]}
    return frozenset(ours.union(*(words["words"] for words in _sensitive_words().values())))
