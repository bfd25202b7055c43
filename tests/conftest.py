"""What all tests share: the folder of real data, where it is there, and how a run goes quickly."""

import gc
import os
from pathlib import Path

# Loops are compiled for any processor, as in the folder that `scripts/bundle` makes: so the folder can take the machine
# code along that the tests made. Told before anything imports numba.
os.environ |= {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
# What takes longest, so that no worker is left alone with it at the end. While one worker makes the folder, the other
# compiles by `test_rules.py` all that the folder takes along.
FIRST = (
    "story/test_bundle.py",
    "story/test_rules.py",
    "delineate/test_divide.py",
    "story/test_desk.py",
    "test_readme.py",
    "delineate/search/test_districts.py",
    "pipeline/test_editing.py",
    "sources/test_extract.py",
    "story/test_side.py",
    "story/test_extracts.py",
    "delineate/test_keep.py",
    "sources/test_corpus_by_command.py",
    "render/test_access.py",
)
SELDOM = 50_000, 20, 100  # rather than every 700 new objects: a fifth of what compiling a loop costs
settings.register_profile("machine", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the dearest files to the front; the rest stays in its order."""
    rank = {ROOT / "tests" / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def pytest_collection_finish() -> None:
    """Look for rubbish seldom, and never again among what the imports left."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


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
