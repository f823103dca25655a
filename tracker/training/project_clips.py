"""Clips from `.thermark` projects: the corrections that a person has made are what a network learns from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.document import Document
from tracker.annotation.track import Mask, Presence, Provenance, Track
from tracker.jobs import Job
from tracker.media import open_source
from tracker.media.source import FrameSource
from tracker.store import Project
from tracker.thermal.event_text import Events
from tracker.thermal.events import EventKind
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.sensor_events import left_out, sensor_events
from tracker.training.clips import Boxes, Clip, sampleable
from tracker.training.config import ConfigError, SourceConfig
from tracker.training.frame_stacks import frame_stack
from tracker.training.sources import chosen_frames

MACHINE_MADE = (Provenance.TRACKED, Provenance.INTERPOLATED)

_SEEN = frozenset(EventKind) - {EventKind.CALIBRATION}
_KINDS = {"keep": frozenset[EventKind](), "leave_out": _SEEN, "leave_out_calibrating": frozenset(EventKind)}


@dataclass(frozen=True)
class _Trusted:
    """The frames of a project that can be learned from.

    Attributes:
        indices: (n,) frames of the clip in which any track can be trusted, thinned as configured.
        boxes: (n, 4) of each track, NaN where it cannot.
    """

    indices: NDArray[np.int64]
    boxes: tuple[NDArray[np.float64], ...]


def read_project(source: SourceConfig) -> Job[list[Clip]]:
    """One clip with a target for each track that a person has drawn or corrected.

    Args:
        source: Its path is the project; it is open only while it is read.

    Raises:
        ConfigError: No track has a box decided or confirmed by hand that may be learned from, or the clip is another
            one.
        ProjectError: It is no project, damaged, or open elsewhere.
        MediaError: Its clip is gone or cannot be read.
    """
    with Project.open(source.path) as project:
        document, path = project.document, project.media_path()
    masks = _trusted_masks(document, source)
    media = yield from open_source(path)
    try:
        _require_same(media, document)
        events = () if source.sensor_events == "keep" else (yield from sensor_events(media))
        found = _trusted_frames(document, masks, source, events)
        frames = yield from frame_stack(media, found.indices)
        targets: tuple[Boxes, ...] = tuple(sampleable(boxes, media.size) for boxes in found.boxes)
        return [
            Clip(
                source.path.stem,
                source.title,
                media.content_hash,
                frames,
                found.indices,
                targets,
                _normalisation(document, media),
            )
        ]
    finally:
        media.close()


def trusted(track: Track) -> Mask:
    """(n,) where a track's box can be learned from.

    These are visible targets drawn by hand, and boxes of the machine between two anchors: whoever has set both has
    looked at what lies between them.
    """
    frames, anchors = track.frames, track.anchors()
    index = np.arange(len(frames))
    between = (
        (index > anchors[0]) & (index < anchors[-1]) if anchors.size else np.zeros(len(frames), np.bool_)
    )
    confirmed = between & np.isin(frames.provenance, MACHINE_MADE)
    is_visible = np.equal(frames.presence, Presence.VISIBLE) & frames.has_box
    return np.asarray((np.equal(frames.provenance, Provenance.MANUAL) | confirmed) & is_visible)


def _trusted_masks(document: Document, source: SourceConfig) -> dict[int, Mask]:
    """(n,) which frames of each track can be learned from, of the tracks that have any."""
    masks = {id_: trusted(track) for id_, track in document.tracks.items()}
    masks = {id_: mask for id_, mask in masks.items() if mask.any()}
    if not masks:
        raise ConfigError(
            "no track has a box that was drawn or confirmed by hand.",
            where=source.path,
            todo="Open the project, draw or correct boxes, and train again.",
        )
    return masks


def _trusted_frames(
    document: Document, masks: Mapping[int, Mask], source: SourceConfig, events: Events
) -> _Trusted:
    is_usable = np.any(list(masks.values()), axis=0)
    is_usable[sorted(left_out(events, _KINDS[source.sensor_events]))] = False
    usable = np.flatnonzero(is_usable)
    if not usable.size:
        raise ConfigError(
            "all boxes that were drawn or confirmed by hand are on frames with sensor events.",
            where=source.path,
            todo='Draw or correct boxes on other frames, or set sensor_events = "keep".',
        )
    indices = usable[chosen_frames(len(usable), source)]
    boxes = (
        np.where(mask[indices, None], document.tracks[id_].frames.boxes[indices], np.nan)
        for id_, mask in masks.items()
    )
    return _Trusted(indices, tuple(boxes))


def _require_same(media: FrameSource, document: Document) -> None:
    if (media.content_hash, len(media)) != (document.media.content_hash, document.media.length):
        raise ConfigError(
            "this is another clip than the one the project is about.",
            where=media.path,
            todo="Open the project and show it where its clip is now.",
        )


def _normalisation(document: Document, media: FrameSource) -> Normalisation:
    chosen = document.normalisation
    return Normalisation(*chosen) if chosen is not None else Normalisation.of(media)
