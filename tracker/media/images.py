"""A folder of images as a clip, its frames in the natural order of the file names."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import MediaError
from tracker.jobs import Job, ProgressMeter
from tracker.media.content_hash import SequenceHash, folder_fingerprint
from tracker.media.facts import NO_FACTS, SensorFacts, facts_from
from tracker.media.flir_image import thermal_counts, thermal_facts
from tracker.media.image_header import BrokenImageError, ImageHeader, UnsupportedImageError, read_header
from tracker.media.index_cache import IndexCache
from tracker.media.indexed import FrameIndex, IndexedSource
from tracker.media.source import Counts
from tracker.opencv import cv2

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"})

_INDEX_SUFFIX = "v2.images.json"
_MAX_FILE_BYTES = 1 << 30
# How many images with colour channels are looked at to find out whether they show colour.
_COLOUR_SAMPLES = 16
# JPEG leaves the colours of gray footage a step or two apart.
_NEUTRAL_TOLERANCE = 6

Samples = NDArray[Any]


@dataclass(frozen=True)
class ImageIndex(FrameIndex):
    """What the scan of an image folder found out; the content hash is over the files' names and bytes.

    Attributes:
        facts: What the first radiometric image says about the camera.
    """

    facts: SensorFacts = NO_FACTS


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """A sort key that puts img2 before img10, whatever the case of the letters."""
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts], name


def open_images(folder: Path, cache: IndexCache) -> Job[ImageFolder]:
    """Open an image folder as a job; read all its files where that was not done before.

    Raises:
        MediaError: The folder cannot be read or has no images, or they differ in size or are of no use.
    """
    files = _image_files(folder)
    try:
        fingerprint = folder_fingerprint(files)
    except OSError as error:
        raise MediaError(
            f"cannot be looked at ({error.strerror}).", where=error.filename or folder
        ) from error
    content_hash = cache.remembered(folder, fingerprint)
    index = _stored_index(cache, content_hash, len(files)) if content_hash else None
    if index is None:
        index = yield from _scan(folder, files)
        cache.save(index.content_hash, _INDEX_SUFFIX, json.dumps(asdict(index)).encode())
        cache.remember(folder, fingerprint, index.content_hash)
    return ImageFolder(folder, files, index)


class ImageFolder(IndexedSource):
    """A folder of images. Implements `FrameSource`.

    Args:
        folder: The folder.
        files: Its images, in the order they are shown.
        index: What the scan found out about them.
    """

    kind = "images"

    def __init__(self, folder: Path, files: Sequence[Path], index: ImageIndex) -> None:
        super().__init__(folder, index)
        self._files, self._index = files, index

    @property
    def facts(self) -> SensorFacts:
        """What the images say about their camera."""
        return self._index.facts

    def file(self, index: int) -> Path:
        """The image file of a frame."""
        return self._files[index]

    def reopen(self) -> ImageFolder:
        """An independent reader of the same folder, for another thread."""
        return self._telling(ImageFolder(self.path, self._files, self._index))

    def close(self) -> None:
        """Nothing is held open."""

    def decode(self, index: int) -> Counts | None:
        """The counts of an image; None where it is broken."""
        path = self._files[index]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise MediaError(
                f"the image cannot be read any more ({error.strerror}).",
                where=path,
                todo="Open the clip again.",
            ) from error
        return decode_image(data, self.channels)


def decode_image(data: bytes, channels: int) -> Samples | None:
    """Decode an image as it is stored: no rotation, no scaling of values, alpha left out; radiometric ones to counts.

    Args:
        data: The bytes of the file.
        channels: 1 for (H, W), 3 for (H, W, 3) RGB.

    Returns:
        None where the image is broken.
    """
    # The luma of a JPEG is exact; its way through RGB is not.
    is_jpeg = data.startswith(b"\xff\xd8")
    thermal = thermal_counts(data) if is_jpeg else None
    if thermal is not None:
        return thermal if channels == 1 else np.dstack((thermal,) * 3)
    is_luma = channels == 1 and is_jpeg
    flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION if is_luma else cv2.IMREAD_UNCHANGED
    try:
        samples: Samples | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    if samples is None:
        return None
    if samples.ndim == 2:
        return samples if channels == 1 else np.dstack((samples,) * 3)
    return np.ascontiguousarray(samples[..., 1] if channels == 1 else samples[..., 2::-1])


def _image_files(folder: Path) -> list[Path]:
    """The images of a folder in natural order; hidden and other files are passed over."""
    try:
        found = [path for path in folder.iterdir() if is_image(path)]
    except OSError as error:
        raise MediaError(f"the folder cannot be read ({error.strerror}).", where=folder) from error
    if not found:
        raise MediaError("the folder has no images.", where=folder, todo=_where_images_are(folder))
    return sorted(found, key=lambda path: natural_key(path.name))


def is_image(path: Path) -> bool:
    """Whether a file is a frame of an image folder."""
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()


def _where_images_are(folder: Path) -> str:
    inner = [
        path for path in sorted(folder.iterdir()) if path.is_dir() and any(map(is_image, path.iterdir()))
    ]
    return f"Open {inner[0]} instead." if inner else "Choose a folder of JPEG, PNG, BMP or TIFF images."


def _stored_index(cache: IndexCache, content_hash: str, count: int) -> ImageIndex | None:
    try:
        values = json.loads(cache.load(content_hash, _INDEX_SUFFIX) or b"")
        index = ImageIndex(**{**values, "bad": tuple(values["bad"]), "facts": facts_from(values["facts"])})
        is_sound = (index.content_hash, index.count) == (content_hash, count) and index.is_sound
    except (ValueError, KeyError, TypeError):
        return None
    return index if is_sound else None


def _scan(folder: Path, files: Sequence[Path]) -> Job[ImageIndex]:
    digest, headers = SequenceHash(), list[ImageHeader | None]()
    meter = ProgressMeter(f"Scanning {folder.name}", len(files))
    first: tuple[Path, ImageHeader] | None = None
    for path in files:
        if meter.due():
            yield meter.at(len(headers))
        header = _examine(path, digest)
        if header is not None:
            first = first or (path, header)
            _require_alike(path, header, *first)
        headers.append(header)
    yield meter.at(len(headers))
    if first is None:
        raise MediaError("none of its images can be read.", where=folder, todo="Copy them again.")
    return _index(folder, files, headers, first[1], digest.hexdigest())


def _examine(path: Path, digest: SequenceHash) -> ImageHeader | None:
    """The header of an image, None where it is broken; its bytes go into the digest."""
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise MediaError("the image is too large to be read.", where=path)
        data = path.read_bytes()
    except OSError:
        digest.add(path.name, None)
        return None
    digest.add(path.name, data)
    try:
        return read_header(data)
    except BrokenImageError:
        return None
    except UnsupportedImageError as error:
        raise MediaError(
            f"the image {error}.", where=path, todo="Convert the images, or leave it out."
        ) from None


def _require_alike(path: Path, header: ImageHeader, first_path: Path, first: ImageHeader) -> None:
    for what, mine, other in (
        ("size", f"{header.width} x {header.height} pixels", f"{first.width} x {first.height}"),
        ("depth", f"{header.bits} bits", f"{first.bits}"),
    ):
        if mine.split()[:3:2] != other.split()[:3:2]:
            raise MediaError(
                f"the image has {mine}, but {first_path.name} has {other}.",
                where=path,
                todo=f"Put images of one {what} into the folder.",
            )


def _index(
    folder: Path,
    files: Sequence[Path],
    headers: list[ImageHeader | None],
    first: ImageHeader,
    content_hash: str,
) -> ImageIndex:
    bad = {k for k, header in enumerate(headers) if header is None}
    coloured = [k for k, header in enumerate(headers) if header is not None and header.channels == 3]
    good = [k for k, header in enumerate(headers) if header is not None]
    colours = {k: _shows_colour(files[k]) for k in _spread(coloured or good, _COLOUR_SAMPLES)}
    bad |= {k for k, colour in colours.items() if colour is None}
    if bad.issuperset(colours):
        raise MediaError("its images cannot be decoded.", where=folder, todo="Convert them to PNG.")
    channels = 3 if any(colours.values()) else 1
    return ImageIndex(
        content_hash,
        len(files),
        first.width,
        first.height,
        first.bits,
        channels,
        tuple(sorted(bad)),
        thermal_facts(files[good[0]].read_bytes()),
    )


def _spread(indices: list[int], count: int) -> list[int]:
    """At most `count` of the indices, evenly spread, the first and the last among them."""
    places = np.unique(np.linspace(0, len(indices) - 1, count).round().astype(int))
    return [indices[place] for place in places]


def _shows_colour(path: Path) -> bool | None:
    """Whether an image has colour; None where it cannot be decoded."""
    rgb = decode_image(path.read_bytes(), channels=3)
    if rgb is None:
        return None
    tolerance = _NEUTRAL_TOLERANCE << (8 * rgb.itemsize - 8)
    return int((rgb.max(axis=2) - rgb.min(axis=2)).max()) > tolerance
