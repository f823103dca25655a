"""How long any frame of a long 16-bit recording takes to be read, and whether memory stays flat.

    .venv/bin/python benchmarks/media_speed.py [--frames 18000] [--seeks 400] [--folder FOLDER] [--only mkv|tif]

Makes a 640x512 recording of 16 bits as FFV1 in Matroska and as TIFF of many pages (ZIP), opens each with Thermark,
reads frames at places anywhere and one after another, and in turn the same frames with PyAV (a seek to the frame's
time, then decoding to it) and with tifffile (its page). Printed are the time of opening for the first and for the
second time, median and 95th percentile in milliseconds by the clock and of the processor, the ratio of both readers,
and memory after a tenth and after all of the seeks. The 300 distinct frames are repeated to the length wanted, so that
making the files takes less than reading them. The files are made in a temporary folder, 4 GB each for 18,000 frames,
and are deleted. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import tifffile
from av.packet import Packet
from numpy.typing import NDArray

from tracker.jobs import finish
from tracker.media import FrameSource, open_source
from tracker.media.writer import add_lossless_stream, lossless_picture

WIDTH, HEIGHT, FPS, DISTINCT = 640, 512, 30, 300

Counts = NDArray[np.uint16]
Read = Callable[[int], Any]


def scene(number: int) -> Counts:
    """A warm target before a textured ground, with the noise of a sensor; its number stands in the first pixel."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    ground = 7600 + 300 * np.sin(x / 31) * np.cos(y / 23) + 120 * np.sin(x * y / 9000)
    target = 900 * np.exp(-((x - 60 - 1.7 * number) ** 2 + (y - 250) ** 2) / 300)
    noise = np.random.default_rng(number).normal(0, 6, (HEIGHT, WIDTH))
    counts = np.asarray(ground + target + noise).astype(np.uint16)
    counts[0, 0] = number
    return counts


def make_video(path: Path, frames: int) -> None:
    """FFV1, as `export_counts` writes it; the packets of the distinct frames again and again."""
    with av.open(str(path), "w", format="matroska") as container:
        stream = add_lossless_stream(container, scene(0), Fraction(FPS))
        packets = [
            bytes(packet) for n in range(DISTINCT) for packet in stream.encode(lossless_picture(scene(n)))
        ]
        container.start_encoding()
        for number, data in enumerate(islice(cycle(packets), frames)):
            packet = Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, FPS)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            container.mux(packet)


def make_tiff(path: Path, frames: int) -> None:
    """Pages of one strip, packed as `export_counts` does."""
    packed = []
    for number in range(DISTINCT):
        page = io.BytesIO()
        tifffile.imwrite(
            page, scene(number), compression="zlib", predictor=True, metadata=None, rowsperstrip=HEIGHT
        )
        page.seek(0)
        with tifffile.TiffFile(page) as file:
            first = file.pages.first
            page.seek(first.dataoffsets[0])
            packed.append(page.read(first.databytecounts[0]))
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for data in islice(cycle(packed), frames):
            writer.write(
                iter([data]),
                shape=(HEIGHT, WIDTH),
                dtype=np.uint16,
                compression="zlib",
                predictor=True,
                rowsperstrip=HEIGHT,
                photometric="minisblack",
                metadata=None,
                contiguous=False,
            )


def plain_video(path: Path) -> Read:
    """PyAV alone."""
    container = av.open(str(path))
    stream = container.streams.video[0]
    assert stream.time_base is not None
    unit = float(stream.time_base)

    def read(index: int) -> Any:
        wanted = round(index / FPS / unit)
        container.seek(wanted, stream=stream)
        for picture in container.decode(stream):
            if picture.pts is not None and picture.pts >= wanted:
                return picture.to_ndarray()
        raise IndexError(index)

    return read


def plain_tiff(path: Path) -> Read:
    """Tifffile alone."""
    file = tifffile.TiffFile(path)
    return lambda index: file.pages[index].asarray()


def timed(read: Read, places: list[int]) -> tuple[float, float, float]:
    """Median and 95th percentile by the clock, and 95th percentile of the processor's time, in milliseconds."""
    times, work = [], []
    for index in places:
        begun, worked = time.perf_counter(), time.process_time()
        counts = read(index)
        times.append(1000 * (time.perf_counter() - begun))
        work.append(1000 * (time.process_time() - worked))
        assert counts[0, 0] == index % DISTINCT
    return float(np.median(times)), float(np.percentile(times, 95)), float(np.percentile(work, 95))


def resident() -> int:
    """Memory of this process now, MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def opened(path: Path) -> tuple[FrameSource, float]:
    """A clip, and how many seconds it took."""
    begun = time.perf_counter()
    return finish(open_source(path)), time.perf_counter() - begun


def measure(path: Path, plain: Read, frames: int, seeks: int) -> None:
    """Print all of one file."""
    first, cold = opened(path)
    first.close()
    source, warm = opened(path)
    print(f"\n{path.name}: {path.stat().st_size / 2**30:.2f} GiB, {len(source):,} frames")
    print(f"  opening: {cold:.1f} s the first time, {warm:.2f} s afterwards")
    assert len(source) == frames
    places = np.random.default_rng(1).integers(0, frames, seeks).tolist()
    ours: list[tuple[float, float, float]] = []
    theirs: list[tuple[float, float, float]] = []
    memory = []
    for turn, part in enumerate(np.array_split(places, 10)):  # so that both meet the same machine
        readers = [(source.frame, ours), (plain, theirs)]
        for read, values in readers if turn % 2 else reversed(readers):  # who comes first waits for the disk
            values.append(timed(read, part.tolist()))
        memory.append(resident())
    for name, values in (("Thermark", ours), ("plain", theirs)):
        median, p95, work = np.median(values, axis=0)
        print(
            f"  {name:<9} anywhere: median {median:6.1f} ms, p95 {p95:6.1f} ms (of the processor {work:.1f} ms)"
        )
    print(f"  ratio of p95: {np.median([a[1] / b[1] for a, b in zip(ours, theirs, strict=True)]):.2f}")
    run = list(range(frames // 2, min(frames // 2 + 200, frames)))
    median, p95, work = timed(source.frame, run)
    print(
        f"  Thermark one after another: median {median:.1f} ms, p95 {p95:.1f} ms (of the processor {work:.1f} ms)"
    )
    print(f"  memory: {memory[0]} MiB after a tenth of the seeks, {memory[-1]} MiB after all")
    source.close()


def main() -> None:
    """Make the files and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=18_000)
    parser.add_argument("--seeks", type=int, default=400)
    parser.add_argument("--folder", type=Path, help="where the files are made")
    parser.add_argument("--only", choices=("mkv", "tif"))
    chosen = parser.parse_args()
    kinds = {"mkv": (make_video, plain_video), "tif": (make_tiff, plain_tiff)}
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        os.environ["THERMARK_CACHE_DIR"] = str(Path(folder) / "cache")
        for suffix, (make, plain) in kinds.items():
            if chosen.only in (None, suffix):
                path = Path(folder) / f"recording.{suffix}"
                make(path, chosen.frames)
                measure(path, plain(path), chosen.frames, chosen.seeks)
                path.unlink()


if __name__ == "__main__":
    main()
