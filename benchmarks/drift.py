"""The probability of a wrong box (`tracker.tracking.drift`): what it is fitted to, how, and how good it is.

    DATA=../shared/data OUT=/tmp/drift PY=.venv/bin/python
    $PY benchmarks/drift.py collect $DATA/train/tir --render 48 --out $OUT/train.npz
    $PY benchmarks/drift.py collect $DATA/train/gray_visible --out $OUT/visible.npz
    $PY benchmarks/drift.py collect $DATA/dev --undisturbed 2 --out $OUT/dev.npz
    $PY benchmarks/drift.py collect $DATA/dev --kinds occluded leaving fast --out $OUT/disturbed.npz
    $PY benchmarks/drift.py fit $OUT/train.npz --without dd_scene_082 --test $OUT/{visible,dev,disturbed}.npz
    $PY benchmarks/drift.py plot $OUT/{visible,dev,disturbed}.npz
    $PY benchmarks/drift.py judge $OUT/disturbed.npz
    $PY benchmarks/drift.py teach $OUT/dev.npz

`collect` follows targets with the default tracker and keeps the scores, the boxes and the truth of every frame; `fit`
judges on scenes that were left out, then fits to all; `plot` draws a reliability diagram of the shipped model; `judge`
counts what `tracker.tracking.presence` says of targets that were hidden, and how often they are taken up again; `teach`
judges each clip with the shipped model fitted further to one frame in N of the other clips, as reviews of them would.
Printed by `fit`:

  AUC       probability that a wrong box (IoU with the truth below one half) has a higher risk than a right one
  ECE       expected calibration error, ten bins
  10 % e    share of the wrong boxes in the stretches that the worst tenth of the review queue's entries opens ...
  frames    ... and the share of all frames that is
  10 % f    share of the wrong boxes found where entries are opened until a tenth of all frames is
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.drift_figures import (
    Array,
    Table,
    area_under_roc,
    calibration_error,
    caught,
    reliability,
    table_of,
)
from benchmarks.drift_runs import (
    DISTURBANCES,
    IN_TURN,
    NATURAL,
    TrackedRun,
    disturbed_run,
    footage_of,
    load_runs,
    render,
    save_runs,
    undisturbed_runs,
)
from tracker.annotation.track import Presence
from tracker.evaluation.labelling import CORRECTED_BELOW
from tracker.tracking.build import build_tracker
from tracker.tracking.drift import DriftModel, fitted
from tracker.tracking.drift_features import FEATURE_NAMES, features_of
from tracker.tracking.presence import presences

FOLDS = 5

PULL = 300.0
"""Strength of the pull of the weights towards 0; like `IGNORED`, chosen by fitting to one source, judging on others."""

IGNORED = tuple(
    name + pace
    for name in ("psr", "apce", "divergence", "contrast", "motion", "edge", "forward_backward")
    for pace in ("", "_slow")
)
"""Features whose absolute values tell the source rather than the mistake; the last was not measured."""

UNKNOWN_WEIGHT = 0.1
"""Weight of the copies of all frames that lack what MLSSNet, or evidence of the first version, does not have."""

LACKING = (("quality", "likeness"), ("divergence", "quality", "likeness", "contrast"))

ALONE = ("peak", "psr")
"""What the model is compared with: each of these scores alone, calibrated in the same way."""


# Collecting --------------------------------------------------------------------------------------------------------


def collect(args: argparse.Namespace) -> None:
    """Run the tracker, and keep what it saw."""
    tracker = build_tracker(args.model, device="cpu", threads=1).tracker
    folders = list(args.folders)
    if args.render:
        folders.append(args.out.with_name("rendered"))
        render(folders[-1], args.render)
    runs: list[TrackedRun] = []
    begun = time.perf_counter()
    for folder in folders:
        for number, footage in enumerate(footage_of(folder)):
            if args.undisturbed:
                runs += undisturbed_runs(tracker, footage, args.undisturbed)
            else:
                kinds = args.kinds or [IN_TURN[number % len(IN_TURN)]]
                found = (disturbed_run(tracker, footage, kind) for kind in kinds)
                runs += [run for run in found if run is not None]
            print(f"\r{folder.name} {number + 1}, {time.perf_counter() - begun:.0f} s", end="", flush=True)
    print(
        f"\r{len(runs)} runs, {sum(len(run.boxes) for run in runs)} frames, {time.perf_counter() - begun:.0f} s"
    )
    save_runs(args.out, runs)


# Fitting -----------------------------------------------------------------------------------------------------------

Fit = Callable[[Table], DriftModel]


def fit_all(table: Table) -> DriftModel:
    """The model that ships, fitted to the frames of a table, also to copies that lack some of the scores."""
    known = table.is_known
    features, wrong = table.features[known], table.is_wrong[known].astype(float)
    copies = [lacking(features, names) for names in LACKING]
    return fitted(
        np.concatenate([features, *copies]),
        np.tile(wrong, 1 + len(copies)),
        PULL,
        importance=np.repeat([1.0, *[UNKNOWN_WEIGHT] * len(copies)], len(wrong)),
        ignored=IGNORED,
    )


def lacking(features: Array, names: tuple[str, ...]) -> Array:
    """A copy in which everything that comes from some scores is unknown."""
    columns = [k for k, name in enumerate(FEATURE_NAMES) if name.split("_")[0] in names]
    copy = features.copy()
    copy[:, columns] = np.nan
    return copy


def fit_alone(name: str) -> Fit:
    """Fits a model that sees one score of the present frame alone, without any history."""

    def fit(table: Table) -> DriftModel:
        known = table.is_known
        return fitted(only(name, table.features[known]), table.is_wrong[known].astype(float), 1e-3)

    return fit


def only(name: str, features: Array) -> Array:
    """A copy in which everything but one feature is unknown."""
    kept = np.array([each == name for each in FEATURE_NAMES])
    return np.where(kept, features, np.nan)


def left_out(table: Table, fit: Fit) -> Array:
    """(n,) probabilities by models that have not seen the frame's scene."""
    groups = np.random.default_rng(0).permutation(sorted(set(table.groups.tolist())))
    fold = dict(zip(groups.tolist(), np.arange(len(groups)) % FOLDS, strict=True))
    place = np.array([fold[group] for group in table.groups.tolist()])
    risk = np.full(len(place), np.nan)
    for number in range(FOLDS):
        seen = part_of(table, place != number)
        risk[place == number] = fit(seen).probability(table.features[place == number])
    return risk


def part_of(table: Table, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Table:
    """Some frames of a table."""
    return Table(table.runs, table.features[rows], table.overlaps[rows], table.run[rows])


@dataclass(frozen=True)
class Row:
    """A line of the printed table."""

    title: str
    table: Table
    risk: Array

    def show(self) -> None:
        """Print it."""
        known, wrong = self.table.is_known, self.table.is_wrong
        risk, is_wrong = self.risk[known], wrong[known]
        entries, frames = (caught(self.table, self.risk, by_frames=each) for each in (False, True))
        print(
            f"{self.title:<34} {is_wrong.mean():6.3f} {area_under_roc(risk, is_wrong):6.3f}"
            f" {calibration_error(risk, is_wrong):6.3f} {entries.wrong:7.2f} {entries.frames:7.2f} {frames.wrong:7.2f}",
            flush=True,
        )


def fit(args: argparse.Namespace) -> None:
    """Judge on scenes left out, fit to all, judge on clips that were never seen, and write the model."""
    runs = [run for run in load_runs(args.runs) if run.group not in args.without]
    table = table_of(runs)
    natural = np.isin(table.kinds, NATURAL)
    print(f"{'':<34} {'wrong':>6} {'AUC':>6} {'ECE':>6} {'10 % e':>7} {'frames':>7} {'10 % f':>7}")
    fits: dict[str, Fit] = {"model": fit_all, **{f"{name} alone": fit_alone(name) for name in ALONE}}
    for title, each in fits.items():
        risk = left_out(table, each)
        Row(f"scenes left out, all: {title}", table, risk).show()
        Row(f"scenes left out, natural: {title}", part_of(table, natural), risk[natural]).show()
    model = fit_all(table)
    for path in args.test:
        test = table_of(load_runs(path))
        Row(f"{path.stem}: model", test, model.probability(test.features)).show()
        for name in ALONE:
            risk = fit_alone(name)(table).probability(only(name, test.features))
            Row(f"{path.stem}: {name} alone", test, risk).show()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    model.save(args.out)


# Pictures ----------------------------------------------------------------------------------------------------------


def plot(args: argparse.Namespace) -> None:
    """Draw how often boxes are wrong against how often the model says so."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    model = DriftModel.load(args.model)
    figure = Figure(figsize=(4.2, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for path in args.runs:
        table = table_of(load_runs(path))
        known = table.is_known
        said, true, count = reliability(model.probability(table.features[known]), table.is_wrong[known]).T
        (line,) = axes.plot(said, true, linewidth=1, label=path.stem)
        axes.scatter(said, true, s=4 + 300 * count / count.sum(), color=line.get_color())
    axes.legend(loc="upper left", frameon=False)
    axes.set(
        xlabel="probability given", ylabel="share of wrong boxes", xlim=(0, 1), ylim=(0, 1), aspect="equal"
    )
    FigureCanvasAgg(figure)
    figure.savefig(args.out, dpi=100)


def judge(args: argparse.Namespace) -> None:
    """Print what is said of hidden and of visible targets, and how many boxes are right once they are back, by kind."""
    model = DriftModel.load(args.model)
    counts: dict[str, list[Array]] = {}
    for run in (run for path in args.runs for run in load_runs(path)):
        counts.setdefault(run.kind, []).append(judged(run, model))
    for kind, rows in counts.items():
        gone, found, visible, wrongly, back, right = np.sum(rows, axis=0)
        print(f"{kind:<10} hidden in {gone:.0f} frames, said of {found / max(gone, 1):.0%} of them;", end=" ")
        print(
            f"visible in {visible:.0f}, said to be hidden in {wrongly / max(visible, 1):.1%} of them;",
            end=" ",
        )
        print(f"back in {back:.0f}, {right / max(back, 1):.0%} of their boxes right")


def teach(args: argparse.Namespace) -> None:
    """Print how good the model is on each clip after reviews of the others."""
    shipped = DriftModel.load(args.model)
    table = table_of([run for path in args.runs for run in load_runs(path)])
    clips = table.of_run([run.clip for run in table.runs])
    Row("as shipped", table, shipped.probability(table.features)).show()
    for every in args.every:
        risk = np.empty(len(clips))
        for clip in np.unique(clips):
            seen = np.flatnonzero((clips != clip) & table.is_known)[::every]
            taught = shipped.refitted(table.features[seen], table.is_wrong[seen])
            risk[clips == clip] = taught.probability(table.features[clips == clip])
        Row(f"one in {every} of the others", table, risk).show()


def judged(run: TrackedRun, model: DriftModel) -> Array:
    """(6,) numbers of frames: hidden, of them said to be; visible, of them said to be hidden; back, of them right."""
    features = features_of(run.scores, run.boxes, run.frame_size)
    said = np.array(presences(model.probability(features), features)) != Presence.VISIBLE
    hidden = run.presence != Presence.VISIBLE
    is_back = ~hidden & np.maximum.accumulate(hidden) & np.isfinite(run.overlaps)
    right = is_back & (np.nan_to_num(run.overlaps) >= CORRECTED_BELOW)
    rows = (hidden, hidden & said, ~hidden, ~hidden & said, is_back, right)
    return np.array([row.sum() for row in rows], np.float64)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("collect")
    sub.add_argument("folders", nargs="+", type=Path, help="folders of clips with groundtruth.txt")
    sub.add_argument("--render", type=int, default=0, metavar="N", help="also over so many rendered scenes")
    sub.add_argument(
        "--undisturbed", type=int, default=0, metavar="N", help="whole clips, from N first boxes each"
    )
    sub.add_argument(
        "--kinds", nargs="+", choices=DISTURBANCES, help="of runs, for each clip; otherwise in turn"
    )
    sub.add_argument("--model", default="default", help="of the tracker")
    sub.add_argument("--out", type=Path, required=True)
    sub.set_defaults(do=collect)
    sub = commands.add_parser("fit")
    sub.add_argument("runs", type=Path, help="from collect")
    sub.add_argument("--without", nargs="*", default=[], metavar="GROUP", help="scenes that are in a test")
    sub.add_argument("--test", nargs="*", type=Path, default=[], help="runs to measure on, never to fit to")
    sub.add_argument("--out", type=Path, default=Path("resources/drift/default.json"), help="the model")
    sub.set_defaults(do=fit)
    for name, do in (("plot", plot), ("judge", judge), ("teach", teach)):
        sub = commands.add_parser(name)
        sub.add_argument("runs", nargs="+", type=Path, help="from collect")
        sub.add_argument("--model", type=Path, help="a fitted model; the shipped one without")
        sub.set_defaults(do=do)
        if name == "plot":
            sub.add_argument("--out", type=Path, default=Path("docs/drift.png"))
        if name == "teach":
            sub.add_argument("--every", nargs="+", type=int, default=[40, 10], metavar="N")
    return parser.parse_args()


def main() -> int:
    """Do what is asked."""
    args = parse()
    args.do(args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
