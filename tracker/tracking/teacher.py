"""Writes down what reviewing teaches about wrong boxes, project by project."""

from __future__ import annotations

import logging
from pathlib import Path

from tracker.annotation.track import Frames
from tracker.tracking.drift_features import Array
from tracker.tracking.lesson_book import LessonBook, Lessons
from tracker.tracking.lessons import lessons_of, withdrawn

log = logging.getLogger(__name__)


class Teacher:
    """Keeps the lessons of one open project in step with its tracks.

    A folder that cannot be written costs the lessons and nothing else: that is logged.

    Attributes:
        count: How many lessons there are, those of other projects included.
    """

    def __init__(self, book: LessonBook) -> None:
        self._book = book
        self._project: Path | None = None
        self._lessons: dict[int, Lessons] = {}
        self.count = 0

    def open(self, project: Path) -> None:
        """Go on with the lessons of a project."""
        self._project, self._lessons = project, self._book.read(project)
        self._recount()

    def learn(
        self, track_id: int, before: Frames, after: Frames, scores: Array, size: tuple[int, int]
    ) -> None:
        """Take what the edits of a track teach; see `tracker.tracking.lessons.lessons_of`."""
        had = self._lessons.get(track_id, Lessons.none())
        found = lessons_of(before, after, scores, size)
        now = had.without(withdrawn(before, after)).with_others(found)
        if len(found) or len(now) != len(had):
            self._lessons[track_id] = now
            self._write()

    def forget(self) -> None:
        """Delete the lessons of all projects."""
        self._lessons.clear()
        self._book.forget()
        self._recount()

    def _recount(self) -> None:
        self.count = len(self._book.all()[1])

    def _write(self) -> None:
        if self._project is None:
            return
        try:
            self._book.write(self._project, self._lessons)
        except OSError as error:
            log.warning("what this review has taught cannot be kept: %s", error)
        self._recount()
