"""FLIR's container of one thermal image, FFF: a directory of records, among them the counts and the camera's data.

It lies in the APP1 segments of radiometric JPEGs, and one after another in SEQ and CSQ files. FLIR has not published
it; what is used here is what ExifTool documents ("FLIR Tags", https://exiftool.org/TagNames/FLIR.html). Nothing in a
file is believed: every place is looked at only where the file has it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tracker.media.facts import PlanckFacts

Peek: TypeAlias = Callable[[int, int], bytes]
"""(start, count) to the bytes of an FFF block there, counted from its beginning; fewer where it ends."""

HEADER_BYTES = 64
# A version from 100 to 199 in either byte order tells a header from pixels that happen to spell FFF.
HEADER = re.compile(rb"[AF]FF\0.{16}(?:[\x64-\xc7]\0\0\0|\0\0\0[\x64-\xc7])", re.DOTALL)

_MOST_RECORDS = 1024
_MOST_SIDE = 1 << 12
_RAW_DATA, _CAMERA_INFO = 1, 32
_ENTRY_BYTES, _RAW_HEADER_BYTES, _CAMERA_BYTES = 32, 32, 0x466
_PLANCK_END = 0x310


class FlirError(ValueError):
    """The bytes are no thermal image of FLIR's; the text says why."""


@dataclass(frozen=True)
class CameraInfo:
    """What the camera wrote beside the counts.

    Attributes:
        model: Of the camera; may be empty.
        planck: Calibration and conditions; None where they cannot be used.
        taken: Seconds since 1970 at which the frame was taken; None where unknown.
        fps: Nominal frames per second; None where unknown.
    """

    model: str = ""
    planck: PlanckFacts | None = None
    taken: float | None = None
    fps: float | None = None


@dataclass(frozen=True)
class FlirFrame:
    """Where the parts of a thermal image lie, counted from the beginning of its FFF block.

    Attributes:
        width: Pixels.
        height: Pixels.
        is_big_endian: Byte order of counts that are stored plainly.
        start: Of the payload: counts, or a PNG or JPEG-LS image of them.
        length: Bytes of the payload.
        stop: Where the last record of the block ends.
        camera: What the camera wrote.
    """

    width: int
    height: int
    is_big_endian: bool
    start: int
    length: int
    stop: int
    camera: CameraInfo


@dataclass(frozen=True)
class _Record:
    kind: int
    start: int
    length: int


def read_frame(peek: Peek) -> FlirFrame:
    """Read the directory of an FFF block, and the heads of the records that matter.

    Args:
        peek: Gives bytes of the block.

    Raises:
        FlirError: It is no FFF block, has no thermal image, or ends too early.
    """
    records = _directory(peek)
    raw = next((record for record in records if record.kind == _RAW_DATA), None)
    if raw is None:
        raise FlirError("it has no thermal image")
    mark, width, height = _unpack(peek, raw.start, "<HHH")
    is_big_endian = mark >= 0x100  # the mark is 2
    if is_big_endian:
        width, height = _unpack(peek, raw.start + 2, ">HH")
    if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE) or raw.length <= _RAW_HEADER_BYTES:
        raise FlirError(f"its thermal image has {width} x {height} pixels in {raw.length} bytes")
    camera = next((record for record in records if record.kind == _CAMERA_INFO), None)
    return FlirFrame(
        width,
        height,
        is_big_endian,
        start=raw.start + _RAW_HEADER_BYTES,
        length=raw.length - _RAW_HEADER_BYTES,
        stop=max(record.start + record.length for record in records),
        camera=CameraInfo()
        if camera is None
        else _camera(peek(camera.start, min(camera.length, _CAMERA_BYTES))),
    )


def _directory(peek: Peek) -> list[_Record]:
    header = peek(0, HEADER_BYTES)
    if len(header) < HEADER_BYTES or not HEADER.match(header):
        raise FlirError("it does not begin as FLIR's files do")
    order = "<" if 100 <= struct.unpack_from("<I", header, 0x14)[0] < 200 else ">"
    place, count = struct.unpack_from(f"{order}II", header, 0x18)
    if not 0 < count <= _MOST_RECORDS:
        raise FlirError(f"its directory says to have {count} records")
    entries = peek(place, count * _ENTRY_BYTES)
    if len(entries) < count * _ENTRY_BYTES:
        raise FlirError("its directory is cut off")
    found = [struct.unpack_from(f"{order}HHIIII", entries, n * _ENTRY_BYTES) for n in range(count)]
    return [_Record(kind, start, length) for kind, _, _, _, start, length in found if kind]


def _unpack(peek: Peek, start: int, form: str) -> tuple[int, ...]:
    data = peek(start, struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise FlirError("a record is cut off")
    return struct.unpack(form, data)


def _camera(data: bytes) -> CameraInfo:
    """The camera's record; what it is too short for stays unknown."""
    if len(data) < _PLANCK_END:
        return CameraInfo()
    order = "<" if struct.unpack_from("<H", data)[0] < 0x100 else ">"
    model = data[0xD4:0xF4].split(b"\0")[0].decode("ascii", "replace").strip()
    planck = _planck(data, order)
    return CameraInfo(model, planck if planck.is_usable else None, _taken(data, order), _fps(data, order))


def _planck(data: bytes, order: str) -> PlanckFacts:
    emissivity, distance, reflected, atmosphere = struct.unpack_from(f"{order}4f", data, 0x20)
    (humidity,) = struct.unpack_from(f"{order}f", data, 0x3C)
    r1, b, f = struct.unpack_from(f"{order}3f", data, 0x58)
    alpha1, alpha2, beta1, beta2, x = struct.unpack_from(f"{order}5f", data, 0x70)
    o, r2 = struct.unpack_from(f"{order}if", data, 0x308)
    return PlanckFacts(
        **{"r1": r1, "r2": r2, "b": b, "f": f, "o": float(o)},
        **{"emissivity": emissivity, "distance": distance, "reflected": reflected, "atmosphere": atmosphere},
        humidity=humidity / 100 if humidity > 2 else humidity,  # some write it in per cent
        **{"alpha1": alpha1, "alpha2": alpha2, "beta1": beta1, "beta2": beta2, "x": x},
    )


def _taken(data: bytes, order: str) -> float | None:
    if len(data) < 0x38E:
        return None
    seconds, parts = struct.unpack_from(f"{order}II", data, 0x384)
    milliseconds = parts & 0xFFFF
    return seconds + milliseconds / 1000 if seconds and milliseconds < 1000 else None


def _fps(data: bytes, order: str) -> float | None:
    if len(data) < _CAMERA_BYTES:
        return None
    (rate,) = struct.unpack_from(f"{order}H", data, 0x464)
    return float(rate) if 0 < rate <= 1000 else None
