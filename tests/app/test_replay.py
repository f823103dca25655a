"""A/B replay in the window, with trackers that always do the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.docks.replay_dock import ReplayDock
from app.main_window import MainWindow
from app.replay import Replayer
from app.replay_job import VariantChoice
from app.tracker_loading import ReadyTracker
from app.widgets.replay_setup import Reach
from tests.app.conftest import Driver, MakeDriver
from tests.app.desk import Desk
from tests.app.stubs import BOX, LENGTH, StubTracker, evidence_of
from tracker.annotation.document import MergeMode
from tracker.annotation.track import Presence, Provenance
from tracker.errors import WeightsError
from tracker.geometry import Box
from tracker.media.index_cache import default_cache_folder
from tracker.media.source import Counts
from tracker.tracking.replay_record import Side
from tracker.tracking.tracker import Result
from tracker.tracking.variant import Variant


class DriftingTracker(StubTracker):
    """Goes two pixels a frame where the stub goes one."""

    model_id = "drifting-1"

    def update(self, frame: Counts) -> Result:
        super().update(frame)
        self._box = self._box.moved(1, 0)
        return Result(self._box, 0.5, Presence.VISIBLE, evidence_of(self._box))


class StubVariants:
    """Builds the stub for A and the drifting one for B, and remembers what was asked for."""

    def __init__(self, allowed: int | None = None) -> None:
        self.trackers: tuple[StubTracker, StubTracker] = StubTracker(allowed), DriftingTracker()
        self.choices: list[VariantChoice] = []
        self.error: WeightsError | None = None

    def __call__(self, choice: VariantChoice) -> ReadyTracker:
        if self.error is not None:
            raise self.error
        self.choices.append(choice)
        return ReadyTracker(self.trackers[(len(self.choices) - 1) % 2], "Stub device")


@dataclass
class ReplayDesk(Desk):
    """A window with a track, and its replay."""

    qtbot: QtBot
    variants: StubVariants

    @property
    def replayer(self) -> Replayer:
        return self.window.panels.replayer

    @property
    def dock(self) -> ReplayDock:
        return self.window.panels.replay

    def run(self, reach: Reach = Reach.FROM_HERE) -> None:
        self.dock.setup.choose(reach)
        with self.qtbot.waitSignal(self.replayer.ended):
            self.dock.run_button.click()

    def take(self, side: Side) -> None:
        with self.qtbot.waitSignal(self.replayer.ended):
            self.dock.take_buttons[side].click()


def made(qtbot: QtBot, driver: Driver, clip: Path, folder: Path, variants: StubVariants) -> ReplayDesk:
    """A window on the clip, with a track, and the dock in front."""
    window = MainWindow(driver.session, folder / "settings.json")
    qtbot.addWidget(window)
    window.resize(1280, 900)
    window.show()
    window.activateWindow()
    desk = ReplayDesk(window, driver, folder / "settings.json", qtbot, variants)
    desk.replayer._factory = variants
    driver.open(clip)
    driver.draw()
    window.panels.show_replay()
    driver.until(lambda: desk.dock._is_shown)
    return desk


def replay_folders() -> list[Path]:
    folder = default_cache_folder() / "replay"
    return list(folder.iterdir()) if folder.exists() else []


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def variants() -> StubVariants:
    return StubVariants()


@pytest.fixture
def desk(
    qtbot: QtBot, make_driver: MakeDriver, clip: Path, tmp_path: Path, variants: StubVariants
) -> Iterator[ReplayDesk]:
    desk = made(qtbot, make_driver(), clip, tmp_path, variants)
    yield desk
    variants.trackers[0].more()
    desk.replayer.clear()


# Running


def test_that_a_replay_compares_both_and_writes_nothing_into_the_track(desk: ReplayDesk) -> None:
    before = desk.track.frames.copy()
    desk.run()
    comparison = desk.replayer.comparison
    assert comparison is not None
    assert comparison.frames == LENGTH
    assert [side.model for side in comparison.record.sides] == ["stub-1", "drifting-1"]
    assert desk.replayer.box(Side.A, 4) == BOX.moved(4, 0)
    assert desk.replayer.box(Side.B, 4) == BOX.moved(8, 0)
    assert desk.track.frames == before
    assert desk.driver.session.document is not None
    assert not desk.driver.session.document.proposals


def test_that_both_trackers_are_built_as_chosen(desk: ReplayDesk) -> None:
    editor = desk.dock.setup.editors[Side.B]
    editor.set_model("default")
    editor.numbers["refit_every"].setValue(3)
    desk.run()
    first, second = desk.variants.choices
    assert first.variant == Variant("default")
    assert second.variant == Variant("default", refit_every=3)
    assert second.normalisation == (0.0, 255.0)


def test_that_the_first_box_is_said_to_be_given_and_later_ones_to_be_apart(desk: ReplayDesk) -> None:
    desk.run()
    desk.driver.go_to(0)
    assert desk.dock.here.text() == "Both start from this box"
    desk.driver.go_to(3)
    assert desk.dock.here.text() == "IoU 0.60 · 3.0 px apart"


def test_that_maps_and_scores_are_those_of_the_shown_frame(desk: ReplayDesk) -> None:
    desk.run()
    desk.driver.go_to(5)
    a, b = (desk.dock.maps.views[side]["fused"] for side in Side)
    assert a.value_text() == "0.15"  # the stub's maps tell its box
    assert b.value_text() == "0.20"
    assert [label.text() for label in desk.dock.scores.values["peak"]] == ["0.80", "0.80", "+0.00"]
    assert [label.text() for label in desk.dock.scores.values["quality"]] == ["–", "–", "–"]


def test_that_both_boxes_are_on_the_canvas_only_while_the_dock_is_shown(desk: ReplayDesk) -> None:
    items = desk.window.replay_marks.items
    desk.run()
    desk.driver.go_to(5)
    assert [items[side].box for side in Side] == [BOX.moved(5, 0), BOX.moved(10, 0)]
    assert desk.window.canvas.marks() == []  # they cannot be pulled: the track itself has no box here
    desk.dock.hide()
    assert [items[side].box for side in Side] == [None, None]
    desk.window.panels.show_replay()
    desk.qtbot.waitUntil(lambda: items[Side.A].box is not None)


def test_that_keys_go_to_where_they_part(desk: ReplayDesk) -> None:
    desk.run()
    comparison = desk.replayer.comparison
    assert comparison is not None
    (start, _), *_ = comparison.parted
    desk.driver.go_to(0)
    desk.window.canvas.setFocus()
    desk.press(Qt.Key.Key_X)
    assert desk.driver.session.frame == start
    desk.press(Qt.Key.Key_X)
    assert desk.driver.session.frame == start
    assert desk.driver.notes[-1] == "A and B do not part further on"
    desk.driver.go_to(LENGTH - 1)
    desk.press(Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    assert desk.driver.session.frame == start


def test_that_keys_say_so_before_anything_was_replayed(desk: ReplayDesk) -> None:
    desk.replayer.go(1)
    assert "Nothing was replayed" in desk.driver.notes[-1]


def test_that_the_lane_shows_partings_and_a_click_goes_there(desk: ReplayDesk) -> None:
    desk.run()
    plot = desk.dock.plot
    plot.set_frame(3)
    assert plot.value.text() == "0.60"
    assert "A 0.90" in plot.values.text()
    assert "B 0.50" in plot.values.text()
    assert plot.lane.frame_at(7.4) == 7
    apart = plot._apart.getData()[1]
    assert (apart[:5] == 1).all()
    assert (apart[-5:] < 0.5).all()
    plot.lane._box.placeRequested.emit(7.4)
    assert desk.driver.session.frame == 7


def test_that_anchors_drawn_later_tell_who_is_right(desk: ReplayDesk) -> None:
    desk.run()
    assert "Draw or accept boxes" in desk.dock.summary.text()
    desk.driver.session.draw_box(BOX.moved(12, 0), desk.track.id, 6)
    comparison = desk.replayer.comparison
    assert comparison is not None
    assert comparison.mean_truth == pytest.approx((1 / 3, 1.0))
    assert "B is better on 1" in desk.dock.summary.text()


def test_that_it_starts_afresh_at_anchors_unless_told_not_to(desk: ReplayDesk) -> None:
    desk.driver.session.draw_box(BOX.moved(20, 0), desk.track.id, 10)
    desk.driver.go_to(0)
    desk.run()
    assert desk.replayer.box(Side.A, 10) == BOX.moved(10, 0)
    assert desk.replayer.box(Side.A, 11) == BOX.moved(21, 0)
    desk.dock.setup.restarts.setChecked(False)
    desk.run()
    assert desk.replayer.box(Side.A, 11) == BOX.moved(11, 0)


def test_that_the_whole_track_is_from_its_first_box_by_hand_to_its_last(desk: ReplayDesk) -> None:
    desk.driver.session.draw_box(BOX, desk.track.id, 14)
    desk.dock.setup.choose(Reach.WHOLE)
    assert desk.dock.span() == (0, 14)
    desk.driver.go_to(7)
    desk.dock.setup.choose(Reach.FROM_HERE)
    assert desk.dock.span() == (7, LENGTH - 1)
    desk.dock.setup.choose(Reach.VISIBLE)
    assert desk.dock.span() == (0, LENGTH - 1)


def test_that_a_selected_range_can_be_replayed_while_it_is_there(desk: ReplayDesk) -> None:
    assert desk.dock.setup.frames.findData(Reach.SELECTED) < 0
    desk.window.ranges.select(range(0, 9))
    desk.dock.setup.choose(Reach.SELECTED)
    assert desk.dock.span() == (0, 8)
    desk.window.ranges.drop()
    assert desk.dock.setup.reach is not Reach.SELECTED


def test_that_lane_and_curves_show_the_part_that_the_timeline_shows(desk: ReplayDesk) -> None:
    desk.run()
    plot, timeline = desk.dock.plot, desk.window.panels.timeline
    timeline.show_part(5, 15)
    assert timeline.scale is not None
    first, stop = timeline.scale.shown()
    for each in (plot.lane, plot.curves):
        assert each.viewRange()[0] == pytest.approx([first - 0.5, stop - 0.5], abs=1.0)
    plot.partRequested.emit(0.0, 30.0)
    assert timeline.scale.is_whole


def test_that_without_a_track_nothing_can_be_run(desk: ReplayDesk) -> None:
    desk.driver.session.select(None)
    assert not desk.dock.run_button.isEnabled()
    assert "Select a track" in desk.dock.stage.text()
    assert desk.dock.span() is None


def test_that_a_model_that_cannot_be_built_is_explained(desk: ReplayDesk) -> None:
    desk.variants.error = WeightsError("there are no such weights.")
    desk.run()
    assert desk.driver.errors == [desk.variants.error]
    assert desk.window.messages.isVisible()
    assert desk.dock.run_button.isEnabled()
    assert desk.dock.fold.isChecked()


# Stopping


@pytest.fixture
def slow_desk(qtbot: QtBot, make_driver: MakeDriver, clip: Path, tmp_path: Path) -> Iterator[ReplayDesk]:
    variants = StubVariants(allowed=5)
    desk = made(qtbot, make_driver(), clip, tmp_path, variants)
    desk.dock.setup.choose(Reach.FROM_HERE)
    desk.dock.run_button.click()
    desk.qtbot.waitUntil(lambda: desk.replayer.box(Side.B, 5) is not None)
    yield desk
    variants.trackers[0].more()
    desk.replayer.clear()


def test_that_a_cancelled_replay_keeps_what_was_found_to_look_at(slow_desk: ReplayDesk) -> None:
    desk = slow_desk
    assert not desk.dock.run_button.isEnabled()
    with desk.qtbot.waitSignal(desk.replayer.ended):
        desk.dock.cancel_button.click()
        desk.variants.trackers[0].more(1)
    comparison = desk.replayer.comparison
    assert comparison is not None
    assert 6 <= comparison.frames <= 8
    assert desk.dock.stage.text() == "Stopped"
    assert desk.dock.run_button.isEnabled()


def test_that_closing_the_clip_in_the_midst_of_it_leaves_nothing_behind(slow_desk: ReplayDesk) -> None:
    desk = slow_desk
    assert len(replay_folders()) == 1
    desk.variants.trackers[0].more()
    desk.driver.session.close()
    assert replay_folders() == []
    assert desk.replayer.comparison is None
    assert not desk.replayer.is_running


def test_that_another_replay_takes_the_place_of_the_one_before(desk: ReplayDesk) -> None:
    desk.run()
    (before,) = replay_folders()
    desk.run()
    (after,) = replay_folders()
    assert before != after


# Taking a side's boxes


def test_that_taking_a_sides_boxes_is_one_step_that_can_be_undone(desk: ReplayDesk) -> None:
    session = desk.driver.session
    before = desk.track.frames.copy()
    desk.run()
    steps = session.undo_stack.count()
    desk.take(Side.B)
    assert desk.track.at(4).box == BOX.moved(8, 0)
    assert desk.track.at(4).provenance is Provenance.TRACKED
    assert desk.track.at(4).model == "drifting-1"
    assert desk.track.at(0).provenance is Provenance.MANUAL
    assert session.undo_stack.count() == steps + 1
    assert session.undo_stack.undoText() == "Take B's boxes"
    session.undo()
    assert desk.track.frames == before
    assert desk.driver.errors == []


def test_that_evidence_goes_along_with_the_boxes(desk: ReplayDesk) -> None:
    project = desk.driver.session.project
    assert project is not None
    desk.run()
    assert project.evidence(desk.track.id, 4) is None
    desk.take(Side.B)
    found = project.evidence(desk.track.id, 4)
    assert found is not None
    assert found.map_region == evidence_of(BOX.moved(8, 0)).map_region


def test_that_boxes_of_another_run_are_replaced_and_decided_ones_are_not(desk: ReplayDesk) -> None:
    session = desk.driver.session
    desk.driver.run(until=8)
    session.draw_box(Box(30, 20, 9, 9), desk.track.id, 5)
    desk.driver.go_to(0)
    assert session.merge_mode is MergeMode.FILL_GAPS
    desk.run()
    desk.take(Side.B)
    assert desk.track.at(3).box == BOX.moved(6, 0)
    assert desk.track.at(5).box == Box(30, 20, 9, 9)


def test_that_a_locked_track_takes_nothing_over(desk: ReplayDesk) -> None:
    desk.run()
    desk.window.commands.toggle_lock()
    before = desk.track.frames.copy()
    desk.dock.take_buttons[Side.A].click()
    desk.qtbot.waitUntil(lambda: not desk.replayer.is_running)
    assert desk.track.frames == before
    assert desk.window.messages.isVisible()


def test_that_one_map_can_be_shown_larger(desk: ReplayDesk) -> None:
    desk.run()
    maps = desk.dock.maps
    maps.set_width(300)
    side = maps.views[Side.A]["fused"].width()
    maps.choice.setCurrentIndex(maps.choice.findData("fused"))
    assert maps.views[Side.A]["fused"].width() > side
    assert maps.views[Side.A]["semantic"].isHidden()
    assert not maps.views[Side.B]["fused"].isHidden()
