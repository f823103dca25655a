"""What formats of whole clips have in common."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tracker.annotation.track import Track
from tracker.errors import ExportError
from tracker.formats.building import TrackBuilder
from tracker.formats.format import Stretch
from tracker.formats.text import require_clip_size, with_ids

UNLABELLED = "unlabelled"
"""Stands for an empty label where a format must have a class; read as an empty one again."""


def class_name(track: Track) -> str:
    """The class of a target, in formats that must have one."""
    return track.label or UNLABELLED


def label_of(name: str) -> str:
    """The label that a class stands for."""
    return "" if name == UNLABELLED else name


def classes_of(stretches: list[Stretch]) -> list[str]:
    """The classes of all targets, each once, in the order of their appearance."""
    return list(dict.fromkeys(class_name(track) for stretch in stretches for track in stretch.tracks))


def require_size(stretch: Stretch, title: str) -> tuple[int, int]:
    """The frame size, for formats that must say it.

    Raises:
        ExportError: It is not known, because the clip is not at hand.
    """
    width, height = stretch.media.size
    if width < 1 or height < 1:
        raise ExportError(
            f"{title} needs the size of the frames, and the labels do not say it.",
            where=stretch.media.path or stretch.name,
            todo="Name the clip with --media.",
        )
    return width, height


def frames_with_box(track: Track) -> list[int]:
    """Frames of the stretch in which the target has a box."""
    return [int(i) for i in np.flatnonzero(track.frames.has_box)]


def built(
    builders: list[TrackBuilder], length: int | None, where: Path
) -> tuple[tuple[Track, ...], tuple[str, ...]]:
    """The tracks of a clip, as many frames each as the clip has, or as anything is said about.

    Returns:
        The tracks in the order of their ids, and notes.

    Raises:
        FormatError: There are too many frames.
    """
    frames = max([len(builder) for builder in builders] + [length or 0])
    require_clip_size(where, frames, len(builders))
    return with_ids([builder.build(frames) for builder in builders])
