"""The bundled sample clip is what its boxes say it is."""

from __future__ import annotations

import numpy as np
import pytest

import resources
from tracker.geometry import Box, require_usable
from tracker.media import load_source
from tracker.media.source import FrameSource
from tracker.training.rendering import Scene
from tracker.training.rendering.sample import street


@pytest.fixture(scope="module")
def clip() -> FrameSource:
    return load_source(resources.sample_clip())


def test_that_the_sample_is_a_gray_8_bit_clip_with_a_row_of_boxes_per_frame(clip: FrameSource) -> None:
    assert (clip.size, clip.channels, clip.dtype, clip.fps) == ((384, 288), 1, np.dtype(np.uint8), 25.0)
    assert resources.sample_boxes().shape == (len(clip), 4)
    assert resources.sample_clip().stat().st_size < 2_500_000


def test_that_tracking_can_start_from_the_first_true_box(clip: FrameSource) -> None:
    first = resources.sample_first_box()
    assert first == tuple(resources.sample_boxes()[0])
    require_usable(Box(*first), clip.size)


def test_that_the_target_disappears_once_and_only_briefly() -> None:
    hidden = np.isnan(resources.sample_boxes()[:, 0])
    beginnings = np.flatnonzero(np.diff(hidden.astype(int)) == 1)
    assert len(beginnings) == 1
    assert 1 <= hidden.sum() <= 15
    assert not hidden[-1]


def test_that_the_targets_size_changes_by_about_half() -> None:
    heights = resources.sample_boxes()[:, 3]
    assert 1.3 < np.nanmedian(heights[-20:]) / np.nanmedian(heights[:20]) < 1.8


def test_that_the_clip_and_its_boxes_are_what_the_renderer_makes(clip: FrameSource) -> None:
    scene, boxes = Scene(street()), resources.sample_boxes()
    for index in (0, 180, 299):
        box = scene.frame(index).truths[0].box
        assert box is not None
        assert box.as_tuple() == pytest.approx(tuple(boxes[index]), abs=0.02)
    rendered = scene.frame(100).counts.astype(float)
    shown = clip.frame(100).astype(float)
    middle = (shown > 5) & (shown < 250)
    assert np.corrcoef(rendered[middle], shown[middle])[0, 1] > 0.9
