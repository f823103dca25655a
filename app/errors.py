"""What nobody foresaw: written to the log, and told to the user without getting in the way."""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from tracker.errors import ThermarkError

log = logging.getLogger(__name__)

LOG_BYTES = 1_000_000
LOG_FILES = 3


class ErrorWatch(QObject):
    """Catches errors at the top of every thread.

    Signals:
        caught: (ThermarkError) An error came up that no code handles; a `ThermarkError` as it is, anything
            else wrapped into one.
    """

    caught = Signal(object)

    def __init__(self, log_file: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_file = log_file

    def install(self) -> None:
        """Take over `sys.excepthook` and `threading.excepthook`."""
        sys.excepthook = self.handle
        threading.excepthook = lambda args: self.handle(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def uninstall(self) -> None:
        """Give the hooks back to Python."""
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__

    def handle(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        """Log an error and announce it; asking Python to stop is not an error."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, traceback)
            return
        log.error("unexpected error", exc_info=(kind, error, traceback))
        self.caught.emit(error if isinstance(error, ThermarkError) else self._wrapped(error))

    def _wrapped(self, error: BaseException) -> ThermarkError:
        where = f"The log has the details: {self._log_file}." if self._log_file else ""
        return ThermarkError(
            f"Something went wrong that Thermark did not expect ({type(error).__name__}: {error}).",
            todo=f"Your work is saved. {where}".strip(),
        )


def start_log(folder: Path) -> Path | None:
    """Log to a rotating file in `folder`, and warnings to the terminal.

    Returns:
        The file; None where the folder cannot be written to.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    root.addHandler(terminal)
    path = folder / "thermark.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    except OSError as error:
        log.warning("%s: cannot write a log: %s", path, error)
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    root.addHandler(handler)
    return path
