"""Frames of a clip, decoded once and kept as one array in the cache folder: training never waits for a decoder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import ThermarkError
from tracker.jobs import Job, ProgressMeter
from tracker.media.index_cache import default_cache_folder
from tracker.media.source import Counts, FrameSource
from tracker.tracking.normalisation import to_gray


def stack_folder() -> Path:
    """Where the arrays lie."""
    return default_cache_folder() / "training"


def frame_stack(source: FrameSource, indices: NDArray[np.int64], folder: Path | None = None) -> Job[Counts]:
    """Gray frames of a clip as one memory map, (n, H, W) in the dtype of the counts.

    Decoding happens once for a clip and a choice of frames; closing the job leaves no half-written file.

    Args:
        source: The clip.
        indices: Frames wanted, ascending.
        folder: Where to keep the array; the cache folder where None.

    Raises:
        ThermarkError: The array cannot be written.
    """
    folder = folder or stack_folder()
    choice = hashlib.sha256(indices.tobytes()).hexdigest()[:12]
    path = folder / f"{source.content_hash[:24]}-{choice}.npy"
    if not path.is_file():
        yield from _write(source, indices, path)
    frames: Counts = np.load(path, mmap_mode="r")
    return frames


def _write(source: FrameSource, indices: NDArray[np.int64], path: Path) -> Job[None]:
    width, height = source.size
    temporary = path.with_suffix(f".{os.getpid()}.part")  # several processes may read one clip
    meter = ProgressMeter(f"Reading {source.path.name}", len(indices))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stack = np.lib.format.open_memmap(
            temporary, mode="w+", dtype=source.dtype, shape=(len(indices), height, width)
        )
        for done, frame in enumerate(_frames(source, indices)):
            stack[done] = to_gray(frame)
            if meter.due():
                yield meter.at(done + 1)
        stack.flush()
        del stack
        temporary.replace(path)
    except OSError as error:
        raise ThermarkError(
            f"frames for training cannot be kept ({error.strerror}).",
            where=path.parent,
            todo="Free some space, or set THERMARK_CACHE_DIR to another folder.",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _frames(source: FrameSource, indices: NDArray[np.int64]) -> Iterator[Counts]:
    for index in indices:
        yield source.frame(int(index))
