"""Clips that the user has to say more about before they can be opened."""

from __future__ import annotations

from pathlib import Path

import h5py  # type: ignore[import-untyped]  # ships no type information
import numpy as np
import pytest
from PySide6.QtWidgets import QDialog, QInputDialog

from app.dialogs import files
from app.dialogs.raw_header import RawHeaderDialog
from app.dialogs.save_counts import SaveCountsDialog
from tests.app.desk import Desk, MakeDesk
from tests.tracker.media.test_raw import scene
from tracker.store.project import Project


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "clip.raw"
    path.write_bytes(scene(64, 48, 5).astype("<u2").tobytes())
    return path


def describe(monkeypatch: pytest.MonkeyPatch, *, gives_up: bool = False) -> None:
    """Let the user say that frames are 64 x 48, or give up."""

    def answer(dialog: RawHeaderDialog) -> QDialog.DialogCode:
        dialog.width_box.setValue(64)
        dialog.height_box.setValue(48)
        dialog.samples_box.setCurrentIndex(0)
        dialog.header_box.setValue(0)
        if gives_up:
            return QDialog.DialogCode.Rejected
        dialog.accept()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(RawHeaderDialog, "exec", answer)


def test_that_a_dump_is_asked_about_once(
    make_desk: MakeDesk, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk()
    describe(monkeypatch)
    desk.driver.open(dump)
    assert desk.driver.session.length == 5
    assert desk.driver.session.project is not None
    desk.trigger("file.close")
    monkeypatch.setattr(RawHeaderDialog, "exec", None)
    desk.driver.open(dump.with_name("clip.thermark"))
    assert desk.driver.session.length == 5


def test_that_giving_up_leaves_the_window_as_it_was(
    make_desk: MakeDesk, dump: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk()
    describe(monkeypatch, gives_up=True)
    with desk.driver.qtbot.waitSignal(desk.driver.session.opener.headerMissing):
        desk.window.commands.open_path(dump)
    assert desk.driver.session.project is None
    assert desk.window.pages.currentWidget() is desk.window.welcome
    desk.driver.open(clip)


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    with h5py.File(tmp_path / "clip.h5", "w") as file:
        file["left/frames"], file["right/frames"] = scene(64, 48, 5), scene(64, 48, 7)
    return tmp_path / "clip.h5"


def test_that_one_of_several_arrays_is_chosen_and_found_again(
    make_desk: MakeDesk, arrays: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk()
    offered: list[list[str]] = []

    def choose(_window: object, _title: str, _text: str, names: list[str], *_: object) -> tuple[str, bool]:
        offered.append(names)
        return names[1], True

    monkeypatch.setattr(QInputDialog, "getItem", choose)
    desk.driver.open(arrays)
    assert offered == [["/left/frames", "/right/frames"]]
    assert desk.driver.session.length == 7
    project = arrays.with_name("clip-right-frames.thermark")
    assert project.exists()
    address = Path(f"{arrays}::/right/frames")
    assert desk.driver.session.settings.recent_paths() == [address]
    desk.trigger("file.close")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in (project, arrays):
        path.rename(moved / path.name)
    with Project.open(moved / project.name) as found:
        assert found.media_path() == Path(f"{moved / arrays.name}::/right/frames")
    desk.driver.open(moved / project.name)
    assert desk.driver.session.length == 7
    assert len(offered) == 1


def test_that_choosing_no_array_opens_nothing(
    make_desk: MakeDesk, arrays: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk()
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("", False))
    with desk.driver.qtbot.waitSignal(desk.driver.session.opener.arrayRequested):
        desk.window.commands.open_path(arrays)
    assert desk.driver.session.project is None


def test_that_the_counts_of_the_selected_range_are_saved(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ask_counts_file", lambda *_: tmp_path / "out.mkv")

    def answer(dialog: SaveCountsDialog) -> QDialog.DialogCode:
        dialog.browse_button.click()
        with desk.driver.qtbot.waitSignal(dialog.finished):
            dialog.start_button.click()
        return QDialog.DialogCode(dialog.result())

    monkeypatch.setattr(SaveCountsDialog, "exec", answer)
    desk.window.ranges.select(range(3, 9))
    desk.trigger("file.save_counts")
    assert "6 frames saved in out.mkv" in desk.window.messages.text
    assert np.asarray((tmp_path / "out.mkv").stat().st_size) > 0
