"""What both sides of a replay have seen, on disk for as long as it is looked at, so that memory stays flat."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from tracker.annotation.evidence import Evidence
from tracker.annotation.track import Mask
from tracker.errors import ProjectError
from tracker.jobs import Event, Job, ProgressMeter, changed
from tracker.media.index_cache import default_cache_folder
from tracker.store.evidence import EvidenceStore
from tracker.tracking.replay_record import Comparison, FrameReplayed, Side

STALE_S = 2 * 24 * 3600.0
"""A folder that nobody has written to for so long is left over from a program that was killed."""

_log = logging.getLogger(__name__)


class ReplayStore:
    """An evidence file in a folder of its own in the user's cache; A's evidence is in it as track 0, B's as track 1.

    `record` writes from the thread of a job, over a connection of its own, while `evidence` is asked for in another.

    Raises:
        ProjectError: The folder cannot be made.
    """

    def __init__(self) -> None:
        parent = default_cache_folder() / "replay"
        _sweep(parent)
        try:
            parent.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix="replay-", dir=parent))
        except OSError as error:
            raise ProjectError(
                f"the maps of a replay cannot be kept ({error.strerror}).",
                where=parent,
                todo="Make room there, or set THERMARK_CACHE_DIR to another folder.",
            ) from error
        self._path = self.folder / "replay"
        self._reader = EvidenceStore(self._path)

    def record(self, job: Job[Comparison]) -> Job[Comparison]:
        """A replay whose evidence is stored before its events are passed on, a few frames late at most.

        Raises:
            ProjectError: It cannot be stored.
        """
        with closing(job), closing(EvidenceStore(self._path)) as writer:

            def stored(event: Event) -> tuple[Event]:
                if isinstance(event, FrameReplayed):
                    for side, result in zip(Side, event.results, strict=True):
                        writer.write(side, event.frame, result.evidence)
                return (event,)

            return (yield from changed(job, stored))

    def evidence(self, side: Side, frame: int) -> Evidence | None:
        """What a side saw in a frame; None where nothing is stored yet.

        Raises:
            ProjectError: The file is damaged.
        """
        return self._reader.read(side, frame)

    def hand_over(self, side: Side, frames: Mask, project: Path, track_id: int) -> Job[None]:
        """Copy a side's evidence beside a project, for boxes that a track takes over.

        Args:
            side: Whose.
            frames: (n,) which.
            project: The project file; written over a connection of its own.
            track_id: The track.

        Raises:
            ProjectError: It cannot be read or stored.
        """
        chosen = np.flatnonzero(frames).tolist()
        meter = ProgressMeter("Taking over", len(chosen))
        with closing(EvidenceStore(self._path)) as own, closing(EvidenceStore(project)) as other:
            for done, frame in enumerate(chosen):
                evidence = own.read(side, frame)
                if evidence is not None:
                    other.write(track_id, frame, evidence)
                if meter.due():
                    yield meter.at(done)
            yield meter.at(len(chosen))

    def close(self) -> None:
        """Delete everything; jobs that use it have ended before."""
        try:
            self._reader.close()
        except ProjectError as error:  # what is being deleted need not be tidy
            _log.info("closing the evidence of a replay: %s", error)
        shutil.rmtree(self.folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Delete what programs that were killed have left."""
    for folder in parent.glob("replay-*"):
        try:
            latest = max(entry.stat().st_mtime for entry in (folder, *folder.iterdir()))
        except OSError:
            continue
        if time.time() - latest > STALE_S:
            shutil.rmtree(folder, ignore_errors=True)
