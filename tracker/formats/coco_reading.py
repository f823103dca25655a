"""Reading of COCO-VID json, also of plain COCO whose annotations have a `track_id`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tracker.annotation.track import Presence
from tracker.formats.building import TrackBuilder
from tracker.formats.clips import built, label_of
from tracker.formats.format import AnnotatedClip, MediaHint
from tracker.formats.json_text import Node, read_json
from tracker.formats.targets import referenced
from tracker.formats.text import MAX_FRAMES, MAX_ID, checked_box, inside
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter

LARGEST_ID = 2**53


@dataclass
class _Video:
    """What is gathered about one clip."""

    name: str
    size: tuple[int, int] | None = None
    fps: float | None = None
    length: int = 0
    first_image: Node | None = None
    targets: dict[int, TrackBuilder] = field(default_factory=dict)
    images: int = 0


def read_file(path: Path, zero_based: bool) -> Job[list[AnnotatedClip]]:
    """All clips of a file.

    Raises:
        FormatError: It is damaged.
    """
    root = read_json(path)
    labels = {n.member("id").whole(0, LARGEST_ID): n.member("name").word() for n in _list(root, "categories")}
    videos = _videos(root, path)
    frames = _frames(root, videos)
    words = _attributes(root)
    annotations = list(root.member("annotations").items())
    meter = ProgressMeter(f"Reading {path.name}", len(annotations))
    for done, node in enumerate(annotations):
        if meter.due():
            yield meter.at(done)
        _take(node, frames, labels, words, zero_based)
    yield meter.at(len(annotations))
    return [_clip(video, path) for video in videos.values() if video.targets or video.images]


def _list(root: Node, key: str) -> Iterator[Node]:
    node = root.get(key)
    return iter(()) if node is None else node.items()


def _videos(root: Node, path: Path) -> dict[int, _Video]:
    """Clips by their id; 0 is what images without a clip belong to."""
    videos = {0: _Video(path.stem)}
    for node in _list(root, "videos"):
        width, height, fps = node.get("width"), node.get("height"), node.get("fps")
        size = (width.whole(1, 1 << 16), height.whole(1, 1 << 16)) if width and height else None
        name = node.member("name").word()
        inside(Path(), name, node)
        video = _Video(name.rsplit("/", 1)[-1], size, None if fps is None else fps.number())
        length = node.get("length")
        video.length = 0 if length is None else length.whole(0, MAX_FRAMES)
        videos[node.member("id").whole(0, LARGEST_ID)] = video
    return videos


def _frames(root: Node, videos: dict[int, _Video]) -> dict[int, tuple[_Video, int]]:
    """Clip and frame index of each image, by its id."""
    frames: dict[int, tuple[_Video, int]] = {}
    for node in root.member("images").items():
        video_id = node.get("video_id")
        number = 0 if video_id is None else video_id.whole(0, LARGEST_ID)
        if number not in videos:
            raise node.error(f"there is no video {number}.")
        video = videos[number]
        stated = node.get("frame_id") or node.get("frame_index")
        frame = video.images if stated is None else stated.whole(0, MAX_FRAMES)
        video.images += 1
        video.length = max(video.length, frame + 1)
        if frame == 0 or video.first_image is None:
            video.first_image = node
        frames[node.member("id").whole(0, LARGEST_ID)] = (video, frame)
    return frames


def _attributes(root: Node) -> dict[int, tuple[str, ...]]:
    """Words about tracks, by track number."""
    words = {}
    for node in _list(root, "tracks"):
        found = node.get("attributes")
        if found is not None:
            words[node.member("id").whole(0, LARGEST_ID)] = tuple(item.word() for item in found.items())
    return words


def _take(
    node: Node,
    frames: dict[int, tuple[_Video, int]],
    labels: dict[int, str],
    words: dict[int, tuple[str, ...]],
    zero_based: bool,
) -> None:
    image, category = node.member("image_id").whole(0, LARGEST_ID), node.member("category_id")
    if image not in frames:
        raise node.error(f"there is no image {image}.")
    label = labels.get(category.whole(0, LARGEST_ID))
    if label is None:
        raise category.error(f"there is no category {category.value}.")
    video, frame = frames[image]
    target = _target(node)
    bbox = node.member("bbox")
    x, y, width, height = bbox.numbers(4)
    box = Box(x, y, width, height) if zero_based else Box.from_one_based(x, y, width, height)
    builder = video.targets.setdefault(target, TrackBuilder(target, label_of(label), words.get(target, ())))
    presence = Presence.OCCLUDED if _is_occluded(node) else Presence.VISIBLE
    checked_box(box, bbox)
    if frame in builder:
        raise node.error(f"there are two boxes of target {target} in one frame.")
    builder.say(frame, box, presence)


def _target(node: Node) -> int:
    attributes = node.get("attributes")
    places = [
        node.get("track_id"),
        node.get("instance_id"),
        attributes.get("track_id") if attributes else None,
    ]
    found = next((place for place in places if place is not None), None)
    if found is None:
        raise node.error(
            "it has neither track_id nor instance_id: detections of single images are no tracks."
        )
    return found.whole(0, MAX_ID)


def _is_occluded(node: Node) -> bool:
    attributes = node.get("attributes")
    found = attributes.get("occluded") if attributes is not None else None
    return found is not None and found.truth()


def _clip(video: _Video, path: Path) -> AnnotatedClip:
    tracks, notes = built(list(video.targets.values()), video.length, path)
    media = MediaHint(_media(video, path), video.size, video.length, video.fps)
    return AnnotatedClip(video.name, tracks, media, path, notes=notes)


def _media(video: _Video, path: Path) -> Path | None:
    """The folder of the clip's images, where they are."""
    if video.first_image is None:
        return None
    name = video.first_image.member("file_name")
    roots = [path.parent.parent / "images" / path.stem.removeprefix("instances_")]
    roots += [path.parent.parent / "images", path.parent / "images", path.parent.parent, path.parent]
    for root in roots:
        found = inside(root, name.word(), name)
        if found.is_file():
            return found.parent
    return referenced(path.parent.parent, f"{video.name}.")
