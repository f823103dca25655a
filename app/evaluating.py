"""Evaluation seen from the window: comparing on a thread, and the way from a point of a curve to its frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.evaluation_job import Wanted, compare_job, evidence_job, submissions, with_attribute
from app.jobs import JobRunner
from app.session import Session
from tracker.annotation.evidence import Evidence
from tracker.errors import ThermarkError
from tracker.evaluation.comparing import Comparison, ComparisonRequest
from tracker.evaluation.courses import Course, Moment, moments, read_course
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.geometry import Box
from tracker.jobs import Event, Job, Progress

Factory = Callable[[Wanted], ComparisonRequest]


class Evaluator(QObject):
    """One comparison at a time; it stays until the next one.

    Nothing of it is written into the project of a clip that is opened for a look.

    Signals:
        stateChanged: (bool) Long work began or is over.
        progressed: (Progress) It has got further.
        compared: () There is something else to show.
        visited: () A frame was gone to, or what was seen there has been found out.
        said: (str) Something worth a line.
        failed: (ThermarkError) Something asked for could not be done.
    """

    stateChanged = Signal(bool)
    progressed = Signal(object)
    compared = Signal()
    visited = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(
        self, session: Session, factory: Factory = Wanted.request, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._factory = session, factory
        self._request: ComparisonRequest | None = None
        self._whole: Comparison | None = None
        self._part: Comparison | None = None
        self._courses: dict[tuple[str, str], Course] = {}
        self._going: Moment | None = None
        self._at: Moment | None = None
        self._evidence: Evidence | None = None
        self._then: Callable[[Any], None] = lambda _: None
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.cancelled.connect(self._on_cancelled)
        self._runner.failed.connect(self._on_failed)
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)

    # What is known

    @property
    def is_running(self) -> bool:
        """Whether long work is going on."""
        return self._runner.is_running

    @property
    def comparison(self) -> Comparison | None:
        """What has come out, of the chosen attribute's sequences."""
        return self._part or self._whole

    @property
    def attributes(self) -> list[str]:
        """All attributes of the sequences."""
        return sorted(
            {name for each in self._whole.sequences for name in each.attributes} if self._whole else ()
        )

    @property
    def output(self) -> Path | None:
        """Where the models' results lie."""
        return None if self._request is None else self._request.output

    @property
    def moment(self) -> Moment | None:
        """What is looked at in the open clip; None where that is about something else."""
        return self._at

    def course(self, name: str, sequence: BenchmarkSequence) -> Course | None:
        """A tracker on a sequence; a failure is announced."""
        if self._request is None:
            return None
        key = (name, sequence.name)
        try:
            if key not in self._courses:
                entry = submissions(self._request)[name]
                self._courses[key] = read_course(entry, sequence, self._request.protocol)
        except ThermarkError as error:
            self.failed.emit(error)
            return None
        return self._courses[key]

    def moments(self, name: str, plot: str, threshold: float) -> list[Moment]:
        """The frames behind a point of a tracker's curve; a failure is announced."""
        if self.comparison is None:
            return []
        courses = [self.course(name, sequence) for sequence in self.comparison.sequences]
        try:
            return moments([course for course in courses if course is not None], plot, threshold)
        except ThermarkError as error:
            self.failed.emit(error)
            return []

    def boxes(self, frame: int) -> tuple[Box | None, Box | None]:
        """The true box and the tracker's at a frame of the open clip, if that is the one looked at."""
        if self._at is None:
            return None, None
        return self._at.course.true_box(frame), self._at.course.box(frame)

    def seen(self, frame: int) -> tuple[Evidence, Box | None] | None:
        """What the model saw at a frame of the open clip and its box, where that is the one looked at."""
        if self._at is None or self._evidence is None or frame != self._at.frame:
            return None
        return self._evidence, self._at.course.box(frame)

    # What the user does

    def start(self, wanted: Wanted) -> None:
        """Run what has to be run, and compare; where it was stopped before it goes on."""
        try:
            request = self._factory(wanted)
        except ThermarkError as error:
            self.failed.emit(error)
            return
        self._request = request

        def take(comparison: Comparison) -> None:
            self._whole, self._part = comparison, None
            self._courses.clear()
            self.compared.emit()
            for note in comparison.notes:
                self.said.emit(note)

        self._do(partial(compare_job, request), take)

    def choose_attribute(self, attribute: str) -> None:
        """Compare on the sequences with an attribute alone; on all where it is empty."""
        request, whole = self._request, self._whole
        if request is None or whole is None:
            return

        def take(comparison: Comparison) -> None:
            self._part = comparison
            self.compared.emit()

        if attribute:
            self._do(partial(with_attribute, request, whole, attribute), take)
        else:
            self._part = None
            self.compared.emit()

    def write_report(self, path: Path) -> None:
        """Write what is shown as .html or .pdf."""
        from tracker.evaluation.report import require_report, write_report  # loads matplotlib

        comparison = self.comparison
        if comparison is None:
            return
        try:
            require_report(path)
        except ThermarkError as error:
            self.failed.emit(error)
            return
        self._do(partial(write_report, comparison, path), lambda _: self.said.emit(f"Report: {path}"))

    def visit(self, moment: Moment) -> None:
        """Open the sequence's clip at a frame, with both boxes, and what the model saw there."""
        frames = moment.course.sequence.frames
        if frames is None:
            self.failed.emit(
                ThermarkError("there are only annotations, no frames.", where=moment.course.sequence.name)
            )
            return
        self._going = moment
        if self._is_there():
            self._arrive()
        else:
            self._session.open_path(frames.absolute())

    def cancel(self) -> None:
        """Stop what is going on; what has been tracked is kept."""
        self._runner.cancel()

    def shut_down(self) -> None:
        """Stop, and wait for the end."""
        self._runner.abandon()

    # What happens

    @Slot()
    def _on_opened(self) -> None:
        QTimer.singleShot(0, self._arrive)  # the session goes to the frame of last time after this

    @Slot()
    def _on_closed(self) -> None:
        if self._at is not None:
            self._at = self._evidence = None
            self.visited.emit()

    def _is_there(self) -> bool:
        """Whether the clip that the user wants to see is open."""
        source, going = self._session.source, self._going
        frames = None if going is None else going.course.sequence.frames
        return source is not None and frames is not None and source.path == frames.absolute()

    @Slot()
    def _arrive(self) -> None:
        if not self._is_there():
            return
        moment, self._going = self._going, None
        if moment is None:
            return
        self._at, self._evidence = moment, None
        self._session.go_to(moment.frame)
        self.visited.emit()
        if self._request is not None and not self.is_running:
            job = partial(evidence_job, self._request, moment.course, moment.frame)
            self._do(job, partial(self._take_evidence, moment))

    def _take_evidence(self, moment: Moment, evidence: Evidence | None) -> None:
        if evidence is not None and self._at is moment:
            self._evidence = evidence
            self.visited.emit()

    def _do(self, make_job: Callable[[], Job[Any]], then: Callable[[Any], None]) -> None:
        if self.is_running:
            self.said.emit("Wait for what is going on, or cancel it")
            return
        self._then = then
        self._runner.start(make_job, name="evaluation")
        self.stateChanged.emit(True)

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event)

    @Slot(object)
    def _on_succeeded(self, value: object) -> None:
        self.stateChanged.emit(False)
        self._then(value)

    @Slot()
    def _on_cancelled(self) -> None:
        self.stateChanged.emit(False)
        self.said.emit("Stopped; the next start goes on from here")

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self.stateChanged.emit(False)
        self.failed.emit(error)
