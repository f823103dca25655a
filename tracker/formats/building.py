"""Making tracks of what a file says, frame by frame."""

from __future__ import annotations

import math

import numpy as np

from tracker.annotation.document import PALETTE
from tracker.annotation.track import NO_MODEL, Frames, Presence, Provenance, Track
from tracker.errors import FormatError
from tracker.geometry import Box

NOWHERE = (math.nan,) * 4


class TrackBuilder:
    """Collects what is said about one target; frames may come in any order, each once.

    Args:
        id_: Track id.
        label: Class of the target.
        attributes: Words about it.
    """

    def __init__(self, id_: int, label: str = "", attributes: tuple[str, ...] = ()) -> None:
        self.id, self.label, self.attributes = id_, label, attributes
        self._frames: list[int] = []
        self._boxes: list[tuple[float, float, float, float]] = []
        self._kinds: list[tuple[int, int]] = []
        self._known: set[int] = set()

    def __len__(self) -> int:
        """Number of frames up to the last one about which something is said."""
        return max(self._frames, default=-1) + 1

    def __contains__(self, frame: int) -> bool:
        return frame in self._known

    def say(
        self,
        frame: int,
        box: Box | None,
        presence: Presence | None = None,
        provenance: Provenance = Provenance.IMPORTED,
        *,
        where: object = "",
    ) -> None:
        """Say something about a frame.

        Args:
            frame: Frame index in the clip.
            box: Where the target is; None where it has no box.
            presence: VISIBLE or ABSENT as there is a box or none, where not given.
            provenance: Where it comes from.
            where: Named in the error.

        Raises:
            FormatError: Something has been said about the frame before.
        """
        if frame in self._known:
            raise FormatError(f"there are two boxes of target {self.id} in one frame.", where=where)
        if presence is None:
            presence = Presence.VISIBLE if box is not None else Presence.ABSENT
        self._known.add(frame)
        self._frames.append(frame)
        self._boxes.append(NOWHERE if box is None else box.as_tuple())
        self._kinds.append((int(provenance), int(presence)))

    def build(self, length: int) -> Track:
        """The track, with the given number of frames."""
        frames = Frames.empty(length)
        if self._frames:
            where = np.asarray(self._frames)
            rows = frames.rows
            rows["box"][where] = self._boxes
            rows["provenance"][where], rows["presence"][where] = np.asarray(self._kinds, np.uint8).T
            rows["model"][where] = NO_MODEL
        colour = PALETTE[(self.id - 1) % len(PALETTE)]
        return Track(self.id, self.label, colour, self.attributes, frames)
