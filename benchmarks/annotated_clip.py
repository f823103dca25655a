"""How fast annotated clips are made, beside what the encoder alone takes.

    python benchmarks/annotated_clip.py [--frames 300] [--hour]

A made-up 16-bit recording of 640 x 512 pixels with three moving targets and a region, in each gain control. "Painted
only" makes the pictures and encodes nothing; "encoder alone" encodes pictures that were made before. With --hour,
32,400 frames of 160 x 120, as many as a camera of 9 frames per second gives in an hour, are written as well, and the
memory of the process is looked at after every 3,600. The recording is an array without times, so that the clips have
25 frames per second.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from tracker.annotation.regions import Region
from tracker.annotation.track import Frames, FrameState, Provenance, Track
from tracker.geometry import Box
from tracker.jobs import Progress, finish
from tracker.media import load_source
from tracker.outline import Shape
from tracker.output.choices import NO_MARKS, ClipChoices, Marks, Quality
from tracker.output.clip import renderer, write_clip
from tracker.output.ink import Rgb
from tracker.output.mp4 import Mp4Writer
from tracker.output.readings import Readings
from tracker.output.subject import Subject
from tracker.thermal.display import measure_span
from tracker.thermal.look import Agc, Look
from tracker.thermal.radiometry import LinearCalibration

MARKS = Marks(colour_bar=True)
FPS = 30.0
HOUR = 9 * 3600
"""Frames of an hour of a small camera."""


def recording(folder: Path, length: int, size: tuple[int, int]) -> Path:
    """A scene with noise and warm targets that move, as .npy."""
    width, height = size
    rng = np.random.default_rng(1)
    ground = (
        29_500
        + 300 * np.sin(np.linspace(0, 9, width))[None]
        + 200 * np.cos(np.linspace(0, 5, height))[:, None]
    )
    path = folder / f"scene-{width}-{length}.npy"
    shape = (length, height, width)
    frames = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint16, shape=shape)
    noise = rng.normal(0, 12, (8, height, width))
    for index in range(length):
        frame = ground + noise[index % 8]
        for number in range(3):
            box = target(index, number, size)
            top, left = int(box.y), int(box.x)
            frame[top : top + int(box.height), left : left + int(box.width)] += 900
        frames[index] = frame.astype(np.uint16)
    frames.flush()
    return path


def target(frame: int, number: int, size: tuple[int, int]) -> Box:
    """Where a target is."""
    width, height = size
    side = height / 8
    x = (width - side) * (0.5 + 0.45 * np.sin(frame / 40 + 2 * number))
    y = (height - 2 * side) * (0.5 + 0.45 * np.cos(frame / 60 + number))
    return Box(float(x), float(y), side, 1.5 * side)


def subject_of(path: Path) -> Subject:
    """The recording with its targets as tracks."""
    source = load_source(path)
    tracks = []
    for number, colour in enumerate(("#e69f00", "#56b4e9", "#00b787")):
        frames = Frames.empty(len(source))
        for index in range(len(source)):
            frames.put(index, FrameState(target(index, number, source.size), Provenance.TRACKED, score=0.9))
        tracks.append(Track(number + 1, "person", colour, (), frames))
    width, height = source.size
    region = Region(1, "wall", Shape.ELLIPSE, ((width * 0.1, height * 0.1), (width * 0.3, height * 0.3)))
    span = measure_span(source.frame(index) for index in (0, len(source) // 2))
    readings = Readings.of(LinearCalibration(0.01, 0.0))
    return Subject(source, tuple(tracks), (region,), Look(palette="iron"), span, readings, target=1)


def rate(count: int, begun: float) -> float:
    """Frames per second since a time."""
    return count / (time.perf_counter() - begun)


def painted(subject: Subject, marks: Marks) -> tuple[float, list[Rgb]]:
    """Frames per second without encoding, and some of the pictures."""
    kept, length = [], len(subject.source)
    begun = time.perf_counter()
    with renderer(subject, marks, 1) as pictures:
        for index in range(length):
            picture = pictures.picture(index)
            if index < 60:
                kept.append(picture)
    return rate(length, begun), kept


def encoded(pictures: list[Rgb], length: int, folder: Path) -> float:
    """Frames per second of the encoder alone."""
    height, width = pictures[0].shape[:2]
    begun = time.perf_counter()
    with Mp4Writer(folder / "bare.mp4", (width, height), FPS, Quality.GOOD.rate_factor) as video:
        for index in range(length):
            video.add(pictures[index % len(pictures)], index / FPS)
    return rate(length, begun)


def measure(folder: Path, length: int, size: tuple[int, int]) -> None:
    """Print a line for each gain control."""
    subject = subject_of(recording(folder, length, size))
    print(f"{length} frames of {size[0]} x {size[1]}, 16 bits, three tracks, one region, colour bar, 1x\n")
    print(
        f"{'gain control':<26}{'painted only':>14}{'with marks':>12}{'encoder alone':>15}{'clip':>8}{'ratio':>8}"
    )
    for agc in Agc:
        each = replace(subject, look=Look(palette="iron", agc=agc))
        bare, _ = painted(each, NO_MARKS)
        marked, pictures = painted(each, MARKS)
        alone = encoded(pictures, length, folder)
        begun = time.perf_counter()
        finish(write_clip(each, folder / "clip.mp4", None, ClipChoices(marks=MARKS, scale=1)))
        whole = rate(length, begun)
        print(f"{agc.label:<26}{bare:>14.1f}{marked:>12.1f}{alone:>15.1f}{whole:>8.1f}{whole / alone:>8.2f}")
    size_mib = (folder / "clip.mp4").stat().st_size / 2**20
    print(f"\nframes per second; ratio: clip to encoder alone; the last file has {size_mib:.1f} MiB")


def hour(folder: Path) -> None:
    """Write as many frames as a small camera gives in an hour, and look at the memory on the way."""
    subject = subject_of(recording(folder, HOUR, (160, 120)))
    begun, seen = time.perf_counter(), list[tuple[int, float]]()
    for event in write_clip(subject, folder / "hour.mp4", None, ClipChoices(marks=MARKS, scale=1)):
        if isinstance(event, Progress) and event.done >= len(seen) * HOUR // 9:
            seen.append((event.done, memory()))
    count = len(subject.source)
    print(f"\n{count:,} frames of 160 x 120: {rate(count, begun):.0f} frames per second")
    print("memory in MiB after frames: " + ", ".join(f"{done}: {mib:.0f}" for done, mib in seen))


def memory() -> float:
    """MiB of the process, without files that are mapped; Linux alone says."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def main() -> None:
    """Parse and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300, help="of the comparison; 0 for none")
    parser.add_argument(
        "--hour", action="store_true", help="write 32,400 small frames, and look at the memory"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if arguments.frames:
            measure(Path(name), arguments.frames, (640, 512))
        if arguments.hour:
            hour(Path(name))


if __name__ == "__main__":
    main()
