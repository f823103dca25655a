"""A Thermark tracker as toolkits want one: started with an image and a box, then given one image after another.

Toolkits show no clip, only its images as they come. So what Thermark takes from a whole clip is taken from
the first image: whether it shows colour, and the normalisation of 16-bit counts.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tracker.errors import MediaError
from tracker.geometry import Box
from tracker.media.images import decode_image
from tracker.media.source import Counts
from tracker.tracking.build import build_tracker
from tracker.tracking.normalisation import PERCENTILES, Normalisation, to_gray
from tracker.tracking.tracker import Result, Tracker

TrackerMaker = Callable[[Normalisation], Tracker]
"""Makes a tracker for images of one normalisation."""

_NEUTRAL_TOLERANCE = 6  # of 8-bit counts; lossy codecs leave gray a few steps beside neutral


def of_model(model: str, device: str = "auto", threads: int | None = None) -> TrackerMaker:
    """A maker of trackers; see `tracker.tracking.build.build_tracker`."""

    def make(normalisation: Normalisation) -> Tracker:
        return build_tracker(model, device=device, threads=threads, normalisation=normalisation).tracker

    return make


class Session:
    """Follows one target after another; loads the model once."""

    def __init__(self, make: TrackerMaker) -> None:
        self._make = make
        self._tracker: Tracker | None = None
        self._normalisation: Normalisation | None = None

    def start(self, counts: Counts, box: Box) -> Result:
        """Learn a target, forgetting any before it.

        Raises:
            BoxError: The box has no area or lies outside the image.
            ThermarkError: The model cannot be loaded.
        """
        normalisation = normalisation_of(counts)
        if self._tracker is None or normalisation != self._normalisation:
            self._tracker, self._normalisation = self._make(normalisation), normalisation
        return self._tracker.init(counts, box)

    def follow(self, counts: Counts) -> Result:
        """Find the target in the next image.

        Raises:
            RuntimeError: It was not started.
        """
        if self._tracker is None:
            raise RuntimeError("follow() before start()")
        return self._tracker.update(counts)


def normalisation_of(counts: Counts) -> Normalisation:
    """The normalisation that the first image of a clip stands for."""
    if counts.dtype == np.uint8:
        return Normalisation()
    low, high = (float(value) for value in np.percentile(to_gray(counts).astype(np.float64), PERCENTILES))
    return Normalisation(low, max(high, low + 1.0))


def read_image(path: Path, channels: int | None = None) -> tuple[Counts, int]:
    """An image file as counts, as Thermark reads it in a clip, and how many channels it was read with.

    Args:
        path: The file.
        channels: 1 or 3, as its clip's first image was read with; None to find out.

    Raises:
        MediaError: It cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(f"the image cannot be read ({error.strerror}).", where=path) from error
    samples = decode_image(data, channels or 3)
    if channels is None and samples is not None and is_gray(samples):
        channels = 1
        samples = decode_image(data, channels)
    if samples is None or samples.dtype not in (np.uint8, np.uint16):
        raise MediaError("the image is broken, or neither 8 nor 16 bits deep.", where=path)
    return samples, channels or 3


def is_gray(counts: Counts) -> bool:
    """Whether an image shows no colour."""
    if counts.ndim == 2:
        return True
    tolerance = _NEUTRAL_TOLERANCE << (8 * counts.itemsize - 8)
    return int((counts.max(axis=2) - counts.min(axis=2)).max()) <= tolerance
