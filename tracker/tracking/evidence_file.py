"""The evidence of a run as one NumPy .npz file, written frame by frame so that memory stays flat."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from dataclasses import astuple
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.evidence import SCORE_NAMES, Evidence
from tracker.tracking.tracker import Result


def evidence_row(frame: int, result: Result) -> dict[str, NDArray[Any]]:
    """One frame's row of every array in the file."""
    evidence: Evidence = result.evidence
    return {
        "frame": np.asarray(frame, np.int64),
        "box": np.asarray(result.box.as_tuple(), np.float64),
        "score": np.asarray(result.score, np.float32),
        "semantic": evidence.semantic.astype(np.float16),
        "structural": evidence.structural.astype(np.float16),
        "fused": evidence.fused.astype(np.float16),
        "search_region": np.asarray(evidence.search_region.as_tuple(), np.float64),
        "map_region": np.asarray(evidence.map_region.as_tuple(), np.float64),
        "channel_attention": evidence.channel_attention.astype(np.float16),
        "spatial_attention": evidence.spatial_attention.astype(np.float16),
        "ensemble_weights": np.asarray(evidence.ensemble_weights, np.float32),
        "value_range": np.asarray(evidence.value_range, np.float32),
        "scores": np.asarray(astuple(evidence.scores), np.float32),
    }


class EvidenceFile:
    """A context that collects rows and writes the .npz when it ends, also when a run was stopped.

    Every array has one row per tracked frame; `score_names` names the columns of `scores`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = 0
        self._columns: dict[str, tuple[IO[bytes], np.dtype[Any], tuple[int, ...]]] = {}

    def __enter__(self) -> EvidenceFile:
        self._folder = Path(tempfile.mkdtemp(prefix=".thermark-", dir=self._path.absolute().parent))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for spool, _, _ in self._columns.values():
                spool.close()
            if self._rows:
                self._write()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, frame: int, result: Result) -> None:
        """Append one frame."""
        for name, value in evidence_row(frame, result).items():
            if name not in self._columns:
                self._columns[name] = ((self._folder / name).open("wb"), value.dtype, value.shape)
            spool, _, shape = self._columns[name]
            if value.shape != shape:
                raise ValueError(f"{name} is {value.shape}, before it was {shape}")
            spool.write(value.tobytes())
        self._rows += 1

    def _write(self) -> None:
        finished = self._folder / "finished.npz"
        with zipfile.ZipFile(finished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, (_, dtype, shape) in self._columns.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    header = {"descr": dtype.str, "fortran_order": False, "shape": (self._rows, *shape)}
                    np.lib.format.write_array_header_1_0(entry, header)
                    with (self._folder / name).open("rb") as spool:
                        shutil.copyfileobj(spool, entry, 1 << 20)
            with archive.open("score_names.npy", "w") as entry:
                np.lib.format.write_array(entry, np.asarray(SCORE_NAMES), allow_pickle=False)
        finished.replace(self._path)
