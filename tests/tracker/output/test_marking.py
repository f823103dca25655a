"""Where words are written about boxes: not over one another, and not over targets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.output.fakes import FakeSource, subject_of, track_of
from tracker.annotation.regions import WHOLE, Region
from tracker.annotation.track import Track
from tracker.geometry import Box
from tracker.outline import Shape
from tracker.output import marking
from tracker.output.choices import Marks
from tracker.output.ink import Place
from tracker.output.marking import Marker
from tracker.output.subject import Subject

SIZE, SCALE = (320, 240), 2
PLACES = st.tuples(st.floats(0, 290), st.floats(0, 210), st.floats(4, 60), st.floats(4, 60))


def at(id_: int, box: Box) -> Track:
    track = track_of(6, id_)
    track.frames.boxes[:] = box.as_tuple()
    return track


@pytest.fixture
def plates(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """The plates with words that are laid, in order."""
    laid: list[Place] = []
    monkeypatch.setattr(
        marking,
        "shade",
        lambda _, left, top, width, height, *__: laid.append((left, top, left + width, top + height)),
    )
    return laid


def mark(subject: Subject, marks: Marks, frame: int = 2) -> None:
    picture = np.zeros((SIZE[1] * SCALE, SIZE[0] * SCALE, 3), np.uint8)
    Marker(subject, marks, SCALE).mark(picture, frame, subject.source.frame(frame))


def overlap(one: Place, other: Place) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def scaled(box: Box) -> Place:
    x, y, width, height = (SCALE * value for value in box.as_tuple())
    return round(x), round(y), round(x + width), round(y + height)


def crossing(places: Iterable[Place]) -> int:
    kept = list(places)
    return sum(overlap(one, other) for n, one in enumerate(kept) for other in kept[:n])


@settings(max_examples=60)
@given(places=st.lists(PLACES, min_size=1, max_size=4))
def test_that_words_of_a_few_targets_never_lie_on_one_another(places: list[tuple[float, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        laid: list[Place] = []
        patch.setattr(marking, "shade", lambda _, x, y, w, h, *__: laid.append((x, y, x + w, y + h)))
        tracks = [at(number, Box(*place)) for number, place in enumerate(places, 1)]
        mark(subject_of(FakeSource(6, SIZE), *tracks), Marks(time=False))
    assert len(laid) == len(places)
    assert crossing(laid) == 0
    for left, top, right, bottom in laid:
        assert 0 <= left < right <= SIZE[0] * SCALE
        assert 0 <= top < bottom <= SIZE[1] * SCALE


def test_that_a_region_at_the_upper_edge_is_named_beside_its_target_and_not_over_it(
    plates: list[Place],
) -> None:
    box = Box(90, 3, 38, 30)
    regions = (Region(1, "head", Shape.ELLIPSE, ((0.5, 0.0), (1.0, 0.6)), 1),)
    mark(replace(subject_of(FakeSource(6, SIZE), at(1, box)), regions=regions), Marks(time=False))
    target, region = plates
    assert not overlap(target, region)
    assert not any(overlap(plate, scaled(box)) for plate in plates)
    assert target[1] - scaled(box)[3] < 12  # the target's own words are next to it


def test_that_a_target_as_large_as_the_frame_has_its_words_inside(plates: list[Place]) -> None:
    mark(subject_of(FakeSource(6, SIZE), at(1, Box(0, 0, *SIZE))), Marks(time=False))
    ((left, top, right, bottom),) = plates
    assert 0 <= left < right <= SIZE[0] * SCALE
    assert 0 <= top < bottom <= SIZE[1] * SCALE


def test_that_regions_say_their_values_only_where_some_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Marker, "_tag", lambda self, picture, box, text, *_: said.append(text))
    subject = replace(
        subject_of(FakeSource(6, SIZE), at(1, Box(90, 50, 38, 30))),
        regions=(
            Region(1, "outside", Shape.BOX, ((500.0, 5.0), (520.0, 9.0))),
            Region(2, "all", Shape.ELLIPSE, WHOLE, 1),
        ),
    )
    mark(subject, Marks())
    assert said[1] == "outside"
    assert said[2].startswith("all  max ")
    assert "mean" in said[2]
