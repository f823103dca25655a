"""Small clips with bright targets, a recipe that learns in no time, and training in another process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tests.patience import PATIENCE_S
from tracker.jobs import Job, finish
from tracker.training.augmentation import AugmentationConfig
from tracker.training.clips import Boxes, Clip
from tracker.training.config import OptimiserConfig, SamplingConfig, SourceConfig, TrainingConfig
from tracker.training.loop import TrainingSummary, train
from tracker.training.processes import Processes
from tracker.training.recipe import Batch, Losses
from tracker.training.sampling import CropConfig, Pair, PairSampler

ROOT = Path(__file__).parents[3]
SIZE = (96, 72)  # width, height
CROPS = CropConfig(template=32, template_factor=2.0, search=32, search_factor=4.0)
AS_IT_IS = AugmentationConfig(
    invert=0,
    curve=0,
    gain=(1.0, 1.0),
    offset=(0.0, 0.0),
    jump=0,
    squeeze=0,
    blur=0,
    motion=0,
    coarse=0,
    noise=0,
    pattern=0,
    dead=0,
    steps=0,
    jpeg=0,
)
"""Crops as they were cut out."""


def bright_clip(
    name: str = "clip",
    group: str | None = None,
    count: int = 6,
    background: int = 40,
    targets: int = 1,
    source: str = "fake",
    seed: int = 0,
) -> Clip:
    """Rectangles of 220 counts that move over a flat background."""
    rng = np.random.default_rng(seed)
    frames = np.full((count, SIZE[1], SIZE[0]), background, np.uint8)
    boxes = []
    for row in range(targets):
        width, height = (int(side) for side in rng.integers(8, 15, 2))
        x, y = int(rng.integers(10, 40)), 8 + 30 * row
        for i in range(count):
            frames[i, y : y + height, x + 3 * i : x + 3 * i + width] = 220
        boxes.append(np.asarray([(x + 3 * i, y, width, height) for i in range(count)], np.float32))
    return Clip(name, source, group or name, frames, np.arange(count), tuple[Boxes, ...](boxes))


def sampler(clips: Sequence[Clip], seed: int = 1, crops: CropConfig = CROPS, **changes: Any) -> PairSampler:
    """A sampler that draws positives as they are, unless changed."""
    plain = {"negatives": 0.0, "distractors": 0.0, "occlusions": 0.0}
    sampling = SamplingConfig.model_validate({**plain, **changes})
    return PairSampler(clips, {}, sampling, crops, AS_IT_IS, seed)


class TinyNetwork(nn.Module):
    """Says where the bright thing in a search crop is."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(1))
        self.conv = nn.Conv2d(1, 4, 5, stride=4, padding=2)
        self.last = nn.Linear(4 * 8 * 8, 4)

    def forward(self, crops: Tensor) -> Tensor:
        """(B, 4) boxes relative to the crop's side."""
        boxes: Tensor = self.last(torch.relu(self.conv(crops - self.mean)).flatten(1))
        return boxes


class TinyRecipe:
    """A `Recipe` for it."""

    architecture = "default"
    crops = CROPS
    sampler_class = PairSampler

    def __init__(self, pause: float = 0.0) -> None:
        torch.manual_seed(3)
        self.network = TinyNetwork()
        self._pause = pause

    def network_config(self) -> dict[str, Any]:
        return {}

    def parameter_groups(self) -> list[dict[str, Any]]:
        return [{"params": [p], "rate": 1.0, "decays": p.ndim > 1} for p in self.network.parameters()]

    def collate(self, pairs: Sequence[Pair]) -> Batch:
        return {
            "search": torch.from_numpy(np.stack([pair.search for pair in pairs]))[:, None] / 255,
            "box": torch.from_numpy(np.stack([pair.search_box for pair in pairs])) / CROPS.search,
        }

    def prepare(self, batch: Batch) -> None:
        self.network.mean.copy_(batch["search"].mean())

    def losses(self, batch: Batch) -> Losses:
        time.sleep(self._pause)
        return {"box": (self.network(batch["search"]) - batch["box"]).square().sum(1).mean()}

    def total(self, losses: Losses) -> Tensor:
        return losses["box"]

    def score(self, losses: dict[str, float]) -> float:
        return -losses["box"]


def tiny_config(steps: int = 30, **changes: Any) -> TrainingConfig:
    """Of a run that takes a moment."""
    values: dict[str, Any] = {
        "sources": (SourceConfig(kind="stills", path=Path("/nowhere")),),
        "optimiser": OptimiserConfig(steps=steps, batch=4, learning_rate=1e-2, warm_up=3, average=0.9),
        "validation_pairs": 6,
        "validate_every": 15,
        "checkpoint_every": 7,
        "workers": 0,
    }
    return TrainingConfig.model_validate({**values, **changes})


def tiny_training(
    folder: Path, config: TrainingConfig | None = None, pause: float = 0.0, processes: Processes | None = None
) -> Job[TrainingSummary]:
    """Train `TinyRecipe` on two clips."""
    clips = [bright_clip("one", seed=1), bright_clip("two", seed=2)]
    samplers = sampler(clips), sampler(clips, seed=2)
    return train(TinyRecipe(pause), samplers, config or tiny_config(), folder, {}, processes)


def training_process(folder: Path, pause: float, *, launcher: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """The same in another process, or in several with torchrun's module and options as `launcher`."""
    command = [sys.executable, *launcher, "-m", "tests.tracker.training.fakes", str(folder), str(pause)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def output_of(process: subprocess.Popen[bytes]) -> bytes:
    """What it said until its end; it ends with this call, one way or another."""
    with process:
        try:
            return process.communicate(timeout=PATIENCE_S)[0]
        finally:
            process.kill()


def threads_of_the_group() -> list[str]:
    """Names of this process's threads that exchange with others; Linux alone tells them."""
    names = [task.joinpath("comm").read_text().strip() for task in Path("/proc/self/task").glob("*")]
    return [name for name in names if "gloo" in name]


if __name__ == "__main__":
    torch.set_num_threads(1)
    together = Processes.join()
    finish(tiny_training(Path(sys.argv[1]), pause=float(sys.argv[2]), processes=together))
    together.leave()
    sys.stdout.write(f"threads left: {threads_of_the_group()}\n")
