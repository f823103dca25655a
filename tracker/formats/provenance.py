"""`provenance.json` beside the labels of a sequence: where each box and each image comes from."""

from __future__ import annotations

import json
import math
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tracker.annotation.track import Presence, Provenance
from tracker.formats.exporter import Exporter, Sequence
from tracker.formats.rectangles import DECIMALS

FILE_NAME = "provenance.json"
SCHEMA_VERSION = 1


def write_provenance(
    folder: Path,
    sequence: Sequence,
    exporter: Exporter,
    *,
    models: list[str],
    zero_based: bool,
    bad_frames: frozenset[int],
) -> None:
    """Write the sidecar of a sequence.

    Lists under "frames" have an entry for each image, in the order of the images.

    Args:
        folder: Of the sequence.
        sequence: What was exported.
        exporter: The format.
        models: The document's model ids.
        zero_based: Whether the labels count pixels from 0.
        bad_frames: Frame indices of the clip whose picture is not their own.
    """
    media = sequence.media
    content = {
        "schema": SCHEMA_VERSION,
        "thermark": _version(),
        "format": exporter.title,
        "sequence": sequence.name,
        "media": {
            "name": Path(media.path).name,
            "kind": media.kind,
            "content_hash": media.content_hash,
            "length": media.length,
            "width": media.width,
            "height": media.height,
            "dtype": media.dtype,
            "channels": media.channels,
            "fps": media.fps,
        },
        "track": {"id": sequence.track_id, "label": sequence.label, "attributes": sequence.attributes},
        "boxes": {
            "convention": "x,y,width,height; top-left corner; decimals count parts of pixels",
            "index_base": 0 if zero_based else 1,
            "decimals": DECIMALS,
            "without_box": "0,0,0,0",
        },
        "images": {"content": "png", "counts": "as in the clip"},
        "bad_frames": sorted(bad_frames.intersection(range(sequence.start, sequence.stop))),
        "models": models,
        "frames": _columns(sequence),
    }
    with (folder / FILE_NAME).open("w", encoding="utf-8", newline="\n") as file:
        json.dump(content, file, allow_nan=False)
        file.write("\n")


def _columns(sequence: Sequence) -> dict[str, list[object]]:
    frames = sequence.frames
    sources = {provenance.value: provenance.name.lower() for provenance in Provenance}
    presences = {presence.value: presence.name.lower() for presence in Presence}
    return {
        "index": list(range(sequence.start, sequence.stop)),
        "pts_s": [_number(time) for time in sequence.pts.tolist()],
        "source": [sources[value] for value in frames.provenance.tolist()],
        "presence": [presences[value] for value in frames.presence.tolist()],
        "model": [None if value < 0 else value for value in frames.model.tolist()],
        "score": [_number(value) for value in frames.score.tolist()],
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _version() -> str:
    try:
        return version("thermark")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "unreleased"
