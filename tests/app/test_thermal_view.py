"""How the clip is painted, without a window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.settings import Settings
from app.thermal_view import Temperatures, ThermalView
from app.tracker_loading import TrackerChoice
from tests.app.conftest import Driver, MakeDriver
from tests.app.stubs import BOX, StubTracker, write_clip
from tracker.annotation.track import Provenance
from tracker.geometry import Box
from tracker.media.source import Counts
from tracker.opencv import cv2
from tracker.thermal.display import Span
from tracker.thermal.isotherms import Band, BandUnit
from tracker.thermal.look import Agc, Look
from tracker.thermal.radiometry import Unit
from tracker.tracking.tracker import Result


@pytest.fixture
def warm_clip(tmp_path: Path) -> Path:
    """40 frames of 16 bits: a slope, of which everything becomes warmer by 20 counts a frame."""
    folder = tmp_path / "warm"
    folder.mkdir()
    slope = np.add.outer(np.arange(48) * 5, np.arange(64) * 7) + 7000
    for index in range(40):
        cv2.imwrite(str(folder / f"{index:04d}.png"), (slope + 20 * index).astype(np.uint16))
    return folder


@pytest.fixture
def view(make_driver: MakeDriver, warm_clip: Path) -> ThermalView:
    driver = make_driver()
    view = ThermalView(driver.session)
    view.driver = driver  # type: ignore[attr-defined]  # for the tests alone
    driver.open(warm_clip)
    return view


def driver_of(view: ThermalView) -> Driver:
    driver: Driver = view.driver  # type: ignore[attr-defined]
    return driver


def shown(view: ThermalView) -> NDArray[np.uint8]:
    frame = view.shown
    assert frame is not None
    return frame.picture.rgb


def repaint(view: ThermalView, **choices: object) -> NDArray[np.uint8]:
    driver = driver_of(view)
    view.change(**choices)
    driver.painted()
    return shown(view)


def test_that_a_look_is_kept_with_the_project_and_begins_the_next_clip(
    make_driver: MakeDriver, view: ThermalView, warm_clip: Path, tmp_path: Path
) -> None:
    repaint(view, palette="lava", span=(7000.0, 7200.0))
    driver = driver_of(view)
    driver.session.close()
    settings = driver.session.settings
    again = make_driver(None, Settings.model_validate(settings.model_dump()))
    second = ThermalView(again.session)
    again.open(write_clip(tmp_path / "other"))
    assert second.look == Look(palette="lava")  # the span was about other counts
    again.open(warm_clip)
    assert second.look == Look(palette="lava", span=(7000.0, 7200.0))


def test_that_a_damaged_look_in_a_project_is_no_reason_not_to_open(
    make_driver: MakeDriver, view: ThermalView, warm_clip: Path
) -> None:
    session = driver_of(view).session
    session.require_project().set_setting("look", '{"agc": 7}')
    session.close()
    driver_of(view).open(warm_clip)
    assert view.look == Look()


def test_that_damaged_palettes_of_the_settings_are_left_out(make_driver: MakeDriver) -> None:
    settings = Settings(palettes={"good": ["#000000", "#ffffff"], "one": ["#000000"], "bad": ["red", "blue"]})
    assert list(ThermalView(make_driver(None, settings).session).own_palettes) == ["good"]


def test_that_a_repaint_leaves_the_counts_and_the_frame_alone(view: ThermalView) -> None:
    driver, frames = driver_of(view), list[int]()
    before = view.shown
    assert before is not None
    driver.session.frameShown.connect(lambda frame: frames.append(frame.index))
    plain = shown(view).copy()
    assert not (repaint(view, palette="iron", agc=Agc.CLAHE) == plain).all()
    assert view.shown is not None
    assert view.shown.counts is before.counts
    assert frames == []


def test_that_dragging_moves_level_and_span_from_where_they_were(view: ThermalView) -> None:
    scale = view.scale
    assert scale is not None
    low, high = scale.span.low, scale.span.high
    view.begin_drag()
    view.drag(0.0, 30.0)
    assert view.look.locked == Span(low + 0.1 * (high - low), high + 0.1 * (high - low))
    view.drag(150.0, 0.0)  # all in all: not on top of what came before
    width = high - low
    assert view.look.locked == Span(low - width / 2, high + width / 2)
    view.drag(-1e5, 0.0)
    locked = view.look.locked
    assert locked is not None
    assert locked.high - locked.low == pytest.approx(1.0)


def test_that_a_locked_span_stays_over_frames_and_a_free_one_follows(view: ThermalView) -> None:
    driver = driver_of(view)
    repaint(view, agc=Agc.FRAME)
    free = shown(view).copy()
    driver.go_to(20)
    assert np.abs(shown(view).astype(int) - free).max() <= 1  # the scene is the same, only warmer
    driver.go_to(0)
    view.toggle_lock()
    driver.painted()
    driver.go_to(20)
    assert shown(view).mean() > free.mean() + 50
    view.toggle_lock()
    assert not view.is_locked


def test_that_around_the_target_the_picture_is_the_same_however_one_came_there(view: ThermalView) -> None:
    driver = driver_of(view)
    driver.session.draw_box(BOX)
    driver.session.draw_box(Box(40, 20, 12, 16), 1, 30)
    driver.go_to(30)  # where drawing has gone to: that frame may still be on its way
    driver.go_to(0)
    repaint(view, agc=Agc.TARGET)
    seen: dict[int, NDArray[np.uint8]] = {}
    for frame in (1, 2, 3, 20, 5, 39, 2, 20, 1, 5, 39, 3):
        driver.go_to(frame)
        assert (shown(view) == seen.setdefault(frame, shown(view).copy())).all()


def test_that_a_box_that_is_moved_is_painted_around_anew(view: ThermalView) -> None:
    driver = driver_of(view)
    driver.session.draw_box(BOX)
    repaint(view, agc=Agc.TARGET)
    before = shown(view).copy()
    driver.session.move_box(1, Box(50, 30, 12, 16), 0)
    driver.painted()
    assert shown(view).mean() < before.mean() - 10  # it is warmer there
    driver.session.select(None)
    driver.painted()
    assert view.scale is not None
    assert view.scale.span == view.clip_span


def test_that_temperatures_say_what_counts_mean_and_where_isotherms_are(view: ThermalView) -> None:
    band = Band(low=72.0, unit=BandUnit.KELVIN, colour="#ff0001")
    assert not (repaint(view, bands=(band,)) == (255, 0, 1)).all(axis=-1).any()
    driver = driver_of(view)
    view.set_temperatures(
        Temperatures(Unit.CELSIUS, lambda counts: counts / 100, lambda kelvin: kelvin * 100)
    )
    driver.painted()
    frame = view.shown
    assert frame is not None
    assert ((shown(view) == (255, 0, 1)).all(axis=-1) == (frame.counts >= 7200)).all()
    assert (view.value_text(30000), view.unit) == ("26.9", "°C")
    driver.session.close()
    assert view.temperatures is None


class Witness(StubTracker):
    """Keeps what it was given to see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Counts] = []

    def init(self, frame: Counts, box: Box) -> Result:
        self.seen.append(frame.copy())
        return super().init(frame, box)

    def update(self, frame: Counts) -> Result:
        self.seen.append(frame.copy())
        return super().update(frame)


LOUD = Look(
    agc=Agc.DETAIL,
    palette="rainbow",
    inverted=True,
    span=(7000.0, 7010.0),
    bands=(Band(low=0.0), Band(low=7100.0, colour="#00ff00")),
)


@pytest.mark.parametrize("look", [LOUD, *(Look(agc=agc, palette="viridis") for agc in Agc)])
def test_that_the_tracker_sees_the_same_whatever_is_displayed(
    make_driver: MakeDriver, warm_clip: Path, look: Look, tmp_path: Path
) -> None:
    def run(chosen: Look, name: str) -> tuple[Witness, object, object]:
        witness = Witness()
        driver = make_driver(witness)
        view = ThermalView(driver.session)
        driver.open(warm_clip, tmp_path / f"{name}.thermark")
        document = driver.session.document
        assert document is not None
        driver.draw()
        view.set_look(chosen)
        driver.run()
        choices: list[TrackerChoice] = driver.factory.choices
        track = driver.session.track
        assert track is not None
        assert (track.frames.provenance[1:] == Provenance.TRACKED).all()
        return witness, (document.normalisation, choices), track.frames.boxes.tobytes()

    plain, loud = run(Look(), "plain"), run(look, "loud")
    assert plain[1:] == loud[1:]
    assert len(plain[0].seen) == len(loud[0].seen) == 40
    assert all(
        (a == b).all() and a.dtype == b.dtype for a, b in zip(plain[0].seen, loud[0].seen, strict=True)
    )
