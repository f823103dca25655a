"""How long a frame takes from being asked for to being painted, and a timeline of many tracks to be painted.

    QT_QPA_PLATFORM=offscreen .venv/bin/python benchmarks/scrubbing.py [--frames 36000] [--tracks 20] [--lanes 50]
                                                                [--timeline]

Makes a 640x512 clip (MPEG-4 with a key frame every 12th, as cameras write them) and a project with tracks over all of
it, opens both in the real window, and goes through the clip: one frame after the other, to and fro within the cache,
and to places anywhere. Printed are median and 95th percentile in milliseconds of each, and the memory of the process
near the clip's beginning and at its end. Before that the timeline, so high that all of its 50 lanes are shown, with
anchors, gaps, presence, risk and accepted frames: painted anew after each of many zooms and pans, after a change of
one lane, as an edit makes it, and after all tracks have become others. Nothing else should run on the machine. The clip
lies in --folder, and is made again only where it is missing; --timeline measures only the timeline.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

from app.main_window import MainWindow
from app.session import Session
from app.settings import Settings
from app.theme import apply_theme
from app.widgets.timeline import Timeline
from app.widgets.timeline_painting import RULER_HEIGHT
from app.widgets.timeline_rows import LANE_HEIGHT
from tracker.annotation.edits import AddTrack
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.geometry import Box
from tracker.media import write_video
from tracker.media.source import Counts

WIDTH, HEIGHT = 640, 512
NEAR = 200  # frames, of which the cache holds all


def clip_frames(count: int) -> Iterator[Counts]:
    """A slowly drifting noise with something bright that moves."""
    random = np.random.default_rng(1)
    ground = random.integers(60, 120, (HEIGHT, WIDTH + 256), np.uint8)
    for index in range(count):
        frame = ground[:, index % 256 : index % 256 + WIDTH].copy()
        x, y = index * 3 % (WIDTH - 20), index * 2 % (HEIGHT - 20)
        frame[y : y + 20, x : x + 20] = 230
        yield frame


def track_over(number: int, length: int) -> Track:
    """A tracked box in every frame, an anchor in every 500th."""
    frames = Frames.of(FrameState(Box(10 * number, 40, 30, 30), Provenance.TRACKED, score=0.8), length)
    frames.boxes[:, 1] += np.arange(length) % 400
    frames.provenance[::500] = Provenance.MANUAL
    return Track(number, "target", "#e69f00", (), frames)


def rich_track(number: int, length: int) -> Track:
    """A track with all that a lane can show: 72 single anchors, more in dense rows, and stretches of every kind."""
    random, box = np.random.default_rng(number), Box(10, 40, 30, 30)
    frames = Frames.of(FrameState(box, Provenance.TRACKED, score=0.8), length)
    kinds = (
        FrameState(),
        FrameState(box, Provenance.INTERPOLATED),
        FrameState(box, Provenance.IMPORTED),
        FrameState(box, Provenance.TRACKED, Presence.OCCLUDED),
        FrameState(None, Provenance.TRACKED, Presence.ABSENT),
        FrameState(None, Provenance.TRACKED, Presence.OUT_OF_VIEW),
    )
    for start in random.integers(0, length, 20).tolist():
        frames.put(
            slice(start, start + int(random.integers(50, 900))), kinds[int(random.integers(len(kinds)))]
        )
    frames.put(np.arange(number, length, 500), FrameState(box, Provenance.MANUAL))
    for start in random.integers(0, length, 5).tolist():
        frames.put(np.arange(start, min(start + 300, length), 7), FrameState(box, Provenance.MANUAL))
    frames.reviewed[: length // 2] = frames.is_said[: length // 2]
    return Track(number, "target", "#e69f00", (), frames)


def risk_of(track: Track) -> NDArray[np.float32]:
    """(n,) some noise, and a few frames that are probably wrong."""
    random, length = np.random.default_rng(track.id), len(track.frames)
    risk = np.clip(random.normal(0.05, 0.1, length) + 0.6 * (random.random(length) < 0.01), 0, 1)
    risk[~track.frames.has_box] = np.nan
    return risk.astype(np.float32)


class Bench:
    """The window on the clip."""

    def __init__(self, app: QApplication, clip: Path, project: Path, tracks: int) -> None:
        self._app = app
        self.window = MainWindow(Session(Settings()), project.parent / "settings.json")
        self.session = self.window.session
        self.session.failed.connect(lambda error: sys.exit(str(error)))
        self.window.resize(1600, 1000)
        self.window.show()
        self.session.open_path(clip, project)
        self.until(lambda: self.session.shown is not None)
        for number in range(1, tracks + 1):
            self.session.do(AddTrack(track_over(number, self.session.length)))
        self.until(lambda: self.window.review.is_settled)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something has happened."""
        while not condition():
            self._app.processEvents()

    def show(self, frame: int) -> float:
        """Milliseconds from asking for a frame to its pixels."""
        begun = time.perf_counter()
        self.session.go_to(frame)
        self.until(lambda: self.session.shown is not None and self.session.shown.index == frame)
        self._app.processEvents()  # what is still to be painted
        return (time.perf_counter() - begun) * 1000

    def report(self, title: str, frames: Iterable[int]) -> None:
        """Show frames, and print how long that took."""
        taken = [self.show(frame) for frame in frames]
        print(
            f"{title:<28} median {np.median(taken):6.1f} ms   p95 {np.percentile(taken, 95):6.1f} ms",
            flush=True,
        )


def memory_mb() -> float:
    """Of this process, as the system counts it."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def paint_timeline(app: QApplication, lanes: int, length: int) -> None:
    """Print how long a timeline takes to be painted."""
    timeline = Timeline()
    timeline.resize(1600, RULER_HEIGHT + lanes * LANE_HEIGHT + 16)
    timeline.show()
    app.processEvents()
    timeline.set_clip(length, 25.0)
    tracks = [rich_track(number, length) for number in range(1, lanes + 1)]
    timeline.set_tracks(tracks)
    for track in tracks:
        timeline.set_risk(track.id, risk_of(track))
    timeline.viewport().repaint()
    widths = np.geomspace(length, 40, 30).tolist()  # frames shown: from all to single ones
    changes: dict[str, Callable[[int], None]] = {
        "after a zoom": lambda i: timeline.show_part(length / 2 - widths[i] / 2, length / 2 + widths[i] / 2),
        "after a pan": lambda i: timeline.show_part(i * 90, i * 90 + length * 0.8),
        "one lane new": lambda i: timeline.update_track(tracks[i % lanes]),
        "another track selected": lambda i: timeline.set_selected(1 + i % lanes),
        "another frame": lambda i: timeline.set_frame(i * 300 % length),
        "all tracks new": lambda _: timeline.set_tracks(tracks),
    }
    for title, change in changes.items():
        taken = []
        for i in range(len(widths)):
            begun = time.perf_counter()
            change(i)
            timeline.viewport().repaint()
            taken.append((time.perf_counter() - begun) * 1000)
        print(
            f"timeline, {title:<22} median {np.median(taken):6.1f} ms   p95 {np.percentile(taken, 95):6.1f} ms"
            f"   highest {max(taken):6.1f} ms",
            flush=True,
        )


def scrub(app: QApplication, clip: Path, folder: Path, args: argparse.Namespace) -> None:
    """Print how long frames take, and what the memory does."""
    bench = Bench(app, clip, folder / "project.thermark", args.tracks)
    random = np.random.default_rng(2)
    last = bench.session.length - 1
    bench.report("one after the other", range(1, 1 + NEAR))
    bench.report("to and fro, in the cache", random.integers(1, 1 + NEAR, 200).tolist())
    bench.report("anywhere", random.integers(0, last, 100).tolist())
    bench.show(min(1000, last))
    early = memory_mb()
    for frame in range(1000, last, max(last // 1000, 1)):
        bench.show(frame)
    bench.show(last)
    print(f"memory {early:.0f} MB near frame 1,000, {memory_mb():.0f} MB at frame {last:,}")
    bench.window.close()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=36000)
    parser.add_argument("--tracks", type=int, default=20)
    parser.add_argument("--lanes", type=int, default=50)
    parser.add_argument("--timeline", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    args = parser.parse_args()
    if args.timeline:
        app = QApplication([])
        apply_theme(app, "dark")
        paint_timeline(app, args.lanes, args.frames)
        return 0
    clip = args.folder / f"scrubbing-{args.frames}.mp4"
    if not clip.exists():
        write_video(clip, clip_frames(args.frames), 25.0, "mpeg4", {"g": "12", "q:v": "6"})
    with tempfile.TemporaryDirectory() as folder:
        os.environ["THERMARK_CONFIG_DIR"] = os.environ["THERMARK_CACHE_DIR"] = folder
        app = QApplication([])
        apply_theme(app, "dark")
        paint_timeline(app, args.lanes, args.frames)
        scrub(app, clip, Path(folder), args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
