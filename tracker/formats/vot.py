"""VOT: `list.txt`; for each sequence `sequence` (ini), `groundtruth.txt` with regions, `ir/`, tags.

Kristan et al., "A Novel Performance Evaluation Methodology for Single-Target Trackers", TPAMI 2016; file syntax
as the VOT toolkit 0.9 reads it (`vot/region/io.py`, `vot/dataset/common.py`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tracker.annotation.track import Frames, Presence
from tracker.errors import FormatError
from tracker.formats.format import AnnotatedClip, Carries, Stretch, WriteOptions
from tracker.formats.rectangles import read_regions, rectangles
from tracker.formats.targets import Found, Statement, TargetFolders
from tracker.formats.text import at_line, flags, number_in, numbered_lines
from tracker.geometry import Box

NOT_THERE = "nan,nan,nan,nan"
TAGS = {Presence.OCCLUDED: "occlusion", Presence.OUT_OF_VIEW: "out_of_view"}
"""`occlusion` is VOT's own; tags are free, so a target out of view gets one as well."""


class Vot(TargetFolders):
    """The VOT layout, images in a channel `ir`.

    Pixels are counted from 0; whether the thermal challenges did is not documented, so it is an option. A frame
    without the target is a rectangle of NaN, which the toolkit reads as unknown.
    """

    title = "VOT"
    is_zero_based = True
    truths = ("groundtruth.txt",)
    image_folders = ("ir", "color", "i", "imgs", "img", "")
    carries = Carries(absences=frozenset({Presence.OCCLUDED, Presence.OUT_OF_VIEW}), occlusion=True)

    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """`sequence`, `groundtruth.txt` and a file for each tag."""
        frames = stretch.track.frames
        tags = {
            f"{tag}.tag": "".join(f"{int(value)}\n" for value in frames.presence == presence)
            for presence, tag in TAGS.items()
        }
        return {
            "sequence": _properties(stretch, options.image_suffix),
            "groundtruth.txt": "".join(f"{line}\n" for line in _regions(frames, options)),
            **tags,
        }

    def index(self, stretches: list[Stretch], options: WriteOptions) -> dict[str, str]:
        """`list.txt`."""
        del options
        return {"list.txt": "".join(f"{stretch.name}\n" for stretch in stretches)}

    def has_signs(self, path: Path, first: Found) -> bool:
        """A `sequence` file or tags, a list beside the sequences, or a channel's folder."""
        if any((first.folder / name).is_dir() for name in ("ir", "color")):
            return True
        has_tags = any(first.folder.glob("*.tag")) or any(first.folder.glob("*.label"))
        return (first.folder / "sequence").is_file() or has_tags or (path / "list.txt").is_file()

    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Regions as boxes, with the tags that say why the target is not seen."""
        boxes, polygons = read_regions(found.truth, zero_based=zero_based)
        tags = {presence: _tag(found.folder, tag, len(boxes)) for presence, tag in TAGS.items()}
        said = [
            Statement(box, _presence(box, tags[Presence.OCCLUDED][i], tags[Presence.OUT_OF_VIEW][i]))
            for i, box in enumerate(boxes)
        ]
        notes = (
            (f"{found.name}: {polygons} polygons were read as the boxes around them.",) if polygons else ()
        )
        size, fps = _read_properties(found.folder / "sequence")
        return self.clip(found, said, notes=notes, size=size, fps=fps)


def _presence(box: Box | None, occluded: bool, out_of_view: bool) -> Presence:
    if occluded:
        return Presence.OCCLUDED
    if box is not None:
        return Presence.VISIBLE
    return Presence.OUT_OF_VIEW if out_of_view else Presence.ABSENT


def _regions(frames: Frames, options: WriteOptions) -> list[str]:
    rows = rectangles(frames, zero_based=options.zero_based)
    lines = []
    for row, has_box in zip(rows.tolist(), frames.has_box.tolist(), strict=True):
        values = Box(*row).polygon() if options.polygons else row
        lines.append(",".join(f"{value:.4f}" for value in values) if has_box else NOT_THERE)
    return lines


def _properties(stretch: Stretch, suffix: str) -> str:
    media = stretch.media
    values = {
        "channels.ir": f"ir/%08d{suffix}",
        "channel.default": "ir",
        "fps": f"{media.fps:g}" if media.fps else "30",
        "format": "default",
        "name": stretch.name,
        "width": str(media.width),
        "height": str(media.height),
        "length": str(len(stretch)),
    }
    return "".join(f"{key}={value}\n" for key, value in values.items())


def _read_properties(path: Path) -> tuple[tuple[int, int] | None, float | None]:
    """Frame size and rate, where they are given."""
    if not path.is_file():
        return None, None
    values = {}
    for line, text in numbered_lines(path):
        key, equals, value = text.partition("=")
        if equals and key.strip() in ("width", "height", "fps"):
            values[key.strip()] = number_in(value.strip(), at_line(path, line))
    sides = [values.get(key, 0.0) for key in ("width", "height")]
    fits = all(1 <= side <= 1 << 16 for side in sides)
    fps = values.get("fps", 0.0)
    return ((int(sides[0]), int(sides[1])) if fits else None), (fps if 0 < fps < 1e5 else None)


def _tag(folder: Path, tag: str, length: int) -> list[bool]:
    """A tag's flags; a missing tail is 0, as the toolkit has it.

    Raises:
        FormatError: There are more flags than frames.
    """
    path = next(
        (folder / f"{tag}{end}" for end in (".tag", ".label") if (folder / f"{tag}{end}").is_file()), None
    )
    if path is None:
        return [False] * length
    found = flags(path)
    if len(found) > length:
        raise FormatError(
            f"it has {len(found)} flags for {length} frames.", where=at_line(path, found[length][0])
        )
    values = np.zeros(length, np.bool_)
    values[: len(found)] = [value != 0 for _, value in found]
    return [bool(value) for value in values]
