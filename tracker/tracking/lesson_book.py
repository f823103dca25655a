"""The user's own lessons on wrong boxes, kept from project to project, and the drift model fitted to them.

One small file for each project in the user's data folder. All of them may be deleted at any time: then the model is
again the one that comes with Thermark.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Mask
from tracker.folders import data_folder
from tracker.tracking.drift import DriftModel
from tracker.tracking.drift_features import FEATURE_NAMES, Array

SUFFIX = ".lessons.npz"
MOST = 5000
"""Lessons that a model is fitted to at most, those of the projects reviewed last."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Lessons:
    """What is known about frames of one track.

    Attributes:
        frames: (n,) frame indices, ascending.
        features: (n, F) columns of `FEATURE_NAMES`.
        wrong: (n,) where the tracked box was wrong.
    """

    frames: NDArray[np.int64]
    features: Array
    wrong: Mask

    @staticmethod
    def none() -> Lessons:
        """No lessons."""
        return Lessons(np.zeros(0, np.int64), np.zeros((0, len(FEATURE_NAMES))), np.zeros(0, np.bool_))

    def __len__(self) -> int:
        return len(self.frames)

    def with_others(self, others: Lessons) -> Lessons:
        """These and others; of a frame that is in both, what the others say."""
        kept = self.without(others.frames)
        frames = np.concatenate([kept.frames, others.frames])
        order = np.argsort(frames, kind="stable")
        features = np.concatenate([kept.features, others.features])[order]
        return Lessons(frames[order], features, np.concatenate([kept.wrong, others.wrong])[order])

    def without(self, frames: NDArray[np.int64]) -> Lessons:
        """These, but for those of some frames."""
        kept = ~np.isin(self.frames, frames)
        return Lessons(self.frames[kept], self.features[kept], self.wrong[kept])


def lessons_folder() -> Path:
    """Where they lie."""
    return data_folder() / "lessons"


class LessonBook:
    """The lessons of all projects in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, project: Path) -> dict[int, Lessons]:
        """The lessons of a project by track id; none where its file is missing, damaged or of another version."""
        return self._load(self._path(project))

    def write(self, project: Path, lessons: Mapping[int, Lessons]) -> None:
        """Keep the lessons of a project in place of those it had.

        Raises:
            OSError: The folder cannot be written.
        """
        path, filled = self._path(project), {id_: each for id_, each in lessons.items() if len(each)}
        if not filled:
            path.unlink(missing_ok=True)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        columns = {
            "names": np.array(FEATURE_NAMES),
            "track": np.concatenate([np.full(len(each), id_) for id_, each in filled.items()]),
            "frame": np.concatenate([each.frames for each in filled.values()]),
            "features": np.concatenate([each.features for each in filled.values()]).astype(np.float32),
            "wrong": np.concatenate([each.wrong for each in filled.values()]),
        }
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez_compressed(file, allow_pickle=False, **columns)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def all(self) -> tuple[Array, Mask]:
        """(n, F) features and (n,) whether the box was wrong, of the projects reviewed last, n up to `MOST`."""
        found = [each for path in reversed(self._files()) for each in self._load(path).values()]
        features = np.concatenate([np.zeros((0, len(FEATURE_NAMES))), *(each.features for each in found)])
        wrong = np.concatenate([np.zeros(0, np.bool_), *(each.wrong for each in found)])
        return features[:MOST], wrong[:MOST]

    def model(self) -> DriftModel:
        """The drift model that comes with Thermark, fitted to all lessons."""
        return _fitted(self._folder, tuple(self._stamps()))

    def forget(self) -> None:
        """Delete all lessons."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        """The files, the one written last at the end."""
        return [self._folder / name for _, name in self._stamps()]

    def _stamps(self) -> list[tuple[int, str]]:
        """When each file was written, and its name; ascending."""
        stamps = []
        for path in self._folder.glob(f"*{SUFFIX}"):
            with suppress(FileNotFoundError):  # the window may forget lessons while risks are being computed
                stamps.append((path.stat().st_mtime_ns, path.name))
        return sorted(stamps)

    def _path(self, project: Path) -> Path:
        name = hashlib.sha256(os.fsencode(project.absolute())).hexdigest()[:32]
        return self._folder / f"{name}{SUFFIX}"

    def _load(self, path: Path) -> dict[int, Lessons]:
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if tuple(stored["names"].tolist()) != FEATURE_NAMES:
                    return {}
                track, frames = stored["track"].astype(np.int64), stored["frame"].astype(np.int64)
                features, wrong = stored["features"].astype(np.float64), stored["wrong"].astype(np.bool_)
                if not (track.shape == frames.shape == wrong.shape == features.shape[:1]):
                    raise ValueError("columns of different lengths")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("lessons that cannot be read are left out: %s (%s)", path, error)
            return {}
        return {
            int(id_): Lessons(frames[track == id_], features[track == id_], wrong[track == id_])
            for id_ in np.unique(track)
        }


@lru_cache(maxsize=1)
def _fitted(folder: Path, stamps: tuple[tuple[int, str], ...]) -> DriftModel:
    """Fitted anew only when a file has changed, which the stamps tell."""
    shipped = DriftModel.load()
    return shipped.refitted(*LessonBook(folder).all()) if stamps else shipped
