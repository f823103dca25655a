"""From a path to an open project and its clip, which is scanned on a thread of its own."""

from __future__ import annotations

import itertools
import logging
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.jobs import JobRunner
from tracker.address import split_address
from tracker.errors import MediaError, ThermarkError
from tracker.folders import data_folder
from tracker.jobs import Event, Job, Progress
from tracker.media import CachedSource, open_source
from tracker.media.array_stack import SeveralArraysError
from tracker.media.raw_header import MissingHeaderError
from tracker.media.source import FrameSource
from tracker.store.media import media_record
from tracker.store.project import SUFFIX, Project
from tracker.thermal.display import Span, measure_span

log = logging.getLogger(__name__)

CACHE_BYTES = 512 * 1024**2
PREFETCH = 16
SPAN_FRAMES = 8
"""How many frames, spread through the clip, decide what is drawn as black and white."""


@dataclass(frozen=True)
class Media:
    """A clip that has been scanned.

    Attributes:
        source: For the window; cached.
        span: What to draw as black and white.
        normalisation: (low, high) counts that become 0 and 255 for the network.
    """

    source: FrameSource
    span: Span
    normalisation: tuple[float, float]


@dataclass(frozen=True)
class Opened:
    """A project that is ready to be shown.

    Attributes:
        project: The open project.
        media: Its clip.
        notice: Something the user should know; empty for nothing.
    """

    project: Project
    media: Media
    notice: str = ""


@dataclass(frozen=True)
class Request:
    """What was asked to be opened.

    Attributes:
        clip: The media.
        project: The project file; None for the one that belongs to the clip.
        must_exist: Whether the project was asked for, so that it is not made.
    """

    clip: Path
    project: Path | None = None
    must_exist: bool = False


class Opener(QObject):
    """Opens clips and projects.

    Signals:
        began: (str) A clip of this name is being scanned.
        progressed: (Progress) The scan has come so far.
        opened: (Opened) Everything is open.
        cancelled: () The user stopped it.
        failed: (ThermarkError) It cannot be opened.
        mediaMissing: (Path, ThermarkError) The clip of this project has to be found.
        nameRequested: (Path, Path) The clip's project is about another clip: this file name is free.
        headerMissing: (Path) This dump of samples has no header yet; `again` once it has.
        arrayRequested: (Path, tuple of str) One of the arrays of this file has to be chosen; `again` with it.
    """

    began = Signal(str)
    progressed = Signal(object)
    opened = Signal(object)
    cancelled = Signal()
    failed = Signal(object)
    mediaMissing = Signal(object, object)
    nameRequested = Signal(object, object)
    headerMissing = Signal(object)
    arrayRequested = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._request: Request | None = None
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_scanned)
        self._runner.cancelled.connect(self.cancelled)
        self._runner.failed.connect(self._on_failed)

    @property
    def is_running(self) -> bool:
        """Whether a clip is being scanned."""
        return self._runner.is_running

    def open(self, path: Path, project: Path | None = None) -> None:
        """Open a clip, or a project with its clip.

        Args:
            path: A clip or a `.thermark` file.
            project: For a clip, the project to use instead of the one beside it.
        """
        try:
            self._scan(self._request_for(path, project))
        except MediaError as error:
            self.mediaMissing.emit(path, error)
        except ThermarkError as error:
            self.failed.emit(error)

    def open_relocated(self, project: Path, clip: Path) -> None:
        """Open a project whose clip lies somewhere else now."""
        self._scan(Request(clip, project, must_exist=True))

    def again(self, clip: Path | None = None) -> None:
        """Open once more what was asked for last, now that more is known about it.

        Args:
            clip: A more exact address of it; None for the same.
        """
        if self._request is not None:
            self._scan(replace(self._request, clip=clip or self._request.clip))

    def cancel(self) -> None:
        """Stop the scan."""
        self._runner.cancel()

    def abandon(self) -> None:
        """Stop the scan and wait for its end; nothing is announced."""
        self._runner.abandon()

    def _request_for(self, path: Path, project: Path | None) -> Request:
        if path.suffix != SUFFIX:
            return Request(path.absolute(), project)
        with Project.open(path) as found:
            return Request(found.media_path(), path, must_exist=True)

    def _scan(self, request: Request) -> None:
        self._runner.abandon()
        self._request = request
        self._runner.start(lambda: read_media(request.clip), name="open")
        self.began.emit(request.clip.name)

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event)

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        match error:
            case MissingHeaderError():
                self.headerMissing.emit(error.path)
            case SeveralArraysError():
                self.arrayRequested.emit(error.path, error.names)
            case _:
                self.failed.emit(error)

    @Slot(object)
    def _on_scanned(self, media: Media) -> None:
        assert self._request is not None
        try:
            opened = self._with_project(self._request, media)
        except ThermarkError as error:
            media.source.close()
            self.failed.emit(error)
            return
        if opened is None:
            media.source.close()
        else:
            self.opened.emit(opened)

    def _with_project(self, request: Request, media: Media) -> Opened | None:
        """Find or make the project; None where the user has to name one first."""
        if request.must_exist and request.project is not None:
            return Opened(_project_at(request.project, media), media)
        path, notice = (
            (request.project, "") if request.project else project_path(media.source.path, media.source)
        )
        if not path.exists():
            project = Project.create(path, media_record(media.source), media.normalisation)
            return Opened(project, media, notice)
        project = Project.open(path)
        if project.document.media.content_hash == media.source.content_hash:
            project.close()
            return Opened(_project_at(path, media), media, notice)
        project.close()
        self.nameRequested.emit(media.source.path, free_name(path))
        return None


def _project_at(path: Path, media: Media) -> Project:
    """The project at `path`, which takes note of where its clip lies now."""
    project = Project.open(path)
    try:
        project.relocate(media.source.path, media.source.content_hash, len(media.source))
        if project.document.normalisation is None:
            project.set_normalisation(*media.normalisation)
    except BaseException:
        project.close()
        raise
    return project


def read_media(path: Path) -> Job[Media]:
    """Scan a clip and measure what is needed to show and to track it."""
    source = yield from open_source(path)
    try:
        yield Progress("Measuring the span of the counts", 0, None, 0.0, None)
        span = measure_span(source.frame(index) for index in _spread(source))
        normalisation = measure_normalisation(source)
    except BaseException:
        source.close()
        raise
    return Media(CachedSource(source, byte_limit=CACHE_BYTES, prefetch=PREFETCH), span, normalisation)


def _spread(source: FrameSource) -> list[int]:
    """Frames to measure a span on: 8-bit counts are shown as they are, for which one will do."""
    count = 1 if source.dtype == np.uint8 else SPAN_FRAMES
    return sorted({round(index) for index in np.linspace(0, len(source) - 1, count).tolist()})


def measure_normalisation(source: FrameSource) -> tuple[float, float]:
    """(low, high) counts that become 0 and 255 for the network."""
    if source.dtype == np.uint8:
        return 0.0, 255.0
    from tracker.tracking.normalisation import Normalisation

    measured = Normalisation.of(source)
    return measured.low, measured.high


def project_path(clip: Path, source: FrameSource) -> tuple[Path, str]:
    """Where the project of a clip belongs, and what to tell the user about it.

    Beside the clip; where that folder cannot be written to, in the user's own folder, under a name that no
    other clip's project has.
    """
    file, inside = split_address(clip)
    name = [file.stem if file.is_file() else file.name, *inside.split("/")]
    beside = file.with_name("-".join(filter(None, name)) + SUFFIX)
    if beside.exists() or is_writable(file.parent):
        return beside, ""
    path = own_project(f"{clip.stem}-{source.content_hash[:8]}")
    return path, f"The clip's folder is read-only, so the project is kept in {path}"


def own_project(name: str) -> Path:
    """A project in the user's own folder."""
    folder = data_folder() / "projects"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}{SUFFIX}"


def is_writable(folder: Path) -> bool:
    """Whether files may be made in a folder; found out by making one.

    A folder without any write permission is left alone, even by an administrator who could write to it.
    """
    try:
        if not folder.stat().st_mode & 0o222:
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError as error:
        log.info("%s: not writable: %s", folder, error)
        return False


def free_name(path: Path) -> Path:
    """A name like `path` that no file has yet."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))
    return next(name for name in names if not name.exists())
