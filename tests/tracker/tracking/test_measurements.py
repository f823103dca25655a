"""Regions measured over whole clips: equal to plain numpy, and only where something is new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tracker.annotation.documents import box_at, tracked_document
from tests.tracker.tracking.fakes import ArraySource
from tracker.annotation import commands
from tracker.annotation.document import Document
from tracker.annotation.region_edits import add_region, measure_target, move_region, rename_region
from tracker.errors import ThermalError
from tracker.geometry import Box
from tracker.jobs import Progress, finish
from tracker.media.source import Counts
from tracker.outline import Shape
from tracker.thermal.measuring import NAMES
from tracker.thermal.radiometry import LinearCalibration
from tracker.tracking.measurements import Begun, Course, Courses, Method, measure_clip, subjects

LENGTH = 12


def frames() -> NDArray[np.uint16]:
    return np.random.default_rng(3).integers(28000, 31000, (LENGTH, 40, 60)).astype(np.uint16)


def source(bad: tuple[int, ...] = ()) -> ArraySource:
    return ArraySource(frames(), Path("clip"), bad)


def measured_document() -> Document:
    """Region 1 is a target with boxes in the frames 0 to 8, region 2 is fixed, region 3 the target's head."""
    doc = tracked_document("MTTTTTTTMA..")
    measure_target(doc, 1).apply(doc)
    add_region(doc, Shape.ELLIPSE, [(2, 3), (14.5, 11)]).apply(doc)
    add_region(doc, Shape.BOX, [(11, 21), (15, 24)], 1, box_at(0)).apply(doc)
    return doc


def by_id(courses: Courses) -> dict[int, Course]:
    return {course.region.id: course for course in courses}


def test_that_courses_equal_plain_numpy() -> None:
    doc, values = measured_document(), frames()
    target, fixed, head = finish(measure_clip(source(), subjects(doc), Method()))
    y, x = np.mgrid[:40, :60] + 0.5
    ellipse = ((x - 8.25) / 6.25) ** 2 + ((y - 7) / 4) ** 2 <= 1
    for frame in range(LENGTH):
        assert fixed.column("mean")[frame] == pytest.approx(values[frame][ellipse].mean(), rel=1e-6)
        assert fixed.column("max")[frame] == values[frame][ellipse].max()
        box = doc.track(1).frames.box(frame)
        if box is None:
            assert np.isnan(target.rows[frame]).all()
            continue
        inside = (x >= box.x) & (x < box.right) & (y >= box.y) & (y < box.bottom)
        assert target.column("pixels")[frame] == inside.sum()
        if inside.any():
            assert target.column("p95")[frame] == pytest.approx(
                np.percentile(values[frame][inside], 95), rel=1e-6
            )
    assert all(course.is_measured.all() for course in (target, fixed, head))
    assert 0 < head.column("pixels")[0] < target.column("pixels")[0]


def test_that_frames_that_prove_broken_when_they_are_read_stay_unknown() -> None:
    class Doubtful(ArraySource):
        def frame(self, index: int) -> Counts:
            self.bad_frames = (2,) if index == 2 else self.bad_frames
            return super().frame(index)

    courses = finish(measure_clip(Doubtful(frames(), Path("clip")), subjects(measured_document()), Method()))
    for course in courses:
        assert np.isnan(course.rows[2]).all()
        assert not np.isnan(course.column("max")[[1, 3]]).any()
        assert course.is_measured.all()


def test_that_temperatures_are_measured_in_kelvin() -> None:
    method = Method(LinearCalibration(0.01), threshold=300.0)
    (course,) = finish(measure_clip(source(), subjects(measured_document())[1:2], method))
    counts = finish(measure_clip(source(), subjects(measured_document())[1:2], Method(threshold=30000.0)))[0]
    assert course.column("max") == pytest.approx(counts.column("max") * 0.01, abs=1e-3)
    assert course.column("difference") == pytest.approx(counts.column("difference") * 0.01, abs=1e-3)
    assert course.column("above") == pytest.approx(counts.column("above"))


def test_that_each_frame_is_read_once_for_all_regions_and_never_again() -> None:
    doc, clip = measured_document(), source()
    known = by_id(finish(measure_clip(clip, subjects(doc), Method())))
    assert clip.reads == list(range(LENGTH))
    again = finish(measure_clip(clip, subjects(doc), Method(), known))
    assert clip.reads == list(range(LENGTH))
    for course in again:
        np.testing.assert_array_equal(course.rows, known[course.region.id].rows)


def test_that_only_frames_with_another_box_are_measured_again() -> None:
    doc, clip = measured_document(), source()
    known = by_id(finish(measure_clip(clip, subjects(doc), Method())))
    clip.reads.clear()
    commands.set_anchor(doc, 1, 4, Box(20, 5, 9, 9)).apply(doc)
    found = finish(measure_clip(clip, subjects(doc), Method(), known))
    assert clip.reads == [4]
    fresh = finish(measure_clip(source(), subjects(doc), Method()))
    for one, other in zip(found, fresh, strict=True):
        np.testing.assert_array_equal(one.rows, other.rows)


def test_that_a_new_name_needs_nothing_and_a_new_place_everything() -> None:
    doc, clip = measured_document(), source()
    known = by_id(finish(measure_clip(clip, subjects(doc), Method())))
    clip.reads.clear()
    rename_region(doc, 2, "stone").apply(doc)
    known = by_id(finish(measure_clip(clip, subjects(doc), Method(), known)))
    assert clip.reads == []
    move_region(doc, 2, [(3, 3), (9, 9)]).apply(doc)
    finish(measure_clip(clip, subjects(doc), Method(), known))
    assert clip.reads == list(range(LENGTH))


@pytest.mark.parametrize("other", [{"calibration": LinearCalibration()}, {"threshold": 5.0}, {"ring": 1.0}])
def test_that_another_method_measures_anew(other: dict[str, object]) -> None:
    doc, clip = measured_document(), source()
    known = by_id(finish(measure_clip(clip, subjects(doc), Method())))
    clip.reads.clear()
    finish(measure_clip(clip, subjects(doc), replace(Method(), **other), known))  # type: ignore[arg-type]
    assert clip.reads == list(range(LENGTH))


def test_that_a_stopped_job_goes_on_where_it_was() -> None:
    doc, clip = measured_document(), source()
    job = measure_clip(clip, subjects(doc), Method())
    begun = next(job)
    assert isinstance(begun, Begun)
    next(job)
    job.close()
    assert clip.reads == [0]
    found = finish(measure_clip(clip, subjects(doc), Method(), by_id(begun.courses)))
    assert clip.reads == list(range(LENGTH))
    fresh = finish(measure_clip(source(), subjects(doc), Method()))
    for one, other in zip(found, fresh, strict=True):
        np.testing.assert_array_equal(one.rows, other.rows)


def test_that_broken_frames_stay_unknown_and_are_not_read() -> None:
    clip = source(bad=(3,))
    for course in finish(measure_clip(clip, subjects(measured_document()), Method())):
        assert np.isnan(course.rows[3]).all()
        assert course.is_measured[3]
    assert 3 not in clip.reads


def test_that_progress_ends_with_all_frames() -> None:
    events = list(measure_clip(source(), subjects(measured_document()), Method()))
    assert isinstance(events[-1], Progress)
    assert (events[-1].done, events[-1].total) == (LENGTH, LENGTH)


def test_that_a_clip_in_colour_is_refused() -> None:
    clip = source()
    clip.channels = 3
    with pytest.raises(ThermalError, match="colour"):
        finish(measure_clip(clip, subjects(measured_document()), Method()))


def test_that_without_regions_nothing_is_read() -> None:
    clip = source()
    assert finish(measure_clip(clip, (), Method())) == ()
    assert clip.reads == []


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30), st.integers(0, 20)), max_size=5))
def test_that_any_series_of_corrections_measures_what_a_fresh_start_does(
    corrections: list[tuple[int, int, int]],
) -> None:
    doc, known = measured_document(), dict[int, Course]()
    for frame, x, y in corrections:
        known = by_id(finish(measure_clip(source(), subjects(doc), Method(), known)))
        commands.set_anchor(doc, 1, frame, Box(x, y, 9, 9)).apply(doc)
    found = finish(measure_clip(source(), subjects(doc), Method(), known))
    for one, other in zip(found, finish(measure_clip(source(), subjects(doc), Method())), strict=True):
        np.testing.assert_array_equal(one.rows, other.rows)
        assert one.rows.shape == (LENGTH, len(NAMES))
