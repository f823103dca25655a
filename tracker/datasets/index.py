"""`index.json` beside the sequences of a data set: class and scene of each.

A list of objects; of each `name` is needed, `cls` and `scene_group` are used where they are there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from tracker.errors import FormatError
from tracker.formats.text import at_line, read_text, shown

INDEX_NAME = "index.json"


@dataclass(frozen=True)
class SequenceIndex:
    """What is said about sequences, by their names.

    Attributes:
        path: The file; None where there is none.
        labels: Class of the target.
        scenes: Name of the scene. Sequences of one scene show the same place or the same target.
    """

    path: Path | None = None
    labels: dict[str, str] = field(default_factory=dict)
    scenes: dict[str, str] = field(default_factory=dict)


def read_index(path: Path) -> SequenceIndex:
    """Read the file; an empty index where there is none.

    Raises:
        FormatError: It is no JSON, or an entry has no name or something else than a text in it.
    """
    if not path.is_file():
        return SequenceIndex()
    try:
        entries = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise FormatError(f"it is no JSON ({error.msg}).", where=at_line(path, error.lineno)) from None
    except RecursionError:
        raise FormatError("it is no index: lists inside lists.", where=path) from None
    if not isinstance(entries, list):
        return SequenceIndex()  # the index of something else
    index = SequenceIndex(path)
    for number, entry in enumerate(entries, start=1):
        where = f"{path}, entry {number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise FormatError("an entry has no name.", where=where)
        for key, words in (("cls", index.labels), ("scene_group", index.scenes)):
            if key in entry:
                words[entry["name"]] = shown(entry[key], where)
    return index
