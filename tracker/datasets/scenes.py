"""Which sequences show the same scene."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tracker.datasets.index import SequenceIndex
from tracker.errors import FormatError
from tracker.formats.text import at_line, numbered_lines, read_text, shown

_LAST_NUMBER = re.compile(r"[\s_.-]*\d+$")


def scene_from_name(name: str) -> str:
    """The name of a sequence without the number at its end; the whole name where it is only a number."""
    return _LAST_NUMBER.sub("", name) or name


def scenes_of(names: list[str], index: SequenceIndex, file: Path | None = None) -> dict[str, str]:
    """The scene of each sequence.

    Args:
        names: Of the sequences.
        index: Of the data set; its scenes are used where it has any.
        file: The user's own list of scenes; comes before all else.

    Raises:
        FormatError: The list, or the index, leaves a sequence out.
    """
    source = file or index.path
    if file is not None:
        scenes = read_scenes(file)
    elif index.scenes:
        scenes = index.scenes
    else:
        return {name: scene_from_name(name) for name in names}
    missing = [name for name in names if name not in scenes]
    if missing:
        raise FormatError(
            f"it names no scene for {len(missing)} of {len(names)} sequences, the first of them {missing[0]!r}.",
            where=source,
            todo="Add them.",
        )
    return {name: scenes[name] for name in names}


def read_scenes(path: Path) -> dict[str, str]:
    """A list of scenes: JSON {"sequence": "scene"}, or a line `sequence scene` (also with a comma) for each.

    Raises:
        FormatError: It is something else, or names a sequence twice.
    """
    if path.suffix.lower() == ".json":
        return _from_json(path)
    scenes: dict[str, str] = {}
    for number, line in numbered_lines(path):
        where = at_line(path, number)
        parts = (
            [part.strip() for part in re.split(r"[,;\t]", line)]
            if re.search(r"[,;\t]", line)
            else line.split()
        )
        if len(parts) != 2 or not all(parts):
            raise FormatError("it is not the name of a sequence and that of a scene.", where=where)
        if parts[0] in scenes:
            raise FormatError(f"the sequence {parts[0]!r} is named twice.", where=where)
        scenes[parts[0]] = shown(parts[1], where)
    return scenes


def _from_json(path: Path) -> dict[str, str]:
    try:
        value = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise FormatError(f"it is no JSON ({error.msg}).", where=at_line(path, error.lineno)) from None
    except RecursionError:
        raise FormatError("it is no list of scenes.", where=path) from None
    if not isinstance(value, dict) or not all(isinstance(scene, str) for scene in value.values()):
        raise FormatError('it is not {"sequence": "scene"}.', where=path)
    return {name: shown(scene, path) for name, scene in value.items()}
