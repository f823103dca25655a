"""Opening a clip, whatever it is stored in."""

from __future__ import annotations

import stat
from pathlib import Path

from tracker.errors import MediaError
from tracker.jobs import Job, finish
from tracker.media.cptv_stack import SUFFIX as CPTV_SUFFIX
from tracker.media.cptv_stack import CptvFormat
from tracker.media.images import IMAGE_SUFFIXES, open_images
from tracker.media.index_cache import IndexCache
from tracker.media.numpy_stack import NpyFormat, NpzFormat
from tracker.media.source import FrameSource
from tracker.media.stack import StackFormat, open_stack
from tracker.media.tiff_stack import SUFFIXES as TIFF_SUFFIXES
from tracker.media.tiff_stack import TiffFormat, is_stack
from tracker.media.video import open_video

STACKS: dict[str, StackFormat] = {".npy": NpyFormat(), ".npz": NpzFormat(), CPTV_SUFFIX: CptvFormat()}


def open_source(path: Path, *, cache_dir: Path | None = None) -> Job[FrameSource]:
    """Open a clip as a job; closing the job gives up and leaves nothing behind.

    The first time, a clip is read once from end to end; what was found out is kept in the user's cache,
    and opening it again takes no time.

    Args:
        path: A video file, a folder of images or one image of such a folder, or a file with a stack of frames: TIFF
            of several pages, NumPy .npy or .npz, CPTV.
        cache_dir: Where to keep what was found out; the user's cache folder of the platform where None.

    Returns:
        The clip.

    Raises:
        MediaError: Nothing is there, or it is not a clip that can be read.
    """
    path, cache = Path(path).expanduser().absolute(), IndexCache(cache_dir)
    if _is_folder(path):
        return (yield from open_images(path, cache))
    stack = stack_format(path)
    if stack is not None:
        return (yield from open_stack(path, cache, stack))
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return (yield from open_images(path.parent, cache))
    return (yield from open_video(path, cache))


def stack_format(path: Path) -> StackFormat | None:
    """What reads a file with a stack of frames; None for other files."""
    suffix = path.suffix.lower()
    if suffix in TIFF_SUFFIXES:
        return TiffFormat() if is_stack(path) else None
    return STACKS.get(suffix)


def load_source(path: Path) -> FrameSource:
    """Open a clip and wait for it; see `open_source`."""
    return finish(open_source(path))


def _is_folder(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except PermissionError:
        raise MediaError(
            "you may not look into its folder.", where=path, todo="Change permissions."
        ) from None
    except OSError:
        raise MediaError("there is no such file or folder.", where=path, todo="Check the path.") from None
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise MediaError("is neither a file nor a folder.", where=path)
    return stat.S_ISDIR(mode)
