"""What all tests share: the folder of real data, where it is there."""

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
settings.register_profile("machine", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("machine")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real extracts and registers beside the project; tests that need it skip without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the folder of real data beside the project, which is not part of it")
    return SHARED


@pytest.fixture(autouse=True)
def _plain_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """English, a cache of our own, no colours: whatever the machine is set to."""
    monkeypatch.setenv("GOVMAP_LANG", "en")
    monkeypatch.setenv("GOVMAP_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
