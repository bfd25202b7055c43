"""The corpus by `govmap import --json`: rows that add up, or one sentence, one object, and nothing else changed."""

import contextlib
import shutil
import sqlite3
import sys
import tempfile
import warnings
from pathlib import Path

import driven
import every
import pytest
from cases import Case

EVERY = every.CASES
# A spread sample; bench/broken_lists.py drives all of them.
SPREAD = EVERY[::9]
HOSTILE = (
    "a workbook that unpacks to half a gigabyte",
    "an archive that unpacks to half a gigabyte",
    "a gzipped bomb",
    "entities that multiply in a workbook",
    "KML with an entity that reads a file",
    "a dBase header that promises too much",
    "a cell in the far corner",
    "JSON as deep as a well",
)
MOST_MB = 1000
QUIET = pytest.mark.filterwarnings("ignore:'crs' was not provided", "ignore:.*does not have any SRS|.*MapInfo")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of one community and twelve houses; not to be changed by a test."""
    return driven.built(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def before(town: Path) -> dict[str, str]:
    """What stands in it."""
    return driven.contents(town)


@pytest.fixture
def inner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with another around it, which also has the machine's temporary files: none may stay."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "machine").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "machine"))
    return tmp_path / "inner"


@QUIET
@pytest.mark.parametrize(("number", "one"), list(enumerate(SPREAD)), ids=[one.name for one in SPREAD])
def test_a_file_dropped_on_its_table_keeps_the_promise(
    number: int, one: Case, town: Path, before: dict[str, str], inner: Path
) -> None:
    seen = driven.drive(town, one.write(inner), one.table, ("zh", "en")[number % 2], before=before)
    assert seen.faults == ()
    told = seen.told
    if isinstance(one.outcome, str):
        assert (seen.code, told["error"]["code"]) == (1, one.outcome)
    else:
        assert (seen.code, told["rows_in"]) == (0, sum(one.outcome))


@QUIET
@pytest.mark.parametrize(("number", "one"), list(enumerate(EVERY[3::40])), ids=[one.name for one in EVERY[3::40]])
def test_a_file_dropped_on_another_table_keeps_the_promise_too(
    number: int, one: Case, town: Path, before: dict[str, str], inner: Path
) -> None:
    table = ("units", "barriers", "resources", "residents", "workers", "parts")[number % 6]
    assert driven.drive(town, one.write(inner), table, "zh", before=before).faults == ()


def test_the_driver_sees_a_project_that_was_changed(town: Path, before: dict[str, str], inner: Path) -> None:
    copy = Path(shutil.copy(town, inner / "town.gpkg"))
    with contextlib.closing(sqlite3.connect(copy)) as opened:
        opened.execute("DELETE FROM residents")
        opened.commit()
    refused = '{"ok": false, "error": {"code": "x", "message": "A sentence.", "where": null, "hint": "Do."}}\n'
    told = list(driven.faults(driven.Seen(1, refused, "", ()), copy, {}, before))
    assert told == ["refused, and yet the project is another"]
    nothing = list(driven.faults(driven.Seen(0, "Traceback", "", ()), copy, {}, before))
    assert nothing == ["not one object: 'Traceback'"]


@QUIET
@pytest.mark.skipif(sys.platform != "linux", reason="asks the system for a program's most memory as Linux tells it")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_a_program_of_its_own_less_than_a_gigabyte(
    name: str, town: Path, before: dict[str, str], tmp_path: Path
) -> None:
    one = next(one for one in EVERY if one.name == name)
    inner = tmp_path / "inner"
    inner.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = one.write(inner)
    seen, most_mb = driven.drive_alone(town, file, one.table, "zh", before=before)
    assert seen.faults == ()
    assert 0 < most_mb < MOST_MB
