"""Every mode of the desk fits the screens of offices and a phone, in both languages.

Nothing stands beyond the edge, and the map shows the whole community as long as nobody has moved it.
"""

import shutil
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from govmap.messages import LANGUAGES
from govmap.render import symbology

BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
SCREENS = {"small screen": (1366, 768), "phone": (360, 740)}
BEYOND = """() => {
  const rooms = ["#desk-stage", "#govmap-panel"].map((one) => document.querySelector(one));
  const over = (one) => one && one.scrollWidth > one.clientWidth + 1;
  const wide = [document.documentElement, ...rooms].filter(over);
  const at = (one) => one.getBoundingClientRect();
  const rolls = (one) => one && one !== document.body && (over(one) || rolls(one.parentElement));
  const shown = Array.from(document.querySelectorAll("button, input, select, h1, h2, label, p")).filter(
    (one) => one.offsetParent && at(one).width > 1 && !rolls(one.parentElement),
  );
  const out = shown.filter((one) => at(one).right > innerWidth + 1 || at(one).left < -1);
  return [...wide, ...out].map((one) => one.tagName + " " + one.id + " " + (one.textContent || "").slice(0, 30));
}"""

SEEN_WHOLE = """() => {
  const { map, desk } = window.govmap.page;
  const [west, south, east, north] = desk.facts.bounds;
  const seen = map.getBounds();
  return seen.getWest() <= west && seen.getSouth() <= south && seen.getEast() >= east && seen.getNorth() >= north;
}"""

pytestmark = pytest.mark.skipif(
    not shutil.which("chromium") or not (symbology.STATIC / "live.js").exists(), reason="needs chromium and the page"
)


def beyond(
    browser: Browser, served: Any, language: str, size: tuple[int, int], faults: list[str]
) -> dict[str, list[str]]:
    """Open one mode after the other; give what stands beyond the edge of the screen in each."""
    name, _, value = served.cookie.partition("=")
    phone = size[0] < size[1]
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, is_mobile=phone, has_touch=phone, reduced_motion="reduce"
    )
    cookies = {name: value, "govmap_language": language}
    context.add_cookies([{"name": one, "value": told, "url": served.origin} for one, told in cookies.items()])
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(served.origin)
    page.wait_for_selector("body[data-desk=ready]", state="attached", timeout=90_000)
    modes = page.evaluate("Array.from(document.querySelectorAll('#desk-rail [data-mode]'), (one) => one.dataset.mode)")
    assert len(modes) >= 8
    found = {}
    for mode in modes:
        page.evaluate("(mode) => govmap.live.rail.go(mode)", mode)
        page.wait_for_selector(f'body[data-mode="{mode}"]', state="attached", timeout=30_000)
        page.wait_for_timeout(250)
        if out := page.evaluate(BEYOND):
            found[mode] = out
        if mode != "compare" and not page.evaluate(SEEN_WHOLE):
            found[mode] = [*found.get(mode, []), "the community is not seen whole"]
    context.close()
    return found


def test_every_mode_fits_a_small_screen_and_a_phone_in_both_languages(served: Any) -> None:
    faults: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=list(BROWSER))
        found = {
            f"{language} {screen}": beyond(browser, served, language, size, faults)
            for language in LANGUAGES
            for screen, size in SCREENS.items()
        }
        browser.close()
    assert {where: out for where, out in found.items() if out} == {}
    assert faults == []
