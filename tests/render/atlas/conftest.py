"""Fonts for tests of letters: those of the machine but the largest, which take seconds to be asked for a sign."""

from types import SimpleNamespace

import pytest

from govmap.render.atlas import fonts

LARGEST = "CJK"


@pytest.fixture(scope="session")
def small_signs():
    """Give the signs of the fonts of the machine without the largest."""
    few = [one for one in fonts.machine().fonts() if LARGEST not in (one.path or "")]
    fonts.signs()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "machine", lambda: SimpleNamespace(fonts=lambda: few))
        return fonts._everything.__wrapped__()


@pytest.fixture
def few_fonts(small_signs, monkeypatch):
    """Let only small fonts be asked for signs that the font of sheets has not."""
    monkeypatch.setattr(fonts, "_everything", lambda: small_signs)
