"""The user's own models: weights files under names, in one folder. Reads cards and names without loading torch."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from tracker.errors import WeightsError
from tracker.folders import data_folder

SUFFIX = ".safetensors"
RESERVED = ("default", "mlssnet")
"""Names of the models that come with Thermark."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._ -]{0,62}[A-Za-z0-9_-])?")
_DEVICES = re.compile(
    r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE
)  # names of no file on Windows
_MOST_HEADER = 1 << 24  # bytes


@dataclass(frozen=True)
class NamedModel:
    """One of the user's own models.

    Attributes:
        name: Under which it is chosen.
        path: Its weights.
        card: Its model card: title -> text.
    """

    name: str
    path: Path
    card: dict[str, str] = field(default_factory=dict)


def models_folder() -> Path:
    """Where they lie."""
    return data_folder() / "weights"


def model_path(name: str) -> Path:
    """The weights file of a name that may be used.

    Raises:
        WeightsError: The name cannot be used.
    """
    return models_folder() / f"{checked_name(name)}{SUFFIX}"


def checked_name(name: str) -> str:
    """A name as it is, if it can be one.

    Raises:
        WeightsError: It cannot: it is taken by a model of Thermark's own, or is no name of a file everywhere.
    """
    if name.lower() in RESERVED:
        raise WeightsError("this is the name of a model that comes with Thermark.", where=name, todo=_ADVICE)
    if not _NAME.fullmatch(name) or _DEVICES.fullmatch(name) or name.lower().endswith(SUFFIX):
        raise WeightsError("this cannot be the name of a model.", where=repr(name), todo=_ADVICE)
    return name


_ADVICE = "Choose another: up to 64 letters, digits, spaces, dots, dashes or underscores."


def named_models() -> list[NamedModel]:
    """All of them, by name; files that are no weights of Thermark's are left out."""
    models = []
    for path in sorted(models_folder().glob(f"*{SUFFIX}"), key=lambda path: path.name.lower()):
        card = read_card(path)
        if card is not None and path.stem.lower() not in RESERVED:
            models.append(NamedModel(path.stem, path, card))
    return models


def read_card(path: Path) -> dict[str, str] | None:
    """The model card in a weights file, None where it is none of Thermark's."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if 0 < length <= _MOST_HEADER else {}
        metadata = header["__metadata__"]
        card = json.loads(metadata.get("card", "{}")) if metadata["format"] == "thermark-weights" else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return {title: str(text) for title, text in card.items()} if isinstance(card, dict) else None
