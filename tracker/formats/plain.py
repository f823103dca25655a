"""Plain boxes: `groundtruth.txt` beside `img/` or a video, or any file of boxes; NaN where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tracker.formats.format import AnnotatedClip, Carries, Stretch, WriteOptions
from tracker.formats.rectangles import as_lines, read_rectangles, rectangles
from tracker.formats.targets import Found, Statement, TargetFolders


class Plain(TargetFolders):
    """One line x,y,w,h for each frame, pixels counted from 0: what `thermark track` writes."""

    title = "Plain boxes"
    is_zero_based = True
    truths = ("groundtruth.txt",)
    image_folders = ("img", "ir", "")
    carries = Carries()

    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """`groundtruth.txt`."""
        frames = stretch.track.frames
        rows = rectangles(frames, zero_based=options.zero_based)
        rows[~frames.has_box] = np.nan
        return {"groundtruth.txt": as_lines(rows, "%.12g")}

    def find(self, path: Path) -> list[Found]:
        """Also a text file of any name."""
        if path.is_file() and path.suffix.lower() in (".txt", ".csv"):
            return [Found(path.stem, path.parent, path)]
        return super().find(path)

    def has_signs(self, path: Path, first: Found) -> bool:
        """There are none: this is what is left."""
        del path, first
        return True

    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Boxes, and no more."""
        boxes = read_rectangles(found.truth, zero_based=zero_based)
        return self.clip(found, [Statement(box) for box in boxes])
