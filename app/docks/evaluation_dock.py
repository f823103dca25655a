"""Trackers side by side on a benchmark, and the way from a point of a curve to the frame behind it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.dialogs import files
from app.evaluating import Evaluator
from app.progress import progress_text
from app.settings import Settings
from app.widgets.evaluation_plot import EvaluationPlot
from app.widgets.evaluation_setup import EvaluationSetup
from app.widgets.evaluation_tables import SequenceTable, TrackerTable
from app.widgets.time_plot import TimePlot
from tracker.evaluation.courses import Course, Moment
from tracker.evaluation.outcome import MEASURES, PLOTS, Outcome, Plot
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.jobs import Progress

LEAST_WIDTH = 320
MOMENTS_HEIGHT = 110
MARGIN = 10
ALL = "All sequences"
FIRST = "Choose the folder of a benchmark, tick trackers, and start: their curves and numbers come here."
CLICK = "Click a curve for the frames behind that point, or a sequence for its course."
MOMENT = Qt.ItemDataRole.UserRole


class EvaluationDock(QDockWidget):
    """Shows what an `Evaluator` finds, and hands it what the user wants."""

    def __init__(self, evaluator: Evaluator, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__("Evaluation", parent)
        self.setObjectName("evaluationDock")
        self._evaluator, self._settings = evaluator, settings
        self._course: Course | None = None
        self._make_work()
        self._make_results()
        self._lay_out()
        evaluator.stateChanged.connect(self._refresh)
        evaluator.progressed.connect(self._on_progressed)
        evaluator.compared.connect(self._on_compared)
        evaluator.said.connect(self._say)
        evaluator.visited.connect(self._on_visited)
        self._on_compared()

    def _make_work(self) -> None:
        self.setup = EvaluationSetup()
        self.setup.changed.connect(self._refresh)
        self.start_button, self.cancel_button = QPushButton("Start"), QPushButton("Cancel")
        self.start_button.clicked.connect(self.start)
        self.cancel_button.clicked.connect(self._evaluator.cancel)
        self.bar, self.detail = QProgressBar(), QLabel()
        self.bar.setTextVisible(False)
        self.detail.setWordWrap(True)
        self.detail.setTextFormat(Qt.TextFormat.PlainText)
        self.detail.setProperty("muted", True)

    def _make_results(self) -> None:
        self.trackers, self.sequences = TrackerTable(), SequenceTable()
        self.trackers.nameChosen.connect(self._on_tracker)
        self.sequences.nameChosen.connect(self._on_sequence)
        self.attribute, self.kind = QComboBox(), QComboBox()
        self.attribute.setAccessibleName("Sequences that count")
        self.attribute.activated.connect(self._on_attribute)
        self.kind.setAccessibleName("Curve")
        self.kind.currentIndexChanged.connect(self._draw)
        self.plot = EvaluationPlot()
        self.plot.pointChosen.connect(self._on_point)
        self.moments = QListWidget()
        self.moments.setFixedHeight(MOMENTS_HEIGHT)
        self.moments.setAccessibleName("Frames behind the chosen point")
        self.moments.itemActivated.connect(self._on_moment)
        self.moments.itemClicked.connect(self._on_moment)
        self.caption, self.course = QLabel(), TimePlot()
        self.caption.setProperty("muted", True)
        self.course.frameRequested.connect(self._on_frame)
        self.course.partRequested.connect(self.course.show_part)
        self.course.setAccessibleName("Overlap along the sequence")
        self.report_button, self.folder_button = QPushButton("Report…"), QPushButton("Open results")
        self.report_button.clicked.connect(self._on_report)
        self.folder_button.clicked.connect(self._on_folder)

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(MARGIN, 8, MARGIN, MARGIN)
        column.setSpacing(8)
        column.addWidget(self.setup)
        column.addLayout(_row(self.start_button, self.cancel_button))
        column.addWidget(self.bar)
        column.addWidget(self.detail)
        self._results = QWidget()
        inner = QVBoxLayout(self._results)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.trackers)
        inner.addLayout(_row(self.kind, self.attribute))
        for widget in (self.plot, self.moments, self.sequences, self.caption, self.course):
            inner.addWidget(widget)
        inner.addLayout(_row(self.report_button, self.folder_button))
        column.addWidget(self._results)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(LEAST_WIDTH)
        scroll.setWidget(body)
        self.setWidget(scroll)

    def showEvent(self, event: QShowEvent) -> None:
        """List the models as they are now."""
        super().showEvent(event)
        self.setup.list_models()

    # What is shown

    @property
    def _measure(self) -> tuple[str, str]:
        """Key and title of what sequences are listed by."""
        comparison = self._evaluator.comparison
        if comparison is None or not comparison.outcomes:
            return "", ""
        known = comparison.outcomes[0].by_sequence
        measure = next(each for each in MEASURES[comparison.protocol.kind] if each.key in known)
        return measure.key, measure.title

    def _outcome(self, name: str) -> Outcome | None:
        comparison = self._evaluator.comparison
        return next((o for o in comparison.outcomes if o.name == name), None) if comparison else None

    @property
    def _plots(self) -> tuple[Plot, ...]:
        comparison = self._evaluator.comparison
        return () if comparison is None else PLOTS[comparison.protocol.kind]

    @Slot()
    def _refresh(self) -> None:
        running = self._evaluator.is_running
        self.setup.setEnabled(not running)
        self.start_button.setEnabled(not running and self.setup.wanted(self._settings.device) is not None)
        self.cancel_button.setEnabled(running)
        self.bar.setVisible(running)
        self.bar.setRange(0, 0)
        has_results = self._evaluator.comparison is not None
        self._results.setVisible(has_results)
        for widget in (self.report_button, self.attribute):
            widget.setEnabled(has_results and not running)
        if not running:
            self._say(CLICK if has_results else FIRST)

    @Slot(object)
    def _on_progressed(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total or 0)
        self.bar.setValue(progress.done)
        self._say(f"{progress.stage}  {progress_text(progress)}")

    @Slot(str)
    def _say(self, text: str) -> None:
        self.detail.setText(text)

    @Slot()
    def _on_compared(self) -> None:
        comparison, chosen = self._evaluator.comparison, self.attribute.currentText()
        self.attribute.clear()
        self.attribute.addItems([ALL, *self._evaluator.attributes])
        self.attribute.setCurrentIndex(max(self.attribute.findText(chosen), 0))
        self.attribute.setVisible(self.attribute.count() > 1)
        self.kind.blockSignals(True)
        self.kind.clear()
        for plot in self._plots:
            self.kind.addItem(plot.title)
        self.kind.blockSignals(False)
        self.moments.clear()
        self._show_course(None)
        self._draw()
        self.trackers.show_comparison(comparison)
        self._refresh()

    @Slot()
    def _draw(self) -> None:
        plot = self._plots[self.kind.currentIndex()] if self._plots else None
        self.plot.show_comparison(self._evaluator.comparison, plot)

    @Slot(str)
    def _on_tracker(self, name: str) -> None:
        comparison, outcome = self._evaluator.comparison, self._outcome(name)
        if comparison is None or outcome is None:
            return
        other = next((each for each in comparison.outcomes if each is not outcome), None)
        self.sequences.show_outcome(outcome, other, *self._measure)
        self.plot.choose(name)
        self._show_course(None)

    @Slot(str)
    def _on_sequence(self, name: str) -> None:
        sequence = self._sequence(name)
        if sequence is not None and self.trackers.name:
            self._show_course(self._evaluator.course(self.trackers.name, sequence))

    def _sequence(self, name: str) -> BenchmarkSequence | None:
        comparison = self._evaluator.comparison
        return next((s for s in comparison.sequences if s.name == name), None) if comparison else None

    def _show_course(self, course: Course | None) -> None:
        self._course = course
        for widget in (self.caption, self.course):
            widget.setVisible(course is not None)
        if course is not None:
            values = course.values["success"]
            self.caption.setText(
                f"Overlap of {course.tracker} on {course.sequence.name}: click for the frame"
            )
            self.course.show_curve(values, (0, 1))
            self.course.show_part(0, len(values))

    @Slot(str, float)
    def _on_point(self, name: str, x: float) -> None:
        plot = self._plots[self.kind.currentIndex()]
        self.trackers.choose(name)
        self.moments.clear()
        for moment in self._evaluator.moments(name, plot.key, x):
            text = f"{moment.course.sequence.name}, frame {moment.frame}: {moment.value:.2f}"
            item = QListWidgetItem(text)
            item.setData(MOMENT, moment)
            item.setToolTip(f"{plot.x_label} {moment.value:.3f}; opens the frame")
            self.moments.addItem(item)

    # What the user does

    @Slot()
    def start(self) -> None:
        """Compare what the fields say."""
        wanted = self.setup.wanted(self._settings.device)
        if wanted is not None:
            self._evaluator.start(wanted)

    @Slot()
    def _on_attribute(self) -> None:
        text = self.attribute.currentText()
        self._evaluator.choose_attribute("" if text == ALL else text)

    @Slot(QListWidgetItem)
    def _on_moment(self, item: QListWidgetItem) -> None:
        moment: Moment = item.data(MOMENT)
        self._show_course(moment.course)
        self._evaluator.visit(moment)

    @Slot(int)
    def _on_frame(self, frame: int) -> None:
        course = self._course
        if course is not None:
            self._evaluator.visit(Moment(course, frame, float(course.values["success"][frame])))

    @Slot()
    def _on_visited(self) -> None:
        moment = self._evaluator.moment
        if moment is not None and moment.course is self._course:
            self.course.set_frame(moment.frame)

    @Slot()
    def _on_report(self) -> None:
        folder = self._evaluator.output or Path()
        path = files.ask_report(self, folder / "report.html")
        if path is not None:
            self._evaluator.write_report(path)

    @Slot()
    def _on_folder(self) -> None:
        if self._evaluator.output is not None:
            self._evaluator.output.mkdir(parents=True, exist_ok=True)
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._evaluator.output)))


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
