"""What the actions on palette and gain do."""

from __future__ import annotations

from app.dialogs import files
from tests.app.window.effects import Trial, effect
from tracker.thermal.display import Span
from tracker.thermal.look import Agc, Look
from tracker.thermal.palettes import PALETTES


def corner(trial: Trial) -> tuple[int, int, int]:
    """The colour of the frame's coldest pixel on the canvas."""
    colour = trial.desk.window.canvas.image.pixelColor(0, 0)
    return colour.red(), colour.green(), colour.blue()


def act(trial: Trial) -> Look:
    """The look afterwards, when it has been painted."""
    trial.act()
    trial.desk.driver.painted()
    return trial.desk.window.thermal.look


@effect("thermal.next_palette", "thermal.previous_palette")
def _step_palette(trial: Trial) -> None:
    names = list(PALETTES)
    assert act(trial).palette == names[1 if trial.id == "thermal.next_palette" else -1]


@effect("thermal.invert")
def _invert(trial: Trial) -> None:
    assert corner(trial) == (0, 0, 0)
    assert act(trial).palette == "black_hot"
    assert corner(trial) == (255, 255, 255)


@effect("thermal.open_palette")
def _open_palette(trial: Trial) -> None:
    path = trial.folder / "mine.csv"
    path.write_text("#102030\n#ffffff\n", "ascii")
    trial.patch.setattr(files, "ask_palette", lambda *_: path)
    assert act(trial).palette == "mine"
    assert corner(trial) == (16, 32, 48)
    assert trial.desk.driver.session.settings.palettes["mine"] == ["#102030", "#ffffff"]


@effect("thermal.next_agc")
def _next_agc(trial: Trial) -> None:
    assert act(trial).agc is list(Agc)[1]


@effect("thermal.lock")
def _lock(trial: Trial) -> None:
    assert act(trial).span == (0.0, 255.0)
    assert trial.desk.window.action_set[trial.id].isChecked()
    assert act(trial).span is None


@effect("thermal.reset")
def _reset(trial: Trial) -> None:
    assert not trial.desk.window.action_set[trial.id].isEnabled()
    trial.desk.window.thermal.set_span(Span(10, 20))
    assert act(trial).span is None


@effect("thermal.bar")
def _bar(trial: Trial) -> None:
    bar = trial.desk.window.thermal_bar.bar
    assert not bar.isHidden()
    trial.act()
    assert bar.isHidden()
    assert not trial.desk.driver.session.settings.colour_bar
