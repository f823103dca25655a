from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from app import opening
from app.opening import free_name, is_writable
from tests.app.conftest import Driver, MakeDriver
from tests.app.stubs import write_clip
from tracker.errors import ThermarkError
from tracker.folders import data_folder
from tracker.opencv import cv2
from tracker.store.project import Project


def project_file(driver: Driver) -> Path:
    assert driver.session.project is not None
    return driver.session.project.path


def fail_to_open(driver: Driver, path: Path) -> ThermarkError:
    with driver.qtbot.waitSignal(driver.session.failed) as signal:
        driver.session.open_path(path)
    error = (signal.args or [None])[0]
    assert isinstance(error, ThermarkError)
    return error


def test_that_the_project_is_made_beside_the_clip(driver: Driver, clip: Path) -> None:
    assert project_file(driver) == clip.parent / "clip.thermark"


def test_that_one_image_of_a_folder_opens_the_folder(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver()
    driver.open(clip / "0004.png")
    assert driver.session.length == 30
    assert project_file(driver) == clip.parent / "clip.thermark"


def test_that_in_a_read_only_folder_the_project_goes_to_the_users_own_and_the_user_is_told(
    make_driver: MakeDriver, clip: Path
) -> None:
    clip.parent.chmod(0o555)
    try:
        driver = make_driver()
        driver.open(clip)
        path = project_file(driver)
        assert path.parent == data_folder() / "projects"
        assert any("read-only" in note and str(path) in note for note in driver.notes)
        driver.draw()
        driver.session.close()
        again = make_driver()
        again.open(clip)
        assert again.session.selected == 1
    finally:
        clip.parent.chmod(0o755)


def test_that_opening_a_project_opens_its_clip(make_driver: MakeDriver, clip: Path) -> None:
    first = make_driver()
    first.open(clip)
    first.draw()
    path = project_file(first)
    first.session.close()
    second = make_driver()
    second.open(path)
    assert second.session.source is not None
    assert second.session.source.path == clip
    assert second.session.selected == 1


def test_that_a_clip_that_has_changed_asks_for_another_project_name(
    make_driver: MakeDriver, clip: Path, tmp_path: Path
) -> None:
    driver = make_driver()
    driver.open(clip)
    driver.session.close()
    shutil.rmtree(clip)
    write_clip(clip, length=12)
    with driver.qtbot.waitSignal(driver.session.opener.nameRequested) as asked:
        driver.session.open_path(clip)
    assert asked.args == [clip, clip.parent / "clip-2.thermark"]
    driver.open(clip, tmp_path / "other.thermark")
    assert driver.session.length == 12
    assert project_file(driver) == tmp_path / "other.thermark"
    with Project.open(clip.parent / "clip.thermark") as old:
        assert old.document.length == 30


def test_that_a_project_whose_clip_has_gone_asks_where_it_is_and_takes_the_answer(
    make_driver: MakeDriver, clip: Path, tmp_path: Path
) -> None:
    driver = make_driver()
    driver.open(clip)
    driver.draw()
    project = project_file(driver)
    driver.session.close()
    moved = tmp_path / "elsewhere" / "renamed"
    moved.parent.mkdir()
    clip.rename(moved)
    with driver.qtbot.waitSignal(driver.session.opener.mediaMissing) as asked:
        driver.session.open_path(project)
    assert (asked.args or [None])[0] == project
    with driver.qtbot.waitSignal(driver.session.frameShown):
        driver.session.opener.open_relocated(project, moved)
    assert driver.session.selected == 1


def test_that_another_clip_is_refused_as_the_one_that_has_gone(
    make_driver: MakeDriver, clip: Path, tmp_path: Path
) -> None:
    driver = make_driver()
    driver.open(clip)
    project = project_file(driver)
    driver.session.close()
    shutil.rmtree(clip)
    other = write_clip(tmp_path / "other", length=30, depth=np.uint16)
    with driver.qtbot.waitSignal(driver.session.failed):
        driver.session.opener.open_relocated(project, other)
    assert "another clip" in driver.errors[-1].message


def test_that_what_cannot_be_opened_says_why_and_leaves_open_what_was(driver: Driver, tmp_path: Path) -> None:
    before = driver.session.project
    text = tmp_path / "notes.txt"
    text.write_text("not a video")
    empty = tmp_path / "empty"
    empty.mkdir()
    fake = tmp_path / "fake.thermark"
    fake.write_text("not a project")
    for path in (text, empty, fake, tmp_path / "gone.mp4", tmp_path / "gone.thermark"):
        error = fail_to_open(driver, path)
        assert path.name in error.message
    assert driver.session.project is before
    assert driver.session.shown is not None


def test_that_a_project_open_already_is_not_opened_again(driver: Driver) -> None:
    driver.session.open_path(project_file(driver))
    assert "open already" in driver.notes[-1]
    assert not driver.session.opener.is_running


@pytest.mark.parametrize("part", ["", "0003.png"])
def test_that_the_clip_open_already_is_not_opened_again(driver: Driver, clip: Path, part: str) -> None:
    driver.session.open_path(clip / part)
    assert "open already" in driver.notes[-1]
    assert not driver.session.opener.is_running


def test_that_another_clip_takes_the_place_of_the_open_one(driver: Driver, tmp_path: Path) -> None:
    driver.draw()
    driver.open(write_clip(tmp_path / "second", length=7))
    assert driver.session.length == 7
    assert driver.session.selected is None
    assert driver.session.undo_stack.count() == 0


def test_that_16_bit_counts_get_a_span_and_a_normalisation(make_driver: MakeDriver, tmp_path: Path) -> None:
    driver = make_driver()
    driver.open(write_clip(tmp_path / "deep", depth=np.uint16))
    assert driver.session.document is not None
    assert driver.session.document.normalisation is not None
    low, high = driver.session.document.normalisation
    assert low < high < 300
    assert driver.session.span.high < 300


def test_that_the_span_is_measured_all_through_a_clip(make_driver: MakeDriver, tmp_path: Path) -> None:
    folder = tmp_path / "warming"
    folder.mkdir()
    for index in range(20):
        cv2.imwrite(str(folder / f"{index:04d}.png"), np.full((8, 8), 1000 + 100 * index, np.uint16))
    driver = make_driver()
    driver.open(folder)
    assert (driver.session.span.low, driver.session.span.high) == (1000, 2900)


def test_that_a_scan_can_be_cancelled(
    make_driver: MakeDriver, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = make_driver()
    driver.session.open_path(clip)
    driver.session.opener.cancel()
    driver.until(lambda: not driver.session.opener.is_running)
    assert driver.errors == []


def test_that_a_free_name_is_free(tmp_path: Path) -> None:
    path = tmp_path / "clip.thermark"
    (tmp_path / "clip-2.thermark").touch()
    assert free_name(path) == tmp_path / "clip-3.thermark"


def test_that_a_folder_marked_read_only_is_not_written_to(tmp_path: Path) -> None:
    assert is_writable(tmp_path)
    tmp_path.chmod(0o555)
    assert not is_writable(tmp_path)
    tmp_path.chmod(0o755)
    assert not is_writable(tmp_path / "gone")
    assert opening.CACHE_BYTES > 0
