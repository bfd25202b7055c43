"""What the page says of a stroke is what Python says of it; `bench/guard.py` holds 10,000 side by side."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
ESBUILD = BENCH.parent / "web" / "node_modules" / ".bin" / "esbuild"


@pytest.mark.skipif(not shutil.which("node") or not ESBUILD.exists(), reason="needs node and the page's packages")
def test_the_guard_of_the_page_agrees_with_python_on_random_strokes(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    broke, differ = importlib.import_module("guard").compared(250, seed=11)
    assert differ == []
    assert 25 < broke < 250
    sys.modules.pop("guard")
