"""Reports of tracks: one HTML file that needs nothing else, or a PDF."""

from tracker.output.report.writing import write_report

__all__ = ["write_report"]
