"""A tracker that is shown one image after another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tracker.tracking.fakes import StubTracker
from tracker.errors import MediaError
from tracker.geometry import Box
from tracker.integrations.session import Session, is_gray, normalisation_of, read_image
from tracker.opencv import cv2
from tracker.tracking.normalisation import Normalisation


def session() -> tuple[Session, list[Normalisation]]:
    made: list[Normalisation] = []

    def make(normalisation: Normalisation) -> StubTracker:
        made.append(normalisation)
        return StubTracker()

    return Session(make), made


def test_that_the_model_is_loaded_once_and_started_as_often_as_wanted() -> None:
    follower, made = session()
    frame = np.zeros((20, 30), np.uint8)
    for x in (1.0, 5.0):
        assert follower.start(frame, Box(x, 2, 3, 4)).box == Box(x, 2, 3, 4)
        assert follower.follow(frame).box == Box(x + 1, 2, 3, 4)
    assert made == [Normalisation()]


def test_that_deep_images_are_normalised_by_the_first_one() -> None:
    follower, made = session()
    frame = np.linspace(1000, 3000, 600).astype(np.uint16).reshape(20, 30)
    follower.start(frame, Box(1, 2, 3, 4))
    follower.start(frame + 500, Box(1, 2, 3, 4))
    assert len(made) == 2
    assert made[0].low == pytest.approx(1002, abs=3)
    assert made[0].high == pytest.approx(2998, abs=3)
    assert normalisation_of(np.full((4, 4), 7, np.uint16)) == Normalisation(7, 8)


def test_that_following_needs_a_start() -> None:
    with pytest.raises(RuntimeError):
        session()[0].follow(np.zeros((4, 4), np.uint8))


def test_that_gray_stored_as_colour_is_read_as_gray(tmp_path: Path) -> None:
    gray = np.random.default_rng(0).integers(0, 255, (12, 16), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "gray.png"), np.dstack([gray] * 3))
    counts, channels = read_image(tmp_path / "gray.png")
    assert channels == 1
    np.testing.assert_array_equal(counts, gray)
    colour = np.zeros((12, 16, 3), np.uint8)
    colour[..., 2] = 200  # OpenCV writes blue, green, red
    cv2.imwrite(str(tmp_path / "colour.png"), colour)
    counts, channels = read_image(tmp_path / "colour.png")
    assert (channels, counts.shape, counts[0, 0].tolist()) == (3, (12, 16, 3), [200, 0, 0])
    assert not is_gray(counts)


def test_that_broken_images_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no")
    for name in ("broken.png", "none.png"):
        with pytest.raises(MediaError, match=name):
            read_image(tmp_path / name)
