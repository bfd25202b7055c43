"""Before an update is written somebody at a terminal is asked, in their own language."""

import io

import pytest

from govmap.cli.face import Face
from govmap.cli.imports import _asked
from govmap.config import from_machine
from govmap.messages import Voice, note
from govmap.pipeline.report import Report


class Terminal(io.StringIO):
    """What looks like a terminal."""

    def isatty(self) -> bool:
        return True


YES = [("en", "y"), ("en", "YES"), ("zh", "是"), ("zh", "y")]
NO = [("en", ""), ("en", "n"), ("en", "是"), ("zh", ""), ("zh", "否")]


@pytest.mark.parametrize(("language", "typed"), [*YES, *NO])
def test_only_a_yes_that_the_question_asks_for_writes(
    language: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(f"{typed}\n"))
    monkeypatch.setattr("sys.stderr", screen)
    ask = _asked(Face("import", Voice(language), False, from_machine(language)))
    assert ask is not None
    assert ask(Report(notes=[note("import_no_rows")])) is ((language, typed) in YES)
    assert "[y/N]" not in screen.getvalue()
    assert Voice(language).say("update_ask") in screen.getvalue()
