"""Writes down what reviewing teaches about wrong boxes, project by project."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracker.annotation.track import Frames
from tracker.tracking.drift_features import Array
from tracker.tracking.lesson_book import LessonBook, Lessons
from tracker.tracking.lessons import lessons_of, withdrawn

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Reviewed:
    """A track before and after edits.

    Attributes:
        track_id: Its id.
        before: Its frames when they were judged.
        after: Its frames now.
        scores: (n, s) that the judgement rests on, in the order of `SCORE_NAMES`.
    """

    track_id: int
    before: Frames
    after: Frames
    scores: Array


class Teacher:
    """Keeps the lessons of the open project in step with its tracks.

    Reads and writes files, and works through whole runs: used on the thread that computes risks. A folder that cannot
    be written costs the lessons and nothing else: that is logged.

    Attributes:
        count: How many lessons there are, those of other projects included; 0 before the first call of `learn`.
    """

    def __init__(self, book: LessonBook) -> None:
        self._book = book
        self._project: Path | None = None
        self._lessons: dict[int, Lessons] = {}
        self.count = 0

    def learn(self, project: Path, tracks: Iterable[Reviewed], size: tuple[int, int]) -> None:
        """Take what the edits of tracks teach; see `tracker.tracking.lessons.lessons_of`.

        Args:
            project: The open one.
            tracks: Those that have been edited.
            size: (width, height) of a frame in pixels.
        """
        if project != self._project:
            self._project, self._lessons = project, self._book.read(project)
        has_changed = [self._learned(each, size) for each in tracks]
        if any(has_changed):
            try:
                self._book.write(project, self._lessons)
            except OSError as error:
                log.warning("what this review has taught cannot be kept: %s", error)
        self.count = len(self._book.all()[1])

    def forget(self) -> None:
        """Delete the lessons of all projects."""
        self._lessons.clear()
        self._book.forget()
        self.count = 0

    def _learned(self, track: Reviewed, size: tuple[int, int]) -> bool:
        """Whether there is anything new."""
        had = self._lessons.get(track.track_id, Lessons.none())
        found = lessons_of(track.before, track.after, track.scores, size)
        now = had.without(withdrawn(track.before, track.after)).with_others(found)
        self._lessons[track.track_id] = now
        return len(found) > 0 or len(now) != len(had)
