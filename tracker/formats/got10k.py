"""GOT-10k: `list.txt`; for each sequence images, `groundtruth.txt`, three `.label` files, `meta_info.ini`.

Huang, Zhao and Huang, "GOT-10k: A Large High-Diversity Benchmark for Generic Object Tracking in the Wild",
TPAMI 2021; file syntax as its toolkit and PyTracking read it.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Mask, Presence
from tracker.formats.exporter import Sequence
from tracker.formats.rectangles import as_lines, rectangles

FULL_COVER = 8  # eighths of the target that can be seen
OCCLUDED_COVER = 4  # how much of an occluded target is hidden is not recorded: half stands for "some"
UNKNOWN = "unknown"


class Got10k:
    """The GOT-10k layout.

    What cannot be read off an annotation is written as agreed here: a frame with an occluded target has cover
    4 of 8, a frame without a box absence 1 and cover 0; motion and class hierarchy are "unknown".
    """

    title = "GOT-10k"
    is_zero_based = True

    def image_name(self, number: int, length: int) -> str:
        """Eight digits."""
        del length  # the digits are as many for any
        return f"{number:08d}"

    def write_labels(self, folder: Path, sequence: Sequence, *, zero_based: bool) -> None:
        """Write `groundtruth.txt`, the three `.label` files and `meta_info.ini`."""
        frames = sequence.frames
        cover = np.where(frames.presence == Presence.VISIBLE, FULL_COVER, OCCLUDED_COVER)
        cover[~frames.has_box] = 0
        texts = {
            "groundtruth.txt": as_lines(rectangles(frames, zero_based=zero_based), "%.4f"),
            "absence.label": _column(~frames.has_box),
            "cut_by_image.label": _column(_is_cut(sequence)),
            "cover.label": _column(cover),
            "meta_info.ini": _meta_info(sequence),
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")

    def write_index(self, folder: Path, sequences: list[Sequence]) -> None:
        """Write `list.txt`."""
        names = "".join(f"{sequence.name}\n" for sequence in sequences)
        (folder / "list.txt").write_text(names, encoding="utf-8", newline="\n")


def _column(values: NDArray[np.bool_] | NDArray[np.int64]) -> str:
    return "".join(f"{int(value)}\n" for value in values)


def _is_cut(sequence: Sequence) -> Mask:
    """Where the box reaches over an edge of the frame."""
    x, y, width, height = sequence.frames.boxes.T
    over = (x < 0) | (y < 0) | (x + width > sequence.media.width) | (y + height > sequence.media.height)
    return np.asarray(over)


def _meta_info(sequence: Sequence) -> str:
    """The ini file; loaders read it by line number, and split at ": "."""
    media = sequence.media
    values = {
        "url": Path(media.path).name,
        "begin": _clock(sequence.pts[0]),
        "end": _clock(sequence.pts[-1]),
        "anno_fps": UNKNOWN if media.fps is None else f"{media.fps:g}Hz",
        "object_class": sequence.label,
        "motion_class": UNKNOWN,
        "major_class": UNKNOWN,
        "root_class": UNKNOWN,
        "motion_adverb": UNKNOWN,
        "resolution": f"({media.width}, {media.height})",
    }
    lines = [f"{key}: {value.replace(': ', ' ').strip() or UNKNOWN}\n" for key, value in values.items()]
    return "[METAINFO]\n" + "".join(lines)


def _clock(seconds: float) -> str:
    """HH:MM:SS.mmm."""
    if math.isnan(seconds):
        return UNKNOWN
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
