"""Files that come with Thermark, found wherever it is installed."""

from __future__ import annotations

import io
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SAMPLE = resources.files("resources") / "sample"


def weights(name: str) -> Path:
    """Where the weights file of a named model lies, if it comes with Thermark; its model card stands beside it."""
    return Path(str(resources.files("resources") / "weights" / f"{name}.safetensors"))


def protocols() -> dict[str, Path]:
    """The protocols of benchmarks as data files (.toml) by name, in the order of their names."""
    folder = Path(str(resources.files("resources") / "protocols"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def sample_clip() -> Path:
    """The sample clip: a street on a winter evening, rendered by Thermark (300 frames, 384x288, 8 bit)."""
    return Path(str(_SAMPLE / "street.mp4"))


def sample_boxes() -> NDArray[np.float64]:
    """True boxes of the sample clip's target.

    Returns:
        (300, 4) x, y, width, height around what can be seen of the walker with the rucksack, as in
        `tracker.geometry`; NaN where hardly anything can be seen.
    """
    text = (_SAMPLE / "street.boxes.txt").read_text(encoding="ascii")
    return np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2)


def sample_first_box() -> tuple[float, float, float, float]:
    """The true box in the first frame: x, y, width, height."""
    x, y, width, height = (float(value) for value in sample_boxes()[0])
    return x, y, width, height
