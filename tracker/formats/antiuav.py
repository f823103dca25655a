"""Anti-UAV: for each sequence images or a video, and `IR_label.json` with `exist` and `gt_rect`.

Jiang et al., "Anti-UAV: A Large-Scale Benchmark for Vision-Based UAV Tracking", TMM 2023.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

from tracker.formats.format import AnnotatedClip, Carries, Stretch, WriteOptions
from tracker.formats.json_text import Node, read_json
from tracker.formats.rectangles import rectangles
from tracker.formats.targets import Found, Statement, TargetFolders
from tracker.formats.text import box_or_absence

NAMES = ("IR_label.json", "infrared.json")


class AntiUav(TargetFolders):
    """The Anti-UAV layout: as Anti-UAV410 has it, images beside the labels; read also with `infrared.mp4`."""

    title = "Anti-UAV"
    is_zero_based = True
    truths = NAMES
    image_folders = ("infrared", "")
    carries = Carries()

    def image_path(self, stretch: Stretch, number: int) -> str:
        """Six digits, beside the labels."""
        return f"{stretch.name}/{number:06d}"

    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """`IR_label.json`; 0,0,0,0 where the target does not exist."""
        frames = stretch.track.frames
        rows = rectangles(frames, zero_based=options.zero_based)
        content = {"exist": frames.has_box.astype(int).tolist(), "gt_rect": rows.tolist()}
        return {NAMES[0]: json.dumps(content) + "\n"}

    def has_signs(self, path: Path, first: Found) -> bool:
        """The names are its own."""
        del path, first
        return True

    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Boxes where the target exists; `gt_rect` may be empty where it does not."""
        root = read_json(found.truth)
        exist = [node.truth() for node in root.member("exist").items()]
        rows = list(root.member("gt_rect").items())
        if len(rows) != len(exist):
            raise root.member("gt_rect").error(f"it has {len(rows)} boxes for {len(exist)} flags of exist.")
        said = [_statement(*values, zero_based) for values in zip(exist, rows, strict=True)]
        return self.clip(found, said)


def _statement(exists: bool, row: Node, zero_based: bool) -> Statement:
    if not exists and row.value in ([], [0]):
        return Statement(None)
    x, y, width, height = row.numbers(4)
    if any(map(math.isnan, (x, y, width, height))):
        raise row.error("a number of the box is NaN.")
    box = box_or_absence((x, y, width, height), row, zero_based) if exists else None
    return Statement(box)
