from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.dialogs.raw_header import RawHeaderDialog
from tests.tracker.media.test_raw import scene
from tracker.media.raw_header import RawHeader, read_header_file, sidecar


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Three frames of 320 x 256, big-endian."""
    path = tmp_path / "clip.bin"
    path.write_bytes(scene(320, 256, 3).astype(">u2").tobytes())
    return path


@pytest.fixture
def dialog(qtbot: QtBot, dump: Path) -> RawHeaderDialog:
    dialog = RawHeaderDialog(dump)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_that_it_begins_with_a_guess_and_shows_the_first_frame(dialog: RawHeaderDialog) -> None:
    assert dialog.header == RawHeader(width=320, height=256, byte_order="big")
    assert dialog.message.text() == "3 frames, and nothing left over."
    picture = dialog.preview.pixmap().toImage()
    assert picture.width() / picture.height() == pytest.approx(320 / 256, rel=0.01)
    levels = [picture.pixelColor(x, 100).lightness() for x in range(0, picture.width(), 7)]
    assert np.ptp(levels) > 100


def test_that_the_preview_follows_the_fields(dialog: RawHeaderDialog) -> None:
    before = dialog.preview.pixmap().cacheKey()
    dialog.width_box.setValue(256)
    dialog.height_box.setValue(320)
    assert dialog.preview.pixmap().cacheKey() != before
    assert dialog.message.text() == "3 frames, and nothing left over."
    dialog.header_box.setValue(10)
    assert "bytes left over" in dialog.message.text()
    dialog.height_box.setValue(16000)
    assert "less than one such frame" in dialog.message.text()
    assert not dialog.open_button.isEnabled()
    dialog.guess_button.click()
    assert dialog.header == RawHeader(width=320, height=256, byte_order="big")
    assert dialog.open_button.isEnabled()


def test_that_a_usual_size_can_be_taken(dialog: RawHeaderDialog) -> None:
    row = dialog.sizes_box.findText("160 x 120")
    dialog.sizes_box.setCurrentIndex(row)
    dialog.sizes_box.activated.emit(row)
    assert (dialog.header.width, dialog.header.height) == (160, 120)


def test_that_what_is_said_is_written_beside_the_dump(dialog: RawHeaderDialog, dump: Path) -> None:
    dialog.fps_box.setValue(12.5)
    dialog.gap_box.setValue(4)
    dialog.open_button.click()
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert read_header_file(dump) == RawHeader(width=320, height=256, byte_order="big", gap_bytes=4, fps=12.5)


def test_that_cancelling_writes_nothing(dialog: RawHeaderDialog, dump: Path) -> None:
    dialog.reject()
    assert not sidecar(dump).exists()


def test_that_a_header_that_cannot_be_written_is_explained(
    dialog: RawHeaderDialog, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tracker.media.raw_header.tempfile.mkstemp", lambda **_: refuse())
    dialog.open_button.click()
    assert "cannot be written" in dialog.message.text()
    assert dialog.isVisible()
