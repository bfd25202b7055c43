"""The page of a report: offline, without script, safe against every text, the same bytes every time."""

import base64
import hashlib
import html.parser
import re

import pytest

from govmap.messages import LANGUAGES
from govmap.render.report import page
from govmap.render.report.paper import Tile

NEVER = {"script", "img", "iframe", "link", "object", "embed", "base", "form", "foreignobject", "animate", "set"}


class Tags(html.parser.HTMLParser):
    """Every tag with its attributes, and all text that is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        self.text += data


def faults(text: str) -> list[object]:
    tags = Tags(text).tags
    found: list[object] = [tag for tag, _ in tags if tag in NEVER]
    found += [(tag, name) for tag, attrs in tags for name in attrs if name.startswith("on") or name == "style"]
    found += [
        attrs
        for _, attrs in tags
        for name in ("href", "src", "xlink:href")
        if not (attrs.get(name) or "#").startswith("#")
    ]
    return found + re.findall(r"url\((?!#)", text) + re.findall(r"@import|https?://(?!www\.w3\.org/2000/svg)", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", ["public", "official"])
def test_nothing_is_asked_of_the_network_and_nothing_can_run(paper, audience, language):
    text = page.build(paper(audience, language)).decode()
    assert faults(text) == []
    policy = Tags(text).tags[3][1]["content"] or ""
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()  # type: ignore[index]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; base-uri 'none'"


@pytest.mark.parametrize("audience", ["public", "official"])
def test_a_hostile_text_in_any_table_is_only_text(paper, filled, hostile, audience):
    tiles = tuple(Tile(*(hostile(one) for one in "abcd"), state, hostile("e")) for state in ("red", "ok", "unknown"))
    text = page.build(paper(audience, "en", filled(hostile), hostile("Well"), tiles)).decode()
    assert faults(text) == []
    shown = Tags(text).text
    assert "{{7*7}}" in shown
    assert "<script>alert(1)</script>" in shown
    assert "\x00" not in text
    assert "\u202e" not in text


def test_the_same_report_is_the_same_bytes_whatever_the_order_of_rows(paper, filled):
    one = page.build(paper("planner", "zh"))
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in filled().items()}
    assert page.build(paper("planner", "zh", mixed)) == one


def test_inside_is_stamped_and_the_public_page_is_not(paper):
    assert 'class="stamp"' in page.build(paper("worker")).decode()
    assert 'class="stamp"' not in page.build(paper("public")).decode()


def test_the_ground_under_the_maps_stands_in_the_page_once(paper):
    text = page.build(paper("official")).decode()
    assert text.count('<g id="ground">') == 1
    assert text.count('href="#ground"') >= 3
    names = re.findall(r' id="([^"]+)"', text)
    assert len(names) == len(set(names))


def test_the_page_opens_in_a_browser_without_a_request_or_a_complaint(paper, filled, hostile, chromium, tmp_path):
    file = tmp_path / "report.html"
    file.write_bytes(page.build(paper("official", "zh", filled(hostile), hostile("Well"))))
    tab, asked, said = chromium.new_page(), [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("dialog", lambda dialog: said.append("dialog") or dialog.dismiss())
    tab.goto(file.as_uri())
    assert tab.locator("figure svg").count() >= 6
    assert tab.evaluate("document.querySelectorAll('script').length") == 0
    assert (asked, said) == ([file.as_uri()], [])
    tab.close()
