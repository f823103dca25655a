"""How long `thermark dataset stats` takes for a large data set, and how much memory.

    .venv/bin/python benchmarks/dataset_stats.py [--sequences 1000] [--frames 500] [--format got10k]

Makes a data set of annotation alone in a temporary folder, counts the first tenth of it and then all of it, each in a
process of its own, and prints seconds and peak memory of both: memory that grows with the data set would show.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tracker.datasets import statistics
from tracker.jobs import finish

TRUTHS = {"got10k": "groundtruth.txt", "otb": "groundtruth_rect.txt", "plain": "groundtruth.txt"}


def make(folder: Path, sequences: int, frames: int, truth: str) -> None:
    """Write boxes that wander and change size."""
    generator = np.random.default_rng(0)
    for number in range(sequences):
        home = folder / f"scene{number // 4:04d}_{number:05d}"
        home.mkdir(parents=True)
        centre = np.cumsum(generator.normal(0, 3, (frames, 2)), axis=0) + 300
        size = 30 * np.exp(np.cumsum(generator.normal(0, 0.01, (frames, 2)), axis=0))
        rows = np.hstack([centre - size / 2, size])
        np.savetxt(home / truth, rows, "%.4f", ",")


def count(folder: Path, format_: str) -> None:
    """Count, and print seconds and peak memory as JSON."""
    begun = time.perf_counter()
    found = finish(statistics(folder, format_))
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux
    print(json.dumps([found.sequences, found.boxes, round(seconds, 2), round(peak, 1)]))


def main() -> None:
    """Make the data sets, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--format", choices=TRUTHS, default="got10k")
    parser.add_argument("--count", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.count:
        count(options.count, options.format)
        return
    with tempfile.TemporaryDirectory() as folder:
        for sequences in (max(options.sequences // 10, 1), options.sequences):
            home = Path(folder) / str(sequences)
            make(home, sequences, options.frames, TRUTHS[options.format])
            command = [sys.executable, __file__, "--count", str(home), "--format", options.format]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            clips, boxes, seconds, peak = json.loads(done.stdout)
            print(f"{clips} sequences, {boxes} boxes: {seconds} s, peak memory {peak} MiB")


if __name__ == "__main__":
    main()
