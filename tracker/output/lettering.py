"""Text as coverage masks, in the font that comes with matplotlib.

Letters are drawn once and put together from then on: FreeType takes milliseconds for a line. Scripts whose letters
change beside one another, or that are written from the right, are drawn as whole lines.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""(h, w) how much of each pixel is covered, 0..255."""

SHAPED = range(0x0590, 0x1D00)
"""Hebrew, Arabic, Indic and other scripts that need more than one letter after the other."""

UNKNOWN = "\ufffd"

_WIDE = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans",
)
"""Fonts of the system that have what DejaVu lacks, the Chinese characters above all."""


@dataclass(frozen=True)
class _Glyph:
    """Something drawn: its mask, where that begins, how far it reaches below the line, and how far to go on."""

    mask: Mask
    left: int
    below: int
    advance: int


class Lettering:
    """Makes masks of lines of text; for one thread.

    Attributes:
        size: Height of the font in pixels.
        height: Of a line, with what reaches below.

    Args:
        size: In pixels.
        is_bold: For labels.
    """

    def __init__(self, size: int, *, is_bold: bool = False) -> None:
        folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
        self.size = size
        self._fonts = [FT2Font(str(folder / ("DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf")))]
        self._fonts[0].set_size(size, 72)
        units = self._fonts[0].units_per_EM
        self._ascent = round(size * self._fonts[0].ascender / units)
        self.height = self._ascent + round(-size * self._fonts[0].descender / units)
        self._has_looked = False
        self._glyphs: dict[str, _Glyph] = {}

    def mask(self, text: str) -> Mask:
        """(height, w) mask of a line; w is 0 for no text."""
        text = printable(text)
        is_shaped = any(ord(letter) in SHAPED for letter in text)
        if is_shaped and all(self._fonts[0].get_char_index(ord(letter)) for letter in text):
            return self._joined([_drawn(self._fonts[0], text)])
        return self._joined([self._glyph(letter) for letter in text])

    def width(self, text: str) -> int:
        """Pixels that a line takes."""
        return int(self.mask(text).shape[1])

    def fitted(self, text: str, width: int) -> str:
        """The text, cut at its end where it is wider than so many pixels."""
        text = printable(text)
        if self.width(text) <= width:
            return text
        fits, too_many = 0, len(text)
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            if self.width(f"{text[:middle]}…") <= width:
                fits = middle
            else:
                too_many = middle
        return f"{text[:fits]}…" if fits else ""

    def _joined(self, parts: list[_Glyph]) -> Mask:
        width = sum(part.advance for part in parts)
        line = np.zeros((self.height, width + self.size), np.uint8)  # a last letter may reach out a little
        at = 0
        for part in parts:
            rows, columns = part.mask.shape
            top, left = self._ascent - (rows - part.below), max(at + part.left, 0)
            first, last = max(-top, 0), min(rows, self.height - top)
            if first < last and columns:
                place = line[top + first : top + last, left : left + columns]
                np.maximum(place, part.mask[first:last, : place.shape[1]], out=place)
            at += part.advance
        return line[:, :width]

    def _glyph(self, letter: str) -> _Glyph:
        if letter not in self._glyphs:
            font = self._font_with(letter)
            self._glyphs[letter] = self._glyph(UNKNOWN) if font is None else _drawn(font, letter)
        return self._glyphs[letter]

    def _font_with(self, letter: str) -> FT2Font | None:
        for font in self._fonts:
            if font.get_char_index(ord(letter)):
                return font
        if self._has_looked:
            return None
        self._has_looked = True
        wide = _wide_font(self.size)
        self._fonts += [] if wide is None else [wide]
        return self._font_with(letter)


def printable(text: str) -> str:
    """One line of text: what cannot be shown, line ends among it, becomes spaces."""
    return "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter for letter in text
    )


def drawable(text: str) -> tuple[str, list[str]]:
    """A line, and the font families that matplotlib draws it with; a letter that none of them has is replaced."""
    text, font = printable(text), _plain_font()
    if all(font.get_char_index(ord(letter)) for letter in text):
        return text, ["DejaVu Sans"]
    wide = _wide_font(10)
    fonts = [font] if wide is None else [font, wide]
    families = ["DejaVu Sans"] if wide is None else ["DejaVu Sans", wide.family_name]
    known = (any(each.get_char_index(ord(letter)) for each in fonts) for letter in text)
    return "".join(letter if has else UNKNOWN for letter, has in zip(text, known, strict=True)), families


def _plain_font() -> FT2Font:
    return FT2Font(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"))


def _drawn(font: FT2Font, text: str) -> _Glyph:
    left, advance = 0, None
    if len(text) == 1:
        metrics = font.load_char(ord(text))
        left, advance = round(metrics.horiBearingX / 64), round(metrics.horiAdvance / 64)
        if not metrics.width:  # a space
            return _Glyph(np.zeros((0, 0), np.uint8), 0, 0, advance)
    font.set_text(text)
    font.draw_glyphs_to_bitmap(antialiased=True)
    mask = np.array(font.get_image(), np.uint8)
    return _Glyph(mask, left, round(font.get_descent() / 64), mask.shape[1] if advance is None else advance)


def _wide_font(size: int) -> FT2Font | None:
    """A font of the system with many letters; None where there is none that is known."""
    # Looks through the fonts of the system when it is imported for the first time.
    from matplotlib.font_manager import fontManager

    paths = {entry.name: entry.fname for entry in fontManager.ttflist}
    path = next((paths[name] for name in _WIDE if name in paths), None)
    if path is None:
        return None
    font = FT2Font(path)
    font.set_size(size, 72)
    return font
