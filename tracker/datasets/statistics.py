"""What is in a data set: lengths, sizes, motion, change of scale, classes, attributes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tracker.annotation.track import Frames, Track
from tracker.datasets.distribution import Distribution
from tracker.datasets.reading import DataSet, open_data_set
from tracker.formats import AnnotatedClip
from tracker.jobs import Job, ProgressMeter


@dataclass
class Statistics:
    """What has been counted; two can be added, so that parts may be counted apart.

    Attributes:
        sequences: Number of clips.
        tracks: Number of targets.
        frames: Frames of all clips.
        boxes: Boxes of all targets.
        absent: Frames of targets that are said to have no box.
        unsaid: Frames of targets about which nothing is said.
        lengths: Frames a clip.
        sizes: Square root of the area of a box, in pixels.
        aspects: Width of a box by its height.
        motion: Way of the centre from one frame to the next, by the size in the former.
        scale_changes: Share by which the greater of the sizes in two neighbouring frames exceeds the smaller.
        tracks_by_class: Targets of each class; "" where none is given.
        boxes_by_class: Their boxes.
        tracks_by_attribute: Targets with each attribute.
    """

    sequences: int = 0
    tracks: int = 0
    frames: int = 0
    boxes: int = 0
    absent: int = 0
    unsaid: int = 0
    lengths: Distribution = field(default_factory=lambda: Distribution(0, 7))
    sizes: Distribution = field(default_factory=lambda: Distribution(-1, 5))
    aspects: Distribution = field(default_factory=lambda: Distribution(-3, 3))
    motion: Distribution = field(default_factory=lambda: Distribution(-4, 3))
    scale_changes: Distribution = field(default_factory=lambda: Distribution(-4, 3))
    tracks_by_class: Counter[str] = field(default_factory=Counter)
    boxes_by_class: Counter[str] = field(default_factory=Counter)
    tracks_by_attribute: Counter[str] = field(default_factory=Counter)

    @property
    def distributions(self) -> dict[str, Distribution]:
        """All distributions by their names."""
        return {
            "length": self.lengths,
            "size": self.sizes,
            "aspect": self.aspects,
            "motion": self.motion,
            "scale_change": self.scale_changes,
        }

    def take(self, clip: AnnotatedClip) -> None:
        """Count a clip."""
        self.sequences += 1
        self.frames += len(clip)
        self.lengths.take([len(clip)])
        for track in clip.tracks:
            self._take_track(track)

    def _take_track(self, track: Track) -> None:
        frames = track.frames
        boxes = int(np.count_nonzero(frames.has_box))
        said = int(np.count_nonzero(frames.is_said))
        self.tracks += 1
        self.boxes += boxes
        self.absent += said - boxes
        self.unsaid += len(frames) - said
        self.tracks_by_class[track.label] += 1
        self.boxes_by_class[track.label] += boxes
        self.tracks_by_attribute.update(track.attributes)
        self._take_boxes(frames)

    def _take_boxes(self, frames: Frames) -> None:
        x, y, width, height = frames.boxes.T
        sizes = np.sqrt(width * height)
        self.sizes.take(sizes)
        self.aspects.take(width / height)
        way = np.hypot(np.diff(x + width / 2), np.diff(y + height / 2))  # NaN beside frames without a box
        self.motion.take(way / sizes[:-1])
        ratio = sizes[1:] / sizes[:-1]
        self.scale_changes.take(np.maximum(ratio, 1 / ratio) - 1)

    def add(self, other: Statistics) -> None:
        """Add what has been counted elsewhere."""
        for name in ("sequences", "tracks", "frames", "boxes", "absent", "unsaid"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, distribution in self.distributions.items():
            distribution.add(other.distributions[name])
        self.tracks_by_class += other.tracks_by_class
        self.boxes_by_class += +other.boxes_by_class
        self.tracks_by_attribute += other.tracks_by_attribute

    def as_json(self) -> dict[str, Any]:
        """All numbers, for a file; sizes in pixels, motion in target sizes a frame."""
        counts = ("sequences", "tracks", "frames", "boxes", "absent", "unsaid")
        return {
            **{name: getattr(self, name) for name in counts},
            **{name: distribution.as_json() for name, distribution in self.distributions.items()},
            "classes": {
                name: {"tracks": tracks, "boxes": self.boxes_by_class[name]}
                for name, tracks in sorted(self.tracks_by_class.items())
            },
            "attributes": dict(sorted(self.tracks_by_attribute.items())),
        }


def statistics_of(data: DataSet) -> Job[Statistics]:
    """Count a data set, one clip after the other; memory does not grow with their number.

    Returns:
        The job. It raises FormatError where a file is damaged.
    """
    found, meter = Statistics(), ProgressMeter("Counting", len(data.entries))
    for done, entry in enumerate(data.entries):
        if meter.due():
            yield meter.at(done)
        found.take(data.label_of(entry.read()))
    yield meter.at(len(data.entries))
    return found


def statistics(path: Path, format_: str | None = None, zero_based: bool | None = None) -> Job[Statistics]:
    """Find and count a data set; arguments and errors as of `open_data_set`."""
    data = yield from open_data_set(path, format_, zero_based)
    return (yield from statistics_of(data))
