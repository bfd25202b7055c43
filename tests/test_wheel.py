import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_wheel_holds_layers_texts_and_the_page(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(line, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
    assert len(names) == len(set(names))
    needed = {"layers/profiles/cn.toml", "layers/qgis.toml", "locale/zh/cli.toml", "render/static/map.js", "py.typed"}
    assert {f"govmap/{name}" for name in needed} <= set(names)
    assert not [name for name in names if "node_modules" in name or name.startswith("tests/")]


def test_no_lock_names_a_host() -> None:
    locks = [*(ROOT / "requirements").glob("*.lock"), ROOT / "web" / "package-lock.json"]
    assert len(locks) == 5
    assert [lock.name for lock in locks if "://" in lock.read_text("utf-8")] == []
