"""The simulated annotator on followers that do what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from tracker.evaluation.labelling import Labelling, label, one_pass, shifted_first_boxes
from tracker.geometry import Box
from tracker.media.source import Counts

NAN_BOX: list[float] = [np.nan] * 4
SIDE = 10.0


@dataclass
class Found:
    box: Box


class Slipping:
    """A follower whose box moves by `step` px in x with every frame; frames say which one they are."""

    def __init__(self, step: float) -> None:
        self._step, self._box = step, Box(0, 0, 1, 1)
        self.started: list[tuple[int, Box]] = []

    def init(self, frame: Counts, box: Box) -> None:
        self._box = box
        self.started.append((int(frame[0, 0]), box))

    def update(self, frame: Counts) -> Found:
        self._box = self._box.moved(self._step, 0)
        return Found(self._box)


def frames(count: int) -> list[Counts]:
    return [np.full((4, 4), index, np.uint8) for index in range(count)]


def still(count: int) -> list[list[float]]:
    return [[0, 0, SIDE, SIDE] for _ in range(count)]


def labelled(step: float, truth: Sequence[Sequence[float]]) -> tuple[Labelling, Slipping]:
    follower = Slipping(step)
    return label(frames(len(truth)), follower, truth), follower


def test_that_a_perfect_follower_needs_no_correction() -> None:
    found, follower = labelled(0, still(5))
    assert (found.corrections, found.per_thousand, found.frames) == (0, 0, 5)
    assert found.boxes.tolist() == still(5)
    assert follower.started == [(0, Box(0, 0, SIDE, SIDE))]


def test_that_a_box_is_redrawn_where_it_overlaps_less_than_half() -> None:
    # shifted by 2, 4 px of 10 the IoU is 8/12, 6/14: frames 2, 4, 6 and 8 are corrected
    found, follower = labelled(2, still(10))
    assert found.corrected_frames == (2, 4, 6, 8)
    assert found.corrections == 4
    assert found.per_thousand == pytest.approx(400)
    assert found.boxes[:, 0].tolist() == [0, 2, 0, 2, 0, 2, 0, 2, 0, 2]
    assert follower.started == [(index, Box(0, 0, SIDE, SIDE)) for index in (0, 2, 4, 6, 8)]


def test_that_an_overlap_of_exactly_half_is_left_alone() -> None:
    truth = [[0, 0, 10, 10], [0, 0, 10, 20]]
    assert labelled(0, truth)[0].corrections == 0


def test_that_frames_without_truth_are_tracked_but_not_judged() -> None:
    empty: list[float] = [0, 0, 0, 5]
    found, _ = labelled(4, [still(1)[0], NAN_BOX, empty, still(1)[0]])
    assert found.corrected_frames == (3,)
    assert found.frames == 2
    assert found.per_thousand == pytest.approx(500)
    assert found.boxes[:, 0].tolist() == [0, 4, 8, 0]


def test_that_a_lost_target_without_a_box_costs_a_correction() -> None:
    found, _ = labelled(np.nan, still(2))
    assert found.corrected_frames == (1,)
    assert found.boxes.tolist() == still(2)


def test_that_the_truth_is_not_altered() -> None:
    truth = np.array(still(3))
    label(frames(3), Slipping(1), truth)
    assert truth.tolist() == still(3)


@pytest.mark.parametrize("count", [2, 4])
def test_that_frames_and_truth_must_belong_together(count: int) -> None:
    with pytest.raises(ValueError, match="frames against 3 true boxes"):
        label(frames(count), Slipping(0), still(3))


@pytest.mark.parametrize("truth", [np.empty((0, 4)), [NAN_BOX, *still(1)]])
def test_that_labelling_starts_from_a_true_box(truth: Sequence[Sequence[float]]) -> None:
    with pytest.raises(ValueError, match="first frame has no true box"):
        label(frames(len(truth)), Slipping(0), truth)


def test_that_one_pass_is_never_helped() -> None:
    follower = Slipping(4)
    boxes = one_pass(iter(frames(4)), follower, Box(1, 2, 3, 4))
    assert boxes.tolist() == [[1, 2, 3, 4], [5, 2, 3, 4], [9, 2, 3, 4], [13, 2, 3, 4]]
    assert follower.started == [(0, Box(1, 2, 3, 4))]
    with pytest.raises(ValueError, match="no frames"):
        one_pass([], follower, Box(1, 2, 3, 4))


def test_that_the_first_of_the_first_boxes_is_the_true_one_and_small_ones_move_by_a_pixel() -> None:
    box = Box(50, 60, 10, 100)
    assert shifted_first_boxes(box, 3) == [box, Box(51, 55, 10, 100), Box(49, 60, 10, 100)]


def test_that_all_first_boxes_differ_and_favour_no_side() -> None:
    boxes = shifted_first_boxes(Box(50, 60, 40, 40), 9)
    assert len(set(boxes)) == 9
    assert np.mean([box.as_tuple() for box in boxes], axis=0) == pytest.approx([50, 60, 40, 40])


@pytest.mark.parametrize("count", [0, 10])
def test_that_there_are_nine_first_boxes(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 9"):
        shifted_first_boxes(Box(0, 0, 1, 1), count)
