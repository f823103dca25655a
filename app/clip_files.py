"""Files of clips that take a question first: what a dump holds, which array is meant, where counts are to be saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QInputDialog

from app.dialogs.raw_header import RawHeaderDialog
from app.dialogs.save_counts import SaveCountsDialog
from tracker.address import join_address
from tracker.errors import ThermarkError

if TYPE_CHECKING:
    from app.main_window import MainWindow


class ClipFiles(QObject):
    """Asks, and goes on with the answer."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session

    def save_counts(self) -> None:
        """Write the clip's counts without loss."""
        source = self._session.source
        if source is None:
            return
        dialog = SaveCountsDialog(source, self._window.ranges.selected, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted and dialog.report is not None:
            report = dialog.report
            self._window.messages.show_message(
                f"{report.frames:,} frames saved in {report.path.name}.",
                "\n".join((str(report.path), *report.notes)),
            )

    @Slot(object)
    def describe_dump(self, path: Path) -> None:
        """A dump of samples does not say what its frames are: ask, and open it."""
        try:
            dialog = RawHeaderDialog(path, self._window)
        except ThermarkError as error:
            self._window.messages.show_error(error)
            return
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._session.opener.again()

    @Slot(object, object)
    def choose_array(self, path: Path, names: tuple[str, ...]) -> None:
        """A file has several arrays: ask which is the clip, and open it."""
        name, is_chosen = QInputDialog.getItem(
            self._window, f"Arrays of {path.name}", "Open as a clip:", list(names), 0, False
        )
        if is_chosen:
            self._session.opener.again(join_address(path, name))
