"""Which sequences an export consists of, and whether it may be made at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tracker.annotation.document import Document, MediaRecord
from tracker.annotation.track import Frames, Track
from tracker.errors import ExportError
from tracker.formats.exporter import IMAGE_SUFFIXES, ExportOptions, GapRule, Sequence
from tracker.media.source import FrameSource

GENERIC_FOLDERS = frozenset({"img", "images", "frames", "ir", "infrared", "visible"})
"""Names of image folders that say nothing: the folder around one gives the clip's name."""

_NAMED_GAPS = 3


def plan(document: Document, source: FrameSource, options: ExportOptions) -> tuple[list[Sequence], list[str]]:
    """The sequences to write, and notes on what is left out.

    Raises:
        ExportError: There is nothing to export, or something that first has to be decided.
    """
    _check_options(document, source, options)
    tracks = [
        track
        for track in document.tracks.values()
        if options.track_ids is None or track.id in options.track_ids
    ]
    for track in tracks:
        _require_no_proposal(document, track)
    sequences: list[Sequence] = []
    notes: list[str] = []
    for track in tracks:
        found = [_sequence(document, source, track, *part) for part in _parts(track, options)]
        sequences += found
        if not found:
            notes.append(f"{_describe(track)} has no box and is left out.")
    if not sequences:
        raise ExportError(
            "there is no box to export.", where=document.media.path, todo="Draw one, and track from it."
        )
    return sequences, notes


def _check_options(document: Document, source: FrameSource, options: ExportOptions) -> None:
    if options.image_suffix not in IMAGE_SUFFIXES:
        raise ExportError(
            f"images cannot be named {options.image_suffix!r}.", todo=f"Use {' or '.join(IMAGE_SUFFIXES)}."
        )
    unknown = sorted(set(options.track_ids or ()) - document.tracks.keys())
    if unknown:
        raise ExportError(f"there is no track {unknown[0]}.")
    media = document.media
    if source.content_hash != media.content_hash or len(source) != media.length:
        raise ExportError(
            "this is another clip than the one the project is about.",
            where=source.path,
            todo="Open the clip that the project was made for.",
        )


def _require_no_proposal(document: Document, track: Track) -> None:
    for proposal in document.proposals_of(track.id):
        span = proposal.span()
        if span is not None:
            raise ExportError(
                f"{_describe(track)} has a tracking run that is not reviewed: {_frames(*span)}.",
                todo="Merge or discard it first.",
            )


def _parts(track: Track, options: ExportOptions) -> Iterator[tuple[int, int, str]]:
    """Spans (start, stop) of the track to write, each from a frame with a box on, and what tells its name."""
    span = track.span()
    if span is None:
        return
    gaps = track.gaps()
    if gaps and options.gaps is GapRule.REFUSE:
        raise ExportError(
            f"{_describe(track)} says nothing about {_list_gaps(gaps)}.",
            todo="Interpolate or track there, mark the target as absent, or let gaps split the track into "
            "several sequences (--gaps split).",
        )
    edges = [span[0], *(edge for gap in gaps for edge in gap), span[1]]
    for number, (start, stop) in enumerate(zip(edges[::2], edges[1::2], strict=True), start=1):
        with_box = np.flatnonzero(track.frames.has_box[start:stop])
        if with_box.size:  # a sequence begins with a box: trackers are started from it
            yield start + int(with_box[0]), stop, f"-{number}" if gaps else ""


def _sequence(
    document: Document, source: FrameSource, track: Track, start: int, stop: int, suffix: str
) -> Sequence:
    times = (source.pts(i) for i in range(start, stop))
    return Sequence(
        name=_name(document.media, track) + suffix,
        track_id=track.id,
        label=track.label,
        attributes=track.attributes,
        start=start,
        frames=Frames(track.frames.rows[start:stop]),
        pts=np.fromiter((math.nan if time is None else time for time in times), np.float64, stop - start),
        media=document.media,
    )


def _name(media: MediaRecord, track: Track) -> str:
    """Clip, track id and label, in characters that are safe in a file name and in a list."""
    path = Path(media.path)
    if media.kind == "images":
        clip = path.parent.name if path.name.lower() in GENERIC_FOLDERS else path.name
    else:
        clip = path.stem
    parts = (_safe(clip, 60), str(track.id), _safe(track.label, 40))
    return "_".join(part for part in parts if part)


def _safe(text: str, most: int) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-_")[:most].rstrip("-_")


def _describe(track: Track) -> str:
    return f"track {track.id} ({track.label})" if track.label else f"track {track.id}"


def _frames(start: int, stop: int) -> str:
    return f"frame {start}" if stop - start == 1 else f"frames {start} to {stop - 1}"


def _list_gaps(gaps: list[tuple[int, int]]) -> str:
    named = ", ".join(_frames(*gap) for gap in gaps[:_NAMED_GAPS])
    more = len(gaps) - _NAMED_GAPS
    return f"{named} and {more} more gaps" if more > 0 else named
