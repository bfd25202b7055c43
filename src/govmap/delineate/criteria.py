"""What a good unit is: the size band, the number of units, what stays whole."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from govmap import catalog
from govmap.errors import InputError

MEASURES = ("households", "residents", "dwellings", "buildings", "shops", "area", "load")
PREFERENCES = ("compact", "barriers", "blocks", "balance")
WHOLES = ("compound", "block", "building")
USUAL_SIZE = (300, 500)
BAND_OF_COUNT = (0.75, 1.25)
EQUAL = 0.10
SOFT = 0.10
BASE = "base"
_BAND = re.compile(
    r"(\d[\d,]*)\s*(?:-+|[\u2010-\u2015\u2212]+|~+|\.\.+|至|到|to)\s*(\d[\d,]*)\s*(?:户|戶|人|households|people)?"
)


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """
    What is wanted of a division, in the order of DESIGN.md: wholes, barriers, size, shape.

    `size` is the band of a unit, `units` their number; with a number alone the band is a quarter around the mean.
    `target` is the size aimed at (the middle of the band). `equal` asks for sizes within a tenth of the mean.
    `prefer` says which wish weighs more than usual; None is the balanced default. `hard` is False where sizes up to a
    tenth out of the band may be taken for better shapes. `also` holds bands of further measures (measure, low, high),
    `walk_m` the longest walk from end to end wished inside a unit, `exclusive` the kinds of places that become units
    of their own. `level` names the units; `finer` says how each of them is divided once more. `budget` is the number of
    proposals the search may look at; without one it grows with the ground.
    """

    size: tuple[int, int] | None = None
    units: int | None = None
    target: int | None = None
    by: str = "households"
    keep_whole: tuple[str, ...] = WHOLES
    equal: bool = False
    prefer: str | None = None
    hard: bool = True
    also: tuple[tuple[str, int, int], ...] = ()
    walk_m: int | None = None
    exclusive: tuple[str, ...] = ()
    level: str = BASE
    finer: "Criteria | None" = None
    seed: int = 1
    budget: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "keep_whole", tuple(self.keep_whole))
        if self.size is not None:
            object.__setattr__(self, "size", _checked_size(tuple(self.size)))
        _check_count("units", self.units)
        _check_count("target", self.target)
        _check_count("budget", self.budget)
        _check_count("walk_m", self.walk_m)
        _check_word("by", self.by, MEASURES)
        if self.prefer is not None:
            _check_word("prefer", self.prefer, PREFERENCES)
        object.__setattr__(self, "also", tuple(sorted(_checked_measure(tuple(one)) for one in self.also)))
        object.__setattr__(self, "exclusive", tuple(sorted(set(self.exclusive))))
        for whole in self.keep_whole:
            _check_word("keep_whole", whole, WHOLES)
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise InputError("delineate_bad_number", what="seed", given=str(self.seed))

    @classmethod
    def parse(cls, size: str, **choices: Any) -> "Criteria":
        """Read a band as people write it: 300-500, 300–500, ３００～５００, 300至500户."""
        found = _BAND.fullmatch(unicodedata.normalize("NFKC", size).strip().lower())
        if not found:
            raise InputError("delineate_bad_size", given=size)
        low, high = (int(number.replace(",", "")) for number in found.groups())
        return cls(size=(low, high), **choices)

    @classmethod
    def preset(cls, name: str, **choices: Any) -> "Criteria":
        """Read a preset of `layers/presets.toml`."""
        presets = catalog.layer("presets")
        if name not in presets:
            raise InputError("delineate_no_preset", given=name, known=sorted(presets))
        facts = presets[name]
        given = {"size": (facts["low"], facts["high"]), "target": facts.get("target"), "by": facts["by"]}
        return cls(**{**given, **choices})

    @property
    def chain(self) -> tuple["Criteria", ...]:
        """The wishes of every level, the topmost first."""
        return (self, *(self.finer.chain if self.finer else ()))

    def measures(self, measure: str) -> bool:
        """Tell whether units of any level are divided by a measure or asked for a band of it."""
        return any(measure in (one.by, *(other for other, _, _ in one.also)) for one in self.chain)

    @classmethod
    def nested(cls, levels: Sequence["Criteria"]) -> "Criteria":
        """
        Put the wishes of several levels into one, the topmost first.

        Raises
        ------
        InputError
            Two levels have the same name.
        """
        names = [one.level for one in levels]
        if len(set(names)) < len(names):
            raise InputError("levels_same_name", levels=names)
        whole, *below = levels
        return replace(whole, finer=cls.nested(below)) if below else replace(whole, finer=None)

    def band(self, total: int) -> tuple[int, int]:
        """Give the least and the greatest size of a unit where `total` is divided."""
        if self.size is not None:
            return self.size
        if self.units is None:
            return USUAL_SIZE
        mean = total / self.units
        return max(1, int(mean * BAND_OF_COUNT[0])), max(1, -int(-mean * BAND_OF_COUNT[1] // 1))

    def reach(self, total: int) -> tuple[int, int]:
        """Give the sizes that are taken where `total` is divided: the band, and a tenth more where it is but a wish."""
        low, high = self.band(total)
        return (low, high) if self.hard else (max(1, low - int(low * SOFT)), high + int(high * SOFT))

    def aim(self, total: int) -> float:
        """Give the size aimed at where `total` is divided."""
        low, high = self.band(total)
        middle = total / self.units if self.units and self.size is None else (low + high) / 2
        return max(1.0, float(self.target or middle))

    def to_json(self) -> str:
        """Write as JSON with sorted keys; the same wishes give the same text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Criteria":
        """Read what `to_json` wrote."""
        try:
            facts = json.loads(text)
            if not isinstance(facts, dict):
                raise InputError("delineate_bad_criteria", given=text[:200])
            return _of_facts(facts)
        except (ValueError, TypeError) as fault:
            raise InputError("delineate_bad_criteria", given=text[:200]) from fault


def _of_facts(facts: Mapping[str, Any]) -> Criteria:
    given: dict[str, Any] = {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in facts.items()}
    if isinstance(given.get("finer"), Mapping):
        given["finer"] = _of_facts(given["finer"])
    return Criteria(**given)


def _checked_size(size: tuple[Any, ...]) -> tuple[int, int]:
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in size)
    if len(size) != len(USUAL_SIZE) or not whole:
        raise InputError("delineate_bad_size", given=str(size))
    low, high = size
    if low < 1:
        raise InputError("delineate_size_zero", low=low, high=high)
    if low > high:
        raise InputError("delineate_size_reversed", low=low, high=high)
    return low, high


def _checked_measure(given: tuple[Any, ...]) -> tuple[str, int, int]:
    """Check one band of a further measure; its lower end may be nothing."""
    if len(given) != len(("measure", "low", "high")):
        raise InputError("delineate_bad_size", given=str(given))
    measure, low, high = given
    _check_word("also", measure, MEASURES)
    low, high = _checked_size((max(low, 1) if isinstance(low, int) else low, high))
    return measure, 0 if given[1] == 0 else low, high


def _check_count(what: str, number: int | None) -> None:
    if number is None:
        return
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise InputError("delineate_bad_number", what=what, given=str(number))


def _check_word(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise InputError("delineate_bad_word", what=what, given=str(given), known=list(known))
