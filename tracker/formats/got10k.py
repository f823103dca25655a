"""GOT-10k: `list.txt`; for each sequence images, `groundtruth.txt`, three `.label` files, `meta_info.ini`.

Huang, Zhao and Huang, "GOT-10k: A Large High-Diversity Benchmark for Generic Object Tracking in the Wild",
TPAMI 2021; file syntax as its toolkit and PyTracking read it.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Mask, Presence
from tracker.errors import FormatError
from tracker.formats.format import AnnotatedClip, Carries, Stretch, WriteOptions
from tracker.formats.rectangles import as_lines, read_rectangles, rectangles
from tracker.formats.targets import Found, Statement, TargetFolders
from tracker.formats.text import at_line, flags, number_in, numbered_lines, require_count, shown, whole_number
from tracker.geometry import Box

FULL_COVER = 8  # eighths of the target that can be seen
OCCLUDED_COVER = 4  # how much of an occluded target is hidden is not recorded: half stands for "some"
UNKNOWN = "unknown"
META = "meta_info.ini"


class Got10k(TargetFolders):
    """The GOT-10k layout.

    What cannot be read off an annotation is written as agreed here: a frame with an occluded target has cover
    4 of 8, a frame without a box absence 1 and cover 0; motion and class hierarchy are "unknown". Read, a
    target of which half or less can be seen is occluded.
    """

    title = "GOT-10k"
    is_zero_based = True
    truths = ("groundtruth.txt",)
    image_folders = ("",)
    carries = Carries(decimals=4, occlusion=True, label=True)

    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """`groundtruth.txt`, the three `.label` files and `meta_info.ini`."""
        frames = stretch.track.frames
        cover = np.where(frames.presence == Presence.VISIBLE, FULL_COVER, OCCLUDED_COVER)
        cover[~frames.has_box] = 0
        return {
            "groundtruth.txt": as_lines(rectangles(frames, zero_based=options.zero_based), "%.4f"),
            "absence.label": _column(~frames.has_box),
            "cut_by_image.label": _column(_is_cut(stretch)),
            "cover.label": _column(cover),
            META: _meta_info(stretch),
        }

    def index(self, stretches: list[Stretch], options: WriteOptions) -> dict[str, str]:
        """`list.txt`."""
        del options
        return {"list.txt": "".join(f"{stretch.name}\n" for stretch in stretches)}

    def has_signs(self, path: Path, first: Found) -> bool:
        """One of its own files is there."""
        del path
        return any((first.folder / name).is_file() for name in ("absence.label", "cover.label", META))

    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Boxes, with absence and cover where these files are there."""
        boxes = read_rectangles(found.truth, zero_based=zero_based)
        said = [
            _statement(*values) for values in zip(boxes, *read_labels(found.folder, len(boxes)), strict=True)
        ]
        path = found.folder / META
        meta = _read_meta(path)
        return self.clip(
            found, said, label=_label_of(meta, path), size=_size_of(meta, path), fps=_fps_of(meta, path)
        )


def read_labels(folder: Path, length: int) -> tuple[list[int], list[int]]:
    """What is said of the frames of a sequence beside their boxes; files that are missing say nothing.

    Returns:
        For each frame whether the target is absent, 0 or 1, and how many eighths of it can be seen.

    Raises:
        FormatError: A file is damaged, or has another number of lines.
    """
    return (
        _column_of(folder / "absence.label", length, 0, 1),
        _column_of(folder / "cover.label", length, FULL_COVER, FULL_COVER),
    )


def read_frame_size(folder: Path) -> tuple[int, int] | None:
    """(width, height) of a sequence's frames, None where `meta_info.ini` does not say it.

    Raises:
        FormatError: The file is damaged.
    """
    path = folder / META
    return _size_of(_read_meta(path), path)


def _statement(box: Box | None, absent: int, cover: int) -> Statement:
    if box is None or absent:
        return Statement(None, Presence.ABSENT)
    return Statement(box, Presence.OCCLUDED if cover <= OCCLUDED_COVER else Presence.VISIBLE)


def _column(values: NDArray[np.bool_] | NDArray[np.int64]) -> str:
    return "".join(f"{int(value)}\n" for value in values)


def _column_of(path: Path, length: int, default: int, most: int) -> list[int]:
    if not path.is_file():
        return [default] * length
    found = flags(path)
    require_count(path, len(found), length, "flags")
    for line, value in found:
        if value > most:
            raise FormatError(f"{value} is not from 0 to {most}.", where=at_line(path, line))
    return [value for _, value in found]


def _is_cut(stretch: Stretch) -> Mask:
    """Where the box reaches over an edge of the frame."""
    x, y, width, height = stretch.track.frames.boxes.T
    over = (x < 0) | (y < 0) | (x + width > stretch.media.width) | (y + height > stretch.media.height)
    return np.asarray(over)


def _meta_info(stretch: Stretch) -> str:
    """The ini file; loaders read it by line number, and split at ": "."""
    media = stretch.media
    values = {
        "url": Path(media.path).name,
        "begin": _clock(stretch.pts[0]),
        "end": _clock(stretch.pts[-1]),
        "anno_fps": UNKNOWN if media.fps is None else f"{media.fps:g}Hz",
        "object_class": stretch.track.label,
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


def _read_meta(path: Path) -> dict[str, tuple[int, str]]:
    """(line, value) by key; empty where the file is missing."""
    if not path.is_file():
        return {}
    pairs = ((line, text.partition(":")) for line, text in numbered_lines(path))
    return {key.strip(): (line, value.strip()) for line, (key, colon, value) in pairs if colon}


def _label_of(meta: dict[str, tuple[int, str]], path: Path) -> str:
    line, text = meta.get("object_class", (1, ""))
    return "" if text == UNKNOWN else shown(text, at_line(path, line))


def _size_of(meta: dict[str, tuple[int, str]], path: Path) -> tuple[int, int] | None:
    line, text = meta.get("resolution", (1, UNKNOWN))
    numbers = re.fullmatch(r"\((\d+),\s*(\d+)\)", text)
    if numbers is None:
        return None
    where = at_line(path, line)
    return whole_number(numbers[1], where, 1, 1 << 16), whole_number(numbers[2], where, 1, 1 << 16)


def _fps_of(meta: dict[str, tuple[int, str]], path: Path) -> float | None:
    line, text = meta.get("anno_fps", (1, UNKNOWN))
    word = text.removesuffix("Hz").strip()
    if not word or word == UNKNOWN:
        return None
    value = number_in(word, at_line(path, line))
    return value if math.isfinite(value) and value > 0 else None
