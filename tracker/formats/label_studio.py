"""Label Studio video json: a task for each clip, a `videorectangle` for each target, coordinates in percent.

Fields as Label Studio exports them. Frames are counted from 1. `enabled` says that the box goes on to the next
entry (between both Label Studio interpolates), so the last box before a stretch without the target is disabled.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

from tracker.errors import FormatError
from tracker.formats.building import TrackBuilder
from tracker.formats.clips import built, class_name, frames_with_box, label_of, require_size
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
from tracker.formats.json_text import Node, begins_with, read_json
from tracker.formats.targets import referenced
from tracker.formats.text import MAX_FRAMES, checked_box, shown
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter

FILE = "tasks.json"
DECIMALS = 8  # of percent


class LabelStudio:
    """One file with a task for each clip; the clip's name stands where Label Studio has its address."""

    title = "Label Studio video"
    unit = Unit.CLIP
    images = ImageRule.REFERENCE
    is_zero_based = True
    carries = Carries(says_absence=False, label=True, attributes=None, ids=True)

    def home(self, stretch: Stretch) -> str:
        """The output itself."""
        del stretch
        return "."

    def image_path(self, stretch: Stretch, number: int) -> str:
        """In a folder for each clip."""
        return f"{stretch.name}/{number:06d}"

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write the file."""
        del options  # percent of the frame know no index base
        meter = ProgressMeter(f"Writing labels of {self.title}", sum(len(s.tracks) for s in stretches))
        done = 0
        with (folder / FILE).open("w", encoding="utf-8", newline="\n") as file:
            file.write("[")
            for n, stretch in enumerate(stretches):
                file.write((",\n" if n else "\n") + _task_head(n + 1, stretch))
                for m, track_result in enumerate(_results(stretch)):
                    file.write((",\n" if m else "\n") + json.dumps(track_result, allow_nan=False))
                    done += 1
                    yield meter.at(done)
                file.write("]}]}")
            file.write("\n]\n")

    def recognise(self, path: Path) -> bool:
        """A json with a videorectangle near its beginning."""
        return any(begins_with(file, ('"videorectangle"',), 1 << 20) for file in _files(path))

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read all tasks of a file.

        Raises:
            FormatError: It is damaged, or the size of the frames cannot be found out.
        """
        files = _files(path)
        if not files:
            raise FormatError(f"there is no {FILE}.", where=path)
        clips = []
        for file in files:
            tasks = list(read_json(file).items())
            meter = ProgressMeter(f"Reading {file.name}", len(tasks))
            for done, task in enumerate(tasks):
                yield meter.at(done)
                clips.append(_read(task, file, options.frame_size))
            yield meter.at(len(tasks))
        return clips


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix.lower() == ".json" else []
    return [path / FILE] if (path / FILE).is_file() else []


def _task_head(number: int, stretch: Stretch) -> str:
    """The beginning of a task, open where its results follow."""
    name = Path(stretch.media.path).name if stretch.media.kind == "video" else stretch.name
    head = {"id": number, "data": {"video": name, "name": stretch.name}}
    return json.dumps(head)[:-1] + ', "annotations": [{"result": ['


def _results(stretch: Stretch) -> Iterator[dict[str, object]]:
    size = require_size(stretch, LabelStudio.title)
    fps = stretch.media.fps or 25.0
    for track in stretch.tracks:
        frames = frames_with_box(track)
        known = set(frames)
        sequence: list[dict[str, object]] = []
        for i in frames:
            box = track.frames.box(i)
            if box is not None:
                x, y, width, height = (round(100 * share, DECIMALS) for share in box.to_shares(size))
                values = (x, y, max(width, 10.0**-DECIMALS), max(height, 10.0**-DECIMALS))  # a box stays one
                entry: dict[str, object] = {"frame": i + 1, "time": round((i + 1) / fps, 6), "rotation": 0}
                entry |= dict(zip(("x", "y", "width", "height"), values, strict=True))
                sequence.append(entry | {"enabled": i + 1 in known})
        yield {
            "id": f"track{track.id}",
            "type": "videorectangle",
            "from_name": "box",
            "to_name": "video",
            "original_width": size[0],
            "original_height": size[1],
            "meta": {"text": list(track.attributes)},
            "value": {
                "framesCount": len(stretch),
                "duration": round(len(stretch) / fps, 6),
                "labels": [class_name(track)],
                "sequence": sequence,
            },
        }


def _read(task: Node, file: Path, size: tuple[int, int] | None) -> AnnotatedClip:
    """A clip of a task: of its first annotation that was not cancelled."""
    results = list(_first_annotation(task).member("result").items())
    builders: list[TrackBuilder] = []
    length = 0
    others = 0
    for node in results:
        if node.member("type").value != "videorectangle":
            others += 1
            continue
        size = _size(node) or size
        if size is None:
            raise FormatError(
                "the size of the frames is needed to read percent.",
                where=node.where,
                todo="Name the clip with --media.",
            )
        value = node.member("value")
        count = value.get("framesCount")
        stated = 0 if count is None else count.whole(0, MAX_FRAMES)
        builders.append(_builder(node, value, len(builders) + 1, stated, size))
        length = max(length, stated)
    tracks, notes = built(builders, length, file)
    if others:
        notes += (f"{others} results that are no video rectangles were left out.",)
    name = _name(task, file)
    media = MediaHint(_media(task, file, name), size, length or None)
    return AnnotatedClip(name, tracks, media, file, notes=notes)


def _first_annotation(task: Node) -> Node:
    for node in (task.get("annotations") or task.member("predictions")).items():
        cancelled = node.get("was_cancelled")
        if cancelled is None or not cancelled.truth():
            return node
    raise task.error("the task has no annotation.")


def _size(node: Node) -> tuple[int, int] | None:
    width, height = node.get("original_width"), node.get("original_height")
    return (width.whole(1, 1 << 16), height.whole(1, 1 << 16)) if width and height else None


def _name(task: Node, file: Path) -> str:
    data = task.get("data")
    found = (data.get("name") or data.get("video")) if data is not None else None
    text = Path(found.word().replace("\\", "/")).name if found is not None else ""
    return Path(text).stem if "." in text else text or file.stem


def _media(task: Node, file: Path, name: str) -> Path | None:
    """The video beside the file, or where an export left it."""
    data = task.get("data")
    video = data.get("video") if data is not None else None
    beside = file.parent / Path(video.word().replace("\\", "/")).name if video is not None else None
    if beside is not None and beside.is_file():
        return beside
    return file.parent / name if (file.parent / name).is_dir() else referenced(file.parent, f"{name}.")


def _builder(node: Node, value: Node, number: int, length: int, size: tuple[int, int]) -> TrackBuilder:
    labels = value.get("labels")
    label = next((item.word() for item in labels.items()), "") if labels is not None else ""
    builder = TrackBuilder(_track_id(node, number), label_of(shown(label, node)), _words(node))
    entries = sorted((_entry(item, size) for item in value.member("sequence").items()), key=lambda e: e[0])
    for n, (frame, box, goes_on) in enumerate(entries):
        if frame in builder:
            raise value.error(f"there are two boxes of one target in frame {frame + 1}.")
        builder.say(frame, box)
        if not goes_on:
            continue
        stop, end = (entries[n + 1][0], entries[n + 1][1]) if n + 1 < len(entries) else (length, box)
        for i in range(frame + 1, stop):
            share = (i - frame) / (stop - frame)
            pairs = zip(box.as_tuple(), end.as_tuple(), strict=True)
            builder.say(i, Box(*(a + share * (b - a) for a, b in pairs)))
    return builder


def _entry(node: Node, size: tuple[int, int]) -> tuple[int, Box, bool]:
    """Frame index, box, and whether it goes on."""
    frame = node.member("frame").whole(1, MAX_FRAMES) - 1
    x, y, width, height = (node.member(key).number() / 100 for key in ("x", "y", "width", "height"))
    box = Box.from_shares(x, y, width, height, size)
    turned, enabled = node.get("rotation"), node.get("enabled")
    degrees = turned.number() if turned is not None else 0.0
    checked_box(box, node)
    if not math.isfinite(degrees):
        raise node.error("the rotation is not finite.")
    if degrees:
        box = Box.from_turned(*box.as_tuple(), degrees)
    return frame, box, enabled is None or enabled.truth()


def _track_id(node: Node, number: int) -> int:
    """The number in an id that Thermark has written, otherwise the place in the list."""
    found = node.get("id")
    match = re.fullmatch(r"track(\d{1,9})", str(found.value)) if found is not None else None
    return int(match[1]) if match else number


def _words(node: Node) -> tuple[str, ...]:
    meta = node.get("meta")
    text = meta.get("text") if meta is not None else None
    return tuple(shown(item.word(), item) for item in text.items()) if text is not None else ()
