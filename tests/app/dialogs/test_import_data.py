from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.dialogs import files
from app.dialogs.import_data import ImportDialog
from tests.tracker.formats.data_sets import LENGTH, write_images
from tracker.formats import FORMATS
from tracker.geometry import Box
from tracker.store import Project


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    write_images(tmp_path / "dog" / "img")
    (tmp_path / "dog" / "groundtruth_rect.txt").write_text("11,21,30,40\n" * LENGTH)
    return tmp_path / "dog"


@pytest.fixture
def dialog(qtbot: QtBot) -> ImportDialog:
    dialog = ImportDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def run(qtbot: QtBot, dialog: ImportDialog) -> None:
    with qtbot.waitSignal(dialog.finished):
        dialog.start_button.click()


def test_that_labels_are_recognised_and_become_a_project(
    qtbot: QtBot, dialog: ImportDialog, labels: Path
) -> None:
    assert not dialog.start_button.isEnabled()
    assert dialog.format.count() == len(FORMATS) + 1
    dialog.labels.setText(str(labels))
    assert "look like OTB" in dialog.message
    run(qtbot, dialog)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert dialog.report is not None
    with Project.open(dialog.report.projects[0].path) as project:
        assert project.document.track(1).frames.box(3) == Box(10, 20, 30, 40)


def test_that_layout_base_and_clip_can_be_chosen(
    qtbot: QtBot, dialog: ImportDialog, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = tmp_path / "boxes.txt"
    (labels / "groundtruth_rect.txt").rename(boxes)
    for name, answer in (
        ("ask_labels", boxes),
        ("ask_clip", labels / "img"),
        ("ask_project_name", tmp_path / "mine.thermark"),
    ):
        monkeypatch.setattr(files, name, lambda *_, answer=answer: answer)
    dialog._on_file()
    dialog._on_media()
    dialog._on_project()
    dialog.format.setCurrentIndex(dialog.format.findData("plain"))
    dialog.base.setCurrentIndex(2)
    run(qtbot, dialog)
    with Project.open(tmp_path / "mine.thermark") as project:
        assert project.document.track(1).frames.box(0) == Box(10, 20, 30, 40)


def test_that_damaged_labels_are_explained_and_another_try_is_possible(
    qtbot: QtBot, dialog: ImportDialog, labels: Path
) -> None:
    path = labels / "groundtruth_rect.txt"
    text = path.read_text()
    path.write_text("1,2,-3,4\n" + text)
    dialog.labels.setText(str(labels))
    dialog.start_button.click()
    qtbot.waitUntil(lambda: "line 1" in dialog.message)
    assert dialog.start_button.isEnabled()
    path.write_text(text)
    run(qtbot, dialog)
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_that_what_is_no_data_set_is_said_at_once(dialog: ImportDialog, tmp_path: Path) -> None:
    dialog.labels.setText(str(tmp_path))
    assert "no format that is known" in dialog.message
    dialog.labels.setText("")
    assert not dialog.start_button.isEnabled()
