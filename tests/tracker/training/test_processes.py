"""Two processes on the CPU do what one does."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.tracker.training.fakes import output_of, tiny_config, tiny_training, training_process
from tests.tracker.training.test_loop import curve
from tracker.errors import ThermarkError
from tracker.jobs import finish
from tracker.training.loop import LAST
from tracker.training.processes import Processes

TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


@pytest.mark.skipif(
    not torch.distributed.is_available(), reason="this torch was built without torch.distributed"
)
def test_that_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    process = training_process(tmp_path / "two", pause=0.0, launcher=TORCHRUN)
    output = output_of(process)
    assert process.returncode == 0, output.decode()
    assert output.count(b"threads left: []") == 2, output.decode()
    finish(tiny_training(tmp_path / "one"))
    for name in ("train/total", "validation/box", "validation/score"):
        assert curve(tmp_path / "two", name) == pytest.approx(curve(tmp_path / "one", name), abs=1e-5)
    one, two = load_file(tmp_path / "one" / LAST), load_file(tmp_path / "two" / LAST)
    assert all(torch.allclose(value, two[name], atol=1e-4) for name, value in one.items())


def test_that_a_batch_that_cannot_be_divided_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ThermarkError, match="batch of 4 cannot be divided among 3"):
        finish(tiny_training(tmp_path, processes=Processes(0, 3)))
    with pytest.raises(ThermarkError, match="too few for 4"):
        finish(tiny_training(tmp_path, tiny_config(validation_pairs=3), processes=Processes(0, 4)))


def test_that_one_alone_has_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    alone = Processes.join()
    assert alone == Processes(0, 1)
    assert alone.mean({"a": 3.0}) == {"a": 3.0}
    with alone.in_turn():
        alone.leave()
