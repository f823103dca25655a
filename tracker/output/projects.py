"""From a project file to what its outputs are made of. The project may be open elsewhere: it is only read."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tracker.annotation.document import Document
from tracker.errors import OutputError
from tracker.jobs import Job, Progress
from tracker.media import open_source
from tracker.media.source import FrameSource
from tracker.output.readings import Readings
from tracker.output.subject import Subject, chosen_tracks, regions_with, spread
from tracker.store.project import Project
from tracker.store.snapshot import snapshot
from tracker.store.thermal import calibration
from tracker.thermal.display import Span, measure_span
from tracker.thermal.look import Look
from tracker.thermal.radiometry import Unit

SPAN_FRAMES = 8
"""As the window does: how many frames, spread through the clip, decide what is drawn as black and white."""


def open_subject(
    path: Path, tracks: Collection[int] | None = None, unit: Unit = Unit.CELSIUS, target: int | None = None
) -> Job[Subject]:
    """Open a project and its clip.

    Args:
        path: The project file.
        tracks: Ids of the tracks to show; all where None.
        unit: Of temperatures.
        target: Id of the track whose surroundings the gain control follows; the first one where None.

    Returns:
        The subject; whoever asked closes its source.

    Raises:
        ProjectError: It cannot be read.
        MediaError: Its clip is gone.
        OutputError: There is no such project or track, or its clip is another one.
    """
    with copied(path) as project:
        document = project.document
        shown = chosen_tracks(document, tracks)
        look = Look.from_json(project.setting("look"))
        source = yield from open_clip(project.media_path(), document)
        try:
            yield Progress("Measuring the span of the counts", 0, None, 0.0, None)
            return Subject(
                source=source,
                tracks=shown,
                regions=regions_with(document, shown),
                look=look,
                clip_span=_span(source),
                readings=readings_of(document, source, unit),
                target=target if target is not None or not shown else shown[0].id,
                project=path,
                normalisation=document.normalisation,
            )
        except BaseException:
            source.close()
            raise


def open_clip(media: Path, document: Document) -> Job[FrameSource]:
    """Open the clip of a project.

    Raises:
        MediaError: It is gone.
        OutputError: It is another one.
    """
    source = yield from open_source(media)
    if source.content_hash != document.media.content_hash:
        source.close()
        raise OutputError(
            "this is another clip than the one the project is about.",
            where=media,
            todo="Open the project in the window, which helps to find the clip.",
        )
    return source


def readings_of(document: Document, source: FrameSource, unit: Unit) -> Readings:
    """What counts of a project's clip are written as; a clip in colour has none, and no temperatures."""
    known = calibration(document, source.facts) if source.channels == 1 else None
    return Readings.of(known, unit, 8 * source.dtype.itemsize)


@contextmanager
def copied(path: Path) -> Iterator[Project]:
    """The project as it is now, in a copy that goes away again.

    Raises:
        OutputError: There is no such project.
        ProjectError: It cannot be read.
    """
    if not path.is_file():
        raise OutputError("there is no such project.", where=path, todo="Check the path.")
    with tempfile.TemporaryDirectory(prefix="thermark-") as folder:
        copy = Path(folder) / "copy.thermark"
        snapshot(path, copy)
        with Project.open(copy) as project:
            yield project


def _span(source: FrameSource) -> Span:
    count = 1 if source.dtype == np.uint8 else SPAN_FRAMES
    return measure_span(source.frame(index) for index in spread(len(source), count))
