"""What a report consists of, before it is HTML or PDF. All texts are plain: whoever writes them escapes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tracker.output.report.series import TrackSeries


@dataclass(frozen=True)
class Facts:
    """Names and what they are."""

    rows: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: Above it.
        head: Names of its columns.
        rows: Of as many texts each.
        note: Below it.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Shot:
    """A picture.

    Attributes:
        png: Its file.
        size: (width, height) in pixels.
        caption: Below it.
    """

    png: bytes
    size: tuple[int, int]
    caption: str


@dataclass(frozen=True)
class Pictures:
    """Pictures side by side, or one across the page."""

    title: str
    shots: tuple[Shot, ...]
    note: str = ""


@dataclass(frozen=True)
class Curves:
    """Temperatures, size and speed, scores of a track against time."""

    title: str
    series: TrackSeries
    note: str = ""


Block: TypeAlias = Facts | Table | Pictures | Curves


@dataclass(frozen=True)
class Section:
    """A part of a report, with an entry in its contents.

    Attributes:
        title: Its heading.
        summary: One line below it, and in the contents.
        blocks: What it consists of.
    """

    title: str
    summary: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Content:
    """A whole report."""

    title: str
    head: tuple[Block, ...]
    sections: tuple[Section, ...]
    foot: str
