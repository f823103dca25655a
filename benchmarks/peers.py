"""Other trackers, run in an environment of their own through `run_peer.py`; see `accuracy.py`."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.clips import Boxes, Clip, read_truth
from tracker.evaluation.labelling import Labelling, label
from tracker.geometry import Box
from tracker.media import load_source
from tracker.media.source import Counts
from tracker.opencv import cv2
from tracker.tracking.normalisation import Normalisation

PEERS = ("cv-csrt", "nanotrack-v3", "cv-vit")

# Runs in the peers' environment: makes a tracker of run_peer.py (whose only importable mode is --list) and
# does as it is told. In: one line of JSON per frame, then the frame's BGR bytes. Out: one line of JSON.
HOST = """
import json, os, sys
import numpy as np
answers, sys.stdout = sys.stdout, open(os.devnull, "w")
script, name, threads = sys.argv[1:]
sys.path.insert(0, script.rpartition("/")[0])
sys.argv = [script, "--list", "--threads", threads]
scope = {"__name__": "peers", "__file__": script}
try:
    exec(compile(open(script, encoding="utf-8").read(), script, "exec"), scope)
except SystemExit:
    pass
tracker, commands = scope["R"][name](), sys.stdin.buffer
for line in iter(commands.readline, b""):
    order = json.loads(line)
    shape = order["shape"]
    image = np.frombuffer(commands.read(int(np.prod(shape))), np.uint8).reshape(shape).copy()
    box = order["box"]
    if box:
        tracker.init(image, box)
    else:
        box = tracker.update(image)[0]
    print(json.dumps([float(value) for value in box]), file=answers, flush=True)
"""


@dataclass
class FoundBox:
    """A box."""

    box: Box


class HostedPeer:
    """A follower that computes in another process."""

    def __init__(self, process: subprocess.Popen[bytes], normalisation: Normalisation) -> None:
        self._process, self._normalisation = process, normalisation

    def init(self, frame: Counts, box: Box) -> None:
        """Learn the target."""
        self._ask(frame, box)

    def update(self, frame: Counts) -> FoundBox:
        """Find the target."""
        return FoundBox(self._ask(frame, None))

    def _ask(self, frame: Counts, box: Box | None) -> Box:
        image = bgr(frame, self._normalisation)
        order = {"shape": image.shape, "box": box.as_tuple() if box else None}
        commands, answers = self._process.stdin, self._process.stdout
        assert commands is not None
        assert answers is not None
        commands.write(json.dumps(order).encode() + b"\n" + image.tobytes())
        commands.flush()
        line = answers.readline()
        if not line:
            raise RuntimeError("the peer has ended; see its message above")
        return Box(*json.loads(line))


def bgr(counts: Counts, normalisation: Normalisation) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 as OpenCV's trackers want it: 8-bit counts as they are, others by the clip's range."""
    if counts.dtype != np.uint8:
        counts = normalisation.apply(counts).astype(np.uint8)
    code = cv2.COLOR_GRAY2BGR if counts.ndim == 2 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(counts, code), np.uint8)


@dataclass(frozen=True)
class Peers:
    """Trackers to compare with, and what is already known of them.

    Attributes:
        python: Of their environment.
        script: `run_peer.py`.
        cache: Folder of results, None to keep none.
        threads: For each of them.
    """

    python: Path
    script: Path
    cache: Path | None = None
    threads: int = 2

    def one_pass(self, name: str, clip: Clip, first: Box) -> tuple[Boxes, dict[str, Any]]:
        """(n, 4) boxes of an unaided pass, and run_peer.py's report on its speed."""
        kept = self._cached(name, clip, f"pass {first}")
        if kept is None or not kept.is_file():
            lines, report = self._run(name, clip, first)
            _keep(kept, {"boxes": lines, "report": report})
        else:
            known = json.loads(kept.read_text(encoding="ascii"))
            lines, report = known["boxes"], known["report"]
        return np.array(lines)[clip.start :], report

    def label(self, name: str, clip: Clip) -> Labelling:
        """The clip labelled with a peer and the simulated annotator."""
        kept = self._cached(name, clip, "label")
        if kept is not None and kept.is_file():
            known = json.loads(kept.read_text(encoding="ascii"))
            return Labelling(known["frames"], np.array(known["boxes"]), tuple(known["corrected_frames"]))
        source = load_source(clip.media)
        with self._hosted(name, Normalisation.of(source)) as follower:
            found = label(clip.frames(source), follower, clip.truth)
        source.close()
        known = {"frames": found.frames, "boxes": found.boxes.tolist()}
        _keep(kept, known | {"corrected_frames": found.corrected_frames})
        return found

    def _cached(self, name: str, clip: Clip, what: str) -> Path | None:
        if self.cache is None:
            return None
        inputs = (str(clip.media.resolve()), str(clip.start), str(self.threads), what)
        digest = hashlib.sha256("\n".join(inputs).encode())
        digest.update(clip.truth.tobytes() + self.script.read_bytes())
        return self.cache / f"{name}-{clip.name}-{digest.hexdigest()[:12]}.json"

    def _run(self, name: str, clip: Clip, first: Box) -> tuple[list[list[float]], dict[str, Any]]:
        """Boxes from frame 0 on, and the report."""
        with tempfile.TemporaryDirectory() as folder:
            sequence, out = Path(folder) / clip.name, Path(folder) / "boxes.txt"
            write_sequence(sequence, clip, first)
            command = self._command(str(self.script.resolve()), "--tracker", name, "--seq", str(sequence))
            command += ["--out", str(out), "--threads", str(self.threads)]
            done = subprocess.run(command, env=_quiet(), capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{name} failed on {clip.name}:\n{done.stderr}")
            report = json.loads(Path(f"{out}.json").read_text(encoding="ascii"))
            return read_truth(out).tolist(), report

    def _command(self, *arguments: str) -> list[str]:
        # not resolved: the link in an environment is what makes python use that environment
        return [str(self.python.absolute()), *arguments]

    @contextmanager
    def _hosted(self, name: str, normalisation: Normalisation) -> Iterator[HostedPeer]:
        command = self._command("-c", HOST, str(self.script.resolve()), name, str(self.threads))
        with subprocess.Popen(
            command, env=_quiet(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            try:
                yield HostedPeer(process, normalisation)
            finally:
                process.kill()


def write_sequence(folder: Path, clip: Clip, first: Box) -> None:
    """A sequence of the clip's own media whose first true box is another; nothing is copied."""
    folder.mkdir()
    media = clip.media.resolve()
    (folder / ("img" if media.is_dir() else f"video{media.suffix}")).symlink_to(media)
    before = [[np.nan] * 4] * clip.start
    rows = [*before, list(first.as_tuple()), *clip.truth[1:].tolist()]
    text = "\n".join(",".join(map(repr, map(float, row))) for row in rows)
    (folder / "groundtruth.txt").write_text(text + "\n", encoding="ascii")


def _quiet() -> dict[str, str]:
    return {**os.environ, "OPENCV_LOG_LEVEL": "ERROR"}


def _keep(path: Path | None, content: dict[str, Any]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content) + "\n", encoding="ascii")
