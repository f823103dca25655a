"""An annotated clip: frames as the user sees them, with boxes, temperatures and time, as MP4."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.evidence import Evidence
from tracker.jobs import Job, ProgressMeter
from tracker.media import CachedSource
from tracker.opencv import cv2
from tracker.output.choices import CLIP_SUFFIXES, DEFAULT_FPS, ClipChoices, MapInset, Marks, scale_for
from tracker.output.files import replaced_whole, require_output
from tracker.output.ink import Rgb
from tracker.output.marking import Marker
from tracker.output.mp4 import Mp4Writer, require_encoder
from tracker.output.painting import FramePainter
from tracker.output.subject import Subject, require_frames
from tracker.store.evidence import EvidenceStore

READ_AHEAD_BYTES, READ_AHEAD = 48 * 1024**2, 24
"""Frames are read on a thread of their own, ahead of those that are drawn."""


@dataclass(frozen=True)
class ClipReport:
    """What was written.

    Attributes:
        path: The file.
        frames: Number of frames.
        size: (width, height) of its pictures.
        broken: How many frames are broken in the clip; each shows the one before it, and says so.
        has_times: Whether the clip has times; else it is shown with 25 frames per second.
    """

    path: Path
    frames: int
    size: tuple[int, int]
    broken: int
    has_times: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, one sentence each."""
        notes = []
        if self.broken:
            notes.append(f"Broken frames, shown as the frame before them: {self.broken}.")
        if not self.has_times:
            notes.append(f"The clip has no times; it is shown with {DEFAULT_FPS:g} frames per second.")
        return tuple(notes)


class Renderer:
    """Makes pictures of a subject's frames, with marks; for one thread.

    Args:
        subject: What is shown.
        marks: What is drawn over it.
        scale: Pixels of a picture for one of the frame.
        store: The evidence, where a similarity map is wanted.
    """

    def __init__(
        self, subject: Subject, marks: Marks, scale: int, store: EvidenceStore | None = None
    ) -> None:
        self._subject, self._scale, self._store = subject, scale, store
        self._painter, self._marker = FramePainter(subject), Marker(subject, marks, scale)

    def picture(self, frame: int) -> Rgb:
        """(H * scale, W * scale, 3) RGB of a frame.

        Raises:
            MediaError: The clip cannot be read any more.
            ProjectError: The evidence is damaged.
        """
        counts = self._subject.source.frame(frame)
        painted = self._painter.paint(frame, counts)
        picture = enlarged(painted.rgb, self._scale)
        self._marker.mark(picture, frame, counts, painted.scale, self._evidence(frame))
        return picture

    def _evidence(self, frame: int) -> Evidence | None:
        target = self._subject.target_track()
        return None if self._store is None or target is None else self._store.read(target.id, frame)


@contextmanager
def renderer(subject: Subject, marks: Marks, scale: int) -> Iterator[Renderer]:
    """A renderer with the evidence that it needs, which is closed at the end."""
    wants_maps = marks.similarity is not MapInset.NONE and subject.project is not None
    store = EvidenceStore(subject.project) if wants_maps and subject.project is not None else None
    try:
        yield Renderer(subject, marks, scale, store)
    finally:
        if store is not None:
            store.close()


def enlarged(picture: Rgb, scale: int) -> Rgb:
    """Each pixel as a square of scale x scale; always a picture of its own, which may be drawn into."""
    if scale == 1:
        return np.array(picture, np.uint8)
    size = picture.shape[1] * scale, picture.shape[0] * scale
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def write_clip(
    subject: Subject, output: Path, frames: range | None = None, choices: ClipChoices | None = None
) -> Job[ClipReport]:
    """Write an annotated clip as a job; at any moment `output` is what it was before, or the whole new file.

    Memory does not grow with the clip. Frames keep their times, also where these are uneven.

    Args:
        subject: What is shown; its source is read from the thread of the job, and not closed.
        output: The file, .mp4.
        frames: Which, step 1; all where None.
        choices: How it is made.

    Raises:
        OutputError: There are no such frames, no encoder, or the file cannot be written.
        MediaError: The clip cannot be read any more.
        ProjectError: The evidence is damaged.
    """
    source, choices = subject.source, choices or ClipChoices()
    chosen = require_frames(range(len(source)) if frames is None else frames, len(source))
    require_output(output, CLIP_SUFFIXES, source.path)
    require_encoder()
    scale = scale_for(choices.scale, source.size)
    size = source.size[0] * scale, source.size[1] * scale
    ahead = CachedSource(source.reopen(), READ_AHEAD_BYTES, READ_AHEAD)
    try:
        with replaced_whole(output) as part:
            yield from _encode(subject.with_source(ahead), part, output.name, chosen, choices, scale)
        broken = sum(index in chosen for index in ahead.bad_frames)  # some have shown it when they were read
    finally:
        ahead.close()
    return ClipReport(output, len(chosen), size, broken, subject.seconds(chosen.start) is not None)


def _encode(
    subject: Subject, part: Path, name: str, frames: range, choices: ClipChoices, scale: int
) -> Job[None]:
    meter = ProgressMeter(f"Writing {name}", len(frames))
    source = subject.source
    size = source.size[0] * scale, source.size[1] * scale
    fps, seconds = source.fps or DEFAULT_FPS, _seconds(subject, frames)
    rate = choices.quality.rate_factor
    with (
        renderer(subject, choices.marks, scale) as pictures,
        Mp4Writer(part, size, fps, rate, source.path.name, is_even=_is_even(seconds)) as video,
    ):
        for done, frame in enumerate(frames):
            if meter.due():
                yield meter.at(done)
            video.add(pictures.picture(frame), float(seconds[done]))
        yield meter.at(len(frames))


def _seconds(subject: Subject, frames: range) -> NDArray[np.float64]:
    """(n,) when each frame is shown, from the first of them."""
    known = [subject.seconds(frame) for frame in frames]
    times = np.array([np.nan if each is None else each for each in known], np.float64)
    if np.isnan(times).any():
        return np.arange(len(frames)) / (subject.source.fps or DEFAULT_FPS)
    return np.asarray(times - times[0])


def _is_even(seconds: NDArray[np.float64]) -> bool:
    """Whether no step is half, or twice, as long as they usually are."""
    steps = np.diff(seconds)
    usual = float(np.median(steps)) if len(steps) else 0.0
    return bool(((steps > usual / 2) & (steps < usual * 2)).all())
