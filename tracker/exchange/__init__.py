"""Where formats, clips and projects come together: import and conversion."""

from tracker.exchange.converting import ConvertRequest, convert
from tracker.exchange.importing import ImportedProject, ImportReport, import_data
from tracker.exchange.reading import ReadRequest

__all__ = ["ConvertRequest", "ImportReport", "ImportedProject", "ReadRequest", "convert", "import_data"]
