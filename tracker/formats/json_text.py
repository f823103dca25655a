"""JSON files of data sets: read with limits; what is wrong in them is said with file and line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any

from tracker.errors import FormatError
from tracker.formats.text import at_line, read_text

_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True)
class Node:
    """A value in a JSON file, with the way to it.

    Attributes:
        value: What was read.
        path: The file.
        text: Its text, to find lines in.
        steps: Keys and indices from the root.
    """

    value: Any
    path: Path
    text: str
    steps: tuple[str | int, ...] = ()

    @property
    def where(self) -> str:
        """File, line and place, for messages."""
        name = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in self.steps).lstrip(".")
        line = self.text.count("\n", 0, _find(self.text, self.steps)) + 1
        return at_line(self.path, line) + (f" ({name})" if name else "")

    def __str__(self) -> str:
        """The place: a node can be handed on as the place of an error, which is then looked up only if needed."""
        return self.where

    def error(self, what: str) -> FormatError:
        """A complaint about this value."""
        return FormatError(what, where=self.where)

    def get(self, key: str) -> Node | None:
        """A member of an object, None where it is missing or null.

        Raises:
            FormatError: This is no object.
        """
        if not isinstance(self.value, dict):
            raise self.error("an object { } is due here.")
        found = self.value.get(key)
        return None if found is None else Node(found, self.path, self.text, (*self.steps, key))

    def member(self, key: str) -> Node:
        """A member that must be there."""
        found = self.get(key)
        if found is None:
            raise self.error(f"{key!r} is missing.")
        return found

    def items(self) -> Iterator[Node]:
        """The items of a list.

        Raises:
            FormatError: This is no list.
        """
        if not isinstance(self.value, list):
            raise self.error("a list [ ] is due here.")
        for i, value in enumerate(self.value):
            yield Node(value, self.path, self.text, (*self.steps, i))

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of an object."""
        if not isinstance(self.value, dict):
            raise self.error("an object { } is due here.")
        for key, value in self.value.items():
            yield key, Node(value, self.path, self.text, (*self.steps, key))

    def number(self) -> float:
        """A number.

        Raises:
            FormatError: It is none.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.error(f"{str(self.value)[:40]!r} is not a number.")
        try:
            return float(self.value)
        except OverflowError:
            raise self.error("the number is too large.") from None

    def whole(self, least: int, most: int) -> int:
        """A whole number in a range.

        Raises:
            FormatError: It is none.
        """
        number = self.number()
        if not least <= number <= most or number != int(number):
            raise self.error(f"{self.value!r} is not a whole number from {least} to {most}.")
        return int(number)

    def word(self) -> str:
        """A text that can be shown.

        Raises:
            FormatError: It is none.
        """
        if not isinstance(self.value, str) or len(self.value) > 1000 or not self.value.isprintable():
            raise self.error(f"{str(self.value)[:40]!r} is not a name.")
        return self.value

    def truth(self) -> bool:
        """True or false, also as 1 or 0.

        Raises:
            FormatError: It is neither.
        """
        if self.value not in (True, False):
            raise self.error(f"{str(self.value)[:40]!r} is neither true nor false.")
        return bool(self.value)

    def numbers(self, count: int) -> list[float]:
        """A list of so many numbers.

        Raises:
            FormatError: It is none.
        """
        found = [item.number() for item in self.items()]
        if len(found) != count:
            raise self.error(f"{len(found)} numbers where {count} are due.")
        return found


def read_json(path: Path) -> Node:
    """The root of a JSON file.

    Raises:
        FormatError: It is missing, cut off or no JSON.
    """
    text = read_text(path)
    try:
        return Node(json.loads(text), path, text)
    except JSONDecodeError as error:
        raise FormatError(
            f"it is cut off or no JSON ({error.msg}).", where=at_line(path, error.lineno)
        ) from None
    except RecursionError:
        raise FormatError("it is nested too deeply.", where=at_line(path, 1)) from None
    except ValueError as error:  # a whole number of thousands of digits
        raise FormatError(f"it has a number that is too long ({error}).", where=at_line(path, 1)) from None


def begins_with(path: Path, words: tuple[str, ...], most: int = 1 << 16) -> bool:
    """Whether one of some words is in the beginning of a file; never raises."""
    try:
        with path.open("rb") as file:
            head = file.read(most).decode("utf-8", errors="replace")
    except OSError:
        return False
    return any(word in head for word in words)


def _find(text: str, steps: tuple[str | int, ...]) -> int:
    """Position of a value in a text that is JSON."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    for step in steps:
        at = _skip(text, at + 1)  # past { or [
        index = 0
        while True:
            key: str | int = index
            if isinstance(step, str):
                key, at = decoder.raw_decode(text, at)
                at = _skip(text, _skip(text, at) + 1)  # past the colon
            if key == step:
                break
            _, at = decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)  # past the comma
            index += 1
    return at


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
