"""Errors a user can act on: what happened, where, and what to do next."""

from __future__ import annotations


class ThermarkError(Exception):
    """A problem to be shown to the user as it stands.

    Attributes:
        what: What is wrong, one sentence.
        where: The file, frame or option it was found at; may be empty.
        todo: What the user can do next; may be empty.
    """

    def __init__(self, what: str, *, where: object = "", todo: str = "") -> None:
        self.what = what
        self.where = str(where)
        self.todo = todo
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """All parts as one readable text."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} {self.todo}" if self.todo else head


class MediaError(ThermarkError):
    """A clip cannot be opened or read."""


class BoxError(ThermarkError):
    """A box is unusable: no area, not finite, or outside the frame."""


class AnnotationError(ThermarkError):
    """A change to the tracks is impossible: no such track or frame, or it would contradict itself."""


class WeightsError(ThermarkError):
    """A weights file does not fit the network it was given for."""


class DeviceError(ThermarkError):
    """A compute device is missing, or out of memory."""


class ProjectError(ThermarkError):
    """A project file cannot be opened, read or written."""


class ExportError(ThermarkError):
    """Tracks cannot be written in the wanted format."""


class FormatError(ThermarkError):
    """A file of a data set is damaged, or is not what its format says."""


class EvaluationError(ThermarkError):
    """A benchmark's sequences, results or settings cannot be used."""


class ThermalError(ThermarkError):
    """A palette, a look or a calibration cannot be used."""


class OutputError(ThermarkError):
    """An annotated clip, a still or a report cannot be made."""
