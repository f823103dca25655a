"""The first steps: a guide over the real window that goes on when the user has really done what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from app.widgets.guide_bubble import GuideBubble

if TYPE_CHECKING:
    from app.main_window import MainWindow

Target = Callable[["MainWindow"], QWidget | None]


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        number: Of the part of the work that it belongs to, from 1.
        title: What to do, in two or three words.
        text: How; "{id}" stands for the key of the action of this id.
        deed: Name of what the user then has done; see `Deeds`.
        target: The widget that it is about, None for the whole window.
    """

    number: int
    title: str
    text: str
    deed: str
    target: Target


def _tool(id_: str) -> Target:
    return lambda window: window.tool_button(id_)


def _sample(window: MainWindow) -> QWidget:
    return window.welcome.sample_button


def _maps(window: MainWindow) -> QWidget:
    return window.panels.maps


def _timeline(window: MainWindow) -> QWidget:
    return window.panels.timeline


STEPS = (
    Step(1, "Open the sample clip", "Some seconds of thermal video come with Thermark. Click here to open them.",
         "opened", _sample),
    Step(2, "Draw a box", "Press {track.draw}, then drag a box around a person. It becomes an anchor: a frame "
         "decided by you, which no machine overwrites.", "drawn", _tool("track.draw")),
    Step(3, "Track the target", "Press {track.forward}: the tracker follows the target from your box on.", "begun",
         _tool("track.forward")),
    Step(3, "Watch the maps", "This is what the tracker sees: where the frame looks like the target by meaning, by "
         "shape, and by both. {track.stop} stops it at any time.", "ended",
         _maps),
    Step(4, "Correct a box", "Scrub along the timeline. Where the box has drifted, drag it back: that frame is an "
         "anchor now, and {track.forward} tracks on from it.", "corrected", _timeline),
    Step(5, "Review", "{review.next} goes to the frame that is most likely wrong. If the box is right, {review.accept} "
         "accepts it and goes to the next one.", "accepted", _tool("review.accept")),
    Step(6, "Undo", "Every step can be taken back, a whole run too: press {edit.undo}. Nothing needs saving.", "undone",
         _tool("edit.undo")),
    Step(6, "Export", "{file.export} writes frames and boxes as training data, with the origin of every box.",
         "exported", _tool("file.export")),
)  # fmt: skip
"""The whole loop, in the order of the work."""

PARTS = STEPS[-1].number
END_TITLE = "That is the whole loop"
END_TEXT = "The Help menu shows these first steps again, and {help.shortcuts} lists all keys."


class Deeds(QObject):
    """Tells what the user does, from what the session and the window announce.

    Signals:
        done: (str) "opened", "drawn", "begun" and "ended" (a run), "corrected", "accepted", "undone" or "exported".
    """

    done = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        self._index = self._session.undo_stack.index()
        self._tracks, self._anchors, self._accepted = self._counts()
        self._session.projectOpened.connect(self._on_opened)
        self._session.tracksChanged.connect(self._on_tracks_changed)
        self._session.runs.stateChanged.connect(self._on_run_state)
        self._session.undo_stack.indexChanged.connect(self._on_index)
        window.commands.exported.connect(self._on_exported)

    def _counts(self) -> tuple[int, int, int]:
        """How many tracks there are, frames decided by hand, and accepted ones."""
        document = self._session.document
        frames = [] if document is None else [track.frames for track in document.tracks.values()]
        anchors = sum(int(each.is_manual.sum()) for each in frames)
        return len(frames), anchors, sum(int(each.reviewed.sum()) for each in frames)

    @Slot()
    def _on_opened(self) -> None:
        self._tracks, self._anchors, self._accepted = self._counts()
        self._index = 0
        self.done.emit("opened")

    @Slot(object)
    def _on_tracks_changed(self, _: object) -> None:
        before = self._tracks, self._anchors, self._accepted
        self._tracks, self._anchors, self._accepted = self._counts()
        if self._tracks > before[0]:
            self.done.emit("drawn")
        elif self._anchors > before[1] and self._tracks == before[0]:
            self.done.emit("corrected")
        elif self._accepted > before[2]:
            self.done.emit("accepted")

    @Slot(bool)
    def _on_run_state(self, is_running: bool) -> None:
        self.done.emit("begun" if is_running else "ended")

    @Slot(int)
    def _on_index(self, index: int) -> None:
        before, self._index = self._index, index
        if index < before and self._session.undo_stack.canRedo():
            self.done.emit("undone")

    @Slot()
    def _on_exported(self) -> None:
        self.done.emit("exported")


class Guide(QObject):
    """Shows one step at a time, and the next when it is done; what was done before its turn is not asked for again.

    Signals:
        changed: () Another step is shown, or none any more.
    """

    changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._at: int | None = None
        self._done: set[str] = set()
        self._deeds: Deeds | None = None
        self.bubble = GuideBubble(window, window.pages)
        self.bubble.skipRequested.connect(self.skip)
        self.bubble.endRequested.connect(self.end)
        window.session.projectOpened.connect(self._show)  # panels and tools come and go with the clip
        window.session.projectClosed.connect(self._show)

    @property
    def step(self) -> Step | None:
        """What is to be done now; None when all is done, or without the guide."""
        return STEPS[self._at] if self._at is not None and self._at < len(STEPS) else None

    @property
    def is_shown(self) -> bool:
        """Whether the guide is there, be it with its last words."""
        return self._at is not None

    @Slot()
    def toggle(self) -> None:
        """Begin, or end."""
        if self.is_shown:
            self.end()
        else:
            self.begin()

    @Slot()
    def begin(self) -> None:
        """Begin with the first step that is not done already."""
        self._window.session.settings.guide_seen = True
        self._at, self._done = 0, set()
        self._deeds = Deeds(self._window)
        self._deeds.done.connect(self._on_done)
        if self._window.session.project is not None:
            self._done.add("opened")
        self._pass_done()

    @Slot()
    def skip(self) -> None:
        """Leave this step out."""
        if self._at is not None:
            self._at += 1
            self._pass_done()

    @Slot()
    def end(self) -> None:
        """Leave it at that."""
        self._at = None
        if self._deeds is not None:
            self._deeds.deleteLater()
            self._deeds = None
        self._show()

    @Slot(str)
    def _on_done(self, deed: str) -> None:
        self._done.add(deed)
        self._pass_done()

    def _pass_done(self) -> None:
        """Go on to the first step that is still to be done."""
        while self.step is not None and self.step.deed in self._done:
            self._at = 0 if self._at is None else self._at + 1
        self._show()

    @Slot()
    def _show(self) -> None:
        step = self.step
        if step is not None:
            part = f"{step.number} of {PARTS}"
            self.bubble.show_step(part, step.title, self._worded(step.text), step.target(self._window))
        elif self.is_shown:
            self.bubble.show_step("", END_TITLE, self._worded(END_TEXT), None)
        else:
            self.bubble.hide()
        self.changed.emit()

    def _worded(self, text: str) -> str:
        """With the keys that the user has for the actions named."""
        for action in self._window.action_set:
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            text = text.replace(f"{{{action.objectName()}}}", key or action.text())
        return text
