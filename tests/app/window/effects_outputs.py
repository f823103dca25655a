"""What the actions that hand something on do."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog

from app.dialogs.output_clip import ClipDialog
from app.dialogs.output_dialog import OutputDialog
from app.dialogs.output_report import ReportDialog
from app.dialogs.output_still import StillDialog
from tests.app.stubs import HEIGHT, WIDTH
from tests.app.window.effects import Trial, effect

DIALOGS: dict[str, type[OutputDialog]] = {
    "file.save_clip": ClipDialog,
    "file.save_still": StillDialog,
    "file.report": ReportDialog,
}


@effect(*DIALOGS)
def _write(trial: Trial) -> None:
    written = trial.folder / {"file.save_clip": "a.mp4", "file.save_still": "a.png"}.get(trial.id, "a.html")

    def use(dialog: OutputDialog) -> QDialog.DialogCode:
        dialog.file.setText(str(written))
        dialog.start_button.click()
        trial.desk.driver.until(lambda: dialog.result() == QDialog.DialogCode.Accepted)
        return QDialog.DialogCode.Accepted

    trial.patch.setattr(DIALOGS[trial.id], "exec", use)
    trial.act()
    assert written.stat().st_size > 0
    assert written.name in trial.desk.window.messages.text


@effect("file.copy_still")
def _copy(trial: Trial) -> None:
    trial.act()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (4 * WIDTH, 4 * HEIGHT)
