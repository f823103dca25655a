"""OTB, LSOTB-TIR, PTB-TIR: for each sequence `img/` and `groundtruth_rect.txt`, attributes as flags.

Wu, Lim and Yang, "Object Tracking Benchmark", TPAMI 2015; Liu et al., "LSOTB-TIR", ACM MM 2020; Liu et al.,
"PTB-TIR", IEEE TMM 2020. The toolkits of the two thermal ones keep boxes and flags together in a folder of
annotations: `anno/NAME.txt`, `anno/att/NAME.txt`; they are written to both places.
"""

from __future__ import annotations

from pathlib import Path

from tracker.formats.attributes import as_flags, read_flags, words_of
from tracker.formats.format import AnnotatedClip, Carries, Stretch, WriteOptions
from tracker.formats.rectangles import as_lines, read_rectangles, rectangles
from tracker.formats.targets import Found, Statement, TargetFolders
from tracker.media.images import natural_key


class Otb(TargetFolders):
    """The layout of the OTB family: one folder for a sequence, pixels counted from 1.

    Args:
        title: For the user.
        annotations: Folder of annotations beside the sequences; "" where there is none.
        protocol: Name of the protocol that has the order of the attribute flags; "" for none.
        digits: Of image numbers, at least.
    """

    is_zero_based = False
    truths = ("groundtruth_rect.txt",)

    def __init__(self, title: str, annotations: str = "", protocol: str = "", digits: int = 4) -> None:
        self.title, self.annotations, self.digits = title, annotations, digits
        self.words = words_of(protocol) if protocol else ()
        self.carries = Carries(attributes=self.words)

    def image_path(self, stretch: Stretch, number: int) -> str:
        """In `img`, with four or eight digits, or more where the last number needs them: names sort as numbers."""
        return f"{stretch.name}/img/{number:0{max(self.digits, len(str(len(stretch))))}d}"

    def labels(self, stretch: Stretch, options: WriteOptions) -> dict[str, str]:
        """`groundtruth_rect.txt`; whole numbers are written without decimals."""
        return {"groundtruth_rect.txt": _lines(stretch, options)}

    def index(self, stretches: list[Stretch], options: WriteOptions) -> dict[str, str]:
        """The folder of annotations."""
        if not self.annotations:
            return {}
        boxes = {f"{self.annotations}/{s.name}.txt": _lines(s, options) for s in stretches}
        flags = {
            f"{self.annotations}/att/{s.name}.txt": as_flags(s.track.attributes, self.words)
            for s in stretches
        }
        return boxes | flags

    def has_signs(self, path: Path, first: Found) -> bool:
        """The folder of annotations, with as many flags in it as there should be."""
        if not self.annotations:
            return True
        if first.truth.parent.name != self.annotations and not (path / self.annotations).is_dir():
            return False
        flags = self._flags_of(first)
        return flags.is_file() and flags.read_text(errors="replace").count(",") + 1 == len(self.words)

    def find(self, path: Path) -> list[Found]:
        """Sequences by their folder of annotations (with or without images beside it), or as in OTB."""
        annotations = path if path.name == self.annotations else path / self.annotations
        if not self.annotations or not annotations.is_dir():
            return super().find(path)
        files = sorted(annotations.glob("*.txt"), key=lambda file: natural_key(file.name))
        return [Found(file.stem, annotations.parent / file.stem, file) for file in files]

    def sequence(self, found: Found, zero_based: bool) -> AnnotatedClip:
        """Boxes, and the attributes."""
        boxes = read_rectangles(found.truth, zero_based=zero_based)
        attributes = read_flags(self._flags_of(found), self.words, self.title)
        return self.clip(found, [Statement(box) for box in boxes], attributes=attributes)

    def _flags_of(self, found: Found) -> Path:
        inside = found.truth.parent / "att" / f"{found.name}.txt"
        beside = found.folder.parent / (self.annotations or "anno") / "att" / f"{found.name}.txt"
        return inside if inside.is_file() else beside


def _lines(stretch: Stretch, options: WriteOptions) -> str:
    return as_lines(rectangles(stretch.track.frames, zero_based=options.zero_based), "%.12g")
