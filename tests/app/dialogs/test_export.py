from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.dialogs import files
from app.dialogs.export import ExportDialog
from tests.app.conftest import Driver
from tests.app.stubs import LENGTH
from tracker.formats import FORMATS, ImageRule
from tracker.opencv import cv2


@pytest.fixture
def dialog(qtbot: QtBot, driver: Driver) -> ExportDialog:
    driver.draw()
    driver.run()
    assert driver.session.document is not None
    assert driver.session.source is not None
    dialog = ExportDialog(driver.session.document, driver.session.source)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_that_a_folder_must_be_chosen_first(
    dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not dialog.start_button.isEnabled()
    monkeypatch.setattr(files, "ask_folder", lambda *_: tmp_path / "data")
    dialog.browse_button.click()
    assert dialog.output == tmp_path / "data"
    assert dialog.start_button.isEnabled()


@pytest.mark.parametrize("layout", FORMATS)
def test_that_frames_and_boxes_are_written(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path, layout: str
) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(layout))
    dialog.images.setCurrentIndex(dialog.images.findData("copy"))
    dialog.folder.setText(str(tmp_path / "data"))
    with qtbot.waitSignal(dialog.finished):
        dialog.start_button.click()
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert dialog.report is not None
    assert dialog.report.images == LENGTH
    images = sorted((tmp_path / "data").rglob("*.png"))
    assert len(images) == LENGTH
    image = cv2.imread(str(images[7]), cv2.IMREAD_UNCHANGED)
    assert image is not None
    assert (image[1:] == 7).all()


def test_that_each_format_offers_what_is_usual_for_it(dialog: ExportDialog) -> None:
    assert dialog.format.count() == len(FORMATS)
    for key, format_ in FORMATS.items():
        dialog.format.setCurrentIndex(dialog.format.findData(key))
        assert dialog.base.currentData() == format_.is_zero_based
        assert dialog.images.currentData() == format_.images
        assert dialog.suffix.isEnabled() == (format_.images is ImageRule.COPY)
        assert ("16 attributes" in dialog.message) == (key == "lsotb")


def test_that_frames_can_be_left_where_they_are(qtbot: QtBot, dialog: ExportDialog, tmp_path: Path) -> None:
    dialog.images.setCurrentIndex(dialog.images.findData("reference"))
    dialog.base.setCurrentIndex(dialog.base.findData(False))
    dialog.folder.setText(str(tmp_path / "data"))
    with qtbot.waitSignal(dialog.accepted):
        dialog.start_button.click()
    assert not list((tmp_path / "data").rglob("*.png"))
    assert len(next((tmp_path / "data").rglob("images.txt")).read_text().splitlines()) == LENGTH
    assert next((tmp_path / "data").rglob("groundtruth.txt")).read_text().startswith("11.0000,9.0000,")


def test_that_a_folder_in_use_is_refused_and_another_can_be_chosen(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.txt").write_text("keep")
    dialog.folder.setText(str(tmp_path / "data"))
    dialog.start_button.click()
    qtbot.waitUntil(lambda: dialog.start_button.isEnabled())
    assert str(tmp_path / "data") in dialog.message
    assert (tmp_path / "data" / "mine.txt").read_text() == "keep"
    dialog.folder.setText(str(tmp_path / "other"))
    with qtbot.waitSignal(dialog.accepted):
        dialog.start_button.click()


def test_that_frames_nobody_annotated_are_named_or_split_by_choice(
    qtbot: QtBot, driver: Driver, dialog: ExportDialog, tmp_path: Path
) -> None:
    assert driver.session.track is not None
    driver.session.track.frames.rows[10:12] = driver.session.track.frames.empty(2).rows
    dialog.folder.setText(str(tmp_path / "data"))
    dialog.start_button.click()
    qtbot.waitUntil(lambda: dialog.start_button.isEnabled())
    assert "10" in dialog.message
    dialog.gaps.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.accepted):
        dialog.start_button.click()
    assert dialog.report is not None
    assert [sequence.length for sequence in dialog.report.sequences] == [10, LENGTH - 12]


def test_that_cancelling_leaves_nothing_behind(qtbot: QtBot, dialog: ExportDialog, tmp_path: Path) -> None:
    dialog.folder.setText(str(tmp_path / "data"))
    with qtbot.waitSignal(dialog.finished):
        dialog.start_button.click()
        dialog.reject()
    if dialog.result() == QDialog.DialogCode.Rejected:  # a fast machine may have finished before
        assert not (tmp_path / "data").exists()
    assert not np.any([path.name.startswith(".data") for path in tmp_path.iterdir()])
