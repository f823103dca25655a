"""The frames of an export: copied without loss, or left where they are and named in a list."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tracker.errors import ExportError
from tracker.formats.format import Format, Stretch
from tracker.formats.provenance import side_file
from tracker.jobs import Job, ProgressMeter
from tracker.media.images import ImageFolder
from tracker.media.source import Counts, FrameSource
from tracker.opencv import cv2

PNG_EFFORT = 1  # of 9: sensor noise does not compress, and more effort only takes longer
IMAGE_LIST = "images.txt"
VIDEO_LIST = "video.txt"


def copy_images(
    folder: Path, stretches: list[Stretch], source: FrameSource, format_: Format, suffix: str
) -> Job[None]:
    """Write the images of all stretches of a clip as PNG of the counts, going through the clip once."""
    for stretch in stretches:
        (folder / format_.image_path(stretch, 1)).parent.mkdir(parents=True, exist_ok=True)
    is_wanted = np.zeros(len(source), np.bool_)
    for stretch in stretches:
        is_wanted[stretch.start : stretch.stop] = True
    wanted = np.flatnonzero(is_wanted)
    meter = ProgressMeter(f"Writing {format_.title}", len(wanted))
    yield meter.at(0)
    for done, index in enumerate(map(int, wanted), start=1):
        png = _png(source.frame(index))
        for stretch in stretches:
            if stretch.start <= index < stretch.stop:
                name = format_.image_path(stretch, index - stretch.start + 1)
                (folder / (name + suffix)).write_bytes(png)
        if meter.due() or done == len(wanted):
            yield meter.at(done)


def _png(counts: Counts) -> bytes:
    """Counts (H, W) or (H, W, 3) RGB as a PNG of the same depth."""
    pixels = counts[..., ::-1] if counts.ndim == 3 else counts  # OpenCV writes BGR
    done, data = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, PNG_EFFORT])
    if not done:
        raise ExportError(f"a frame of {counts.shape} {counts.dtype} cannot be written as PNG.")
    return bytes(data)


def name_images(folder: Path, stretches: list[Stretch], source: FrameSource, format_: Format) -> None:
    """Write where the frames of each stretch lie.

    `images.txt` has the path of one image on each line; `video.txt` has the path of the video, and then the
    frame index of the stretch's first frame and the number of its frames.
    """
    for stretch in stretches:
        if isinstance(source, ImageFolder):
            lines = [str(source.file(i).absolute()) for i in range(stretch.start, stretch.stop)]
            path = side_file(folder, format_, stretch, IMAGE_LIST)
        else:
            lines = [str(source.path.absolute()), f"{stretch.start} {len(stretch)}"]
            path = side_file(folder, format_, stretch, VIDEO_LIST)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
