"""Several data sets as one, in one format: labels and frames, every sequence under a name of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from tracker.errors import FormatError
from tracker.exchange import ReadRequest
from tracker.exchange.converting import prepared
from tracker.exchange.reading import ReadClip, read_clips
from tracker.formats import ExportOptions, ExportReport, GapRule, export_clips, format_named
from tracker.jobs import Job


@dataclass(frozen=True)
class MergeRequest:
    """What to merge.

    Attributes:
        sources: What to read, two or more; formats may differ.
        output: A folder that does not exist or is empty.
        to: Name of the format to write.
        options: How to write it.
        with_frames: Whether frames are looked for at all; otherwise labels alone are merged.
    """

    sources: tuple[ReadRequest, ...]
    output: Path
    to: str
    options: ExportOptions = field(default_factory=lambda: ExportOptions(GapRule.SPLIT))
    with_frames: bool = True


def merge(request: MergeRequest) -> Job[ExportReport]:
    """Read all data sets, and write one; all or nothing, as an export is.

    A name that is in more than one of them gets the name of its data set's folder in front.

    Returns:
        The job. It raises FormatError where labels are damaged or do not fit their clip, ExportError where they
        cannot be written, MediaError where a clip cannot be read.
    """
    format_named(request.to)
    if len({source.path.resolve() for source in request.sources}) < max(len(request.sources), 2):
        raise FormatError("two different data sets or more are due.", todo="Name each once.")
    found: list[tuple[Path, ReadClip]] = []
    for source in request.sources:
        _, clips = yield from read_clips(source)
        found += [(source.path.resolve(), read) for read in clips]
    names = own_names([(path.stem, read.clip.name) for path, read in found])
    to_write, notes = [], list[str]()
    for name, (_, read) in zip(names, found, strict=True):
        clip, said = yield from prepared(read, request.with_frames, name)
        to_write.append(clip)
        notes += said
    report = yield from export_clips(to_write, request.to, request.output, request.options)
    return replace(report, notes=(*notes, *report.notes))


def own_names(names: list[tuple[str, str]]) -> list[str]:
    """A name for each sequence that no other has.

    Args:
        names: Data set and sequence. The name of the data set goes in front where the sequence's is not the
            only one of its kind; an export puts a number behind those that are still alike.
    """
    count = Counter(sequence.casefold() for _, sequence in names)
    return [f"{data}_{name}" if count[name.casefold()] > 1 else name for data, name in names]
