"""How long a frame takes to be painted, for each gain control, beside a plain numpy version of the same.

    .venv/bin/python benchmarks/display.py CLIP.cptv [CLIP…] [--frames 200] [--paints 18000] [--agc clahe]

Frames of 16-bit clips are enlarged to 640x512 (bilinear, in counts) and painted in one thread on one core: gain
control, palette and one isotherm, into RGB. Printed are median and 95th percentile in milliseconds, the same of a
plain numpy version, and their ratio; then the memory of the process over so many paints, ten minutes at 30 a second.
Nothing else should run on the machine; where something does, the core's own time says what painting costs. The plain
versions are the textbook's, vectorised but not thought about further. How far apart both are is printed as the mean
difference in levels: the plain CLAHE does not interpolate between bins.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.media import load_source
from tracker.opencv import cv2
from tracker.thermal import agc
from tracker.thermal.display import Counts, Span, measure_span
from tracker.thermal.isotherms import Band
from tracker.thermal.look import Agc, Look
from tracker.thermal.painter import Painter

WIDTH, HEIGHT = 640, 512
TARGET = (300.0, 240.0, 60.0, 40.0)
TILES, BINS = 8, 256

Floats = NDArray[np.float64]


def frames_of(paths: list[Path], count: int) -> list[Counts]:
    """Frames from all clips in turn, enlarged."""
    frames: list[Counts] = []
    for path in paths:
        source = load_source(path)
        step = max(len(source) * len(paths) // count, 1)
        for index in range(0, len(source), step):
            large = cv2.resize(source.frame(index), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
            frames.append(np.asarray(large, np.uint16))
        source.close()
    return frames[:count]


# The plain versions


def plain_levels(counts: Counts, look: Look, clip: Span) -> Floats:
    """(H, W) levels of a frame, 0..255."""
    match look.agc:
        case Agc.LINEAR:
            return plain_linear(counts, (clip.low, clip.high))
        case Agc.FRAME:
            return plain_linear(counts, plain_span(counts, look.tails))
        case Agc.TARGET:
            around = agc.surroundings(TARGET, look.margin, (HEIGHT, WIDTH))
            return plain_linear(counts, plain_span(counts[around], look.tails))
        case Agc.PLATEAU:
            return plain_plateau(counts, look)
        case Agc.CLAHE:
            return plain_clahe(counts, look)
        case Agc.DETAIL:
            return plain_detail(counts, look)


def plain_span(counts: Counts, tails: float) -> tuple[float, float]:
    """Percentiles."""
    low, high = np.percentile(counts, (tails, 100 - tails))
    return float(low), float(high)


def plain_linear(counts: Counts, span: tuple[float, float]) -> Floats:
    """A straight line."""
    return np.clip((counts.astype(np.float64) - span[0]) / (span[1] - span[0]) * 255, 0, 255)


def plain_equalised(histogram: Floats, contrast: float) -> Floats:
    """The curve of plateau equalisation."""
    total = np.cumsum(np.minimum(histogram, contrast * histogram.mean()))
    return np.asarray((total - total[0]) / (total[-1] - total[0]) * 255)


def plain_plateau(counts: Counts, look: Look) -> Floats:
    """Plateau equalisation by np.histogram and np.interp."""
    low, high = (int(value) for value in plain_span(counts, look.tails))
    histogram, _ = np.histogram(counts, bins=high - low + 1, range=(low, high + 1))
    curve = plain_equalised(histogram.astype(np.float64), look.contrast)
    levels = np.interp(counts, np.arange(low, high + 1), curve)
    return look.linear_share * plain_linear(counts, (low, high)) + (1 - look.linear_share) * levels


def plain_clahe(counts: Counts, look: Look) -> Floats:
    """CLAHE with four looked-up and interpolated curves a pixel."""
    at = plain_linear(counts, plain_span(counts, look.tails))
    bins = at.astype(np.int64)
    curves = np.empty((TILES, TILES, BINS))
    for row in range(TILES):
        for column in range(TILES):
            tile = bins[row * 64 : row * 64 + 64, column * 80 : column * 80 + 80]
            histogram, _ = np.histogram(tile, bins=BINS, range=(0, BINS))
            cut = np.minimum(histogram, look.contrast * histogram.mean())
            cut = cut + (histogram.sum() - cut.sum()) / BINS
            total = np.cumsum(cut)
            curves[row, column] = (total - cut / 2) / total[-1] * 255
    y = np.clip((np.arange(HEIGHT)[:, None] + 0.5) * TILES / HEIGHT - 0.5, 0, TILES - 1)
    x = np.clip((np.arange(WIDTH)[None] + 0.5) * TILES / WIDTH - 0.5, 0, TILES - 1)
    top, left = y.astype(np.int64), x.astype(np.int64)
    bottom, right = np.minimum(top + 1, TILES - 1), np.minimum(left + 1, TILES - 1)
    above = curves[top, left, bins] * (1 - (x - left)) + curves[top, right, bins] * (x - left)
    below = curves[bottom, left, bins] * (1 - (x - left)) + curves[bottom, right, bins] * (x - left)
    return np.asarray(above * (1 - (y - top)) + below * (y - top))


def plain_detail(counts: Counts, look: Look) -> Floats:
    """The same guided filter in full size, with means by cumulative sums."""
    low, high = plain_span(counts, look.tails)
    at = (counts.astype(np.float64) - low) / (high - low)
    radius = min(at.shape) // 32
    mean = plain_mean(at, radius)
    variance = plain_mean(at * at, radius) - mean * mean
    slope = variance / (variance + 0.05**2)
    base = plain_mean(slope, radius) * at + plain_mean(mean - slope * mean, radius)
    histogram, _ = np.histogram(base, bins=1024, range=(0, 1))
    line = np.linspace(0, 255, 1024)
    curve = look.linear_share * line + (1 - look.linear_share) * plain_equalised(
        histogram.astype(np.float64), look.contrast
    )
    levels = 25.5 + 0.8 * np.interp(base, np.linspace(0, 1, 1024), curve)
    return np.clip(levels + (at - base) * 255 * 0.8 * look.gain, 0, 255)


def plain_mean(values: Floats, radius: int) -> Floats:
    """The mean of the square around each pixel."""
    side = 2 * radius + 1
    padded = np.pad(values, radius, mode="reflect")
    total = np.pad(padded.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    return np.asarray(
        (total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]) / side**2
    )


def plain_paint(counts: Counts, look: Look, clip: Span) -> NDArray[np.uint8]:
    """Levels, palette and isotherm by indexing."""
    rgb = look.colour_table()[np.rint(plain_levels(counts, look, clip)).astype(np.uint8)]
    for band in look.bands:
        rgb[counts >= band.low] = tuple(bytes.fromhex(band.colour[1:]))
    return rgb


# Measuring


def timed(paint: Callable[[Counts], Any], frames: list[Counts]) -> tuple[float, float, float, float]:
    """Median and 95th percentile in milliseconds, and the same of the core's time."""
    paint(frames[0])
    taken = []
    for frame in frames:
        begun, core = time.perf_counter(), time.thread_time()
        paint(frame)
        taken.append(((time.perf_counter() - begun) * 1000, (time.thread_time() - core) * 1000))
    (median, core_median), (most, core_most) = np.percentile(taken, (50, 95), axis=0).tolist()
    return median, most, core_median, core_most


def memory_mb() -> float:
    """Of this process, as the system counts it."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def over_many(painter: Painter, frames: list[Counts], paints: int) -> Iterator[float]:
    """The memory after the first thousand paints, and at each tenth from there on."""
    for number in range(paints):
        painter.paint(frames[number % len(frames)], TARGET)
        if number == 999 or (number + 1) % (paints // 10) == 0:
            yield memory_mb()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--paints", type=int, default=18000)
    parser.add_argument("--agc", choices=[each.value for each in Agc])
    args = parser.parse_args()
    cv2.setNumThreads(1)
    frames = frames_of(args.clips, args.frames)
    clip = measure_span(frames[:: max(len(frames) // 8, 1)])
    hot = float(np.percentile(frames[0], 97))
    print(f"{len(frames)} frames of {WIDTH}x{HEIGHT}, 16 bits, counts {clip.low:.0f} to {clip.high:.0f}")
    for each in [Agc(args.agc)] if args.agc else list(Agc):
        look = Look(agc=each, palette="iron", bands=(Band(low=hot),))
        painter = Painter(look, clip)
        ours = timed(lambda counts, painter=painter: painter.paint(counts, TARGET), frames)  # type: ignore[misc]
        plain = timed(lambda counts, look=look: plain_paint(counts, look, clip), frames[:20])  # type: ignore[misc]
        gray = Look(agc=each)
        levels = Painter(gray, clip).paint(frames[0], TARGET)[..., 0].astype(float)
        apart = float(np.abs(levels - plain_levels(frames[0], gray, clip)).mean())
        print(
            f"{each.value:<8} median {ours[0]:5.2f} ms  p95 {ours[1]:5.2f} ms   core's time {ours[2]:5.2f} and"
            f" {ours[3]:5.2f} ms   plain numpy {plain[0]:6.1f} ms, {plain[2]:6.1f} of the core,"
            f" {plain[2] / ours[2]:4.1f} times as long   apart {apart:.2f} levels",
            flush=True,
        )
    if args.paints:
        for each in [Agc(args.agc)] if args.agc else list(Agc):
            memory = list(over_many(Painter(Look(agc=each, palette="iron"), clip), frames, args.paints))
            print(
                f"{each.value:<8} memory over {args.paints:,} paints: "
                + " ".join(f"{mb:.1f}" for mb in memory)
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
