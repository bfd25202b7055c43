"""What a page is made of: the facts that stand in it at once, and the packs of its tables.

Every page is drawn of this: a file that holds all of it (`webmap.build`) and the desk's own (`webmap.live`), whose
packs are sent one by one. Facts are JSON, of one shape for both; where `live` is true the page asks for its packs.
"""

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Required, TypedDict, Unpack

import pandas as pd

from govmap import catalog
from govmap.errors import InputError
from govmap.messages import LANGUAGES, PLAIN_WORDS, Voice, catalogue
from govmap.publish import Released
from govmap.render import findings, symbology
from govmap.render.compact import pack_json
from govmap.render.figures import Figure, figures
from govmap.render.packing import Packing
from govmap.render.place import Ground, anywhere, column, ground, placed
from govmap.render.readings import readings
from govmap.render.standing import stage_titles

WORDS_OF_THE_PAGE, WORDS_OF_THE_DESK = "map_", "desk_"
STEERING = ("official", "planner")  # who gets the eight figures
BANDS = ("households", "residents", "buildings")
FACTS = "facts"
QUICK, BEST = 1, 9  # how hard a pack is deflated: on its way to the desk, and in a file
MARK = 16  # bytes that tell one state of a pack from another
READ_HERE = 600_000  # letters of a pack: what is shorter the page has read before a worker has begun
_NONE = pd.DataFrame()


class Choices(TypedDict, total=False):
    """
    What a page says beside its tables.

    Parameters
    ----------
    title
        What the page is called.
    other
        The voice for the language the reader may switch to; without it the plain words are used.
    both_languages
        Whether the reader may switch at all.
    data_date
        How old the data is, as a date.
    estimated_share
        Share of the households that is estimated; taken from what was released where not given.
    online_base
        A base map of the network that the reader may switch on, as `online.online` gives it; such a file may ask for
        tiles from outside. Left out where the page does not say where it lies.
    length
        What lengths are told in: `m` or `ft`.
    numbers
        The figures that an official looks at first, in their order; nobody else gets them.
    before
        What the gate let through of another plan, to show what moved; inside the office alone.
    map_number
        The number under which a bureau has approved the map; it stands beside the source.
    """

    title: Required[str]
    other: Voice | None
    both_languages: bool
    data_date: str | None
    estimated_share: float | None
    online_base: Mapping[str, Any] | None
    length: str
    numbers: Sequence[Figure]
    before: Released | None
    map_number: str | None


@dataclass(frozen=True)
class Sheaf:
    """One pack as it is sent: its bytes, and a mark that changes when they do."""

    data: bytes
    etag: str


@dataclass(frozen=True)
class Content:
    """Facts and packs of one page; a pack is made when it is first asked for, by one thread at a time."""

    facts: Mapping[str, Any]
    voice: Voice
    here: Ground
    packing: Packing
    _made: dict[str, Sheaf | None] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def names(self) -> tuple[str, ...]:
        """Name the packs that there may be, in the order in which a page reads them."""
        return self.packing.names

    def pack(self, name: str) -> Sheaf | None:
        """Give a pack, deflated, or none where it has no rows; `facts` gives the facts as JSON in UTF-8."""
        with self._turn:
            if name not in self._made:
                self._made[name] = self._packed(name)
            return self._made[name]

    def packs(self) -> dict[str, bytes]:
        """Give every pack that has rows, deflated."""
        found = {name: self.pack(name) for name in self.names}
        return {name: one.data for name, one in found.items() if one is not None}

    def _packed(self, name: str) -> Sheaf | None:
        if name == FACTS:
            data = pack_json(self.facts).encode("utf-8")
        else:
            made = self.packing.pack(name)
            if made is None:
                return None
            data = made.deflated(QUICK if self.facts["live"] else BEST)
        return Sheaf(data, hashlib.sha256(data).hexdigest()[: 2 * MARK])


def content(released: Released, voice: Voice, *, desk: bool = False, **choices: Unpack[Choices]) -> Content:
    """
    Give what a page of what was released is made of.

    Parameters
    ----------
    released
        What `publish.release` gave; nothing else is accepted.
    voice
        The language the page opens in, with the words of the project's profile.
    desk
        The page is the desk's own: see `Packing`; it may be drawn before there are units, or anything at all.

    Raises
    ------
    InputError
        There is no unit to draw, and the page is a file.
    """
    if not isinstance(released, Released):
        message = "a map is drawn only of what publish.release let through"
        raise TypeError(message)
    if released.tables["units"].empty and not desk:
        raise InputError("map_error_no_units")
    before = choices.get("before") if released.internal else None
    before = before if before is not None and before.internal else None
    voices = _voices(voice, choices.get("other"), both_languages=choices.get("both_languages", True))
    here = ground(released) or anywhere() if desk else placed(released)
    kinds = symbology.categories(set(column(released.tables.get("resources", _NONE), "category").dropna()))
    facts = _facts(released, here, voices, choices["title"], kinds) | {
        "words": {one: words(each, desk=desk) for one, each in voices.items()},
        "language": voice.language,
        "former": _plan_name(before) if before is not None else None,
        "live": desk,
        "readHere": READ_HERE,
        "largest": 0,
    }
    packing = Packing(released, here, voices, [kind["key"] for kind in kinds], before=before, desk=desk)
    return Content(facts | _chosen(released, voices, choices), voice, here, packing)


def _chosen(released: Released, voices: Mapping[str, Voice], choices: Choices) -> dict[str, Any]:
    share = choices.get("estimated_share")
    return {
        "dataDate": choices.get("data_date"),
        "estimatedShare": released.estimated_share if share is None else share,
        "onlineBase": choices.get("online_base") if released.georeferenced else None,
        "length": choices.get("length", "m"),
        "georeferenced": released.georeferenced,
        "mapNumber": choices.get("map_number"),
        "numbers": figures(choices.get("numbers", ()), voices) if released.audience in STEERING else [],
    }


def _plan_name(before: Released) -> str:
    names = column(before.tables.get("plans", _NONE), "name").dropna()
    return str(names.iloc[0]) if len(names) else before.plan_id


def _voices(voice: Voice, other: Voice | None, *, both_languages: bool) -> dict[str, Voice]:
    voices = {voice.language: voice}
    if both_languages:
        for language in LANGUAGES:
            spare = other if other is not None and other.language == language else Voice(language)
            voices.setdefault(language, spare)
    return voices


def _facts(
    released: Released, here: Ground, voices: Mapping[str, Voice], title: str, kinds: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "title": released.worded(title),
        "languages": list(voices),
        "audience": released.audience,
        "internal": released.internal,
        "k": released.k,
        "made": released.at.date().isoformat(),
        "bounds": list(here.bounds),
        "palette": list(symbology.PALETTE),
        "categories": kinds,
        "icons": symbology.drawings({kind["icon"] for kind in kinds}),
        "areas": symbology.area_styles(),
        "ways": symbology.way_styles(),
        "totals": _totals(released),
        "band": _band(released.tables.get("plans", _NONE)),
        "services": findings.services(released),
        "work": findings.work(released),
        "span": findings.span(released),
        "readings": readings(released.tables),
    }


def _band(plans: pd.DataFrame) -> dict[str, Any] | None:
    """Give the size a unit should have, where the plan says it and the reader may know."""
    stored = column(plans, "criteria").dropna()
    if stored.empty:
        return None
    criteria = stored.iloc[0] if isinstance(stored.iloc[0], dict) else json.loads(stored.iloc[0])
    while criteria.get("finer"):  # the page shows the units of the lowest level
        criteria = criteria["finer"]
    size, by = criteria.get("size"), criteria.get("by")
    return {"low": size[0], "high": size[1], "by": by} if size and by in BANDS else None


def words(voice: Voice, *, desk: bool = False) -> dict[str, str]:
    """Give the page's texts in one language, the profile's words filled in and the page's own places left open."""
    ours_begin = (WORDS_OF_THE_PAGE, WORDS_OF_THE_DESK) if desk else (WORDS_OF_THE_PAGE,)
    known = {**PLAIN_WORDS[voice.language], **voice.words}
    texts = catalogue(voice.language)
    ours = {key: filled(text, known) for key, text in texts.items() if key.startswith(ours_begin)}
    return (
        ours
        | _titles("use", "buildings", "uses", voice.language)
        | _titles("compound", "compounds", "kinds", voice.language)
        | {f"{WORDS_OF_THE_PAGE}stage_{name}": title for name, title in stage_titles(voice.language).items()}
    )


def _titles(word: str, layer: str, group: str, language: str) -> dict[str, str]:
    """Give the titles that stand in `layers/`, as words of the page."""
    kinds = catalog.layer(layer).get(group, [])
    return {f"{WORDS_OF_THE_PAGE}{word}_{kind['name']}": kind["title"][language] for kind in kinds}


def filled(text: str, known: Mapping[str, str]) -> str:
    """Put in the words of the profile, also where a place chooses between two words; leave the page's own places."""
    pieces = []
    for before, name, words, _ in Formatter().parse(text):
        chosen = f":{filled(words, known)}" if words else ""
        pieces.append(before + ("" if name is None else known.get(name, f"{{{name}{chosen}}}")))
    return "".join(pieces)


def _totals(released: Released) -> list[dict[str, Any]]:
    totals = released.tables.get("totals", _NONE)
    count = [None if one is None else int(one) for one in column(totals, "count")]
    rows = zip(column(totals, "theme"), column(totals, "category"), count, strict=True)
    return [{"theme": theme, "category": category, "count": one} for theme, category, one in rows]
