"""COCO-VID json: `videos`, `images` with frame numbers, `annotations` with targets.

Lin et al., "Microsoft COCO", ECCV 2014, with the fields of MMTracking (`instance_id`, `frame_id`) and of TAO
(`tracks`, `track_id`). Written where Datumaro and CVAT look: `annotations/instances_default.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tracker.annotation.track import Presence
from tracker.errors import FormatError
from tracker.formats.clips import class_name, classes_of, frames_with_box, require_size
from tracker.formats.coco_reading import read_file
from tracker.formats.format import AnnotatedClip, Carries, ImageRule, ReadOptions, Stretch, Unit, WriteOptions
from tracker.formats.json_text import begins_with
from tracker.formats.rectangles import rectangles
from tracker.jobs import Job, ProgressMeter

FILE = "annotations/instances_default.json"


class CocoVid:
    """One file for all clips; pixels are counted from 0."""

    title = "COCO-VID"
    unit = Unit.CLIP
    images = ImageRule.COPY
    is_zero_based = True
    carries = Carries(says_absence=False, occlusion=True, label=True, attributes=None, ids=True)

    def home(self, stretch: Stretch) -> str:
        """The output itself: its file is about all clips."""
        del stretch
        return "."

    def image_path(self, stretch: Stretch, number: int) -> str:
        """In a folder for each clip, with six digits."""
        return f"images/default/{stretch.name}/{number:06d}"

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write the file, an annotation after the other: it may be large."""
        path = folder / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        classes = classes_of(stretches)
        tracks = _Numbers(stretches)
        meter = ProgressMeter(f"Writing labels of {self.title}", sum(map(len, stretches)))
        with path.open("w", encoding="utf-8", newline="\n") as file:
            head = {
                "info": {"description": "written by Thermark"},
                "licenses": [],
                "categories": [{"id": i, "name": name} for i, name in enumerate(classes, start=1)],
                "videos": [_video(i, stretch) for i, stretch in enumerate(stretches, start=1)],
                "tracks": [*_tracks(stretches, classes, tracks)],
            }
            file.write(json.dumps(head, allow_nan=False)[:-1] + ', "images": [\n')
            yield meter.at(0)
            _write_items(file, _images(stretches, options.image_suffix, self))
            file.write('], "annotations": [\n')
            yield meter.at(sum(map(len, stretches)) // 2)
            _write_items(file, _annotations(stretches, classes, tracks, options.zero_based))
            file.write("]}\n")
        yield meter.at(sum(map(len, stretches)))

    def recognise(self, path: Path) -> bool:
        """A json that begins with its lists, alone or in `annotations/`."""
        return any(begins_with(file, ('"images"', '"videos"', '"categories"')) for file in _files(path))

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read all clips of a file, or of the files in `annotations/`.

        Raises:
            FormatError: A file is damaged, or there is none.
        """
        files = _files(path)
        if not files:
            raise FormatError("there is no annotations/*.json.", where=path)
        zero_based = self.is_zero_based if options.zero_based is None else options.zero_based
        clips: list[AnnotatedClip] = []
        for file in files:
            clips += yield from read_file(file, zero_based)
        return clips


class _Numbers:
    """Numbers of tracks, unique in the file: their ids where it has one clip."""

    def __init__(self, stretches: list[Stretch]) -> None:
        pairs = [(s.name, track.id) for s in stretches for track in s.tracks]
        is_one = len(stretches) == 1
        self._numbers = {pair: pair[1] if is_one else n for n, pair in enumerate(pairs, start=1)}

    def of(self, stretch: Stretch, track_id: int) -> int:
        return self._numbers[stretch.name, track_id]


def _write_items(file: TextIO, items: Iterator[dict[str, object]]) -> None:
    for n, item in enumerate(items):
        file.write((",\n" if n else "") + json.dumps(item, allow_nan=False))


def _video(number: int, stretch: Stretch) -> dict[str, object]:
    width, height = require_size(stretch, CocoVid.title)
    video = {"id": number, "name": stretch.name, "width": width, "height": height, "length": len(stretch)}
    return video | ({"fps": stretch.media.fps} if stretch.media.fps else {})


def _tracks(stretches: list[Stretch], classes: list[str], numbers: _Numbers) -> Iterator[dict[str, object]]:
    for video, stretch in enumerate(stretches, start=1):
        for track in stretch.tracks:
            yield {
                "id": numbers.of(stretch, track.id),
                "video_id": video,
                "category_id": classes.index(class_name(track)) + 1,
                "attributes": list(track.attributes),
            }


def _images(stretches: list[Stretch], suffix: str, format_: CocoVid) -> Iterator[dict[str, object]]:
    number = 0
    for video, stretch in enumerate(stretches, start=1):
        for frame in range(len(stretch)):
            number += 1
            name = format_.image_path(stretch, frame + 1).removeprefix("images/default/")
            yield {
                "id": number,
                "video_id": video,
                "frame_id": frame,
                "frame_index": frame,
                "file_name": name + suffix,
                "width": stretch.media.width,
                "height": stretch.media.height,
            }


def _annotations(
    stretches: list[Stretch], classes: list[str], numbers: _Numbers, zero_based: bool
) -> Iterator[dict[str, object]]:
    number, first = 0, 1
    for video, stretch in enumerate(stretches, start=1):
        for track in stretch.tracks:
            boxes = rectangles(track.frames, zero_based=zero_based).tolist()
            category = classes.index(class_name(track)) + 1
            target = numbers.of(stretch, track.id)
            for i in frames_with_box(track):
                number += 1
                is_occluded = bool(track.frames.presence[i] == Presence.OCCLUDED)
                yield {
                    "id": number,
                    "image_id": first + i,
                    "video_id": video,
                    "category_id": category,
                    "instance_id": target,
                    "track_id": target,
                    "bbox": boxes[i],
                    "area": round(boxes[i][2] * boxes[i][3], 4),
                    "iscrowd": 0,
                    "segmentation": [],
                    "attributes": {"occluded": is_occluded, "track_id": target},
                }
        first += len(stretch)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix.lower() == ".json" else []
    found = sorted(path.glob("annotations/*.json")) or sorted(path.glob("*.json"))
    return [file for file in found if not file.name.endswith("provenance.json")]
