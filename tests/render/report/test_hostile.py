"""Forty hostile texts in every text of every table: on no map, report, list or sheet do they become more than text."""

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import openpyxl
import pandas as pd
import pytest

from govmap.exports import tables as lists
from govmap.messages import Voice
from govmap.render import symbology, webmap
from govmap.render.compact import header
from govmap.render.report import page as report
from govmap.render.svg import clean, escaped
from govmap.schema import TABLES

RUN = "window.bad=1"
HOSTILE = (
    f"<script>{RUN}</script>", f"</script><script>{RUN}</script>", f"<img src=x onerror={RUN}>", "--><b>",
    f'"><img src=x onerror={RUN}>', f"'><svg onload={RUN}>", f"<svg/onload={RUN}>", "<iframe srcdoc='<b>'>",
    f"<!--<script>{RUN}", "]]><b>", "<![CDATA[<b>", f"</title><script>{RUN}</script>", "</noscript><b>",
    f"</style><script>{RUN}</script>", "</textarea><b>", f"javascript:{RUN}", f"data:text/html,<script>{RUN}</script>",
    "{{7*7}}",
    "{{ cycler.__init__.__globals__.os.getpid() }}", "{% raw %}", "{# no #}", "{7*7}", "${" + RUN + "}",
    "`${" + RUN + "}`", "\\u003cscript>", "&lt;b&gt;", "&#60;b&#62;", f"\u2028{RUN}\u2029", f"'; {RUN}; //",
    f'"; {RUN}; //', f"\\'; {RUN}", "=1+1", "+86 10", "@SUM(A1)", "-1+1", '#eval("1")', "#import sys", "$ 1 + 1 $",
    "*bold* _it_ @ref <label>", "govmap-head-token govmap-body-token",
)  # fmt: skip
BLOCK = r'<script type="(?:text/plain|application/json)" id="govmap-[a-z_-]+">[^<]*</script>'
AUDIENCES = ("public", "official", "planner", "worker")
PLAIN = ("standard", "category", "theme", "level", "kind", "status", "stage", "item", "measure", "reason", "place_kind")
OURS = ("geometry", "plan_id", "criteria", "table")
Tables = dict[str, pd.DataFrame]


def poisoned(tables: Tables, *, whole: bool) -> Tables:
    """
    Put one of the forty behind every text: names alone, or also keys and the words of fixed lists.

    The same text gets the same one everywhere, so that rows still belong together.
    """
    seen: dict[str, str] = {}

    def poison(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return seen.setdefault(value, f"{value} {HOSTILE[len(seen) % len(HOSTILE)]}")

    made = {}
    for name, frame in tables.items():
        columns = [one for one in frame.columns if one not in OURS and _texts(frame[one])]
        if not whole:
            keys = {*PLAIN, *(one for one in columns if one.endswith("_id")), *TABLES[name].key}
            columns = [one for one in columns if one not in keys]
        made[name] = frame.assign(**{one: frame[one].map(poison).astype(object) for one in columns})
    return made


def _texts(column: "pd.Series[Any]") -> bool:
    return bool(column.map(lambda value: isinstance(value, str)).any())


@pytest.fixture
def town_of_forty(filled: Callable[..., Tables]) -> Tables:
    """Give the town with many more buildings' worth of names, so that every one of the forty is used."""
    return poisoned(filled(), whole=False)


def test_there_are_forty_and_every_one_is_put_in(town_of_forty: Tables) -> None:
    columns = [values for frame in town_of_forty.values() for values in frame.to_dict("list").values()]
    told = [value for values in columns for value in values if isinstance(value, str)]
    assert len(set(HOSTILE)) == 40
    assert [one for one in HOSTILE if not any(value.endswith(one) for value in told)] == []


@pytest.mark.skipif(not (symbology.STATIC / "map.js").is_file(), reason="needs the built page")
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_map_holds_them_as_text_and_nothing_more(filled, released, audience, whole) -> None:
    plain = webmap.build(released(audience, filled()), Voice("en"), title="Well")
    html = webmap.build(released(audience, poisoned(filled(), whole=whole)), Voice("en"), title=" ".join(HOSTILE))
    tags = re.compile(r"<(script|style|img|svg|iframe|b)\b")
    assert _count(tags, html) == _count(tags, plain)
    assert [_without_title(html).count(one) for one in ("{{", "{%", "{#")] == [
        plain.count(one) for one in ("{{", "{%", "{#")
    ]
    assert _policy(html).count("sha256") == _policy(plain).count("sha256")
    packs = {name: header(text) for name, text in re.findall(r'id="govmap-pack-(\w+)">([^<]*)<', html)}
    names = next(one["words"] for one in packs["buildings_told"]["columns"] if one["name"] == "name")
    assert len(names) == 25
    assert len({one for name in names for one in HOSTILE if name.endswith(" " + one)}) >= 20


def _count(tags: "re.Pattern[str]", html: str) -> dict[str, int]:
    html = html.replace(webmap.COME, "")  # one behind each pack, and of packs there may be fewer
    found = re.sub(r"<title>.*?</title>|<script>.*?</script>|<style>.*?</style>|" + BLOCK, "", html, flags=re.DOTALL)
    return {one: len(re.findall(rf"<{one}\b", found)) for one in set(tags.findall(found))} | {
        f"inline {one}": len(re.findall(rf"<{one}>", html)) for one in ("script", "style")
    }


def _without_title(html: str) -> str:
    return re.sub(r"<title>.*?</title>", "", html, count=1, flags=re.DOTALL)


def _policy(html: str) -> str:
    return re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]  # type: ignore[index]


@pytest.mark.skipif(not (symbology.STATIC / "map.js").is_file(), reason="needs the built page")
def test_none_runs_in_a_browser_whatever_is_opened(filled, released, chromium, tmp_path) -> None:
    tab, told, asked = chromium.new_page(), list[str](), list[str]()
    tab.on("console", lambda one: told.append(one.text) if one.type in ("error", "warning") else None)
    tab.on("pageerror", lambda one: told.append(str(one)))
    tab.on("dialog", lambda one: told.append("dialog") or one.dismiss())
    tab.on("request", lambda one: asked.append(one.url))
    for audience, whole in (("public", False), ("planner", True)):
        file = tmp_path / f"{audience}-{whole}.html"
        let = released(audience, poisoned(filled(), whole=whole))
        file.write_text(webmap.build(let, Voice("en"), title=" ".join(HOSTILE)), "utf-8")
        tab.goto(file.as_uri())
        tab.wait_for_selector("body[data-ready]")
        tab.evaluate(OPEN_ALL)
        for text in HOSTILE[::7]:
            tab.fill("#govmap-search", text)
            tab.wait_for_timeout(60)
        assert tab.evaluate("window.bad") is None
        assert tab.locator("#govmap-panel :is(img, script, iframe, b, title, style)").count() == 0
        assert tab.inner_text("h1").split() == " ".join(HOSTILE).split()
    assert [one for one in asked if not one.startswith(("file:", "data:", "blob:"))] == []
    assert told == []
    tab.close()


OPEN_ALL = """() => {
  const { desk } = govmap, kinds = { unit: "units", building: "buildings", resource: "resources", compound: "compounds",
    address: "addresses", incident: "incidents" };
  for (const kind of Object.keys(kinds)) {
    const table = desk.tables[kinds[kind]];
    for (let row = 0; table && row < table.rows; row++) desk.choose({ kind, row });
  }
  desk.choose(null);
  for (const one of document.querySelectorAll("details")) one.open = true;
  for (const view of govmap.page.findings.views()) govmap.page.findings.look(view);
}"""


@pytest.mark.parametrize("audience", ["public", "planner"])
@pytest.mark.parametrize("whole", [False, True])
def test_a_report_shows_them_as_text(filled, paper, audience, whole) -> None:
    html = report.build(paper(audience, "en", poisoned(filled(), whole=whole), " ".join(HOSTILE))).decode()
    assert re.findall(r"<(?:script|img|iframe|b)\b|\son\w+=[^&]*>", re.sub(r">[^<]*<", "><", html)) == []
    assert "&lt;script&gt;window.bad=1&lt;/script&gt;" in html


def test_lists_and_workbooks_give_them_back(filled, released, tmp_path) -> None:
    tables = released("planner", poisoned(filled(), whole=True)).tables
    for name in sorted(set(tables) & set(TABLES)):
        frame = pd.DataFrame(lists.ordered(name, tables[name].drop(columns="geometry", errors="ignore")))
        texts = [one for one in frame.columns if _texts(frame[one])]
        if not texts:
            continue
        wanted = [[row[one] or "" for one in texts] for row in frame[texts].fillna("").to_dict("records")]
        lists.write(name, frame, tmp_path / "a.xlsx")
        lists.write(name, frame, tmp_path / "a.csv")
        sheet = [list(row) for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(values_only=True)]
        assert _of(sheet, texts) == wanted, name
        plain = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig"), newline="")))
        assert [[one.removeprefix("'") for one in row] for row in _of(plain, texts)] == [
            [one.removeprefix("'") for one in row] for row in wanted
        ], name


def test_sheets_draw_them_as_text() -> None:
    for one in HOSTILE:
        assert not {"<", ">"} & set(escaped(one))
        assert unescape(escaped(one)) == clean(one)


def _of(rows: list[list[Any]], columns: list[str]) -> list[list[str]]:
    at = [rows[0].index(one) for one in columns]
    return [[row[one] or "" for one in at] for row in rows[1:]]
