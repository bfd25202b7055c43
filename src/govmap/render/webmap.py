"""The interactive map: one HTML file that asks nothing of the network, from what `publish.release` let through.

Folium draws the shell: the map and the names of its layers. Folium renders scripts twice, so nothing of the data goes
that way: facts and packs are put in the place of tokens after rendering, as JSON that no template engine and no HTML
parser can mistake, or as base64. A content security policy names each script by its hash and forbids all connections.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

import folium
import pandas as pd
from branca.element import Element, MacroElement
from folium.map import Layer
from folium.template import Template

from govmap import catalog
from govmap.errors import InputError
from govmap.messages import LANGUAGES, PLAIN_WORDS, Voice, catalogue
from govmap.publish import Released
from govmap.render import findings, symbology
from govmap.render.compact import pack_json
from govmap.render.figures import Figure, figures
from govmap.render.packs import packs
from govmap.render.place import Ground, column, ground
from govmap.render.standing import stage_titles

WORDS_OF_THE_PAGE = "map_"
HEAD, BODY = "govmap-head-token", "govmap-body-token"
LAYERS = ("base", "units", "compounds", "buildings", "resources", "incidents")
TILES = "https://tile.openstreetmap.org"
BANDS = ("households", "residents", "buildings")
STEERING = ("official", "planner")  # who gets the eight figures
ZOOM_MAX = 21
_NONE = pd.DataFrame()


class Chart(folium.Map):
    """Folium's map, under a name that is the same in every run, without the libraries it would fetch."""

    def __init__(self, **choices: Any) -> None:
        super().__init__(tiles=None, zoom_control=False, attribution_control=False, **choices)
        self._id = "govmap"
        self.default_js, self.default_css = [], []


class Sheet(Layer):
    """One layer of the page, by name; its data and its drawing are the page's own."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = govmap.layer({{ this.sheet|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, sheet: str) -> None:
        super().__init__(name=sheet, overlay=True)
        self._name, self._id, self.sheet = "Sheet", sheet, sheet


class Opening(MacroElement):
    """The end of the script: the page opens."""

    _template = Template(
        """{% macro script(this, kwargs) %}govmap.open({{ this._parent.get_name() }});{% endmacro %}"""
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca has no types here
        self._name, self._id = "Opening", "page"


def build(
    released: Released,
    voice: Voice,
    *,
    title: str,
    other: Voice | None = None,
    both_languages: bool = True,
    data_date: str | None = None,
    estimated_share: float | None = None,
    online_base: bool = False,
    numbers: Sequence[Figure] = (),
    before: Released | None = None,
    map_number: str | None = None,
) -> str:
    """
    Draw the map of what was released and give it as HTML.

    Parameters
    ----------
    released
        What `publish.release` gave; nothing else is accepted.
    voice
        The language the page opens in, with the words of the project's profile.
    other
        The voice for the language the reader may switch to; without it the plain words are used.
    data_date
        How old the data is, as a date.
    estimated_share
        Share of the households that is estimated; taken from `released` where not given.
    online_base
        Draw a base map from the network below; such a file asks for tiles from outside.
    numbers
        The figures that an official looks at first, in their order; nobody else gets them.
    before
        What the gate let through of another plan, to show what moved; inside the office alone.
    map_number
        The number under which a bureau has approved the map; it stands beside the source.
    """
    if not isinstance(released, Released):
        message = "a map is drawn only of what publish.release let through"
        raise TypeError(message)
    if released.tables["units"].empty:
        raise InputError("map_error_no_units")
    before = before if before is not None and released.internal and before.internal else None
    voices = _voices(voice, other, both_languages=both_languages)
    here = ground(released)
    kinds = symbology.categories(set(column(released.tables.get("resources", _NONE), "category").dropna()))
    facts = _facts(released, here, voices, title, kinds) | {
        "language": voice.language,
        "dataDate": data_date,
        "estimatedShare": released.estimated_share if estimated_share is None else estimated_share,
        "onlineBase": online_base and released.georeferenced,
        "georeferenced": released.georeferenced,
        "mapNumber": map_number,
        "numbers": figures(numbers, voices) if released.audience in STEERING else [],
        "former": _plan_name(before) if before is not None else None,
    }
    packed = packs(released, here, voices, [kind["key"] for kind in kinds], before)
    return _assembled(_shell(here), facts, packed, voice)


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
        "title": title,
        "languages": list(voices),
        "words": {language: words(voice) for language, voice in voices.items()},
        "audience": released.audience,
        "internal": released.internal,
        "k": released.k,
        "made": released.at.date().isoformat(),
        "length": "m",
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


def words(voice: Voice) -> dict[str, str]:
    """Give the page's texts in one language, the profile's words filled in and the page's own places left open."""
    known = {**PLAIN_WORDS[voice.language], **voice.words}
    texts = catalogue(voice.language)
    ours = {key: _filled(text, known) for key, text in texts.items() if key.startswith(WORDS_OF_THE_PAGE)}
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


def _filled(text: str, known: Mapping[str, str]) -> str:
    pieces = [
        before + ("" if name is None else known.get(name, "{" + name + "}"))
        for before, name, _, _ in Formatter().parse(text)
    ]
    return "".join(pieces)


def _totals(released: Released) -> list[dict[str, Any]]:
    totals = released.tables.get("totals", _NONE)
    count = [None if one is None else int(one) for one in column(totals, "count")]
    rows = zip(column(totals, "theme"), column(totals, "category"), count, strict=True)
    return [{"theme": theme, "category": category, "count": one} for theme, category, one in rows]


def _shell(here: Ground) -> str:
    """Let Folium draw the map and its layers; of the libraries it would fetch none is left."""
    west, south, east, north = here.bounds
    chart = Chart(location=[(south + north) / 2, (west + east) / 2], zoom_start=15, max_zoom=ZOOM_MAX, zoom_snap=0.5)
    for name in LAYERS:
        chart.add_child(Sheet(name))
    chart.add_child(Opening())
    figure: Any = chart.get_root()
    figure.header.add_child(Element(HEAD), name="govmap_head")
    figure.html.add_child(Element(BODY), name="govmap_body")
    return str(figure.render())


def _assembled(shell: str, facts: Mapping[str, Any], packed: Mapping[str, str], voice: Voice) -> str:
    """Put style, script and data in the place of the tokens, and the policy before all of them."""
    style, script = ((symbology.STATIC / name).read_text("utf-8") for name in ("map.css", "map.js"))
    blocks = [f'<script type="application/json" id="govmap-facts">{pack_json(facts)}</script>']
    blocks += [f'<script type="text/plain" id="govmap-pack-{name}">{text}</script>' for name, text in packed.items()]
    away = "".join(f"<p>{html.escape(catalogue(one)['map_no_script'])}</p>" for one in facts["languages"])
    page = _stripped(shell)
    head = f"<title>{_inert(str(facts['title']))}</title><style>{style}</style>"
    page = page.replace(BODY, f"<noscript>{away}</noscript>\n<script>{script}</script>", 1).replace(HEAD, head, 1)
    tongue = "zh-CN" if voice.language == "zh" else "en"
    page = page.replace("<html>", f'<html lang="{tongue}">', 1)
    policy = _policy(page, online=bool(facts["onlineBase"]))
    page = page.replace("<head>", f'<head>\n<meta charset="utf-8">\n{policy}', 1)
    return page.replace("<noscript>", "\n".join(blocks) + "\n<noscript>", 1)


def _stripped(shell: str) -> str:
    """Take out what Folium writes into the head and the page does without; let the reader zoom on a phone."""
    shell = re.sub(r'<meta http-equiv="content-type"[^>]*/>', "", shell)
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    shell = re.sub(r'<meta name="viewport"[^>]*/>', viewport, shell)
    return re.sub(r"<style>.*?</style>", "", shell, flags=re.DOTALL)


def _inert(text: str) -> str:
    return html.escape(text.replace("\u2028", " ").replace("\u2029", " "))


def _policy(page: str, *, online: bool) -> str:
    """Write the content security policy: these scripts and styles, by their hash, and no connection."""
    scripts = _hashes(page, "script")
    styles = _hashes(page, "style")
    rules = [
        "default-src 'none'",
        f"script-src {scripts}",
        f"style-src {styles}",
        f"img-src data: blob:{' ' + TILES if online else ''}",
        "connect-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
    ]
    policy = f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'
    return f'{policy}\n<meta name="referrer" content="no-referrer">'


def _hashes(page: str, tag: str) -> str:
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(one.encode("utf-8")).digest()).decode("ascii") for one in found)
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
