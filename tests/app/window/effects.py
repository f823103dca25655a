"""What each action of the table does, stated once: a check for each, found by the action's id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.app.desk import Desk


@dataclass
class Trial:
    """An action that is about to be tried, on a clip with a track that has anchors on the frames 0 and 4."""

    id: str
    desk: Desk
    patch: pytest.MonkeyPatch
    folder: Path

    def act(self) -> None:
        """Trigger it, and wait for a run that it may have begun."""
        self.desk.trigger(self.id)
        self.desk.wait_for_run()


Effect = Callable[[Trial], None]
EFFECTS: dict[str, Effect] = {}


def effect(*ids: str) -> Callable[[Effect], Effect]:
    """States what the actions of these ids do."""

    def enter(check: Effect) -> Effect:
        for id_ in ids:
            assert id_ not in EFFECTS
            EFFECTS[id_] = check
        return check

    return enter
