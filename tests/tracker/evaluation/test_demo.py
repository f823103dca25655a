"""The headless demo and its pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from resources import sample_boxes
from tests.tracker.tracking.fakes import StubTracker, evidence
from tracker.errors import ThermarkError
from tracker.evaluation.demo import demo
from tracker.evaluation.pictures import FOUND, annotated, draw_box, evidence_figure, to_rgb
from tracker.geometry import Box
from tracker.jobs import finish
from tracker.media import load_source


def test_that_the_demo_writes_boxes_clip_maps_and_overlap(tmp_path: Path) -> None:
    report = finish(demo(tmp_path / "out", max_frames=11, tracker=StubTracker()))
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"boxes.txt", "annotated.mp4", "maps.png", "overlap.csv", "report.json"}
    boxes = np.loadtxt(tmp_path / "out" / "boxes.txt", delimiter=",")
    first = sample_boxes()[0]
    assert boxes[:, 0] == pytest.approx(first[0] + np.arange(12), abs=1e-3)
    details = json.loads((tmp_path / "out" / "report.json").read_text())
    assert details["frames"] == 12
    assert 0 < details["success_auc"] == report.evaluation.success_auc < 1
    clip = load_source(tmp_path / "out" / "annotated.mp4")
    assert len(clip) == 12
    clip.close()
    assert (tmp_path / "out" / "maps.png").read_bytes().startswith(b"\x89PNG")


def test_that_an_output_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ThermarkError, match="cannot be written"):
        finish(demo(tmp_path / "file" / "out", tracker=StubTracker()))


def test_that_a_box_is_drawn_on_its_edge_pixels() -> None:
    picture = to_rgb(np.zeros((20, 30), np.uint8))
    draw_box(picture, Box(4, 5, 10, 8), FOUND)
    drawn = np.argwhere((picture == FOUND).all(axis=2))
    assert drawn.min(axis=0).tolist() == [5, 4]
    assert drawn.max(axis=0).tolist() == [12, 13]


def test_that_the_annotated_frame_is_enlarged_and_shows_both_boxes() -> None:
    picture = annotated(np.zeros((40, 60), np.uint8), Box(5, 5, 10, 10), Box(30, 5, 10, 10), "text", zoom=2)
    assert picture.shape == (80, 120, 3)
    assert (picture[10, 10:28] == FOUND).all()
    assert picture[10, 60:78].any(axis=1).all()


def test_that_the_figure_has_a_frame_and_three_maps_on_one_scale_per_row() -> None:
    counts = np.zeros((20, 30), np.uint8)
    figure = evidence_figure([(i, counts, Box(1, 1, 5, 5), evidence()) for i in (0, 7)])
    images = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(images) == 8
    assert {image.get_clim() for image in images if image.get_array().ndim == 2} == {(0.0, 1.0)}
