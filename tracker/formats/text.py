"""Text files of data sets, read with limits: what is wrong in them is said with file and line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tracker.annotation.track import Track
from tracker.errors import FormatError
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter

T = TypeVar("T")

MAX_BYTES = 1 << 29  # a label file beyond half a gigabyte is not one
MAX_COORDINATE = 1e6  # pixels; no sensor is near it
MAX_FRAMES = 2_000_000
MAX_CELLS = 50_000_000  # frames times targets of one clip, 2 GB
MAX_ID = 2**31 - 1
EMPTY_LINE = "the line is empty."


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        FormatError: It is missing, too large, or not UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FormatError(f"the file is too large ({size / 1e6:.0f} MB).", where=path)
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"it cannot be read ({error.strerror}).", where=path) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError("it is not text in UTF-8.", where=at_line(path, line)) from None
    if "\0" in text:
        raise FormatError("it is not text.", where=at_line(path, text.count("\n", 0, text.index("\0")) + 1))
    return text


def at_line(path: Path, line: int) -> str:
    """How a place in a file is named."""
    return f"{path}, line {line}"


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their numbers from 1."""
    for number, line in all_lines(path):
        if line:
            yield number, line


def all_lines(path: Path) -> Iterator[tuple[int, str]]:
    """All lines up to the last that is not empty, with their numbers from 1."""
    for number, line in enumerate(read_text(path).rstrip().splitlines(), start=1):
        yield number, line.strip()


def frame_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that has one for each frame.

    Raises:
        FormatError: A line before the last is empty: whether it stands for a frame cannot be known.
    """
    for number, line in all_lines(path):
        if not line:
            raise FormatError(EMPTY_LINE, where=at_line(path, number), todo="Write one line for each frame.")
        yield number, line


def number_in(word: str, where: str) -> float:
    """A number; NaN and infinity are numbers here.

    Raises:
        FormatError: It is none.
    """
    try:
        if len(word) > 64:
            raise ValueError
        return float(word)
    except ValueError:
        raise FormatError(f"{word[:40]!r} is not a number.", where=where) from None


def numbers_in(line: str, where: str) -> list[float]:
    """Numbers separated by commas, tabs, semicolons or spaces."""
    return [number_in(word, where) for word in line.replace(",", " ").replace(";", " ").split()]


def whole_number(value: object, where: object, least: int, most: int) -> int:
    """A whole number in a range.

    Raises:
        FormatError: It is none, or outside.
    """
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever a file says; refused below
        is_whole = math.isfinite(number) and number == int(number) and not isinstance(value, bool)
    except (TypeError, ValueError, OverflowError):
        is_whole = False
    if not is_whole or not least <= number <= most:
        raise FormatError(f"{str(value)[:40]!r} is not a whole number from {least} to {most}.", where=where)
    return int(number)


def checked_box(box: Box, where: object) -> Box:
    """A box that may be kept.

    Raises:
        FormatError: It has a number that is none or too large, or no area.
    """
    values = box.as_tuple()
    text = ", ".join(f"{value:g}" for value in values)
    if not all(map(math.isfinite, values)):
        raise FormatError(f"the box ({text}) has a number that is not finite.", where=where)
    if max(map(abs, values)) > MAX_COORDINATE:
        raise FormatError(f"the box ({text}) is too large or too far out.", where=where)
    if box.width <= 0 or box.height <= 0:
        raise FormatError(f"the box ({text}) has a negative size or no area.", where=where)
    return box


def box_or_absence(values: tuple[float, float, float, float], where: object, zero_based: bool) -> Box | None:
    """A box of x, y, width, height; None where all are NaN or there is no area, which is how absence is written.

    Raises:
        FormatError: A size is negative, some numbers are NaN, or one is too large.
    """
    x, y, width, height = values
    if all(map(math.isnan, values)):
        return None
    if all(map(math.isfinite, values)) and width >= 0 and height >= 0 and width * height == 0:
        return None
    box = Box(x, y, width, height) if zero_based else Box.from_one_based(x, y, width, height)
    return checked_box(box, where)


def flags(path: Path) -> list[tuple[int, int]]:
    """(line, value) of a file with one small whole number on each line."""
    return [(line, whole_number(text, at_line(path, line), 0, 1000)) for line, text in frame_lines(path)]


def require_count(path: Path, count: int, due: int, of: str, frames: str = "frames") -> None:
    """Refuse a file with another number of lines than there are frames.

    Args:
        path: The file.
        count: How many lines it has.
        due: How many frames there are.
        of: What a line is: "flags".
        frames: What the frames are called: "frames of NAME".

    Raises:
        FormatError: They differ; the line is the first that is missing or too many.
    """
    if count != due:
        raise FormatError(
            f"it has {count} {of} for {due} {frames}.",
            where=at_line(path, min(count, due) + 1),
            todo="Give one line for each frame.",
        )


def require_clip_size(path: Path, frames: int, targets: int) -> None:
    """Refuse what would fill the memory.

    Raises:
        FormatError: There are too many frames times targets.
    """
    if frames > MAX_FRAMES or frames * max(targets, 1) > MAX_CELLS:
        raise FormatError(f"{frames} frames of {targets} targets are too many for one clip.", where=path)


def inside(folder: Path, name: str, where: object) -> Path:
    """A path inside a folder, by a name from a file.

    Raises:
        FormatError: The name leads out of the folder.
    """
    parts = name.replace("\\", "/").split("/")
    is_plain = name and len(name) < 1024 and not any(ord(letter) < 32 for letter in name)
    if not is_plain or ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise FormatError(f"{name[:80]!r} is no name of a file inside the data set.", where=where)
    return folder.joinpath(*parts)


def one_name(name: str, where: object) -> str:
    """The name of a sequence: one part of a path, no more.

    Raises:
        FormatError: It leads elsewhere.
    """
    if inside(Path(), name, where).name != name:
        raise FormatError(f"{name[:80]!r} is no name of a sequence.", where=where)
    return name


def shown(text: object, where: object, most: int = 200) -> str:
    """A label or an attribute from a file: one line of characters that can be shown.

    Raises:
        FormatError: It is longer or has others.
    """
    word = str(text).strip()
    if len(word) > most or not word.isprintable():
        raise FormatError(f"{word[:40]!r} cannot be the name of anything.", where=where)
    return word


def each(items: list[T], stage: str, work: Callable[[T], None]) -> Job[None]:
    """Do something for each item, with progress."""
    meter = ProgressMeter(stage, len(items))
    for done, item in enumerate(items):
        if meter.due():
            yield meter.at(done)
        work(item)
    yield meter.at(len(items))


def with_ids(tracks: list[Track]) -> tuple[tuple[Track, ...], tuple[str, ...]]:
    """Tracks with ids from 1 on, and a note where they were others."""
    if all(1 <= track.id <= MAX_ID for track in tracks) and len({t.id for t in tracks}) == len(tracks):
        return tuple(sorted(tracks, key=lambda track: track.id)), ()
    for number, track in enumerate(tracks, start=1):
        track.id = number
    return tuple(tracks), ("The tracks are numbered from 1 in the order of the file.",)
