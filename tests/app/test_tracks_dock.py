from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.docks.tracks_dock import NO_DOCUMENT, NO_TRACKS, TracksDock
from app.models.tracks_model import Column, Summary
from tracker.annotation.document import Document, MediaRecord
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.geometry import Box

LENGTH = 200
BOX = Box(1, 1, 4, 4)


def make_track(track_id: int, label: str = "car") -> Track:
    frames = Frames.empty(LENGTH)
    frames.put(slice(10, 60), FrameState(BOX, Provenance.TRACKED))
    frames.put(np.array([10, 30]), FrameState(BOX, Provenance.MANUAL))
    frames.put(slice(60, 70), FrameState(None, Provenance.TRACKED, Presence.OUT_OF_VIEW))
    return Track(track_id, label, "#e69f00", (), frames)


def make_document(*ids: int) -> Document:
    media = MediaRecord("/clip", "video", "hash", LENGTH, 64, 48, "uint8", 1, 25.0)
    return Document(media, {track_id: make_track(track_id) for track_id in ids})


@pytest.fixture
def document() -> Document:
    return make_document(1, 2, 5)


@pytest.fixture
def dock(qtbot: QtBot, document: Document) -> TracksDock:
    dock = TracksDock()
    qtbot.addWidget(dock)
    dock.resize(600, 300)
    dock.show()
    dock.set_document(document)
    return dock


def text(dock: TracksDock, row: int, column: Column) -> str:
    return str(dock.table.model().index(row, column).data())


def row_texts(dock: TracksDock, row: int) -> list[str]:
    return [text(dock, row, column) for column in Column]


def ids(dock: TracksDock) -> list[str]:
    return [text(dock, row, Column.ID) for row in range(dock.table.model().rowCount())]


def selected_ids(dock: TracksDock) -> list[str]:
    return [text(dock, index.row(), Column.ID) for index in dock.table.selectionModel().selectedRows()]


def click(
    dock: TracksDock,
    row: int,
    column: Column,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    place = dock.table.visualRect(dock.table.model().index(row, column)).center()
    QTest.mouseClick(dock.table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def received(signal: object) -> list[object]:
    values: list[object] = []
    connect: Callable[[Callable[..., None]], object] = signal.connect  # type: ignore[attr-defined]  # any signal
    connect(lambda *args: values.append(args if len(args) > 1 else args[0]))
    return values


def test_that_a_row_tells_what_is_known_of_a_track(dock: TracksDock) -> None:
    assert row_texts(dock, 0) == ["", "1", "car", "60", "2", "30 %", "–"]


@pytest.mark.parametrize(
    ("frame", "state"), [(10, "Manual"), (11, "Tracked"), (65, "Out of view"), (80, "–")]
)
def test_that_the_state_is_that_of_the_current_frame(dock: TracksDock, frame: int, state: str) -> None:
    dock.set_frame(frame)
    assert text(dock, 1, Column.STATE) == state


def test_that_a_frame_beyond_the_clip_has_no_state(dock: TracksDock) -> None:
    dock.set_frame(LENGTH)
    assert text(dock, 0, Column.STATE) == "–"


def test_that_without_tracks_there_is_a_text(dock: TracksDock) -> None:
    assert dock.empty_text == ""
    dock.set_document(make_document())
    assert dock.empty_text == NO_TRACKS
    dock.set_document(None)
    assert dock.empty_text == NO_DOCUMENT


def test_that_the_first_track_takes_the_place_of_the_text(dock: TracksDock) -> None:
    document = make_document()
    dock.set_document(document)
    document.tracks[1] = make_track(1)
    dock.refresh({1})
    assert dock.empty_text == ""
    assert ids(dock) == ["1"]


def test_that_a_click_chooses_the_track(dock: TracksDock, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dock.trackSelected) as signal:
        click(dock, 2, Column.ID)
    assert signal.args == [5]


def test_that_clicks_with_ctrl_choose_several_tracks_and_the_last_one_is_selected(dock: TracksDock) -> None:
    dock.trackSelected.connect(dock.set_selected)  # as the session does
    wishes, chosen = received(dock.trackSelected), received(dock.tracksChosen)
    ctrl = Qt.KeyboardModifier.ControlModifier
    click(dock, 0, Column.ID)
    click(dock, 2, Column.ID, ctrl)
    assert selected_ids(dock) == ["1", "5"]
    assert wishes == [1, 5]
    assert chosen[-1] == {1, 5}
    click(dock, 0, Column.ID, ctrl)
    assert selected_ids(dock) == ["5"]
    assert wishes[-1:] == [5]
    assert chosen[-1] == {5}
    click(dock, 1, Column.ID)
    assert chosen[-1] == {2}
    assert wishes[-1:] == [2]


def test_that_arrow_keys_choose_one_track_after_the_other(dock: TracksDock) -> None:
    dock.trackSelected.connect(dock.set_selected)
    wishes, chosen = received(dock.trackSelected), received(dock.tracksChosen)
    click(dock, 0, Column.ID)
    QTest.keyClick(dock.table, Qt.Key.Key_Down)
    assert wishes == [1, 2]
    assert chosen[-1] == {2}


def test_that_following_the_selection_asks_for_nothing(dock: TracksDock) -> None:
    wishes = received(dock.trackSelected)
    dock.set_selected(5)
    assert selected_ids(dock) == ["5"]
    dock.set_selected(None)
    assert selected_ids(dock) == []
    assert wishes == []


def test_that_the_selection_stays_when_another_track_goes(dock: TracksDock, document: Document) -> None:
    wishes = received(dock.trackSelected)
    dock.set_selected(5)
    del document.tracks[1]
    dock.refresh({1})
    assert ids(dock) == ["2", "5"]
    assert selected_ids(dock) == ["5"]
    assert wishes == []


def test_that_nothing_else_is_chosen_when_the_selected_track_goes(
    dock: TracksDock, document: Document
) -> None:
    wishes = received(dock.trackSelected)
    dock.set_selected(2)
    del document.tracks[2]
    dock.refresh({2})
    assert selected_ids(dock) == []
    assert wishes == []


def test_that_a_track_that_comes_back_gets_its_place(dock: TracksDock, document: Document) -> None:
    document.tracks = {track_id: make_track(track_id) for track_id in (1, 2, 3, 5)}
    dock.refresh({3})
    assert ids(dock) == ["1", "2", "3", "5"]


def test_that_the_counts_follow_the_track(dock: TracksDock, document: Document) -> None:
    assert text(dock, 0, Column.ANCHORS) == "2"
    document.tracks[1].frames.put(100, FrameState(BOX, Provenance.MANUAL))
    dock.refresh({1})
    assert text(dock, 0, Column.ANCHORS) == "3"


def test_that_an_edited_label_is_a_wish(dock: TracksDock, document: Document, qtbot: QtBot) -> None:
    dock.rename(2)
    editor = dock.table.findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "car"
    editor.setText(" boat ")
    with qtbot.waitSignal(dock.trackInfoEdited) as signal:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert signal.args == [2, "boat", "#e69f00"]
    assert document.tracks[2].label == "car"


def test_that_the_same_label_asks_for_nothing(dock: TracksDock) -> None:
    wishes = received(dock.trackInfoEdited)
    model = dock.table.model()
    assert model.setData(model.index(0, Column.LABEL), "car")
    assert wishes == []


def test_that_only_labels_can_be_edited(dock: TracksDock) -> None:
    model = dock.table.model()
    editable = [c for c in Column if model.index(0, c).flags() & Qt.ItemFlag.ItemIsEditable]
    assert editable == [Column.LABEL]


@pytest.mark.parametrize(
    ("answer", "wishes"), [("#102030", [(1, "car", "#102030")]), ("", []), ("#e69f00", [])]
)
def test_that_a_click_on_the_colour_asks_for_another(
    dock: TracksDock, monkeypatch: pytest.MonkeyPatch, answer: str, wishes: list[object]
) -> None:
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_args: QColor(answer) if answer else QColor())
    got = received(dock.trackInfoEdited)
    click(dock, 0, Column.COLOUR)
    assert got == wishes


def test_that_the_menu_can_delete(dock: TracksDock, qtbot: QtBot) -> None:
    actions = {action.text(): action for action in dock.menu_for(2).actions()}
    with qtbot.waitSignal(dock.deleteRequested) as signal:
        actions["Delete track"].trigger()
    assert signal.args == [2]


def test_that_the_label_keeps_its_room_in_a_narrow_dock(dock: TracksDock) -> None:
    table = dock.table
    dock.resize(260, 300)
    assert table.isColumnHidden(Column.FRAMES)
    assert not table.isColumnHidden(Column.STATE)
    assert table.columnWidth(Column.LABEL) >= 60
    dock.resize(700, 300)
    assert not any(table.isColumnHidden(column) for column in Column)


@pytest.mark.parametrize(
    ("said", "text"), [(0, "0 %"), (1, "< 1 %"), (100_000, "50 %"), (199_999, "99 %"), (200_000, "100 %")]
)
def test_that_only_a_full_track_is_fully_covered(said: int, text: str) -> None:
    assert Summary(said, 0, 200_000).coverage == text
