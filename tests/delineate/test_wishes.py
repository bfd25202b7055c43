import pytest

from govmap import catalog
from govmap.delineate import Criteria
from govmap.delineate.wishes import LEVELS, level_title, wished
from govmap.errors import InputError
from govmap.messages import LANGUAGES, Note, Voice


def test_presets_put_together_are_levels_one_inside_the_other():
    chain = wished(preset="cn_grid+cn_microgrid+cn_building_group").chain
    assert [one.level for one in chain] == ["grid", "microgrid", "building_group"]
    assert [one.size for one in chain] == [(300, 500), (30, 100), (10, 30)]
    assert [one.target for one in chain] == [400, 60, None]


@pytest.mark.parametrize(
    "words", [("grid=300-500", "microgrid=30-100"), ("网格＝３００－５００", "微网格 = 30至100户")]
)
def test_levels_are_read_in_both_languages(words):
    chain = wished(levels=words).chain
    assert [(one.level, one.size) for one in chain] == [("grid", (300, 500)), ("microgrid", (30, 100))]


def test_what_is_asked_beside_the_size_is_asked_of_the_topmost_level():
    wanted = wished(preset="cn_grid+cn_microgrid", units=12, also=("residents:0-1500", "shops：5至40"), seed=3)
    assert (wanted.units, wanted.finer.units) == (12, None)
    assert wanted.also == (("residents", 0, 1500), ("shops", 5, 40))
    assert [one.seed for one in wanted.chain] == [3, 3]


def test_without_any_word_the_usual_is_wanted():
    assert wished() == Criteria()
    assert wished(units=12) == Criteria(units=12)
    assert wished(size="300-500", by="residents", equal=True) == Criteria(size=(300, 500), by="residents", equal=True)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ({"size": "300-500", "preset": "cn_grid"}, "levels_two_sizes"),
        ({"preset": "cn_grid", "levels": ("grid=1-2",)}, "levels_two_sizes"),
        ({"preset": "mars"}, "delineate_no_preset"),
        ({"preset": "cn_grid+cn_grid"}, "levels_same_name"),
        ({"preset": "cn_microgrid+cn_grid"}, "levels_order"),
        ({"levels": ("grid",)}, "levels_bad_level"),
        ({"levels": ("=30-100",)}, "levels_bad_level"),
        ({"levels": ("7=30-100",)}, "levels_bad_level"),
        ({"levels": ("grid=500-300",)}, "delineate_size_reversed"),
        ({"also": ("residents",)}, "levels_bad_also"),
        ({"also": ("dogs:1-2",)}, "delineate_bad_word"),
        ({"also": ("residents:9-2",)}, "delineate_size_reversed"),
        ({"prefer": "speed"}, "delineate_bad_word"),
        ({"walk_m": 0}, "delineate_bad_number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence_in_both_languages(words, key):
    with pytest.raises(InputError) as refused:
        wished(**words)
    assert refused.value.code == key
    for language in LANGUAGES:
        assert "{" not in refused.value.message(Voice(language))


def test_every_known_level_has_a_title_and_every_preset_its_level():
    assert set(catalog.layer("levels")) == set(LEVELS)
    for level in LEVELS:
        title = level_title(level)
        assert isinstance(title, Note)
        assert Voice("zh").tell(title) != Voice("en").tell(title)
    assert level_title("队伍") == "队伍"
    for facts in catalog.layer("presets").values():
        assert facts.get("level", "base") in LEVELS


def test_levels_survive_json():
    wanted = wished(preset="cn_grid+cn_microgrid", also=("residents:0-1500",), walk_m=300, exclusive=("mall", "park"))
    assert Criteria.from_json(wanted.to_json()) == wanted
    assert Criteria.from_json('{"size": [300, 500], "by": "households"}') == Criteria(size=(300, 500))
