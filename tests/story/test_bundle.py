"""The folder that offices copy from a stick: it runs where nothing is installed and nothing is reached.

With GOVMAP_BUNDLE=FOLDER in the environment a folder that `scripts/bundle` has made already is tried.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import begun

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path("张三 的桌面") / "网格 (1)"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
MADE = ("project.gpkg", "map.html", "map-official.html", "report.html", "report.docx")

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the other systems build theirs by the workflow"),
    pytest.mark.skipif(shutil.which("unshare") is None, reason="the network can be cut off by unshare alone"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the folder, brought to a place with Chinese letters and spaces that belongs to an ordinary account."""
    standing = os.environ.get("GOVMAP_BUNDLE")
    made = Path(standing).parent if standing else built(tmp_path_factory.mktemp("made"))
    place = Path("/var/tmp") / tmp_path_factory.mktemp("place").parent.name / PLACE  # open to other accounts
    shutil.rmtree(place.parents[1], ignore_errors=True)
    if standing:
        shutil.copytree(made / "govmap", place / "govmap", symlinks=True)
    else:
        shutil.move(made / "govmap", place / "govmap")
    if os.getuid() == 0:
        for one in (place.parents[1], *place.parents[1].rglob("*")):
            os.chown(one, 65534, 65534, follow_symlinks=False)
    yield place
    shutil.rmtree(place.parents[1])


def built(made: Path) -> Path:
    """Make the folder anew."""
    ended = subprocess.run([ROOT / "scripts" / "bundle", made], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return made


def alone(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the folder with no network, as an account without rights."""
    cut_off = ["unshare", "-n", *NOBODY] if os.getuid() == 0 else ["unshare", "-rn"]
    bare = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C"}
    line = [*cut_off, str(folder / "govmap" / words[0]), *words[1:]]
    return subprocess.run(line, cwd=folder, env=bare, capture_output=True, text=True, timeout=600, check=False)


def test_the_folder_goes_the_whole_way_with_no_network_as_an_ordinary_user(folder: Path) -> None:
    ended = alone(folder, "govmap", "demo", "示例", "--lang", "zh")
    assert ended.returncode == 0, ended.stderr
    assert [name for name in MADE if not (folder / "示例" / name).is_file()] == []
    assert "幸福社区" in (folder / "示例" / "map.html").read_text("utf-8")


def test_the_folder_reads_a_file_apart_as_the_installed_program_does(folder: Path) -> None:
    listed = folder / "名单.parquet"
    listed.write_bytes(b"PAR1 no table PAR1")
    ended = alone(folder, "govmap", "import", "示例/project.gpkg", "resources", "名单.parquet", "--lang", "zh")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "名单.parquet" in ended.stderr


def test_the_folder_opens_the_desk_and_says_where(folder: Path) -> None:
    program = [*(NOBODY if os.getuid() == 0 else []), folder / "govmap" / "govmap.sh"]
    bare = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C"}
    with begun("示例/project.gpkg", "--lang", "zh", folder=folder, environment=bare, program=program) as desk:
        desk.let_in()
        assert desk.ask("GET", "/api/desk")["name"] == "project.gpkg"
        assert "<title>" in desk.ask("GET", "/")
