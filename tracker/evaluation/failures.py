"""The moments at which a tracker loses its target, with what it saw there."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from tracker.annotation.evidence import Evidence, Scores
from tracker.errors import EvaluationError
from tracker.geometry import Box
from tracker.tracking.evidence_file import evidence_row
from tracker.tracking.tracker import Result

LOST_BELOW = 0.1
"""IoU; a target that overlapped by more before and does not now has been lost."""
MOST_KEPT = 2
"""Moments kept for each sequence: the first ones tell why."""


@dataclass(frozen=True)
class Failure:
    """One moment.

    Attributes:
        frame: Frame index.
        box: What the tracker said.
        evidence: What it saw.
    """

    frame: int
    box: Box
    evidence: Evidence


class Failures:
    """Collects the first moments of one sequence; frames are shown to it in order."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._rows: list[dict[str, Any]] = []
        self._was_right = False

    def see(self, frame: int, result: Result, overlap: float) -> None:
        """Take one frame's result and its overlap with the true box."""
        if overlap < LOST_BELOW and self._was_right and len(self._rows) < self._most:
            self._rows.append(evidence_row(frame, result))
        self._was_right = overlap >= LOST_BELOW

    def write(self, path: Path) -> None:
        """Keep them as .npz, replaced whole; nothing is written where there are none."""
        if not self._rows:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        columns: dict[str, Any] = {
            name: np.stack([row[name] for row in self._rows]) for name in self._rows[0]
        }
        part = path.with_name(f".part-{path.name}")
        with part.open("wb") as file:
            np.savez_compressed(file, **columns)
        part.replace(path)


def read_failures(path: Path) -> list[Failure]:
    """The moments in a file; none where there is no file.

    Raises:
        EvaluationError: It is damaged.
    """
    if not path.is_file():
        return []
    try:
        with np.load(path, allow_pickle=False) as columns:
            rows = {name: columns[name] for name in columns.files}
        return [
            _failure({name: column[i] for name, column in rows.items()}) for i in range(len(rows["frame"]))
        ]
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise EvaluationError(f"it cannot be read ({error}).", where=path, todo="Delete it.") from None


def _failure(row: dict[str, Any]) -> Failure:
    names = [field.name for field in fields(Scores)]
    return Failure(
        frame=int(row["frame"]),
        box=Box(*row["box"].tolist()),
        evidence=Evidence(
            search_region=Box(*row["search_region"].tolist()),
            map_region=Box(*row["map_region"].tolist()),
            semantic=row["semantic"].astype(np.float32),
            structural=row["structural"].astype(np.float32),
            fused=row["fused"].astype(np.float32),
            value_range=(float(row["value_range"][0]), float(row["value_range"][1])),
            channel_attention=row["channel_attention"].astype(np.float32),
            spatial_attention=row["spatial_attention"].astype(np.float32),
            ensemble_weights=(float(row["ensemble_weights"][0]), float(row["ensemble_weights"][1])),
            scores=Scores(**dict(zip(names, row["scores"].tolist(), strict=False))),
        ),
    )
