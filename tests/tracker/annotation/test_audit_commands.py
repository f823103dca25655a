"""What is taken over from two runs, and what stays."""

from __future__ import annotations

import pytest

from tests.tracker.annotation.documents import document as new_document
from tracker.annotation import commands, review_commands
from tracker.annotation.audit_commands import audit
from tracker.annotation.document import Document
from tracker.annotation.track import Frames, FrameState, Provenance
from tracker.errors import AnnotationError
from tracker.geometry import Box

LEFT, RIGHT = Box(10, 10, 10, 10), Box(30, 10, 10, 10)


def run(*boxes: Box | None) -> Frames:
    frames = Frames.empty(len(boxes))
    for index, box in enumerate(boxes):
        if box is not None:
            frames.put(index, FrameState(box, Provenance.TRACKED, score=0.5))
    return frames


@pytest.fixture
def document() -> Document:
    document = new_document(length=12)
    commands.add_track(document, 0, LEFT).apply(document)
    commands.set_anchor(document, 1, 7, RIGHT).apply(document)
    return document


def test_that_agreement_is_accepted_and_the_rest_waits(document: Document) -> None:
    forward = run(LEFT, LEFT, LEFT, LEFT, RIGHT, RIGHT)
    backward = run(LEFT, LEFT, LEFT, RIGHT, LEFT, RIGHT)
    before = document.track(1).copy()
    opposite = audit(document, 1, [(1, forward, backward)]).apply(document)
    frames = document.track(1).frames
    assert frames.reviewed.tolist() == [False, True, True, True, *[False] * 8]
    assert frames.is_said.tolist() == [True] * 8 + [False] * 4
    assert frames.box(5) == LEFT  # the backward run's: its anchor is nearer
    assert document.track(1).anchors().tolist() == [0, 7]
    opposite.apply(document)
    assert document.track(1).frames == before.frames


def test_that_boxes_of_earlier_runs_are_replaced_but_accepted_ones_stay(document: Document) -> None:
    commands.interpolate(document, 1).apply(document)
    review_commands.accept(document, 1, 2, 4).apply(document)
    kept = document.track(1).frames[2:4]
    audit(document, 1, [(1, run(*[LEFT] * 6), run(*[LEFT] * 6))]).apply(document)
    frames = document.track(1).frames
    assert frames[2:4] == kept
    assert frames.boxes[4] == pytest.approx(LEFT.as_tuple())
    assert frames.provenance[4] == Provenance.TRACKED


def test_that_runs_that_found_nothing_are_said_so(document: Document) -> None:
    with pytest.raises(AnnotationError, match="nothing was found"):
        audit(document, 1, [(1, run(None, None), run(None, None))])
    with pytest.raises(AnnotationError, match="not in the clip"):
        audit(document, 1, [(11, run(LEFT, LEFT), run(LEFT, LEFT))])
