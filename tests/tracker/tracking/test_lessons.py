"""Lessons of a review: what edits teach, what undoing takes back, and the file they lie in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.tracking.test_drift_features import SIZE, steady
from tracker.annotation.track import Frames, FrameState, Presence, Provenance
from tracker.geometry import Box
from tracker.tracking.drift import DriftModel
from tracker.tracking.drift_features import FEATURE_NAMES, features_of
from tracker.tracking.lesson_book import LessonBook, Lessons
from tracker.tracking.lessons import OF_STRETCH, lessons_of, withdrawn
from tracker.tracking.teacher import Reviewed, Teacher

N = 60


def tracked() -> tuple[Frames, np.ndarray]:
    """A track from an anchor at frame 0, and its scores."""
    scores, boxes = steady(N)
    frames = Frames.empty(N)
    for i, box in enumerate(boxes.tolist()):
        frames.put(i, FrameState(Box(*box), Provenance.MANUAL if i == 0 else Provenance.TRACKED))
    return frames, scores


def corrected(frames: Frames, at: int, shift: float) -> Frames:
    after, box = frames.copy(), frames.box(at)
    assert box is not None
    after.put(at, FrameState(box.moved(shift * box.width, 0), Provenance.MANUAL))
    return after


def accepted(frames: Frames, start: int, stop: int) -> Frames:
    after = frames.copy()
    after.reviewed[start:stop] = True
    return after


@pytest.mark.parametrize(("shift", "wrong"), [(0.0, False), (0.1, False), (0.6, True), (3.0, True)])
def test_that_a_correction_says_whether_the_box_was_wrong(shift: float, wrong: bool) -> None:
    before, scores = tracked()
    lessons = lessons_of(before, corrected(before, 30, shift), scores, SIZE)
    assert lessons.frames.tolist() == [30]
    assert lessons.wrong.tolist() == [wrong]
    expected = features_of(scores, before.boxes, SIZE)[30]
    np.testing.assert_array_equal(lessons.features[0], expected)


def test_that_a_target_said_to_be_absent_was_boxed_wrongly() -> None:
    before, scores = tracked()
    after = before.copy()
    after.put(12, FrameState(None, Provenance.MANUAL, Presence.ABSENT))
    lessons = lessons_of(before, after, scores, SIZE)
    assert (lessons.frames.tolist(), lessons.wrong.tolist()) == ([12], [True])


def test_that_an_accepted_stretch_teaches_with_a_few_of_its_frames() -> None:
    before, scores = tracked()
    lessons = lessons_of(before, accepted(before, 10, 50), scores, SIZE)
    assert len(lessons) == OF_STRETCH
    assert not lessons.wrong.any()
    assert (lessons.frames[0], lessons.frames[-1]) == (10, 49)
    few = lessons_of(before, accepted(before, 10, 13), scores, SIZE)
    assert few.frames.tolist() == [10, 11, 12]


def test_that_frames_without_scores_and_boxes_of_no_tracker_teach_nothing() -> None:
    before, scores = tracked()
    scores[20:30] = np.nan
    before.rows["provenance"][30:40] = Provenance.INTERPOLATED
    assert len(lessons_of(before, accepted(before, 20, 40), scores, SIZE)) == 0
    assert len(lessons_of(before, corrected(before, 25, 2.0), scores, SIZE)) == 0


def test_that_tracking_anew_teaches_nothing() -> None:
    before, scores = tracked()
    after = before.copy()
    after.boxes[10:] += 40
    assert len(lessons_of(before, after, scores, SIZE)) == 0
    assert len(withdrawn(before, after)) == 0


@given(st.integers(1, N - 1), st.integers(1, N - 1), st.floats(0, 3))
def test_that_undoing_takes_exactly_its_lesson_back(at: int, stop: int, shift: float) -> None:
    before, scores = tracked()
    for after in (corrected(before, at, shift), accepted(before, min(at, stop), max(at, stop) + 1)):
        lessons = lessons_of(before, after, scores, SIZE)
        assert len(lessons) > 0
        assert set(lessons.frames) <= set(withdrawn(after, before))
        assert len(lessons.without(withdrawn(after, before))) == 0


def some(frames: list[int], wrong: bool) -> Lessons:
    values = np.random.default_rng(len(frames)).normal(size=(len(frames), len(FEATURE_NAMES)))
    return Lessons(np.array(frames), values, np.full(len(frames), wrong))


def test_that_later_lessons_of_a_frame_replace_earlier_ones() -> None:
    both = some([3, 5, 9], False).with_others(some([1, 5], True))
    assert both.frames.tolist() == [1, 3, 5, 9]
    assert both.wrong.tolist() == [True, False, True, False]


def test_that_the_book_gives_back_what_was_written(tmp_path: Path) -> None:
    book, one, two = LessonBook(tmp_path / "lessons"), tmp_path / "a.thermark", tmp_path / "b.thermark"
    assert book.read(one) == {}
    book.write(one, {1: some([4, 7], True), 3: some([2], False), 4: Lessons.none()})
    book.write(two, {1: some([5], False)})
    again = book.read(one)
    assert sorted(again) == [1, 3]
    assert again[1].frames.tolist() == [4, 7]
    assert again[1].wrong.all()
    np.testing.assert_allclose(again[1].features, some([4, 7], True).features, rtol=1e-6)
    assert sorted(book.all()[1].tolist()) == [False, False, True, True]
    book.write(one, {})
    assert book.read(one) == {}
    book.forget()
    assert len(book.all()[1]) == 0


def test_that_a_damaged_file_costs_its_lessons_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book = LessonBook(tmp_path)
    book.write(tmp_path / "a.thermark", {1: some([4, 7], True)})
    (damaged,) = tmp_path.glob("*.npz")
    book.write(tmp_path / "b.thermark", {1: some([5], False)})
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert book.all()[1].tolist() == [False]
    assert "left out" in caplog.text


def test_that_lessons_move_the_model_their_way(tmp_path: Path) -> None:
    before, scores = tracked()
    features = features_of(scores, before.boxes, SIZE)
    book = LessonBook(tmp_path)
    shipped = DriftModel.load().probability(features)
    np.testing.assert_array_equal(book.model().probability(features), shipped)
    teacher = Teacher(book)
    project = tmp_path / "a.thermark"
    after = before.copy()
    for frame in range(20, 50):
        after = corrected(after, frame, 2.0)
    teacher.learn(project, [Reviewed(1, before, after, scores)], SIZE)
    assert teacher.count == 30
    taught = book.model().probability(features)
    assert (taught[20:50] > shipped[20:50]).all()
    teacher.learn(project, [Reviewed(1, after, before, scores)], SIZE)  # all undone
    assert teacher.count == 0
    np.testing.assert_array_equal(book.model().probability(features), shipped)


def test_that_a_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "lessons").write_text("in the way")
    teacher = Teacher(LessonBook(tmp_path / "lessons"))
    before, scores = tracked()
    teacher.learn(tmp_path / "a.thermark", [Reviewed(1, before, corrected(before, 5, 2.0), scores)], SIZE)
    assert "cannot be kept" in caplog.text
