"""Files that are what they were before, or the whole new ones, at any moment."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from av.error import FFmpegError

from tracker.errors import OutputError
from tracker.media.images import IMAGE_SUFFIXES


def require_output(path: Path, suffixes: Collection[str], clip: Path | None = None) -> None:
    """Refuse a file that cannot be written, before any work is done.

    Args:
        path: The file.
        suffixes: Those that it may have, in small letters.
        clip: What must not be written over, nor, where it is a folder of images, into.

    Raises:
        OutputError: Its suffix is another, its folder is missing or cannot be written, it is a folder, the clip, or
            would become a frame of it.
    """
    if path.suffix.lower() not in suffixes:
        raise OutputError(
            f"{path.suffix or 'no suffix'} says no kind of file that is written here.",
            where=path,
            todo=f"Give it a name that ends with {' or '.join(suffixes)}.",
        )
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(
            "its folder does not exist.", where=path, todo="Make the folder, or choose another."
        )
    if path.is_dir():
        raise OutputError("this is a folder.", where=path, todo="Choose another name.")
    if not os.access(folder, os.W_OK):
        raise OutputError("its folder cannot be written to.", where=path, todo="Choose another folder.")
    if clip is not None and clip.exists():
        _require_apart(path, clip)


def _require_apart(path: Path, clip: Path) -> None:
    """Refuse to write over a clip, or an image among those that are its frames."""
    if path.exists() and path.samefile(clip):
        raise OutputError("this is the clip itself.", where=path, todo="Choose another name.")
    is_image = path.suffix.lower() in IMAGE_SUFFIXES
    if is_image and clip.is_dir() and path.absolute().parent.samefile(clip):
        raise OutputError(
            "an image in the clip's own folder would be taken for one of its frames.",
            where=path,
            todo="Choose another folder.",
        )


@contextmanager
def replaced_whole(path: Path) -> Iterator[Path]:
    """Give the name of a file to write, which takes the place of `path` at the end; where anything goes wrong, it goes.

    Raises:
        OutputError: It cannot be written.
    """
    part = path.with_name(
        f".part-{uuid.uuid4().hex[:8]}{path.suffix}"
    )  # short: the name may be as long as may be
    try:
        yield part
        part.replace(path)
    except (FFmpegError, OSError) as error:
        raise OutputError(
            f"cannot be written ({error.strerror or error}).",
            where=path,
            todo="Choose a folder that can be written to and has room.",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()
