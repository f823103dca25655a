"""The tracks of a document as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from app.theme import colours
from tracker.annotation.document import Document
from tracker.annotation.track import FrameState, Presence, Provenance, Track

Index: TypeAlias = QModelIndex | QPersistentModelIndex

TRACK_ROLE = Qt.ItemDataRole.UserRole
"""Role under which every cell gives the id of its track."""

COLOUR_ROLE = Qt.ItemDataRole.UserRole + 1
"""Role under which the cells of the first column give the track's colour."""

ROOT = QModelIndex()


class Column(IntEnum):
    """What is told about a track, from left to right."""

    COLOUR = 0
    ID = 1
    LABEL = 2
    FRAMES = 3
    ANCHORS = 4
    COVERAGE = 5
    STATE = 6


HEADINGS = {
    Column.COLOUR: ("", "Colour of the track; click to change it"),
    Column.ID: ("ID", "Number of the track"),
    Column.LABEL: ("Label", "Class of the target; double-click to change it"),
    Column.FRAMES: ("Frames", "Frames about which something is said"),
    Column.ANCHORS: ("Anchors", "Frames decided by hand"),
    Column.COVERAGE: ("Cover", "Share of the clip about which something is said"),
    Column.STATE: ("Now", "The track at the current frame"),
}
_RIGHT = (Column.FRAMES, Column.ANCHORS, Column.COVERAGE)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is counted of a track.

    Attributes:
        said: Frames about which something is said.
        anchors: Frames decided by hand.
        length: Frames of the clip.
    """

    said: int
    anchors: int
    length: int

    @classmethod
    def of(cls, track: Track) -> Summary:
        """Count a track's frames."""
        provenance = np.ascontiguousarray(track.frames.provenance)
        anchors = np.count_nonzero(provenance == Provenance.MANUAL)
        return cls(int(np.count_nonzero(provenance)), int(anchors), len(track.frames))

    @property
    def coverage(self) -> str:
        """Share of the clip, rounded so that only all is 100 % and only nothing 0 %."""
        if not self.said:
            return "0 %"
        percent = 100 * self.said / max(self.length, 1)
        if percent < 1:
            return "< 1 %"
        return f"{percent:.0f} %" if percent == 100 else f"{min(round(percent), 99)} %"


def state_text(state: FrameState) -> str:
    """A frame's state in a word or two: its presence where that is not the usual one, else its provenance."""
    if state.provenance is Provenance.NONE:
        return "–"
    if state.presence is Presence.VISIBLE:
        return state.provenance.label
    return state.presence.label


class TracksModel(QAbstractTableModel):
    """A row per track.

    It shows the document and changes nothing in it: an edited label becomes a signal, and the table follows
    when `refresh` says that the document has changed.

    Signals:
        infoEdited: (int, str, str) The user wants this track to have this label and colour ("#rrggbb").
    """

    infoEdited = Signal(int, str, str)

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self._ids: list[int] = []
        self._summaries: dict[int, Summary] = {}
        self._frame = 0

    def set_document(self, document: Document | None) -> None:
        """Show another document's tracks; None for none."""
        self.beginResetModel()
        self._document = document
        self._ids = [] if document is None else list(document.tracks)
        self._summaries.clear()
        self._frame = 0
        self.endResetModel()

    def refresh(self, touched: set[int] | None = None) -> None:
        """Tracks have changed.

        Args:
            touched: Their ids; None for all.
        """
        document = self._document
        if document is None:
            return
        for track_id in set(self._summaries) if touched is None else touched:
            self._summaries.pop(track_id, None)
        self._remove_rows({track_id for track_id in self._ids if track_id not in document.tracks})
        self._insert_rows(list(document.tracks))
        for row, track_id in enumerate(self._ids):
            if touched is None or track_id in touched:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    def _remove_rows(self, gone: set[int]) -> None:
        for row in reversed([row for row, track_id in enumerate(self._ids) if track_id in gone]):
            self.beginRemoveRows(ROOT, row, row)
            del self._ids[row]
            self.endRemoveRows()

    def _insert_rows(self, wanted: list[int]) -> None:
        """Complete the ids, which are in the order of `wanted` but may lack some of it."""
        for row, track_id in enumerate(wanted):
            if row >= len(self._ids) or self._ids[row] != track_id:
                self.beginInsertRows(ROOT, row, row)
                self._ids.insert(row, track_id)
                self.endInsertRows()

    def set_frame(self, frame: int) -> None:
        """Tell the tracks' state at another frame."""
        self._frame = frame
        if self._ids:
            last = len(self._ids) - 1
            self.dataChanged.emit(self.index(0, Column.STATE), self.index(last, Column.STATE))

    def track(self, index: Index) -> Track:
        """The track of a cell."""
        assert self._document is not None
        return self._document.tracks[self._ids[index.row()]]

    def row_of(self, track_id: int | None) -> int | None:
        """The row of a track; None where it has none."""
        return self._ids.index(track_id) if track_id in self._ids else None

    def rowCount(self, parent: Index = ROOT) -> int:
        """Number of tracks."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings and their explanations."""
        if orientation == Qt.Orientation.Vertical:
            return None
        column = Column(section)
        heading, tip = HEADINGS[column]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return heading
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                return tip
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Labels can be edited."""
        flags = super().flags(index)
        is_label = index.isValid() and index.column() == Column.LABEL
        return flags | Qt.ItemFlag.ItemIsEditable if is_label else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if (
            not index.isValid()
            or self._document is None
            or self._ids[index.row()] not in self._document.tracks
        ):
            return None  # deleted, and not refreshed yet
        track, column = self.track(index), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(track, column)
            case Qt.ItemDataRole.EditRole:
                return track.label if column is Column.LABEL else None
            case _ if role == COLOUR_ROLE:
                return QColor(track.colour) if column is Column.COLOUR else None
            case Qt.ItemDataRole.ForegroundRole:
                return self._ink(track, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(track, column)
        return track.id if role == TRACK_ROLE else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another label."""
        if role != Qt.ItemDataRole.EditRole or index.column() != Column.LABEL:
            return False
        track, label = self.track(index), str(value).strip()
        if label != track.label:
            self.infoEdited.emit(track.id, label, track.colour)
        return True

    def _summary(self, track: Track) -> Summary:
        """Counted when first shown: clips are long."""
        if track.id not in self._summaries:
            self._summaries[track.id] = Summary.of(track)
        return self._summaries[track.id]

    def _state(self, track: Track) -> FrameState:
        return track.at(self._frame) if 0 <= self._frame < len(track.frames) else FrameState()

    def _text(self, track: Track, column: Column) -> str:
        match column:
            case Column.COLOUR:
                return ""
            case Column.ID:
                return str(track.id)
            case Column.LABEL:
                return track.label or "no label"
            case Column.FRAMES:
                return str(self._summary(track).said)
            case Column.ANCHORS:
                return str(self._summary(track).anchors)
            case Column.COVERAGE:
                return self._summary(track).coverage
            case Column.STATE:
                return state_text(self._state(track))

    def _ink(self, track: Track, column: Column) -> QColor | None:
        c = colours()
        if column is Column.LABEL:
            return None if track.label else c.disabled
        if column is not Column.STATE:
            return c.muted
        state = self._state(track)
        if state.provenance is Provenance.NONE:
            return c.disabled
        if state.presence is not Presence.VISIBLE:
            return c.muted
        return {
            Provenance.MANUAL: c.manual,
            Provenance.TRACKED: c.tracked,
            Provenance.INTERPOLATED: c.interpolated,
            Provenance.IMPORTED: c.imported,
        }[state.provenance]

    def _tip(self, track: Track, column: Column) -> str:
        if column in _RIGHT:
            summary = self._summary(track)
            return f"{summary.said} of {summary.length} frames, {summary.anchors} anchors"
        if column is not Column.STATE:
            return HEADINGS[column][1]
        state = self._state(track)
        if state.provenance is Provenance.NONE:
            return f"Nothing is said about frame {self._frame}"
        by = f" by {state.model}" if state.model else ""
        return f"Frame {self._frame}: {state.provenance.label.lower()}{by}, {state.presence.label.lower()}"


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
