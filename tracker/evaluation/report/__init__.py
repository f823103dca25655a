"""Reports of a comparison: one self-contained HTML file, or a PDF."""

from tracker.evaluation.report.writing import require_report, write_report

__all__ = ["require_report", "write_report"]
