"""OpenCV, imported so that it leaves the process's Qt settings and the terminal alone.

Some OpenCV wheels bring their own Qt plugins and, when imported, point Qt's environment variables at
them; any other Qt in the process then fails to start. Everything in Thermark imports `cv2` from here.
"""

from __future__ import annotations

import os
from pathlib import Path

_QT_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
_before = {name: os.environ.get(name) for name in _QT_VARIABLES}

import cv2  # noqa: E402 - the variables must be read before this changes them


def _is_inside(value: str, folder: Path) -> bool:
    return Path(value).resolve().is_relative_to(folder)


def _restore_qt_variables(before: dict[str, str | None], folder: Path) -> None:
    """Give variables that point into `folder` their value from before, or none where that is no better."""
    for name, old in before.items():
        now = os.environ.get(name)
        if now is None or not _is_inside(now, folder):
            continue
        if old is None or _is_inside(old, folder):
            del os.environ[name]
        else:
            os.environ[name] = old


_restore_qt_variables(_before, Path(cv2.__file__).resolve().parent)
if "OPENCV_LOG_LEVEL" not in os.environ:
    # A broken image is reported as a bad frame; OpenCV's own lines on stderr would say it twice.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
