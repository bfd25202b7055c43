"""The map as a file: what is in it and what never is."""

import html.parser
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from govmap import catalog
from govmap.errors import InputError
from govmap.messages import LANGUAGES, Voice, catalogue
from govmap.render import compact, content, online, packs, symbology, webmap

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

WEB = Path(__file__).parents[2] / "web" / "src"


class Page(html.parser.HTMLParser):
    """Tags with their attributes, and the blocks of data by id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.blocks: dict[str, str] = {}
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open = dict(attrs).get("id") if tag == "script" else None

    def handle_data(self, data):
        if self._open:
            self.blocks[self._open] = data

    def handle_endtag(self, tag):
        self._open = None


def everything(text: str) -> str:
    """The page with its packs inflated: all that a reader could find in it."""
    page = Page(text)
    words = [compact.header(block) for name, block in page.blocks.items() if "-pack-" in name]
    return page.blocks["govmap-facts"] + json.dumps(words, ensure_ascii=False) + text


def header(text: str, pack: str) -> dict:
    return compact.header(Page(text).blocks[f"govmap-pack-{pack}"])


def test_only_what_was_released_is_drawn(town):
    with pytest.raises(TypeError):
        webmap.build(town(), Voice("en"), title="Well")


def test_a_plan_without_units_is_a_clear_error(town, released):
    tables = town()
    tables["units"] = tables["units"].iloc[:0]
    with pytest.raises(InputError):
        webmap.build(released("public", tables), Voice("en"), title="Well")


def test_same_input_gives_the_same_bytes_whatever_the_order_of_rows(town, released):
    one = webmap.build(released(), Voice("zh"), title="Well")
    mixed = {name: frame.sample(frac=1, random_state=5) for name, frame in town().items()}
    assert webmap.build(released("public", mixed), Voice("zh"), title="Well") == one


def test_no_tag_of_the_page_asks_for_anything(released):
    page = Page(webmap.build(released(), Voice("en"), title="Well"))
    assert not {tag for tag, _ in page.tags} & {"link", "iframe", "img", "object", "embed", "base", "form"}
    assert not [attrs for _, attrs in page.tags if "src" in attrs or "href" in attrs or "style" in attrs]
    (policy,) = [attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert "connect-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_base_map_from_outside_is_in_the_file_only_when_asked_for(released):
    assert "tile.openstreetmap.org;" not in webmap.build(released(), Voice("en"), title="Well")
    asked = webmap.build(released(), Voice("en"), title="Well", online_base=online.online("osm"))
    assert "img-src data: blob: https://tile.openstreetmap.org;" in asked


def test_no_person_and_no_count_of_a_building_is_in_a_public_file(released):
    text = everything(webmap.build(released(), Voice("en"), title="Well"))
    assert "House 3" in text, "the reading of the packs itself works"
    for hidden in ("Worker Person", "000-4711", "Incident Person", '"households_source"'):
        assert hidden not in text
    buildings = header(webmap.build(released(), Voice("en"), title="Well"), "buildings")
    assert not {one["name"] for one in buildings["columns"]} & {"households", "residents", "source"}


def test_inside_the_office_the_worker_is_named(released):
    text = everything(webmap.build(released("worker"), Voice("en"), title="Well"))
    assert "Worker Person" in text
    assert "Incident Person" not in text


def test_hostile_names_are_nowhere_in_the_file_as_they_are(town, released):
    tables = town(lambda plain: plain + "{{7*7}}<img src=x onerror=alert(1)></script>")
    text = webmap.build(released("planner", tables), Voice("en"), title="{{7*7}}</title><script>alert(1)</script>")
    assert "{{7*7}}" not in re.sub(r"<title>.*?</title>", "", text)
    assert "<img src=x" not in text
    assert "<script>alert" not in text


def test_every_word_the_page_says_is_in_both_catalogues():
    source = "".join(file.read_text("utf-8") for file in sorted(WEB.glob("*.ts")))
    asked = set(re.findall(r'\b(?:say|head|fact|bigNumber)\("([a-z_]*[a-z])"', source))  # no beginnings of words
    asked |= {
        "audience_official",
        "audience_planner",
        "audience_worker",
        "sort_building",
        "sort_compound",
        "sort_address",
    }
    asked |= {f"layer_{name}" for name in webmap.LAYERS}
    assert len(asked) > 60
    for language in LANGUAGES:
        assert not {f"map_{key}" for key in asked} - set(catalogue(language)), language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_profile_fill_the_page_and_its_own_places_stay(language):
    words = content.words(catalog.profile("cn").voice(language))
    assert words["map_units"] == ("网格" if language == "zh" else "grid units")
    assert "{k}" in words["map_withheld"]
    assert not [key for key, text in words.items() if "{unit" in text or "{worker" in text]


def test_one_language_alone_is_possible(released):
    facts = json.loads(
        Page(webmap.build(released(), Voice("zh"), title="Well", both_languages=False)).blocks["govmap-facts"]
    )
    assert facts["languages"] == ["zh"]
    assert list(facts["words"]) == ["zh"]


def test_a_map_needs_no_more_than_units(town, released):
    some = {name: frame for name, frame in town().items() if name in ("units", "parts", "plan_parts")}
    page = Page(webmap.build(released("public", some), Voice("en"), title="Well"))
    assert "govmap-pack-units" in page.blocks
    assert "govmap-pack-buildings" not in page.blocks


def test_a_unit_of_floors_alone_has_no_ground_and_is_listed_all_the_same(town, released):
    tables = town()
    extra = tables["units"].iloc[:1].assign(unit_id="U007", code="U007", geometry=[None])
    tables["units"] = pd.concat([tables["units"], extra], ignore_index=True)
    assert header(webmap.build(released("public", tables), Voice("en"), title="Well"), "units")["rows"] == 7


def test_the_parts_of_a_shared_building_are_told_apart(town, released):
    tables = town()
    floors = pd.DataFrame(
        {"part_id": ["w0/1", "w0/2"], "building_id": "w0", "cell_id": "w0", "households": 20, "residents": 52}
    ).assign(floor_from=[1, 4], floor_to=[3, 6])
    tables["parts"] = pd.concat([tables["parts"][tables["parts"]["part_id"] != "w0"], floors], ignore_index=True)
    plan = pd.DataFrame({"plan_id": "p1", "part_id": ["w0/1", "w0/2"], "unit_id": ["U001", "U002"]})
    kept = tables["plan_parts"]
    tables["plan_parts"] = pd.concat([kept[kept["part_id"] != "w0"], plan], ignore_index=True)
    assert header(webmap.build(released("planner", tables), Voice("en"), title="Well"), "parts")["rows"] == 2


@pytest.mark.parametrize(
    ("code", "label"), [("310101001001007", "007"), ("U007", "U007"), ("12345", "12345"), ("网格3", "网格3")]
)
def test_an_official_code_is_labelled_by_its_last_digits(town, released, code, label):
    tables = town()
    tables["units"].loc[0, "code"] = code
    columns = header(webmap.build(released("public", tables), Voice("en"), title="Well"), "units")["columns"]
    (labels,) = [one["words"] for one in columns if one["name"] == "label"]
    assert label in labels


def test_units_are_listed_by_their_numbers(town, released):
    tables = town()
    tables["units"]["code"] = ["10", "9", "2", "1", "100", "20"]
    columns = header(webmap.build(released("public", tables), Voice("en"), title="Well"), "units")["columns"]
    (codes,) = [one["words"] for one in columns if one["name"] == "code"]
    assert codes == ["1", "2", "9", "10", "20", "100"]


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (None, None),
        ("the mayor wished it", "the mayor wished it"),
        ('{"key": "publish_sensitive", "facts": {"count": 3}}', "3 incidents"),
        ('[{"key": "publish_sensitive", "facts": {"count": 3}}, {"key": "unheard_of", "facts": {}}]', "unheard_of"),
        ("[not json", "[not json"),
        ("7", "7"),
    ],
)
def test_what_a_plan_says_of_a_unit_is_told_in_the_readers_language(stored, told):
    found = packs.reason(stored, Voice("en"))
    assert found is None if told is None else told in found


def test_the_band_is_for_the_office_alone(town, released):
    plan = pd.DataFrame({"plan_id": ["p1"], "criteria": ['{"size": [100, 150], "by": "households"}']})
    tables = {**town(), "plans": plan}
    for audience, band in (("public", None), ("planner", {"low": 100, "high": 150, "by": "households"})):
        page = Page(webmap.build(released(audience, tables), Voice("en"), title="Well"))
        assert json.loads(page.blocks["govmap-facts"])["band"] == band
