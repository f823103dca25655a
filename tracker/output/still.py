"""One frame as a picture: painted, with marks or without, or its counts as the sensor gave them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile

from tracker.errors import OutputError
from tracker.media.source import Counts, whole
from tracker.opencv import cv2
from tracker.output.choices import NO_MARKS, STILL_SUFFIXES, StillChoices, StillKind, scale_for
from tracker.output.clip import renderer
from tracker.output.files import replaced_whole, require_output
from tracker.output.ink import Rgb
from tracker.output.subject import Subject, require_frames

PNG = ".png"


def still_picture(subject: Subject, frame: int, choices: StillChoices) -> Rgb:
    """(H, W, 3) a frame as it is painted.

    Raises:
        OutputError: There is no such frame.
        MediaError: The clip cannot be read any more.
        ProjectError: The evidence is damaged.
    """
    source = subject.source
    require_frames(range(frame, frame + 1), len(source))
    marks = NO_MARKS if choices.kind is StillKind.PLAIN else choices.marks
    with renderer(subject, marks, scale_for(choices.scale, source.size)) as pictures:
        return pictures.picture(frame)


def write_still(subject: Subject, frame: int, output: Path, choices: StillChoices | None = None) -> None:
    """Write a frame; at any moment `output` is what it was before, or the whole new file.

    Args:
        subject: What is shown; its source is not closed.
        frame: Which.
        output: .png; counts also as .tif. Both keep 8 and 16 bits as they are.
        choices: How it is made.

    Raises:
        OutputError: There is no such frame, its counts are broken, or the file cannot be written.
        MediaError: The clip cannot be read any more.
        ProjectError: The evidence is damaged.
    """
    choices = choices or StillChoices()
    require_output(output, STILL_SUFFIXES[choices.kind], subject.source.path)
    require_frames(range(frame, frame + 1), len(subject.source))
    is_counts = choices.kind is StillKind.COUNTS
    picture = _counts(subject, frame) if is_counts else still_picture(subject, frame, choices)
    with replaced_whole(output) as part:
        if output.suffix.lower() == PNG:
            part.write_bytes(png_bytes(picture))
        else:
            _write_tiff(part, picture)


def _counts(subject: Subject, frame: int) -> Counts:
    counts = whole(subject.source, frame)
    if counts is None:
        raise OutputError(
            f"frame {frame} cannot be read, so that it has no counts.",
            where=subject.source.path,
            todo="Choose another frame.",
        )
    return counts


def png_bytes(picture: Counts) -> bytes:
    """A picture, or counts of 8 or 16 bits, as PNG without loss.

    Raises:
        OutputError: It is too large.
    """
    ordered = picture if picture.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGR)
    try:
        is_done, data = cv2.imencode(PNG, np.ascontiguousarray(ordered))
    except cv2.error as error:
        raise OutputError(
            f"a picture of {picture.shape[1]} x {picture.shape[0]} pixels cannot be made."
        ) from error
    if not is_done:
        raise OutputError(f"a picture of {picture.shape[1]} x {picture.shape[0]} pixels cannot be made.")
    return bytes(data)


def _write_tiff(path: Path, counts: Counts) -> None:
    tifffile.imwrite(
        path,
        counts,
        photometric="rgb" if counts.ndim == 3 else "minisblack",
        compression="zlib",
        predictor=True,
        metadata=None,
        software="Thermark",
    )
