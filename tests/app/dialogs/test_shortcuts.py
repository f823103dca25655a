from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.action_table import ACTIONS, SECTIONS
from app.dialogs.shortcuts import ShortcutsDialog


def test_that_every_shortcut_of_the_table_is_listed(qtbot: QtBot) -> None:
    dialog = ShortcutsDialog(SECTIONS)
    qtbot.addWidget(dialog)
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for row in ACTIONS:
        for key in row.keys:
            assert QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) in texts
            assert row.text.rstrip("…") in texts
