from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REPORT = """
import os
import tracker.media
print(os.environ.get("QT_QPA_PLATFORM_PLUGIN_PATH"), os.environ.get("QT_QPA_FONTDIR"))
"""


def _report(script: str, **variables: str) -> list[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QT_QPA")}
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=clean | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split()


def test_that_opencv_leaves_no_qt_settings_behind() -> None:
    assert _report(REPORT) == ["None", "None"]


def test_that_settings_that_an_earlier_import_left_are_removed() -> None:
    assert _report("import cv2\n" + REPORT) == ["None", "None"]


def test_that_the_users_own_qt_settings_stay() -> None:
    report = _report(REPORT, QT_QPA_PLATFORM_PLUGIN_PATH="/mine/plugins", QT_QPA_FONTDIR="/mine/fonts")
    assert report == ["/mine/plugins", "/mine/fonts"]


@pytest.mark.skipif(sys.platform != "linux", reason="the plugins in question are those of Linux")
def test_that_qt_starts_after_opencv() -> None:
    script = """
import tracker.media
from PySide6.QtGui import QGuiApplication
print(QGuiApplication([]).platformName())
"""
    assert _report(script, QT_QPA_PLATFORM="offscreen") == ["offscreen"]


def test_that_broken_images_say_nothing_on_the_terminal() -> None:
    script = """
from tracker.media.images import decode_image
from tracker.opencv import cv2
import numpy
data = cv2.imencode(".png", numpy.random.default_rng(0).integers(0, 255, (90, 90), "uint8"))[1].tobytes()
decode_image(data[:2000], 1)
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stderr == ""
