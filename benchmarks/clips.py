"""Clips with true boxes: folders with `img/` or one video, and `groundtruth.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.evaluation.labelling import has_box
from tracker.geometry import Box
from tracker.media import load_source
from tracker.media.source import Counts, FrameSource

Boxes = NDArray[np.float64]


@dataclass(frozen=True)
class Clip:
    """A clip from the first frame that has a true box on.

    Attributes:
        name: Of its folder.
        media: Folder of images, or video.
        start: Frame index of the first true box.
        truth: (n, 4) boxes of the frames from there on; row 0 is a box.
    """

    name: str
    media: Path
    start: int
    truth: Boxes

    @property
    def first_box(self) -> Box:
        """The true box of the first frame."""
        return Box(*self.truth[0].tolist())

    def frames(self, source: FrameSource) -> Iterator[Counts]:
        """The counts that belong to the truth."""
        return (source.frame(self.start + index) for index in range(len(self.truth)))


def read_truth(path: Path) -> Boxes:
    """(n, 4) boxes of a ground-truth file; commas, tabs or spaces."""
    lines = path.read_text(encoding="ascii").splitlines()
    return np.array(
        [[float(v) for v in re.split(r"[,\s]+", line.strip())[:4]] for line in lines if line.strip()]
    )


def media_of(folder: Path) -> Path:
    """The clip in a sequence's folder."""
    images = folder / "img"
    if images.is_dir():
        return images
    return next(path for path in sorted(folder.iterdir()) if path.suffix in (".avi", ".mp4"))


def read_clip(folder: Path, max_frames: int | None = None) -> Clip:
    """The clip in a folder; `max_frames` counts from the first true box."""
    truth, media = read_truth(folder / "groundtruth.txt"), media_of(folder)
    source = load_source(media)
    truth = truth[: len(source)]
    source.close()
    start = int(has_box(truth).argmax())
    return Clip(folder.name, media, start, truth[start:][:max_frames])


def clip_folders(root: Path, names: list[str] | None) -> list[Path]:
    """The folders with true boxes, or those of them that are named."""
    folders = [folder for folder in sorted(root.iterdir()) if (folder / "groundtruth.txt").is_file()]
    return [folder for folder in folders if not names or folder.name in names]
