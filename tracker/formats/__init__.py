"""Data set formats: tracks as training data, and annotation from elsewhere."""

from tracker.formats.export import ClipToExport, ExportedSequence, ExportReport, export, export_clips
from tracker.formats.format import (
    AnnotatedClip,
    Carries,
    Format,
    GapRule,
    ImageRule,
    MediaHint,
    ReadOptions,
    Unit,
)
from tracker.formats.options import ExportOptions
from tracker.formats.table import FORMATS, format_named, recognise

__all__ = [
    "FORMATS",
    "AnnotatedClip",
    "Carries",
    "ClipToExport",
    "ExportOptions",
    "ExportReport",
    "ExportedSequence",
    "Format",
    "GapRule",
    "ImageRule",
    "MediaHint",
    "ReadOptions",
    "Unit",
    "export",
    "export_clips",
    "format_named",
    "recognise",
]
