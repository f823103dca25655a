"""Which clip a project is about, and where it lies now."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from tracker.address import is_there, join_address, split_address
from tracker.annotation.document import MediaRecord
from tracker.errors import MediaError

if TYPE_CHECKING:  # a project opens without the readers of media
    from tracker.media.source import FrameSource


def media_record(source: FrameSource) -> MediaRecord:
    """What a project keeps about a clip."""
    width, height = source.size
    return MediaRecord(
        path=str(source.path.absolute()),
        kind=source.kind,
        content_hash=source.content_hash,
        length=len(source),
        width=width,
        height=height,
        dtype=source.dtype.name,
        channels=source.channels,
        fps=source.fps,
    )


def relative_path(media: str, project: Path) -> str | None:
    """The way from the project's folder to the media, with forward slashes; None across Windows drives."""
    try:
        return Path(os.path.relpath(media, project.absolute().parent)).as_posix()
    except ValueError:
        return None


def find_media(stored: str, relative: str | None, project: Path) -> Path:
    """Look for the media where it was, then relative to the project file, then beside it by name.

    Only existence is looked at: whoever opens it compares the content hash.

    Raises:
        MediaError: It is at none of these places.
    """
    folder = project.absolute().parent
    file, inside = split_address(Path(stored))
    name = PureWindowsPath(file).name  # splits at both kinds of slash
    candidates = [Path(stored), join_address(folder / name, inside)]
    if relative is not None:
        candidates.insert(1, (folder / relative).resolve())
    for candidate in candidates:
        if is_there(candidate):
            return candidate
    raise MediaError(
        "the clip of this project is not where it was.",
        where=stored,
        todo="Put it back, or beside the project file, or tell Thermark where it is now.",
    )
