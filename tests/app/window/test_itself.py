from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

import resources
from app import commands as commands_module
from app.dialogs import files
from app.settings import Settings, load_settings
from app.theme import apply_theme
from tests.app.desk import Desk, MakeDesk
from tests.app.stubs import write_clip
from tracker.errors import MediaError

ROOT = Path(__file__).parents[3]


def refuse_dialogs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ask_clip", "ask_folder", "ask_palette", "ask_project_name", "ask_weights"):
        monkeypatch.setattr(files, name, lambda *_: None)
    monkeypatch.setattr(QDialog, "exec", lambda _: QDialog.DialogCode.Rejected)
    monkeypatch.setattr(QMessageBox, "about", lambda *_: None)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    monkeypatch.setattr(resources, "sample_clip", lambda: write_clip(tmp_path / "sample", 3))


def test_that_errors_of_the_session_are_shown_without_a_dialog(desk: Desk) -> None:
    desk.driver.session.failed.emit(MediaError("the disk has gone.", where="/media/x", todo="Plug it in."))
    assert desk.window.messages.text == "The disk has gone. /media/x\nPlug it in."
    desk.window.messages.dismiss()
    assert desk.window.messages.text == ""


def test_that_a_bad_frame_is_marked(desk: Desk) -> None:
    source = desk.driver.session.source
    assert source is not None
    (source.path / "0027.png").write_bytes(b"broken")  # not fetched ahead yet
    desk.driver.go_to(27)
    assert "Unreadable" in desk.window.canvas.badge
    assert desk.window.panels.timeline.bad_frames == (27,)
    desk.driver.go_to(28)
    assert desk.window.canvas.badge == ""


def test_that_settings_and_layout_survive_the_window(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk()
    desk.driver.open(clip)
    desk.trigger("theme.light")
    desk.trigger("merge.fill_gaps")
    desk.trigger("track.follow")
    desk.window.panels.docks[1].hide()
    desk.window.close()
    settings = load_settings(desk.settings_file)
    assert (settings.theme, settings.merge_mode, settings.follow) == ("light", "FILL_GAPS", False)
    assert settings.recent == [str(clip)]
    again = make_desk(settings=settings)
    again.driver.open(clip)
    assert not again.window.panels.docks[1].isVisible()
    assert again.window.panels.docks[0].isVisible()
    assert again.window.action_set["theme.light"].isChecked()
    assert json.loads(desk.settings_file.read_text())["version"] == 1
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")


def test_that_damaged_layout_settings_are_no_reason_not_to_start(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk(settings=Settings(geometry="§§§", layout="AAAA", merge_mode="NO_SUCH"))
    desk.driver.open(clip)
    assert desk.window.canvas.isVisible()


def test_that_the_window_is_there_before_torch_is() -> None:
    code = "import sys, app.application; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_that_a_cancelled_dialog_opens_nothing(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refuse_dialogs(monkeypatch, tmp_path)
    desk = make_desk()
    desk.trigger("file.open")
    desk.trigger("file.open_folder")
    assert desk.driver.session.project is None
    assert commands_module.Commands is type(desk.window.commands)
