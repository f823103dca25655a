"""Tuning a model on one's own corrections: choose clips, watch it learn, look at the proof, keep it or not."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.dialogs import files
from app.jobs import JobRunner
from app.progress import progress_text
from app.settings import Settings
from app.tuning import Tuner, TuningPlan, tune
from app.widgets.curve_plot import CurvePlot
from app.widgets.proof_view import ProofView
from app.widgets.source_list import SourceList
from tracker.errors import ThermarkError
from tracker.folders import data_folder
from tracker.jobs import Event, Job, Progress
from tracker.tracking.user_models import named_models
from tracker.training.events import Divided, StepDone, Validated
from tracker.training.models import accept
from tracker.training.proof import Proof

MINUTES = (1, 2, 5, 10, 20, 60)
AT_FIRST = 5  # minutes
LEAST_WIDTH = 290
MARGIN = 10


class TrainingDock(QDockWidget):
    """One tuning at a time; the window can be used meanwhile.

    Signals:
        failed: (ThermarkError) Something asked for could not be done.
        modelAccepted: (str) There is a new model of this name.
    """

    failed = Signal(object)
    modelAccepted = Signal(str)

    def __init__(self, settings: Settings, tuner: Tuner = tune, parent: QWidget | None = None) -> None:
        super().__init__("Training", parent)
        self.setObjectName("trainingDock")
        self._settings, self._tuner = settings, tuner
        self._project: Path | None = None
        self._proof: Proof | None = None
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.cancelled.connect(self._on_cancelled)
        self._runner.failed.connect(self._on_failed)
        self._make_choice()
        self._make_progress()
        self._make_result()
        self._lay_out()
        self._refresh()

    def _make_choice(self) -> None:
        self.sources = SourceList()
        self.sources.changed.connect(self._refresh)
        self.add_button, self.add_folder_button = QPushButton("Add project…"), QPushButton("Add folder…")
        self.remove_button = QPushButton("Remove")
        self.add_button.clicked.connect(self._on_add)
        self.add_folder_button.clicked.connect(self._on_add_folder)
        self.remove_button.clicked.connect(self.sources.remove_selected)
        self.base, self.minutes = QComboBox(), QComboBox()
        self.base.setToolTip("The model to begin with")
        for minutes in MINUTES:
            self.minutes.addItem(f"{minutes} min", minutes)
        self.minutes.setCurrentIndex(MINUTES.index(AT_FIRST))
        self.minutes.setToolTip("About so long it learns; the proof comes on top")
        self.start_button, self.cancel_button = QPushButton("Start"), QPushButton("Cancel")
        self.start_button.setDefault(True)
        self.start_button.clicked.connect(self.start)
        self.cancel_button.clicked.connect(self.cancel)

    def _make_progress(self) -> None:
        self.stage, self.detail, self.bar = QLabel(), QLabel(), QProgressBar()
        self.stage.setWordWrap(True)
        self.detail.setProperty("muted", True)
        self.detail.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.loss = CurvePlot("Training loss", "accent", "What it gets wrong on the clips it learns from.")
        self.overlap = CurvePlot(
            "Overlap on clips kept back",
            "live",
            "How well single boxes fit, on clips it does not learn from.",
        )

    def _make_result(self) -> None:
        self.proof_view, self.name = ProofView(), QLineEdit()
        self.name.setPlaceholderText("Name of the new model")
        self.accept_button, self.discard_button = QPushButton("Accept as"), QPushButton("Discard")
        self.accept_button.clicked.connect(self.accept_proof)
        self.discard_button.clicked.connect(self.discard)
        self.name.textChanged.connect(self._refresh)
        self.name.returnPressed.connect(self.accept_button.click)

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(MARGIN, 8, MARGIN, MARGIN)
        column.setSpacing(8)
        column.addWidget(self.sources)
        column.addLayout(_row(self.add_button, self.add_folder_button, self.remove_button))
        form = QFormLayout()
        form.addRow("Begin with", self.base)
        form.addRow("Learn for", self.minutes)
        column.addLayout(form)
        column.addLayout(_row(self.start_button, self.cancel_button))
        self._keeping = QWidget()
        keeping = QVBoxLayout(self._keeping)
        keeping.setContentsMargins(0, 0, 0, 0)
        keeping.addWidget(self.name)
        keeping.addLayout(_row(self.accept_button, self.discard_button))
        for widget in (
            self.stage, self.bar, self.detail, self.loss, self.overlap, self.proof_view, self._keeping,
        ):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(LEAST_WIDTH)
        scroll.setWidget(body)
        self.setWidget(scroll)

    # What to tune

    def set_project(self, path: Path | None) -> None:
        """The project that is open now comes first in the list; None for none."""
        if self._project is not None and self.sources.paths() == (self._project,):
            self.sources.clear()  # it was there only because it was open
        self._project = None if path is None else path.absolute()
        if path is not None:
            self.sources.add(path)
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """List the models as they are now."""
        super().showEvent(event)
        self._list_models()

    def _list_models(self) -> None:
        chosen = self.base.currentText() or "default"
        self.base.clear()
        self.base.addItem("default")
        self.base.addItems([model.name for model in named_models()])
        self.base.setCurrentIndex(max(self.base.findText(chosen), 0))

    @Slot()
    def _on_add(self) -> None:
        path = files.ask_project(self, self._folder())
        if path is not None:
            self.sources.add(path)

    @Slot()
    def _on_add_folder(self) -> None:
        path = files.ask_folder(self, "Add a folder with groundtruth.txt", self._folder())
        if path is not None:
            self.sources.add(path)

    def _folder(self) -> Path | None:
        paths = self.sources.paths()
        return paths[-1].parent if paths else None

    # The run

    @property
    def is_running(self) -> bool:
        """Whether it is learning, or proving."""
        return self._runner.is_running

    @property
    def proof(self) -> Proof | None:
        """What waits to be accepted or discarded."""
        return self._proof

    def plan(self) -> TuningPlan:
        """What is chosen."""
        folder = data_folder() / "finetuning" / datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
        return TuningPlan(
            self.sources.paths(),
            self.sources.kept_back(),
            self.base.currentText() or "default",
            float(self.minutes.currentData()),
            self._settings.device,
            folder,
        )

    @Slot()
    def start(self) -> None:
        """Begin; a proof that waits is discarded."""
        self.discard()
        plan = self.plan()
        self.loss.clear()
        self.overlap.clear()
        self.stage.setText("Loading…")
        self.detail.clear()
        self.bar.setRange(0, 0)
        self._runner.start(lambda: self._job(plan), name="finetune")
        self._refresh()

    def _job(self, plan: TuningPlan) -> Job[Proof]:
        return self._tuner(plan)

    @Slot()
    def cancel(self) -> None:
        """Stop after the step it is at; nothing is kept."""
        self.stage.setText("Stopping…")
        self._runner.cancel()

    def shut_down(self) -> None:
        """Stop for good, and wait until it has cleaned up."""
        self._runner.abandon()

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.stage.setText(event.stage)
            self.detail.setText(progress_text(event))
            self.bar.setRange(0, event.total or 0)
            self.bar.setValue(event.done)
        elif isinstance(event, StepDone):
            self.loss.add(event.step, event.losses.get("total", 0.0))
        elif isinstance(event, Validated):
            self.overlap.add(event.step, event.losses.get("overlap", event.score))
        elif isinstance(event, Divided):
            self.loss.setToolTip(f"Learns from {', '.join(event.trained_on)}.")
            self.overlap.setToolTip(f"Kept back: {', '.join(event.held_back)}.")
        self._refresh_parts()

    @Slot(object)
    def _on_succeeded(self, proof: Proof) -> None:
        self._proof = proof
        self.stage.setText(f"Learned for {proof.steps} steps in {proof.seconds:.0f} s")
        self.detail.clear()
        self.proof_view.show_proof(proof)
        self.name.setText(datetime.now().strftime("tuned-%Y-%m-%d-%H%M"))
        self._refresh()

    @Slot()
    def _on_cancelled(self) -> None:
        self.stage.setText("Stopped; nothing was kept.")
        self.detail.clear()
        self._refresh()

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self.stage.clear()
        self.detail.clear()
        self._refresh()
        self.failed.emit(error)

    # What has come of it

    @Slot()
    def accept_proof(self) -> None:
        """Keep the new weights as a model of the given name."""
        if self._proof is None:
            return
        name = self.name.text().strip()
        try:
            accept(self._proof, name)
        except ThermarkError as error:
            self.failed.emit(error)
            return
        self.stage.setText(f"Kept as {name}. Choose it under Track › Model.")
        self._proof = None
        self._list_models()
        self._refresh()
        self.modelAccepted.emit(name)

    @Slot()
    def discard(self) -> None:
        """Throw the new weights away."""
        if self._proof is not None:
            shutil.rmtree(self._proof.weights.parent, ignore_errors=True)
            self._proof = None
            self.stage.setText("Discarded.")
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        running, paths = self.is_running, self.sources.paths()
        for widget in (self.sources, self.add_button, self.add_folder_button, self.base, self.minutes):
            widget.setEnabled(not running)
        self.remove_button.setEnabled(not running and bool(paths))
        self.start_button.setEnabled(not running and bool(paths))
        self.cancel_button.setEnabled(running)
        is_better = self._proof is not None and self._proof.is_accepted
        self.name.setEnabled(is_better)
        self.accept_button.setEnabled(is_better and bool(self.name.text().strip()))
        self._refresh_parts()

    def _refresh_parts(self) -> None:
        """Show only what has something to say."""
        self.bar.setVisible(self.is_running)
        self.stage.setVisible(bool(self.stage.text()))
        self.detail.setVisible(bool(self.detail.text()))
        self.loss.setVisible(bool(self.loss.points))
        self.overlap.setVisible(bool(self.overlap.points))
        self.proof_view.setVisible(self._proof is not None)
        self._keeping.setVisible(self._proof is not None)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
