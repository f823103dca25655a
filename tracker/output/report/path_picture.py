"""The way of a target, drawn over a frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Track
from tracker.opencv import cv2
from tracker.output.choices import scale_for
from tracker.output.clip import enlarged
from tracker.output.ink import GROUND, GROUND_OPACITY, RIM, TEXT, Colour, Rgb, polygon, shade, stamp
from tracker.output.lettering import Lettering
from tracker.output.marking import colour_of
from tracker.output.painting import FramePainter
from tracker.output.report.content import Shot
from tracker.output.still import png_bytes
from tracker.output.subject import Subject
from tracker.output.words import time_text

LONGEST_GAP = 1
"""Frames without a box that a line may cross."""

STAMPS = 6
"""Times written along the way, at most."""

PAD = 4
"""Pixels of the plate at both sides of a time."""


def path_picture(subject: Subject, painter: FramePainter, track: Track) -> Shot | None:
    """The centres of all boxes over the frame in the middle of the track; None for a track without boxes.

    Raises:
        MediaError: The clip cannot be read any more.
    """
    found = np.flatnonzero(track.frames.has_box)
    if not found.size:
        return None
    middle = int(found[len(found) // 2])
    rgb = painter.paint(middle, subject.source.frame(middle)).rgb
    scale = scale_for(0, subject.source.size)
    picture = enlarged(rgb, scale)
    boxes = track.frames.boxes[found]
    centres = (boxes[:, :2] + boxes[:, 2:] / 2) * scale
    colour = colour_of(track)
    for part in np.split(np.arange(len(found)), np.flatnonzero(np.diff(found) > LONGEST_GAP) + 1):
        polygon(picture, centres[part], colour, 2, is_closed=False)
    _write_times(picture, subject, found, centres)
    _dot(picture, centres[0], colour, is_square=False)
    _dot(picture, centres[-1], colour, is_square=True)
    caption = (
        f"Way of the box's centre over frame {middle}; circle: frame {found[0]}, square: frame {found[-1]}."
    )
    return Shot(png_bytes(picture), (picture.shape[1], picture.shape[0]), caption)


def _dot(picture: Rgb, centre: NDArray[np.float64], colour: Colour, *, is_square: bool) -> None:
    x, y = (int(np.clip(round(value), -10_000, 100_000)) for value in centre.tolist())
    for size, ink in ((8, RIM), (6, (255, 255, 255)), (4, colour)):
        if is_square:
            cv2.rectangle(picture, (x - size, y - size), (x + size, y + size), ink, -1, cv2.LINE_AA)
        else:
            cv2.circle(picture, (x, y), size, ink, -1, cv2.LINE_AA)


def _write_times(
    picture: Rgb, subject: Subject, frames: NDArray[np.int64], centres: NDArray[np.float64]
) -> None:
    letters = Lettering(15)
    taken: list[tuple[int, int]] = []
    for at in np.linspace(0, len(frames) - 1, min(STAMPS, len(frames))).round().astype(int).tolist():
        frame = int(frames[at])
        text = letters.mask(time_text(subject.seconds(frame)) or f"{frame}")
        left = int(np.clip(centres[at, 0] + 14, PAD, max(picture.shape[1] - text.shape[1] - PAD, PAD)))
        top = int(np.clip(centres[at, 1] - 18, 0, max(picture.shape[0] - text.shape[0], 0)))
        room = text.shape[1] + 2 * PAD + 2, text.shape[0] + 2
        if any(abs(left - x) < room[0] and abs(top - y) < room[1] for x, y in taken):
            continue
        taken.append((left, top))
        shade(picture, left - PAD, top, text.shape[1] + 2 * PAD, text.shape[0], GROUND, GROUND_OPACITY)
        stamp(picture, text, left, top, TEXT)
