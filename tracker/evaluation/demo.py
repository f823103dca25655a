"""The main job on the bundled clip, without a window: results and pictures as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resources import sample_boxes, sample_clip
from tracker.annotation.evidence import Evidence
from tracker.errors import ThermarkError
from tracker.evaluation.metrics import Evaluation, evaluate
from tracker.evaluation.pictures import Moment, Rgb, annotated, evidence_figure, save_figure
from tracker.geometry import Box, boxes_as_array, centre_distance, iou
from tracker.jobs import Job, ProgressMeter
from tracker.media import open_source, write_video
from tracker.media.source import FrameSource
from tracker.tracking.build import build_tracker
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.run import FrameTracked, RunSummary, StopConditions, track
from tracker.tracking.tracker import Result, Tracker

Array = NDArray[np.float64]

PICTURED = {
    10: "the start",
    60: "a car and a pole pass",
    152: "the gain jumps",
    174: "someone similar in front",
    229: "going behind a tree",
    252: "and out again",
}
"""Frames of the sample clip worth a look, and what happens there."""


@dataclass(frozen=True)
class DemoReport:
    """What came out.

    Attributes:
        output: Folder of the files.
        evaluation: Fit with the true boxes.
        fps: Frames per second, end to end.
        device: Where the tracker ran.
        note: Why it is not the wanted device; empty where it is.
        model: Which tracker.
    """

    output: Path
    evaluation: Evaluation
    fps: float
    device: str
    note: str
    model: str

    @property
    def text(self) -> str:
        """For the command line."""
        fit = self.evaluation
        lines = [
            f"{self.model} on {self.device}: {self.fps:.1f} frames/s, {fit.frames} frames with a true box",
            f"success AUC {fit.success_auc:.3f}, precision at 20 px {fit.precision_20:.3f}, "
            f"mean overlap {fit.mean_overlap:.3f}",
            f"boxes.txt, annotated.mp4, maps.png, overlap.csv and report.json are in {self.output}",
        ]
        return "\n".join([self.note, *lines] if self.note else lines)


@dataclass
class _Record:
    """What is kept of a run: every box, and the evidence of the frames to be pictured."""

    boxes: list[Box | None] = field(default_factory=list)
    evidence: dict[int, Evidence] = field(default_factory=dict)

    def take(self, frame: int, result: Result) -> None:
        self.boxes.append(result.box if result.presence.has_box else None)
        if frame in PICTURED:
            self.evidence[frame] = result.evidence


@dataclass(frozen=True)
class _Follower:
    """A tracker, where it runs, and how what goes wrong there is explained."""

    tracker: Tracker
    device: str
    note: str
    explained: AbstractContextManager[None]


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
        output: Folder, made where it is missing; only the files of an earlier demo in it are replaced.
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
    try:
        if tracker is None:
            follower = _built(source, model, device, threads)
        else:
            follower = _Follower(tracker, "a given tracker", "", nullcontext())
        truth, record = sample_boxes(), _Record()
        with follower.explained:
            summary = yield from _recorded(source, follower.tracker, truth, record, max_frames)
        truth = truth[: summary.frames]
        yield from _write_clip(output, source, record.boxes, truth)
        _write_maps(output, source, record, truth)
    finally:
        source.close()
    found = boxes_as_array(record.boxes)
    report = DemoReport(
        output,
        evaluate(found, truth),
        summary.fps_end_to_end,
        follower.device,
        follower.note,
        follower.tracker.model_id,
    )
    _write_tables(output, found, truth)
    _write_report(report)
    return report


def _make_folder(output: Path) -> None:
    """Find out before the work whether the results can be written."""
    probe = output / ".part-boxes.txt"
    try:
        output.mkdir(parents=True, exist_ok=True)
        probe.write_text("", encoding="ascii")
        probe.unlink()
    except OSError as error:
        raise ThermarkError(
            f"the folder cannot be written ({error.strerror}).",
            where=output,
            todo="Choose another with --output.",
        ) from error


def _built(source: FrameSource, model: str, device: str, threads: int | None) -> _Follower:
    built = build_tracker(model, device=device, threads=threads, normalisation=Normalisation.of(source))
    return _Follower(built.tracker, built.device.name, built.device.note, built.explained())


def _recorded(
    source: FrameSource, tracker: Tracker, truth: Array, record: _Record, max_frames: int | None
) -> Job[RunSummary]:
    """The run, its results put down in `record`."""
    job = track(source, tracker, 0, Box(*truth[0].tolist()), stop=StopConditions(max_frames=max_frames))
    try:
        while True:
            event = next(job)
            if isinstance(event, FrameTracked):
                record.take(event.frame, event.result)
            yield event
    except StopIteration as end:
        summary: RunSummary = end.value
        return summary
    finally:
        job.close()


def _write_clip(output: Path, source: FrameSource, found: list[Box | None], truth: Array) -> Job[None]:
    """annotated.mp4: every frame with the found and the true box."""
    meter = ProgressMeter("Drawing", len(found))
    yield meter.at(0)
    write_video(output / "annotated.mp4", _annotated_frames(source, found, truth), source.fps or 25.0)
    yield meter.at(len(found))


def _annotated_frames(source: FrameSource, found: list[Box | None], truth: Array) -> Iterator[Rgb]:
    for index, box in enumerate(found):
        true = _true_box(truth, index)
        overlap = "none"
        if true is not None and box is not None:
            overlap = f"{float(iou(box.as_tuple(), truth[index])):.2f}"
        text = f"frame {index}   " + ("target hidden" if true is None else f"overlap {overlap}")
        yield annotated(source.frame(index), box, true, text)


def _write_maps(output: Path, source: FrameSource, record: _Record, truth: Array) -> None:
    """maps.png: what the tracker saw in the frames worth a look."""
    moments = [
        Moment(index, PICTURED[index], source.frame(index), box, _true_box(truth, index), evidence)
        for index, evidence in record.evidence.items()
        if (box := record.boxes[index]) is not None
    ]
    if moments:
        save_figure(evidence_figure(moments), output / "maps.png")


def _true_box(truth: Array, index: int) -> Box | None:
    return Box(*truth[index].tolist()) if np.isfinite(truth[index]).all() else None


def _write_tables(output: Path, found: Array, truth: Array) -> None:
    """boxes.txt and overlap.csv; numbers are empty where there is no true box."""
    lines = (",".join("nan" if value != value else f"{value:.3f}" for value in box) for box in found)
    _write_text(output / "boxes.txt", "\n".join(lines))
    rows = ["frame,overlap,centre_error_px"]
    for index, (overlap, distance) in enumerate(
        zip(iou(found, truth), centre_distance(found, truth), strict=True)
    ):
        known = np.isfinite(truth[index]).all()
        rows.append(f"{index},{overlap:.4f},{distance:.3f}" if known else f"{index},,")
    _write_text(output / "overlap.csv", "\n".join(rows))


def _write_report(report: DemoReport) -> None:
    """report.json."""
    details = {
        "model": report.model,
        "device": report.device,
        "fps_end_to_end": round(report.fps, 3),
        **asdict(report.evaluation),
    }
    _write_text(report.output / "report.json", json.dumps(details, indent=2))


def _write_text(path: Path, text: str) -> None:
    """At any moment `path` is either what it was before or the whole new file."""
    part = path.with_name(f".part-{path.name}")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)
