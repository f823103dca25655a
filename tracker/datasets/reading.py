"""A data set as a stream of annotated clips: one at a time, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tracker.datasets.index import INDEX_NAME, SequenceIndex, read_index
from tracker.errors import FormatError
from tracker.exchange import ReadRequest
from tracker.exchange.reading import read_clips
from tracker.formats import AnnotatedClip, format_named, recognise
from tracker.formats.targets import Found, TargetFolders, frames_in
from tracker.jobs import Job


@dataclass(frozen=True)
class Entry:
    """A clip of a data set that has not been read yet.

    Attributes:
        name: Of the clip or the sequence.
        where: The file of its labels.
        read: Reads it; raises FormatError where it is damaged.
        found: Its folder, where a format has a folder and a file of boxes for each.
    """

    name: str
    where: Path
    read: Callable[[], AnnotatedClip]
    found: Found | None = None


@dataclass(frozen=True)
class DataSet:
    """What `open_data_set` found.

    Attributes:
        path: The file or folder.
        format_: Name of its format.
        entries: Its clips, in its order.
        index: What `index.json` says about them.
        is_zero_based: Whether the labels call the first pixel 0.
    """

    path: Path
    format_: str
    entries: tuple[Entry, ...]
    index: SequenceIndex
    is_zero_based: bool

    def label_of(self, clip: AnnotatedClip) -> AnnotatedClip:
        """The clip with the class of `index.json` on targets that have none."""
        label = self.index.labels.get(clip.name, "")
        if not label:
            return clip
        tracks = tuple(track if track.label else replace(track, label=label) for track in clip.tracks)
        return replace(clip, tracks=tracks)


def open_data_set(path: Path, format_: str | None = None, zero_based: bool | None = None) -> Job[DataSet]:
    """Find the clips of a data set.

    Formats with a file of boxes for each sequence are only listed here; all others are one file about many
    clips, and are read whole.

    Args:
        path: A file or folder of labels.
        format_: Name of its format; None to find out.
        zero_based: Whether the labels call the first pixel 0; None for what the format's own data sets do.

    Returns:
        The job. It raises FormatError where nothing is there, or a file is damaged.
    """
    path = path.expanduser()
    name = recognise(path) if format_ is None else format_
    kind = format_named(name)
    base = kind.is_zero_based if zero_based is None else zero_based
    if isinstance(kind, TargetFolders):
        entries = [_listed(kind, found, base) for found in kind.find(path)]
    else:
        entries = yield from _read_whole(path, name, zero_based)
    if not entries:
        raise FormatError("there is no sequence in it.", where=path, todo="Choose the data set's folder.")
    _require_own_names(path, entries)
    folder = path if path.is_dir() else path.parent
    return DataSet(path, name, tuple(entries), read_index(folder / INDEX_NAME), base)


def _listed(kind: TargetFolders, found: Found, zero_based: bool) -> Entry:
    return Entry(found.name, found.truth, lambda: kind.sequence(found, zero_based), found)


def _read_whole(path: Path, name: str, zero_based: bool | None) -> Job[list[Entry]]:
    _, clips = yield from read_clips(ReadRequest(path, name, None, zero_based))
    return [_read_already(read.clip) for read in clips]


def _read_already(clip: AnnotatedClip) -> Entry:
    return Entry(clip.name, clip.where, lambda: clip)


def _require_own_names(path: Path, entries: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.name in seen:
            raise FormatError(f"there are two sequences {entry.name!r}.", where=path, todo="Rename one.")
        seen.add(entry.name)


def media_in_sequence(data: DataSet, entry: Entry) -> Path | None:
    """The frames in a sequence's own folder; None where they lie elsewhere or are not at hand.

    Frames elsewhere are left alone because they may begin with another frame than the labels do.
    """
    kind = format_named(data.format_)
    if entry.found is None or not isinstance(kind, TargetFolders):
        return None
    return frames_in(entry.found.folder, kind.image_folders)
