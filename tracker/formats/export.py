"""The export job: reads each frame once, and writes all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tracker.annotation.document import Document
from tracker.annotation.track import Track
from tracker.errors import ExportError
from tracker.formats.format import Format, ImageRule, Stretch
from tracker.formats.images import copy_images, name_images
from tracker.formats.losses import losses
from tracker.formats.options import ExportOptions
from tracker.formats.provenance import FILE_NAME, side_file, write_provenance
from tracker.formats.sequences import plan, with_own_names
from tracker.formats.table import FORMATS
from tracker.formats.whole import whole_folder
from tracker.jobs import Job
from tracker.media.source import FrameSource


@dataclass(frozen=True)
class ExportedSequence:
    """A sequence that was written.

    Attributes:
        name: Of its folder or file in the output.
        track_ids: The tracks in it.
        start: Frame index in the clip of its first frame.
        length: Number of frames.
        has_images: Whether its frames were copied.
    """

    name: str
    track_ids: tuple[int, ...]
    start: int
    length: int
    has_images: bool = True

    @property
    def track_id(self) -> int:
        """The only track, or the first."""
        return self.track_ids[0]


@dataclass(frozen=True)
class ExportReport:
    """What an export has written.

    Attributes:
        output: The folder.
        sequences: Its sequences.
        notes: What the user should know about them, a sentence each; what the format cannot carry among them.
        lost: What the format cannot carry of what is said in these tracks, a phrase each.
    """

    output: Path
    sequences: tuple[ExportedSequence, ...]
    notes: tuple[str, ...]
    lost: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        """Number of images."""
        return sum(sequence.length for sequence in self.sequences if sequence.has_images)


@dataclass(frozen=True)
class ClipToExport:
    """A clip with its tracks.

    Attributes:
        document: The tracks.
        open_clip: Gives a reader of the clip; None where the clip is not at hand and only labels are written.
        closes: Whether the reader is closed afterwards.
        name: Of the clip in the data set that it comes from; empty for one made of its path.
    """

    document: Document
    open_clip: Callable[[], Job[FrameSource]] | None
    closes: bool = True
    name: str = ""


def export(
    document: Document,
    source: FrameSource,
    format_: str,
    output: Path,
    options: ExportOptions | None = None,
) -> Job[ExportReport]:
    """Write tracks as training data.

    Takes a copy of the document at once, so that it may be edited while the job runs. In formats of one target
    a sequence, each track becomes one, from its first box to its last annotated frame; other formats have all
    tracks of the clip together. Frames are written losslessly, as PNG of the counts, or left where they are.
    `output` appears when all is written; a job that fails or is closed leaves nothing.

    Args:
        document: The project's.
        source: Its clip, for this job alone.
        format_: A key of `FORMATS`.
        output: A folder that does not exist or is empty.
        options: Choices; the defaults where not given.

    Returns:
        The job. It raises ExportError where an unreviewed proposal, a gap, an occupied output or anything
        else is in the way, and MediaError where the clip cannot be read.
    """
    snapshot = Document(
        media=replace(document.media, path=str(source.path)),
        tracks={track.id: track.copy() for track in document.tracks.values()},
        proposals={proposal.id: proposal.copy() for proposal in document.proposals.values()},
        models=list(document.models),
    )

    def given() -> Job[FrameSource]:
        yield from ()
        return source

    clip = ClipToExport(snapshot, given, closes=False)
    return export_clips([clip], format_, output, options or ExportOptions())


def export_clips(
    clips: list[ClipToExport], format_: str, output: Path, options: ExportOptions
) -> Job[ExportReport]:
    """Write the tracks of several clips as one data set; see `export`."""
    if format_ not in FORMATS:
        raise ExportError(f"there is no format {format_!r}.", todo=f"Choose one of {', '.join(FORMATS)}.")
    writer = FORMATS[format_]
    how = options.for_writing(writer)
    rule = options.images or writer.images
    stretches: list[Stretch] = []
    notes: list[str] = []
    rules: list[ImageRule | None] = []
    with whole_folder(output) as folder:
        for clip in clips:
            found = yield from _one_clip(folder, clip, writer, options, stretches, notes)
            stretches += found
            rules += [rule if clip.open_clip is not None else None] * len(found)
        for stretch in stretches:
            (folder / writer.home(stretch)).mkdir(parents=True, exist_ok=True)
        yield from writer.write(folder, stretches, how)
        for stretch, images in zip(stretches, rules, strict=True):
            write_provenance(side_file(folder, writer, stretch, FILE_NAME), stretch, writer, how, images)
    written = [
        ExportedSequence(s.name, tuple(t.id for t in s.tracks), s.start, len(s), images is ImageRule.COPY)
        for s, images in zip(stretches, rules, strict=True)
    ]
    lost = losses(tuple(_all_tracks(stretches)), writer.carries)
    notes += _image_notes(stretches, rules, how.image_suffix)
    if lost:
        notes.append(
            f"{writer.title} cannot carry {', '.join(lost)}; provenance.json beside the labels has the sources."
        )
    return ExportReport(output, tuple(written), tuple(notes), tuple(lost))


def _one_clip(
    folder: Path,
    clip: ClipToExport,
    writer: Format,
    options: ExportOptions,
    earlier: list[Stretch],
    notes: list[str],
) -> Job[list[Stretch]]:
    """Plan one clip, and write its images; returns its stretches, named unlike the earlier ones."""
    source = (yield from clip.open_clip()) if clip.open_clip is not None else None
    try:
        planned, said = plan(clip.document, source, writer, options, clip.name)
        notes += said
        stretches = with_own_names([*earlier, *planned])[len(earlier) :]
        if source is not None and (options.images or writer.images) is ImageRule.COPY:
            yield from copy_images(folder, stretches, source, writer, options.image_suffix)
        elif source is not None:
            name_images(folder, stretches, source, writer)
        return stretches
    finally:
        if source is not None and clip.closes:
            source.close()


def _all_tracks(stretches: list[Stretch]) -> list[Track]:
    return [track for stretch in stretches for track in stretch.tracks]


def _image_notes(stretches: list[Stretch], rules: list[ImageRule | None], suffix: str) -> list[str]:
    notes = []
    copied = [s for s, rule in zip(stretches, rules, strict=True) if rule is ImageRule.COPY]
    if ImageRule.REFERENCE in rules:
        notes.append("The frames are left where they are; images.txt or video.txt says where.")
    if None in rules:
        notes.append("Only labels are written: the clip is not at hand.")
    if copied and suffix == ".png":
        notes.append("The images are .png, lossless; some loaders of this format look for .jpg names only.")
    elif copied:
        notes.append(
            f"The images are named {suffix} but are PNG inside, lossless; image readers recognise that."
        )
    if any(stretch.media.dtype == "uint16" for stretch in copied):
        notes.append("The images have 16 bits; loaders must be told to keep them (cv2.IMREAD_UNCHANGED).")
    broken = sum(len(s.bad_frames.intersection(range(s.start, s.stop))) for s in copied)
    if broken:
        notes.append(f"{broken} images stand for broken frames and repeat an earlier one (provenance.json).")
    return notes
