import pytest

from govmap import catalog
from govmap.delineate import Criteria
from govmap.errors import InputError
from govmap.messages import LANGUAGES, Voice


@pytest.mark.parametrize(
    "text",
    [
        "300-500",
        " 300 - 500 ",
        "300–500",
        "300—500",
        "300——500",
        "300−500",
        "３００－５００",
        "300~500",
        "300～500",
        "300至500",
        "300到500户",
        "300 to 500",
        "300-500 households",
        "300..500",
        "300-500户",
        "0300-0500",
    ],
)
def test_a_band_is_read_as_people_write_it(text):
    assert Criteria.parse(text).size == (300, 500)


def test_thousands_may_be_set_apart():
    assert Criteria.parse("1,000-3,000").size == (1000, 3000)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "delineate_bad_size"),
        ("400", "delineate_bad_size"),
        ("-300-500", "delineate_bad_size"),
        ("300-", "delineate_bad_size"),
        ("300.5-500", "delineate_bad_size"),
        ("a few", "delineate_bad_size"),
        ("0-500", "delineate_size_zero"),
        ("500-300", "delineate_size_reversed"),
    ],
)
def test_what_is_no_band_is_refused_with_a_reason_and_a_hint(text, key):
    with pytest.raises(InputError) as refused:
        Criteria.parse(text)
    assert refused.value.code == key
    for language in LANGUAGES:
        assert refused.value.message(Voice(language))
        assert refused.value.hint(Voice(language))


@pytest.mark.parametrize(
    "choices",
    [
        {"units": 0},
        {"units": -3},
        {"units": True},
        {"units": 2.5},
        {"by": "dogs"},
        {"keep_whole": ("street",)},
        {"seed": -1},
        {"budget": 0},
        {"size": (300,)},
        {"size": (300.0, 500.0)},
        {"target": 0},
        {"prefer": "speed"},
        {"walk_m": 0},
        {"also": (("residents", 5),)},
        {"also": (("cats", 1, 5),)},
    ],
)
def test_choices_that_mean_nothing_are_refused(choices):
    with pytest.raises(InputError):
        Criteria(**choices)


def test_criteria_survive_json_and_the_text_is_always_the_same():
    one = Criteria(size=(30, 100), by="residents", keep_whole=("building",), equal=True, seed=7, budget=1000)
    assert Criteria.from_json(one.to_json()) == one
    assert Criteria.from_json(one.to_json()).to_json() == one.to_json()
    assert hash(Criteria.from_json(one.to_json())) == hash(one)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"size": [500, 300]}', '{"nonsense": 1}', "null"])
def test_broken_json_is_refused(text):
    with pytest.raises(InputError):
        Criteria.from_json(text)


def test_the_band_follows_from_the_number_of_units_where_none_is_given():
    assert Criteria(units=10).band(4000) == (300, 500)
    assert Criteria(units=10).aim(4000) == 400
    assert Criteria(units=10, size=(100, 200)).band(4000) == (100, 200)
    assert Criteria().band(4000) == (300, 500)


def test_a_wish_reaches_a_tenth_farther_than_a_rule():
    assert Criteria(size=(300, 500)).reach(4000) == (300, 500)
    assert Criteria(size=(300, 500), hard=False).reach(4000) == (270, 550)
    assert Criteria(size=(1, 3), hard=False).reach(4000) == (1, 3)


def test_every_preset_makes_criteria_and_names_its_source():
    for name, facts in catalog.layer("presets").items():
        assert Criteria.preset(name).size == (facts["low"], facts["high"])
        assert set(facts["source"]) == set(LANGUAGES)
        assert isinstance(facts["verified"], bool)
        assert set(facts["title"]) == set(LANGUAGES)
    with pytest.raises(InputError):
        Criteria.preset("mars_colony")
