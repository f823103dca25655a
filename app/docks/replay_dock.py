"""A/B replay: choose two variants, let both follow the same boxes, and see where they part and who is right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.frame_loader import LoadedFrame
from app.progress import progress_text
from app.replay import Replayer
from app.session import Session
from app.theme import icon
from app.widgets.replay_maps import ReplayMaps, ScoresTable
from app.widgets.replay_plot import ReplayPlot
from app.widgets.replay_setup import Reach, ReplaySetup
from app.widgets.replay_words import summary_of
from tracker.jobs import Progress
from tracker.tracking.replay_record import Side

LEAST_WIDTH = 290
MARGIN = 10
NO_TRACK = "Select a track: its boxes are what A and B start from."
FIRST_HINT = "A and B follow the selected track from the same boxes. Nothing of it is written into the track."

Visible = Callable[[], tuple[int, int] | None]
"""(first, stop) of the frames that the timeline shows; None without a clip."""


class ReplayDock(QDockWidget):
    """Shows a replay and says what the user wants of it.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
    """

    frameRequested = Signal(int)

    def __init__(
        self, replayer: Replayer, session: Session, visible: Visible, parent: QWidget | None = None
    ) -> None:
        super().__init__("Replay (A/B)", parent)
        self.setObjectName("replayDock")
        self._replayer, self._session, self._visible = replayer, session, visible
        self._how, self._is_shown = "", False
        self._range: range | None = None
        self._make_choice()
        self._make_result()
        self._lay_out()
        self._connect()
        self._refresh()

    def _make_choice(self) -> None:
        self.setup, self.fold = ReplaySetup(self._session.settings.model), QToolButton()
        self.fold.setObjectName("fold")
        self.fold.setText("What to compare")
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._on_unfolded)
        self.fold.setChecked(True)
        self.run_button, self.cancel_button = QPushButton("Replay"), QPushButton("Cancel")
        self.run_button.setDefault(True)
        self.stage, self.bar = QLabel(), QProgressBar()
        self.stage.setProperty("muted", True)
        self.stage.setWordWrap(True)
        self.bar.setTextVisible(False)

    def _make_result(self) -> None:
        self.summary, self.here = QLabel(FIRST_HINT), QLabel()
        self.summary.setWordWrap(True)
        self.plot, self.maps, self.scores = ReplayPlot(), ReplayMaps(), ScoresTable()
        self.previous_button, self.next_button = QToolButton(), QToolButton()
        for button, name, tip in (
            (self.previous_button, "previous_anchor", "Where A and B part before (Shift+X)"),
            (self.next_button, "next_anchor", "Where A and B part next (X)"),
        ):
            button.setIcon(icon(name))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
        self.take_buttons = {side: QPushButton(f"Take {side.name}'s boxes") for side in Side}
        for side, take in self.take_buttons.items():
            take.setToolTip(
                f"The track takes over {side.name}'s boxes in place of other machine boxes: one step to undo.\n"
                "What was drawn, accepted or imported stays."
            )

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(MARGIN, 8, MARGIN, MARGIN)
        column.setSpacing(8)
        column.addWidget(self.fold)
        column.addWidget(self.setup)
        column.addLayout(_row(self.run_button, self.cancel_button))
        column.addWidget(self.bar)
        column.addWidget(self.stage)
        column.addWidget(self.summary)
        self._result = QWidget()
        inner, steps = QVBoxLayout(self._result), QHBoxLayout()
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        steps.addWidget(self.previous_button)
        steps.addWidget(self.next_button)
        steps.addWidget(self.here, 1)
        inner.addLayout(steps)
        self.plot.put_between(self.maps, self.scores)
        inner.addWidget(self.plot)
        inner.addLayout(_row(*self.take_buttons.values()))
        column.addWidget(self._result)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setMinimumWidth(LEAST_WIDTH)
        self._scroll.setWidget(body)
        self._scroll.installEventFilter(self)
        self.setWidget(self._scroll)

    def _connect(self) -> None:
        session, replayer = self._session, self._replayer
        self.run_button.clicked.connect(self.start)
        self.cancel_button.clicked.connect(self._on_cancel)
        self.previous_button.clicked.connect(lambda: replayer.go(-1))
        self.next_button.clicked.connect(lambda: replayer.go(1))
        for side, button in self.take_buttons.items():
            button.clicked.connect(lambda _=False, chosen=side: replayer.adopt(chosen))
        self.plot.frameRequested.connect(self.frameRequested)
        replayer.frameRequested.connect(self.frameRequested)
        replayer.stateChanged.connect(self._on_state)
        replayer.progressed.connect(self._on_progress)
        replayer.compared.connect(self._on_compared)
        replayer.ended.connect(self._on_ended)
        self.visibilityChanged.connect(self._on_visible)
        session.frameShown.connect(self._on_frame_shown)
        session.frameChanged.connect(self.plot.set_frame)
        session.selectionChanged.connect(self._refresh)
        session.projectClosed.connect(self._refresh)

    # What the user wants

    @Slot()
    def start(self) -> None:
        """Replay what is chosen."""
        span = self.span()
        if span is not None:
            self._replayer.start(self.setup.variants(), *span, restarts=self.setup.restarts.isChecked())

    def span(self) -> tuple[int, int] | None:
        """First and last frame that are asked for; None without a track."""
        track, session = self._session.track, self._session
        if track is None:
            return None
        reach, last = self.setup.reach, session.length - 1
        if reach is Reach.FROM_HERE:
            return session.frame, last
        if reach is Reach.SELECTED and self._range is not None:
            return self._range.start, self._range.stop - 1
        shown = self._visible() if reach is Reach.VISIBLE else None
        if shown is not None:
            return shown[0], shown[1] - 1
        by_hand = [frame for frame in track.anchors().tolist() if track.frames.has_box[frame]]
        return (by_hand or [0])[0], (track.span() or (0, last + 1))[1] - 1

    @Slot(object)
    def set_range(self, frames: range | None) -> None:
        """Take the frames that are selected on the timeline; None for none."""
        self._range = frames
        self.setup.offer_range(frames is not None)
        self.plot.set_range(frames)

    @Slot()
    def _on_cancel(self) -> None:
        self.stage.setText("Stopping…")
        self._replayer.cancel()

    # What has happened

    @Slot(bool)
    def _on_state(self, is_running: bool) -> None:
        replay = self._replayer.replay
        if is_running and replay is not None and self._replayer.comparison is None:
            self.fold.setChecked(False)  # room for what is found
            self.maps.set_names((replay.variants[Side.A].name, replay.variants[Side.B].name))
            self.summary.setText(f"Track {replay.track_id}, frames {replay.first:,} to {replay.last:,}")
        self._how = ""
        self.bar.setRange(0, 0)
        self.stage.setText("Loading…" if is_running else "")
        self._refresh()

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self.stage.setText(f"{progress.stage}  {progress_text(progress)}")
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)

    @Slot()
    def _on_compared(self) -> None:
        comparison = self._replayer.comparison
        if self._is_shown:
            self.plot.show_comparison(comparison)
        self.summary.setText(FIRST_HINT if comparison is None else summary_of(comparison))
        self._refresh()
        self._show_frame(self._session.shown)

    @Slot(bool)
    def _on_unfolded(self, is_open: bool) -> None:
        self.fold.setIcon(icon("expanded" if is_open else "collapsed"))
        self.setup.setVisible(is_open)

    @Slot(str)
    def _on_ended(self, how: str) -> None:
        self._how = how
        if self._replayer.comparison is None:
            self.fold.setChecked(True)
        self._refresh()

    @Slot(object)
    def _on_frame_shown(self, loaded: LoadedFrame) -> None:
        self._show_frame(loaded)

    def _show_frame(self, loaded: LoadedFrame | None) -> None:
        """The maps and scores of the frame that is shown; nothing is read while nobody looks."""
        if not self._is_shown:
            return
        frame, replayer = None if loaded is None else loaded.index, self._replayer
        evidence = {side: None if frame is None else replayer.evidence(side, frame) for side in Side}
        for side in Side:
            box = None if frame is None else replayer.box(side, frame)
            self.maps.show_evidence(side, evidence[side], box)
        self.scores.show_evidence(evidence[Side.A], evidence[Side.B])
        self.here.setText("" if frame is None else self._words_for(frame))

    def _words_for(self, frame: int) -> str:
        comparison = self._replayer.comparison
        if comparison is None or self._replayer.box(Side.A, frame) is None:
            return "Not replayed here"
        if comparison.record.given[frame]:
            return "Both start from this box"
        return f"IoU {comparison.overlap[frame]:.2f} · {comparison.distance[frame]:.1f} px apart"

    @Slot()
    def _refresh(self) -> None:
        running, comparison = self._replayer.is_running, self._replayer.comparison
        has_track = self._session.track is not None
        self.setup.setEnabled(not running)
        self.run_button.setEnabled(has_track and not running)
        self.cancel_button.setEnabled(running)
        self.bar.setVisible(running)
        if not running:
            self.stage.setText(self._how if has_track else NO_TRACK)
        self.stage.setVisible(bool(self.stage.text()))
        self._result.setVisible(comparison is not None)
        can_step = comparison is not None and bool(comparison.parted)
        for button in (self.previous_button, self.next_button):
            button.setEnabled(can_step)
        for take in self.take_buttons.values():
            take.setEnabled(comparison is not None and not running)

    # Room and models

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the maps the room across that a scroll bar always leaves."""
        if watched is self._scroll and event.type() == QEvent.Type.Resize:
            bar = self._scroll.verticalScrollBar().sizeHint().width()
            self.maps.set_width(self._scroll.width() - 2 * MARGIN - bar)
        return super().eventFilter(watched, event)

    @Slot(bool)
    def _on_visible(self, is_visible: bool) -> None:
        """Be in step with all that has happened unseen, new models among it."""
        self._is_shown = is_visible
        if is_visible:
            self.setup.list_models()
            self.plot.set_frame(self._session.frame)
            self.plot.show_comparison(self._replayer.comparison)
            self._show_frame(self._session.shown)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
