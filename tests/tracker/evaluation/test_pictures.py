"""Pictures of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tracker.tracking.fakes import evidence
from tracker.evaluation.pictures import (
    FOUND,
    TRUE,
    Moment,
    annotated,
    draw_box,
    evidence_figure,
    save_figure,
    to_rgb,
)
from tracker.geometry import Box
from tracker.opencv import cv2


def test_that_counts_become_white_hot() -> None:
    counts = np.array([[90, 100], [150, 250]], np.uint16)
    assert to_rgb(counts, 100, 200)[..., 1].tolist() == [[0, 0], [127, 255]]


def test_that_a_box_is_drawn_on_the_pixels_just_inside_its_edges() -> None:
    picture = np.zeros((12, 12, 3), np.uint8)
    draw_box(picture, Box(2, 3, 6, 4), FOUND)
    rows, columns = np.nonzero(picture.any(axis=2))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 6, 2, 7)
    assert picture[3, 2].tolist() == list(FOUND)
    assert not picture[4, 3].any()


def test_that_an_annotated_frame_shows_both_boxes_in_their_colours() -> None:
    counts = np.full((60, 80), 20, np.uint8)
    picture = annotated(counts, Box(30, 20, 10, 10), Box(50, 20, 20, 20), "overlap 0.00")
    assert picture.shape == (120, 160, 3)
    assert picture[60, 60].tolist() == list(FOUND)
    assert picture[60, 100].tolist() == list(TRUE)


def test_that_missing_boxes_are_not_drawn() -> None:
    counts = np.full((60, 80), 20, np.uint8)
    picture = annotated(counts, None, None, "")
    assert (picture[40:, 40:] == 20).all()


@pytest.mark.parametrize("true", [Box(10, 10, 12, 24), None])
def test_that_the_figure_has_a_row_of_panels_for_each_moment_on_one_colour_scale(true: Box | None) -> None:
    counts = np.zeros((64, 64), np.uint8)
    moments = [Moment(frame, "start", counts, Box(9, 9, 12, 24), true, evidence()) for frame in (0, 7)]
    figure = evidence_figure(moments)
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert len(panels) == 12
    assert [axes.get_title() for axes in panels[:4]] == ["frame 0: start", "semantic", "structural", "fused"]
    scales = {axes.images[0].get_clim() for k in (0, 6) for axes in panels[k + 1 : k + 4]}
    assert scales == {(0.0, 1.0)}
    texts = [text.get_text() for text in panels[5].texts]
    assert any("0.50 semantic, 0.50 structural" in text for text in texts)
    assert any("peak 0.90" in text for text in texts)


def test_that_a_map_lies_where_it_was_computed() -> None:
    moment = Moment(0, "", np.zeros((64, 64), np.uint8), Box(9, 9, 12, 24), None, evidence())
    panel = evidence_figure([moment]).axes[1]
    assert tuple(panel.images[0].get_extent()) == (0, 64, 64, 0)


def test_that_a_figure_is_saved_whole(tmp_path: Path) -> None:
    moment = Moment(0, "", np.zeros((64, 64), np.uint8), Box(9, 9, 12, 24), None, evidence())
    save_figure(evidence_figure([moment]), tmp_path / "maps.png")
    picture = cv2.imread(str(tmp_path / "maps.png"))
    assert picture is not None
    assert picture.shape[1] > 1000
    assert [path.name for path in tmp_path.iterdir()] == ["maps.png"]
