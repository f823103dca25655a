"""What a check of a data set finds, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Kind(StrEnum):
    """What is wrong. The values are part of the JSON."""

    DAMAGED = "damaged"  # a file or a line cannot be read
    NO_AREA = "no area"  # a box has a negative size or no area
    OUTSIDE = "outside"  # a box lies outside the frame, wholly or partly
    JUMP = "jump"  # the centre moves farther than a target does
    SCALE = "scale"  # the size changes more than a target's does
    MISSING = "missing"  # there are not as many images as frames are annotated
    NUMBERING = "numbering"  # the numbers in the names of images have gaps
    BROKEN = "broken"  # a frame cannot be decoded
    DUPLICATE = "duplicate"  # frames have the same picture


@dataclass(frozen=True)
class Finding:
    """Something that should be looked at.

    Attributes:
        kind: What it is.
        sequence: Name of the sequence.
        file: The file it is in.
        text: What is wrong, a sentence.
        line: Line of the file, from 1; None where the file has no lines of boxes.
        frame: Frame index; None where it is about more than one frame or none.
        track: Id of the target, in formats with several.
    """

    kind: Kind
    sequence: str
    file: Path
    text: str
    line: int | None = None
    frame: int | None = None
    track: int | None = None

    @property
    def where(self) -> str:
        """File and line; or file, sequence and frame."""
        if self.line is not None:
            return f"{self.file}, line {self.line}"
        if self.frame is None:
            return str(self.file)
        target = "" if self.track is None else f"track {self.track}, "
        return f"{self.file}, {self.sequence}, {target}frame {self.frame}"

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        return {
            "kind": self.kind.value,
            "sequence": self.sequence,
            "file": str(self.file),
            "line": self.line,
            "frame": self.frame,
            "track": self.track,
            "text": self.text,
        }


@dataclass(frozen=True)
class Place:
    """Where a target's frames stand, to make findings of.

    Attributes:
        sequence: Name of the sequence.
        file: The file of its labels.
        lines: Line of each frame, from 1; empty where the format has none.
        track: Id of the target, in formats with several.
    """

    sequence: str
    file: Path
    lines: tuple[int, ...] = ()
    track: int | None = None

    def finding(self, kind: Kind, text: str, frame: int) -> Finding:
        """What was found in a frame."""
        line = self.lines[frame] if frame < len(self.lines) else None
        return Finding(kind, self.sequence, self.file, text, line, frame, self.track)

    def whole(self, kind: Kind, text: str, *, file: Path | None = None, line: int | None = None) -> Finding:
        """What was found in the sequence as a whole, or in another file of it."""
        return Finding(kind, self.sequence, file or self.file, text, line, None, self.track)
