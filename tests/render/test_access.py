"""The map for everybody: rules of accessibility, every word in both languages, the keyboard alone, and the voice."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from govmap.messages import Voice
from govmap.render import symbology, webmap

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
JUDGED = (
    f"() => axe.run(document, {{runOnly: {RULES}}}).then((found) => found.violations"
    ".filter((one) => ['serious', 'critical'].includes(one.impact))"
    ".map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120))]))"
)
KINDS = ("unit", "building", "resource", "incident", "compound", "address", "street")
HAS = """(kind) => {
  const names = {unit: 'units', building: 'buildings', resource: 'resources', incident: 'incidents',
    compound: 'compounds', address: 'addresses', street: 'ways'};
  const table = govmap.desk.tables[names[kind]];
  return Boolean(table && table.rows);
}"""
OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
SMALL = """() => [...document.querySelectorAll('button, input, select, summary, a[role=button]')].filter((one) => {
  const box = one.getBoundingClientRect();
  const inline = one.classList.contains('link');
  return box.width > 0 && !inline && (box.height < 24 || box.width < 24) && one.type !== 'checkbox';
}).map((one) => one.outerHTML.slice(0, 100))"""
UNSEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const ring = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
  return ring || one === document.body || one.classList.contains('card') ? null : one.outerHTML.slice(0, 100);
}"""
FOCUS = "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"


@pytest.fixture(scope="module")
def context(chromium: Any) -> Iterator[Any]:
    """One window for all tests of this file."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    yield context
    context.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """Give a folder for the pages of this file, and the names of those that were made."""
    return tmp_path_factory.mktemp("pages"), set()


@pytest.fixture
def opened(
    context: Any, released: Callable[..., Any], assessed: Callable[..., Any], made: tuple[Path, set[str]]
) -> Iterator[Callable[..., Any]]:
    """Open the page of an audience with what a map may have, and close it after."""
    pages: list[Any] = []
    folder, known = made

    def open_(audience: str = "official", language: str = "en") -> Any:
        page = context.new_page()
        pages.append(page)
        file = folder / f"{audience}-{language}.html"
        if file.name not in known:
            html = webmap.build(released(audience, assessed()), Voice(language), title="Well")
            file.write_text(html, "utf-8")
            known.add(file.name)
        page.goto(file.as_uri())
        page.wait_for_selector("body[data-ready]", timeout=30_000)
        return page

    yield open_
    for page in pages:
        page.close()


def states(page: Any) -> Iterator[str]:
    """Bring the page into every state a reader can bring it into, everything unfolded."""
    page.evaluate(OPEN)
    yield "opened"
    for kind in KINDS:
        if page.evaluate(HAS, kind):
            page.evaluate(f"govmap.desk.choose({{kind: '{kind}', row: 0}})")
            page.evaluate(OPEN)
            yield kind
    page.evaluate("govmap.desk.choose(null)")
    for chip in page.locator(".findings > .chips .chip").all():
        name = chip.get_attribute("id")
        chip.click()
        yield str(name)
        page.evaluate("govmap.desk.choose({kind: 'unit', row: 3})")
        yield f"{name}, a unit"
        page.evaluate("govmap.desk.choose(null)")
    page.fill("#govmap-search", "u00")
    page.wait_for_selector("#govmap-hits [role=option]")
    yield "searched"
    page.keyboard.press("Escape")
    page.click("#govmap-tool-measure")
    yield "measuring"
    page.click("#govmap-tool-measure")


EVERY = ()
SOME = ("opened", "unit", "searched", "measuring")


@pytest.mark.parametrize(
    ("audience", "language", "judged"),
    [("official", "zh", EVERY), ("planner", "en", SOME), ("worker", "zh", SOME), ("public", "en", SOME)],
)
def test_no_serious_fault_of_accessibility_and_no_missing_word_in_any_state(opened, audience, language, judged):
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm --prefix web ci")
    page = opened(audience, language)
    page.evaluate(AXE.read_text("utf-8"))
    for state in states(page):
        if judged == EVERY or state in judged:
            assert page.evaluate(JUDGED) == [], state
        assert page.evaluate("[...govmap.desk.missing]") == [], state
        assert page.evaluate(SMALL) == [], state
        assert not re.findall(r"\{\w+\}|map_[a-z]", page.inner_text("body")), state


@pytest.mark.parametrize("audience", ["planner", "worker"])
def test_no_word_is_missing_after_the_language_was_changed(opened, audience):
    page = opened(audience, "zh" if audience == "worker" else "en")
    page.click(".language")
    for state in states(page):
        assert page.evaluate("[...govmap.desk.missing]") == [], state


def test_every_stop_of_the_keyboard_can_be_seen(opened):
    page = opened("planner")
    page.click("#govmap-look-incidents")
    page.keyboard.press("Tab")
    for _ in range(45):
        assert page.evaluate(UNSEEN) is None
        page.keyboard.press("Tab")


def test_the_map_is_steered_and_asked_by_the_keyboard_alone(opened):
    page = opened("planner")
    page.evaluate("govmap.desk.show('incidents', false); govmap.desk.show('resources', false)")
    page.focus("#map_govmap")
    middle = page.evaluate("map_govmap.getCenter().lng")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(700)
    assert page.evaluate("map_govmap.getCenter().lng") > middle
    page.keyboard.press("Enter")
    assert page.evaluate("govmap.desk.choice !== null")
    assert page.inner_text(".unseen[role=status]").startswith("Chosen: ")
    page.keyboard.press("Escape")
    assert page.inner_text(".unseen[role=status]") == "Nothing is chosen."


def test_the_tools_are_one_stop_and_arrows_go_from_tool_to_tool(opened):
    page = opened("public")
    page.focus("#govmap-tool-measure")
    page.keyboard.press("ArrowDown")
    first = page.evaluate(FOCUS)
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUS) == "govmap-tool-measure"
    assert first.startswith("govmap-tool-")
    assert page.locator(".govmap-tools [tabindex='0']").count() == 1


def test_three_questions_are_answered_without_a_pointer(opened):
    page = opened("official")
    page.focus(".findings ol button")
    page.keyboard.press("Enter")
    assert "400 of 416 people are short" in page.inner_text(".why")
    assert "Lime Hall" in page.inner_text(".why")
    page.focus("#govmap-look-units")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.focus(".units button")
    page.keyboard.press("Enter")
    assert "Worker Person" in page.inner_text(".answers")
    page.focus(".open summary")
    page.keyboard.press("Enter")
    assert page.locator(".open li").count() > 0
    page.focus("#govmap-look-incidents")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.focus("#govmap-cases-overdue")
    page.keyboard.press("Enter")
    assert page.inner_text(".cases .sum").startswith("3 past their date")


def test_cases_can_be_narrowed_to_how_long_ago_they_came(opened):
    page = opened("official")
    page.click("#govmap-look-incidents")
    page.select_option("#govmap-cases-age", "0")
    assert page.inner_text(".cases .sum").startswith("0 open")
    page.select_option("#govmap-cases-age", "1")
    assert page.inner_text(".cases .sum").startswith("8 open")


def test_all_kinds_of_resources_are_hidden_and_shown_at_once(opened):
    page = opened("planner")
    page.click(".turns .link >> nth=1")
    assert page.locator(".categories input:checked").count() == 0
    assert page.evaluate("govmap.desk.hiddenCategories.size") == page.locator(".categories input").count()
    page.click(".turns .link >> nth=0")
    assert page.evaluate("govmap.desk.hiddenCategories.size") == 0


def test_colours_of_findings_stay_apart_in_grey_or_carry_a_pattern(opened):
    """Of any two classes of a legend the lightness differs by a step that a grey print shows, or the pattern does."""
    page = opened("official")
    page.select_option("#govmap-look-service", index=1)
    page.click("#govmap-form-need")
    drawn = page.evaluate(
        "[...document.querySelectorAll('.need .nine')]"
        ".map((one) => [one.style.getPropertyValue('--colour'), one.className])"
    )
    light = [
        (sum(w * int(c.strip()[i : i + 2], 16) for w, i in ((0.299, 1), (0.587, 3), (0.114, 5))), k) for c, k in drawn
    ]
    close = [(a, b) for n, a in enumerate(light) for b in light[:n] if a[1] == b[1] and abs(a[0] - b[0]) < 10]
    assert close == []
