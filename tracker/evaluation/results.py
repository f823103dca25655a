"""Result files of trackers: Thermark's own and any other's, a text file for each sequence.

Layouts, looked for in this order below a tracker's folder:

- OTB, PTB-TIR, LSOTB-TIR, LaSOT, pysot: `NAME.txt`, a box for each frame;
- GOT-10k: `NAME/NAME_001.txt` and so on for repetitions;
- VOT: `baseline/NAME/NAME_001.txt` or `.bin`, a region or code for each frame (also without `baseline`).

Boxes are counted from the pixel that the benchmark's own files count from.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError, FormatError
from tracker.evaluation.protocols import Kind, Protocol
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.evaluation.tables import read_boxes, read_regions
from tracker.evaluation.vot_binary import SUFFIX, read_binary
from tracker.evaluation.vot_regions import Region, is_code
from tracker.formats.text import at_line, require_count

Array = NDArray[np.float64]

VOT_EXPERIMENT = "baseline"
_LAYOUTS = "Give a folder with NAME.txt, NAME/NAME_001.txt or baseline/NAME/NAME_001.txt for each sequence."


def result_files(folder: Path, name: str) -> list[Path]:
    """The result files of a sequence, one for each repetition; empty where there are none."""
    if (folder / f"{name}.txt").is_file():
        return [folder / f"{name}.txt"]
    for place in (folder / name, folder / VOT_EXPERIMENT / name):
        for suffix in (".txt", SUFFIX):
            found = sorted(place.glob(f"{_escaped(name)}_[0-9][0-9][0-9]{suffix}"))
            if found:
                return found
    return []


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def read_box_results(folder: Path, sequence: BenchmarkSequence, protocol: Protocol) -> list[Array]:
    """(n, 4) boxes of each repetition, 0-based.

    Raises:
        EvaluationError: There is no file.
        FormatError: One is damaged; it names file and line.
    """
    runs = []
    for path in _found(folder, sequence):
        boxes = read_boxes(path, first_pixel=protocol.first_pixel)
        require_count(path, len(boxes), len(sequence), "lines", f"frames of {sequence.name}")
        runs.append(boxes)
    return runs


def read_region_results(folder: Path, sequence: BenchmarkSequence) -> list[list[Region]]:
    """A region or code for each frame, of each repetition of the supervised protocol.

    Raises:
        EvaluationError: There is no file.
        FormatError: One is damaged; it names file and line.
    """
    runs = []
    for path in _found(folder, sequence):
        regions = read_binary(path) if path.suffix == SUFFIX else read_regions(path)
        require_count(path, len(regions), len(sequence), "lines", f"frames of {sequence.name}")
        if not is_code(regions[0], 1):
            raise FormatError(
                "a run begins with 1, the code for a start.",
                where=at_line(path, 1),
                todo="Results of one-pass evaluation cannot be scored by the supervised protocol.",
            )
        runs.append(regions)
    return runs


def _found(folder: Path, sequence: BenchmarkSequence) -> list[Path]:
    paths = result_files(folder, sequence.name)
    if not paths:
        raise EvaluationError(f"there is no result for {sequence.name}.", where=folder, todo=_LAYOUTS)
    return paths


def as_text(boxes: Array, protocol: Protocol) -> str:
    """(n, 4) 0-based boxes as a result file of the benchmark's layout; 0,0,0,0 where there is none."""
    rows = np.array(boxes, np.float64)
    missing = ~np.isfinite(rows).all(axis=1)
    rows[:, :2] += protocol.first_pixel
    rows[missing] = 0.0
    return "".join(",".join(f"{value:.4f}" for value in row) + "\n" for row in rows.tolist())


def regions_as_text(regions: list[Region]) -> str:
    """Regions and codes as a VOT result file."""
    return "".join(
        f"{int(region[0])}\n" if region.size == 1 else ",".join(f"{v:.4f}" for v in region) + "\n"
        for region in regions
    )


def result_path(folder: Path, name: str, protocol: Protocol, start: str = "") -> Path:
    """Where Thermark writes the result of a sequence, in the layout that the benchmark's own toolkit reads.

    Args:
        folder: Of the model.
        name: Of the sequence.
        protocol: Of the benchmark.
        start: Name of a start of SRE or TRE.
    """
    if protocol.kind is Kind.SUPERVISED:
        return folder / VOT_EXPERIMENT / name / f"{name}_001.txt"
    if protocol.kind is Kind.GOT10K:
        return folder / name / f"{name}_001.txt"
    return folder / start / f"{name}.txt" if start else folder / f"{name}.txt"


def times_path(folder: Path, name: str, protocol: Protocol) -> Path:
    """Where got10k looks for the seconds that each frame took; its GOT-10k report fails without them."""
    if protocol.kind is Kind.GOT10K:
        return folder / name / f"{name}_time.txt"
    return folder / "times" / f"{name}_time.txt"


def times_as_text(seconds: Array) -> str:
    """(n,) seconds, one a line."""
    return "".join(f"{value:.8f}\n" for value in seconds.tolist())
