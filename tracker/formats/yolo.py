"""YOLO with track ids: for each frame a text file `class cx cy w h track_id`, shares of the frame's size.

Layout of Ultralytics: `data.yaml`, `images/train/`, `labels/train/`; the sixth column as CVAT's "Ultralytics YOLO
Detection Track" has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tracker.errors import FormatError
from tracker.formats.building import TrackBuilder
from tracker.formats.clips import built, class_name, classes_of, label_of, require_size
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
from tracker.formats.json_text import read_json
from tracker.formats.provenance import FILE_NAME as SIDECAR
from tracker.formats.targets import referenced, write_texts
from tracker.formats.text import (
    MAX_FRAMES,
    MAX_ID,
    at_line,
    checked_box,
    numbered_lines,
    numbers_in,
    shown,
    whole_number,
)
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter
from tracker.media.image_header import BrokenImageError, UnsupportedImageError, read_header
from tracker.media.images import IMAGE_SUFFIXES, natural_key

COLUMNS = 6
LEAST_SHARE = 1e-8  # as many decimals are written: a box stays one
_NUMBERED = re.compile(r"(.*?)_?(\d{1,9})$")


class Yolo:
    """One set of images and labels for all clips; the clip's name and the frame's number make the file name."""

    title = "YOLO with track ids"
    unit = Unit.CLIP
    images = ImageRule.COPY
    is_zero_based = True
    carries = Carries(says_absence=False, label=True, ids=True)

    def home(self, stretch: Stretch) -> str:
        """The output itself."""
        del stretch
        return "."

    def image_path(self, stretch: Stretch, number: int) -> str:
        """`NAME_000001`."""
        return f"images/train/{stretch.name}_{number:06d}"

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write a file for each frame, empty where no target is in it, and `data.yaml`."""
        del options  # shares of the frame know no index base
        classes = classes_of(stretches)
        names = "".join(f"  {i}: {json.dumps(name)}\n" for i, name in enumerate(classes))
        yaml = f"path: .\ntrain: images/train\nval: images/train\nnames:\n{names}"
        write_texts(folder, {"data.yaml": yaml})
        (folder / "labels" / "train").mkdir(parents=True)
        meter = ProgressMeter(f"Writing labels of {self.title}", sum(map(len, stretches)))
        done = 0
        for stretch in stretches:
            size = require_size(stretch, self.title)
            for frame in range(len(stretch)):
                path = folder / "labels" / "train" / f"{stretch.name}_{frame + 1:06d}.txt"
                path.write_text(
                    "".join(_lines(stretch, frame, classes, size)), encoding="utf-8", newline="\n"
                )
                done += 1
                if meter.due():
                    yield meter.at(done)
        yield meter.at(done)

    def recognise(self, path: Path) -> bool:
        """`labels/` with text files of 5 or 6 columns, and the names of classes."""
        return path.is_dir() and (_names_file(path) is not None) and _label_folder(path) is not None

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read all clips.

        Raises:
            FormatError: A file is damaged, a line has no track id, or the frames' size cannot be found out.
        """
        folder = _label_folder(path)
        if folder is None:
            raise FormatError("there is no labels/ with text files.", where=path)
        names = _names(path)
        clips = []
        found = _by_clip(folder)
        for name, files in found.items():
            clip = yield from _read(name, files, names, options.frame_size, path)
            if len(found) > 1:  # the images of all clips lie in one folder
                clip = replace(clip, media=replace(clip.media, path=None))
            clips.append(clip)
        return clips


def _lines(stretch: Stretch, frame: int, classes: list[str], size: tuple[int, int]) -> Iterator[str]:
    for track in stretch.tracks:
        box = track.frames.box(frame)
        if box is not None:
            x, y, width, height = box.to_shares(size)
            values = (x + width / 2, y + height / 2, max(width, LEAST_SHARE), max(height, LEAST_SHARE))
            numbers = " ".join(f"{value:.8f}" for value in values)
            yield f"{classes.index(class_name(track))} {numbers} {track.id}\n"


def _label_folder(path: Path) -> Path | None:
    places = [
        path / "labels" / "train",
        path / "labels",
        *sorted(path.glob("labels/*")),
        path / "obj_train_data",
    ]
    return next((place for place in places if place.is_dir() and any(place.glob("*.txt"))), None)


def _names_file(path: Path) -> Path | None:
    places = [*sorted(path.glob("*.yaml")), *sorted(path.glob("*.names")), path / "classes.txt"]
    return next((place for place in places if place.is_file()), None)


def _names(path: Path) -> list[str]:
    """The classes in order: of `names:` in a yaml (a block of numbers or dashes, or one line), or one a line."""
    file = _names_file(path)
    if file is None:
        return []
    lines = list(numbered_lines(file))
    if file.suffix != ".yaml":
        return [shown(text, at_line(file, line)) for line, text in lines]
    start = next((n for n, (_, text) in enumerate(lines) if text.startswith("names:")), None)
    if start is None:
        raise FormatError("it has no names.", where=at_line(file, 1))
    rest = lines[start][1].removeprefix("names:").strip()
    if rest:
        return [
            shown(_unquoted(word), at_line(file, lines[start][0])) for word in rest.strip("[]").split(",")
        ]
    names = []
    for line, text in lines[start + 1 :]:
        found = re.fullmatch(r"(?:\d+\s*:|-)\s*(.+)", text)
        if found is None:
            break
        names.append(shown(_unquoted(found[1]), at_line(file, line)))
    return names


def _unquoted(text: str) -> str:
    word = text.strip()
    if word.startswith('"'):
        try:
            return str(json.loads(word))
        except ValueError:
            return word.strip('"')
    return word.strip("'")


def _by_clip(folder: Path) -> dict[str, list[Path]]:
    """The files of each clip, by what stands before the number in their names."""
    clips: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*.txt"), key=lambda file: natural_key(file.name)):
        found = _NUMBERED.match(file.stem)
        if found is None:
            raise FormatError("its name does not end with the number of a frame.", where=file)
        clips.setdefault(found[1] or folder.resolve().name, []).append(file)
    return clips


def _frame_of(file: Path) -> int:
    found = _NUMBERED.match(file.stem)
    return int(found[2]) if found else 0


def _read(
    name: str, files: list[Path], names: list[str], size: tuple[int, int] | None, root: Path
) -> Job[AnnotatedClip]:
    image = _image(files[0], root)
    size = _size(image) or _size_beside(root / f"{name}.{SIDECAR}") or size
    if size is None:
        raise FormatError(
            "the size of the frames is needed and no image is there.",
            where=files[0],
            todo="Name the clip with --media.",
        )
    first = _frame_of(files[0])
    builders: dict[int, TrackBuilder] = {}
    meter = ProgressMeter(f"Reading {name}", len(files))
    for done, file in enumerate(files):
        if meter.due():
            yield meter.at(done)
        for line, text in numbered_lines(file):
            _take(at_line(file, line), text, _frame_of(file) - first, names, size, builders)
    length = whole_number(_frame_of(files[-1]) - first + 1, files[-1], 1, MAX_FRAMES)
    tracks, notes = built(list(builders.values()), length, files[0].parent)
    folder = image.parent if image is not None else referenced(root, f"{name}.")
    return AnnotatedClip(name, tracks, MediaHint(folder, size, length), files[0].parent, notes=notes)


def _take(
    where: str,
    text: str,
    frame: int,
    names: list[str],
    size: tuple[int, int],
    builders: dict[int, TrackBuilder],
) -> None:
    values = numbers_in(text, where)
    if len(values) != COLUMNS:
        what = (
            "a line has no track id."
            if len(values) == COLUMNS - 1
            else f"{len(values)} numbers where 6 are due."
        )
        raise FormatError(what, where=where, todo="Lines are: class cx cy w h track_id.")
    number = whole_number(values[0], where, 0, MAX_ID)
    if names and number >= len(names):
        raise FormatError(f"there is no class {number}.", where=where)
    cx, cy, width, height = values[1:5]
    box = checked_box(Box.from_shares(cx - width / 2, cy - height / 2, width, height, size), where)
    target = whole_number(values[5], where, 0, MAX_ID)
    label = label_of(names[number]) if names else str(number)
    builders.setdefault(target, TrackBuilder(target, label)).say(frame, box, where=where)


def _image(file: Path, root: Path) -> Path | None:
    """The image of a label file: in `images/` for `labels/`, or beside it."""
    parts = list(file.parts)
    at = len(parts) - 1 - parts[::-1].index("labels") if "labels" in parts else None
    folder = file.parent if at is None else Path(*parts[:at], "images", *parts[at + 1 : -1])
    if root not in folder.parents or not folder.is_dir():
        return None
    places = [folder / f"{file.stem}{end}" for end in sorted(IMAGE_SUFFIXES)]
    return next((place for place in places if place.is_file()), None)


def _size_beside(sidecar: Path) -> tuple[int, int] | None:
    """The size in the sidecar of an export by Thermark."""
    if not sidecar.is_file():
        return None
    media = read_json(sidecar).member("media")
    width, height = (media.member(key).whole(0, 1 << 16) for key in ("width", "height"))
    return (width, height) if width and height else None


def _size(image: Path | None) -> tuple[int, int] | None:
    if image is None:
        return None
    try:
        header = read_header(image.read_bytes())
    except (BrokenImageError, UnsupportedImageError, OSError) as error:
        raise FormatError(f"the image's size cannot be read ({error}).", where=image) from None
    return header.width, header.height
