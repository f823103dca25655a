"""Presets and the user's own shortcuts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.action_table import ACTIONS
from app.shortcuts import PRESET_NAMES, PRESETS, Preset, bindings_of, conflicts, own_changes, rebound

IDS = [row.id for row in ACTIONS]
KEYS = st.lists(st.sampled_from(["F", "E", "Ctrl+E", "Space", "J", "Shift+J"]), max_size=2, unique=True)


@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_that_no_preset_has_a_key_twice(preset: Preset) -> None:
    assert conflicts(bindings_of(ACTIONS, preset, {})) == {}


@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_that_presets_name_actions_that_exist(preset: Preset) -> None:
    assert PRESETS[preset].keys() <= set(IDS)


def test_that_a_users_key_goes_before_the_presets_and_odd_entries_do_no_harm() -> None:
    own = {"go.next": ["ctrl+e"], "gone.action": ["X"], "go.play": []}
    found = bindings_of(ACTIONS, "cvat", own)
    assert found["go.next"] == ("Ctrl+E",)
    assert found["go.play"] == ()
    assert found["go.forward"] == ("V", "PgDown")
    assert "gone.action" not in found
    assert conflicts(found) == {"Ctrl+E": ("file.export", "go.next")}


def test_that_a_taken_key_changes_its_owner() -> None:
    found = rebound(bindings_of(ACTIONS, "thermark", {}), "go.last", ["E", "ctrl+l"])
    assert found["go.last"] == ("E", "Ctrl+L")
    assert found["review.next"] == ()
    assert conflicts(found) == {}


@given(st.sampled_from(sorted(PRESETS)), st.lists(st.tuples(st.sampled_from(IDS), KEYS), max_size=6))
def test_that_changes_one_after_the_other_never_conflict_and_come_back_from_the_settings(
    preset: Preset, steps: list[tuple[str, list[str]]]
) -> None:
    bindings = bindings_of(ACTIONS, preset, {})
    for id_, keys in steps:
        bindings = rebound(bindings, id_, keys)
    assert conflicts(bindings) == {}
    assert bindings_of(ACTIONS, preset, own_changes(ACTIONS, preset, bindings)) == bindings
