"""One project at a desk: one desk, one writer, a number for every change, and one plain file when it ends."""

import threading
from pathlib import Path

import pytest

from govmap.config import Config
from govmap.errors import BusyError, NotAProjectError, ProjectError
from govmap.messages import Voice
from govmap.server import claims
from govmap.server import opened as opening
from govmap.server.opened import Opened


def at_rest(path: Path) -> bool:
    return not any(path.with_name(path.name + ending).exists() for ending in ("-wal", "-shm", "-journal"))


def test_a_second_desk_on_the_same_project_says_where_the_first_one_is(opened: Opened) -> None:
    opened.address = "http://127.0.0.1:1/"
    other = Opened(opened.config, address="http://127.0.0.1:2/")
    path = opened.path
    assert path is not None
    with pytest.raises(BusyError) as told:
        other.open(path)
    assert told.value.code == "desk_open_elsewhere"
    opened.close()
    other.open(path)
    assert other.path == path
    other.close()
    assert at_rest(path)


def test_a_desk_that_was_killed_holds_nothing_and_its_folder_is_swept(tmp_path: Path) -> None:
    left, claim = claims.folder(tmp_path)
    (left / "list of persons.xlsx").write_text("x")
    held = claims.project(tmp_path, tmp_path / "a.gpkg", "there")
    claim.give_up()  # as the system does when a program is killed
    held.give_up()
    mine, other = claims.folder(tmp_path)
    assert not left.exists()
    assert mine.exists()
    claims.project(tmp_path, tmp_path / "a.gpkg", "here").give_up()
    other.give_up()


def test_the_folder_of_a_desk_that_lives_is_left_alone(tmp_path: Path) -> None:
    first, claim = claims.folder(tmp_path)
    _, other = claims.folder(tmp_path)
    assert first.exists()
    claim.give_up()
    other.give_up()


def test_one_writes_at_a_time_and_readers_do_not_wait(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "WAIT_S", 0.1)
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        with opened.writing("redraw"):
            begun.set()
            end.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(10)
    with opened.reading() as project:
        assert project.edition >= 1
    with pytest.raises(BusyError) as told, opened.writing("edit"):
        pass
    assert Voice("zh").tell(told.value.note) == "工作台正忙：调整"
    end.set()
    thread.join(10)
    with opened.writing("edit"):
        pass


def test_a_change_has_a_number_and_a_failed_one_has_none(opened: Opened) -> None:
    before = opened.version
    with pytest.raises(ProjectError), opened.writing():
        raise ProjectError("project_stale")
    assert opened.version == before
    with opened.writing():
        pass
    assert opened.version == before + 1


def test_what_is_worked_out_is_kept_until_something_changes(opened: Opened) -> None:
    made = []
    for _ in range(2):
        opened.kept("x", made.append)
    assert len(made) == 1
    with opened.writing():
        pass
    opened.kept("x", made.append)
    assert len(made) == 2


def test_changes_are_signed_by_whoever_sits_at_the_desk(opened: Opened) -> None:
    opened.person = "Alex Morgan"
    with opened.writing() as project, project.change("title") as change:
        change.set("title", "Town")
    with opened.reading() as project:
        assert "Alex Morgan" in set(project.read("audit")["author"])


def test_opening_another_project_leaves_the_first_one_plain(opened: Opened, town: Path, tmp_path: Path) -> None:
    import shutil

    first, version = opened.path, opened.version
    assert first is not None
    other = tmp_path / "项目 (1).gpkg"
    shutil.copy(town, other)
    opened.open(other)
    assert opened.path == other
    assert opened.version > version
    assert at_rest(first)
    opened.close()
    assert at_rest(other)
    assert not opened.folder.exists()


def test_what_is_no_project_leaves_the_open_one_open(opened: Opened, tmp_path: Path) -> None:
    wrong = tmp_path / "photo.gpkg"
    wrong.write_bytes(b"\x89PNG....")
    before = opened.path
    with pytest.raises(NotAProjectError):
        opened.open(wrong)
    with pytest.raises(ProjectError):
        opened.open(tmp_path / "missing.gpkg")
    assert opened.path == before
    claims.project(opened.config.cache, wrong, "free").give_up()


def test_without_a_project_every_room_says_so(tmp_path: Path) -> None:
    empty = Opened(Config(cache=tmp_path))
    with pytest.raises(ProjectError) as told, empty.reading():
        pass
    assert told.value.code == "desk_no_project"
    empty.close()


def test_who_waits_in_vain_is_told_what_the_desk_does_in_the_words_of_the_page(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WAIT_S", 0.02)
    for step, words in (("delineate", "Divide"), ("redraw", "Redraw"), ("close", "something else")):
        with opened.writing(step), pytest.raises(BusyError) as told, opened.writing("base"):
            pass
        assert told.value.message(Voice("en")).endswith(f": {words}")


def test_a_desk_that_ends_in_the_middle_of_a_step_says_so_and_leaves_no_folder(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WAIT_S", 0.02)
    with opened.writing("delineate"):
        with pytest.raises(ProjectError) as told:
            opened.close()
        assert told.value.code == "desk_ended_at_work"
        assert not opened.folder.exists()
