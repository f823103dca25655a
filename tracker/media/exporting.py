"""Counts of a clip written without loss, for sharing: FFV1 video in Matroska, or TIFF of many pages.

Times and what is known about the camera go along: in Matroska as the times of the frames (to the millisecond, which is
as fine as it goes) and a tag, in TIFF as JSON in the description of the first page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import tifffile
from av.error import FFmpegError

from tracker.errors import MediaError
from tracker.jobs import Job, ProgressMeter
from tracker.media.container import FACTS_TAG
from tracker.media.facts import SensorFacts, facts_to_json
from tracker.media.source import FrameSource
from tracker.media.writer import add_lossless_stream, lossless_picture

DEFAULT_FPS = 25.0
"""For clips without times."""

SUFFIXES = (".mkv", ".tif", ".tiff")

_MILLISECOND = Fraction(1, 1000)
_CLASSIC_TIFF = 3 << 30  # beyond 4 GiB classic TIFF cannot address; headroom for the directories


@dataclass(frozen=True)
class CountsReport:
    """What was written.

    Attributes:
        path: The file.
        frames: Number of frames.
        broken: How many of them are broken in the clip; each was written as what is shown in its place.
        has_times: Whether the clip has times; a video of one without has 25 frames per second.
    """

    path: Path
    frames: int
    broken: int
    has_times: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, one sentence each."""
        notes = []
        if self.broken:
            notes.append(f"Broken frames, written as the frame before them: {self.broken}.")
        if not self.has_times:
            notes.append(f"The clip has no times; a video of it has {DEFAULT_FPS:g} frames per second.")
        return tuple(notes)


def export_counts(source: FrameSource, output: Path, frames: range | None = None) -> Job[CountsReport]:
    """Write the counts of a clip as a job; at any moment `output` is what it was before, or the whole new file.

    Args:
        source: The clip; read from the thread of the job, and not closed.
        output: The file; its suffix says which kind: .mkv, .tif or .tiff.
        frames: Which frames, step 1; all where None.

    Raises:
        MediaError: The suffix is another, there are no such frames, or the file cannot be written.
    """
    chosen = range(len(source)) if frames is None else frames
    _check(source, output, chosen)
    part = output.with_name(f".part-{output.name}")
    write = _write_video if output.suffix.lower() == ".mkv" else _write_tiff
    try:
        with _explained(output):
            yield from write(source, part, chosen)
            part.replace(output)
    finally:
        with suppress(OSError):
            part.unlink()
    broken = sum(index in chosen for index in source.bad_frames)
    return CountsReport(output, len(chosen), broken, source.pts(chosen.start) is not None)


def _check(source: FrameSource, output: Path, frames: range) -> None:
    if output.suffix.lower() not in SUFFIXES:
        raise MediaError(
            f"counts are not written as {output.suffix or 'files without a suffix'}.",
            where=output,
            todo="Name a file .mkv or .tif.",
        )
    if not frames or frames.step != 1 or frames.start < 0 or frames.stop > len(source):
        raise MediaError(
            f"there are no frames {frames.start} to {frames.stop - 1}; the clip has 0 to {len(source) - 1}.",
            where=source.path,
        )
    if output.exists() and source.path.exists() and output.samefile(source.path):
        raise MediaError("this is the clip itself.", where=output, todo="Choose another name.")


@contextmanager
def _explained(output: Path) -> Iterator[None]:
    try:
        yield
    except (FFmpegError, OSError) as error:
        raise MediaError(
            f"cannot be written ({error.strerror or error}).",
            where=output,
            todo="Choose a folder that can be written to and has room.",
        ) from error


def _write_video(source: FrameSource, part: Path, frames: range) -> Job[None]:
    meter = ProgressMeter(f"Writing {part.name.removeprefix('.part-')}", len(frames))
    rate = Fraction(source.fps or DEFAULT_FPS).limit_denominator(1001)
    with av.open(str(part), "w", format="matroska") as container:
        container.metadata[FACTS_TAG] = facts_to_json(_facts_of(source, frames))
        stream = add_lossless_stream(container, source.frame(frames.start), rate)
        stream.codec_context.time_base = _MILLISECOND
        latest = -1
        for done, index in enumerate(frames):
            if meter.due():
                yield meter.at(done)
            latest = max(_milliseconds(source, index), latest + 1)  # Matroska wants them to grow
            picture = lossless_picture(source.frame(index))
            picture.pts, picture.time_base = latest, _MILLISECOND
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    yield meter.at(len(frames))


def _milliseconds(source: FrameSource, index: int) -> int:
    seconds = source.pts(index)
    return max(round(1000 * (index / (source.fps or DEFAULT_FPS) if seconds is None else seconds)), 0)


def _write_tiff(source: FrameSource, part: Path, frames: range) -> Job[None]:
    meter = ProgressMeter(f"Writing {part.name.removeprefix('.part-')}", len(frames))
    first = source.frame(frames.start)
    colours = "rgb" if first.ndim == 3 else "minisblack"
    with tifffile.TiffWriter(part, bigtiff=first.nbytes * len(frames) > _CLASSIC_TIFF) as file:
        for done, index in enumerate(frames):
            if meter.due():
                yield meter.at(done)
            file.write(
                source.frame(index),
                photometric=colours,
                compression="zlib",
                predictor=True,
                contiguous=False,
                metadata=None,
                software="Thermark",
                description=_description(source, frames) if done == 0 else None,
            )
    yield meter.at(len(frames))


def _description(source: FrameSource, frames: range) -> str:
    times = [source.pts(index) for index in frames]
    known = times if all(time is not None for time in times) else []
    return json.dumps({"times": known, "facts": asdict(_facts_of(source, frames))})


def _facts_of(source: FrameSource, frames: range) -> SensorFacts:
    """What is known about the camera, the frames counted from the first one written."""
    calibrating = tuple(index - frames.start for index in source.facts.calibrating if index in frames)
    return replace(source.facts, calibrating=calibrating, has_background=False)
