"""The training dock, driven as a user would, with a job that learns nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.docks.training_dock import TrainingDock
from app.settings import Settings
from app.tuning import Tuner, TuningPlan
from tracker.errors import ThermarkError
from tracker.jobs import Job, Progress
from tracker.opencv import cv2
from tracker.training.events import Divided, StepDone, Validated
from tracker.training.proof import ClipProof, Proof, Scores

WORSE, BETTER = Scores(80, 0.6, 0.9, 0.8, 25.0), Scores(80, 0.7, 0.95, 0.9, 12.5)


class StubTuner:
    """Reports like a tuning; its proof is better or worse, as asked for.

    Attributes:
        plans: What it was asked to do.
        gate: Where set, it waits for it before it ends.
    """

    def __init__(self, *, is_better: bool = True, error: ThermarkError | None = None) -> None:
        self.plans: list[TuningPlan] = []
        self.gate = threading.Event()
        self.gate.set()
        self.cleaned_up = False
        self._clip = ClipProof("dog", WORSE, BETTER) if is_better else ClipProof("dog", BETTER, WORSE)
        self._error = error

    def __call__(self, plan: TuningPlan) -> Job[Proof]:
        self.plans.append(plan)
        try:
            yield Progress("Reading dog", 1, 2, 1.0, 1.0)
            if self._error is not None:
                raise self._error
            yield Divided(("cat",), ("dog",), 20)
            for step in range(2, 21, 2):
                yield StepDone(step, {"total": 1 / step})
                yield Progress("Training", step, 20, 2.0, 10.0)
                if step % 10 == 0:
                    yield Validated(step, {"overlap": 0.6 + step / 100}, 0.5, True)
            while not self.gate.wait(0.01):
                yield Progress("Tracking dog after", 1, 2, 1.0, 1.0)
        finally:
            self.cleaned_up = True
        return self._proof(plan)

    def _proof(self, plan: TuningPlan) -> Proof:
        plan.output.mkdir(parents=True)
        weights, picture = plan.output / "weights.safetensors", plan.output / "proof.png"
        weights.write_bytes(b"weights")
        cv2.imwrite(str(picture), np.full((300, 400), 90, np.uint8))
        clips = (self._clip, replace(self._clip, name="horse"))
        return Proof(
            "default", "abc", weights, "def", clips, ("cat",), ("cat.thermark",), 20, 12.0, 1, "thermark finetune",
            "CPU", picture,
        )  # fmt: skip


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERMARK_DATA_DIR", str(tmp_path / "data"))


class Desk:
    """A dock, and what it says."""

    def __init__(self, qtbot: QtBot, tuner: Tuner) -> None:
        self.qtbot, self.dock = qtbot, TrainingDock(Settings(device="cpu"), tuner)
        self.errors: list[ThermarkError] = []
        self.accepted: list[str] = []
        self.dock.failed.connect(self.errors.append)
        self.dock.modelAccepted.connect(self.accepted.append)
        qtbot.addWidget(self.dock)
        self.dock.resize(345, 900)
        self.dock.show()

    def run(self) -> None:
        """Start, and wait for the end."""
        self.dock.start_button.click()
        self.qtbot.waitUntil(lambda: not self.dock.is_running)


@pytest.fixture
def tuner() -> StubTuner:
    return StubTuner()


@pytest.fixture
def desk(qtbot: QtBot, tuner: StubTuner, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(qtbot, tuner)
    desk.dock.set_project(tmp_path / "dog.thermark")
    desk.dock.sources.add(tmp_path / "cat.thermark")
    yield desk
    tuner.gate.set()
    desk.dock.shut_down()


def test_that_nothing_can_be_started_without_clips(qtbot: QtBot, tuner: StubTuner) -> None:
    dock = Desk(qtbot, tuner).dock
    assert not dock.start_button.isEnabled()
    assert not dock.cancel_button.isEnabled()


def test_that_the_open_project_is_listed_and_goes_with_it(
    qtbot: QtBot, tuner: StubTuner, tmp_path: Path
) -> None:
    dock = Desk(qtbot, tuner).dock
    dock.set_project(tmp_path / "a.thermark")
    assert dock.sources.paths() == (tmp_path / "a.thermark",)
    dock.set_project(tmp_path / "b.thermark")
    assert dock.sources.paths() == (tmp_path / "b.thermark",)


def test_that_chosen_projects_stay_when_another_is_opened(desk: Desk, tmp_path: Path) -> None:
    desk.dock.set_project(None)
    desk.dock.set_project(tmp_path / "cat.thermark")
    assert [path.stem for path in desk.dock.sources.paths()] == ["dog", "cat"]


def test_that_a_selected_project_can_be_removed(desk: Desk) -> None:
    desk.dock.sources.setCurrentIndex(desk.dock.sources.model().index(1, 0))
    desk.dock.remove_button.click()
    assert [path.stem for path in desk.dock.sources.paths()] == ["dog"]


def test_that_it_does_what_is_chosen(desk: Desk, tuner: StubTuner, tmp_path: Path) -> None:
    desk.dock.sources.keep_back(tmp_path / "dog.thermark")
    desk.dock.minutes.setCurrentText("2 min")
    desk.run()
    (plan,) = tuner.plans
    assert [path.stem for path in plan.paths] == ["dog", "cat"]
    assert [path.stem for path in plan.kept_back] == ["dog"]
    assert (plan.base, plan.minutes, plan.device) == ("default", 2.0, "cpu")
    assert plan.output.parent == tmp_path / "data" / "finetuning"


def test_that_curves_and_proof_are_shown(desk: Desk) -> None:
    desk.run()
    dock = desk.dock
    assert dock.loss.points == [(step, 1 / step) for step in range(2, 21, 2)]
    assert dock.overlap.points == [(10, 0.7), (20, 0.8)]
    table = dock.proof_view.table
    model = table.model()
    assert [model.index(row, 0).data() for row in range(table.rowCount())] == ["dog", "horse", "Mean"]
    assert model.index(0, 1).data() == "0.600 → 0.700"
    assert dock.proof_view.picture.isVisible()
    assert dock.accept_button.isEnabled()


def test_that_the_window_knows_what_is_going_on(desk: Desk, tuner: StubTuner) -> None:
    tuner.gate.clear()
    desk.dock.start_button.click()
    desk.qtbot.waitUntil(lambda: desk.dock.stage.text() == "Tracking dog after")
    assert desk.dock.bar.isVisible()
    assert not desk.dock.start_button.isEnabled()
    assert "1 of 2" in desk.dock.detail.text()


def test_that_cancel_stops_it_and_keeps_nothing(desk: Desk, tuner: StubTuner) -> None:
    tuner.gate.clear()
    desk.dock.start_button.click()
    desk.qtbot.waitUntil(lambda: len(desk.dock.loss.points) > 3)
    desk.dock.cancel_button.click()
    desk.qtbot.waitUntil(lambda: not desk.dock.is_running)
    assert tuner.cleaned_up
    assert desk.dock.proof is None
    assert desk.dock.start_button.isEnabled()
    assert not desk.errors


def test_that_a_failure_is_announced(qtbot: QtBot, tmp_path: Path) -> None:
    error = ThermarkError("at least two clips are needed.")
    desk = Desk(qtbot, StubTuner(error=error))
    desk.dock.sources.add(tmp_path / "dog.thermark")
    desk.run()
    assert desk.errors == [error]
    assert desk.dock.start_button.isEnabled()


def test_that_an_accepted_model_is_announced(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    monkeypatch.setattr("app.docks.training_dock.accept", lambda proof, name: names.append(name))
    desk.run()
    desk.dock.name.setText("my dogs")
    desk.dock.accept_button.click()
    assert names == desk.accepted == ["my dogs"]
    assert desk.dock.proof is None


def test_that_a_bad_name_is_an_error_and_the_proof_stays(desk: Desk) -> None:
    desk.run()
    desk.dock.name.setText("default")
    desk.dock.accept_button.click()
    assert "comes with Thermark" in desk.errors[0].message
    assert desk.dock.proof is not None


def test_that_discarding_removes_the_weights(desk: Desk, tuner: StubTuner) -> None:
    desk.run()
    desk.dock.discard_button.click()
    assert not tuner.plans[0].output.exists()
    assert not desk.dock.proof_view.isVisible()


def test_that_worse_weights_cannot_be_accepted(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(qtbot, StubTuner(is_better=False))
    desk.dock.sources.add(tmp_path / "dog.thermark")
    desk.run()
    assert not desk.dock.accept_button.isEnabled()
    assert desk.dock.discard_button.isEnabled()
    assert desk.dock.proof_view.verdict.text().startswith("Refused")


def test_that_models_of_ones_own_can_be_begun_with(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "weights"
    folder.mkdir(parents=True)
    header = json.dumps({"__metadata__": {"format": "thermark-weights", "card": "{}"}}).encode()
    (folder / "dogs.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    desk.dock.hide()
    desk.dock.show()
    assert [desk.dock.base.itemText(row) for row in range(desk.dock.base.count())] == ["default", "dogs"]
