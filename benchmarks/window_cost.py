"""What tracking in the window costs over the command line.

    .venv/bin/python benchmarks/window_cost.py CLIP --box X,Y,W,H [--repeats 5] [--most 15]

Tracks the same box through the same clip by turns with `thermark track` and in the real window (1600 x 1000;
QT_QPA_PLATFORM=offscreen will do), each time in a process of its own, and compares the frames per second that the run
itself reports: from the first frame's result to the end, with reading, storing and drawing. The window also stores the
evidence of every frame and draws its maps; the command line writes boxes alone. Exit status 1 where the median in the
window is more than `--most` per cent lower. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RATE = re.compile(r"([\d.]+) (?:a second|frames/s)")
WORKER = "--window"


def in_window(clip: Path, box: str, folder: Path) -> str:
    """Track in the window; what its status bar says in the end."""
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    from app.main_window import MainWindow
    from app.session import Session
    from app.settings import Settings
    from app.theme import apply_theme
    from tracker.geometry import parse_box

    app = QApplication([])
    apply_theme(app, "dark")
    window, loop, said = MainWindow(Session(Settings()), folder / "settings.json"), QEventLoop(), list[str]()
    session = window.session

    def begin() -> None:
        session.frameShown.disconnect(begin)
        session.draw_box(parse_box(box))
        window.action_set["track.forward"].trigger()

    def note(text: str) -> None:
        if text.startswith("Tracked"):
            said.append(text)
            loop.quit()

    session.frameShown.connect(begin)
    session.statusChanged.connect(note)
    session.failed.connect(lambda error: sys.exit(error.message))
    window.resize(1600, 1000)
    window.show()
    session.open_path(clip, folder / "project.thermark")
    loop.exec()
    window.close()
    return said[0]


def rate(command: list[str]) -> float:
    """Frames per second that a process reports last."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(RATE.findall(done.stdout + done.stderr)[-1])


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path)
    parser.add_argument("--box", required=True, metavar="X,Y,W,H")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--most", type=float, default=15.0, help="per cent")
    parser.add_argument(WORKER, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.window is not None:
        print(in_window(arguments.clip, arguments.box, arguments.window))
        return 0
    rates: dict[str, list[float]] = {"command line": [], "window": []}
    for number in range(arguments.repeats):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["THERMARK_CONFIG_DIR"] = os.environ["THERMARK_DATA_DIR"] = folder
            python, clip, box = sys.executable, str(arguments.clip), ["--box", arguments.box]
            boxes = str(Path(folder) / "boxes.csv")
            rates["command line"].append(rate([python, "main.py", "track", clip, *box, "--output", boxes]))
            rates["window"].append(rate([python, __file__, clip, *box, WORKER, folder]))
        print(
            f"{number + 1}: " + ", ".join(f"{name} {found[-1]:.1f}" for name, found in rates.items()),
            flush=True,
        )
    line, window = (statistics.median(found) for found in rates.values())
    cost = 100 * (1 - window / line)
    print(f"median frames a second: command line {line:.1f}, window {window:.1f}: {cost:.0f} % slower")
    return int(cost > arguments.most)


if __name__ == "__main__":
    sys.exit(main())
