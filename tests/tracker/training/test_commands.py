"""`thermark train` and `thermark render`, from the command line to the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.tracker.training.test_sources import write_stills
from tracker.cli import cli, run_folder
from tracker.jobs import Job, Progress
from tracker.network.checkpoints import load_checkpoint
from tracker.network.default_network import load_default
from tracker.training.loop import BEST, LAST, TrainingSummary

CONFIG = """
validation_pairs = 2
validate_every = 1
workers = 0
[optimiser]
steps = 2
batch = 2
[[sources]]
kind = "stills"
path = "stills"
name = "squares"
licence = "our own"
"""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    write_stills(tmp_path / "stills")
    path = tmp_path / "small.toml"
    path.write_text(CONFIG)
    return path


def test_that_training_writes_weights_that_load(config: Path, tmp_path: Path) -> None:
    result = call("train", config, "--output", tmp_path / "run", "--device", "cpu", "--threads", "1")
    assert result.exit_code == 0, result.output
    text = result.output.replace("\n", "")
    assert "step 1: score" in text
    assert "step 2: score" in text
    for name in (BEST, LAST):
        assert str(tmp_path / "run" / name) in text
        load_default(tmp_path / "run" / name)
    card = load_checkpoint(tmp_path / "run" / LAST).card
    assert card["training data"] == "squares (our own)"
    assert card["configuration"] == "small.toml"
    assert card["steps"] == "2"


def test_that_ctrl_c_says_how_to_go_on(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> Job[TrainingSummary]:
        yield Progress("Training", 1, 10, 1.0, 9.0)
        raise KeyboardInterrupt

    monkeypatch.setattr("tracker.training.build.run_training", interrupted)
    result = call("train", config, "--device", "cpu")
    assert result.exit_code == 130
    text = result.output.replace("\n", "")
    assert "The same command begins anew" in text
    assert "stopped" in text
    assert str(run_folder(config)) in text


def test_that_runs_lie_in_the_data_folder_by_name(home: Path) -> None:
    assert run_folder(Path("/anywhere/small.toml")) == home / "data" / "runs" / "small"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (CONFIG.replace("steps = 2", "steps = -2"), "optimiser.steps"),
        (CONFIG.replace('"stills"\nname', '"elsewhere"\nname'), "no such source"),
    ],
)
def test_that_a_wrong_configuration_is_explained(config: Path, text: str, complaint: str) -> None:
    config.write_text(text)
    result = call("train", config, "--device", "cpu")
    assert result.exit_code == 2
    assert complaint in result.output


def test_render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[Path, int, int, int]] = []

    def pretend(output: Path, scenes: int, seed: int, workers: int) -> Job[int]:
        called.append((output, scenes, seed, workers))
        yield Progress("Rendering scenes", scenes, scenes, 1.0, 0.0)
        return scenes

    monkeypatch.setattr("tracker.training.rendering.corpus.render_corpus", pretend)
    result = call("render", tmp_path, "--scenes", 3, "--seed", 7, "--workers", 2)
    assert result.exit_code == 0, result.output
    assert called == [(tmp_path, 3, 7, 2)]
    assert "3 scenes" in result.output
    assert call("render", tmp_path, "--scenes", 0).exit_code == 2
