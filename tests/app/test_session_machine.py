"""Edits, runs, merges, undo and redo in any order, through the session as the window uses it.

What is held: machines never change an anchor; undo and redo give back every byte; what failed has changed nothing; the
project read again from its file is the one in memory.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeAlias

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QCoreApplication

from app.session import Session
from app.settings import Settings
from tests.app.stubs import LENGTH, StubFactory, StubTracker, write_clip
from tests.patience import PATIENCE_S
from tracker.annotation import commands, review_commands, target_commands
from tracker.annotation.document import Document, MergeMode
from tracker.annotation.edits import Edit
from tracker.annotation.track import Presence
from tracker.geometry import Box
from tracker.media.source import Counts
from tracker.tracking.tracker import Result

FRAMES = st.integers(0, LENGTH - 1)
BOXES = st.builds(Box, st.integers(0, 40), st.integers(0, 30), st.integers(4, 20), st.integers(4, 16))
DIRECTIONS = st.sampled_from([1, -1])
PICKS = st.integers(0, 59)

P = ParamSpec("P")
State: TypeAlias = dict[int, tuple[object, ...]]
Anchors: TypeAlias = dict[int, dict[int, bytes]]


def state_of(document: Document) -> State:
    """Every byte of all tracks."""
    return {
        track.id: (
            track.label,
            track.colour,
            track.attributes,
            track.locked,
            track.frames.rows.tobytes(),
            track.frames.reviewed.tobytes(),
        )
        for track in document.tracks.values()
    }


def anchors_of(document: Document) -> Anchors:
    """The frames decided by hand, by track."""
    return {
        track.id: {
            int(frame): track.frames.rows[frame].tobytes() for frame in track.frames.is_manual.nonzero()[0]
        }
        for track in document.tracks.values()
    }


def one_of(choices: Sequence[int], pick: int) -> int:
    """The choice with this number, counted round and round.

    What a run leaves behind depends on how far it came, which is never the same twice: so what hypothesis draws must
    not depend on it.
    """
    return choices[pick % len(choices)]


def on_track(rule: Callable[Concatenate[Window, P], None]) -> Callable[Concatenate[Window, P], None]:
    """A rule that does nothing where no track is selected; no precondition, for the same reason."""

    @functools.wraps(rule)
    def ruled(self: Window, /, *args: P.args, **values: P.kwargs) -> None:
        if self.session.selected is not None:
            rule(self, *args, **values)

    return ruled


def wait(condition: Callable[[], bool]) -> None:
    """Let the window's loop run until something is so."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        QCoreApplication.processEvents()
        time.sleep(0.0005)


class SteadyTracker(StubTracker):
    """Takes its time when it is told to, so that something can be done under a run."""

    pause_s = 0.0

    def update(self, frame: Counts) -> Result:
        time.sleep(self.pause_s)
        return super().update(frame)


class Window(RuleBasedStateMachine):
    """A session on a clip; `states` has what the tracks were at each step of the undo list."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clip = write_clip(self.folder / "clip")
        self.settings = Settings(follow=False)
        self.tracker = SteadyTracker()
        self.session = Session(self.settings, StubFactory(self.tracker))
        self.open()

    def open(self) -> None:
        self.session.open_path(self.clip)
        wait(lambda: self.session.shown is not None)
        self.states = {self.place: self.state}

    @property
    def document(self) -> Document:
        document = self.session.document
        assert document is not None
        return document

    @property
    def state(self) -> State:
        return state_of(self.document)

    @property
    def place(self) -> int:
        return self.session.undo_stack.index()

    def do(self, action: Callable[[], object], undoes: bool = False) -> None:
        """A user's gesture; one that fails changes nothing, unless it takes a step back before it makes another."""
        before, place = self.state, self.place
        action()
        wait(lambda: not self.session.is_running)
        if self.place == place and not undoes:
            assert self.state == before
        known = place - 1 if undoes else place
        self.states = {step: state for step, state in self.states.items() if step <= known}
        if self.place > known:
            self.states[self.place] = self.state
        else:  # something was undone on the way, and what had been undone before cannot be redone for certain
            self.states = {step: state for step, state in self.states.items() if step <= self.place}
            assert self.state == self.states.setdefault(self.place, self.state)

    def edit(self, build: Callable[[Document, int], Edit]) -> None:
        track_id = self.session.selected
        assert track_id is not None
        self.do(lambda: self.session.edit(lambda document: build(document, track_id), track_id))

    def boxed(self, pick: int) -> int:
        """Go to some frame on which the selected track has a box, if there is one."""
        track = self.session.track
        frames = [] if track is None else track.frames.has_box.nonzero()[0].tolist()
        frame = one_of(frames or [0], pick)
        self.session.go_to(frame)
        return frame

    def by_machine(self, action: Callable[[], object]) -> None:
        """What a machine does: no anchor may be another afterwards."""
        before = anchors_of(self.document)
        self.do(action)
        assert anchors_of(self.document) == before

    # By hand

    @initialize(first=FRAMES, second=FRAMES, box=BOXES)
    def begin(self, first: int, second: int, box: Box) -> None:
        self.draw(first, box)
        self.anchor(second, box)

    @rule(frame=FRAMES, box=BOXES)
    def draw(self, frame: int, box: Box) -> None:
        self.do(lambda: self.session.draw_box(box, None, frame))

    @rule(frame=FRAMES, box=BOXES)
    @on_track
    def anchor(self, frame: int, box: Box) -> None:
        self.do(lambda: self.session.draw_box(box, self.session.selected, frame))

    @rule(pick=PICKS)
    @on_track
    def choose(self, pick: int) -> None:
        self.session.select(one_of(sorted(self.document.tracks), pick))

    @rule(start=FRAMES, length=st.integers(1, 6), presence=st.sampled_from(Presence))
    @on_track
    def mark(self, start: int, length: int, presence: Presence) -> None:
        frames = range(start, min(start + length, LENGTH))
        self.edit(lambda document, id_: commands.mark_presence(document, id_, frames, presence))

    @rule(start=FRAMES, length=st.integers(1, LENGTH))
    @on_track
    def clear(self, start: int, length: int) -> None:
        stop = min(start + length, LENGTH)
        self.edit(lambda document, id_: commands.clear_frames(document, id_, start, stop))

    @rule(start=FRAMES, length=st.integers(1, LENGTH))
    @on_track
    def accept(self, start: int, length: int) -> None:
        stop = min(start + length, LENGTH)
        self.edit(lambda document, id_: review_commands.accept(document, id_, start, stop))

    @rule(frame=FRAMES)
    @on_track
    def split(self, frame: int) -> None:
        self.edit(lambda document, id_: target_commands.split(document, id_, frame))

    @rule(pick=PICKS, frame=FRAMES, joins=st.booleans())
    @on_track
    def pair(self, pick: int, frame: int, joins: bool) -> None:
        others = sorted(self.document.tracks.keys() - {self.session.selected})
        if not others:
            return
        other = one_of(others, pick)
        if joins:
            self.edit(lambda document, id_: target_commands.join(document, id_, other))
        else:
            self.edit(lambda document, id_: target_commands.swap_from(document, id_, other, frame))

    @rule()
    @on_track
    def delete(self) -> None:
        self.edit(commands.delete_track)

    # By machines

    @rule()
    @on_track
    def interpolate(self) -> None:
        before = anchors_of(self.document)
        self.edit(commands.interpolate)
        assert anchors_of(self.document) == before

    @rule(pick=PICKS, direction=DIRECTIONS, mode=st.sampled_from(MergeMode), through=st.booleans())
    @on_track
    def track(self, pick: int, direction: int, mode: MergeMode, through: bool) -> None:
        self.settings.merge_mode = mode.name
        self.boxed(pick)
        self.by_machine(lambda: self.session.runs.start(direction, through))

    @rule(pick=PICKS, direction=DIRECTIONS, mode=st.sampled_from(MergeMode))
    @on_track
    def track_all(self, pick: int, direction: int, mode: MergeMode) -> None:
        self.settings.merge_mode = mode.name
        self.boxed(pick)
        place = self.place
        self.by_machine(lambda: self.session.runs.start_all(direction))
        assert self.place <= place + 1

    @rule(pick=PICKS, direction=DIRECTIONS, reach=st.integers(0, 5))
    @on_track
    def track_and_stop(self, pick: int, direction: int, reach: int) -> None:
        def run() -> None:
            self.session.runs.start(direction)
            wait(lambda: not self.session.is_running or self.reached() >= reach)
            self.session.runs.stop()

        self.boxed(pick)
        self.by_machine(run)

    def reached(self) -> int:
        proposal = next(iter(self.session.runs.controller.proposals.values()), None)
        span = None if proposal is None else proposal.span()
        return 0 if span is None else span[1] - span[0]

    @rule(
        pick=PICKS,
        direction=DIRECTIONS,
        reach=st.integers(1, 5),
        ahead=st.integers(-2, 3),
        box=BOXES,
        several=st.booleans(),
    )
    @on_track
    def correct_under_a_run(
        self, pick: int, direction: int, reach: int, ahead: int, box: Box, several: bool
    ) -> None:
        before, track_id = anchors_of(self.document), self.session.selected
        at = min(max(self.boxed(pick) + direction * (reach + ahead), 0), LENGTH - 1)
        assert track_id is not None

        def run() -> None:
            self.tracker.pause_s = 0.003
            begin = self.session.runs.start_all if several else self.session.runs.start
            begin(direction)
            wait(lambda: not self.session.is_running or self.reached() >= reach)
            self.session.draw_box(box, track_id, at)

        self.do(run)
        self.tracker.pause_s = 0.0
        after = anchors_of(self.document)
        assert self.document.track(track_id).at(at).box == box
        del after[track_id][at]
        before[track_id].pop(at, None)
        assert after == before

    @rule(pick=PICKS, direction=DIRECTIONS)
    @on_track
    def undo_under_a_run(self, pick: int, direction: int) -> None:
        def run() -> None:
            self.session.runs.start(direction)
            self.session.undo()

        self.boxed(pick)
        self.tracker.pause_s = 0.003
        self.do(run, undoes=True)
        self.tracker.pause_s = 0.0

    @rule()
    @on_track
    def audit(self) -> None:
        self.by_machine(self.session.runs.audit)

    # Back and forth

    @rule()
    def undo(self) -> None:
        self.session.undo()
        self.expect()

    @rule()
    def redo(self) -> None:
        self.session.redo()
        self.expect()

    def expect(self) -> None:
        wait(lambda: not self.session.is_running)
        assert self.state == self.states.setdefault(self.place, self.state)

    @rule()
    def reopen(self) -> None:
        before = self.state
        self.session.close()
        self.open()
        assert self.state == before

    def teardown(self) -> None:
        self.session.shut_down()
        shutil.rmtree(self.folder)


@pytest.mark.usefixtures("qapp")
def test_that_any_series_of_edits_runs_and_undos_keeps_what_it_must() -> None:
    run_state_machine_as_test(
        Window,
        settings=settings(max_examples=12, stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )
