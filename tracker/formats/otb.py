"""OTB and LSOTB-TIR: for each sequence `img/` and `groundtruth_rect.txt`.

Wu, Lim and Yang, "Object Tracking Benchmark", TPAMI 2015; Liu et al., "LSOTB-TIR", ACM MM 2020.
"""

from __future__ import annotations

from pathlib import Path

from tracker.formats.exporter import Sequence
from tracker.formats.rectangles import as_lines, rectangles


class Otb:
    """The layout of OTB and LSOTB-TIR: one folder for a sequence, pixels counted from 1."""

    title = "OTB / LSOTB-TIR"
    is_zero_based = False

    def image_name(self, number: int, length: int) -> str:
        """In `img`, with four digits, or more where the last number needs them: names sort as numbers."""
        return f"img/{number:0{max(4, len(str(length)))}d}"

    def write_labels(self, folder: Path, sequence: Sequence, *, zero_based: bool) -> None:
        """Write `groundtruth_rect.txt`; whole numbers are written without decimals."""
        text = as_lines(rectangles(sequence.frames, zero_based=zero_based), "%.12g")
        (folder / "groundtruth_rect.txt").write_text(text, encoding="utf-8", newline="\n")

    def write_index(self, folder: Path, sequences: list[Sequence]) -> None:
        """Nothing: a sequence is a folder."""
