"""Small files as FLIR's cameras write them, made from what ExifTool documents of the format."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from tracker.media.facts import PlanckFacts
from tracker.opencv import cv2

Kind = Literal["plain", "png", "jpeg-ls"]

PLANCK = PlanckFacts(
    r1=21106.77,
    r2=0.012545258,
    b=1501.0,
    f=1.0,
    o=-7340.0,
    emissivity=0.95,
    distance=0.0,
    reflected=290.15,
    atmosphere=293.15,
    humidity=0.5,
    alpha1=0.006569,
    alpha2=0.01262,
    beta1=-0.002276,
    beta2=-0.00667,
    x=1.9,
)


@dataclass(frozen=True)
class Camera:
    """What the camera's record says."""

    planck: PlanckFacts = PLANCK
    model: str = "FLIR T640"
    taken: float = 1_700_000_000.0
    fps: int = 30
    order: Literal["<", ">"] = "<"


CAMERA = Camera()


@dataclass
class Block:
    """An FFF block in the making.

    Attributes:
        order: Of the directory: big-endian in JPEGs, little-endian in SEQ files.
        records: (type, content).
    """

    order: Literal["<", ">"] = "<"
    magic: bytes = b"FFF\0"
    records: list[tuple[int, bytes]] = field(default_factory=list)

    def bytes(self, *, spare: int = 4) -> bytes:
        """The block; its directory ends with empty entries, as cameras leave them."""
        count = len(self.records) + spare
        header = self.magic + b"CAMCTRL\0".ljust(16, b"\0") + struct.pack(f"{self.order}III", 101, 64, count)
        directory, content, place = b"", b"", 64 + 32 * count
        for kind, data in self.records:
            directory += struct.pack(f"{self.order}HHIIII", kind, 1, 100, 1, place, len(data)).ljust(
                32, b"\0"
            )
            content += data
            place += len(data)
        return header.ljust(64, b"\0") + directory.ljust(32 * count, b"\0") + content


def raw_record(counts: NDArray[np.uint16], kind: Kind = "plain", *, big_endian: bool = False) -> bytes:
    height, width = counts.shape
    order = ">" if big_endian else "<"
    if kind == "png":
        payload = bytes(cv2.imencode(".png", counts.byteswap())[1])  # the wrong way round, as cameras do
    elif kind == "jpeg-ls":
        payload = bytes(imagecodecs.jpegls_encode(counts))
    else:
        payload = counts.astype(f"{order}u2").tobytes()
    head = struct.pack(f"{order}9H", 2, width, height, 0, 0, 0, width - 1, 0, height - 1)
    return head.ljust(32, b"\0") + payload


def camera_record(camera: Camera = CAMERA) -> bytes:
    data, order, planck = bytearray(0x500), camera.order, camera.planck

    def put(place: int, form: str, *values: Any) -> None:
        struct.pack_into(order + form, data, place, *values)

    put(0, "H", 2)
    put(0x20, "4f", planck.emissivity, planck.distance, planck.reflected, planck.atmosphere)
    put(0x30, "2f", 293.15, 1.0)  # no window
    put(0x3C, "f", planck.humidity)
    put(0x58, "3f", planck.r1, planck.b, planck.f)
    put(0x70, "5f", planck.alpha1, planck.alpha2, planck.beta1, planck.beta2, planck.x)
    put(0xD4, "32s", camera.model.encode())
    put(0x308, "if", int(planck.o), planck.r2)
    put(0x384, "IIh", int(camera.taken), round(camera.taken % 1 * 1000), 0)
    put(0x464, "H", camera.fps)
    return bytes(data)


def block(
    counts: NDArray[np.uint16],
    kind: Kind = "plain",
    *,
    camera: Camera | None = CAMERA,
    order: Literal["<", ">"] = "<",
    big_endian: bool = False,
) -> bytes:
    """A thermal image with what the camera says."""
    made = Block(order, records=[(1, raw_record(counts, kind, big_endian=big_endian))])
    if camera is not None:
        made.records.append((32, camera_record(camera)))
    return made.bytes()


def sequence(stack: Sequence[NDArray[np.uint16]], kind: Kind = "plain", *, step: float = 1 / 30) -> bytes:
    """A SEQ (plain) or CSQ file."""
    frames = (
        block(counts, kind, camera=Camera(taken=CAMERA.taken + round(n * step, 3)))
        for n, counts in enumerate(stack)
    )
    return b"".join(frames)


def with_segments(jpeg: bytes, *contents: tuple[int, bytes]) -> bytes:
    """A JPEG with more segments after its beginning: (marker, content)."""
    parts = (struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content for marker, content in contents)
    return jpeg[:2] + b"".join(parts) + jpeg[2:]


def picture(width: int = 32, height: int = 24) -> bytes:
    """An ordinary JPEG."""
    return bytes(cv2.imencode(".jpg", np.full((height, width, 3), (200, 40, 90), np.uint8))[1])


def radiometric_jpeg(flir: bytes, *, chunk: int = 65000) -> bytes:
    """A JPEG with an FFF block in as many segments as it takes."""
    pieces = [flir[at : at + chunk] for at in range(0, len(flir), chunk)]
    last = len(pieces) - 1
    return with_segments(
        picture(), *((0xE1, b"FLIR\0\x01" + bytes((n, last)) + piece) for n, piece in enumerate(pieces))
    )
