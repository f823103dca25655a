"""How long the window is deaf while it tracks.

    .venv/bin/python benchmarks/responsiveness.py CLIP --box X,Y,W,H [--seconds 20] [--limit-ms 50]

Opens the clip in the real window (QT_QPA_PLATFORM=offscreen will do), tracks the box, and measures the gaps between
the beats of a 2 ms timer in the event loop, from the first tracked frame on. Exit status 1 where a gap is longer than
the limit. Nothing else should run on the machine. The project lies in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.main_window import MainWindow
from app.session import Session
from app.settings import Settings
from app.theme import apply_theme
from tracker.geometry import Box, parse_box

BEAT_MS = 2


class Heartbeat:
    """A timer of the event loop that notes how late it is."""

    def __init__(self) -> None:
        self.gaps_ms: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to measure."""
        self._last = time.perf_counter()
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps_ms.append((now - self._last) * 1000)
        self._last = now


def measure(clip: Path, box: Box, seconds: float, project: Path) -> list[float]:
    """Gaps in milliseconds while `box` is tracked for some seconds."""
    app = QApplication([])
    apply_theme(app, "dark")
    window = MainWindow(Session(Settings()), project.parent / "settings.json")
    session, heart, loop = window.session, Heartbeat(), QEventLoop()

    def begin() -> None:
        session.frameShown.disconnect(begin)
        session.draw_box(box)
        session.runs.start(1)

    def first_frame() -> None:
        session.runs.controller.advanced.disconnect(first_frame)
        heart.start()
        QTimer.singleShot(round(seconds * 1000), loop.quit)

    session.frameShown.connect(begin)
    session.runs.controller.advanced.connect(first_frame)
    session.runs.controller.ended.connect(loop.quit)
    session.failed.connect(lambda error: sys.exit(error.message))
    window.resize(1600, 1000)
    window.show()
    session.open_path(clip, project)
    loop.exec()
    print(f"{session.frame + 1} frames, {session.runs.controller.fps:.1f} a second")
    window.close()
    return heart.gaps_ms


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--box", type=parse_box, required=True, metavar="X,Y,W,H")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--limit-ms", type=float, default=50.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("THERMARK_CONFIG_DIR", folder)
        gaps = np.array(
            measure(arguments.clip, arguments.box, arguments.seconds, Path(folder) / "project.thermark")
        )
    late = int((gaps > arguments.limit_ms).sum())
    print(f"gaps of the event loop: median {np.median(gaps):.1f} ms, p99 {np.percentile(gaps, 99):.1f} ms")
    print(f"longest {gaps.max():.1f} ms; {late} above {arguments.limit_ms:g} ms")
    return int(late > 0)


if __name__ == "__main__":
    sys.exit(main())
