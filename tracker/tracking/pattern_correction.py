"""Fixed patterns of clips: estimated once, kept beside the media index, and taken away from what a tracker sees."""

from __future__ import annotations

import io
import logging
import zipfile
from enum import Enum
from pathlib import Path

import numpy as np

from tracker.jobs import Job, ProgressMeter, finish
from tracker.media.facts import SensorFacts
from tracker.media.index_cache import IndexCache
from tracker.media.source import Counts, FrameSource
from tracker.thermal.fixed_pattern import Corrector, FixedPattern, estimate

SAMPLED_FRAMES = 32
SUFFIX = "pattern-v1.npz"
"""Of the files in the cache; its number goes up with every change of the estimate."""

SETTING = "fixed_pattern"
"""Of a project: the name of a `Correction`."""

log = logging.getLogger(__name__)


class Correction(Enum):
    """What is taken away from the frames that a tracker sees; the value is for the user."""

    NONE = "Counts as they are"
    DEAD = "Dead pixels replaced"
    ALL = "Dead pixels replaced, stripes taken away"

    @staticmethod
    def named(name: str) -> Correction:
        """The one of a name; NONE for any other text."""
        return Correction.__members__.get(name, Correction.NONE)


def fixed_pattern(source: FrameSource, cache: IndexCache | None = None) -> Job[FixedPattern | None]:
    """Estimate the fixed pattern of a clip, or read what was estimated before.

    Args:
        source: For this job alone; it is not closed.
        cache: Where results are kept; the user's cache where None.

    Returns:
        The pattern; None of clips with colours.

    Raises:
        MediaError: The media is gone.
    """
    if source.channels != 1:
        return None
    cache = cache or IndexCache()
    known = _read(cache.load(source.content_hash, SUFFIX), source.size)
    if known is not None:
        return known
    good = np.setdiff1d(np.arange(len(source)), source.bad_frames)
    if not good.size:
        return None
    chosen = good[np.unique(np.linspace(0, len(good) - 1, SAMPLED_FRAMES).astype(int))]
    meter, frames = ProgressMeter("Looking for dead pixels", len(chosen)), list[Counts]()
    for index in chosen.tolist():
        frames.append(source.frame(index))
        if meter.due():
            yield meter.at(len(frames))
    pattern = estimate(frames)
    yield meter.at(len(frames))
    cache.save(source.content_hash, SUFFIX, _written(pattern))
    return pattern


def _written(pattern: FixedPattern) -> bytes:
    data = io.BytesIO()
    np.savez_compressed(data, dead=pattern.dead, columns=pattern.columns, rows=pattern.rows)
    return data.getvalue()


def _read(data: bytes | None, size: tuple[int, int]) -> FixedPattern | None:
    """What a cached file says; None where there is none, or it is damaged."""
    if data is None:
        return None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            pattern = FixedPattern(
                stored["dead"].astype(np.bool_),
                stored["columns"].astype(np.float32),
                stored["rows"].astype(np.float32),
            )
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        log.info("The fixed pattern in the cache is damaged and is estimated again: %s", error)
        return None
    is_whole = pattern.dead.shape == (size[1], size[0]) and pattern.columns.shape == (size[0],)
    return pattern if is_whole and pattern.rows.shape == (size[1],) else None


def corrector(pattern: FixedPattern | None, correction: Correction) -> Corrector | None:
    """What takes a pattern away from frames; None where nothing is known, or nothing is to be taken away."""
    if pattern is None or correction is Correction.NONE:
        return None
    return Corrector(pattern if correction is Correction.ALL else pattern.without_stripes())


def corrected(source: FrameSource, correction: Correction) -> FrameSource:
    """A source whose readers give frames without the fixed pattern; the same source where nothing is to be done."""
    is_wanted = correction is not Correction.NONE and source.channels == 1
    return CorrectedSource(source, correction) if is_wanted else source


class CorrectedSource:
    """A `FrameSource` that takes the fixed pattern away; what that is, is found out with the first frame.

    Args:
        source: Of gray frames; belongs to this one.
        correction: What to take away.
    """

    def __init__(self, source: FrameSource, correction: Correction) -> None:
        self._source, self._correction = source, correction
        self._corrector: Corrector | None = None
        self._is_known = False

    @property
    def path(self) -> Path:
        """See `FrameSource`."""
        return self._source.path

    @property
    def kind(self) -> str:
        """See `FrameSource`."""
        return self._source.kind

    @property
    def size(self) -> tuple[int, int]:
        """See `FrameSource`."""
        return self._source.size

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        """See `FrameSource`."""
        return self._source.dtype

    @property
    def channels(self) -> int:
        """See `FrameSource`."""
        return self._source.channels

    @property
    def fps(self) -> float | None:
        """See `FrameSource`."""
        return self._source.fps

    @property
    def content_hash(self) -> str:
        """See `FrameSource`."""
        return self._source.content_hash

    @property
    def bad_frames(self) -> tuple[int, ...]:
        """See `FrameSource`."""
        return self._source.bad_frames

    @property
    def facts(self) -> SensorFacts:
        """See `FrameSource`."""
        return self._source.facts

    def __len__(self) -> int:
        return len(self._source)

    def frame(self, index: int) -> Counts:
        """The counts of one frame, corrected, read-only; see `FrameSource`."""
        if not self._is_known:
            self._is_known, self._corrector = True, self._found()
        counts = self._source.frame(index)
        if self._corrector is None:
            return counts
        counts = self._corrector.apply(counts)
        counts.setflags(write=False)
        return counts

    def _found(self) -> Corrector | None:
        return corrector(finish(fixed_pattern(self._source)), self._correction)

    def pts(self, index: int) -> float | None:
        """See `FrameSource`."""
        return self._source.pts(index)

    def reopen(self) -> FrameSource:
        """See `FrameSource`."""
        return CorrectedSource(self._source.reopen(), self._correction)

    def close(self) -> None:
        """See `FrameSource`."""
        self._source.close()
