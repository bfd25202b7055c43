import pytest

from govmap.messages import LANGUAGES, Voice, catalogue, note


def test_every_text_stands_in_every_language() -> None:
    keys = {language: set(catalogue(language)) for language in LANGUAGES}
    assert keys["en"] == keys["zh"]


def test_the_words_of_a_profile_fill_the_texts() -> None:
    assert "网格" in Voice("zh", {"unit": "网格"}).say("edit_no_unit", wanted="U001", known=[])


def test_a_note_within_a_note_is_told_in_the_same_language() -> None:
    voice = Voice("zh")
    assert voice.say("cli_warning", told=note("cli_interrupted")) == f"注意：{catalogue('zh')['cli_interrupted']}"


@pytest.mark.parametrize(("language", "told"), [("en", "1,234"), ("zh", "1,234")])
def test_thousands_are_set_apart(language: str, told: str) -> None:
    assert told in Voice(language).say("info_table", table="cells", rows=1234)


def test_text_of_users_is_never_taken_as_a_place_to_fill() -> None:
    assert "{0.__class__}" in Voice("en").say("cli_error", told="{0.__class__}")


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, "1 row is left"), (2, "2 rows are left"), (0, "0 rows are left"), (1001, "1,001 rows are left")],
)
def test_words_go_with_their_number(monkeypatch: pytest.MonkeyPatch, count: int, told: str) -> None:
    monkeypatch.setattr(
        "govmap.messages.catalogue", lambda language: {"left": "{count} {count:{unit} is|{units} are} left"}
    )
    assert Voice("en", {"unit": "row", "units": "rows"}).say("left", count=count) == told
