"""What an image file says of itself, without decoding it: size, depth, channels, and whether it is whole.

Formats: PNG (W3C PNG, third edition), JPEG (ITU-T T.81), BMP (Microsoft BITMAPINFOHEADER), TIFF 6.0
through tifffile.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import tifffile

# One byte more is not an image of a thermal camera but an attempt to use up the memory.
MAX_PIXELS = 1 << 27

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Start-of-frame markers; C4, C8 and CC in the same range mean other things.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_SCAN = 0xDA
_UNSIGNED_INTEGER = 1


class BrokenImageError(ValueError):
    """The bytes are not a whole image."""


class UnsupportedImageError(ValueError):
    """A whole image of a kind that counts cannot be taken from; the text says which."""


@dataclass(frozen=True)
class ImageHeader:
    """What an image file says of itself.

    Attributes:
        width: Pixels.
        height: Pixels.
        bits: 8 or 16: the type of the counts.
        channels: 1 where the image is surely gray, else 3; a palette may still be gray.
    """

    width: int
    height: int
    bits: int
    channels: int


def read_header(data: bytes) -> ImageHeader:
    """Read the header of an image and check that the file is whole.

    Args:
        data: All bytes of the file.

    Raises:
        BrokenImageError: It is no image, or a part is missing.
        UnsupportedImageError: It is an image of another kind.
    """
    for magics, read in _READERS:
        if data.startswith(magics):
            try:
                header = read(data)
            except (struct.error, IndexError) as error:
                raise BrokenImageError("its header is cut off") from error
            return _checked(header)
    raise BrokenImageError("it is no PNG, JPEG, BMP or TIFF image")


def _checked(header: ImageHeader) -> ImageHeader:
    if header.width <= 0 or header.height <= 0:
        raise BrokenImageError("it has no pixels")
    if header.width * header.height > MAX_PIXELS:
        raise UnsupportedImageError(f"is too large ({header.width} x {header.height} pixels)")
    return header


def _read_png(data: bytes) -> ImageHeader:
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    _require_whole_png(data)
    return ImageHeader(width, height, 16 if bits == 16 else 8, 1 if colour in (0, 4) else 3)


def _require_whole_png(data: bytes) -> None:
    """Follow the chunks to IEND, checking each one's CRC."""
    position = len(_PNG_MAGIC)
    while True:
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        (crc,) = struct.unpack_from(">I", data, end)
        if zlib.crc32(memoryview(data)[position + 4 : end]) != crc:
            raise BrokenImageError("a part of it is damaged")
        if kind == b"IEND":
            return
        position = end + 4


def _read_jpeg(data: bytes) -> ImageHeader:
    position, header = 2, None
    while True:
        while data[position + 1] == 0xFF:  # fill bytes
            position += 1
        marker, length = _jpeg_segment(data, position)
        if marker in _JPEG_FRAMES:
            bits, height, width, channels = struct.unpack_from(">BHHB", data, position + 4)
            if bits != 8:
                raise UnsupportedImageError(f"is a JPEG of {bits} bits; only 8 can be read")
            header = ImageHeader(width, height, 8, 1 if channels == 1 else 3)
        if marker == _JPEG_SCAN:
            break
        position += 2 + length
    if header is None or data.rfind(b"\xff\xd9", position) < 0:
        raise BrokenImageError("its end is missing")
    return header


def _jpeg_segment(data: bytes, position: int) -> tuple[int, int]:
    """Marker and length of the segment at `position`."""
    start, marker, length = struct.unpack_from(">BBH", data, position)
    if start != 0xFF or length < 2:
        raise BrokenImageError("its header is damaged")
    return marker, length


def _read_bmp(data: bytes) -> ImageHeader:
    (file_size,) = struct.unpack_from("<I", data, 2)
    offset, header_size = struct.unpack_from("<II", data, 10)
    if header_size < 40:
        raise UnsupportedImageError("is a BMP of OS/2; save it as PNG")
    width, height, _, bits = struct.unpack_from("<iiHH", data, 18)
    (compression,) = struct.unpack_from("<I", data, 30)
    stored = (width * bits + 31) // 32 * 4 * abs(height) if compression in (0, 3) else 0
    if len(data) < max(offset + stored, 0 if stored else file_size):
        raise BrokenImageError("its end is missing")
    return ImageHeader(width, abs(height), 8, 3)


def _read_tiff(data: bytes) -> ImageHeader:
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            if not len(file.pages):
                raise BrokenImageError("its page is missing")
            if len(file.pages) > 1:
                raise UnsupportedImageError(
                    f"has {len(file.pages)} pages; save each page as a file of its own"
                )
            return _tiff_page_header(file.pages.first, len(data))
    except (tifffile.TiffFileError, ValueError, KeyError, OverflowError, OSError) as error:
        if isinstance(error, UnsupportedImageError | BrokenImageError):
            raise
        raise BrokenImageError("its header is damaged") from error


def _tiff_page_header(page: tifffile.TiffPage, file_size: int) -> ImageHeader:
    if page.sampleformat != _UNSIGNED_INTEGER or page.bitspersample > 16:
        kind = {2: "signed whole numbers", 3: "floating-point numbers"}.get(page.sampleformat, "numbers")
        raise UnsupportedImageError(
            f"holds {kind} of {page.bitspersample} bits; counts are unsigned whole numbers of 8 or 16 bits"
        )
    ends = [at + size for at, size in zip(page.dataoffsets, page.databytecounts, strict=False)]
    if not ends or max(ends) > file_size:
        raise BrokenImageError("its end is missing")
    is_gray = page.samplesperpixel <= 2 and page.photometric in (0, 1)
    return ImageHeader(
        page.imagewidth, page.imagelength, 16 if page.bitspersample > 8 else 8, 1 if is_gray else 3
    )


_READERS: tuple[tuple[bytes | tuple[bytes, ...], Callable[[bytes], ImageHeader]], ...] = (
    (_PNG_MAGIC, _read_png),
    (b"\xff\xd8\xff", _read_jpeg),
    (b"BM", _read_bmp),
    (_TIFF_MAGICS, _read_tiff),
)
