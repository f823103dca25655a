"""Save as training data: which layout, where to, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.dialogs import files
from app.dialogs.job_dialog import JobDialog
from tracker.annotation.document import Document
from tracker.formats import FORMATS, ExportOptions, ExportReport, Format, GapRule, ImageRule, export
from tracker.formats.describing import carried_words, unit_words
from tracker.jobs import Job
from tracker.media.source import FrameSource

GAPS = {GapRule.REFUSE: "Name them and write nothing", GapRule.SPLIT: "Make a sequence of each part"}
FRAMES = {ImageRule.COPY: "Copy, without loss", ImageRule.REFERENCE: "Leave where they are, and list them"}
BASES = {True: "0", False: "1, as in MATLAB"}
SUFFIXES = {
    ".png": "PNG",
    ".jpg": "PNG named .jpg, for loaders that want that name",
    ".JPEG": "PNG named .JPEG, as in ILSVRC",
}


class ExportDialog(JobDialog):
    """Exports a document. Modal, so that nothing else changes it meanwhile.

    Attributes:
        report: What was written, once the dialog is accepted.

    Args:
        document: What to export.
        source: Its clip; the export reads it through a reader of its own.
        parent: The window.
    """

    def __init__(self, document: Document, source: FrameSource, parent: QWidget | None = None) -> None:
        super().__init__("Save as training data", "Save", parent)
        self._document, self._source = document, source
        self.report: ExportReport | None = None
        self._make_fields()
        self.add_row("Layout", self.format)
        self.browse_button = self.make_browse_button(self._on_browse)
        self.add_row("Folder", self.folder, self.browse_button)
        self.add_row("Frames", self.images)
        self.add_row("Images", self.suffix)
        self.add_row("First pixel is", self.base)
        self.add_row("Frames not annotated", self.gaps)
        self._on_format()

    def _make_fields(self) -> None:
        self.format = QComboBox()
        self.format.setObjectName("exportFormat")
        for key, format_ in FORMATS.items():
            self.format.addItem(format_.title, key)
        self.format.setMaxVisibleItems(len(FORMATS))
        self.format.currentIndexChanged.connect(self._on_format)
        self.gaps, self.suffix, self.images, self.base = (QComboBox() for _ in range(4))
        for box, choices in ((self.gaps, GAPS), (self.suffix, SUFFIXES), (self.images, FRAMES)):
            for choice, text in choices.items():
                box.addItem(text, str(choice))
        for is_zero, text in BASES.items():
            self.base.addItem(text, is_zero)
        self.images.currentIndexChanged.connect(self._show_choice)
        self.folder = self.path_field("exportFolder", "A new or an empty folder")
        self.folder.textChanged.connect(self._show_choice)

    @property
    def output(self) -> Path:
        """The folder written to."""
        return Path(self.folder.text()).expanduser()

    def _chosen(self) -> Format:
        return FORMATS[str(self.format.currentData())]

    @Slot()
    def _on_format(self) -> None:
        """Offer what is usual for the format."""
        format_ = self._chosen()
        self.images.setCurrentIndex(self.images.findData(str(format_.images)))
        self.base.setCurrentIndex(self.base.findData(format_.is_zero_based))
        self._show_choice()

    @Slot()
    def _show_choice(self) -> None:
        format_ = self._chosen()
        tracks = len(self._document.tracks)
        self.say(
            f"Writes {tracks} track{'s' if tracks != 1 else ''}. {unit_words(format_)}; it carries "
            f"{', '.join(carried_words(format_.carries))}. Where each box comes from is written beside it."
        )
        self.start_button.setEnabled(bool(self.folder.text().strip()))
        self.rest()

    def rest(self) -> None:
        """Names of images are of interest only where some are written."""
        self.suffix.setEnabled(self.images.currentData() == ImageRule.COPY)

    @Slot()
    def _on_browse(self) -> None:
        folder = files.ask_folder(self, "Folder for the training data")
        if folder is not None:
            self.folder.setText(str(folder))

    def work(self) -> Callable[[], Job[ExportReport]]:
        """The export with what is chosen."""
        key, output = str(self.format.currentData()), self.output.absolute()
        options = ExportOptions(
            GapRule(self.gaps.currentData()),
            bool(self.base.currentData()),
            str(self.suffix.currentData()),
            images=ImageRule(self.images.currentData()),
        )
        document, source = self._document, self._source

        def run() -> Job[ExportReport]:
            reader = source.reopen()
            try:
                return (yield from export(document, reader, key, output, options))
            finally:
                reader.close()

        return run

    def done_with(self, report: ExportReport) -> None:
        """Keep what was written."""
        self.report = report
