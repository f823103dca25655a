"""Shows the session on the canvas, and hands the canvas's wishes to the session."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QColor, QImage, QPainter

from app.appearance import state_shown
from app.frame_loader import LoadedFrame
from app.session import Session
from app.widgets.canvas import Canvas
from app.widgets.canvas_items import BoxMark
from tracker.annotation.track import FrameState, Presence, Track
from tracker.geometry import Box
from tracker.thermal.display import Display

Overlay = Callable[[], tuple[QImage, Box] | None]
"""The similarity map to lay over the frame, and where."""

COLOURFUL = 12
"""Levels between the least and the greatest of red, green and blue."""

VEIL = QColor(0, 0, 0, 150)

BAD_FRAME = "Unreadable frame – the nearest one before it is shown"


class CanvasPresenter(QObject):
    """Everything on the canvas belongs to the shown frame, and edits made there are edits of that frame.

    The session may be frames ahead while the loader reads. While a box is held nothing on the canvas moves,
    whatever a tracking run does; what was missed is shown when it is let go.
    """

    def __init__(
        self, session: Session, canvas: Canvas, overlay: Overlay, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._canvas, self._overlay = session, canvas, overlay
        self._shown: LoadedFrame | None = None
        self._draws_for: int | None = None
        session.frameShown.connect(self._refresh)
        session.frameRepainted.connect(self._refresh)
        session.tracksChanged.connect(self._refresh)
        session.runs.proposalsChanged.connect(self._refresh)
        session.selectionChanged.connect(self._refresh)
        session.hiddenChanged.connect(self._refresh)
        session.projectClosed.connect(self._clear)
        canvas.boxDrawn.connect(self._on_box_drawn)
        canvas.boxChanged.connect(self._on_box_changed)
        canvas.trackClicked.connect(session.select)
        canvas.gestureChanged.connect(self._refresh)

    def draw(self, track_id: int | None) -> None:
        """Let the user draw a box for a track, or for a new one."""
        self._draws_for = track_id
        self._canvas.set_draw_mode(True)

    @Slot(object)
    def _on_box_drawn(self, box: Box) -> None:
        if self._shown is not None:
            self._session.draw_box(box, self._draws_for, self._shown.index)

    @Slot(int, object)
    def _on_box_changed(self, track_id: int, box: Box) -> None:
        if self._shown is not None:
            self._session.move_box(track_id, box, self._shown.index)

    @Slot()
    def _clear(self) -> None:
        self._shown = None
        self._canvas.clear()

    @Slot()
    def _refresh(self) -> None:
        if self._canvas.is_busy:
            return
        loaded = self._session.shown
        if loaded is None:
            return
        if loaded is not self._shown:
            self._shown = loaded
            self._canvas.show_image(loaded.image)
            if not self._canvas.overlay.isNull():
                self.refresh_overlay()  # what lies below it may be in another palette now
        self._canvas.set_boxes(list(self._marks(loaded.index)))
        self._canvas.set_selected(self._session.selected)
        self._canvas.set_badge(self._badge(loaded))

    @Slot()
    def refresh_overlay(self) -> None:
        """Lay the wanted similarity map over the frame."""
        if self._canvas.is_busy:
            return
        image, region = self._overlay() or (None, None)
        if image is not None and self._shown is not None and _is_coloured(self._shown.picture.rgb):
            image = _veiled(image)
        self._canvas.set_overlay(image, region)

    def _marks(self, frame: int) -> Iterator[BoxMark]:
        document = self._session.document
        if document is None:
            return
        for track in document.tracks.values():
            if track.id in self._session.hidden:
                continue
            state, is_proposal = state_shown(self._session, track, frame)
            if state.box is not None:
                text = _tag(track, state)
                yield BoxMark(
                    track.id, state.box, track.colour, text, state.provenance, state.presence, is_proposal
                )

    def _badge(self, loaded: LoadedFrame) -> str:
        if loaded.is_bad:
            return BAD_FRAME
        track = self._session.track
        state = FrameState() if track is None else state_shown(self._session, track, loaded.index)[0]
        if track is None or state.presence is Presence.VISIBLE:
            return ""
        return f"{track.id} {track.label}: {state.presence.label.lower()}"


def _tag(track: Track, state: FrameState) -> str:
    score = "" if math.isnan(state.score) else f"  {state.score:.2f}"
    return f"{track.id} {track.label}{score}"


def _is_coloured(rgb: Display) -> bool:
    """Whether a picture is in other colours than grays, as far as a few of its pixels tell."""
    few = rgb[::16, ::16].astype(np.int16)
    return bool((few.max(axis=-1) - few.min(axis=-1)).max() > COLOURFUL)


def _veiled(image: QImage) -> QImage:
    """A map over a dark ground: its colours alone could be those of the palette below it."""
    ground = QImage(image.size(), QImage.Format.Format_ARGB32)
    ground.fill(VEIL)
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    return ground
