"""A data set in parts for training, validation and test, so that no scene is in two of them."""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tracker.datasets.reading import DataSet
from tracker.datasets.scenes import scenes_of
from tracker.errors import FormatError
from tracker.formats.text import each
from tracker.formats.whole import whole_folder
from tracker.jobs import Job

PARTS = ("train", "val", "test")
RECORD_NAME = "split.json"


@dataclass(frozen=True)
class Split:
    """Who is where.

    Attributes:
        parts: For each part the names of its sequences, in the order of the data set.
        scenes: The scene of each sequence.
        shares: What was asked for, adding up to 1.
        seed: What the choice was made from.
    """

    parts: dict[str, tuple[str, ...]]
    scenes: dict[str, str]
    shares: tuple[float, float, float]
    seed: int

    def scenes_in(self, part: str) -> set[str]:
        """The scenes of a part."""
        return {self.scenes[name] for name in self.parts[part]}


def checked_shares(shares: tuple[float, ...]) -> tuple[float, float, float]:
    """Shares of train, val and test that add up to 1, from any numbers in that proportion (80, 10, 10).

    Raises:
        FormatError: They are not three, one is negative, or all are 0.
    """
    usable = len(shares) == len(PARTS) and all(math.isfinite(s) and s >= 0 for s in shares)
    if not usable or sum(shares) <= 0:
        raise FormatError(
            "three numbers for train, val and test are due.", where="--shares", todo="80,10,10."
        )
    train, val, test = (share / sum(shares) for share in shares)
    return train, val, test


def split_names(scenes: dict[str, str], shares: tuple[float, ...], seed: int) -> Split:
    """Divide sequences by scene.

    Scenes are taken from the one with the most sequences down, those of equal size in an order that the seed makes, and
    each goes to the part that lacks most. The same names, shares and seed give the same parts, whatever the order
    of the names and whatever the machine.

    Args:
        scenes: The scene of each sequence.
        shares: Of the sequences that train, val and test should get.
        seed: Any number.

    Raises:
        FormatError: There are fewer scenes than parts with a share.
    """
    wanted = checked_shares(shares)
    members = defaultdict[str, list[str]](list)
    for name in scenes:
        members[scenes[name]].append(name)
    open_parts = [i for i, share in enumerate(wanted) if share > 0]
    if len(members) < len(open_parts):
        todo = "Give fewer parts a share, or other scenes with --scenes."
        raise FormatError(f"{len(members)} scenes cannot be divided in {len(open_parts)} parts.", todo=todo)
    part_of = _assigned({scene: len(names) for scene, names in members.items()}, wanted, seed)
    parts = {
        part: tuple(name for name in scenes if part_of[scenes[name]] == i) for i, part in enumerate(PARTS)
    }
    return Split(parts, dict(scenes), wanted, seed)


def _assigned(sizes: dict[str, int], shares: tuple[float, ...], seed: int) -> dict[str, int]:
    total = sum(sizes.values())
    lacking = [share * total for share in shares]
    empty = {i for i, share in enumerate(shares) if share > 0}
    ordered = sorted(sizes, key=lambda scene: (-sizes[scene], _lot(seed, scene)))
    part_of = {}
    for done, scene in enumerate(ordered):
        # The last scenes are kept for parts that have none yet.
        open_parts = (
            empty if len(ordered) - done == len(empty) else {i for i, s in enumerate(shares) if s > 0}
        )
        part = max(sorted(open_parts), key=lambda i: lacking[i])
        part_of[scene] = part
        lacking[part] -= sizes[scene]
        empty.discard(part)
    return part_of


def _lot(seed: int, scene: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{scene}".encode("utf-8", "surrogateescape")).digest()


def split_data_set(
    data: DataSet, shares: tuple[float, ...], seed: int, scenes_file: Path | None = None
) -> Split:
    """Divide a data set by scene.

    Args:
        data: The data set.
        shares: Of train, val and test.
        seed: Any number.
        scenes_file: The user's own list of scenes, see `scenes.read_scenes`.

    Raises:
        FormatError: There are too few scenes, or a list of scenes cannot be used.
    """
    names = [entry.name for entry in data.entries]
    return split_names(scenes_of(names, data.index, scenes_file), shares, seed)


def write_split(split: Split, output: Path) -> Job[None]:
    """Write `train.txt`, `val.txt`, `test.txt` with a name on each line, and `split.json` with how it was made.

    Returns:
        The job. It raises ExportError where the folder is there already and not empty, or cannot be written; then
        nothing is left.
    """
    with whole_folder(output) as folder:

        def one(part: str) -> None:
            text = "".join(f"{name}\n" for name in split.parts[part])
            (folder / f"{part}.txt").write_text(text, encoding="utf-8", newline="\n")

        yield from each([part for part in PARTS if split.parts[part]], "Writing lists", one)
        record = {"seed": split.seed, "shares": dict(zip(PARTS, split.shares, strict=True))}
        text = json.dumps(
            {**record, "parts": split.parts, "scenes": split.scenes}, indent=1, ensure_ascii=False
        )
        (folder / RECORD_NAME).write_text(text + "\n", encoding="utf-8", newline="\n")
