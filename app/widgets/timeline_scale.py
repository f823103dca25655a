"""Where frames lie along the timeline: zoom, pan, and the numbers on the ruler. Knows no Qt.

A frame i covers the positions i..i+1 of the clip; x is in logical pixels from the left end of the lanes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

CLOSEST = 32.0  # pixels per frame at the closest zoom


@dataclass(frozen=True, slots=True)
class Scale:
    """The part of a clip that is shown across `width` pixels.

    Attributes:
        length: Frames in the clip, at least 1.
        width: Pixels, at least 1.
        start: Position in the clip at x = 0, in frames.
        per_pixel: Frames per pixel.
    """

    length: int
    width: int
    start: float = 0.0
    per_pixel: float = math.inf

    def __post_init__(self) -> None:
        per_pixel = min(max(self.per_pixel, self.closest), self.widest)
        start = min(max(self.start, 0.0), self.length - per_pixel * self.width)
        object.__setattr__(self, "per_pixel", per_pixel)
        object.__setattr__(self, "start", max(start, 0.0))

    @property
    def widest(self) -> float:
        """Frames per pixel at which the whole clip is shown."""
        return self.length / self.width

    @property
    def closest(self) -> float:
        """Frames per pixel at which single frames are told apart; short clips are always that close."""
        return min(1 / CLOSEST, self.widest)

    @property
    def is_whole(self) -> bool:
        """Whether the whole clip is shown."""
        return self.per_pixel >= self.widest

    @property
    def frame_width(self) -> float:
        """Pixels per frame."""
        return 1 / self.per_pixel

    def x_of(self, position: float) -> float:
        """Where a position in the clip lies; the middle of frame i is the position i + 0.5."""
        return (position - self.start) / self.per_pixel

    def frame_at(self, x: float) -> int:
        """The frame at x; the nearest one that is shown where x is outside."""
        first, stop = self.shown()
        return min(max(math.floor(self.start + x * self.per_pixel), first), stop - 1)

    def shown(self) -> tuple[int, int]:
        """(first, stop) of the frames that are shown, in part or whole."""
        # Rounded, or an error in the last digit would count a frame that ends where the lane begins.
        first = min(math.floor(round(self.start, 6)), self.length - 1)
        stop = math.ceil(round(self.start + self.per_pixel * self.width, 6))
        return first, min(max(stop, first + 1), self.length)

    def zoomed(self, x: float, factor: float) -> Scale:
        """Closer by `factor`, so that what is at x stays there as far as the ends of the clip allow."""
        per_pixel = min(max(self.per_pixel / factor, self.closest), self.widest)
        return replace(self, start=self.start + x * (self.per_pixel - per_pixel), per_pixel=per_pixel)

    def panned(self, pixels: float) -> Scale:
        """Showing what lies `pixels` further to the right."""
        return replace(self, start=self.start + pixels * self.per_pixel)

    def resized(self, width: int) -> Scale:
        """The same zoom in another width; a whole clip stays whole."""
        return Scale(self.length, width, self.start, math.inf if self.is_whole else self.per_pixel)

    def revealing(self, frame: int) -> Scale:
        """The same where the frame is shown, else moved so that it is in the middle."""
        first, stop = self.shown()
        if first <= frame < stop:
            return self
        return replace(self, start=frame + 0.5 - self.per_pixel * self.width / 2)


def tick_step(per_pixel: float, room: float) -> int:
    """Frames between the numbers on the ruler: 1, 2 or 5 times a power of ten.

    Args:
        per_pixel: Frames per pixel.
        room: Pixels that a number needs, its distance to the next one included.
    """
    least = max(per_pixel * room, 1.0)
    power = int(10 ** math.floor(math.log10(least)))
    return next(step for factor in (1, 2, 5, 10, 20) if (step := factor * power) >= least)


def time_text(seconds: float, resolution: float) -> str:
    """A time as minutes and seconds, with hours and decimals where needed.

    Args:
        seconds: The time.
        resolution: Seconds between neighbouring texts, which decides about decimals.
    """
    decimals = 0 if resolution >= 1 else min(math.ceil(-math.log10(max(resolution, 1e-3))), 3)
    ticks = round(seconds * 10**decimals)
    whole, part = divmod(ticks, 10**decimals)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{part:0{decimals}}" if decimals else text
