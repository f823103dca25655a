from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.dialogs.attributes import AttributesDialog


def test_that_known_attributes_are_boxes_and_others_words(qtbot: QtBot) -> None:
    dialog = AttributesDialog("track 3", ("night", "occlusion", "two riders"))
    qtbot.addWidget(dialog)
    assert [name for name, box in dialog.boxes.items() if box.isChecked()] == ["occlusion"]
    assert dialog.others.text() == "night, two riders"
    assert list(dialog.attributes) == ["occlusion", "night", "two riders"]
    dialog.boxes["thermal crossover"].setChecked(True)
    dialog.others.setText(" rain,, night ,rain,  two   riders, occlusion")
    assert list(dialog.attributes) == ["occlusion", "thermal crossover", "rain", "night", "two riders"]


@pytest.mark.parametrize("answer", [QDialog.DialogCode.Accepted, QDialog.DialogCode.Rejected])
def test_that_the_dock_hands_them_on(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, answer: QDialog.DialogCode
) -> None:
    from app.docks.tracks_dock import TracksDock
    from tests.tracker.annotation.documents import tracked_document

    def choose(dialog: AttributesDialog) -> QDialog.DialogCode:
        dialog.boxes["fast motion"].setChecked(True)
        return answer

    monkeypatch.setattr(AttributesDialog, "exec", choose)
    dock = TracksDock()
    qtbot.addWidget(dock)
    dock.set_document(tracked_document("M"))
    wishes: list[tuple[int, tuple[str, ...]]] = []
    dock.attributesEdited.connect(lambda id_, words: wishes.append((id_, words)))
    dock.edit_attributes(1)
    dock.edit_attributes(99)
    assert all("fast motion" in words for _, words in wishes)
    assert len(wishes) == (answer == QDialog.DialogCode.Accepted)
