"""The export job: reads each frame once, and writes all or nothing."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tracker.annotation.document import Document
from tracker.errors import ExportError
from tracker.formats.exporter import Exporter, ExportOptions, Sequence
from tracker.formats.got10k import Got10k
from tracker.formats.otb import Otb
from tracker.formats.provenance import write_provenance
from tracker.formats.sequences import plan
from tracker.jobs import Job, ProgressMeter
from tracker.media.opencv import cv2
from tracker.media.source import Counts, FrameSource

EXPORTERS: dict[str, Exporter] = {"got10k": Got10k(), "otb": Otb()}

PNG_EFFORT = 1  # of 9: sensor noise does not compress, and more effort only takes longer


@dataclass(frozen=True)
class ExportedSequence:
    """A sequence that was written.

    Attributes:
        name: Its folder in the output.
        track_id: The track it comes from.
        start: Frame index in the clip of its first image.
        length: Number of images.
    """

    name: str
    track_id: int
    start: int
    length: int


@dataclass(frozen=True)
class ExportReport:
    """What an export has written.

    Attributes:
        output: The folder.
        sequences: Its sequences.
        notes: What the user should know about them, a sentence each.
    """

    output: Path
    sequences: tuple[ExportedSequence, ...]
    notes: tuple[str, ...]

    @property
    def images(self) -> int:
        """Number of images."""
        return sum(sequence.length for sequence in self.sequences)


def export(
    document: Document,
    source: FrameSource,
    format_: str,
    output: Path,
    options: ExportOptions | None = None,
) -> Job[ExportReport]:
    """Write tracks as training data.

    Takes a copy of the document at once, so that it may be edited while the job runs. Each track becomes a
    sequence, from its first box to its last annotated frame; frames are written losslessly, as PNG of the
    counts. `output` appears when all is written; a job that fails or is closed leaves nothing.

    Args:
        document: The project's.
        source: Its clip, for this job alone.
        format_: A key of `EXPORTERS`.
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
    return _export(snapshot, source, format_, output, options or ExportOptions())


def _export(
    document: Document, source: FrameSource, format_: str, output: Path, options: ExportOptions
) -> Job[ExportReport]:
    if format_ not in EXPORTERS:
        raise ExportError(f"there is no format {format_!r}.", todo=f"Choose one of {', '.join(EXPORTERS)}.")
    exporter = EXPORTERS[format_]
    zero_based = exporter.is_zero_based if options.zero_based is None else options.zero_based
    sequences, notes = plan(document, source, options)
    bad = frozenset(source.bad_frames)
    with _whole_folder(output) as folder:
        yield from _write_images(folder, sequences, source, exporter, options.image_suffix)
        for sequence in sequences:
            place = folder / sequence.name
            exporter.write_labels(place, sequence, zero_based=zero_based)
            write_provenance(
                place, sequence, exporter, models=document.models, zero_based=zero_based, bad_frames=bad
            )
        exporter.write_index(folder, sequences)
    written = [ExportedSequence(s.name, s.track_id, s.start, len(s.frames)) for s in sequences]
    return ExportReport(output, tuple(written), tuple(notes + _notes(sequences, bad, options)))


def _write_images(
    folder: Path, sequences: list[Sequence], source: FrameSource, exporter: Exporter, suffix: str
) -> Job[None]:
    """Write the images of all sequences, going through the clip once."""
    for sequence in sequences:
        (folder / sequence.name / exporter.image_name(1, 1)).parent.mkdir(parents=True)
    is_wanted = np.zeros(len(source), np.bool_)
    for sequence in sequences:
        is_wanted[sequence.start : sequence.stop] = True
    wanted = np.flatnonzero(is_wanted)
    meter = ProgressMeter(f"Writing {exporter.title}", len(wanted))
    yield meter.at(0)
    for done, index in enumerate(map(int, wanted), start=1):
        png = _png(source.frame(index))
        for sequence in sequences:
            if sequence.start <= index < sequence.stop:
                name = exporter.image_name(index - sequence.start + 1, len(sequence.frames))
                (folder / sequence.name / (name + suffix)).write_bytes(png)
        if meter.due() or done == len(wanted):
            yield meter.at(done)


def _png(counts: Counts) -> bytes:
    """Counts (H, W) or (H, W, 3) RGB as a PNG of the same depth."""
    pixels = counts[..., ::-1] if counts.ndim == 3 else counts  # OpenCV writes BGR
    done, data = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, PNG_EFFORT])
    if not done:
        raise ExportError(f"a frame of {counts.shape} {counts.dtype} cannot be written as PNG.")
    return bytes(data)


def _notes(sequences: list[Sequence], bad_frames: frozenset[int], options: ExportOptions) -> list[str]:
    media = sequences[0].media
    notes = []
    if options.image_suffix == ".png":
        notes.append("The images are .png, lossless; some loaders of this format look for .jpg names only.")
    else:
        notes.append("The images are named .jpg but are PNG inside, lossless; image readers recognise that.")
    if media.dtype == "uint16":
        notes.append("The images have 16 bits; loaders must be told to keep them (cv2.IMREAD_UNCHANGED).")
    broken = sum(len(bad_frames.intersection(range(s.start, s.stop))) for s in sequences)
    if broken:
        notes.append(f"{broken} images stand for broken frames and repeat an earlier one (provenance.json).")
    return notes


@contextmanager
def _whole_folder(output: Path) -> Iterator[Path]:
    """A folder to write to, which becomes `output` when the block ends well and vanishes otherwise."""
    target = output.resolve()
    if target.exists() and not (target.is_dir() and next(target.iterdir(), None) is None):
        raise ExportError("the output exists and is not empty.", where=output, todo="Choose a new folder.")
    ground = next(parent for parent in target.parents if parent.exists())
    part = ground / f".{target.name}.{uuid.uuid4().hex[:8]}.part"
    try:
        part.mkdir()
        yield part
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.rmdir()  # empty; a rename does not replace a folder everywhere
        part.rename(target)
    except OSError as error:
        raise ExportError(
            f"the data cannot be written ({error.strerror}).",
            where=output,
            todo="Check the free space and that you may write there.",
        ) from error
    finally:
        if part.exists():
            shutil.rmtree(part, ignore_errors=True)  # must not hide why the block ended
