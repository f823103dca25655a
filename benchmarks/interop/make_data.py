"""Write two targets of the sample clip in every format: `python -m benchmarks.interop.make_data OUT`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

import resources
from tracker.annotation.document import Document
from tracker.annotation.edits import AddTrack
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.formats import FORMATS, ExportOptions, GapRule, ImageRule, export
from tracker.geometry import Box
from tracker.jobs import finish
from tracker.media import load_source
from tracker.opencv import cv2
from tracker.store import media_record

LENGTH = 60
SUFFIXES = {"ilsvrc": ".JPEG", "got10k": ".jpg", "otb": ".jpg", "lasot": ".jpg", "vot": ".jpg", "mot": ".jpg"}


def frames_of_sample(folder: Path) -> Path:
    """The first frames of the sample clip as images."""
    folder.mkdir(parents=True)
    source = load_source(resources.sample_clip())
    for i in range(LENGTH):
        cv2.imwrite(str(folder / f"{i:04d}.png"), source.frame(i))
    source.close()
    return folder


def walker() -> Track:
    """The sample's own target, hidden behind something from frame 20 to 23."""
    frames = Frames.empty(LENGTH)
    for i, row in enumerate(resources.sample_boxes()[:LENGTH]):
        presence = Presence.OCCLUDED if 20 <= i < 24 else Presence.VISIBLE
        is_there = bool(np.isfinite(row).all())
        state = FrameState(Box(*row.tolist()), Provenance.TRACKED, presence, 0.9)
        frames.put(i, state if is_there else FrameState(None, Provenance.MANUAL, Presence.ABSENT))
    return Track(1, "person", "#e69f00", ("occlusion",), frames)


def drifter() -> Track:
    """A made-up target with parts of pixels that is out of view from frame 30 to 34."""
    frames = Frames.empty(LENGTH)
    for i in range(LENGTH):
        frames.put(i, FrameState(Box(20.125 + i, 30.5, 17.25 + i / 8, 11.0), Provenance.TRACKED, score=0.5))
    frames.put(slice(30, 35), FrameState(None, Provenance.MANUAL, Presence.OUT_OF_VIEW))
    return Track(2, "car", "#56b4e9", (), frames)


def main() -> None:
    """Write the exports and `truth.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    output = parser.parse_args().output
    source = load_source(frames_of_sample(output / "walk"))
    document = Document(media_record(source))
    for track in (walker(), drifter()):
        AddTrack(track).apply(document)
    for name in FORMATS:
        options = ExportOptions(GapRule.SPLIT, image_suffix=SUFFIXES.get(name, ".png"), images=ImageRule.COPY)
        report = finish(export(document, source, name, output / name, options))
        print(f"{name}: {report.images} images; lost: {', '.join(report.lost) or 'nothing'}")
    truth = {
        str(track.id): [None if box[0] != box[0] else box for box in track.frames.boxes.tolist()]
        for track in document.tracks.values()
    }
    (output / "truth.json").write_text(json.dumps(truth))


if __name__ == "__main__":
    main()
