"""MOT Challenge: for each clip `img1/`, `gt/gt.txt`, `gt/labels.txt`, `seqinfo.ini`; a list for TrackEval.

Milan et al., "MOT16: A Benchmark for Multi-Object Tracking", 2016; columns as TrackEval documents them. Frames,
targets and pixels are counted from 1.
"""

from __future__ import annotations

import math
from pathlib import Path

from tracker.annotation.track import Presence
from tracker.errors import FormatError
from tracker.formats.building import TrackBuilder
from tracker.formats.clips import built, class_name, classes_of, frames_with_box, label_of
from tracker.formats.format import (
    AnnotatedClip,
    Carries,
    ImageRule,
    MediaHint,
    ReadOptions,
    Stretch,
    Unit,
    WriteOptions,
)
from tracker.formats.rectangles import rectangles
from tracker.formats.targets import media_in, write_texts
from tracker.formats.text import (
    MAX_FRAMES,
    MAX_ID,
    at_line,
    each,
    number_in,
    numbered_lines,
    numbers_in,
    shown,
    whole_number,
)
from tracker.formats.text import checked_box as checked
from tracker.geometry import Box
from tracker.jobs import Job
from tracker.media.images import natural_key

OCCLUDED_VISIBILITY = 0.5  # share that can be seen: written for occluded targets, and read as such up to it
GROUND_TRUTH_COLUMNS = 9  # with class and visibility; results and MOT15 have 7 or 10


class Mot:
    """The layout of MOT17."""

    title = "MOT Challenge"
    unit = Unit.CLIP
    images = ImageRule.COPY
    is_zero_based = False
    carries = Carries(says_absence=False, occlusion=True, label=True, ids=True)

    def home(self, stretch: Stretch) -> str:
        """The clip's folder."""
        return stretch.name

    def image_path(self, stretch: Stretch, number: int) -> str:
        """In `img1`, with six digits."""
        return f"{stretch.name}/img1/{number:06d}"

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write labels of each clip, and `seqmaps/all.txt`."""
        classes = classes_of(stretches)

        def one(stretch: Stretch) -> None:
            texts = {
                "gt/gt.txt": _ground_truth(stretch, classes, options.zero_based),
                "gt/labels.txt": "".join(f"{name}\n" for name in classes),
                "seqinfo.ini": _info(stretch, options.image_suffix),
            }
            write_texts(folder / stretch.name, texts)

        yield from each(stretches, f"Writing labels of {self.title}", one)
        names = "".join(f"{stretch.name}\n" for stretch in stretches)
        write_texts(folder, {"seqmaps/all.txt": "name\n" + names})

    def recognise(self, path: Path) -> bool:
        """`gt/gt.txt`, or lines of 7, 9 or 10 numbers."""
        if path.is_dir():
            return bool(_sequences(path))
        return path.suffix.lower() == ".txt" and _looks_like_rows(path)

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read all clips of a folder, one, or a file of rows.

        Raises:
            FormatError: A file is damaged, or there is none.
        """
        found = [path] if path.is_file() else _sequences(path)
        if not found:
            raise FormatError("there is no gt/gt.txt.", where=path)
        zero_based = self.is_zero_based if options.zero_based is None else options.zero_based
        clips: list[AnnotatedClip] = []
        yield from each(found, f"Reading {self.title}", lambda file: clips.append(_read(file, zero_based)))
        return clips


def _ground_truth(stretch: Stretch, classes: list[str], zero_based: bool) -> str:
    rows: list[tuple[int, int, str]] = []
    for track in stretch.tracks:
        boxes = rectangles(track.frames, zero_based=zero_based).tolist()
        number = classes.index(class_name(track)) + 1
        occluded = (track.frames.presence == Presence.OCCLUDED).tolist()
        for i in frames_with_box(track):
            values = ",".join(f"{value:.12g}" for value in boxes[i])
            seen = OCCLUDED_VISIBILITY if occluded[i] else 1
            rows.append((i + 1, track.id, f"{i + 1},{track.id},{values},1,{number},{seen}\n"))
    return "".join(text for _, _, text in sorted(rows))


def _info(stretch: Stretch, suffix: str) -> str:
    media = stretch.media
    return (
        f"[Sequence]\nname={stretch.name}\nimDir=img1\nframeRate={media.fps or 30:g}\n"
        f"seqLength={len(stretch)}\nimWidth={media.width}\nimHeight={media.height}\nimExt={suffix}\n"
    )


def _sequences(path: Path) -> list[Path]:
    """The files of rows in a folder of one clip or of several."""
    for own in (path / "gt" / "gt.txt", path / "gt.txt"):
        if own.is_file():
            return [own]
    return sorted(path.glob("*/gt/gt.txt"), key=lambda file: natural_key(file.parent.parent.name))


def _looks_like_rows(path: Path) -> bool:
    try:
        _, line = next(numbered_lines(path))
        values = numbers_in(line, "")
    except (FormatError, StopIteration):
        return False
    return len(values) in (7, 9, 10) and all(value >= 0 and value == int(value) for value in values[:2])


def _read(path: Path, zero_based: bool) -> AnnotatedClip:
    is_in_gt = path.name == "gt.txt" and path.parent.name == "gt"
    folder = path.parent.parent if is_in_gt else path.parent
    info = _read_info(folder / "seqinfo.ini") if is_in_gt else {}
    names = _names(path.with_name("labels.txt"))
    builders: dict[int, TrackBuilder] = {}
    ignored = 0
    for number, line in numbered_lines(path):
        where = at_line(path, number)
        values = numbers_in(line, where)
        if not 7 <= len(values) <= 10:
            raise FormatError(f"{len(values)} columns where 7 to 10 are due.", where=where)
        frame = whole_number(values[0], where, 1, MAX_FRAMES) - 1
        target = whole_number(values[1], where, 0, MAX_ID)
        box = Box(*values[2:6]) if zero_based else Box.from_one_based(*values[2:6])
        if len(values) == GROUND_TRUTH_COLUMNS and values[6] == 0:
            ignored += 1
            continue
        builder = builders.setdefault(target, TrackBuilder(target, _label(values, names, where)))
        builder.say(frame, checked(box, where), _presence(values), where=where)
    size, length, fps = _facts(info, folder / "seqinfo.ini")
    tracks, notes = built(list(builders.values()), length, path)
    if ignored:
        notes += (f"{ignored} boxes that are marked as not to be considered were left out.",)
    media = MediaHint(media_in(folder, ("img1",)), size, length, fps)
    name = folder.resolve().name if is_in_gt else path.stem
    return AnnotatedClip(name, tracks, media, path, notes=notes)


def _presence(values: list[float]) -> Presence:
    has_visibility = len(values) == GROUND_TRUTH_COLUMNS and math.isfinite(values[8])
    return Presence.OCCLUDED if has_visibility and values[8] <= OCCLUDED_VISIBILITY else Presence.VISIBLE


def _label(values: list[float], names: list[str], where: str) -> str:
    if len(values) != GROUND_TRUTH_COLUMNS:
        return ""
    number = whole_number(values[7], where, -1, MAX_ID)
    return label_of(names[number - 1]) if 1 <= number <= len(names) else ""


def _names(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return [shown(text, at_line(path, line)) for line, text in numbered_lines(path)]


def _read_info(path: Path) -> dict[str, tuple[int, str]]:
    if not path.is_file():
        return {}
    pairs = ((line, text.partition("=")) for line, text in numbered_lines(path))
    return {key.strip(): (line, value.strip()) for line, (key, equals, value) in pairs if equals}


def _facts(
    info: dict[str, tuple[int, str]], path: Path
) -> tuple[tuple[int, int] | None, int | None, float | None]:
    """Frame size, number of frames and rate, where they are given."""

    def whole(key: str, most: int) -> int | None:
        if key not in info:
            return None
        line, text = info[key]
        return whole_number(text, at_line(path, line), 0, most)

    width, height = whole("imWidth", 1 << 16), whole("imHeight", 1 << 16)
    line, rate = info.get("frameRate", (1, "0"))
    fps = number_in(rate, at_line(path, line))
    size = (width, height) if width and height else None
    return size, whole("seqLength", MAX_FRAMES), fps if 0 < fps < 1e5 else None
