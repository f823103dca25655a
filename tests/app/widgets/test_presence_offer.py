"""The offer to say that a target cannot be seen."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.widgets.presence_offer import PresenceOffer
from tracker.annotation.track import Presence
from tracker.tracking.presence import Hidden

FIRST, SECOND = Hidden(10, 20, Presence.ABSENT), Hidden(40, 41, Presence.OUT_OF_VIEW)


@pytest.fixture
def offer(qtbot: QtBot) -> PresenceOffer:
    offer = PresenceOffer()
    qtbot.addWidget(offer)
    return offer


def test_that_nothing_is_offered_without_a_stretch(offer: PresenceOffer) -> None:
    assert offer.isHidden()
    offer.show_spans([FIRST])
    assert not offer.isHidden()
    offer.show_spans([])
    assert offer.isHidden()


def test_that_the_stretch_at_the_playhead_or_the_next_one_is_offered(offer: PresenceOffer) -> None:
    offer.show_spans([FIRST, SECOND])
    for frame, expected in ((0, FIRST), (19, FIRST), (20, SECOND), (99, FIRST)):
        offer.set_frame(frame)
        assert offer.span == expected
    offer.set_frame(30)
    assert offer.text.text() == "Probably out of view in frames 40–40 (2 of 2)"


@pytest.mark.parametrize("presence", [Presence.ABSENT, Presence.OUT_OF_VIEW, Presence.VISIBLE])
def test_that_an_answer_is_passed_on(offer: PresenceOffer, qtbot: QtBot, presence: Presence) -> None:
    offer.show_spans([FIRST, SECOND])
    with qtbot.waitSignal(offer.answered) as answered:
        offer.buttons[presence].click()
    assert answered.args == [FIRST, presence]
    with qtbot.waitSignal(offer.frameRequested) as asked:
        offer.show_button.click()
    assert asked.args == [10]
