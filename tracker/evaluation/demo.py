"""The main job on the bundled clip, without a window: results and pictures as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resources import sample_boxes, sample_clip
from tracker.annotation.evidence import Evidence
from tracker.errors import ThermarkError
from tracker.evaluation.metrics import Evaluation, evaluate
from tracker.evaluation.pictures import Rgb, annotated, evidence_figure, save_figure
from tracker.geometry import Box, iou
from tracker.jobs import Job
from tracker.media import open_source, write_video
from tracker.media.source import FrameSource
from tracker.tracking.build import build_tracker
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.run import FrameTracked, RunSummary, StopConditions, track
from tracker.tracking.tracker import Result, Tracker

PICTURED = 4


@dataclass(frozen=True)
class DemoReport:
    """What came out.

    Attributes:
        output: Folder of the files.
        evaluation: Overlap with the true boxes.
        fps: Frames per second, end to end.
        device: Where the tracker ran.
        model: Which one.
    """

    output: Path
    evaluation: Evaluation
    fps: float
    device: str
    model: str

    @property
    def text(self) -> str:
        """For the command line."""
        figures = self.evaluation
        return (
            f"{figures.frames} frames tracked by {self.model} on {self.device} at {self.fps:.1f} frames/s\n"
            f"success AUC {figures.success_auc:.3f}, precision at 20 px {figures.precision_20:.3f}, "
            f"mean overlap with the true boxes {figures.mean_overlap:.3f}\n"
            f"boxes.txt, annotated.mp4, maps.png, overlap.csv and report.json are in {self.output}"
        )


@dataclass
class _Record:
    """What is kept of a run: every box, and the evidence of the frames to be pictured."""

    wanted: frozenset[int]
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    evidence: dict[int, Evidence] = field(default_factory=dict)

    def take(self, frame: int, result: Result) -> None:
        self.boxes.append(result.box.as_tuple())
        if frame in self.wanted:
            self.evidence[frame] = result.evidence


def demo(
    output: Path,
    *,
    model: str = "default",
    device: str = "auto",
    threads: int | None = None,
    max_frames: int | None = None,
    tracker: Tracker | None = None,
) -> Job[DemoReport]:
    """Track the sample clip from its first true box and write boxes, clip, maps and overlap.

    Args:
        output: Folder, made where it is missing; files of an earlier demo are replaced.
        model: As in `build_tracker`.
        device: As in `build_tracker`.
        threads: As in `build_tracker`.
        max_frames: Most frames to track after the first.
        tracker: Instead of building one.

    Raises:
        ThermarkError: The folder cannot be written, or the tracker cannot be made.
    """
    _make_folder(output)
    source = yield from open_source(sample_clip())
    truth = sample_boxes()
    name = "a given tracker"
    if tracker is None:
        built = build_tracker(model, device=device, threads=threads, normalisation=Normalisation.of(source))
        tracker, name = built.tracker, built.device.name
    frames = len(source) if max_frames is None else min(len(source), max_frames + 1)
    record = _Record(frozenset(np.linspace(0, frames - 1, PICTURED).round().astype(int).tolist()))
    summary = yield from _recorded(source, tracker, truth, record, max_frames)
    found = np.array(record.boxes)
    evaluation = evaluate(found, truth[:frames])
    _write_pictures(output, source, found, truth, record)
    _write_tables(output, found, truth[:frames])
    source.close()
    report = DemoReport(output, evaluation, summary.fps_end_to_end, name, tracker.model_id)
    details = {**asdict(evaluation), "fps": report.fps, "device": report.device, "model": report.model}
    (output / "report.json").write_text(json.dumps(details, indent=2) + "\n", encoding="utf-8")
    return report


def _make_folder(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / "boxes.txt").write_text("", encoding="ascii")
    except OSError as error:
        raise ThermarkError(
            f"the folder cannot be written ({error.strerror}).",
            where=output,
            todo="Choose another with --output.",
        ) from error


def _recorded(
    source: FrameSource, tracker: Tracker, truth: NDArray[np.float64], record: _Record, max_frames: int | None
) -> Job[RunSummary]:
    """The run, its results put down in `record`."""
    job = track(source, tracker, 0, Box(*truth[0].tolist()), stop=StopConditions(max_frames=max_frames))
    while True:
        try:
            event = next(job)
        except StopIteration as end:
            summary: RunSummary = end.value
            return summary
        if isinstance(event, FrameTracked):
            record.take(event.frame, event.result)
        yield event


def _write_pictures(
    output: Path, source: FrameSource, found: NDArray[np.float64], truth: NDArray[np.float64], record: _Record
) -> None:
    write_video(output / "annotated.mp4", _annotated_frames(source, found, truth), source.fps or 25.0)
    rows = [
        (i, source.frame(i), Box(*found[i].tolist()), evidence) for i, evidence in record.evidence.items()
    ]
    save_figure(evidence_figure(rows), output / "maps.png")


def _annotated_frames(
    source: FrameSource, found: NDArray[np.float64], truth: NDArray[np.float64]
) -> Iterator[Rgb]:
    for index, box in enumerate(found):
        true = Box(*truth[index].tolist()) if np.isfinite(truth[index]).all() else None
        overlap = f"overlap {float(iou(box, truth[index])):.2f}" if true is not None else "target hidden"
        yield annotated(source.frame(index), Box(*box.tolist()), true, f"frame {index}   {overlap}")


def _write_tables(output: Path, found: NDArray[np.float64], truth: NDArray[np.float64]) -> None:
    lines = (",".join(f"{value:.3f}" for value in box) for box in found)
    (output / "boxes.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
    overlaps = iou(found, truth)
    table = (f"{index},{overlap:.4f}" for index, overlap in enumerate(overlaps))
    (output / "overlap.csv").write_text("frame,overlap\n" + "\n".join(table) + "\n", encoding="ascii")
