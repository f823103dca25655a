"""vot-toolkit runs Thermark through TraX; then accuracy, robustness and EAO by both, from the same files.

README. The toolkit lives in environments of its own (it has many requirements), and Thermark's environment
needs vot-trax beside its own packages:

    python3.11 -m venv toolkits
    toolkits/bin/pip install "vot-toolkit>=0.9,<0.10" attributee==0.1.9 got10k
    python3.11 -m venv toolkits-0.7
    toolkits-0.7/bin/pip install vot-toolkit==0.7.4 attributee==0.1.9
    .venv/bin/pip install vot-trax        # or: pip install --target DIR vot-trax six, and --trax DIR
    .venv/bin/python -m benchmarks.toolkits.vot_agreement CLIPS WORKSPACE
        --vot toolkits/bin/vot --vot-evaluate toolkits-0.7/bin/vot

Two versions, because 0.8.1 and 0.9.0 cannot run any supervised stack: their `vot evaluate` stops with
"Tracker does not support multiple objects" for every tracker that speaks TraX, their own `vot.tracker.dummy`
too (the single object reaches the runtime as something else than a list). 0.7.4 runs the trackers, 0.9
analyses; `vot test` works with 0.9.

CLIPS has a folder for each clip, with `groundtruth.txt` beside `img/` or a video. WORKSPACE is made: VOT
sequences, the stacks vot2015/tir and vot2016/tir, which have the same settings, and, because they name no
interval of lengths for EAO, a copy with one, `--low` to `--high`. With 9 clips of 60 frames it takes about
three minutes on one core. Printed: both sides' numbers and their difference, and what `thermark evaluate`
gets by running the trackers itself; the exit status is 1 where a difference is above 1e-3.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.toolkits.layouts import samples, write_vot
from tracker.evaluation.comparing import ComparisonRequest, compare, model_entries
from tracker.evaluation.protocols import load_protocol
from tracker.jobs import finish

PROJECT = Path(__file__).parents[2]
TOLERANCE = 1e-3
STACKS = ("vot2015/tir", "vot2016/tir")
OWN_STACK = "tir_with_eao.yaml"


def main() -> int:
    """Make the workspace, let the toolkit evaluate, and compare."""
    options = _options()
    workspace: Path = options.workspace
    if not (workspace / "config.yaml").is_file():
        _make_workspace(options)
    _write_stack(workspace, options.low, options.high)
    environment = _environment(options)
    names = [f"Thermark-{model}" for model in options.models]
    where, worst = ["--workspace", str(workspace)], 0.0
    for stack in (*STACKS, OWN_STACK):
        config = f"registry:\n- ./trackers.ini\nstack: {stack}\n"
        (workspace / "config.yaml").write_text(config, encoding="ascii")
        for command in (
            [options.vot_evaluate, "evaluate", *where, *names],
            [options.vot, "analysis", *where, "--name", "analysis", "--format", "json", *names],
        ):
            subprocess.run(list(map(str, command)), check=True, env=environment, cwd=workspace)
        worst = max(worst, _compare(options, stack, names))
    return int(worst > TOLERANCE)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--vot", type=Path, required=True, help="the toolkit's command")
    parser.add_argument("--vot-evaluate", type=Path, default=None, help="of the version that runs trackers")
    parser.add_argument("--trax", type=Path, default=None, help="folder with vot-trax, if installed apart")
    parser.add_argument("--models", nargs="+", default=["default"])
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--low", type=int, default=20)
    parser.add_argument("--high", type=int, default=80)
    options = parser.parse_args()
    options.workspace, options.vot = options.workspace.absolute(), options.vot.absolute()
    options.vot_evaluate = (options.vot_evaluate or options.vot).absolute()
    return options


def _make_workspace(options: argparse.Namespace) -> None:
    workspace: Path = options.workspace
    names = []
    for sample in samples(options.clips, options.frames, options.every):
        write_vot(sample, workspace / "sequences" / sample.name)
        names.append(sample.name)
    (workspace / "sequences" / "list.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    (workspace / "results").mkdir()
    sections = [
        f"[Thermark-{model}]\nlabel = Thermark-{model}\nprotocol = trax\ntimeout = 120\n"
        f"command = {sys.executable} -m tracker.integrations.vot --model {model} --device cpu --threads 1\n"
        for model in options.models
    ]
    (workspace / "trackers.ini").write_text("\n".join(sections), encoding="utf-8")


def _write_stack(workspace: Path, low: int, high: int) -> None:
    """The settings of the TIR stacks, and an interval for EAO."""
    (workspace / OWN_STACK).write_text(
        "title: TIR with an interval for EAO\nexperiments:\n  baseline:\n    type: supervised\n"
        "    repetitions: 15\n    skip_initialize: 5\n    analyses:\n"
        "      - type: supervised_average_ar\n        sensitivity: 30\n"
        f"      - type: supervised_eao_score\n        low: {low}\n        high: {high}\n"
        "      - type: supervised_eao_curve\n",
        encoding="ascii",
    )


def _environment(options: argparse.Namespace) -> dict[str, str]:
    paths = [str(PROJECT), *([str(options.trax.absolute())] if options.trax else [])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _compare(options: argparse.Namespace, stack: str, names: list[str]) -> float:
    """Print both sides' numbers; returns the largest difference."""
    workspace: Path = options.workspace
    protocol = load_protocol("vot-tir2016")
    rules = replace(protocol.supervised, interval=(options.low, options.high))
    request = ComparisonRequest(
        workspace / "sequences",
        replace(protocol, supervised=rules),
        workspace / "own-runs",
        models=model_entries(options.models, "cpu", 1) if stack == OWN_STACK else {},
        results={name: workspace / "results" / name for name in names},
    )
    comparison = finish(compare(request))
    outcomes = {outcome.name: outcome.values for outcome in comparison.outcomes}
    official = _official(json.loads((workspace / "analysis" / "analysis.json").read_text(encoding="utf-8")))
    print(f"\n{stack}\n{'tracker':<24}{'measure':<14}{'vot-toolkit':>14}{'Thermark':>14}{'difference':>12}")
    worst = 0.0
    for name, numbers in official.items():
        for measure, value in numbers.items():
            own = outcomes[name][measure].value
            worst = max(worst, abs(own - value))
            print(f"{name:<24}{measure:<14}{value:>14.6f}{own:>14.6f}{abs(own - value):>12.1e}")
    for name in request.models:
        kept = {key: outcomes[name][key].value for key in ("accuracy", "robustness", "eao")}
        values = ", ".join(f"{key} {value:.6f}" for key, value in kept.items())
        print(f"{name} run by thermark evaluate instead: {values}")
    return worst


def _official(analysis: Any) -> dict[str, dict[str, float]]:
    """Accuracy, robustness and EAO by tracker, out of the toolkit's own document."""
    experiment = analysis["results"]["baseline"]
    found: dict[str, dict[str, float]] = {name: {} for name in analysis["trackers"]}
    for what, results in zip(experiment["parameters"]["analyses"], experiment["results"], strict=True):
        for own, numbers in zip(found.values(), results, strict=True):
            if what["type"].endswith("AverageAccuracyRobustness"):
                own.update(accuracy=numbers[0], robustness=numbers[1])
            elif what["type"].endswith("EAOScore"):
                own.update(eao=numbers[0])
    return found


if __name__ == "__main__":
    sys.exit(main())
