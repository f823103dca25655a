"""The import job: labels become projects, all of them or none."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracker.annotation.document import Document
from tracker.annotation.edits import AddTrack, Sequence_
from tracker.errors import FormatError, ProjectError
from tracker.exchange.reading import ReadClip, ReadRequest, document_with, read_clips
from tracker.formats.text import one_name
from tracker.jobs import Job
from tracker.media import open_source
from tracker.store import Project
from tracker.store.project import SUFFIX


@dataclass(frozen=True)
class ImportedProject:
    """A project that was made.

    Attributes:
        path: The project file.
        tracks: Number of its tracks.
        frames: Number of frames with a box, of all tracks.
        anchors: Number of frames that are anchors.
    """

    path: Path
    tracks: int
    frames: int
    anchors: int


@dataclass(frozen=True)
class ImportReport:
    """What an import has made.

    Attributes:
        format_: Name of the format.
        projects: The projects.
        notes: What the user should know, a sentence each.
    """

    format_: str
    projects: tuple[ImportedProject, ...]
    notes: tuple[str, ...]


def import_data(request: ReadRequest, output: Path) -> Job[ImportReport]:
    """Make a project of labels and the clip that they are about, or a folder of projects of a data set.

    Boxes are "imported", unless the format says which were drawn by hand. What is made appears when all of it is
    complete; a job that fails or is closed leaves nothing.

    Args:
        request: What to read.
        output: The project file to make; a folder where the labels are of several clips.

    Returns:
        The job. It raises FormatError where labels are damaged or do not fit the clip, MediaError where a clip
        cannot be opened, ProjectError where a project cannot be written.
    """
    name, clips = yield from read_clips(request)
    targets = _targets(clips, output)
    notes: list[str] = []
    made: list[ImportedProject] = []
    with _all_or_none(targets) as parts:
        for read, target, part in zip(clips, targets, parts, strict=True):
            document, said = yield from _joined(read)
            notes += said
            _write(part, document)
            made.append(_described(target, document))
    return ImportReport(name, tuple(made), tuple(notes))


def _targets(clips: list[ReadClip], output: Path) -> list[Path]:
    """Where the projects will be."""
    if len(clips) == 1:
        return [output if output.suffix == SUFFIX else output.with_name(output.name + SUFFIX)]
    if output.suffix == SUFFIX:
        raise FormatError(
            f"the labels are of {len(clips)} clips.", where=output, todo="Give a folder for the projects."
        )
    names = [one_name(read.clip.name, read.clip.where) for read in clips]
    if len({name.casefold() for name in names}) != len(names):
        raise FormatError("two clips have the same name.", where=clips[0].clip.where)
    return [output / f"{name}{SUFFIX}" for name in names]


def _joined(read: ReadClip) -> Job[tuple[Document, tuple[str, ...]]]:
    if read.media is None:
        raise FormatError(
            "the clip that the labels are about is not beside them.",
            where=read.clip.where,
            todo="Name it with --media.",
        )
    source = yield from open_source(read.media)
    try:
        return document_with(read.clip, source)
    finally:
        source.close()


def _write(path: Path, document: Document) -> None:
    with Project.create(path, document.media) as project:
        for model in document.models:
            project.know_model(model)
        project.apply(Sequence_(tuple(AddTrack(track) for track in document.tracks.values()), "Import"))


def _described(path: Path, document: Document) -> ImportedProject:
    frames = [track.frames for track in document.tracks.values()]
    boxes = sum(int(f.has_box.sum()) for f in frames)
    return ImportedProject(path, len(frames), boxes, sum(int(f.is_manual.sum()) for f in frames))


@contextmanager
def _all_or_none(targets: list[Path]) -> Iterator[list[Path]]:
    """Paths to write to, beside the targets; they take the targets' names when the block ends well.

    They lie in the targets' own folder, since a project remembers the way from there to its clip.
    """
    for target in targets:
        if target.exists():
            raise ProjectError("there is such a file already.", where=target, todo="Choose another name.")
    folder = targets[0].parent
    new_folders = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    mark = uuid.uuid4().hex[:8]
    parts = [target.with_name(f".{target.stem}.{mark}.part{SUFFIX}") for target in targets]
    done: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield parts
        for part, target in zip(parts, targets, strict=True):
            part.rename(target)
            done.append(target)
        done.clear()
    except OSError as error:
        raise ProjectError(f"the projects cannot be written ({error.strerror}).", where=folder) from error
    finally:
        for path in (*parts, *done):
            path.unlink(missing_ok=True)
        for parent in new_folders:
            _remove_if_empty(parent)


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and next(folder.iterdir(), None) is None:
        folder.rmdir()
