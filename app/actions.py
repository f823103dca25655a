"""What an action is, and how the rows of the table become QActions, menus and tool bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QToolBar

from app.measure_situation import MeasureSituation
from app.theme import icon


@dataclass(frozen=True)
class Situation:
    """What decides which actions make sense, and which are checked.

    Attributes:
        has_clip: A clip is open.
        has_track: A track is selected.
        has_anchors: It has anchors.
        has_tracks: There are tracks.
        has_others: There are tracks beside the selected one.
        has_queue: Doubtful frames of the selected track wait to be looked at.
        has_lessons: The user's reviews have taught something about wrong boxes.
        is_locked: The selected track is locked.
        is_hidden: It is left out of the picture.
        has_pending: A run that was cut short waits to be accepted.
        is_running: A tracking run is going on.
        is_playing: The clip is played.
        is_drawing: The next drag draws a box.
        is_held: A box is being pulled.
        has_range: A range of frames is selected.
        is_guided: The guide through the first steps is shown.
        undo: Name of the step that can be undone; empty for none.
        redo: The same for redo.
        follow: The shown frame follows a run.
        lost_for: Frames after which a run gives a lost target up; 0 for never.
        sensor_events: Sensor events are marked on the timeline.
        patterns: What is shown of the fixed pattern; see `FixedPatternView.shown`.
        correction: Name of the `Correction` of what the tracker sees.
        theme: "dark", "light" or "system".
        device: "auto", "cpu", "cuda" or "mps".
        model: "default", or a path.
        merge_mode: Name of the `MergeMode` for runs that end.
        has_counts: The clip is not in colour, so that palettes and gain control are for it.
        is_span_locked: Level and span are the same for all frames.
        has_colour_bar: The colour bar is wanted.
        measuring: What is about regions.
    """

    has_clip: bool = False
    has_track: bool = False
    has_anchors: bool = False
    has_tracks: bool = False
    has_others: bool = False
    has_queue: bool = False
    has_lessons: bool = False
    is_locked: bool = False
    is_hidden: bool = False
    has_pending: bool = False
    is_running: bool = False
    is_playing: bool = False
    is_drawing: bool = False
    is_held: bool = False
    has_range: bool = False
    is_guided: bool = False
    undo: str = ""
    redo: str = ""
    follow: bool = True
    lost_for: int = 0
    sensor_events: bool = True
    patterns: frozenset[str] = frozenset()
    correction: str = "NONE"
    theme: str = "dark"
    device: str = "auto"
    model: str = "default"
    merge_mode: str = "FILL_GAPS"
    has_counts: bool = False
    is_span_locked: bool = False
    has_colour_bar: bool = True
    measuring: MeasureSituation = field(default_factory=MeasureSituation)

    @property
    def can_track(self) -> bool:
        """Whether a run can be asked for; where there is no box to start from, the answer says so."""
        return self.has_clip and not self.is_running

    @property
    def can_cut(self) -> bool:
        """Whether the selected track can be taken apart: not while a run is writing to tracks."""
        return self.has_track and not self.is_running

    @property
    def can_pair(self) -> bool:
        """The same with another track."""
        return self.has_others and not self.is_running

    @property
    def can_stop(self) -> bool:
        """Whether something is going on that can be stopped."""
        return self.is_running or self.is_playing or self.is_drawing or self.is_held or self.has_range

    @property
    def can_use_range(self) -> bool:
        """Whether there is a range of a track's frames."""
        return self.has_track and self.has_range

    @property
    def can_export(self) -> bool:
        """Whether there is something to export, and nobody is adding to it."""
        return self.has_tracks and not self.is_running


Test = Callable[[Situation], object]
"""Its answer counts as true or false."""


def always(_: Situation) -> bool:
    """For actions that can be used at any time."""
    return True


@dataclass(frozen=True)
class Action:
    """A row of the table.

    Attributes:
        id: "menu.name"; also the `objectName` of the QAction.
        text: In menus.
        do: What it calls, as seen from the window ("session.undo").
        keys: Shortcuts.
        icon: Name of an icon, empty for none.
        tip: One sentence, where the text does not say it all.
        args: Arguments for `do`.
        when: Whether it can be used.
        checked: Whether it is checked; None where it is no switch.
        group: Actions of one group are alternatives.
        icon_on: Another icon while it is checked.
        detail: Added to the text, from the situation.
    """

    id: str
    text: str
    do: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    args: tuple[object, ...] = ()
    when: Test = always
    checked: Test | None = None
    group: str = ""
    icon_on: str = ""
    detail: Callable[[Situation], str] | None = None

    def tool_tip(self, keys: Sequence[str]) -> str:
        """What it does and the first of its shortcuts, for the tool bar."""
        text = self.tip or self.text.rstrip("…")
        native = QKeySequence.SequenceFormat.NativeText
        return f"{text} ({QKeySequence(keys[0]).toString(native)})" if keys else text


class ActionSet:
    """The QActions of a table.

    Args:
        rows: The table.
        owner: The window: holds the actions, and `do` starts from it.
    """

    def __init__(self, rows: Iterable[Action], owner: QObject) -> None:
        self._rows = {row.id: row for row in rows}
        self._groups: dict[str, QActionGroup] = {}
        self._owner = owner
        self._actions = {row.id: self._make(row) for row in self._rows.values()}

    def __getitem__(self, id_: str) -> QAction:
        return self._actions[id_]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def _make(self, row: Action) -> QAction:
        action = QAction(row.text, self._owner)
        action.setObjectName(row.id)
        self._set_keys(action, row, row.keys)
        action.setStatusTip(row.tip)
        action.setCheckable(row.checked is not None)
        if row.icon:
            action.setIcon(icon(row.icon))
        if row.group:
            self._groups.setdefault(row.group, QActionGroup(self._owner)).addAction(action)
        action.triggered.connect(lambda _checked=False: self.perform(row.id))
        return action

    def set_keys(self, bindings: Mapping[str, Sequence[str]]) -> None:
        """Give every action its shortcuts."""
        for id_, row in self._rows.items():
            self._set_keys(self._actions[id_], row, bindings[id_])

    @staticmethod
    def _set_keys(action: QAction, row: Action, keys: Sequence[str]) -> None:
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setToolTip(row.tool_tip(keys))

    def perform(self, id_: str) -> None:
        """Do what an action does."""
        row = self._rows[id_]
        attrgetter(row.do)(self._owner)(*row.args)

    def refresh(self, situation: Situation) -> None:
        """Enable, check and name the actions as the situation asks."""
        for id_, row in self._rows.items():
            action = self._actions[id_]
            action.setEnabled(bool(row.when(situation)))
            if row.checked is not None:
                self._check(action, row, bool(row.checked(situation)))
            if row.detail is not None:
                action.setText(f"{row.text} {row.detail(situation)}".rstrip())

    def _check(self, action: QAction, row: Action, is_on: bool) -> None:
        if row.icon_on and action.isChecked() != is_on:
            action.setIcon(icon(row.icon_on if is_on else row.icon))
        action.setChecked(is_on)

    def fill(self, place: QMenu | QToolBar, ids: Iterable[str], special: Callable[[str], None]) -> None:
        """Put actions into a menu or a tool bar.

        Args:
            place: Where.
            ids: Action ids; "-" is a separator, and ">name" is left to `special`.
            special: Called with each name.
        """
        for id_ in ids:
            if id_ == "-":
                place.addSeparator()
            elif id_.startswith(">"):
                special(id_[1:])
            else:
                place.addAction(self._actions[id_])
