"""The conversion job: labels of one format become labels of another, without a project between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tracker.exchange.reading import ReadClip, ReadRequest, document_alone, document_with, read_clips
from tracker.formats import ClipToExport, ExportOptions, ExportReport, GapRule, export_clips, format_named
from tracker.jobs import Job
from tracker.media import FrameSource, open_source


@dataclass(frozen=True)
class ConvertRequest:
    """What to convert.

    Attributes:
        source: What to read.
        output: A folder that does not exist or is empty.
        to: Name of the format to write.
        options: How to write it. Gaps split sequences, since there is no project in which to fill them.
        with_frames: Whether frames are looked for at all; otherwise labels alone are converted.
    """

    source: ReadRequest
    output: Path
    to: str
    options: ExportOptions = field(default_factory=lambda: ExportOptions(GapRule.SPLIT))
    with_frames: bool = True


def convert(request: ConvertRequest) -> Job[ExportReport]:
    """Read labels, and write them in another format; all or nothing, as an export is.

    Returns:
        The job. It raises FormatError where labels are damaged or do not fit the clip, ExportError where they
        cannot be written, MediaError where a clip cannot be read.
    """
    format_named(request.to)
    _, clips = yield from read_clips(request.source)
    notes: list[str] = []
    to_write = []
    for read in clips:
        clip, said = yield from prepared(read, request.with_frames)
        to_write.append(clip)
        notes += said
    report = yield from export_clips(to_write, request.to, request.output, request.options)
    return replace(report, notes=(*notes, *report.notes))


def prepared(
    read: ReadClip, with_frames: bool, name: str | None = None
) -> Job[tuple[ClipToExport, tuple[str, ...]]]:
    """What was read, ready to be exported, and notes on it.

    Args:
        read: Labels, and the clip they are about where it was found.
        with_frames: Whether the clip is looked at; otherwise labels alone go on.
        name: Of the sequence, where it is to have another.

    Raises:
        MediaError: The clip cannot be read.
        FormatError: The labels do not fit to it.
    """
    clip = read.clip if name is None else replace(read.clip, name=name)
    if not with_frames or read.media is None:
        return ClipToExport(document_alone(clip), None, name=clip.name), clip.notes
    source = yield from open_source(read.media)
    try:
        document, notes = document_with(clip, source)
    finally:
        source.close()
    return ClipToExport(document, _opener(read.media), name=clip.name), notes


def _opener(path: Path) -> Callable[[], Job[FrameSource]]:
    """Opens the clip when its turn comes: a data set may have more clips than files can be open."""
    return lambda: open_source(path)
