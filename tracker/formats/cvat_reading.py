"""Reading of CVAT for video 1.1; see `tracker.formats.cvat` for what keyframes become."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from tracker.annotation.track import Presence, Provenance
from tracker.errors import FormatError
from tracker.formats.building import TrackBuilder
from tracker.formats.clips import built, label_of
from tracker.formats.format import AnnotatedClip, MediaHint
from tracker.formats.targets import media_in
from tracker.formats.text import MAX_FRAMES, MAX_ID, checked_box, number_in, shown, whole_number
from tracker.formats.xml_text import Element, XmlFile
from tracker.geometry import Box


@dataclass(frozen=True)
class _Shape:
    """A box as the file has it."""

    frame: int
    box: Box
    is_outside: bool
    is_occluded: bool
    is_key: bool


def read_file(path: Path, zero_based: bool) -> AnnotatedClip:
    """The clip of a file.

    Raises:
        FormatError: It is damaged, or about single images.
    """
    xml = XmlFile(path)
    if xml.root.tag != "annotations":
        raise FormatError(f"<annotations> is due, not <{xml.root.tag}>.", where=xml.where(xml.root))
    if xml.root.find("image") is not None:
        raise FormatError(
            "it is CVAT for images, which knows no targets.",
            where=xml.where(xml.root),
            todo="Export the task as CVAT for video 1.1.",
        )
    others = 0
    builders = []
    for element in xml.root.iter("track"):
        shapes = _shapes(xml, element, zero_based)
        others += len(element) - len(shapes)
        if shapes:
            builders.append(_builder(xml, element, shapes))
    length, size = _facts(xml)
    tracks, notes = built(builders, length, path)
    if others:
        notes += (f"{others} shapes that are no boxes were left out.",)
    media = MediaHint(media_in(path.parent, ("images",)), size, length)
    return AnnotatedClip(_name(xml), tracks, media, path, notes=notes)


def _name(xml: XmlFile) -> str:
    found = xml.root.find("./meta/task/name")
    name = "" if found is None else (found.text or "").strip()
    is_plain = name and name.isprintable() and len(name) < 200 and not set(name) & set('/\\:*?"<>|')
    return name if is_plain and name not in (".", "..") else xml.path.resolve().parent.name


def _facts(xml: XmlFile) -> tuple[int | None, tuple[int, int] | None]:
    """Number of frames and their size, where the task says them."""
    task = xml.root.find("./meta/task")
    if task is None:
        return None, None
    where = xml.where(task)
    text = xml.text(task, "size", "")
    length = whole_number(text, where, 0, MAX_FRAMES) if text else None
    size = task.find("original_size")
    if size is None:
        return length, None
    width, height = (
        whole_number(xml.text(size, tag), xml.where(size), 1, 1 << 16) for tag in ("width", "height")
    )
    return length, (width, height)


def _shapes(xml: XmlFile, track: Element, zero_based: bool) -> list[_Shape]:
    """The boxes of a track in the order of their frames."""
    shapes = [_shape(xml, element, zero_based) for element in track.iter("box")]
    return sorted(shapes, key=lambda shape: shape.frame)


def _shape(xml: XmlFile, element: Element, zero_based: bool) -> _Shape:
    where = xml.where(element)
    x1, y1, x2, y2 = (number_in(xml.attribute(element, name), where) for name in ("xtl", "ytl", "xbr", "ybr"))
    values = (x1, y1, x2 - x1, y2 - y1)
    degrees = number_in(element.get("rotation", "0"), where)
    if not math.isfinite(degrees):
        raise FormatError("the rotation is not finite.", where=where)
    box = Box(*values) if zero_based else Box.from_one_based(*values)
    checked_box(box, where)
    outside, occluded, key = (
        bool(whole_number(element.get(name, default), where, 0, 1))
        for name, default in (("outside", "0"), ("occluded", "0"), ("keyframe", "1"))
    )
    frame = whole_number(xml.attribute(element, "frame"), where, 0, MAX_FRAMES)
    return _Shape(frame, _upright(box, degrees), outside, occluded, key)


def _upright(box: Box, degrees: float) -> Box:
    """The box around a rectangle that CVAT turned about its centre."""
    if degrees == 0:
        return box
    cos, sin = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    width, height = box.width * cos + box.height * sin, box.width * sin + box.height * cos
    return Box.from_centre(*box.centre, width, height)


def _builder(xml: XmlFile, element: Element, shapes: list[_Shape]) -> TrackBuilder:
    where = xml.where(element)
    target = whole_number(xml.attribute(element, "id"), where, 0, MAX_ID)
    label = label_of(shown(xml.attribute(element, "label"), where))
    builder = TrackBuilder(target, label, _words(element, where))
    is_drawn = element.get("source") == "manual"
    with_box = [n for n, shape in enumerate(shapes) if not shape.is_outside]
    kept = shapes[with_box[0] : with_box[-1] + 1] if with_box else []
    for shape, after in zip(kept, [*kept[1:], None], strict=True):
        _say(builder, shape, is_drawn, where)
        if after is not None:
            _fill(builder, shape, after, is_drawn)
    return builder


def _say(builder: TrackBuilder, shape: _Shape, is_drawn: bool, where: str) -> None:
    if shape.is_outside:
        builder.say(shape.frame, None, Presence.ABSENT, where=where)
        return
    presence = Presence.OCCLUDED if shape.is_occluded else Presence.VISIBLE
    origin = Provenance.MANUAL if shape.is_key else Provenance.INTERPOLATED
    builder.say(shape.frame, shape.box, presence, origin if is_drawn else Provenance.IMPORTED, where=where)


def _fill(builder: TrackBuilder, before: _Shape, after: _Shape, is_drawn: bool) -> None:
    """What CVAT shows in frames that the file leaves out: a box on the way to the next, or none."""
    gap = after.frame - before.frame
    for i in range(1, gap):
        share = i / gap
        pairs = zip(before.box.as_tuple(), after.box.as_tuple(), strict=True)
        box = Box(*(a + share * (b - a) for a, b in pairs))
        shape = _Shape(before.frame + i, box, before.is_outside, before.is_occluded, False)
        _say(builder, shape, is_drawn, "")


def _words(element: Element, where: str) -> tuple[str, ...]:
    """Words of the attribute "attributes" as we write it; of others, name and value where it is not empty."""
    words: dict[str, None] = {}
    first = next(element.iter("box"), None)
    for attribute in () if first is None else first.iter("attribute"):
        name, value = attribute.get("name", ""), (attribute.text or "").strip()
        parts = value.split(",") if name == "attributes" else [f"{name}: {value}"] if value else []
        words |= dict.fromkeys(shown(part, where) for part in parts if part.strip())
    return tuple(words)
