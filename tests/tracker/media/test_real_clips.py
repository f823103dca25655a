"""Real thermal clips: access in any order gives what decoding from end to end gives."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.tracker.media.coded import open_clip, open_video_clip
from tracker.media import CachedSource, pixels

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "dev"
VIDEOS = sorted(DATA.glob("*/video.*"))
FOLDERS = sorted(DATA.glob("*/img"))
needs_videos = pytest.mark.skipif(not VIDEOS, reason="the development clips are not here")
needs_folders = pytest.mark.skipif(not FOLDERS, reason="the development clips are not here")


@needs_videos
@pytest.mark.parametrize("path", VIDEOS, ids=lambda path: path.parent.name)
def test_that_real_videos_read_in_any_order_as_they_decode(path: Path) -> None:
    source = open_video_clip(path)
    with av.open(str(path)) as container:
        whole = [pixels.to_counts(picture, channels=1) for picture in container.decode(video=0)]
    assert (source.channels, source.bad_frames, len(source)) == (1, (), len(whole))
    boxes = (path.parent / "groundtruth.txt").read_text().split()
    assert len(source) == len(boxes)
    order = np.random.default_rng(0).integers(0, len(source), 60).tolist()
    assert all(np.array_equal(source.frame(index), whole[index]) for index in order)
    assert source.frames_decoded < 60 * 150


@needs_folders
@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.parent.name)
def test_that_real_image_folders_open(path: Path) -> None:
    source = open_clip(path)
    assert len(source) == len(list(path.iterdir()))
    assert (source.channels, source.bad_frames) == (1, ())
    cached = CachedSource(source, byte_limit=8 << 20, prefetch=8)
    fresh = source.reopen()
    for index in (0, len(source) - 1, 3, 4, 5, 4):
        assert np.array_equal(cached.frame(index), fresh.frame(index))
    cached.close()
