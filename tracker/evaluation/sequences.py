"""The sequences of a benchmark: where their frames lie, and what is true in them.

Recognised by what is there, one folder at a time:

- OTB, LSOTB-TIR, PTB-TIR: `NAME/img/`, with `NAME/groundtruth_rect.txt` beside it or `anno/NAME.txt` beside
  the folders (also `tiranno/`), attributes in `att/NAME.txt` within the folder of annotations. A folder of
  annotations alone is a benchmark too, to judge results by;
- GOT-10k: `NAME/groundtruth.txt` beside the images, `absence.label`, `cover.label`, `meta_info.ini`;
- VOT: `NAME/groundtruth.txt` with rectangles or polygons, images in `ir/` or `color/` or beside it, `list.txt`;
- `NAME/groundtruth.txt` beside `img/` or a video, NaN where the target is absent;
- pysot's `.json`: for each sequence `gt_rect` and `attr`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError
from tracker.evaluation.protocols import Protocol
from tracker.evaluation.tables import read_boxes, read_numbers, read_regions, read_text, require_length
from tracker.evaluation.vot_regions import Region, bounding_box

Array = NDArray[np.float64]

ANNOTATION_FOLDERS = ("anno", "tiranno")
IMAGE_FOLDERS = ("img", "ir", "infrared", "color", "imgs")
VIDEO_SUFFIXES = (".mp4", ".avi", ".mkv", ".mov")
TRUTH_NAMES = ("groundtruth_rect.txt", "groundtruth.txt", "init.txt")


@dataclass(frozen=True)
class BenchmarkSequence:
    """One sequence.

    Attributes:
        name: Its name, unique in the benchmark.
        frames: A folder of images or a video; None where there are only annotations.
        truth: (n, 4) true boxes x, y, width, height, 0-based; NaN or without area where the target is absent.
        regions: For each frame the true region as VOT has it.
        visible: (n,) whether anything of the target can be seen, as far as the annotations say.
        attributes: What the sequence is about, by name.
        frame_size: (width, height) where the annotations give it.
    """

    name: str
    frames: Path | None
    truth: Array
    regions: tuple[Region, ...]
    visible: NDArray[np.bool_]
    attributes: frozenset[str] = frozenset()
    frame_size: tuple[int, int] | None = None

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.truth)

    def shortened(self, most: int | None) -> BenchmarkSequence:
        """Its first frames."""
        if most is None or most >= len(self):
            return self
        return replace(
            self, truth=self.truth[:most], regions=self.regions[:most], visible=self.visible[:most]
        )


def read_benchmark(path: Path, protocol: Protocol, most_frames: int | None = None) -> list[BenchmarkSequence]:
    """All sequences in a folder, in the order of `list.txt` or of their names.

    Args:
        path: The benchmark's folder, its folder of annotations, one sequence, or a pysot .json.
        protocol: Says how pixels are counted and what the columns of attribute files are.
        most_frames: Only so many first frames of each sequence.

    Raises:
        EvaluationError: There is none, or a file of one is damaged.
    """
    if not path.exists():
        raise EvaluationError("there is no such file or folder.", where=path, todo="Check the path.")
    sequences = _json(path, protocol) if path.is_file() else list(_folders(path, protocol))
    if not sequences:
        raise EvaluationError(
            "no sequence was found.",
            where=path,
            todo="Give a folder with one folder for each sequence, and groundtruth.txt in each.",
        )
    return [sequence.shortened(most_frames) for sequence in sequences]


def _folders(path: Path, protocol: Protocol) -> Iterator[BenchmarkSequence]:
    own = next((path / name for name in TRUTH_NAMES if (path / name).is_file()), None)
    if own is not None:
        yield _sequence(path.name, path, own, None, protocol)
        return
    annotations = next((path / name for name in ANNOTATION_FOLDERS if (path / name).is_dir()), None)
    for name in _names(path, annotations):
        folder = path / name
        inside = next((folder / truth for truth in TRUTH_NAMES if (folder / truth).is_file()), None)
        beside = annotations / f"{name}.txt" if annotations else path / f"{name}.txt"
        if inside is None and not beside.is_file():
            raise EvaluationError("it has no true boxes.", where=folder, todo="Add groundtruth.txt.")
        attributes = (annotations or path) / "att" / f"{name}.txt"
        yield _sequence(name, folder, inside or beside, attributes, protocol)


def _names(path: Path, annotations: Path | None) -> list[str]:
    """The names of the sequences in a folder."""
    listed = path / "list.txt"
    if listed.is_file():
        return [line.strip() for line in read_text(listed).splitlines() if line.strip()]
    if annotations is not None:
        return _by_number(file.stem for file in annotations.glob("*.txt"))
    found = [file.parent.name for name in TRUTH_NAMES for file in path.glob(f"*/{name}")]
    if not found:
        found = [file.stem for file in path.glob("*.txt")]
    return _by_number(dict.fromkeys(found))


def _by_number(names: Any) -> list[str]:
    return sorted(
        names, key=lambda name: [int(p) if p.isdigit() else p.lower() for p in re.split(r"(\d+)", name)]
    )


def _sequence(
    name: str, folder: Path, truth: Path, attributes: Path | None, protocol: Protocol
) -> BenchmarkSequence:
    if Path(name).name != name:
        raise EvaluationError(f"{name!r} is no name of a sequence.", where=folder.parent)
    regions = read_regions(truth, allow_nan=True)
    boxes = np.array([bounding_box(region) for region in regions], np.float64).reshape(-1, 4)
    if not len(boxes):
        raise EvaluationError("it is empty.", where=truth)
    boxes[:, :2] -= protocol.first_pixel
    if protocol.first_pixel:
        regions = [_moved(region, -protocol.first_pixel) for region in regions]
    return BenchmarkSequence(
        name=name,
        frames=_frames(folder),
        truth=boxes,
        regions=tuple(regions),
        visible=_visible(folder, boxes),
        attributes=_attributes(attributes, protocol),
        frame_size=_resolution(folder / "meta_info.ini"),
    )


def _moved(region: Region, by: float) -> Region:
    if region.size == 1:
        return region
    if region.size == 4:
        return np.asarray(region + np.array([by, by, 0, 0]))
    return np.asarray(region + by)


def _frames(folder: Path) -> Path | None:
    if not folder.is_dir():
        return None
    for name in IMAGE_FOLDERS:
        if (folder / name).is_dir():
            return folder / name
    videos = sorted(file for file in folder.iterdir() if file.suffix.lower() in VIDEO_SUFFIXES)
    if videos:
        return videos[0]
    has_images = any(file.suffix.lower() in (".jpg", ".jpeg", ".png", ".bmp") for file in folder.iterdir())
    return folder if has_images else None


def _visible(folder: Path, boxes: Array) -> NDArray[np.bool_]:
    """From GOT-10k's labels where there are any."""
    visible = np.ones(len(boxes), bool)
    for label, means_hidden in (("cover.label", 0), ("absence.label", 1)):
        path = folder / label
        if path.is_file():
            values = read_numbers(path)
            require_length(path, values, len(boxes), "boxes")
            visible &= values != means_hidden
    return visible


def _attributes(path: Path | None, protocol: Protocol) -> frozenset[str]:
    if path is None or not path.is_file() or not protocol.attributes:
        return frozenset()
    flags = read_numbers(path)
    if len(flags) != len(protocol.attributes):
        raise EvaluationError(
            f"{len(flags)} flags for the {len(protocol.attributes)} attributes of {protocol.title}.",
            where=f"{path}, line 1",
        )
    return frozenset(name for name, flag in zip(protocol.attributes, flags, strict=True) if flag)


def _resolution(path: Path) -> tuple[int, int] | None:
    """GOT-10k's "resolution: (1920, 1080)"."""
    if not path.is_file():
        return None
    found = re.search(r"resolution:\s*\((\d+),\s*(\d+)\)", read_text(path))
    return (int(found[1]), int(found[2])) if found else None


def _json(path: Path, protocol: Protocol) -> list[BenchmarkSequence]:
    """A pysot .json; frames are looked for in folders of the sequences' names beside it."""
    try:
        entries = json.loads(read_text(path))
    except ValueError as error:
        raise EvaluationError(f"it is no JSON ({error}).", where=path) from None
    sequences = []
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        try:
            boxes = np.asarray(entry["gt_rect"], np.float64).reshape(-1, 4)
            attributes = frozenset(map(str, entry.get("attr", ())))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EvaluationError(
                f"{name!r} has no usable gt_rect ({error}).", where=path, todo="pysot's layout is due."
            ) from None
        boxes[:, :2] -= protocol.first_pixel
        frames = _frames(path.parent / name) if Path(name).name == name else None
        visible = np.ones(len(boxes), bool)
        sequences.append(BenchmarkSequence(name, frames, boxes, tuple(boxes), visible, attributes))
    return sequences


__all__ = ["BenchmarkSequence", "read_benchmark", "read_boxes"]
