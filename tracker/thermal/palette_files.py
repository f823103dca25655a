"""Palettes of the user's own: GIMP and JASC palettes, ImageJ tables, lists of colours, strips of pixels."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import ThermalError
from tracker.opencv import cv2
from tracker.thermal.palettes import LEVELS, hex_of, rgb_of

IMAGES = (".png", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg")
TEXTS = (".csv", ".txt", ".gpl", ".pal", ".lut")
SUFFIXES = (*TEXTS, *IMAGES)

MAX_BYTES = 4 * 1024**2
RAW_BYTES = 3 * LEVELS
"""An ImageJ table without a header: all red values, then all green ones, then all blue ones."""

KINDS = (
    "A palette is a text of one colour a line (red, green, blue as 0…255 or 0…1, or #rrggbb), coldest first; "
    "a GIMP (.gpl) or JASC (.pal) palette; an ImageJ table (.lut); or a picture of a strip of colours."
)

HEADS = ("jasc-pal", "gimp palette", "name:", "columns:", "channels:")
_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"\s*({_NUMBER})[\s,;]+({_NUMBER})[\s,;]+({_NUMBER})(?![\d.])")
_HEX = re.compile(r"\s*\"?#([0-9a-fA-F]{6})\b")

Rgb = tuple[int, int, int]


def read_palette(path: Path) -> tuple[str, ...]:
    """The colours of a file, as `Look.colours` takes them.

    Args:
        path: Of one of the kinds in `SUFFIXES`.

    Returns:
        2 to 256 evenly spaced "#rrggbb", coldest first.

    Raises:
        ThermalError: It cannot be read, or is no palette; says where.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ThermalError(f"palettes are not read from “{suffix}” files.", where=path, todo=KINDS)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ThermalError("this is too large for a palette.", where=path, todo=KINDS)
        data = path.read_bytes()
    except OSError as error:
        raise ThermalError(f"it cannot be read: {error.strerror}.", where=path) from error
    colours = _of_image(data, path) if suffix in IMAGES else _of_table(data, path)
    if len(colours) < 2:
        raise ThermalError("there are fewer than two colours in it.", where=path, todo=KINDS)
    return tuple(hex_of(rgb) for rgb in _at_most(colours, LEVELS))


def _at_most(colours: list[Rgb], count: int) -> list[Rgb]:
    if len(colours) <= count:
        return colours
    picked = np.rint(np.linspace(0, len(colours) - 1, count)).astype(int)
    return [colours[index] for index in picked.tolist()]


def _of_table(data: bytes, path: Path) -> list[Rgb]:
    if len(data) == RAW_BYTES and path.suffix.lower() in (".lut", ".pal") and not data.startswith(b"JASC"):
        planes = np.frombuffer(data, np.uint8).reshape(3, LEVELS)
        return [(int(red), int(green), int(blue)) for red, green, blue in planes.T]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ThermalError(
            "this is neither text nor a table of 768 bytes.", where=path, todo=KINDS
        ) from error
    return _of_text(text, path)


def _of_text(text: str, path: Path) -> list[Rgb]:
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    body = lines[3:] if lines and lines[0][1].strip().lower() == "jasc-pal" else lines
    found: list[tuple[float, ...] | str] = []
    for number, line in body:
        hexadecimal, numbers = _HEX.match(line), _NUMBERS.match(line)
        if hexadecimal:
            found.append(hexadecimal[1])
        elif numbers:
            found.append(tuple(float(part) for part in numbers.groups()))
        elif not _is_heading(line, is_first=not found):
            raise ThermalError(f"line {number} is no colour: “{line.strip()[:40]}”.", where=path, todo=KINDS)
    return _scaled(found, path)


def _is_heading(line: str, *, is_first: bool) -> bool:
    """Whether a line may stand in a palette without being a colour: a comment, or a heading above all colours."""
    start = line.strip().lower()
    return start.startswith(("#", "//", *HEADS)) or (
        is_first and not any(letter.isdigit() for letter in start)
    )


def _scaled(found: list[tuple[float, ...] | str], path: Path) -> list[Rgb]:
    """All colours as 0..255: numbers with fractions, none above 1, are shares."""
    values = [value for numbers in found if not isinstance(numbers, str) for value in numbers]
    is_share = bool(values) and max(values) <= 1.0 and any(value % 1 for value in values)
    scale = 255.0 if is_share else 1.0
    if any(not 0 <= value * scale <= 255 for value in values):
        worst = next(value for value in values if not 0 <= value * scale <= 255)
        raise ThermalError(f"{worst:g} is no share of red, green or blue.", where=path, todo=KINDS)
    return [rgb_of(entry) if isinstance(entry, str) else _rounded(entry, scale) for entry in found]


def _rounded(numbers: tuple[float, ...], scale: float) -> Rgb:
    red, green, blue = (round(value * scale) for value in numbers)
    return red, green, blue


def _of_image(data: bytes, path: Path) -> list[Rgb]:
    """The colours along the middle of a strip: from left to right, or from the bottom up where it is upright."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise ThermalError("this is no picture, or a damaged one.", where=path, todo=KINDS)
    pixels: NDArray[np.uint8] = np.asarray(image, np.uint8)[..., ::-1]
    height, width = pixels.shape[:2]
    line = pixels[height // 2] if width >= height else pixels[::-1, width // 2]
    return [(int(red), int(green), int(blue)) for red, green, blue in line]
