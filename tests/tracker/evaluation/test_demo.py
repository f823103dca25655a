"""The headless demo, with trackers that know or do not know where the target is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from resources import sample_boxes
from tests.tracker.tracking.fakes import StubTracker, evidence
from tracker.annotation.track import Presence
from tracker.errors import ThermarkError
from tracker.evaluation.demo import PICTURED, demo
from tracker.geometry import Box
from tracker.jobs import Event, Progress, finish
from tracker.media import load_source
from tracker.media.source import Counts
from tracker.tracking.run import FrameTracked
from tracker.tracking.tracker import Result

FILES = {"boxes.txt", "annotated.mp4", "maps.png", "overlap.csv", "report.json"}


class KnowingTracker(StubTracker):
    """Gives the true boxes, and says that the target is out of view in every fourth frame."""

    model_id = "oracle"

    def update(self, frame: Counts) -> Result:
        self.updates += 1
        lost = self.updates % 4 == 0
        presence = Presence.OUT_OF_VIEW if lost else Presence.VISIBLE
        return Result(Box(*sample_boxes()[self.updates].tolist()), 0.9, presence, evidence())


def test_that_the_demo_writes_boxes_clip_maps_and_overlap(tmp_path: Path) -> None:
    events: list[Event] = []
    report = finish(demo(tmp_path / "new" / "demo", max_frames=12, tracker=KnowingTracker()), events.append)
    folder = tmp_path / "new" / "demo"
    assert {path.name for path in folder.iterdir()} == FILES
    boxes = np.loadtxt(folder / "boxes.txt", delimiter=",")
    assert boxes.shape == (13, 4)
    assert np.flatnonzero(np.isnan(boxes[:, 0])).tolist() == [4, 8, 12]
    assert boxes[:4] == pytest.approx(sample_boxes()[:4], abs=1e-3)
    clip = load_source(folder / "annotated.mp4")
    assert (len(clip), clip.size, clip.channels) == (13, (768, 576), 3)
    assert report.evaluation.mean_overlap == pytest.approx(10 / 13)
    assert "success AUC 0.733" in report.text
    assert [event.frame for event in events if isinstance(event, FrameTracked)] == list(range(13))
    assert {event.stage for event in events if isinstance(event, Progress)} >= {"Tracking", "Drawing"}


def test_that_the_report_and_the_table_say_the_same(tmp_path: Path) -> None:
    finish(demo(tmp_path, max_frames=12, tracker=StubTracker()))
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    header, *rows = (tmp_path / "overlap.csv").read_text(encoding="utf-8").splitlines()
    table = np.array([[float(value) for value in row.split(",")] for row in rows])
    assert header == "frame,overlap,centre_error_px"
    assert table[:, 0].tolist() == list(range(13))
    assert table[0, 1:].tolist() == [1, 0]
    assert report["frames"] == 13
    assert report["model"] == "stub"
    assert report["mean_overlap"] == pytest.approx(table[:, 1].mean(), abs=1e-4)
    assert report["precision_20"] == (table[:, 2] <= 20).mean()


def test_that_only_the_demos_own_files_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "boxes.txt").write_text("old", encoding="utf-8")
    finish(demo(tmp_path, max_frames=2, tracker=StubTracker()))
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert len((tmp_path / "boxes.txt").read_text(encoding="utf-8").splitlines()) == 3


def test_that_a_demo_stopped_on_the_way_leaves_no_results(tmp_path: Path) -> None:
    job = demo(tmp_path, max_frames=30, tracker=StubTracker())
    while not isinstance(next(job), FrameTracked):
        pass
    job.close()
    assert list(tmp_path.iterdir()) == []


def test_that_a_file_in_the_folders_place_is_a_users_error(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("", encoding="utf-8")
    with pytest.raises(ThermarkError, match="cannot be written"):
        finish(demo(tmp_path / "demo", tracker=StubTracker()))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_that_a_read_only_folder_is_a_users_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ThermarkError, match="cannot be written"):
        finish(demo(tmp_path, tracker=StubTracker()))


def test_that_the_pictured_frames_show_the_target() -> None:
    assert np.isfinite(sample_boxes()[list(PICTURED)]).all()
