from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from app.action_table import ACTIONS, SECTIONS
from app.dialogs.shortcuts import ShortcutsDialog
from app.shortcuts import Bindings


@pytest.fixture
def dialog(qtbot: QtBot) -> ShortcutsDialog:
    dialog = ShortcutsDialog(SECTIONS)
    qtbot.addWidget(dialog)
    return dialog


def shown(dialog: ShortcutsDialog) -> dict[str, str]:
    tree, found = dialog.tree, {}
    for row in range(tree.topLevelItemCount()):
        section = tree.topLevelItem(row)
        assert section is not None
        for child in range(section.childCount()):
            item = section.child(child)
            assert item is not None
            found[item.text(0)] = item.text(1)
    return found


def test_that_every_shortcut_of_the_table_is_listed(dialog: ShortcutsDialog) -> None:
    texts = shown(dialog)
    for row in ACTIONS:
        native = [QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in row.keys]
        assert texts[row.text.rstrip("…")] == ", ".join(native)


def test_that_a_key_that_is_taken_is_warned_about_and_then_changes_its_owner(
    dialog: ShortcutsDialog,
) -> None:
    announced: list[tuple[str, Bindings]] = []
    dialog.changed.connect(lambda preset, own: announced.append((preset, own)))
    dialog.choose("go.last")
    assert dialog.warning.text() == ""
    dialog.editor.setKeySequence(QKeySequence("T"))
    assert dialog.warning.text() == "T belongs to “Track forward”, which loses it."
    assert dialog.assign.text() == "Assign anyway"
    dialog.assign.click()
    assert announced[-1] == ("thermark", {"go.last": ("T",), "track.forward": ()})
    assert shown(dialog)["Last frame"] == "T"
    assert shown(dialog)["Track forward"] == ""
    dialog.reset.click()
    assert announced[-1] == ("thermark", {"track.forward": ()})


def test_that_another_preset_begins_afresh(dialog: ShortcutsDialog) -> None:
    dialog.choose("go.last")
    dialog.clear.click()
    assert shown(dialog)["Last frame"] == ""
    announced: list[tuple[str, Bindings]] = []
    dialog.changed.connect(lambda preset, own: announced.append((preset, own)))
    dialog.presets.setCurrentIndex(dialog.presets.findData("cvat"))
    dialog.presets.activated.emit(dialog.presets.currentIndex())
    assert announced == [("cvat", {})]
    assert shown(dialog)["10 frames forward"] == "V, PgDown"
    assert shown(dialog)["Last frame"] == "End"


def test_that_the_search_finds_names_and_keys(dialog: ShortcutsDialog) -> None:
    dialog.search.setText("backward")
    visible = [item for item in dialog._items.values() if not item.isHidden()]
    assert [item.text(0) for item in visible] == ["Track backward", "Track all targets here backward"]
    dialog.search.setText("")
    assert not any(item.isHidden() for item in dialog._items.values())
