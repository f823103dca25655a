"""Documents to be written in every format, and what they should come back as."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from tests.tracker.annotation.documents import MODELS, colours, document, labels, whole_frames
from tracker.annotation.document import Document
from tracker.annotation.edits import AddTrack
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.formats import (
    FORMATS,
    AnnotatedClip,
    ClipToExport,
    ExportOptions,
    ExportReport,
    GapRule,
    ReadOptions,
    export_clips,
)
from tracker.formats.attributes import words_of
from tracker.formats.losses import as_carried
from tracker.formats.sequences import plan
from tracker.geometry import Box
from tracker.jobs import finish
from tracker.opencv import cv2

LENGTH = 12
SPLIT = ExportOptions(GapRule.SPLIT)

words = st.sampled_from([*words_of("lsotb-tir"), "night", "two riders"]) | labels.filter(
    lambda word: bool(word) and "," not in word
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """One to three targets, at least one of them with a box."""
    doc = document(LENGTH)
    doc.media = doc.media.__class__(**{**vars(doc.media), "width": 320, "height": 240})
    for _ in range(draw(st.integers(1, 3))):
        track_id = max(doc.tracks, default=0) + draw(st.integers(1, 3))
        attributes = tuple(draw(st.lists(words, max_size=3, unique=True)))
        frames = draw(whole_frames(LENGTH))
        AddTrack(
            Track(track_id, draw(labels), draw(colours), attributes, frames, locked=draw(st.booleans()))
        ).apply(doc)
    first = doc.track(min(doc.tracks))
    if not any(track.frames.has_box.any() for track in doc.tracks.values()):
        first.frames.put(
            draw(st.integers(0, LENGTH - 1)), FrameState(Box(10, 20, 30.25, 40), Provenance.MANUAL)
        )
    return doc


def write(doc: Document, format_: str, output: Path, options: ExportOptions = SPLIT) -> ExportReport:
    """Labels alone."""
    return finish(export_clips([ClipToExport(doc, None)], format_, output, options))


def read(format_: str, path: Path, options: ReadOptions | None = None) -> list[AnnotatedClip]:
    """All clips of a folder."""
    return finish(FORMATS[format_].read(path, options or ReadOptions(frame_size=(320, 240))))


def expected(doc: Document, format_: str, options: ExportOptions = SPLIT) -> list[list[Track]]:
    """The tracks that should come back, clip by clip."""
    writer = FORMATS[format_]
    stretches, _ = plan(doc, None, writer, options)
    return [[as_carried(track, writer.carries) for track in stretch.tracks] for stretch in stretches]


def require_same(format_: str, came: Track, due: Track) -> None:
    """Assert that a track is what it should be, boxes within the precision of the format."""
    carries = FORMATS[format_].carries
    assert came.label == due.label
    assert came.attributes == due.attributes
    assert came.locked == due.locked
    assert not carries.ids or came.id == due.id
    assert not carries.colours or came.colour == due.colour
    for name in ("presence", "provenance", "model", "reviewed"):
        assert getattr(came.frames, name).tolist() == getattr(due.frames, name).tolist(), name
    np.testing.assert_array_equal(came.frames.score, due.frames.score)
    if carries.decimals is None:
        assert came.frames == due.frames
        return
    place, size = (0.5, 1.0) if carries.decimals == 0 else (10.0**-carries.decimals,) * 2
    off = np.abs(came.frames.boxes - due.frames.boxes)
    assert (np.isnan(off) == ~due.frames.has_box[:, None]).all()
    assert np.nanmax(off[:, :2], initial=0) <= place * 1.001
    assert np.nanmax(off[:, 2:], initial=0) <= size * 1.001


def example() -> Document:
    """Two targets that have everything once: anchors, tracked and interpolated frames, absences, scores."""
    doc = document(LENGTH)
    frames = Frames.empty(LENGTH)
    for i in range(LENGTH):
        frames.put(i, FrameState(Box(10 + i, 20.5, 30, 25), Provenance.TRACKED, score=0.5), 1)
    frames.put(0, FrameState(Box(10, 20.5, 30, 25), Provenance.MANUAL))
    frames.put(4, FrameState(Box(14, 20.5, 30, 25), Provenance.MANUAL, Presence.OCCLUDED))
    frames.put(5, FrameState(None, Provenance.MANUAL, Presence.OUT_OF_VIEW))
    frames.reviewed[2] = True
    AddTrack(Track(1, "person", "#102030", ("occlusion", "night"), frames)).apply(doc)
    drawn = Frames.empty(LENGTH)
    drawn.put(slice(0, LENGTH), FrameState(Box(50, 60, 8, 9), Provenance.INTERPOLATED))
    drawn.put(0, FrameState(Box(50, 60, 8, 9), Provenance.MANUAL))
    drawn.put(LENGTH - 1, FrameState(Box(50, 60, 8, 9), Provenance.MANUAL))
    AddTrack(Track(2, "car", "#405060", (), drawn, locked=True)).apply(doc)
    return doc


def write_images(folder: Path, count: int = LENGTH) -> Path:
    """A clip of 320 x 240 pixels: frame i has the counts i everywhere but in its first row."""
    folder.mkdir(parents=True)
    for i in range(count):
        frame = np.full((240, 320), i, np.uint8)
        frame[0] = np.arange(320) % 200
        cv2.imwrite(str(folder / f"{i:04d}.png"), frame)
    return folder


__all__ = ["MODELS", "documents", "example", "expected", "read", "require_same", "write", "write_images"]
