"""Thermark as a tracker of got10k's experiments; needs the extra `[toolkits]`.

    from got10k.experiments import ExperimentGOT10k
    from tracker.integrations.got10k import ThermarkTracker

    ExperimentGOT10k(root).run(ThermarkTracker("default"))

got10k opens 16-bit images as 8-bit ones: it is made for 8 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from got10k.trackers import Tracker as Got10kTracker
from numpy.typing import NDArray

from tracker.geometry import Box
from tracker.integrations.session import Session, is_gray, of_model


class ThermarkTracker(Got10kTracker):  # type: ignore[misc]  # got10k brings no types
    """A got10k tracker.

    Boxes are left, top, width, height, counted from the pixel that the experiment's own files call first.
    """

    def __init__(
        self,
        model: str = "default",
        *,
        name: str | None = None,
        device: str = "auto",
        threads: int | None = None,
        first_pixel: int = 0,
    ) -> None:
        """Load nothing yet.

        Args:
            model: As for `thermark track`.
            name: For folders and reports; "Thermark-MODEL" where None.
            device: As for `thermark track`.
            threads: As for `thermark track`.
            first_pixel: 1 for benchmarks whose boxes count pixels from 1.
        """
        super().__init__(name=name or f"Thermark-{model}", is_deterministic=True)
        self._session = Session(of_model(model, device, threads))
        self._first_pixel = first_pixel

    def init(self, image: Any, box: Sequence[float]) -> None:
        """Start from a PIL image and a box."""
        x, y, width, height = (float(value) for value in box)
        shift = self._first_pixel
        self._session.start(_counts(image), Box(x - shift, y - shift, width, height))

    def update(self, image: Any) -> NDArray[np.float64]:
        """(4,) the box in the next PIL image."""
        box = self._session.follow(_counts(image)).box
        return np.array(box.moved(self._first_pixel, self._first_pixel).as_tuple())


def _counts(image: Any) -> NDArray[np.uint8]:
    """Counts of a PIL image; gray that got10k has made three equal channels of is gray again."""
    counts = np.asarray(image, np.uint8)
    return np.ascontiguousarray(counts[..., 0]) if counts.ndim == 3 and is_gray(counts) else counts
