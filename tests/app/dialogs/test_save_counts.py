from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.dialogs import files
from app.dialogs.save_counts import SaveCountsDialog
from tests.app.conftest import Driver
from tests.app.stubs import LENGTH
from tracker.media import load_source

MakeDialog = Callable[[range | None], SaveCountsDialog]


@pytest.fixture
def make_dialog(qtbot: QtBot, driver: Driver) -> MakeDialog:
    def make(selected: range | None) -> SaveCountsDialog:
        assert driver.session.source is not None
        dialog = SaveCountsDialog(driver.session.source, selected)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def test_that_a_file_of_the_right_kind_must_be_named_first(
    make_dialog: MakeDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = make_dialog(None)
    assert not dialog.start_button.isEnabled()
    dialog.file.setText(str(tmp_path / "out.mp4"))
    assert not dialog.start_button.isEnabled()
    asked: list[Path] = []

    def answer(_: object, suggestion: Path) -> Path:
        asked.append(suggestion)
        return tmp_path / "out.mkv"

    monkeypatch.setattr(files, "ask_counts_file", answer)
    dialog.browse_button.click()
    assert asked[0].name == "clip-counts.mkv"
    assert dialog.output == tmp_path / "out.mkv"
    assert dialog.start_button.isEnabled()


@pytest.mark.parametrize("name", ["out.mkv", "out.tif"])
@pytest.mark.parametrize("selected", [None, range(7, 12)])
def test_that_the_chosen_frames_are_written(
    qtbot: QtBot, driver: Driver, make_dialog: MakeDialog, tmp_path: Path, name: str, selected: range | None
) -> None:
    dialog = make_dialog(selected)
    dialog.file.setText(str(tmp_path / name))
    with qtbot.waitSignal(dialog.finished):
        dialog.start_button.click()
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert dialog.report is not None
    frames = selected or range(LENGTH)
    written, source = load_source(tmp_path / name), driver.session.source
    assert source is not None
    assert len(written) == dialog.report.frames == len(frames)
    np.testing.assert_array_equal(written.frame(2), source.frame(frames.start + 2))
    written.close()


def test_that_a_file_that_would_be_replaced_is_named_as_such(make_dialog: MakeDialog, tmp_path: Path) -> None:
    dialog = make_dialog(None)
    (tmp_path / "out.mkv").write_bytes(b"old")
    dialog.file.setText(str(tmp_path / "out.mkv"))
    assert "is replaced" in dialog.message
    dialog.file.setText(str(tmp_path / "other.mkv"))
    assert "is replaced" not in dialog.message


def test_that_what_goes_wrong_is_said_and_another_file_can_be_named(
    qtbot: QtBot, make_dialog: MakeDialog, tmp_path: Path
) -> None:
    dialog = make_dialog(None)
    dialog.file.setText(str(tmp_path / "no" / "out.mkv"))
    dialog.start_button.click()
    qtbot.waitUntil(lambda: "cannot be written" in dialog.message)
    assert dialog.isVisible()
    assert dialog.start_button.isEnabled()
