"""LaSOT: for each sequence `img/`, `groundtruth.txt`, and two files of one line with a flag for each frame.

Fan et al., "LaSOT: A High-quality Benchmark for Large-scale Single Object Tracking", CVPR 2019.
"""

from __future__ import annotations

from pathlib import Path

from tracker.annotation.track import Presence
from tracker.errors import FormatError
from tracker.formats.format import AnnotatedClip, Carries, Stretch, WriteOptions
from tracker.formats.rectangles import as_lines, read_rectangles, rectangles
from tracker.formats.targets import Found, Statement, TargetFolders
from tracker.formats.text import at_line, numbered_lines, numbers_in
from tracker.geometry import Box

FLAGS = ("full_occlusion.txt", "out_of_view.txt")


class Lasot(TargetFolders):
    """The LaSOT layout.

    Its own sets are not said to count pixels from 1 or 0: 1 is taken, as its toolkit is MATLAB's. An occluded
    target is written as fully occluded, which loaders leave out of training; one that is absent for another
    reason than leaving the frame has both flags. `nlp.txt` has the class and the attributes as a sentence.
    """

    title = "LaSOT"
    is_zero_based = False
    truths = ("groundtruth.txt",)
    carries = Carries(
        absences=frozenset({Presence.OCCLUDED, Presence.OUT_OF_VIEW}), occlusion=True, label=True
    )

    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """`groundtruth.txt`, the two lines of flags, and `nlp.txt`."""
        frames = stretch.track.frames
        presence = frames.presence
        absent = presence == Presence.ABSENT
        flags = (absent | (presence == Presence.OCCLUDED), absent | (presence == Presence.OUT_OF_VIEW))
        texts = {
            name: ",".join(str(int(value)) for value in values) + "\n"
            for name, values in zip(FLAGS, flags, strict=True)
        }
        lines = as_lines(rectangles(frames, zero_based=options.zero_based), "%.12g")
        return {"groundtruth.txt": lines, "nlp.txt": f"{stretch.track.label}\n", **texts}

    def has_signs(self, path: Path, first: Found) -> bool:
        """The flags, and `img`."""
        del path
        return any((first.folder / name).is_file() for name in FLAGS)

    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Boxes, with the flags where they are there; the class is the sentence of `nlp.txt`."""
        boxes = read_rectangles(found.truth, zero_based=zero_based)
        occluded, outside = (_flags(found.folder / name, len(boxes)) for name in FLAGS)
        said = [_statement(*values) for values in zip(boxes, occluded, outside, strict=True)]
        return self.clip(found, said, label=_sentence(found.folder / "nlp.txt"))


def _statement(box: Box | None, occluded: bool, outside: bool) -> Statement:
    if occluded and outside:
        return Statement(None, Presence.ABSENT)
    if outside:
        return Statement(None, Presence.OUT_OF_VIEW)
    if occluded:
        return Statement(box, Presence.OCCLUDED)
    return Statement(box)


def _flags(path: Path, length: int) -> list[bool]:
    if not path.is_file():
        return [False] * length
    values, where = list[bool](), at_line(path, 1)
    for line, text in numbered_lines(path):
        where = at_line(path, line)
        numbers = numbers_in(text, where)
        if not set(numbers) <= {0.0, 1.0}:
            raise FormatError("a flag is neither 0 nor 1.", where=where)
        values += [value == 1 for value in numbers]
    if len(values) != length:
        raise FormatError(f"it has {len(values)} flags for {length} frames.", where=where)
    return values


def _sentence(path: Path) -> str:
    """The first line, where it can be shown; it is only a description."""
    if not path.is_file():
        return ""
    text = next((line for _, line in numbered_lines(path)), "")[:200]
    return text if text.isprintable() else ""
