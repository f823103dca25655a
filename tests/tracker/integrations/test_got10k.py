"""A got10k tracker; needs got10k, which the extra [toolkits] brings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.tracker.tracking.fakes import StubTracker
from tracker.integrations import session

pytest.importorskip("got10k", reason="got10k is not installed (the extra [toolkits])")
from tracker.integrations.got10k import ThermarkTracker


@pytest.mark.parametrize("first_pixel", [0, 1])
def test_that_boxes_keep_the_experiments_first_pixel(
    monkeypatch: pytest.MonkeyPatch, first_pixel: int
) -> None:
    monkeypatch.setattr(session, "build_tracker", None)
    tracker: Any = ThermarkTracker(first_pixel=first_pixel)
    tracker._session = session.Session(lambda _: StubTracker())
    image = np.full((40, 60, 3), 90, np.uint8)
    tracker.init(image, [5, 6, 7, 8])
    assert tracker.update(image).tolist() == [6, 6, 7, 8]
    assert (tracker.name, tracker.is_deterministic) == ("Thermark-default", True)
