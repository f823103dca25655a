"""The training loop: it learns, and being stopped or killed leaves no trace in what it learns."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from tests.patience import PATIENCE_S
from tests.tracker.training.fakes import output_of, tiny_config, tiny_training, training_process
from tracker.errors import ThermarkError
from tracker.jobs import Event, Progress, finish
from tracker.training.checkpoint import STATE_FILE, saved_step
from tracker.training.config import OptimiserConfig
from tracker.training.loop import BEST, LAST, StepDone, Validated, digest_of, learning_rate


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing has interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    finish(tiny_training(folder))
    return folder


def curve(folder: Path, name: str) -> list[float]:
    with safe_open(folder / STATE_FILE, framework="pt") as file:
        points = json.loads(file.metadata()["state"])["curves"][name]
    return [value for _, value in points]


def assert_same_weights(first: Path, second: Path) -> None:
    for name in (LAST, BEST, STATE_FILE):
        ours, theirs = load_file(first / name), load_file(second / name)
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(value, theirs[key]) for key, value in ours.items()), name


def test_that_training_lowers_the_loss(whole: Path) -> None:
    losses = curve(whole, "train/total")
    assert losses[-1] < 0.3 * losses[0]


def test_what_a_run_reports_and_leaves(tmp_path: Path) -> None:
    job = tiny_training(tmp_path / "run")
    events: list[Event] = []
    summary = finish(job, events.append)
    assert [event.step for event in events if isinstance(event, StepDone)] == [10, 20, 30]
    checked = [event for event in events if isinstance(event, Validated)]
    assert [event.step for event in checked] == [15, 30]
    assert summary.score == max(event.score for event in checked)
    assert [event.done for event in events if isinstance(event, Progress)] == [10, 20, 30]
    assert summary.steps == 30
    assert summary.best.is_file()
    assert summary.last.is_file()
    assert list((tmp_path / "run" / "curves").iterdir())
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == sorted(
        [BEST, LAST, STATE_FILE, "curves"]
    )


@pytest.mark.parametrize("step", [10, 20])
def test_that_a_stopped_run_goes_on_as_if_it_had_not_stopped(whole: Path, tmp_path: Path, step: int) -> None:
    job = tiny_training(tmp_path)
    while not (isinstance(event := next(job), StepDone) and event.step >= step):
        pass
    job.close()
    assert saved_step(tmp_path) == {10: 7, 20: 14}[step]
    assert finish(tiny_training(tmp_path)).steps == 30
    assert_same_weights(tmp_path, whole)


def test_that_a_finished_run_has_nothing_left_to_do(whole: Path) -> None:
    before = (whole / LAST).read_bytes()
    assert finish(tiny_training(whole)).steps == 30
    assert (whole / LAST).read_bytes() == before


def test_that_workers_make_no_difference(whole: Path, tmp_path: Path) -> None:
    finish(tiny_training(tmp_path, tiny_config(workers=1)))
    assert_same_weights(tmp_path, whole)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_that_a_killed_run_goes_on_as_if_it_had_not_been_killed(whole: Path, tmp_path: Path) -> None:
    process = training_process(tmp_path, pause=0.05)
    end = time.monotonic() + PATIENCE_S
    while not (tmp_path / STATE_FILE).exists() and time.monotonic() < end and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    output = output_of(process)
    assert process.returncode == -signal.SIGKILL, output.decode()
    step = saved_step(tmp_path)
    assert step is not None
    assert 0 < step < 30
    finish(tiny_training(tmp_path))
    assert_same_weights(tmp_path, whole)


def test_that_another_configuration_is_refused(whole: Path) -> None:
    before = (whole / STATE_FILE).read_bytes()
    with pytest.raises(ThermarkError, match="another configuration") as error:
        finish(tiny_training(whole, tiny_config(seed=2)))
    assert error.value.where == str(whole)
    assert (whole / STATE_FILE).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no tensors at all", None])
def test_that_a_damaged_state_is_named(whole: Path, tmp_path: Path, content: bytes | None) -> None:
    whole_state = (whole / STATE_FILE).read_bytes()
    (tmp_path / STATE_FILE).write_bytes(whole_state[:-50] if content is None else content)
    with pytest.raises(ThermarkError, match="cannot be used") as error:
        finish(tiny_training(tmp_path))
    assert error.value.where == str(tmp_path / STATE_FILE)
    assert "another folder" in error.value.todo


def test_that_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ThermarkError, match="cannot be made"):
        finish(tiny_training(tmp_path / "file" / "run"))


def test_that_only_what_decides_the_result_is_in_the_digest() -> None:
    assert digest_of(tiny_config()) == digest_of(tiny_config(workers=2, checkpoint_every=3))
    assert digest_of(tiny_config()) != digest_of(tiny_config(seed=2))


def test_the_schedules() -> None:
    config = OptimiserConfig(steps=101, learning_rate=1e-2, last_learning_rate=1e-4, warm_up=10)
    rates = [learning_rate(step, config, "default") for step in range(101)]
    assert rates[0] == pytest.approx(1e-3, rel=1e-2)
    assert max(rates) < 1e-2
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(1e-4)
    assert learning_rate(50, config, "mlssnet") == pytest.approx(1e-3)
