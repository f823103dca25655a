"""The range of frames that the user has selected on the timeline, and what the actions do with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from app.playback import Playback
from app.review import Reviewer
from app.session import Session
from app.widgets.timeline import Timeline
from tracker.annotation import commands
from tracker.annotation.document import Document
from tracker.annotation.edits import Edit
from tracker.annotation.track import Presence, Track

MARGIN = 0.02  # of the range, beside it, when it is zoomed to

Build = Callable[[Document, Track, range], Edit]


class Ranges(QObject):
    """Holds the selected range; it is no edit, and is forgotten with the clip.

    Signals:
        changed: () Other frames are selected, or none.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        timeline: Timeline,
        playback: Playback,
        reviewer: Reviewer,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._timeline, self._playback, self._reviewer = session, timeline, playback, reviewer
        self._selected: range | None = None
        timeline.rangeSelected.connect(self.select)
        session.projectOpened.connect(self.drop)
        session.projectClosed.connect(self.drop)

    @property
    def selected(self) -> range | None:
        """The selected frames, at least one; None for none."""
        return self._selected

    @Slot(object)
    def select(self, frames: range | None) -> None:
        """Select frames of the clip; None for none."""
        if frames is not None:
            frames = range(max(frames.start, 0), min(frames.stop, self._session.length)) or None
        if frames == self._selected:
            return
        self._selected = frames
        self._timeline.set_range(frames)
        if frames is not None:
            count = f"{len(frames):,} frame{'' if len(frames) == 1 else 's'}"
            self._session.statusChanged.emit(f"{count} selected: {frames.start} to {frames.stop - 1}")
        self.changed.emit()

    @Slot()
    def drop(self) -> None:
        """Select nothing."""
        self.select(None)

    def begin_here(self) -> None:
        """The range begins at this frame; it ends where it did, else with the clip."""
        frame, old = self._session.frame, self._selected
        stop = old.stop if old is not None and old.stop > frame else self._session.length
        self.select(range(frame, stop))

    def end_here(self) -> None:
        """The range ends with this frame; it begins where it did, else with the clip."""
        frame, old = self._session.frame, self._selected
        self.select(range(old.start if old is not None and old.start <= frame else 0, frame + 1))

    # Looking at it

    def zoom(self) -> None:
        """Show the range across the timeline."""
        if self._selected is not None:
            beside = len(self._selected) * MARGIN
            self._timeline.show_part(self._selected.start - beside, self._selected.stop + beside)

    def play(self) -> None:
        """Play the range again and again; while something is played, pause."""
        if self._playback.is_playing:
            self._playback.stop()
        elif self._selected is not None:
            inside = self._session.frame in self._selected
            self._playback.play(self._session.frame if inside else self._selected.start, self._selected)

    # Editing it

    def accept(self) -> None:
        """All boxes of the selected track in the range are right."""
        if self._selected is not None:
            self._reviewer.accept(self._selected.start, self._selected.stop)

    def clear(self) -> None:
        """Take back what the selected track says about the range."""
        self._edit(lambda document, track, at: commands.clear_frames(document, track.id, at.start, at.stop))

    def interpolate(self) -> None:
        """Fill the gaps between boxes drawn by hand, in the range."""
        self._edit(lambda document, track, frames: commands.interpolate(document, track.id, frames))

    def mark(self, name: str) -> None:
        """Say whether the target can be seen in the range.

        Args:
            name: Of the `Presence`.
        """
        presence = Presence[name]
        self._edit(
            lambda document, track, frames: commands.mark_presence(document, track.id, frames, presence)
        )

    def _edit(self, build: Build) -> None:
        frames = self._selected
        if frames is not None:
            self._session.edit_selected(lambda document, track: build(document, track, frames))
