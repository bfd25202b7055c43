"""What was typed wrong is said in the asked language, in one sentence, with what to do; programs get one object."""

import json
import re
import sys

import pytest
from typer.testing import CliRunner

from govmap.cli import main, pages
from govmap.cli.commands import app
from govmap.messages import Voice

HAN = re.compile(r"[\u4e00-\u9fff]")
MISTAKES = {
    "usage_missing": ["fetch"],
    "usage_command": ["delinate", "x.gpkg"],
    "usage_no_command": [],
    "usage_option": ["info", "x.gpkg", "--jso"],
    "usage_no_value": ["delineate", "x.gpkg", "--size"],
    "usage_takes_none": ["delineate", "x.gpkg", "--equal=1"],
    "usage_extra": ["info", "my", "project.gpkg"],
    "usage_no_number": ["delineate", "x.gpkg", "--units", "abc"],
    "usage_too_small": ["delineate", "x.gpkg", "--units", "0"],
    "usage_too_large": ["delineate", "x.gpkg", "--options", "9"],
}
GIVEN = {
    "usage_missing": "PROJECT",
    "usage_command": "delineate",
    "usage_option": "--json",
    "usage_no_value": "--size",
    "usage_takes_none": "--equal",
    "usage_extra": "project.gpkg",
    "usage_no_number": "abc",
    "usage_too_small": "1",
    "usage_too_large": "5",
}


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", MISTAKES)
def test_a_mistake_is_told_in_the_asked_language_with_what_to_do(key: str, language: str) -> None:
    code, out, err = run("--lang", language, *MISTAKES[key])
    assert code == 2
    assert out == ""
    told, usage, more = err.splitlines()
    assert told.startswith("错误：" if language == "zh" else "Error: ")
    assert GIVEN.get(key, "") in told
    assert usage.startswith("用法：govmap" if language == "zh" else "Usage: govmap")
    assert more.endswith("--help")
    assert bool(HAN.search(usage + more)) == (language == "zh")


@pytest.mark.parametrize("key", [key for key in MISTAKES if key != "usage_no_command"])
def test_a_program_gets_its_mistake_as_one_object(key: str) -> None:
    code, out, err = run("--lang", "zh", *MISTAKES[key][:2], "--json", *MISTAKES[key][2:])
    told = json.loads(out)
    assert (code, err) == (2, "")
    assert told["ok"] is False
    assert told["error"]["code"] == key
    assert HAN.search(told["error"]["message"])
    assert told["error"]["hint"].endswith("--help")


def test_a_mistake_within_a_group_names_the_whole_command() -> None:
    told = json.loads(run("edit", "move", "x.gpkg", "--json")[1])
    assert (told["command"], told["project"], told["error"]["code"]) == ("edit move", "x.gpkg", "usage_missing")


def test_a_command_of_a_group_is_found_without_its_group() -> None:
    assert "edit move" in run("move", "x.gpkg")[2]


def test_a_language_that_we_do_not_speak_is_named_with_those_we_do() -> None:
    code, _, err = run("info", "x.gpkg", "--lang", "xx")
    assert code == 2
    assert "en, zh" in err


def test_nothing_at_all_shows_what_there_is() -> None:
    for words in ([], ["edit"]):
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert "--help" in err


@pytest.mark.parametrize(("words", "ended"), [(["check", "--help"], 0), (["check"], 2), (["check", "no.gpkg"], 1)])
def test_the_program_ends_with_the_number_of_how_it_went(
    words: list[str], ended: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["govmap", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == ended


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), BrokenPipeError(32, "gone")])
def test_a_reader_who_leaves_gets_no_traceback(raised: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(pages, "page", leave)
    done = CliRunner().invoke(app, ["check", "--help"])
    assert done.exit_code == (130 if isinstance(raised, KeyboardInterrupt) else 1)
    assert "Traceback" not in done.output


@pytest.mark.parametrize("room", [20, 31, 60])
def test_lines_fit_and_lose_nothing(room: int) -> None:
    text = "拆分一个单元：沿画出的线（GeoJSON、WKT 等），或分成若干大小相近的块；最大的保留原编码。  [默认：hard]"
    lines = pages.wrapped(text, room)
    assert max(map(pages.columns, lines)) <= room
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not any(line[0] in pages.CLOSING or line[-1] in pages.OPENING for line in lines)


def test_a_word_wider_than_the_room_stays_whole() -> None:
    assert "--resident-not-satisfied" in pages.wrapped("a --resident-not-satisfied b", 10)


def test_a_usage_line_is_said_in_the_voice_that_asks() -> None:
    from govmap.cli.mistakes import UsageError

    assert UsageError(None, "usage_extra", words=["a"]).hint(Voice("zh")) is None
