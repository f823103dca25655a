"""Thermark json: everything that a project says about its tracks, without loss.

One file for each clip: `{"format": "thermark tracks", "version": 1, "media": {...}, "models": [...],
"tracks": [{"id", "label", "colour", "attributes", "locked", "frames": {columns}}]}`. A track's columns have an
entry for each frame about which something is said. Boxes are x, y, width, height, 0-based, with all their digits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from tracker.annotation.track import NO_MODEL, Frames, Presence, Provenance, Track
from tracker.errors import AnnotationError, FormatError
from tracker.formats.format import (
    AnnotatedClip,
    Carries,
    ImageRule,
    MediaHint,
    Origins,
    ReadOptions,
    Stretch,
    Unit,
    WriteOptions,
)
from tracker.formats.json_text import Node, begins_with, read_json
from tracker.formats.provenance import number, thermark_version
from tracker.formats.targets import referenced
from tracker.formats.text import MAX_FRAMES, MAX_ID, checked_box, require_clip_size, shown
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter

T = TypeVar("T")

SIGN = "thermark tracks"
VERSION = 1
MOST_MODELS = 32_000

_PROVENANCES = {provenance.name.lower(): provenance for provenance in Provenance if provenance}
_PRESENCES = {presence.name.lower(): presence for presence in Presence}


class ThermarkJson:
    """One file for each clip, the clip left where it is."""

    title = "Thermark json"
    unit = Unit.CLIP
    images = ImageRule.REFERENCE
    is_zero_based = True
    carries = Carries(
        decimals=None,
        absences=frozenset(Presence),
        gaps=True,
        occlusion=True,
        origins=Origins.ALL,
        scores=True,
        review=True,
        label=True,
        attributes=None,
        ids=True,
        colours=True,
    )

    def home(self, stretch: Stretch) -> str:
        """The output itself."""
        del stretch
        return "."

    def image_path(self, stretch: Stretch, number: int) -> str:
        """In a folder for each clip."""
        return f"{stretch.name}/{number:08d}"

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write the files, a track after the other."""
        del options  # there is one convention
        meter = ProgressMeter(f"Writing {self.title}", sum(len(s.tracks) for s in stretches))
        done = 0
        for stretch in stretches:
            with (folder / f"{stretch.name}.json").open("w", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(_head(stretch), allow_nan=False)[:-1] + ', "tracks": [')
                for n, track in enumerate(stretch.tracks):
                    file.write((",\n" if n else "\n") + json.dumps(_track(track), allow_nan=False))
                    done += 1
                    yield meter.at(done)
                file.write("\n]}\n")

    def recognise(self, path: Path) -> bool:
        """A json with the sign in its beginning."""
        return bool(_files(path))

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read a file, or all of a folder.

        Raises:
            FormatError: A file is damaged or of a newer version, or there is none.
        """
        del options
        files = [path] if path.is_file() else _files(path) or _own_names(path)
        if not files:
            raise FormatError("there is no json of Thermark.", where=path)
        clips = []
        for file in files:
            root = read_json(file)
            _require_ours(root)
            nodes = list(root.member("tracks").items())
            meter = ProgressMeter(f"Reading {file.name}", len(nodes))
            tracks: list[Track] = []
            models = _models(root)
            length = root.member("media").member("length").whole(1, MAX_FRAMES)
            require_clip_size(file, length, len(nodes))
            for done, node in enumerate(nodes):
                yield meter.at(done)
                tracks.append(_read_track(node, length, models))
            yield meter.at(len(nodes))
            _require_unlike(tracks, root)
            media = _media(root, file)
            clips.append(AnnotatedClip(file.stem, tuple(tracks), media, file, tuple(models)))
        return clips


def _files(path: Path) -> list[Path]:
    found = [path] if path.is_file() else sorted(path.glob("*.json")) if path.is_dir() else []
    return [file for file in found if begins_with(file, (SIGN,), 4096)]


def _own_names(path: Path) -> list[Path]:
    """Files that could be meant, where none has the sign: what is wrong with the first one is then said."""
    return [file for file in sorted(path.glob("*.json")) if not file.name.endswith("provenance.json")]


def _head(stretch: Stretch) -> dict[str, object]:
    media = stretch.media
    return {
        "format": SIGN,
        "version": VERSION,
        "thermark": thermark_version(),
        "media": {
            "name": Path(media.path).name,
            "path": media.path,
            "kind": media.kind,
            "content_hash": media.content_hash,
            "length": media.length,
            "width": media.width,
            "height": media.height,
            "dtype": media.dtype,
            "channels": media.channels,
            "fps": media.fps,
        },
        "models": list(stretch.models),
    }


def _track(track: Track) -> dict[str, object]:
    frames = track.frames
    said = np.flatnonzero(frames.is_said)
    provenances = {value: name for name, value in _PROVENANCES.items()}
    presences = {value: name for name, value in _PRESENCES.items()}
    return {
        "id": track.id,
        "label": track.label,
        "colour": track.colour,
        "attributes": list(track.attributes),
        "locked": track.locked,
        "frames": {
            "index": said.tolist(),
            "box": [None if math.isnan(box[0]) else box for box in frames.boxes[said].tolist()],
            "source": [provenances[Provenance(value)] for value in frames.provenance[said].tolist()],
            "presence": [presences[Presence(value)] for value in frames.presence[said].tolist()],
            "score": [number(value) for value in frames.score[said].tolist()],
            "model": [None if value < 0 else value for value in frames.model[said].tolist()],
            "accepted": frames.reviewed[said].tolist(),
        },
    }


def _require_ours(root: Node) -> None:
    if root.member("format").value != SIGN:
        raise root.member("format").error("it is no json of Thermark.")
    found = root.member("version")
    if found.whole(1, MAX_ID) > VERSION:
        raise found.error("it was written by a newer Thermark.")


def _models(root: Node) -> list[str]:
    models = [item.word() for item in root.member("models").items()]
    if len(models) > MOST_MODELS or len(set(models)) != len(models):
        raise root.member("models").error("models are named twice, or are too many.")
    return models


def _require_unlike(tracks: list[Track], root: Node) -> None:
    ids = [track.id for track in tracks]
    if len(set(ids)) != len(ids):
        raise root.member("tracks").error("two tracks have the same id.")


def _media(root: Node, file: Path) -> MediaHint:
    media = root.member("media")
    size = (media.member("width").whole(0, 1 << 16), media.member("height").whole(0, 1 << 16))
    fps, stated = media.get("fps"), media.get("path")
    path = Path(stated.word()) if stated is not None else None
    found = path if path is not None and path.is_absolute() and path.exists() else None
    if found is None:
        found = next(
            (p for p in _beside(media, file) if p.exists()), referenced(file.parent, f"{file.stem}.")
        )
    return MediaHint(
        found,
        size if all(size) else None,
        media.member("length").whole(1, MAX_FRAMES),
        None if fps is None else fps.number(),
        media.member("content_hash").word(),
    )


def _beside(media: Node, file: Path) -> list[Path]:
    """Where the clip may have been moved along with the file."""
    name = media.member("name").word()
    is_plain = name and Path(name).name == name
    return [file.parent / name, file.with_suffix("")] if is_plain else []


def _read_track(node: Node, length: int, models: list[str]) -> Track:
    colour = node.member("colour")
    if not re.fullmatch("#[0-9a-fA-F]{6}", str(colour.value)):
        raise colour.error("it is not a colour.")
    columns = node.member("frames")
    frames = Frames.empty(length)
    indices = [item.whole(0, length - 1) for item in columns.member("index").items()]
    if any(a >= b for a, b in pairwise(indices)):
        raise columns.member("index").error("the frames are not in ascending order.")
    where = np.asarray(indices, np.int64)
    rows = frames.rows
    if indices:
        rows["box"][where] = _column(columns, "box", len(indices), _box)
        rows["provenance"][where] = _column(columns, "source", len(indices), _one_of(_PROVENANCES))
        rows["presence"][where] = _column(columns, "presence", len(indices), _one_of(_PRESENCES))
        rows["score"][where] = _column(columns, "score", len(indices), _score)
        rows["model"][where] = _column(columns, "model", len(indices), _model)
        frames.reviewed[where] = _column(columns, "accepted", len(indices), lambda item: item.truth())
    try:
        frames.check(len(models))
    except AnnotationError as error:
        raise columns.error(f"{error.where}: {error.what}") from None
    return Track(
        node.member("id").whole(1, MAX_ID),
        shown(node.member("label").word(), node, 1000),
        str(colour.value),
        tuple(item.word() for item in node.member("attributes").items()),
        frames,
        locked=node.member("locked").truth(),
    )


def _column(columns: Node, key: str, length: int, read: Callable[[Node], T]) -> list[T]:
    node = columns.member(key)
    if not isinstance(node.value, list) or len(node.value) != length:
        raise node.error(f"{length} entries are due, as many as in index.")
    return [read(item) for item in node.items()]


def _box(item: Node) -> tuple[float, float, float, float]:
    if item.value is None:
        return (math.nan,) * 4
    values = item.numbers(4)
    return checked_box(Box(*values), item).as_tuple()


def _one_of(words: Mapping[str, int]) -> Callable[[Node], int]:
    def read(item: Node) -> int:
        if not isinstance(item.value, str) or item.value not in words:
            raise item.error(f"{str(item.value)[:40]!r} is none of {', '.join(words)}.")
        return int(words[item.value])

    return read


def _score(item: Node) -> float:
    return math.nan if item.value is None else item.number()


def _model(item: Node) -> int:
    return NO_MODEL if item.value is None else item.whole(0, MOST_MODELS)
