"""All shortcuts, and how to change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QBrush, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.actions import Action
from app.shortcuts import PRESET_NAMES, Bindings, Preset, bindings_of, conflicts, normal, own_changes, rebound
from app.theme import colours

ID_ROLE = Qt.ItemDataRole.UserRole
MOUSE = (
    ("Zoom at the cursor", "Wheel"),
    ("Pan", "Middle button, or Space and drag"),
    ("Move, resize: the box becomes an anchor", "Drag a box or a handle"),
    ("Select its track", "Click a box"),
    ("Select a range of frames", "Shift and drag on the timeline"),
)


class ShortcutsDialog(QDialog):
    """All shortcuts by section; choosing one lets its keys be changed.

    Args:
        sections: Title -> actions.
        preset: The one in use.
        own: The user's changes to it.
        parent: The window.

    Signals:
        changed: (preset, dict of id to keys) The user wants this preset with these changes, from now on.
    """

    changed = Signal(str, object)

    def __init__(
        self,
        sections: Mapping[str, Sequence[Action]],
        preset: Preset = "thermark",
        own: Mapping[str, Sequence[str]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self._rows = {row.id: row for rows in sections.values() for row in rows}
        self._preset, self._bindings = preset, bindings_of(self._rows.values(), preset, own or {})
        self._make_parts(sections)
        self._lay_out()
        self._show_bindings()
        self.resize(620, 720)

    def _make_parts(self, sections: Mapping[str, Sequence[Action]]) -> None:
        self.presets, self.search = QComboBox(), QLineEdit()
        self.presets.setAccessibleName("Preset")
        for value, name in PRESET_NAMES.items():
            self.presets.addItem(name, value)
        self.presets.setCurrentIndex(self.presets.findData(self._preset))
        self.presets.activated.connect(self._on_preset)
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_searched)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName("Actions and their shortcuts")
        self.tree.setHeaderLabels(["Action", "Shortcut"])
        self.tree.setRootIsDecorated(False)
        self._fill(sections)
        self.tree.currentItemChanged.connect(self._on_current)
        self.editor = QKeySequenceEdit()
        self.editor.setMaximumSequenceLength(1)
        self.editor.setAccessibleName("New shortcut")
        self.editor.keySequenceChanged.connect(self._say_conflict)
        self.assign, self.clear, self.reset = (
            QPushButton("Assign"),
            QPushButton("Clear"),
            QPushButton("Reset"),
        )
        self.assign.setToolTip("Give the action this shortcut; another action that has it loses it")
        self.clear.setToolTip("Leave the action without a shortcut")
        self.reset.setToolTip("Give the action what the preset gives it")
        self.assign.clicked.connect(self._on_assign)
        self.clear.clicked.connect(lambda: self._bind(()))
        self.reset.clicked.connect(self._on_reset)
        self.warning = QLabel()
        self.warning.setWordWrap(True)

    def _fill(self, sections: Mapping[str, Sequence[Action]]) -> None:
        self._items: dict[str, QTreeWidgetItem] = {}
        for title, rows in sections.items():
            parent = self._section(title)
            for row in rows:
                item = QTreeWidgetItem(parent, [row.text.rstrip("…"), ""])
                item.setData(0, ID_ROLE, row.id)
                item.setToolTip(0, row.tip)
                self._items[row.id] = item
        mouse = self._section("Mouse")
        for text, gesture in MOUSE:
            QTreeWidgetItem(mouse, [text, gesture]).setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.tree.expandAll()
        self.tree.resizeColumnToContents(0)

    def _section(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.tree, [title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        return item

    def _lay_out(self) -> None:
        head, foot, layout = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        head.addWidget(QLabel("Preset"))
        head.addWidget(self.presets)
        head.addWidget(self.search, 1)
        for widget in (self.editor, self.assign, self.clear, self.reset):
            foot.addWidget(widget)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.tree, 1)
        layout.addLayout(foot)
        layout.addWidget(self.warning)
        layout.addWidget(buttons)
        self._on_current()

    @property
    def bindings(self) -> Bindings:
        """The keys of every action as they are now."""
        return self._bindings

    def choose(self, id_: str) -> None:
        """Choose an action."""
        self.tree.setCurrentItem(self._items[id_])

    def _chosen(self) -> str | None:
        item = self.tree.currentItem()
        return None if item is None else item.data(0, ID_ROLE)

    def _show_bindings(self) -> None:
        native, c = QKeySequence.SequenceFormat.NativeText, colours()
        doubtful = {id_ for ids in conflicts(self._bindings).values() for id_ in ids}
        for id_, item in self._items.items():
            keys = (QKeySequence(key).toString(native) for key in self._bindings[id_])
            item.setText(1, ", ".join(keys))
            item.setForeground(1, QBrush(c.error if id_ in doubtful else c.text))

    @Slot()
    def _on_current(self) -> None:
        id_ = self._chosen()
        for widget in (self.editor, self.assign, self.clear, self.reset):
            widget.setEnabled(id_ is not None)
        keys = () if id_ is None else self._bindings[id_]
        self.editor.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
        self._say_conflict()

    @Slot()
    def _say_conflict(self) -> None:
        """Say who has the shortcut now."""
        key = normal(self.editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText))
        owners = [
            self._rows[id_].text.rstrip("…")
            for id_, keys in self._bindings.items()
            if key and key in keys and id_ != self._chosen()
        ]
        text = f"{key} belongs to “{owners[0]}”, which loses it." if owners else ""
        self.warning.setText(text)
        self.assign.setText("Assign anyway" if owners else "Assign")

    @Slot()
    def _on_assign(self) -> None:
        self._bind((self.editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText),))

    @Slot()
    def _on_reset(self) -> None:
        id_ = self._chosen()
        if id_ is not None:
            self._bind(bindings_of(self._rows.values(), self._preset, {})[id_])

    def _bind(self, keys: Sequence[str]) -> None:
        id_ = self._chosen()
        if id_ is not None:
            self._bindings = rebound(self._bindings, id_, keys)
            self._announce()

    @Slot(int)
    def _on_preset(self, row: int) -> None:
        """Another preset begins without the user's changes: they were made to the old one."""
        self._preset = self.presets.itemData(row)
        self._bindings = bindings_of(self._rows.values(), self._preset, {})
        self._announce()

    def _announce(self) -> None:
        self._show_bindings()
        self._on_current()
        own = own_changes(self._rows.values(), self._preset, self._bindings)
        self.changed.emit(self._preset, own)

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        """Show what has the text in its name or its keys."""
        for item in self._items.values():
            said = f"{item.text(0)} {item.text(1)}".lower()
            item.setHidden(text.lower() not in said)
