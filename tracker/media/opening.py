"""Opening a clip, whatever it is stored in."""

from __future__ import annotations

import stat
from pathlib import Path

from tracker.address import SEPARATOR, split_address
from tracker.errors import MediaError
from tracker.jobs import Job, finish
from tracker.media.array_stack import HDF5_SUFFIXES, ArrayFormat, Hdf5Format, ZarrFormat, is_zarr
from tracker.media.cptv_stack import SUFFIX as CPTV_SUFFIX
from tracker.media.cptv_stack import CptvFormat
from tracker.media.flir_stack import SUFFIXES as FLIR_SUFFIXES
from tracker.media.flir_stack import FlirFormat
from tracker.media.images import IMAGE_SUFFIXES, open_images
from tracker.media.index_cache import IndexCache
from tracker.media.numpy_stack import NpyFormat, NpzFormat
from tracker.media.raw_header import read_header_file
from tracker.media.raw_stack import RawFormat, is_dump
from tracker.media.source import FrameSource
from tracker.media.stack import StackFormat, open_stack
from tracker.media.tiff_stack import SUFFIXES as TIFF_SUFFIXES
from tracker.media.tiff_stack import TiffFormat, is_stack
from tracker.media.video import open_video

STACKS: dict[str, StackFormat] = {
    ".npy": NpyFormat(),
    ".npz": NpzFormat(),
    CPTV_SUFFIX: CptvFormat(),
    **dict.fromkeys(FLIR_SUFFIXES, FlirFormat()),
}


def open_source(path: Path, *, cache_dir: Path | None = None) -> Job[FrameSource]:
    """Open a clip as a job; closing the job gives up and leaves nothing behind.

    The first time, a clip is read once from end to end; what was found out is kept in the user's cache,
    and opening it again takes no time.

    Args:
        path: A video file, a folder of images or one image of such a folder, or a file with a stack of frames: TIFF
            of several pages, NumPy .npy or .npz, CPTV, FLIR .seq or .csq, a dump of samples with its header file,
            an HDF5 file or a Zarr store, of which an array can be named ("recording.h5::/camera/frames").
        cache_dir: Where to keep what was found out; the user's cache folder of the platform where None.

    Returns:
        The clip.

    Raises:
        MediaError: Nothing is there, or it is not a clip that can be read.
        MissingHeaderError, SeveralArraysError: The user has to say more about it first.
    """
    file, inside = split_address(Path(path).expanduser().absolute())
    cache = IndexCache(cache_dir)
    is_folder = _is_folder(file)
    stack = _store_format(file, inside) if is_folder else stack_format(file, inside)
    if inside and not isinstance(stack, ArrayFormat):
        raise MediaError(
            "has no arrays with names.", where=file, todo=f"Leave out {SEPARATOR}{inside} from its path."
        )
    if stack is not None:
        return (yield from open_stack(file, cache, stack, inside))
    if is_folder:
        return (yield from open_images(file, cache))
    if file.suffix.lower() in IMAGE_SUFFIXES:
        return (yield from open_images(file.parent, cache))
    return (yield from open_video(file, cache))


def stack_format(path: Path, inside: str = "") -> StackFormat | None:
    """What reads a file with a stack of frames; None for other files.

    Raises:
        MediaError: A dump of samples has no header, or one that is not right.
    """
    suffix = path.suffix.lower()
    if suffix in TIFF_SUFFIXES:
        return TiffFormat() if is_stack(path) else None
    if suffix in HDF5_SUFFIXES:
        return Hdf5Format(inside)
    if is_dump(path):
        return RawFormat(read_header_file(path))
    return STACKS.get(suffix)


def _store_format(folder: Path, inside: str) -> StackFormat | None:
    return ZarrFormat(inside) if is_zarr(folder) else None


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
