"""ILSVRC-VID: one xml for each frame in `Annotations/VID/train/SET/CLIP/`, images in `Data/VID/train/SET/CLIP/`.

Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015. The training input of MLSSNet
and of the SiamFC family, whose preparation reads whole numbers (pysot `parse_vid.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from tracker.annotation.track import Presence, Provenance
from tracker.errors import FormatError
from tracker.formats.building import TrackBuilder
from tracker.formats.clips import built, class_name, label_of, require_size
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
from tracker.formats.json_text import begins_with
from tracker.formats.targets import media_in
from tracker.formats.text import MAX_FRAMES, MAX_ID, checked_box, number_in, shown, whole_number
from tracker.formats.xml_text import Element, XmlFile, escape
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter
from tracker.media.images import natural_key

LABELS = "Annotations/VID/train/ILSVRC2015_VID_train_0000"
IMAGES = "Data/VID/train/ILSVRC2015_VID_train_0000"
PREFIX = "ILSVRC2015_train_"  # loaders look for folders that begin so
MANY_FOLDERS = 200_000
DEPTH = 5  # Annotations/VID/train/SET/CLIP
MOST_VISITS = 500  # folders, to find out what something is


class IlsvrcVid:
    """The layout of ILSVRC-VID.

    Boxes are rounded to whole pixels, as readers take them; pixels are counted from 0, xmax and ymax are the
    right and lower edge. `generated` is 0 for boxes drawn by hand, else 1; on import it is not looked at, since
    in the original set it says nothing certain.
    """

    title = "ILSVRC-VID"
    unit = Unit.CLIP
    images = ImageRule.COPY
    is_zero_based = True
    carries = Carries(decimals=0, says_absence=False, occlusion=True, label=True, ids=True)

    def home(self, stretch: Stretch) -> str:
        """The folder of the clip's xml files."""
        return f"{LABELS}/{_folder_name(stretch)}"

    def image_path(self, stretch: Stretch, number: int) -> str:
        """Numbered from 0, with six digits."""
        return f"{IMAGES}/{_folder_name(stretch)}/{number - 1:06d}"

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write a file for each frame, also where no target is in it."""
        meter = ProgressMeter(f"Writing labels of {self.title}", sum(map(len, stretches)))
        done = 0
        for stretch in stretches:
            require_size(stretch, self.title)
            boxes = [_rounded(track.frames.boxes, options.zero_based) for track in stretch.tracks]
            place = folder / self.home(stretch)
            for frame in range(len(stretch)):
                (place / f"{frame:06d}.xml").write_text(_frame(stretch, frame, boxes), encoding="utf-8")
                done += 1
                if meter.due():
                    yield meter.at(done)
        yield meter.at(done)

    def recognise(self, path: Path) -> bool:
        """Folders with files that begin with <annotation>."""
        folder = next(iter(_folders(path, most=1, visits=MOST_VISITS)), None) if path.is_dir() else None
        return folder is not None and begins_with(min(folder.glob("*.xml")), ("<annotation>",), 4096)

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read all clips below a folder.

        Raises:
            FormatError: A file is damaged, or there is none.
        """
        folders = _folders(path, MANY_FOLDERS)
        if not folders:
            raise FormatError("there are no xml files of frames.", where=path)
        zero_based = self.is_zero_based if options.zero_based is None else options.zero_based
        clips: list[AnnotatedClip] = []
        for folder in folders:
            clips += [(yield from _read(folder, zero_based))]
        return clips


def _folder_name(stretch: Stretch) -> str:
    return stretch.name if stretch.name.startswith("ILSVRC") else PREFIX + stretch.name


def _rounded(boxes: np.ndarray[tuple[int, ...], np.dtype[np.float64]], zero_based: bool) -> list[list[float]]:
    """(n, 4) xmin, ymin, xmax, ymax, whole; NaN rows where there is no box; never without area."""
    low = np.round(boxes[:, :2])
    high = np.maximum(np.round(boxes[:, :2] + boxes[:, 2:]), low + 1)
    edges: list[list[float]] = (np.hstack((low, high)) + (not zero_based)).tolist()
    return edges


def _frame(stretch: Stretch, frame: int, boxes: list[list[list[float]]]) -> str:
    width, height = stretch.media.size
    objects = [
        _object(track.id, class_name(track), boxes[n][frame], *track.frames.rows[frame].item()[3:])
        for n, track in enumerate(stretch.tracks)
        if track.frames.box(frame) is not None
    ]
    return (
        f"<annotation>\n\t<folder>{escape(_folder_name(stretch))}</folder>\n\t<filename>{frame:06d}</filename>\n"
        "\t<source><database>Thermark</database></source>\n"
        f"\t<size><width>{width}</width><height>{height}</height></size>\n{''.join(objects)}</annotation>\n"
    )


def _object(target: int, name: str, edges: list[float], provenance: int, presence: int) -> str:
    xmin, ymin, xmax, ymax = map(int, edges)
    return (
        f"\t<object>\n\t\t<trackid>{target}</trackid>\n\t\t<name>{escape(name)}</name>\n\t\t<bndbox>"
        f"<xmax>{xmax}</xmax><xmin>{xmin}</xmin><ymax>{ymax}</ymax><ymin>{ymin}</ymin></bndbox>\n"
        f"\t\t<occluded>{int(presence == Presence.OCCLUDED)}</occluded>\n"
        f"\t\t<generated>{int(provenance != Provenance.MANUAL)}</generated>\n\t</object>\n"
    )


def _folders(path: Path, most: int, visits: int | None = None) -> list[Path]:
    """Folders with xml files, at most so many, looked for in so many folders and as deep as the set has them."""
    found: list[Path] = []
    for number, (folder, inner, files) in enumerate(os.walk(path)):
        if number == visits:
            break
        inner.sort(key=natural_key)
        if len(Path(folder).relative_to(path).parts) >= DEPTH:
            inner.clear()
        if any(name.endswith(".xml") for name in files):
            found.append(Path(folder))
        if len(found) >= most:
            break
    return found


def _read(folder: Path, zero_based: bool) -> Job[AnnotatedClip]:
    files = sorted(folder.glob("*.xml"), key=lambda file: natural_key(file.name))
    first = _number(files[0], 0)
    builders: dict[int, TrackBuilder] = {}
    size: tuple[int, int] | None = None
    length = 0
    meter = ProgressMeter(f"Reading {folder.name}", len(files))
    for done, file in enumerate(files):
        if meter.due():
            yield meter.at(done)
        frame = _number(file, done + first) - first
        length = max(length, frame + 1)
        xml = XmlFile(file)
        if xml.root.tag != "annotation":
            raise FormatError(f"<annotation> is due, not <{xml.root.tag}>.", where=xml.where(xml.root))
        size = size or _size(xml)
        for element in xml.root.iter("object"):
            _take(xml, element, frame, builders, zero_based)
    tracks, notes = built(list(builders.values()), length, folder)
    media = MediaHint(_media(folder), size, length)
    return AnnotatedClip(folder.resolve().name, tracks, media, folder, notes=notes)


def _number(file: Path, default: int) -> int:
    """The frame number in a file's name."""
    return whole_number(file.stem, file, 0, MAX_FRAMES) if file.stem.isdecimal() else default


def _size(xml: XmlFile) -> tuple[int, int] | None:
    element = xml.root.find("size")
    if element is None:
        return None
    where = xml.where(element)
    width, height = (whole_number(xml.text(element, tag), where, 0, 1 << 16) for tag in ("width", "height"))
    return (width, height) if width and height else None


def _take(
    xml: XmlFile, element: Element, frame: int, builders: dict[int, TrackBuilder], zero_based: bool
) -> None:
    where = xml.where(element)
    target = whole_number(xml.text(element, "trackid"), where, 0, MAX_ID)
    outline = element.find("bndbox")
    if outline is None:
        raise FormatError("<bndbox> is missing.", where=where)
    at = xml.where(outline)
    x1, y1, x2, y2 = (number_in(xml.text(outline, tag), at) for tag in ("xmin", "ymin", "xmax", "ymax"))
    values = (x1, y1, x2 - x1, y2 - y1)
    box = checked_box(Box(*values) if zero_based else Box.from_one_based(*values), at)
    is_occluded = whole_number(xml.text(element, "occluded", "0"), where, 0, 1)
    label = label_of(shown(xml.text(element, "name", ""), where))
    builder = builders.setdefault(target, TrackBuilder(target, label))
    builder.say(frame, box, Presence.OCCLUDED if is_occluded else Presence.VISIBLE, where=where)


def _media(folder: Path) -> Path | None:
    """`Data/...` for `Annotations/...`, images beside the files, or none."""
    parts = folder.resolve().parts
    if "Annotations" in parts:
        at = len(parts) - 1 - parts[::-1].index("Annotations")
        images = Path(*parts[:at], "Data", *parts[at + 1 :])
        if images.is_dir():
            return images
    return media_in(folder, ("img", ""))
