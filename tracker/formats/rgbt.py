"""RGBT234 and GTOT, the infrared half: pairs of a visible and a thermal clip, of which the thermal one is ours.

Li et al., "RGB-T Object Tracking: Benchmark and Baseline", Pattern Recognition 2019; Li et al., "Learning
Collaborative Sparse Representation for Grayscale-Thermal Tracking", TIP 2016.
"""

from __future__ import annotations

from pathlib import Path

from tracker.formats.format import AnnotatedClip, Carries, Stretch, WriteOptions
from tracker.formats.rectangles import as_lines, read_corners, read_regions, rectangles
from tracker.formats.targets import Found, Statement, TargetFolders
from tracker.geometry import Box


class Rgbt234(TargetFolders):
    """`infrared/`, `infrared.txt` and `init.txt`, which older loaders read; pixels are counted from 1."""

    title = "RGBT234, infrared half"
    is_zero_based = False
    truths = ("infrared.txt", "init.txt")
    image_folders = ("infrared",)
    carries = Carries()

    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """The same boxes under both names."""
        text = as_lines(rectangles(stretch.track.frames, zero_based=options.zero_based), "%.12g")
        return {"infrared.txt": text, "init.txt": text}

    def has_signs(self, path: Path, first: Found) -> bool:
        """The names are its own."""
        del path, first
        return True

    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Boxes; four corners, which some sequences have, become the box around them."""
        boxes, polygons = read_regions(found.truth, zero_based=zero_based)
        notes = (
            (f"{found.name}: {polygons} polygons were read as the boxes around them.",) if polygons else ()
        )
        return self.clip(found, [Statement(box) for box in boxes], notes=notes)


class Gtot(TargetFolders):
    """`i/` and `groundTruth_i.txt` with two corners on each line; pixels are counted from 1."""

    title = "GTOT, infrared half"
    is_zero_based = False
    truths = ("groundTruth_i.txt",)
    image_folders = ("i",)
    carries = Carries()

    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """The corners."""
        rows = rectangles(stretch.track.frames, zero_based=options.zero_based)
        for row in rows:
            row[2:] = Box(*row.tolist()).right, Box(*row.tolist()).bottom
        return {"groundTruth_i.txt": as_lines(rows, "%.12g").replace(",", " ")}

    def has_signs(self, path: Path, first: Found) -> bool:
        """The name is its own."""
        del path, first
        return True

    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Boxes of two corners."""
        boxes = read_corners(found.truth, zero_based=zero_based)
        return self.clip(found, [Statement(box) for box in boxes])
