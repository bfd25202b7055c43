"""Standards: ours are whole, the user's own are read, and what is wrong is said in one sentence."""

from pathlib import Path

import pytest

from govmap import catalog
from govmap.assess import standards
from govmap.errors import InputError
from govmap.messages import Voice

ROW = '[clinic]\ncategory = "clinic"\n'


def _own(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize("name", standards.known())
def test_every_row_says_how_far_for_whom_and_who_says_so(name: str) -> None:
    rows = standards.load([name])
    assert rows
    for row in rows:
        assert 0 < row.limit_m <= 2_500
        assert row.source["zh"]
        assert row.source["en"]
        assert row.clause
        assert row.year is not None
        assert row.title["zh"] != row.title["en"]
        assert set(row.categories) <= set(catalog.layers("resources"))


def test_the_standard_that_a_layer_names_is_there() -> None:
    for name, facts in catalog.layers("resources").items():
        if "standard" in facts["layer"]:
            wanted = facts["layer"]["standard"]
            row = next(row for row in standards.load([wanted.partition("/")[0]]) if row.name == wanted)
            assert name in row.categories


def test_only_what_was_seen_in_its_source_is_called_verified() -> None:
    rows = {row.name: row for row in standards.load(["cn_15min"])}
    assert rows["cn_15min/kindergarten"].verified
    assert not rows["cn_15min/health_station"].verified


@pytest.mark.parametrize("profile", ["cn", "uk", "us", "generic", "somewhere"])
def test_every_country_has_standards(profile: str) -> None:
    assert standards.load(standards.by_profile(profile))


def test_the_chinese_profile_is_held_against_the_chinese_circle() -> None:
    assert standards.by_profile("cn") == ("cn_15min",)


def test_a_file_of_the_users_own_is_read(tmp_path: Path) -> None:
    path = _own(tmp_path, '[standard]\ntitle = "我们的标准"\n\n[x]\ncategory = "药店"\nwalk_min = 8\nalso = "clinic"\n')
    (row,) = standards.load([path])
    assert (row.name, row.category, row.also) == ("mine/x", "pharmacy", ("clinic",))
    assert row.limit_m == pytest.approx(8 * 60 * 1.1)
    assert row.title == catalog.layer("resources/pharmacy")["layer"]["title"]
    assert not row.verified


def test_a_row_named_twice_counts_once() -> None:
    assert standards.load(["eu", "eu"]) == standards.load(["eu"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x = ", "standard_not_toml"),
        ("", "standard_no_rows"),
        ("distance_m = 300", "standard_no_rows"),
        ('[standard]\ntitle = "x"', "standard_no_rows"),
        (ROW, "standard_one_measure"),
        (ROW + "distance_m = 300\nwalk_min = 5", "standard_one_measure"),
        (ROW + "distance_m = -1", "standard_bad_number"),
        (ROW + 'distance_m = "300"', "standard_bad_number"),
        (ROW + "distance_m = true", "standard_bad_number"),
        (ROW + "distance_m = nan", "standard_bad_number"),
        (ROW + "distance_m = 1e9", "standard_bad_number"),
        (ROW + 'distance_m = 300\nwhom = "cats"', "standard_not_one_of"),
        (ROW + 'distance_m = 300\nspeed = "fast"', "standard_not_one_of"),
        (ROW + "distance_m = 300\nalso = 3", "standard_bad_number"),
        (ROW + "distance_m = 300\ndistanz = 3", "standard_unknown_words"),
        (ROW + "distance_m = 300\nplaces = 4", "standard_bad_amount"),
        (ROW + "distance_m = 300\nyear = 3.5", "standard_bad_number"),
        ("[x]\ndistance_m = 300", "standard_no_category"),
        ('[x]\ncategory = "castle"\ndistance_m = 300', "standard_no_category"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_in_both_languages(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        standards.load([_own(tmp_path, text)])
    assert error.value.code == code
    assert "mine.toml" in str(error.value.where)
    for language in ("zh", "en"):
        assert error.value.message(Voice(language))
        assert error.value.hint(Voice(language))


def test_a_name_that_is_none_and_a_file_that_is_not_there_are_told_apart(tmp_path: Path) -> None:
    for given, code in (("mars", "standard_unknown"), (str(tmp_path / "no.toml"), "standard_no_file")):
        with pytest.raises(InputError) as error:
            standards.load([given])
        assert error.value.code == code
    (tmp_path / "gbk.toml").write_bytes('[x]\ntitle = "药店"'.encode("gbk"))
    with pytest.raises(InputError) as error:
        standards.load([str(tmp_path / "gbk.toml")])
    assert error.value.code == "standard_not_utf8"
