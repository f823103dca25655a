"""The list of tracks beside the canvas."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QDialog, QDockWidget, QLabel, QMenu, QStackedWidget, QWidget

from app.dialogs.attributes import AttributesDialog
from app.docks.tracks_table import TracksTable
from app.models.tracks_model import TRACK_ROLE, Column, TracksModel
from app.theme import icon
from tracker.annotation.document import Document
from tracker.annotation.track import Track

NO_TRACKS = "No tracks yet.\nDraw a box around a target to begin one."
NO_DOCUMENT = "Open a clip to see its tracks."


class TracksDock(QDockWidget):
    """The tracks of the document, with what is known of each and its state at the current frame.

    Signals:
        trackSelected: (object) The user chose the track of this id.
        tracksChosen: (frozenset of ids) These rows are chosen, whoever did it.
        trackInfoEdited: (int, str, str) The user wants this track to have this label and colour ("#rrggbb").
        attributesEdited: (int, tuple of str) The user wants this track to have these attributes.
        deleteRequested: (int) The user wants this track gone.
    """

    trackSelected = Signal(object)
    tracksChosen = Signal(object)
    trackInfoEdited = Signal(int, str, str)
    attributesEdited = Signal(int, object)
    deleteRequested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Tracks", parent)
        self.setObjectName("tracksDock")
        self._document: Document | None = None
        self._selected: int | None = None
        self._is_following = False  # whether the table is being brought in step, not used
        self._model = TracksModel()
        self._model.infoEdited.connect(self.trackInfoEdited)
        self._table = TracksTable(self._model)
        self._table.customContextMenuRequested.connect(self._on_menu_requested)
        self._table.clicked.connect(self._on_clicked)
        self._table.selectionModel().currentRowChanged.connect(self._on_moved)
        self._table.selectionModel().selectionChanged.connect(self._on_chosen)
        self._empty = QLabel(NO_DOCUMENT, alignment=Qt.AlignmentFlag.AlignCenter)
        self._empty.setObjectName("muted")
        self._empty.setWordWrap(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._table)
        self.setWidget(self._stack)

    @property
    def table(self) -> TracksTable:
        """The table itself."""
        return self._table

    @property
    def empty_text(self) -> str:
        """What is said instead of the table; empty while there are tracks."""
        return str(self._empty.text()) if self._stack.currentWidget() is self._empty else ""

    def set_document(self, document: Document | None) -> None:
        """List the tracks of another document; None for none."""
        self._document, self._selected = document, None
        self._is_following = True
        self._model.set_document(document)
        self._is_following = False
        self._show_table_or_text()

    def refresh(self, touched: set[int] | None = None) -> None:
        """Tracks have changed, come or gone.

        Args:
            touched: Their ids; None for all.
        """
        self._is_following = True
        self._model.refresh(touched)
        self._is_following = False
        self._show_selection()
        self._show_table_or_text()

    @Slot(object)
    def set_selected(self, track_id: int | None) -> None:
        """Emphasise a track's row; None for none."""
        self._selected = track_id
        self._show_selection()

    @Slot(int)
    def set_frame(self, frame: int) -> None:
        """Tell the tracks' state at a frame."""
        self._model.set_frame(frame)

    def _show_table_or_text(self) -> None:
        self._empty.setText(NO_DOCUMENT if self._document is None else NO_TRACKS)
        self._stack.setCurrentWidget(self._table if self._model.rowCount() else self._empty)

    def _show_selection(self) -> None:
        row, selection = self._model.row_of(self._selected), self._table.selectionModel()
        self._is_following = True
        if row is None:
            selection.clear()
        elif not selection.isRowSelected(row) or selection.currentIndex().row() != row:
            flags = QItemSelectionModel.SelectionFlag
            index = self._model.index(row, Column.LABEL)
            is_chosen = selection.isRowSelected(row)  # then the others that are chosen stay so
            selection.setCurrentIndex(
                index, flags.NoUpdate if is_chosen else flags.ClearAndSelect | flags.Rows
            )
            self._table.scrollTo(index)
        self._is_following = False

    @Slot()
    def _on_moved(self) -> None:
        """The mouse moves the current row before it chooses rows, the keyboard after."""
        selection = self._table.selectionModel()
        if selection.isRowSelected(selection.currentIndex().row()):
            self._wish_for(selection.currentIndex())

    @Slot()
    def _on_chosen(self) -> None:
        selection = self._table.selectionModel()
        rows = selection.selectedRows()
        # A deleted track's row has no id any more.
        self.tracksChosen.emit(frozenset({index.data(TRACK_ROLE) for index in rows} - {None}))
        if rows and selection.isRowSelected(selection.currentIndex().row()):
            self._wish_for(selection.currentIndex())
        elif rows:
            self._wish_for(rows[0])

    def _wish_for(self, index: QModelIndex) -> None:
        if not self._is_following and index.data(TRACK_ROLE) != self._selected:
            self.trackSelected.emit(index.data(TRACK_ROLE))

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == Column.COLOUR:
            self.choose_colour(index.data(TRACK_ROLE))

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        index = self._table.indexAt(place)
        if index.isValid():
            menu = self.menu_for(index.data(TRACK_ROLE))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self._table.viewport().mapToGlobal(place))

    def menu_for(self, track_id: int) -> QMenu:
        """What can be done with a track."""
        menu = QMenu(self)
        menu.addAction(icon("rename"), "Rename…", lambda: self.rename(track_id))
        menu.addAction(icon("colour"), "Change colour…", lambda: self.choose_colour(track_id))
        menu.addAction(icon("info"), "Attributes…", lambda: self.edit_attributes(track_id))
        menu.addSeparator()
        menu.addAction(icon("delete"), "Delete track", lambda: self.deleteRequested.emit(track_id))
        return menu

    def rename(self, track_id: int) -> None:
        """Let the user edit the label in its place."""
        row = self._model.row_of(track_id)
        if row is not None:
            index = self._model.index(row, Column.LABEL)
            self._table.setCurrentIndex(index)
            self._table.edit(index)

    def choose_colour(self, track_id: int) -> None:
        """Ask for another colour."""
        track = self._track(track_id)
        if track is None:
            return
        colour = QColorDialog.getColor(QColor(track.colour), self, f"Colour of track {track.id}")
        if colour.isValid() and colour.name() != track.colour:
            self.trackInfoEdited.emit(track.id, track.label, colour.name())

    def edit_attributes(self, track_id: int) -> None:
        """Ask what is special about the target."""
        track = self._track(track_id)
        if track is None:
            return
        dialog = AttributesDialog(f"track {track.id}", track.attributes, self)
        if dialog.exec() == QDialog.DialogCode.Accepted and dialog.attributes != track.attributes:
            self.attributesEdited.emit(track.id, dialog.attributes)

    def _track(self, track_id: int) -> Track | None:
        return None if self._document is None else self._document.tracks.get(track_id)
