"""Choices of an export."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.errors import ExportError
from tracker.formats.format import IMAGE_SUFFIXES, Format, GapRule, ImageRule, WriteOptions


@dataclass(frozen=True)
class ExportOptions:
    """Choices of an export.

    Attributes:
        gaps: What to do about frames in the midst of a track that nobody has annotated.
        zero_based: Whether the first pixel is 0; None for what the format's own data sets do.
        image_suffix: ".png", or ".jpg" or ".JPEG" for loaders that look for no other name. The content is PNG in
            any case, which image readers recognise whatever the name.
        track_ids: The tracks to export; None for all.
        images: What becomes of the frames; None for what is usual for the format.
        polygons: Whether VOT regions are written as polygons of four corners.
    """

    gaps: GapRule = GapRule.REFUSE
    zero_based: bool | None = None
    image_suffix: str = ".png"
    track_ids: tuple[int, ...] | None = None
    images: ImageRule | None = None
    polygons: bool = False

    def for_writing(self, format_: Format) -> WriteOptions:
        """What the writer of a format needs to know.

        Raises:
            ExportError: Images cannot be named so.
        """
        if self.image_suffix not in IMAGE_SUFFIXES:
            raise ExportError(
                f"images cannot be named {self.image_suffix!r}.", todo=f"Use {' or '.join(IMAGE_SUFFIXES)}."
            )
        zero_based = format_.is_zero_based if self.zero_based is None else self.zero_based
        return WriteOptions(zero_based, self.image_suffix, self.polygons)
