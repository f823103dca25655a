"""Frames per second of Thermark's trackers beside others on the same frames, and how long the first one takes.

    .venv/bin/python benchmarks/speed.py --peer-python peers/bin/python [--clip FOLDER] [--repeats 5]

One clip (a folder as for accuracy.py; Thermark's sample clip where none is given) is resized to 320x256 and 640x512
and stored as H.264. Measured on both, all contenders in turn within every repeat, so that what else the machine does
falls on all of them. Given are medians over the repeats:

  update        frames per second of the tracker alone, without the first frame
  maps          the same with the similarity maps of every frame read
  end to end    with reading the frame and, for Thermark, the maps
  x update ...  the first line's speed as a multiple of this line's

MLSSNet (random weights where none are installed: they compute no faster) is compared with the bare network in eager
fp32 doing a frame's work, a new template and three search crops, without cutting, choosing and maps for the user.
Start-up is the time from calling `thermark track` in a new process to the first tracked box in its file.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.clips import Clip, read_clip
from benchmarks.peers import Peers
from resources import sample_boxes, sample_clip
from tracker.errors import ThermarkError
from tracker.media import load_source, write_video
from tracker.network.checkpoints import MLSSNET, load_mlssnet
from tracker.network.config import CROP_SIZE
from tracker.network.mlssnet import MLSSNet
from tracker.opencv import cv2
from tracker.tracking.build import build_tracker, find_weights
from tracker.tracking.device import resolve_device
from tracker.tracking.mlssnet_model import MLSSNetModel
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.tracking.tracker import Tracker

if TYPE_CHECKING:
    # never before tracker.tracking, which sets how torch's threads wait: on a busy machine most of the speed
    import torch

Rates = dict[str, float]

SIZES = ((320, 256), (640, 512))
UPDATE, MAPS, END_TO_END = "update", "maps", "end to end"
MEASURES = (UPDATE, MAPS, END_TO_END)
SCALES = 3  # search crops of MLSSNet per frame
POLL_S = 0.005
START_LIMIT_S = 120.0


@dataclass(frozen=True)
class Contender:
    """Something that can be timed on a clip: a name for the table, and what gives frames per second by measure."""

    name: str
    measure: Callable[[Clip], Rates]


# What is timed -----------------------------------------------------------------------------------------------------


def rates_of(tracker: Tracker, clip: Clip) -> Rates:
    """Frames per second of a tracker of Thermark, the first frame excluded."""
    source = load_source(clip.media)
    tracker.init(source.frame(0), clip.first_box)
    spent = np.zeros(3)
    for index in range(1, len(clip.truth)):
        begun = time.perf_counter()
        counts = source.frame(index)
        read = time.perf_counter()
        result = tracker.update(counts)
        found = time.perf_counter()
        evidence = result.evidence
        _ = evidence.semantic, evidence.structural, evidence.fused, evidence.scores
        mapped = time.perf_counter()
        spent += (found - read, mapped - read, mapped - begun)
    source.close()
    return dict(zip(MEASURES, ((len(clip.truth) - 1) / spent).tolist(), strict=True))


def plain_rates(network: MLSSNet, device: torch.device, frames: int) -> Rates:
    """Frames per second of the bare network: a template of one crop, compared with three."""
    import torch

    search = 255 * torch.rand(SCALES, 3, CROP_SIZE, CROP_SIZE, device=device)
    with torch.no_grad():
        begun = time.perf_counter()
        for _ in range(frames):
            network(search[:1], search).fused.cpu()
        return {UPDATE: frames / (time.perf_counter() - begun)}


def peer_rates(peers: Peers, name: str, clip: Clip) -> Rates:
    """Frames per second of a peer, by its own report."""
    _, report = peers.one_pass(name, clip, clip.first_box)
    return {UPDATE: report["fps_update"], END_TO_END: report["fps_with_decode"]}


def mlssnet() -> MLSSNet:
    """The network with installed or shipped weights."""
    return load_mlssnet(find_weights(MLSSNET))


def contenders(args: argparse.Namespace) -> list[Contender]:
    """The default tracker first, then whom it is compared with."""
    built = build_tracker(args.model, device=args.device, threads=args.threads)
    print(f"{args.model} on {built.device.name}; {args.frames} frames, {args.repeats} repeats")
    found = [Contender(f"thermark {Path(args.model).stem}", lambda clip: rates_of(built.tracker, clip))]
    if args.peer_python is not None:
        peers = Peers(args.peer_python, args.peer_script, threads=args.threads)
        found += [
            Contender(name, lambda clip, name=name: peer_rates(peers, name, clip))  # type: ignore[misc]
            for name in args.peers
        ]
    return found


def mlssnet_contenders(device: str, threads: int, frames: int) -> list[Contender]:
    """MLSSNet in the online loop, and bare."""
    place, network = resolve_device(device, threads).torch_device, mlssnet().eval()
    bare = copy.deepcopy(network).to(place)
    tracker = OnlineTracker(MLSSNetModel(network, place, MLSSNET))
    return [
        Contender(MLSSNET, lambda clip: rates_of(tracker, shortened(clip, frames))),
        Contender("eager fp32 network", lambda _: plain_rates(bare, place, frames)),
    ]


# Clips -------------------------------------------------------------------------------------------------------------


def shortened(clip: Clip, frames: int) -> Clip:
    """The first frames of a clip."""
    return Clip(clip.name, clip.media, clip.start, clip.truth[: frames + 1])


def given_clip(folder: Path | None, frames: int) -> Clip:
    """The clip to measure on: `frames` to be tracked after the first."""
    if folder is not None:
        return read_clip(folder, frames + 1)
    return shortened(Clip("sample", sample_clip(), 0, sample_boxes()), frames)


def resized(clip: Clip, size: tuple[int, int], folder: Path) -> Clip:
    """The clip as an 8-bit gray video of another (width, height) in `folder`."""
    source = load_source(clip.media)
    normalisation = Normalisation.of(source)
    ratios = np.array(size) / source.size
    path = folder / f"{size[0]}x{size[1]}.mp4"

    def frames() -> Iterator[NDArray[np.uint8]]:
        for counts in clip.frames(source):
            gray = normalisation.apply(counts).astype(np.uint8)
            yield np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_LINEAR), np.uint8)

    write_video(path, frames(), source.fps or 25.0, options={"crf": "18"})
    source.close()
    return Clip(path.stem, path, 0, clip.truth * np.tile(ratios, 2))


# Start-up ----------------------------------------------------------------------------------------------------------


def start_up(clip: Clip, args: argparse.Namespace, folder: Path) -> float:
    """Seconds from the call of `thermark track` to the first tracked box on disk; `folder` is its cache."""
    output = folder / "boxes.txt"
    output.unlink(missing_ok=True)
    box = ",".join(map(str, clip.first_box.as_tuple()))
    command = [sys.executable, "-m", "main", "track", str(clip.media), "--box", box, "--output", str(output)]
    command += ["--until", "1", "--model", args.model, "--device", args.device]
    command += ["--threads", str(args.threads)]
    begun = time.perf_counter()
    environment = {**os.environ, "THERMARK_CACHE_DIR": str(folder)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            return _second_line(output, process, begun)
        finally:
            process.kill()


def _second_line(output: Path, process: subprocess.Popen[bytes], begun: float) -> float:
    """Seconds until the file has two lines: the given box and the first tracked one."""
    while (spent := time.perf_counter() - begun) < START_LIMIT_S:
        if output.is_file() and output.read_bytes().count(b"\n") > 1:
            return spent
        if process.poll() not in (None, 0):
            raise RuntimeError(f"thermark track ended with status {process.returncode}")
        time.sleep(POLL_S)
    raise RuntimeError(f"no tracked frame after {START_LIMIT_S:g} s")


def start_ups(clip: Clip, args: argparse.Namespace) -> dict[str, float]:
    """Median seconds for a clip that was never seen before, and for a known one."""
    spent: dict[str, list[float]] = {"new clip": [], "known clip": []}
    for _ in range(args.repeats):
        with tempfile.TemporaryDirectory() as folder:
            for times in spent.values():
                times.append(start_up(clip, args, Path(folder)))
    return {name: float(np.median(times)) for name, times in spent.items()}


# Tables ------------------------------------------------------------------------------------------------------------


def interleaved(table: list[Contender], clip: Clip, repeats: int) -> dict[str, dict[str, list[float]]]:
    """Frames per second of every repeat, by contender and measure."""
    found: dict[str, dict[str, list[float]]] = {each.name: {} for each in table}
    for _ in range(repeats):
        for each in table:
            for measure, rate in each.measure(clip).items():
                found[each.name].setdefault(measure, []).append(rate)
    return found


def report(title: str, found: dict[str, dict[str, list[float]]]) -> dict[str, Rates]:
    """Print medians, with ratios of the first contender to the others; gives both."""
    first = next(iter(found.values()))
    print(f"\n{title:<22}" + "".join(f"{measure:>12}" for measure in MEASURES) + "    x update  x end to end")
    rows: dict[str, Rates] = {}
    for name, rates in found.items():
        rows[name] = {measure: float(np.median(values)) for measure, values in rates.items()}
        if rates is not first:
            rows[name] |= {
                f"x {m}": float(np.median(np.divide(first[m], rates[m]))) for m in rates if m != MAPS
            }
        columns = ((UPDATE, 12), (MAPS, 12), (END_TO_END, 12), (f"x {UPDATE}", 12), (f"x {END_TO_END}", 14))
        print(f"{name:<22}" + "".join(_cell(rows[name].get(column), width) for column, width in columns))
    return rows


def _cell(value: float | None, width: int) -> str:
    return f"{value:{width}.2f}" if value is not None else " " * width


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--clip", type=Path, help="folder with img/ or a video, and groundtruth.txt")
    add("--frames", type=int, default=60, help="tracked after the first, per repeat")
    add("--mlssnet-frames", type=int, default=5, help="the same for MLSSNet; 0 leaves it out")
    add("--repeats", type=int, default=3)
    add("--model", default="default")
    add("--device", default="cpu")
    add("--threads", type=int, default=2, help="per tracker")
    add("--peers", nargs="*", default=("nanotrack-v3", "cv-csrt"), metavar="NAME")
    add("--peer-python", type=Path, help="python of the peers' environment; see accuracy.py")
    add("--peer-script", type=Path, default=Path("../shared/peers/run_peer.py"))
    add("--json", type=Path, help="write all figures there")
    return parser.parse_args()


def measure_all(args: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Print and give every figure; `folder` is for the clips."""
    original = given_clip(args.clip, args.frames)
    clips = [resized(original, size, folder) for size in SIZES]
    table, results = contenders(args), dict[str, object]()
    for clip in clips:
        results[clip.name] = report(clip.name, interleaved(table, clip, args.repeats))
    if args.mlssnet_frames:
        pair = mlssnet_contenders(args.device, args.threads, args.mlssnet_frames)
        results[MLSSNET] = report(MLSSNET, interleaved(pair, clips[0], args.repeats))
    seconds = start_ups(clips[0], args)
    results["start-up, s"] = seconds
    text = ", ".join(f"{spent:.2f} s ({name})" for name, spent in seconds.items())
    print(f"\nfrom `thermark track` to the first tracked frame: {text}")
    return results


def main() -> int:
    """Measure and print."""
    args = parse()
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["THERMARK_CACHE_DIR"] = (
                folder  # the clips are gone afterwards; so shall be their indices
            )
            results = measure_all(args, Path(folder))
    except ThermarkError as error:
        print(f"speed: {error.message}", file=sys.stderr)
        return 2
    if args.json is not None:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
