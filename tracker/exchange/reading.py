"""Annotation from elsewhere, joined with the clips that it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tracker.annotation.document import Document, MediaRecord
from tracker.annotation.track import Frames, Track
from tracker.errors import FormatError
from tracker.formats import AnnotatedClip, ReadOptions, format_named, recognise
from tracker.jobs import Job
from tracker.media import FrameSource, open_source
from tracker.store import media_record

SEVERAL = "Take the labels apart, or leave --media out: the clips are then looked for beside the labels."


@dataclass(frozen=True)
class ReadRequest:
    """What to read.

    Attributes:
        path: A file or folder of labels.
        format_: Name of its format; None to find out.
        media: The clip it is about; None to look for it beside the labels.
        zero_based: Whether the first pixel is 0; None for what the format's own data sets do.
    """

    path: Path
    format_: str | None = None
    media: Path | None = None
    zero_based: bool | None = None


@dataclass(frozen=True)
class ReadClip:
    """A clip that was read.

    Attributes:
        clip: Its targets.
        media: Where its frames lie; None where they are not at hand.
    """

    clip: AnnotatedClip
    media: Path | None


def read_clips(request: ReadRequest) -> Job[tuple[str, list[ReadClip]]]:
    """Read labels; frames are looked at only for their size, and only where they are named.

    Returns:
        The name of the format, and the clips.

    Raises:
        FormatError: The labels are damaged or in no known format.
        MediaError: The clip that is named cannot be opened.
    """
    name = request.format_ if request.format_ is not None else recognise(request.path)
    format_ = format_named(name)
    if not request.path.exists():
        raise FormatError("there is no such file or folder.", where=request.path, todo="Check the path.")
    size = None
    if request.media is not None:
        source = yield from open_source(request.media)
        size = source.size
        source.close()
    clips = yield from format_.read(request.path, ReadOptions(request.zero_based, size))
    if not clips:
        raise FormatError("there is nothing in it.", where=request.path)
    if request.media is not None and len(clips) > 1:
        raise FormatError(f"the labels are of {len(clips)} clips.", where=request.path, todo=SEVERAL)
    return name, [ReadClip(clip, request.media or clip.media.path) for clip in clips]


def document_with(clip: AnnotatedClip, source: FrameSource) -> tuple[Document, tuple[str, ...]]:
    """The document of an annotated clip, its tracks as long as the clip, and notes.

    Raises:
        FormatError: The labels are of another clip: longer, or with frames of another size.
    """
    if len(clip) > len(source):
        raise FormatError(
            f"the labels speak of {len(clip)} frames, and the clip has {len(source)}.",
            where=clip.where,
            todo=f"Name the right clip with --media; this is {source.path}.",
        )
    if clip.media.size is not None and clip.media.size != source.size:
        stated, found = ("{} x {}".format(*size) for size in (clip.media.size, source.size))
        raise FormatError(
            f"the labels are for frames of {stated} pixels, and the clip has {found}.",
            where=clip.where,
            todo=f"Name the right clip with --media; this is {source.path}.",
        )
    return _document(clip, media_record(source)), _notes(clip, source)


def document_alone(clip: AnnotatedClip) -> Document:
    """The document of labels whose clip is not at hand; its frame size may be 0 x 0."""
    hint = clip.media
    width, height = hint.size or (0, 0)
    length = max(len(clip), hint.length or 0)
    path = str(hint.path or clip.name)
    kind = "video" if Path(path).suffix else "images"
    record = MediaRecord(path, kind, hint.content_hash or "", length, width, height, "uint8", 1, hint.fps)
    return _document(clip, record)


def _document(clip: AnnotatedClip, record: MediaRecord) -> Document:
    models = list(clip.models)
    tracks = {track.id: _padded(track, record.length, models) for track in clip.tracks}
    return Document(record, tracks, models=models, last_track_id=max(tracks, default=0))


def _padded(track: Track, length: int, models: list[str]) -> Track:
    frames = Frames.empty(length)
    frames.paste(0, track.frames)
    return replace(track, frames=frames, models=models)


def _notes(clip: AnnotatedClip, source: FrameSource) -> tuple[str, ...]:
    notes = clip.notes
    if 0 < len(clip) < len(source):
        notes += (f"{clip.name}: the labels end with frame {len(clip) - 1} of {len(source)} frames.",)
    stated = clip.media.content_hash
    if stated and stated != source.content_hash:
        notes += (f"{clip.name}: the clip is not, byte for byte, the one that was annotated.",)
    return notes
