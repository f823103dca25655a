"""Clips with true boxes, written in the layouts that the official toolkits read.

Used by `vot_agreement.py` and `got10k_agreement.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.clips import media_of, read_truth
from tracker.media import load_source
from tracker.opencv import cv2
from tracker.tracking.normalisation import Normalisation

JPEG_QUALITY = 98


@dataclass(frozen=True)
class Sample:
    """The part of a clip that is used.

    Attributes:
        name: Of its folder.
        pictures: Gray frames (H, W).
        truth: (n, 4) true boxes, all of them boxes.
    """

    name: str
    pictures: list[NDArray[np.uint8]]
    truth: NDArray[np.float64]


def samples(root: Path, most: int, every: int) -> Iterator[Sample]:
    """Every so many-th of the first frames of each clip, up to the first without a true box.

    Args:
        root: Folder with a folder for each clip.
        most: Frames of each sample at most.
        every: 1 for all frames; more make the target move faster.
    """
    for path in sorted(root.glob("*/groundtruth.txt")):
        source = load_source(media_of(path.parent))
        truth = read_truth(path)[: len(source)][::every][:most]
        absent = np.flatnonzero(~np.isfinite(truth).all(axis=1))
        truth = truth[: absent[0]] if absent.size else truth
        normalisation = Normalisation.of(source)
        pictures = [
            normalisation.apply(source.frame(index * every)).round().astype(np.uint8)
            for index in range(len(truth))
        ]
        source.close()
        if len(truth) > 1:
            yield Sample(path.parent.name, pictures, truth)


def write_vot(sample: Sample, folder: Path) -> None:
    """As a VOT sequence: `sequence`, `groundtruth.txt`, `color/00000001.jpg`."""
    _write_images(sample, folder / "color")
    height, width = sample.pictures[0].shape
    (folder / "sequence").write_text(
        f"channels.color=color/%08d.jpg\nfps=30\nformat=default\nname={sample.name}\n"
        f"width={width}\nheight={height}\nlength={len(sample.truth)}\n",
        encoding="ascii",
    )
    _write_boxes(sample.truth, folder / "groundtruth.txt")


def write_got10k(sample: Sample, folder: Path) -> None:
    """As a GOT-10k sequence; one frame in 17 is said to be covered, so that covered frames occur."""
    _write_images(sample, folder)
    _write_boxes(sample.truth, folder / "groundtruth.txt")
    count = len(sample.truth)
    height, width = sample.pictures[0].shape
    covers = np.where(np.arange(count) % 17 == 16, 0, 8)
    for name, values in (("cover", covers), ("absence", covers == 0), ("cut_by_image", np.zeros(count))):
        lines = "".join(f"{int(value)}\n" for value in values)
        (folder / f"{name}.label").write_text(lines, encoding="ascii")
    (folder / "meta_info.ini").write_text(
        f"[METAINFO]\nurl: {sample.name}\nbegin: 0\nend: 0\nanno_fps: 10Hz\nobject_class: target\n"
        f"motion_class: unknown\nmajor_class: unknown\nroot_class: unknown\nmotion_adverb: unknown\n"
        f"resolution: ({width}, {height})\n",
        encoding="ascii",
    )


def _write_images(sample: Sample, folder: Path) -> None:
    folder.mkdir(parents=True)
    for number, picture in enumerate(sample.pictures, 1):
        cv2.imwrite(str(folder / f"{number:08d}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


def _write_boxes(boxes: NDArray[np.float64], path: Path) -> None:
    path.write_text("".join(",".join(f"{v:.4f}" for v in box) + "\n" for box in boxes), encoding="ascii")
