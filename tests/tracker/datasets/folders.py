"""Data sets in a folder, to be looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tracker.opencv import cv2

DEV = Path(__file__).parents[3].parent / "shared" / "data" / "dev"
SIZE = (64, 48)


def write_sequence(folder: Path, lines: list[str], images: int | None = None, seed: int = 0) -> Path:
    """Plain boxes, and as many images of noise as there are lines, or as said."""
    (folder / "img").mkdir(parents=True)
    (folder / "groundtruth.txt").write_text("\n".join(lines) + "\n")
    generator = np.random.default_rng(seed)
    for number in range(len(lines) if images is None else images):
        counts = generator.integers(0, 256, SIZE[::-1], dtype=np.uint8)
        cv2.imwrite(str(folder / "img" / f"{number + 1:04d}.png"), counts)
    return folder


def moving(count: int, x: float = 5) -> list[str]:
    """Boxes of 10 x 10 pixels that move a pixel a frame."""
    return [f"{x + i},20,10,10" for i in range(count)]
