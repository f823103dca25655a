"""Data set formats: tracks as training data."""

from tracker.formats.export import EXPORTERS, ExportedSequence, ExportReport, export
from tracker.formats.exporter import Exporter, ExportOptions, GapRule

__all__ = [
    "EXPORTERS",
    "ExportOptions",
    "ExportReport",
    "ExportedSequence",
    "Exporter",
    "GapRule",
    "export",
]
