"""Published result files of LSOTB-TIR and PTB-TIR: the curves of many trackers, as their MATLAB toolkits save them.

`aveSuccessRatePlot_<n>alg_overlap_OPE.mat` has `aveSuccessRatePlot` (trackers, sequences, thresholds) and `nameTrkAll`;
`..._error_OPE.mat` and `..._norm_error_OPE.mat` the same for precision and normalised precision;
`overlap50andcentererror20_<n>.mat` `overlaps50` and `center_error20` (trackers, sequences) with `seq_names`, without
names of trackers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError, WeightsError

Array = NDArray[np.float64]

_AT_20_PX = 20
_WANTED = "Give an aveSuccessRatePlot_*.mat of the benchmark's own evaluation."


class Measured(Enum):
    """What a file's curves are; the value stands in its name."""

    SUCCESS = "overlap"
    PRECISION = "error"
    NORMALISED = "norm_error"


@dataclass(frozen=True)
class PublishedCurves:
    """A file of curves.

    Attributes:
        measured: What they are.
        trackers: Names.
        curves: (trackers, sequences, thresholds) rates.
    """

    measured: Measured
    trackers: tuple[str, ...]
    curves: Array

    def curve(self, tracker: str) -> Array:
        """(t,) mean over the sequences, as the toolkit draws it: without those in which a tracker has nothing."""
        own = self.curves[self.trackers.index(tracker)]
        own = own[own.sum(axis=1) > np.finfo(float).eps]
        return np.asarray(own.mean(axis=0)) if len(own) else np.zeros(self.curves.shape[2])

    def value(self, tracker: str) -> float:
        """What the benchmark ranks by: the mean of the curve, for precision its value at 20 px."""
        curve = self.curve(tracker)
        return float(curve[_AT_20_PX] if self.measured is Measured.PRECISION else curve.mean())


@dataclass(frozen=True)
class PublishedRates:
    """The file of rates per sequence.

    Attributes:
        sequences: Names.
        success_50: (trackers, sequences) share of frames with an overlap above 0.5.
        precision_20: (trackers, sequences) share of frames with a centre error of at most 20 px.
    """

    sequences: tuple[str, ...]
    success_50: Array
    precision_20: Array


def read_published(path: Path) -> PublishedCurves | PublishedRates:
    """Read one of the files.

    Raises:
        EvaluationError: It is none of them.
    """
    from tracker.network.matfile import read_arrays  # loads scipy

    try:
        content = read_arrays(path)
    except WeightsError as error:
        raise EvaluationError(error.what, where=path, todo=_WANTED) from error
    try:
        if "aveSuccessRatePlot" in content:
            return _curves(path, content)
        return _rates(content)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise EvaluationError(
            f"it is no result file of LSOTB-TIR or PTB-TIR ({error}).", where=path, todo=_WANTED
        ) from None


def _curves(path: Path, content: dict[str, Any]) -> PublishedCurves:
    curves = np.asarray(content["aveSuccessRatePlot"], np.float64)
    trackers = _names(content["nameTrkAll"])
    if curves.ndim != 3 or len(curves) != len(trackers) or not np.isfinite(curves).all():
        raise ValueError(f"curves {curves.shape} of {len(trackers)} trackers")
    name = path.name.lower()
    measured = next(
        (m for m in (Measured.NORMALISED, Measured.PRECISION, Measured.SUCCESS) if m.value in name), None
    )
    if measured is None:
        measured = Measured.SUCCESS if curves.shape[2] == 21 else Measured.PRECISION
    return PublishedCurves(measured, trackers, curves)


def _rates(content: dict[str, Any]) -> PublishedRates:
    success, precision = (np.asarray(content[name], np.float64) for name in ("overlaps50", "center_error20"))
    sequences = _names(content["seq_names"])
    if success.shape != precision.shape or success.shape[1] != len(sequences):
        raise ValueError(f"rates {success.shape} of {len(sequences)} sequences")
    return PublishedRates(sequences, success, precision)


def _names(cells: Any) -> tuple[str, ...]:
    """The texts of a MATLAB cell array."""
    return tuple(str(np.asarray(cell).ravel()[0]) for cell in np.asarray(cells).ravel())
