"""A planner at the desk: from dropped files to a printed atlas by clicks alone, in both languages.

Begun in Chinese with Chinese lists, and from the redrawing on in English: each station is one page for both. With
GOVMAP_LONG=1 in the environment the whole way in each language alone, with lists in that language, and the same on a
real city part of 8,425 buildings, which takes many minutes.
"""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import city_part
import pytest
from clerk import SEEN, Clerk, Office, walk
from served import begun

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
LONG = os.environ.get("GOVMAP_LONG")
FOUR = {
    "zh": ("community.osm", "实有人口统计表.xlsx", "网格员名单.xlsx", "资源清单.csv"),
    "en": ("community.osm", "residents.xlsx", "workers.xlsx", "resources.csv"),
}
TITLE = {"zh": "幸福社区", "en": "Happiness"}
LONG_TITLE = {"zh": "哥本哈根", "en": "Copenhagen"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("needs a Chromium")
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture(params=["zh then en", "zh alone", "en alone", "zh long", "en long"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    from govmap.sources import sample

    language, _, way = str(request.param).partition(" ")
    folder = tmp_path / "from the office"
    if way != "then en" and not LONG:
        pytest.skip("takes many minutes: set GOVMAP_LONG=1")
    if way == "long":
        shared: Path = request.getfixturevalue("shared")
        files = city_part.files(shared / "data" / "copenhagen.osm.pbf", folder)
        return Office(language, LONG_TITLE[language], files, units=450, band=(190, 290))
    sample.write(folder, language=language)
    files = tuple(folder / name for name in FOUR[language])
    return Office(language, TITLE[language], files, units=2, later="en" if way == "then en" else None)


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The desk as it is started by a double click, in a folder with Chinese letters and spaces; it ends cleanly."""
    folder = tmp_path / "桌面 (1)"
    folder.mkdir()
    environment = {**os.environ, "GOVMAP_CACHE": str(tmp_path / "cache")}
    with begun("--lang", office.language, folder=folder, environment=environment) as served:
        yield served.url, folder
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(60) == 0
    assert [file.name for file in folder.iterdir() if file.name.endswith(("-wal", "-shm", "-journal"))] == []
    assert not list((tmp_path / "cache" / "desks").glob("work-*"))


def test_a_community_comes_from_dropped_files_to_a_printed_atlas_by_clicks(
    office: Office, desk: tuple[str, Path], browser: Any, tmp_path: Path
) -> None:
    url, folder = desk
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url)
    try:
        walk(Clerk(page, wait_ms=900_000 if LONG else 90_000), office, folder)
    except BaseException:
        page.screenshot(path=Path(SEEN or tmp_path) / "seen.png")
        raise
    finally:
        context.close()
    assert faults == []
