"""What the actions on files, the view, the timeline and the settings do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

import resources
from app.dialogs import files
from app.dialogs.export import ExportDialog
from app.dialogs.import_data import ImportDialog
from app.dialogs.save_counts import SaveCountsDialog
from app.dialogs.shortcuts import ShortcutsDialog
from app.theme import apply_theme, colours
from tests.app.stubs import LENGTH, write_clip
from tests.app.window.effects import Trial, effect
from tracker.thermal.events import EventKind, SensorEvent
from tracker.tracking.pattern_correction import SETTING


def asked(trial: Trial, dialog: str, answer: Path) -> None:
    """Let the user answer a dialog."""
    trial.patch.setattr(files, dialog, lambda *_: answer)


def opened(trial: Trial) -> list[str]:
    """The classes of the dialogs that are opened from now on; each is cancelled."""
    seen: list[str] = []

    def close(dialog: QDialog) -> QDialog.DialogCode:
        seen.append(type(dialog).__name__)
        return QDialog.DialogCode.Rejected

    for kind in (ExportDialog, ImportDialog, SaveCountsDialog, ShortcutsDialog):
        trial.patch.setattr(kind, "exec", close)
    return seen


@effect("file.open", "file.open_folder", "file.open_sample")
def _open(trial: Trial) -> None:
    other = write_clip(trial.folder / "other", 3)
    asked(trial, "ask_clip", other)
    asked(trial, "ask_folder", other)
    trial.patch.setattr(resources, "sample_clip", lambda: other)
    trial.act()
    session = trial.desk.driver.session
    trial.desk.driver.until(lambda: session.source is not None and session.source.path == other)
    assert session.length == 3


@effect("file.save")
def _save(trial: Trial) -> None:
    trial.act()
    assert "Everything is saved in" in trial.desk.window.statusBar().currentMessage()


@effect("file.save_copy")
def _save_copy(trial: Trial) -> None:
    asked(trial, "ask_project_name", trial.folder / "copy.thermark")
    trial.act()
    assert (trial.folder / "copy.thermark").exists()


@effect("file.export", "file.import", "file.save_counts", "help.shortcuts")
def _dialogs(trial: Trial) -> None:
    seen = opened(trial)
    trial.act()
    dialogs = {
        "file.export": "ExportDialog",
        "file.import": "ImportDialog",
        "file.save_counts": "SaveCountsDialog",
    }
    assert seen == [dialogs.get(trial.id, "ShortcutsDialog")]


@effect("help.about")
def _about(trial: Trial) -> None:
    said: list[str] = []
    trial.patch.setattr(QMessageBox, "about", lambda _window, _title, text: said.append(text))
    trial.act()
    assert "Apache" in said[0]


@effect("help.guide")
def _guide(trial: Trial) -> None:
    trial.act()
    assert "Track the target" not in trial.desk.window.guide.bubble.text
    assert "Draw a box" in trial.desk.window.guide.bubble.text
    trial.act()
    assert trial.desk.window.guide.bubble.text == ""


@effect("file.close")
def _close(trial: Trial) -> None:
    trial.act()
    assert trial.desk.driver.session.project is None
    assert trial.desk.window.pages.currentWidget() is trial.desk.window.welcome


@effect("file.quit")
def _quit(trial: Trial) -> None:
    trial.act()
    assert not trial.desk.window.isVisible()
    assert trial.desk.settings_file.exists()


@effect("go.play")
def _play(trial: Trial) -> None:
    trial.act()
    trial.desk.driver.until(lambda: trial.desk.driver.session.frame > 1)
    trial.act()
    assert not trial.desk.window.playback.is_playing


@effect(
    *("go.next", "go.previous", "go.forward", "go.back", "go.first", "go.last"),
    *("go.next_anchor", "go.previous_anchor"),
)
def _go(trial: Trial) -> None:
    trial.desk.driver.session.go_to(3)
    trial.act()
    expected = {
        "go.next": 4,
        "go.previous": 2,
        "go.forward": 13,
        "go.back": 0,
        "go.first": 0,
        "go.last": LENGTH - 1,
        "go.next_anchor": 4,
        "go.previous_anchor": 0,
    }
    assert trial.desk.driver.session.frame == expected[trial.id]


@effect("view.fit", "view.actual_size", "view.zoom_in", "view.zoom_out")
def _zoom_frame(trial: Trial) -> None:
    canvas = trial.desk.window.canvas
    canvas.fit()
    fitting = canvas.view_scale
    canvas.zoom_by(2.0)
    before = canvas.view_scale
    trial.act()
    if trial.id == "view.actual_size":
        assert canvas.view_scale * canvas.devicePixelRatioF() == 1
    elif trial.id == "view.fit":
        assert canvas.view_scale == fitting
    else:
        assert (canvas.view_scale > before) == (trial.id == "view.zoom_in")
        assert canvas.view_scale != before


@effect("view.overlay")
def _overlay(trial: Trial) -> None:
    trial.act()
    assert trial.desk.driver.session.settings.overlay == "semantic"


@effect("go.next_event", "go.previous_event")
def _go_event(trial: Trial) -> None:
    sensor = trial.desk.window.panels.sensor_events
    sensor.events = (SensorEvent(EventKind.FREEZE, 2, 4), SensorEvent(EventKind.GAIN, 9, 10))
    trial.desk.driver.session.go_to(5)
    trial.act()
    assert trial.desk.driver.session.frame == (9 if trial.id == "go.next_event" else 2)


@effect("view.dead_pixels")
def _mark_dead(trial: Trial) -> None:
    view = trial.desk.window.fixed_pattern
    trial.act()
    trial.desk.driver.until(lambda: view.pattern is not None)
    assert view.is_shown
    assert trial.desk.window.action_set[trial.id].isChecked()


@effect("view.corrected")
def _show_corrected(trial: Trial) -> None:
    view = trial.desk.window.fixed_pattern
    view.set_correction("DEAD")
    trial.act()
    trial.desk.driver.until(lambda: view.pattern is not None)
    assert view.is_corrected
    assert trial.desk.window.action_set[trial.id].isChecked()


@effect("correction.none", "correction.dead", "correction.all")
def _correct(trial: Trial) -> None:
    project = trial.desk.driver.session.require_project()
    project.set_setting(SETTING, "DEAD" if trial.id != "correction.dead" else "ALL")
    trial.act()
    assert project.setting(SETTING) == trial.id.removeprefix("correction.").upper()
    assert trial.desk.window.action_set[trial.id].isChecked()


@effect("timeline.sensor_events")
def _mark_events(trial: Trial) -> None:
    sensor = trial.desk.window.panels.sensor_events
    assert sensor.is_shown
    trial.act()
    assert not sensor.is_shown
    assert not trial.desk.window.action_set[trial.id].isChecked()


@effect("timeline.zoom_in", "timeline.zoom_out", "timeline.whole", "timeline.frames")
def _zoom_time(trial: Trial) -> None:
    timeline = trial.desk.window.panels.timeline
    timeline.resize(400, 150)  # in which a frame of the clip is less than 32 pixels wide
    timeline.show_part(8, 18)
    assert timeline.scale is not None
    before = timeline.scale
    trial.act()
    after = timeline.scale
    if trial.id == "timeline.zoom_in":
        assert after.per_pixel < before.per_pixel
    elif trial.id == "timeline.frames":
        assert after.per_pixel == after.closest < before.per_pixel
        first, stop = after.shown()
        assert first <= trial.desk.driver.session.frame < stop
    else:
        assert after.per_pixel > before.per_pixel
        assert trial.id == "timeline.zoom_out" or after.is_whole


@effect("theme.dark", "theme.light", "theme.system")
def _theme(trial: Trial) -> None:
    trial.act()
    name = trial.id.removeprefix("theme.")
    assert trial.desk.driver.session.settings.theme == name
    assert name == "system" or colours().dark == (name == "dark")
    assert trial.desk.window.action_set[trial.id].isChecked()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")


@effect("device.auto", "device.cuda", "device.mps", "device.cpu")
def _device(trial: Trial) -> None:
    trial.act()
    name = trial.id.removeprefix("device.")
    assert trial.desk.driver.session.settings.device == name
    trial.desk.driver.until(lambda: trial.desk.driver.factory.choices[-1].device == name)


@effect("model.default", "model.mlssnet", "model.weights")
def _model(trial: Trial) -> None:
    asked(trial, "ask_weights", trial.folder / "mine.safetensors")
    trial.act()
    name = trial.id.removeprefix("model.")
    wanted = str(trial.folder / "mine.safetensors") if name == "weights" else name
    assert trial.desk.driver.session.settings.model == wanted
    assert trial.desk.window.action_set[trial.id].isChecked()


@effect("lost.wait", "lost.stop_10", "lost.stop_25", "lost.stop_100")
def _lost_for(trial: Trial) -> None:
    settings = trial.desk.driver.session.settings
    settings.lost_for = 7
    trial.act()
    assert settings.lost_for == (0 if trial.id == "lost.wait" else int(trial.id.removeprefix("lost.stop_")))
    assert trial.desk.window.action_set[trial.id].isChecked()


@effect("merge.fill_gaps", "merge.replace_machine", "merge.replace_all_but_anchors")
def _merge_mode(trial: Trial) -> None:
    trial.act()
    name = trial.id.removeprefix("merge.").upper()
    assert trial.desk.driver.session.merge_mode.name == name
    assert trial.desk.window.action_set[trial.id].isChecked()
