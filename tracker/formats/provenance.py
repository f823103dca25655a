"""`provenance.json` beside the labels of a sequence: where each box and each image comes from."""

from __future__ import annotations

import json
import math
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tracker.annotation.track import Presence, Provenance, Track
from tracker.formats.format import Format, ImageRule, Stretch, WriteOptions
from tracker.formats.rectangles import DECIMALS

FILE_NAME = "provenance.json"
SCHEMA_VERSION = 3


def side_file(folder: Path, format_: Format, stretch: Stretch, name: str) -> Path:
    """Where a file about one stretch lies in an output; named after the stretch where others lie there too."""
    home = format_.home(stretch)
    return folder / f"{stretch.name}.{name}" if home == "." else folder / home / name


def write_provenance(
    path: Path, stretch: Stretch, format_: Format, options: WriteOptions, images: ImageRule | None
) -> None:
    """Write the sidecar of a stretch.

    Lists under "frames" and under each of "tracks" have an entry for each frame of the stretch, in order. Frames of
    "bad_frames" and of the events of the sensor are counted from the first of the clip.

    Args:
        path: The file.
        stretch: What was exported.
        format_: The format.
        options: How the labels were written.
        images: What became of the frames; None where the clip was not at hand.
    """
    media = stretch.media
    content = {
        "schema": SCHEMA_VERSION,
        "thermark": thermark_version(),
        "format": format_.title,
        "sequence": stretch.name,
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
        "boxes": {
            "index_base": 0 if options.zero_based else 1,
            "decimals": format_.carries.decimals if format_.carries.decimals is not None else DECIMALS,
            "edges": "pixel edges at integers; right = x + width",
        },
        "images": {"content": "png", "counts": "as in the clip"}
        if images is ImageRule.COPY
        else {"content": "left where they are" if images else "not at hand"},
        "bad_frames": sorted(stretch.bad_frames.intersection(range(stretch.start, stretch.stop))),
        "sensor": {
            "searched": stretch.sensor.searched,
            "events": stretch.sensor.within(stretch.start, stretch.stop),
        },
        "models": list(stretch.models),
        "frames": {
            "index": list(range(stretch.start, stretch.stop)),
            "pts_s": [number(time) for time in stretch.pts.tolist()],
        },
        "tracks": [_columns(track) for track in stretch.tracks],
    }
    with path.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(content, file, allow_nan=False)
        file.write("\n")


def _columns(track: Track) -> dict[str, object]:
    frames = track.frames
    sources = {provenance.value: provenance.name.lower() for provenance in Provenance}
    presences = {presence.value: presence.name.lower() for presence in Presence}
    return {
        "id": track.id,
        "label": track.label,
        "attributes": track.attributes,
        "source": [sources[value] for value in frames.provenance.tolist()],
        "presence": [presences[value] for value in frames.presence.tolist()],
        "model": [None if value < 0 else value for value in frames.model.tolist()],
        "score": [number(value) for value in frames.score.tolist()],
        "accepted": frames.is_reviewed.tolist(),
    }


def number(value: float) -> float | None:
    """A number as JSON has it: NaN is null."""
    return value if math.isfinite(value) else None


def thermark_version() -> str:
    """Which Thermark writes."""
    try:
        return version("thermark")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "unreleased"
