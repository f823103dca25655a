"""Which stretches of a clip an export consists of, and whether it may be made at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.document import Document, MediaRecord
from tracker.annotation.track import Track
from tracker.errors import ExportError
from tracker.formats.format import Format, GapRule, Stretch, Unit
from tracker.formats.options import ExportOptions
from tracker.formats.sensor import known_events
from tracker.media.source import FrameSource

GENERIC_FOLDERS = frozenset({"img", "img1", "images", "frames", "ir", "infrared", "visible", "i"})
"""Names of image folders that say nothing: the folder around one gives the clip's name."""

_NAMED_GAPS = 3


def plan(
    document: Document, source: FrameSource | None, format_: Format, options: ExportOptions, name: str = ""
) -> tuple[list[Stretch], list[str]]:
    """The stretches to write, and notes on what is left out.

    Args:
        document: The tracks.
        source: Their clip, if it is at hand.
        format_: What is written.
        options: The user's choices.
        name: Of the clip; made of its path where not given.

    Raises:
        ExportError: There is nothing to export, or something that first has to be decided.
    """
    _check(document, source, options)
    chosen = options.track_ids
    tracks = [track for track in document.tracks.values() if chosen is None or track.id in chosen]
    for track in tracks:
        _require_no_proposal(document, track)
    notes: list[str] = []
    clip = _safe(name, 100) or _clip_name(document.media) or "clip"
    if format_.unit is Unit.TARGET:
        stretches = [
            s
            for t in tracks
            for s in _of_target(
                document, source, t, options, _name(clip, t, is_own=bool(name) and len(tracks) == 1)
            )
        ]
        written = {stretch.track.id for stretch in stretches}
    else:
        kept = [track for track in tracks if track.frames.has_box.any() or format_.carries.everything]
        stretches = [_stretch(document, source, clip, 0, document.length, tuple(kept))] if kept else []
        written = {track.id for track in kept}
        notes += _leave_gaps(kept, format_, options)
    notes += [f"{_describe(t)} has no box and is left out." for t in tracks if t.id not in written]
    if not stretches:
        raise ExportError(
            "there is no box to export.", where=document.media.path, todo="Draw one, and track from it."
        )
    return stretches, notes


def _check(document: Document, source: FrameSource | None, options: ExportOptions) -> None:
    unknown = sorted(set(options.track_ids or ()) - document.tracks.keys())
    if unknown:
        raise ExportError(f"there is no track {unknown[0]}.")
    media = document.media
    if source is not None and (source.content_hash, len(source)) != (media.content_hash, media.length):
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


def _refuse_gaps(track: Track, options: ExportOptions) -> list[tuple[int, int]]:
    """The gaps of a track, if they are allowed."""
    gaps = track.gaps()
    if gaps and options.gaps is GapRule.REFUSE:
        raise ExportError(
            f"{_describe(track)} says nothing about {_list_gaps(gaps)}.",
            todo="Interpolate or track there, mark the target as absent, or let gaps split the track into "
            "several sequences (--gaps split).",
        )
    return gaps


def _leave_gaps(tracks: list[Track], format_: Format, options: ExportOptions) -> Iterator[str]:
    """What a format of whole clips makes of gaps: frames without the target."""
    if format_.carries.gaps and format_.carries.says_absence:
        return
    for track in tracks:
        gaps = _refuse_gaps(track, options)
        if gaps:
            yield f"{_describe(track)} has no box in {_list_gaps(gaps)}: nobody has annotated it there."


def _of_target(
    document: Document, source: FrameSource | None, track: Track, options: ExportOptions, name: str
) -> Iterator[Stretch]:
    """One stretch for each part of a track without gaps, each from a frame with a box on."""
    span = track.span()
    if span is None:
        return
    gaps = _refuse_gaps(track, options)
    edges = [span[0], *(edge for gap in gaps for edge in gap), span[1]]
    for number, (start, stop) in enumerate(zip(edges[::2], edges[1::2], strict=True), start=1):
        with_box = np.flatnonzero(track.frames.has_box[start:stop])
        if with_box.size:  # a sequence begins with a box: trackers are started from it
            part_name = name + (f"-{number}" if gaps else "")
            first = start + int(with_box[0])
            part = replace(track, frames=track.frames[first:stop])
            yield _stretch(document, source, part_name, first, stop, (part,))


def _stretch(
    document: Document,
    source: FrameSource | None,
    name: str,
    start: int,
    stop: int,
    tracks: tuple[Track, ...],
) -> Stretch:
    return Stretch(
        name=name,
        start=start,
        tracks=tracks,
        pts=_times(source, start, stop),
        media=document.media,
        models=tuple(document.models),
        bad_frames=frozenset() if source is None else frozenset(source.bad_frames),
        sensor=known_events(document.media.content_hash, source),
    )


def _times(source: FrameSource | None, start: int, stop: int) -> NDArray[np.float64]:
    if source is None:
        return np.full(stop - start, math.nan)
    times = (source.pts(i) for i in range(start, stop))
    return np.fromiter((math.nan if time is None else time for time in times), np.float64, stop - start)


def with_own_names(stretches: list[Stretch]) -> list[Stretch]:
    """The stretches, with a number behind a name that is there already (however its letters are written)."""
    seen: set[str] = set()
    named = []
    for stretch in stretches:
        name, number = stretch.name, 1
        while name.casefold() in seen:
            number += 1
            name = f"{stretch.name}-{number}"
        seen.add(name.casefold())
        named.append(replace(stretch, name=name))
    return named


def _name(clip: str, track: Track, *, is_own: bool) -> str:
    """Clip, track id and label, in characters that are safe in a file name and in a list.

    The clip alone, where the clip was read from a data set as the sequence of this one target.
    """
    if is_own:
        return clip
    parts = (clip, str(track.id), _safe(track.label, 40))
    return "_".join(part for part in parts if part)


def _clip_name(media: MediaRecord) -> str:
    path = Path(media.path)
    if media.kind == "images":
        clip = path.parent.name if path.name.lower() in GENERIC_FOLDERS else path.name
    else:
        clip = path.stem
    return _safe(clip, 60)


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
