"""Service standards: how far a place may be, for whom, and how much for how many; ours and the user's own files."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govmap import catalog
from govmap.errors import InputError
from govmap.network import SPEED_M_S

FOLDER = "standards"
HEAD = "standard"
EVERYONE = "all"
BANDS = ("age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus")
WHOM = (EVERYONE, *BANDS)
MEASURES = ("sites", "capacity", "green")
NORM_OF = ("people", "households")
SECONDS = 60.0
FARTHEST_M = 50_000.0


@dataclass(frozen=True, kw_only=True)
class Amount:
    """So much of a unit for so many people (or households), and who says so."""

    amount: float
    per: float
    unit: str
    source: Mapping[str, str]
    verified: bool
    of: str = "people"
    measure: str = "capacity"
    circle_people: int = 0


@dataclass(frozen=True, kw_only=True)
class Standard:
    """
    One row of a standard: a kind of place that everybody of a group should have within a walk.

    `name` is SET/ROW; `category` the layer that names the gap, `also` layers whose places serve as well; `whom` is all
    or an age band of `residents`; `places` says how many places a head are enough, `norm` how much a community should
    have.
    """

    name: str
    category: str
    title: Mapping[str, str]
    set_title: Mapping[str, str]
    source: Mapping[str, str]
    distance_m: float | None = None
    walk_min: float | None = None
    also: tuple[str, ...] = ()
    whom: str = EVERYONE
    speed: str = "general"
    places: Amount | None = None
    norm: Amount | None = None
    clause: str = ""
    year: int | None = None
    verified: bool = False

    @property
    def limit_m(self) -> float:
        """The longest walk in metres; minutes are walked at the speed of those it is for."""
        if self.distance_m is not None:
            return self.distance_m
        return float(self.walk_min or 0.0) * SECONDS * SPEED_M_S[self.speed]

    @property
    def categories(self) -> tuple[str, ...]:
        """Every layer whose places serve."""
        return (self.category, *self.also)

    @property
    def facts(self) -> dict[str, Any]:
        """What a program or a caption needs to say where the number comes from."""
        told: dict[str, Any] = {
            "standard": self.name,
            "category": self.category,
            "also": list(self.also),
            "whom": self.whom,
        }
        told |= {"title": dict(self.title), "limit_m": round(self.limit_m, 1), "walk_min": self.walk_min}
        told |= {"distance_m": self.distance_m, "speed": self.speed, "source": dict(self.source), "clause": self.clause}
        return {**told, "year": self.year, "verified": self.verified}


def known() -> list[str]:
    """Names of the standards that come with the program."""
    return sorted(catalog.layers(FOLDER))


def by_profile(profile: str) -> tuple[str, ...]:
    """Names of the standards that a country's projects are held against where nobody says otherwise."""
    sets = catalog.layers(FOLDER)
    meant = [name for name in known() if profile in sets[name][HEAD].get("profiles", ())]
    return tuple(meant) or tuple(name for name in known() if "generic" in sets[name][HEAD].get("profiles", ()))


def load(wanted: Sequence[str]) -> tuple[Standard, ...]:
    """
    Read standards by name or from files of the user's own, row by row; the same row named twice counts once.

    Raises
    ------
    InputError
        There is no such standard or file, the file is no TOML, or a row of it cannot be meant.
    """
    rows: dict[str, Standard] = {}
    for one in wanted:
        rows.update({row.name: row for row in _rows_of(str(one))})
    return tuple(rows.values())


def _rows_of(wanted: str) -> list[Standard]:
    if wanted in known():
        return read_rows(wanted, catalog.layer(f"{FOLDER}/{wanted}"), where=None)
    path = Path(wanted)
    if path.suffix.lower() != ".toml" and not path.exists():
        raise InputError("standard_unknown", wanted=wanted, known=known())
    return read_rows(path.stem, _parsed(path), where=str(path))


def _parsed(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError("standard_no_file", where=str(path)) from None
    except OSError:
        raise InputError("standard_unreadable", where=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("standard_not_utf8", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("standard_not_toml", where=str(path), told=str(error)) from None


def read_rows(name: str, facts: Mapping[str, Any], *, where: str | None) -> list[Standard]:
    """
    Read the rows of one set: every table but `[standard]`.

    Parameters
    ----------
    where
        The user's file, None for those that come with the program.

    Raises
    ------
    InputError
        The set has no row, or a row names no category, no distance, or what is no number, group or speed.
    """
    head = facts.get(HEAD, {})
    rows = {key: row for key, row in facts.items() if key != HEAD and isinstance(row, Mapping)}
    loose = sorted(key for key, row in facts.items() if not isinstance(row, Mapping))
    if loose or not rows or not isinstance(head, Mapping):
        raise InputError("standard_no_rows", where=where or name, loose=loose)
    told = {**head, "title": _titles(head.get("title", name), name)}
    return [_row(f"{name}/{key}", row, told, f"{where or name} [{key}]") for key, row in rows.items()]


def _row(name: str, row: Mapping[str, Any], head: Mapping[str, Any], where: str) -> Standard:
    unknown = sorted(set(row) - _KNOWN)
    if unknown:
        raise InputError("standard_unknown_words", where=where, words=unknown, known=sorted(_KNOWN))
    distance, minutes = (_number(row, key, where) for key in ("distance_m", "walk_min"))
    if (distance is None) == (minutes is None):
        raise InputError("standard_one_measure", where=where)
    category = _category(row.get("category"), where)
    return Standard(
        name=name,
        category=category,
        title=_titles(row.get("title", catalog.layer(f"resources/{category}")["layer"]["title"]), name),
        set_title=head["title"],
        distance_m=distance,
        walk_min=minutes,
        also=tuple(_category(one, where) for one in _listed(row.get("also", ()), where)),
        whom=_one_of(row.get("whom", EVERYONE), WHOM, "whom", where),
        speed=_one_of(row.get("speed", "general"), tuple(SPEED_M_S), "speed", where),
        places=_amount(row.get("places"), row, where),
        norm=_amount(row.get("norm"), row, where),
        source=_titles(row.get("source", head.get("source", "")), ""),
        clause=str(row.get("clause", "")),
        year=_year(row.get("year", head.get("year")), where),
        verified=row.get("verified", head.get("verified", False)) is True,
    )


_KNOWN = frozenset((
    "category", "also", "title", "distance_m", "walk_min", "whom", "speed", "places", "norm", "source", "clause",
    "year", "verified",
))  # fmt: skip


def _amount(given: Any, row: Mapping[str, Any], where: str) -> Amount | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise InputError("standard_bad_amount", where=where)
    amount, per = (_number(given, key, where) for key in ("amount", "per"))
    if amount is None or per is None or not isinstance(given.get("unit"), str):
        raise InputError("standard_bad_amount", where=where)
    return Amount(
        amount=amount,
        per=per,
        unit=given["unit"],
        of=_one_of(given.get("of", "people"), NORM_OF, "of", where),
        measure=_one_of(given.get("measure", "capacity"), MEASURES, "measure", where),
        circle_people=int(_number(given, "circle_people", where) or 0),
        source=_titles(given.get("source", row.get("source", "")), ""),
        verified=given.get("verified", row.get("verified", False)) is True,
    )


def _category(given: Any, where: str) -> str:
    layers = catalog.layers("resources")
    if isinstance(given, str):
        if given in layers:
            return given
        for name, facts in layers.items():
            if given.strip() in facts["layer"]["title"].values():
                return name
    raise InputError("standard_no_category", where=where, given=str(given or ""), known=sorted(layers))


def _number(row: Mapping[str, Any], key: str, where: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or not 0 < value <= (FARTHEST_M if key == "distance_m" else math.inf):
        raise InputError("standard_bad_number", where=where, word=key, given=str(value))
    return float(value)


def _year(value: Any, where: str) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InputError("standard_bad_number", where=where, word="year", given=str(value))
    return value


def _one_of(value: Any, allowed: Sequence[str], word: str, where: str) -> str:
    if value not in allowed:
        raise InputError("standard_not_one_of", where=where, word=word, given=str(value), known=list(allowed))
    return str(value)


def _listed(value: Any, where: str) -> list[Any]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list | tuple):
        raise InputError("standard_bad_number", where=where, word="also", given=str(value))
    return list(value)


def _titles(given: Any, name: str) -> Mapping[str, str]:
    """Give a title or source in every language; one written once stands for all."""
    if isinstance(given, Mapping) and given:
        first = str(next(iter(given.values())))
        return {language: str(given.get(language, first)) for language in ("zh", "en")}
    text = str(given or name)
    return {"zh": text, "en": text}
