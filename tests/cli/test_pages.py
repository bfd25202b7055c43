"""Every help page, in both languages, with its frame: aligned, nothing cut, no word of the other language's frame."""

import os
import subprocess
import sys

import pytest

from govmap.cli.pages import WIDEST, columns

ALL = """
import typer.main
from govmap.cli.commands import app
def show(command, name, above=None):
    context = command.context_class(command, info_name=name, parent=above)
    print(command.get_help(context), end="\\n\\f\\n")
    for name, one in getattr(command, "commands", {}).items():
        show(one, name, context)
show(typer.main.get_command(app), "govmap")
"""
FRAME = {
    "en": ("Usage: ", "Arguments:", "Options:", "Commands:", "required", "default: ", "show this page"),
    "zh": ("用法：", "参数：", "选项：", "命令：", "必填", "默认：", "显示本说明"),
}


@pytest.fixture(scope="module", params=["en", "zh"])
def spoken(request: pytest.FixtureRequest) -> tuple[str, list[str]]:
    env = {**os.environ, "GOVMAP_LANG": request.param, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", ALL], env=env, capture_output=True, check=True)
    return request.param, done.stdout.decode("utf-8").split("\n\f\n")[:-1]


def test_the_frame_speaks_the_asked_language(spoken: tuple[str, list[str]]) -> None:
    language, pages = spoken
    whole = "\n".join(pages)
    other = FRAME["zh" if language == "en" else "en"]
    assert len(pages) > 50
    assert all(word in whole for word in FRAME[language])
    assert not [
        word for word in (*other, "Show this message", "[OPTIONS]" * (language == "zh")) if word and word in whole
    ]


def test_no_line_is_wider_than_the_console(spoken: tuple[str, list[str]]) -> None:
    assert [line for page in spoken[1] for line in page.splitlines() if columns(line) > WIDEST] == []


def test_every_argument_and_option_says_what_it_is(spoken: tuple[str, list[str]]) -> None:
    for page in spoken[1]:
        lines = page.splitlines()
        for at, line in enumerate(lines):
            if line.startswith("  -") and "  " not in line.strip():
                assert lines[at + 1].startswith(" " * 20), line
