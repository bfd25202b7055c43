"""Wishes as people write them: sizes, presets, levels one inside the other, further measures."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from govmap import catalog
from govmap.delineate.criteria import BASE, Criteria
from govmap.errors import InputError
from govmap.messages import Note, note

LEVELS = ("base", "grid", "microgrid", "building_group", "unit_grid")
_NAME = re.compile(r"[^\W\d][\w-]{0,39}")


def wished(
    *,
    size: str | None = None,
    units: int | None = None,
    preset: str | None = None,
    levels: Sequence[str] = (),
    also: Sequence[str] = (),
    by: str | None = None,
    target: int | None = None,
    **choices: Any,
) -> Criteria:
    """
    Read what a good unit is from the words of a face.

    Parameters
    ----------
    size
        A band, such as 300-500.
    preset
        Names of `layers/presets.toml` with + between them, the topmost level first.
    levels
        Names and bands, such as grid=300-500, the topmost first.
    also
        Further measures with their bands, such as residents:0-1500; asked of the topmost level.
    units, target, by
        Asked of the topmost level; what is counted is counted on all levels named here.

    Raises
    ------
    InputError
        Something cannot be read, or a size is given in two ways.
    """
    given = [name for name, one in (("--size", size), ("--preset", preset), ("--level", levels)) if one]
    if len(given) > 1:
        raise InputError("levels_two_sizes", given=given)
    choices |= {} if by is None else {"by": by}
    if preset:
        chain = [_preset(name, choices) for name in _split(preset)]
    elif levels:
        chain = [_level(one, choices) for one in levels]
    elif size:
        chain = [Criteria.parse(size, **choices)]
    else:
        chain = [Criteria(**choices)]
    top: dict[str, Any] = {"units": units, "target": target, "also": tuple(measure(one) for one in also) or None}
    chain[0] = replace(chain[0], **{name: value for name, value in top.items() if value is not None})
    _check_order(chain)
    return Criteria.nested(chain)


def level_title(level: str) -> "Note | str":
    """Name a level for people; a name of the user's own stays as it is."""
    return note(f"level_{level}") if level in LEVELS else level


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _split(preset: str) -> list[str]:
    return [one for one in re.split(r"[+,\s]+", _plain(preset)) if one]


def _preset(name: str, choices: dict[str, Any]) -> Criteria:
    """Read one preset, on its own level."""
    facts = catalog.layer("presets").get(name, {})
    return Criteria.preset(name, **{"level": facts.get("level", BASE), **choices})


def _level(text: str, choices: dict[str, Any]) -> Criteria:
    """Read NAME=LOW-HIGH."""
    name, _, size = _plain(text).partition("=")
    name = _canonical(name.strip())
    if not size or not _NAME.fullmatch(name):
        raise InputError("levels_bad_level", given=text)
    return Criteria.parse(size, level=name, **choices)


def _canonical(name: str) -> str:
    """Know a level by its Chinese or English title too."""
    titles = {title.lower(): level for level, facts in catalog.layer("levels").items() for title in facts["known_as"]}
    return titles.get(name.lower(), name)


def measure(text: str) -> tuple[str, int, int]:
    """Read a further measure and its band: MEASURE:LOW-HIGH."""
    found = re.fullmatch(r"(\w+)\s*[:=]\s*([\d,]+)\s*(?:-+|[\u2010-\u2015~]|至|到)\s*([\d,]+)", _plain(text).lower())
    if not found:
        raise InputError("levels_bad_also", given=text)
    low, high = (int(number.replace(",", "")) for number in found.groups()[1:])
    return found[1], low, high


def _check_order(chain: Sequence[Criteria]) -> None:
    """Refuse a level whose units cannot lie in those of the level above."""
    for upper, lower in pairwise(chain):
        if upper.by == lower.by and upper.size and lower.size and upper.size[1] < lower.size[0]:
            sizes = {"upper_size": _band(upper), "lower_size": _band(lower)}
            raise InputError("levels_order", upper=level_title(upper.level), lower=level_title(lower.level), **sizes)


def _band(one: Criteria) -> str:
    return "{}-{}".format(*(one.size or ("", "")))
