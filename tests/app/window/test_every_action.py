"""Every action of the table does what it says, or says that it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.action_table import ACTIONS
from app.actions import Action, Situation
from tests.app.desk import Desk, MakeDesk
from tests.app.stubs import BOX
from tests.app.window import (
    effects_elsewhere,
    effects_measuring,
    effects_on_tracks,
    effects_outputs,
    effects_thermal,
)
from tests.app.window.effects import EFFECTS, Trial

# They enter their checks into EFFECTS.
MODULES = (effects_elsewhere, effects_measuring, effects_on_tracks, effects_outputs, effects_thermal)


def test_that_the_effect_of_every_action_is_stated() -> None:
    assert EFFECTS.keys() == {row.id for row in ACTIONS}


@pytest.mark.parametrize("id_", [row.id for row in ACTIONS])
def test_that_every_action_has_its_effect(
    desk: Desk, id_: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk.draw()
    desk.driver.session.move_box(1, BOX, 4)
    desk.driver.go_to(0)
    assert desk.window.action_set[id_].objectName() == id_
    EFFECTS[id_](Trial(id_, desk, monkeypatch, tmp_path))
    assert desk.driver.errors == []


def test_that_actions_that_need_a_clip_are_disabled_without_one(make_desk: MakeDesk) -> None:
    desk = make_desk()

    def is_usable(row: Action) -> bool:
        return bool(row.when(Situation()))

    for row in ACTIONS:
        assert desk.window.action_set[row.id].isEnabled() == is_usable(row), row.id
        if not is_usable(row):
            desk.window.action_set[row.id].trigger()
    assert desk.driver.errors == []
