"""The flags of attribute files (`att/NAME.txt`): which word stands in which column.

One table serves exports, imports and evaluation: the protocols in `resources/protocols`.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import resources
from tracker.errors import FormatError
from tracker.formats.text import at_line, numbered_lines, numbers_in


@functools.cache
def words_of(protocol: str) -> tuple[str, ...]:
    """The words of a benchmark's columns, in its order; empty where it has no such file."""
    path = resources.protocols()[protocol]
    return tuple(tomllib.loads(path.read_text(encoding="utf-8")).get("attributes", ()))


def as_flags(attributes: tuple[str, ...], words: tuple[str, ...]) -> str:
    """The line of flags."""
    return ",".join("1" if word in attributes else "0" for word in words) + "\n"


def read_flags(path: Path, words: tuple[str, ...], benchmark: str) -> tuple[str, ...]:
    """The words whose flags are set; none where the file is missing or the benchmark has no words.

    Args:
        path: The file.
        words: Of its columns.
        benchmark: Its title, for messages.

    Raises:
        FormatError: There are not as many flags as words, in one line.
    """
    if not words or not path.is_file():
        return ()
    lines = list(numbered_lines(path))
    line, text = lines[0] if lines else (1, "")
    flags = numbers_in(text, at_line(path, line))
    if len(flags) != len(words) or len(lines) > 1 or not set(flags) <= {0.0, 1.0}:
        what = f"{len(flags)} flags for the {len(words)} attributes of {benchmark}."
        raise FormatError(what, where=at_line(path, line), todo="One line of flags is due, each 0 or 1.")
    return tuple(word for word, flag in zip(words, flags, strict=True) if flag)
