"""The interactive map: one HTML file that asks nothing of the network, from what `publish.release` let through.

Folium draws the shell: the map and the names of its layers. Folium renders scripts twice, so nothing of the data goes
that way: facts and packs are put in the place of tokens after rendering, as JSON that no template engine and no HTML
parser can mistake, or as text of seven bits. Facts stand before the script and packs behind it, the largest first, each
with a small script that hands it on: so workers read while the browser still reads the file. A content security policy
names each script by its hash and forbids all connections.

The desk draws the same page with `live`: facts stand in it (with `live` true and the project's `version`), packs do
not. The page asks for `/pack/NAME?v=VERSION` and takes `Content.pack(NAME).data` as `application/octet-stream`, status
204 where there is none, 304 where `If-None-Match` is its `etag`; a header `X-Govmap-Version` tells of which version
it is. `/pack/facts` gives the facts anew. In the page `govmap.page.reload(names)` takes packs (all without names) and
facts anew and draws them. `opening.policy(nonce)` is the header `Content-Security-Policy` of
such an answer.
"""

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, Unpack

import folium
from branca.element import Element, MacroElement
from folium.map import Layer
from folium.template import Template

from govmap.messages import Voice, catalogue
from govmap.publish import Released
from govmap.render.coding import folded
from govmap.render.compact import pack_json
from govmap.render.content import Choices, Content, content
from govmap.render.online import hosts
from govmap.render.opening import NO_ICON, NO_REFERRER, VIEWPORT, inert, inlined, there, tongue
from govmap.render.packing import LATER
from govmap.render.place import Ground

HEAD, BODY = "govmap-head-token", "govmap-body-token"
LAYERS = ("base", "units", "compounds", "buildings", "resources", "incidents")
ZOOM_MAX = 21
COME = "<script>govmap.come()</script>"  # behind each pack: the page may take it


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


def build(released: Released, voice: Voice, **choices: Unpack[Choices]) -> str:
    """
    Draw the map of what was released and give it as HTML, whole in one file.

    See `content.content` for what is given and what is refused.
    """
    made = content(released, voice, **choices)
    texts = {name: folded(one) for name, one in made.packs().items()}
    facts = {**made.facts, "largest": max(map(len, texts.values()), default=0)}
    order = sorted(texts, key=lambda name: (name in LATER, -len(texts[name]), name))
    packed = [_block(f"pack-{name}", "text/plain", texts[name]) + COME for name in order]
    page = _page(made, facts, ("map.css",), ("map.js",))
    policy_of = _policy(page + COME, hosts(facts["onlineBase"]))
    page = page.replace("<head>", f"<head>\n{policy_of}\n{NO_REFERRER}", 1)
    return _with_data(page, facts, packed)


def live(made: Content, *, nonce: str, version: int) -> str:
    """
    Draw the desk's own page, which asks for its packs; scripts and styles carry the nonce of this one answer.

    Parameters
    ----------
    nonce
        Made for this answer alone, of letters, digits, `-` and `_`.
    version
        Of the project as it stands; it grows with every change.
    """
    facts = {**made.facts, "version": version}
    page = _page(made, facts, there("map.css", "live.css"), there("map.js", "live.js"))
    page = page.replace("<head>", f"<head>\n{NO_REFERRER}\n{NO_ICON}", 1)
    return re.sub(r"<(script|style)>", rf'<\1 nonce="{nonce}">', _with_data(page, facts, ()))


def after_opening(page: str) -> str:
    """Give what follows `opening` of a page that `live` drew: its scripts and its body."""
    head, _, body = page.partition("<body>")
    return "".join(re.findall(r"<script\b.*?</script>", head, flags=re.DOTALL)) + body


def _shell(here: Ground) -> str:
    """Let Folium draw the map and its layers; of the libraries it would fetch none is left."""
    west, south, east, north = here.bounds
    chart = Chart(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=15,
        max_zoom=ZOOM_MAX,
        zoom_snap=0.5,
        fade_animation=False,
    )
    for name in LAYERS:
        chart.add_child(Sheet(name))
    chart.add_child(Opening())
    figure: Any = chart.get_root()
    figure.header.add_child(Element(HEAD), name="govmap_head")
    figure.html.add_child(Element(BODY), name="govmap_body")
    return str(figure.render())


def _page(made: Content, facts: Mapping[str, Any], styles: Iterable[str], scripts: Iterable[str]) -> str:
    """Put style and script in the place of the tokens."""
    style, script = "".join(inlined(styles)), "".join(inlined(scripts, "script"))
    away = "".join(f"<p>{html.escape(catalogue(one)['map_no_script'])}</p>" for one in facts["languages"])
    page = _stripped(_shell(made.here))
    head = f"<title>{inert(str(facts['title']))}</title>{style}"
    page = page.replace(BODY, f"<noscript>{away}</noscript>\n{script}", 1).replace(HEAD, head, 1)
    page = page.replace("<head>", '<head>\n<meta charset="utf-8">', 1)
    return page.replace("<html>", f'<html lang="{tongue(made.voice)}">', 1)


def _with_data(page: str, facts: Mapping[str, Any], packed: Iterable[str]) -> str:
    """Put the facts, as JSON, before the scripts, and the packs, as text, behind: the page stands before they do."""
    told = _block("facts", "application/json", pack_json(facts))
    page = page.replace("<noscript>", f"{told}\n<noscript>", 1)
    body, end, _ = page.rpartition("</html>")
    return "\n".join([body.rstrip(), *packed, end + "\n"])


def _block(name: str, kind: str, text: str) -> str:
    return f'<script type="{kind}" id="govmap-{name}">{text}</script>'


def _stripped(shell: str) -> str:
    """Take out what Folium writes into the head and the page does without; let the reader zoom on a phone."""
    shell = re.sub(r'<meta http-equiv="content-type"[^>]*/>', "", shell)
    shell = re.sub(r'<meta name="viewport"[^>]*/>', VIEWPORT, shell)
    return re.sub(r"<style>.*?</style>", "", shell, flags=re.DOTALL)


def _policy(page: str, others: Iterable[str] = ()) -> str:
    """Write the content security policy: these scripts and styles, by their hash, no connection, pictures of others."""
    scripts = _hashes(page, "script")
    styles = _hashes(page, "style")
    rules = [
        "default-src 'none'",
        f"script-src {scripts}",
        f"style-src {styles}",
        " ".join(["img-src data: blob:", *others]),
        "connect-src 'none'",
        "worker-src blob:",
        "form-action 'none'",
        "base-uri 'none'",
    ]
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'


def _hashes(page: str, tag: str) -> str:
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(one.encode("utf-8")).digest()).decode("ascii") for one in found)
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
