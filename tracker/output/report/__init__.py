"""Reports of tracks: one HTML file that needs nothing else, or a PDF."""

from tracker.output.report.writing import SUFFIXES, require_report, write_report

__all__ = ["SUFFIXES", "require_report", "write_report"]
