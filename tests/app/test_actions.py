from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence

from app import __version__
from app.action_table import ACTIONS, LABELLED, MENUS, SECTIONS, TOOLBAR
from app.actions import Action, Situation
from app.theme import GLYPHS

IDS = {row.id for row in ACTIONS}
ROOT = Path(__file__).parents[2]


def listed() -> list[str]:
    """The actions that a menu or a submenu shows."""
    names = [name for ids in MENUS.values() for name in ids]
    direct = [name for name in names if name in IDS]
    return direct + [row.id for name in names if name[1:] in SECTIONS for row in SECTIONS[name[1:]]]


def test_that_ids_are_unique() -> None:
    assert len(IDS) == len(ACTIONS)


def test_that_no_two_actions_share_a_shortcut() -> None:
    keys = Counter(QKeySequence(key).toString() for row in ACTIONS for key in row.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    assert "" not in keys


def test_that_every_action_is_in_the_menus_once() -> None:
    assert Counter(listed()) == Counter(IDS)


def test_that_the_tool_bar_names_actions_that_exist_and_have_icons() -> None:
    rows = {row.id: row for row in ACTIONS}
    names = [name for name in TOOLBAR if name not in ("-", ">merge")]
    assert all(rows[name].icon for name in names)
    assert LABELLED.keys() <= set(names)


@pytest.mark.parametrize("row", ACTIONS, ids=lambda row: row.id)
def test_that_every_icon_exists(row: Action) -> None:
    assert row.icon == "" or row.icon in GLYPHS
    assert row.icon_on == "" or row.icon_on in GLYPHS


def test_that_the_shortcuts_are_the_agreed_ones() -> None:
    keys = {key: row.id for row in ACTIONS for key in row.keys}
    agreed = {
        "Right": "go.next",
        "F": "go.next",
        "Left": "go.previous",
        "D": "go.previous",
        "Space": "go.play",
        "N": "track.draw",
        "R": "track.draw",
        "T": "track.forward",
        "B": "track.backward",
        "Esc": "track.stop",
        "K": "track.anchor",
        "[": "go.previous_anchor",
        "]": "go.next_anchor",
        "Del": "edit.absent",
        "Shift+Del": "edit.delete_track",
        "Ctrl+Del": "edit.clear_rest",
        "Ctrl+Z": "edit.undo",
        "Ctrl+Shift+Z": "edit.redo",
        "Ctrl+0": "view.fit",
    }
    assert {key: keys.get(key) for key in agreed} == agreed


def test_that_nothing_about_a_clip_can_be_done_without_one() -> None:
    usable = {row.id for row in ACTIONS if row.when(Situation())}
    assert not usable & {"go.next", "track.forward", "track.draw", "edit.undo", "file.export", "track.stop"}
    assert {"file.open", "help.shortcuts", "file.quit"} <= usable


def test_that_the_tip_shows_the_shortcut() -> None:
    row = next(row for row in ACTIONS if row.id == "track.forward")
    assert row.tool_tip(row.keys).endswith("(T)")
    assert row.tool_tip(("Ctrl+J",)).endswith("(Ctrl+J)")


def test_that_the_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
