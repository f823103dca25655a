"""Which keys do what: the table's own, presets after other tools, and the user's changes on top."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from PySide6.QtGui import QKeySequence

from app.actions import Action

Keys: TypeAlias = tuple[str, ...]
Bindings: TypeAlias = dict[str, Keys]
Preset: TypeAlias = Literal["thermark", "cvat", "darklabel"]

PRESET_NAMES: dict[Preset, str] = {"thermark": "Thermark", "cvat": "CVAT", "darklabel": "DarkLabel"}

# What the other tools have on these keys; what they push aside gets a free key.
PRESETS: dict[Preset, Bindings] = {
    "thermark": {},
    "cvat": {
        "go.next": ("F", "Right"),
        "go.previous": ("D", "Left"),
        "go.forward": ("V", "PgDown"),
        "go.back": ("C", "PgUp"),
        "go.previous_anchor": ("E", "["),
        "go.next_anchor": ("R", "]"),
        "track.draw": ("N",),
        "track.join": ("M",),
        "view.overlay": ("Shift+M",),
        "review.next": ("J",),
        "review.previous": ("Shift+J",),
    },
    "darklabel": {
        "go.next": ("D", "Right"),
        "go.previous": ("A", "Left"),
        "go.forward": ("E", "PgDown"),
        "go.back": ("Q", "PgUp"),
        "track.forward": ("Return", "T"),
        "track.occluded": ("W",),
        "review.accept": ("Y",),
        "review.accept_up_to": ("Shift+Y",),
        "review.next": ("J",),
        "review.previous": ("Shift+J",),
    },
}


def normal(key: str) -> str:
    """A key as Qt writes it, so that "ctrl+e" and "Ctrl+E" are one."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def bindings_of(rows: Iterable[Action], preset: Preset, own: Mapping[str, Iterable[str]]) -> Bindings:
    """The keys of every action.

    Args:
        rows: The table.
        preset: What the table's own keys are replaced by.
        own: The user's choice for some actions; empty for no key. Actions that are not in the table are left out.
    """
    found: Bindings = {}
    for row in rows:
        keys = own.get(row.id, PRESETS[preset].get(row.id, row.keys))
        found[row.id] = tuple(key for key in map(normal, keys) if key)
    return found


def conflicts(bindings: Mapping[str, Keys]) -> dict[str, tuple[str, ...]]:
    """Keys that several actions have, and these actions: Qt would let none of them have it."""
    users: dict[str, list[str]] = defaultdict(list)
    for id_, keys in bindings.items():
        for key in keys:
            users[key].append(id_)
    return {key: tuple(ids) for key, ids in users.items() if len(ids) > 1}


def rebound(bindings: Bindings, id_: str, keys: Iterable[str]) -> Bindings:
    """The bindings after an action has got other keys; whoever had one of them loses it."""
    wanted = tuple(dict.fromkeys(key for key in map(normal, keys) if key))
    others = {
        other: tuple(key for key in had if key not in wanted)
        for other, had in bindings.items()
        if other != id_
    }
    return {other: wanted if other == id_ else others[other] for other in bindings}


def own_changes(rows: Iterable[Action], preset: Preset, bindings: Mapping[str, Keys]) -> Bindings:
    """What of the bindings is the user's: all that a preset does not say."""
    plain = bindings_of(rows, preset, {})
    return {id_: keys for id_, keys in bindings.items() if keys != plain[id_]}
