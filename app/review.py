"""Where tracks are probably wrong, and walking through it: computed beside the window, kept in step with the edits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.jobs import JobRunner
from app.session import Session
from tracker.annotation import commands, review_commands
from tracker.annotation.audit_commands import ACCEPTED
from tracker.annotation.evidence import SCORE_NAMES
from tracker.annotation.review import Entry, Estimate, Risk, estimate, next_entry, open_frames, queue
from tracker.annotation.track import Frames, Presence, Track
from tracker.errors import ThermarkError
from tracker.jobs import Event, Job
from tracker.tracking.lesson_book import LessonBook, lessons_folder
from tracker.tracking.presence import Hidden
from tracker.tracking.teacher import Reviewed, Teacher
from tracker.tracking.track_risk import RiskRequest, TrackRisk, track_risks

SETTLED_MS = 150  # without an edit, before risks are computed anew


@dataclass(frozen=True)
class Agreement:
    """What an audit has found out about a track.

    Attributes:
        curve: (n,) IoU of both runs, NaN outside the gaps.
        boxes: (n, 4) the boxes that it is about: where the track has another one by now, it says nothing.
    """

    curve: Risk
    boxes: Risk

    def still_true(self, frames: Frames) -> Risk:
        """(n,) the curve where the boxes are the audited ones, NaN elsewhere."""
        same = (frames.boxes == self.boxes).all(axis=1)
        return np.where(same, self.curve, np.nan)


class Reviewer(QObject):
    """The risks of all tracks, and the queue of the selected one.

    Signals:
        riskChanged: (int) Those of this track are known, or known anew.
        queueChanged: () The queue or the estimate of the selected track may be another.
        failed: (ThermarkError) The scores could not be read.
    """

    riskChanged = Signal(int)
    queueChanged = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._risks: dict[int, Risk] = {}
        self._scores: dict[int, Risk] = {}
        self._hidden: dict[int, tuple[Hidden, ...]] = {}
        self._judged: dict[int, Frames] = {}  # the tracks as they were when these were read
        self._agreements: dict[int, Agreement] = {}
        self._asked: dict[int, Frames] = {}
        self._stale: set[int] = set()
        self._entries: list[Entry] | None = None
        self._timer = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._timer.timeout.connect(self._compute)
        self._teacher = Teacher(LessonBook(lessons_folder()))
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_done)
        self._runner.cancelled.connect(self._on_done)
        self._runner.failed.connect(self._on_failed)
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)
        session.tracksChanged.connect(self._on_tracks_changed)
        session.selectionChanged.connect(self._forget_queue)
        session.runs.audited.connect(self._on_audited)
        if session.project is not None:
            self._on_opened()

    # What is known

    def risk(self, track_id: int) -> Risk | None:
        """(n,) probability that each frame's box is wrong, NaN where it is not known; None while it is computed."""
        return self._risks.get(track_id)

    def course(self, name: str) -> Risk | None:
        """(n,) a number of the selected track by frame: "risk", "agreement" or a score; None while it is computed."""
        track, risk = self._selected()
        if track is None or risk is None:
            return None
        if name == "risk":
            return risk
        if name == "agreement":
            known = self._agreements.get(track.id)
            return np.full(len(risk), np.nan) if known is None else known.still_true(track.frames)
        return self._scores[track.id][:, SCORE_NAMES.index(name)]

    def entries(self) -> list[Entry]:
        """The selected track's queue, the worst first."""
        if self._entries is None:
            track, risk = self._selected()
            self._entries = [] if track is None or risk is None else queue(risk, open_frames(track.frames))
        return self._entries

    def estimate(self) -> Estimate | None:
        """How far the selected track has been reviewed; None without one, or while it is computed."""
        track, risk = self._selected()
        return None if track is None or risk is None else estimate(risk, track.frames)

    def hidden(self) -> list[Hidden]:
        """Where the selected track's target can probably not be seen, and nobody has said anything about that yet."""
        track = self._session.track
        if track is None:
            return []
        free = open_frames(track.frames)
        return [span for span in self._hidden.get(track.id, ()) if free[span.start : span.stop].all()]

    @property
    def is_settled(self) -> bool:
        """Whether all that is shown belongs to the tracks as they are."""
        return not (self._stale or self._runner.is_running)

    def _selected(self) -> tuple[Track | None, Risk | None]:
        track = self._session.track
        risk = None if track is None else self._risks.get(track.id)
        if track is None or risk is None or len(risk) != len(track.frames):
            return track, None
        return track, risk

    # What the user does

    def go(self, direction: int) -> None:
        """Go to the frame most likely wrong; from there down (+1) or up (-1) the queue."""
        entry = next_entry(self.entries(), self._session.frame, direction)
        if entry is None:
            self._session.statusChanged.emit("No doubtful frame further on")
        else:
            self._session.go_to(entry.frame)

    def accept_stretch(self) -> None:
        """The boxes of this frame and the doubtful ones around it are right; then to the next doubtful frame."""
        frame = self._session.frame
        around = next((entry for entry in self.entries() if entry.start <= frame < entry.stop), None)
        start, stop = (frame, frame + 1) if around is None else (around.start, around.stop)
        if self.accept(start, stop) and self.entries():
            self._session.go_to(self.entries()[0].frame)

    def accept_frame(self) -> None:
        """This frame's box is right."""
        self.accept(self._session.frame, self._session.frame + 1)

    def accept_up_to(self) -> None:
        """All boxes up to this frame are right."""
        self.accept(0, self._session.frame + 1)

    def take_back(self) -> None:
        """Nobody has looked at this frame after all, nor at its neighbours that were accepted with it."""
        track, frame = self._session.track, self._session.frame
        if track is None:
            return
        start, stop = stretch_of(track.frames.reviewed, frame)
        if start < stop:
            self._session.edit_selected(
                lambda document, t: review_commands.unaccept(document, t.id, start, stop)
            )

    def accept(self, start: int, stop: int) -> bool:
        """Accept the selected track's boxes on some frames; where there are none to accept, say so, and it is false."""
        track = self._session.track
        if track is None or not open_frames(track.frames)[start:stop].any():
            self._session.statusChanged.emit("Nothing here waits to be accepted")
            return False
        self._session.edit_selected(lambda document, t: review_commands.accept(document, t.id, start, stop))
        return True

    def mark_hidden(self, span: Hidden, presence: Presence) -> None:
        """Say that the target cannot be seen in a span; visible means that the boxes there are right."""
        if presence is Presence.VISIBLE:
            self.accept(span.start, span.stop)
        else:
            frames = range(span.start, span.stop)
            self._session.edit_selected(
                lambda document, track: commands.mark_presence(document, track.id, frames, presence)
            )

    @property
    def lessons(self) -> int:
        """How many frames the user's reviews have taught with, in all projects."""
        return self._teacher.count

    def forget_lessons(self) -> None:
        """Judge boxes again as Thermark does out of the box."""
        self._runner.abandon()  # or it would write down again what it is just learning
        self._teacher.forget()
        document = self._session.document
        self._mark(set() if document is None else set(document.tracks))

    # Keeping in step

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        self._mark(set() if document is None else set(document.tracks))

    @Slot()
    def _on_closed(self) -> None:
        self._timer.stop()
        self._runner.abandon()
        for known in (self._risks, self._scores, self._hidden, self._judged, self._agreements):
            known.clear()
        self._stale.clear()
        self._forget_queue()

    @Slot(object)
    def _on_tracks_changed(self, touched: set[int] | None) -> None:
        document = self._session.document
        ids = set() if document is None else set(document.tracks)
        for gone in self._risks.keys() - ids:
            for known in (self._risks, self._scores, self._hidden, self._judged, self._agreements):
                known.pop(gone, None)
        self._mark(ids if touched is None else touched & ids)

    def _mark(self, ids: set[int]) -> None:
        self._stale |= ids
        self._forget_queue()
        if self._stale:
            self._timer.start()

    @Slot()
    def _forget_queue(self) -> None:
        self._entries = None
        self.queueChanged.emit()

    @Slot()
    def _compute(self) -> None:
        project, document = self._session.project, self._session.document
        if project is None or document is None or self._runner.is_running or not self._stale:
            return
        ids = sorted(self._stale & document.tracks.keys(), key=lambda id_: id_ != self._session.selected)
        self._stale.clear()
        tracks = tuple((id_, document.tracks[id_].frames.copy()) for id_ in ids)
        reviewed = [
            Reviewed(id_, self._judged[id_], frames, self._scores[id_])
            for id_, frames in tracks
            if id_ in self._judged
        ]
        self._asked, teacher = dict(tracks), self._teacher
        request = RiskRequest(project.path, tracks, document.media.size, lessons_folder())

        def job() -> Job[None]:
            teacher.learn(request.project, reviewed, request.size)
            yield from track_risks(request)

        self._runner.start(job, name="risks")

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if isinstance(event, TrackRisk):
            self._risks[event.track_id] = self._with_agreement(event)
            self._scores[event.track_id] = event.scores
            self._hidden[event.track_id] = event.hidden
            self._judged[event.track_id] = self._asked[event.track_id]
            self.riskChanged.emit(event.track_id)
            if event.track_id == self._session.selected:
                self._forget_queue()

    def _with_agreement(self, event: TrackRisk) -> Risk:
        """Where two runs part, one of them is wrong, however sure each is."""
        document, known = self._session.document, self._agreements.get(event.track_id)
        track = None if document is None else document.tracks.get(event.track_id)
        if known is None or track is None:
            return event.risk
        curve = known.still_true(track.frames)
        parted = np.where(curve < ACCEPTED, 1 - curve, np.nan)
        return np.fmax(event.risk, parted)

    @Slot(int, object)
    def _on_audited(self, track_id: int, curve: Risk) -> None:
        document = self._session.document
        if document is not None and track_id in document.tracks:
            self._agreements[track_id] = Agreement(curve, document.tracks[track_id].frames.boxes.copy())
            self._mark({track_id})

    @Slot()
    def _on_done(self) -> None:
        if self._stale:
            self._timer.start()
        self.queueChanged.emit()

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self.failed.emit(error)
        self._on_done()


def stretch_of(mask: np.ndarray, frame: int) -> tuple[int, int]:
    """(start, stop) of the true values around a frame; empty where it is false."""
    if not mask[frame]:
        return frame, frame
    false = np.flatnonzero(~mask)
    before, after = false[false < frame], false[false > frame]
    return (int(before[-1]) + 1 if before.size else 0), (int(after[0]) if after.size else len(mask))
