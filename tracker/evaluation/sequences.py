"""The sequences of a benchmark: where their frames lie, and what is true in them.

Recognised by what is there, one folder at a time:

- OTB, LSOTB-TIR, PTB-TIR: `NAME/img/`, with `NAME/groundtruth_rect.txt` beside it or `anno/NAME.txt` beside
  the folders (also `tiranno/`), attributes in `att/NAME.txt` within the folder of annotations. A folder of
  annotations alone is a benchmark too, to judge results by;
- GOT-10k: `NAME/groundtruth.txt` beside the images, `absence.label`, `cover.label`, `meta_info.ini`;
- VOT: `NAME/groundtruth.txt` with rectangles or polygons, images in `ir/` or `color/` or beside it, `list.txt`;
- `NAME/groundtruth.txt` beside `img/` or a video, NaN where the target is absent;
- pysot's `.json`: for each sequence `gt_rect` and `attr`.

The files are read by `tracker.formats`. Other than in an import, polygons stay polygons, boxes without area stay as
they are (the protocol decides what they mean), and annotations alone will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError, FormatError
from tracker.evaluation.protocols import Protocol
from tracker.evaluation.tables import read_regions
from tracker.evaluation.vot_regions import Region, bounding_box
from tracker.formats.attributes import read_flags
from tracker.formats.got10k import read_frame_size, read_labels
from tracker.formats.json_text import Node, read_json
from tracker.formats.regions import checked_region
from tracker.formats.targets import first_file, frames_in, listed_names
from tracker.formats.text import at_line
from tracker.media.images import natural_key

Array = NDArray[np.float64]

ANNOTATION_FOLDERS = ("anno", "tiranno")
IMAGE_FOLDERS = ("img", "ir", "infrared", "color", "imgs")
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
        EvaluationError: There is none.
        FormatError: A file of one is damaged; it names file and line.
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
    own = first_file(path, TRUTH_NAMES)
    if own is not None:
        yield _sequence(path.name, path, own, None, protocol)
        return
    annotations = next((path / name for name in ANNOTATION_FOLDERS if (path / name).is_dir()), None)
    for name in _names(path, annotations):
        folder = path / name
        inside = first_file(folder, TRUTH_NAMES)
        beside = annotations / f"{name}.txt" if annotations else path / f"{name}.txt"
        if inside is None and not beside.is_file():
            raise EvaluationError("it has no true boxes.", where=folder, todo="Add groundtruth.txt.")
        attributes = (annotations or path) / "att" / f"{name}.txt"
        yield _sequence(name, folder, inside or beside, attributes, protocol)


def _names(path: Path, annotations: Path | None) -> list[str]:
    """The names of the sequences in a folder."""
    listed = listed_names(path)
    if listed is not None:
        return listed
    if annotations is not None:
        return _by_number(file.stem for file in annotations.glob("*.txt"))
    found = [file.parent.name for name in TRUTH_NAMES for file in path.glob(f"*/{name}")]
    return _by_number(found or [file.stem for file in path.glob("*.txt")])


def _by_number(names: Iterable[str]) -> list[str]:
    return sorted(set(names), key=natural_key)


def _sequence(
    name: str, folder: Path, truth: Path, attributes: Path | None, protocol: Protocol
) -> BenchmarkSequence:
    regions = read_regions(truth, allow_nan=True)
    if not regions:
        raise FormatError("it is empty.", where=at_line(truth, 1))
    flags = read_flags(attributes, protocol.attributes, protocol.title) if attributes else ()
    # Not what `images.txt` names: an export by reference may begin in the midst of that clip.
    frames = frames_in(folder, IMAGE_FOLDERS)
    absent, cover = (np.array(column) for column in read_labels(folder, len(regions)))
    return replace(
        _with_regions(name, regions, protocol),
        frames=frames,
        visible=(absent == 0) & (cover > 0),
        attributes=frozenset(flags),
        frame_size=read_frame_size(folder),
    )


def _with_regions(name: str, regions: list[Region], protocol: Protocol) -> BenchmarkSequence:
    """A sequence of which nothing is known but the regions, as its file counts pixels."""
    truth = np.array([bounding_box(region) for region in regions], np.float64).reshape(-1, 4)
    truth[:, :2] -= protocol.first_pixel
    if protocol.first_pixel:
        regions = [_moved(region, -protocol.first_pixel) for region in regions]
    return BenchmarkSequence(name, None, truth, tuple(regions), np.ones(len(truth), bool))


def _moved(region: Region, by: float) -> Region:
    if region.size == 1:
        return region
    if region.size == 4:
        return np.asarray(region + np.array([by, by, 0, 0]))
    return np.asarray(region + by)


def _json(path: Path, protocol: Protocol) -> list[BenchmarkSequence]:
    """A pysot .json; frames are looked for in folders of the sequences' names beside it."""
    return [_entry(path, name, entry, protocol) for name, entry in read_json(path).members()]


def _entry(path: Path, name: str, entry: Node, protocol: Protocol) -> BenchmarkSequence:
    rows = entry.member("gt_rect").items()
    regions = [np.array(checked_region([value.number() for value in row.items()], row)) for row in rows]
    if not regions:
        raise entry.error("gt_rect is empty.")
    attributes = entry.get("attr")
    return replace(
        _with_regions(name, regions, protocol),
        frames=frames_in(path.parent / name, IMAGE_FOLDERS) if Path(name).name == name else None,
        attributes=frozenset(word.word() for word in attributes.items()) if attributes else frozenset(),
    )
