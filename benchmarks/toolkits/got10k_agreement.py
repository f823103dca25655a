"""got10k's OTB and GOT-10k numbers, and Thermark's, from the same result files.

README. The toolkit lives in an environment of its own:

    python3.11 -m venv toolkits && toolkits/bin/pip install "got10k>=0.1.3,<0.2"
    .venv/bin/python -m benchmarks.toolkits.got10k_agreement CLIPS FOLDER --python toolkits/bin/python

CLIPS has a folder for each clip, with `groundtruth.txt` beside `img/` or a video. FOLDER is made: the clips
in GOT-10k's layout, and results of `--models` and of two made-up trackers, who shake the true boxes by
fractions and by whole pixels, the latter to hit thresholds exactly. With `--own-run`, got10k also runs
Thermark itself (`tracker.integrations.got10k`), in Thermark's environment, which then needs got10k too.
Printed: both sides' numbers and their largest difference, over all sequences and points of the curves; the
exit status is 1 where it is above 1e-6.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.toolkits.layouts import samples, write_got10k
from tracker.evaluation.comparing import ComparisonRequest, compare, model_entries
from tracker.evaluation.outcome import Outcome
from tracker.evaluation.protocols import load_protocol
from tracker.evaluation.results import read_box_results
from tracker.evaluation.sequences import BenchmarkSequence, read_benchmark
from tracker.jobs import finish

TOLERANCE = 1e-6
OFFICIAL = Path(__file__).with_name("official_got10k.py")
OTB_KEYS = {"success": "success_score", "precision": "precision_score"}
GOT_KEYS = {"ao": "ao", "sr_50": "sr"}


def main() -> int:
    """Make sequences and results, and compare."""
    options = _options()
    root: Path = options.folder
    if not (root / "val" / "list.txt").is_file():
        _make_sequences(options)
    names = _make_results(options)
    found = subprocess.run(
        [str(options.python), str(OFFICIAL), str(root), *names], check=True, capture_output=True, text=True
    )
    official = json.loads(found.stdout)
    worst = 0.0
    for protocol, keys in (("got-10k", GOT_KEYS), ("otb", OTB_KEYS)):
        place = "GOT-10k" if protocol == "got-10k" else "OTB"
        results = {name: root / "results" / place / name for name in names}
        request = ComparisonRequest(root / "val", load_protocol(protocol), root / "unused", results=results)
        for outcome in finish(compare(request)).outcomes:
            performance = official["got10k" if protocol == "got-10k" else "otb"][outcome.name]
            worst = max(worst, _compare(place, outcome, performance, keys))
    print(f"largest difference: {worst:.1e}")
    return int(worst > TOLERANCE)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", type=Path, required=True, help="with got10k")
    parser.add_argument("--models", nargs="*", default=["default"])
    parser.add_argument("--own-run", action="store_true", help="let got10k run Thermark too")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--every", type=int, default=2)
    options = parser.parse_args()
    options.folder = options.folder.absolute()
    return options


def _make_sequences(options: argparse.Namespace) -> None:
    names = []
    for sample in samples(options.clips, options.frames, options.every):
        write_got10k(sample, options.folder / "val" / sample.name)
        names.append(sample.name)
    (options.folder / "val" / "list.txt").write_text("\n".join(names) + "\n", encoding="utf-8")


def _make_results(options: argparse.Namespace) -> list[str]:
    """Results of all trackers in both layouts; returns the trackers' names."""
    root, protocol = options.folder, load_protocol("got-10k")
    sequences = read_benchmark(root / "val", protocol)
    request = ComparisonRequest(
        root / "val", protocol, root / "results" / "GOT-10k", model_entries(options.models, "cpu", 1)
    )
    if options.models:
        finish(compare(request))
    for name, shaken in (("shaken", _by_fractions), ("shaken-whole", _by_pixels)):
        rng = np.random.default_rng(1)
        for sequence in sequences:
            _write(root, name, sequence, shaken(sequence.truth, rng))
    names = [*request.models, "shaken", "shaken-whole"]
    if options.own_run:
        names.append(_run_by_got10k(root))
    for name in names:
        for sequence in sequences:
            boxes = read_box_results(root / "results" / "GOT-10k" / name, sequence, protocol)[0]
            _save(root / "results" / "OTB" / name / f"{sequence.name}.txt", boxes)
    return names


def _run_by_got10k(root: Path) -> str:
    from got10k.experiments import ExperimentGOT10k

    from tracker.integrations.got10k import ThermarkTracker

    tracker = ThermarkTracker("default", device="cpu", threads=1)
    ExperimentGOT10k(str(root), "val", str(root / "results"), str(root / "reports")).run(tracker)
    return str(tracker.name)


def _by_fractions(truth: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    found = truth + rng.normal(0, 0.15, truth.shape) * np.tile(truth[:, 2:], 2)
    found[:, 2:] = np.maximum(found[:, 2:], 1)
    return found


def _by_pixels(truth: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    found = truth + rng.integers(-4, 5, truth.shape)
    found[:, 2:] = np.maximum(found[:, 2:], 1)
    return found


def _write(root: Path, name: str, sequence: BenchmarkSequence, boxes: NDArray[np.float64]) -> None:
    folder = root / "results" / "GOT-10k" / name / sequence.name
    _save(folder / f"{sequence.name}_001.txt", boxes)
    _save(folder / f"{sequence.name}_time.txt", np.full((len(boxes), 1), 0.01))


def _save(path: Path, boxes: NDArray[np.float64]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, boxes, fmt="%.3f", delimiter=",")


def _compare(experiment: str, outcome: Outcome, official: dict[str, Any], keys: dict[str, str]) -> float:
    """Print the overall numbers; returns the largest difference, sequences and curves included."""
    worst = 0.0
    for own, theirs in keys.items():
        value, known = outcome.values[own].value, official["overall"][theirs]
        print(
            f"{experiment:<9}{outcome.name:<18}{theirs:<17}{known:>12.8f}{value:>12.8f}{abs(value - known):>10.1e}"
        )
        by_sequence = [
            abs(numbers[theirs] - outcome.by_sequence[own][name])
            for name, numbers in official["seq_wise"].items()
        ]
        worst = max(worst, abs(value - known), *by_sequence)
    for plot, key in (
        ("success", "succ_curve"),
        ("success", "success_curve"),
        ("precision", "precision_curve"),
    ):
        if key in official["overall"]:
            curve = np.array(official["overall"][key])
            worst = max(worst, float(np.abs(curve - outcome.curves[plot]).max()))
    return worst


if __name__ == "__main__":
    sys.exit(main())
