"""Every file of the corpus ends in rows that add up, or in one clear sentence."""

import resource
from pathlib import Path

import every
import nasty
import pandas as pd
import pytest
from cases import Case, Outcome

from govmap.errors import TableError
from govmap.messages import Voice
from govmap.sources import files, gate

MOST_CPU_S = 20.0


def outcome(path: Path, table: str) -> tuple[Outcome, list[str]]:
    """What comes of a file, and everything that is said of it in both languages."""
    voices = Voice("en"), Voice("zh")
    try:
        raw = files.rows(path)
        admitted = gate.admit(raw, table, crs=nasty.CRS, project_bounds=nasty.BOUNDS, today=pd.Timestamp("2024-06-01"))
    except TableError as error:
        return error.code, [part for voice in voices for part in (error.message(voice), error.hint(voice) or "")]
    assert raw.rows_in == admitted.rows_kept + admitted.rows_rejected
    assert len(admitted.rejects) == admitted.rows_rejected
    said = [voice.say(f"reason_{reason}") for voice in voices for reason in admitted.reasons]
    said += [voice.tell(note) for voice in voices for note in admitted.notes]
    return (admitted.rows_kept, admitted.rows_rejected), said


EVERY = every.CASES


@pytest.mark.filterwarnings("ignore:'crs' was not provided", "ignore:.*does not have any SRS|.*MapInfo")
@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_a_file_of_the_corpus_ends_as_it_should(one: Case, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    path = one.write(folder)
    before = sorted(found.name for found in tmp_path.rglob("*"))
    began = resource.getrusage(resource.RUSAGE_SELF)
    found, said = outcome(path, one.table)
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - began.ru_utime
    assert found == one.outcome
    assert spent < MOST_CPU_S
    assert sorted(one_.name for one_ in tmp_path.rglob("*")) == before
    for sentence in said:
        assert "{" not in sentence or "{{" in one.name
        assert "Traceback" not in sentence
        assert "govmap-" not in sentence


def test_the_corpus_is_large_and_each_of_its_files_is_another() -> None:
    assert len(EVERY) >= 300
    assert len({one.name for one in EVERY}) == len(EVERY)
