"""Regions: where they are, how they follow, and edits of them."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.annotation.documents import (
    boxes_in_frame,
    documents,
    measuring_edits_of,
    regions,
    tracked_document,
)
from tracker.annotation import commands, target_commands
from tracker.annotation.document import Document
from tracker.annotation.edits import RemoveTrack
from tracker.annotation.region_edits import (
    AddRegion,
    ChangeRegion,
    RemoveRegion,
    add_region,
    measure_target,
    move_region,
    rename_region,
)
from tracker.annotation.regions import WHOLE, Region
from tracker.errors import AnnotationError
from tracker.geometry import Box
from tracker.outline import Outline, Shape

HEAD = ((12.0, 21.0), (16.0, 24.0))


def test_that_a_fixed_region_is_where_it_was_drawn_whatever_targets_do() -> None:
    region = add_region(tracked_document("MMM"), Shape.BOX, HEAD).region
    assert region.outline(None) == region.outline(Box(1, 2, 3, 4)) == Outline(Shape.BOX, HEAD)


def test_that_a_following_region_moves_and_grows_with_its_target() -> None:
    drawn_on = Box(10, 20, 10, 20)
    region = add_region(tracked_document("MMM"), Shape.ELLIPSE, HEAD, 1, drawn_on).region
    assert region.outline(drawn_on) == Outline(Shape.ELLIPSE, HEAD)
    assert region.outline(Box(110, 220, 20, 40)) == Outline(Shape.ELLIPSE, ((114, 222), (122, 228)))
    assert region.outline(None) is None


def test_that_the_whole_target_is_its_box() -> None:
    outline = measure_target(tracked_document("M"), 1).region.outline(Box(1, 2, 3, 4))
    assert outline is not None
    assert outline.bounds == Box(1, 2, 3, 4)


def test_that_a_target_is_measured_once() -> None:
    doc = tracked_document("M")
    measure_target(doc, 1).apply(doc)
    with pytest.raises(AnnotationError, match="already"):
        measure_target(doc, 1)


@given(boxes_in_frame, boxes_in_frame, st.data())
def test_that_a_region_put_somewhere_is_there(before: Box, after: Box, data: st.DataObject) -> None:
    region = data.draw(regions(1, [None, 1]))
    points = tuple((x + 1, y + 2) for x, y in Outline(region.shape, region.points).points)
    outline = region.placed(points, before).outline(before)
    assert outline is not None
    for (x, y), (u, v) in zip(outline.points, points, strict=True):
        assert math.isclose(x, u, rel_tol=1e-6, abs_tol=1e-6)
        assert math.isclose(y, v, rel_tol=1e-6, abs_tol=1e-6)
    freed = region.following(None, before, None)
    here, there = region.outline(before), freed.outline(after)
    assert here is not None
    assert there is not None
    assert np.allclose(there.points, here.points, rtol=1e-6, atol=1e-6)


def test_that_a_region_cannot_be_drawn_on_a_target_that_is_not_there() -> None:
    with pytest.raises(AnnotationError, match="no box"):
        add_region(tracked_document("M."), Shape.SPOT, [(1, 2)], 1, None)


@pytest.mark.parametrize(
    "region",
    [
        Region(1, "a", Shape.BOX, ((1, 2),)),
        Region(1, "a", Shape.SPOT, ()),
        Region(1, "a", Shape.POLYGON, ((1, 2), (3, 4))),
        Region(1, "a", Shape.SPOT, ((math.nan, 2),)),
        Region(1, "a\n", Shape.SPOT, ((1, 2),)),
        Region(1, "a", Shape.SPOT, ((1, 2),), 7),
        Region(0, "a", Shape.SPOT, ((1, 2),)),
    ],
)
def test_that_a_region_that_cannot_be_measured_is_refused(region: Region) -> None:
    doc = tracked_document("M")
    before = copy.deepcopy(doc)
    with pytest.raises(AnnotationError):
        AddRegion(region).apply(doc)
    assert doc == before


@given(st.data())
def test_that_every_edit_of_regions_has_its_exact_opposite(data: st.DataObject) -> None:
    doc = data.draw(documents())
    before = copy.deepcopy(doc)
    edit = data.draw(measuring_edits_of(doc))
    opposite = edit.apply(doc)
    after = copy.deepcopy(doc)
    again = opposite.apply(doc)
    assert (doc, list(doc.regions)) == (before, list(before.regions))
    again.apply(doc)
    assert doc == after


def test_that_ids_are_not_given_out_twice() -> None:
    doc = tracked_document("M")
    add_region(doc, Shape.SPOT, [(1, 2)]).apply(doc)
    RemoveRegion(1).apply(doc)
    assert add_region(doc, Shape.SPOT, [(1, 2)]).region.id == 2


def measured() -> Document:
    """Two tracks, with a region on each and a fixed one."""
    doc = tracked_document("M.M")
    commands.add_track(doc, 1, Box(50, 60, 10, 10)).apply(doc)
    measure_target(doc, 1).apply(doc)
    measure_target(doc, 2).apply(doc)
    add_region(doc, Shape.BOX, HEAD).apply(doc)
    return doc


def test_that_a_deleted_track_takes_its_regions_along_and_brings_them_back() -> None:
    doc = measured()
    before = copy.deepcopy(doc)
    opposite = commands.delete_track(doc, 1).apply(doc)
    assert list(doc.regions) == [2, 3]
    assert list(doc.tracks) == [2]
    opposite.apply(doc)
    assert doc == before
    assert list(doc.regions) == [1, 2, 3]


def test_that_a_track_with_a_region_is_not_removed_alone() -> None:
    doc = measured()
    with pytest.raises(AnnotationError, match="region"):
        RemoveTrack(1).apply(doc)


def test_that_regions_follow_the_track_that_another_is_joined_to() -> None:
    doc = measured()
    before = copy.deepcopy(doc)
    opposite = target_commands.join(doc, 1, 2).apply(doc)
    assert [region.track_id for region in doc.regions.values()] == [1, 1, None]
    opposite.apply(doc)
    assert doc == before


def test_that_regions_are_moved_and_renamed() -> None:
    doc = measured()
    move_region(doc, 3, [(0, 0), (5, 5)]).apply(doc)
    move_region(doc, 1, [(10, 20), (16, 28)], Box(10, 20, 12, 16)).apply(doc)
    rename_region(doc, 3, " head ").apply(doc)
    assert doc.region(3) == Region(3, "head", Shape.BOX, ((0, 0), (5, 5)))
    assert doc.region(1).points == ((0.0, 0.0), (0.5, 0.5))
    with pytest.raises(AnnotationError, match="no region 9"):
        ChangeRegion(Region(9, "a", Shape.BOX, WHOLE)).apply(doc)
