"""What an image file says of itself, without decoding it: size, depth, channels, and whether it is whole.

Formats: PNG (W3C PNG, third edition), JPEG (ITU-T T.81), BMP (Microsoft BITMAPINFOHEADER), TIFF 6.0
through tifffile. A radiometric JPEG of FLIR stands for the counts in it, not for the picture around them.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass

import tifffile

from tracker.media.flir_image import is_dji, thermal_frame
from tracker.media.flir_record import FlirError
from tracker.media.jpeg_segments import START as JPEG_START
from tracker.media.jpeg_segments import segments
from tracker.media.png_chunks import MAGIC as PNG_MAGIC
from tracker.media.png_chunks import require_whole
from tracker.media.tiff_stack import DAMAGE as TIFF_DAMAGE

# One byte more is not an image of a thermal camera but an attempt to use up the memory.
MAX_PIXELS = 1 << 27

_TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# Start-of-frame markers; C4, C8 and CC in the same range mean other things.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
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
    try:
        require_whole(data)
    except ValueError as error:
        raise BrokenImageError(str(error)) from error
    return ImageHeader(width, height, 16 if bits == 16 else 8, 1 if colour in (0, 4) else 3)


def _read_jpeg(data: bytes) -> ImageHeader:
    try:
        thermal = thermal_frame(data)
    except FlirError as error:
        raise BrokenImageError(str(error)) from error
    picture = _read_picture(data)
    if thermal is not None:
        return ImageHeader(thermal.width, thermal.height, 16, 1)
    if is_dji(data):
        raise UnsupportedImageError(
            "is a radiometric JPEG of DJI, whose temperatures only DJI's own Thermal SDK can read; "
            "make raw files of them with it (dji_irp), or save the pictures alone as PNG"
        )
    return picture


def _read_picture(data: bytes) -> ImageHeader:
    header, position = None, 0
    try:
        for part in segments(data):
            position = part.stop
            if part.marker in _JPEG_FRAMES:
                bits, height, width, channels = struct.unpack_from(">BHHB", data, part.start)
                if bits != 8:
                    raise UnsupportedImageError(f"is a JPEG of {bits} bits; only 8 can be read")
                header = ImageHeader(width, height, 8, 1 if channels == 1 else 3)
    except ValueError as error:
        raise error if isinstance(error, UnsupportedImageError) else BrokenImageError(str(error)) from error
    if header is None or data.rfind(b"\xff\xd9", position) < 0:
        raise BrokenImageError("its end is missing")
    return header


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
    except TIFF_DAMAGE as error:
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
    width, height = page.imagewidth, page.imagelength
    if {type(width), type(height)} != {int}:  # a damaged tag has several values
        raise BrokenImageError("its header is damaged")
    is_gray = page.samplesperpixel <= 2 and page.photometric in (0, 1)
    return ImageHeader(width, height, 16 if page.bitspersample > 8 else 8, 1 if is_gray else 3)


_READERS: tuple[tuple[bytes | tuple[bytes, ...], Callable[[bytes], ImageHeader]], ...] = (
    (PNG_MAGIC, _read_png),
    (JPEG_START + b"\xff", _read_jpeg),
    (b"BM", _read_bmp),
    (_TIFF_MAGICS, _read_tiff),
)
