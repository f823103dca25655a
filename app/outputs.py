"""What is handed on: annotated clips, stills and reports of what is open, as it is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QDialog

from app.dialogs.output_clip import ClipDialog
from app.dialogs.output_dialog import TrackChoices
from app.dialogs.output_report import ReportDialog
from app.dialogs.output_still import StillDialog
from tracker.output.choices import StillChoices, StillKind
from tracker.output.subject import Subject, chosen_tracks, regions_with
from tracker.tracking.lesson_book import lessons_folder

if TYPE_CHECKING:
    from app.main_window import MainWindow


class Outputs(QObject):
    """Asks how, and writes; what was chosen is remembered.

    Args:
        window: What is open in it is put out.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session, self._settings = window.session, window.session.settings

    def save_clip(self) -> None:
        """Write an annotated clip."""
        source = self._session.source
        if source is None:
            return
        dialog = ClipDialog(
            source,
            self.subject,
            self._track_choices(),
            self._ranges(),
            self._settings.clip_output,
            self._folder(),
            self._window,
        )
        result = dialog.exec()
        self._settings.clip_output = dialog.choices
        if result == QDialog.DialogCode.Accepted and dialog.report is not None:
            report = dialog.report
            self.say_written(
                report.path, f"{report.frames:,} frames saved in {report.path.name}.", report.notes
            )

    def save_still(self) -> None:
        """Write the shown frame."""
        source, shown = self._session.source, self._session.shown
        if source is None or shown is None:
            return
        dialog = StillDialog(
            source,
            shown.index,
            self.subject,
            self._track_choices(),
            self._settings.still_output,
            self._folder(),
            self._window,
        )
        result = dialog.exec()
        self._settings.still_output = dialog.choices
        if result == QDialog.DialogCode.Accepted and dialog.is_written:
            self.say_written(dialog.output, f"Frame {shown.index} saved in {dialog.output.name}.")

    def copy_still(self) -> None:
        """Put the shown frame on the clipboard, with the marks that stills have."""
        self._session.attempt(self._copy)

    def _copy(self) -> None:
        from tracker.output.still import still_picture  # which loads matplotlib

        shown = self._session.shown
        if shown is None:
            return
        chosen = self._settings.still_output
        kind = StillKind.PLAIN if chosen.kind is StillKind.PLAIN else StillKind.ANNOTATED
        tracks = next(iter(self._track_choices().values()), ())
        choices = StillChoices(kind=kind, marks=chosen.marks, scale=chosen.scale)
        picture = still_picture(self.subject(tracks), shown.index, choices)
        height, width = picture.shape[:2]
        image = QImage(picture.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        QGuiApplication.clipboard().setImage(image.copy())
        self._session.statusChanged.emit(
            f"Frame {shown.index} is on the clipboard, {width} x {height} pixels"
        )

    def report(self) -> None:
        """Write a report of tracks."""
        source = self._session.source
        if source is None:
            return
        dialog = ReportDialog(
            source,
            self.subject,
            self._track_choices(),
            self._settings.report_output,
            self._folder(),
            self._window,
        )
        result = dialog.exec()
        self._settings.report_output = dialog.choices
        if result == QDialog.DialogCode.Accepted and dialog.is_written:
            self.say_written(dialog.output, f"Report saved in {dialog.output.name}.")

    def _folder(self) -> Path:
        """Of the project: that of the clip may not be written to."""
        return self._session.require_project().path.absolute().parent

    def subject(self, tracks: tuple[int, ...]) -> Subject:
        """What is open, with copies of some tracks; its source is that of the window.

        Raises:
            ThermarkError: Nothing is open.
        """
        session, window = self._session, self._window
        project, source = session.require_project(), session.source
        assert source is not None
        chosen = chosen_tracks(project.document, tracks)
        return Subject(
            source=source,
            tracks=chosen,
            regions=regions_with(project.document, chosen),
            look=window.thermal.look,
            clip_span=session.span,
            readings=window.measuring.readings,
            target=session.selected,
            project=project.path,
            normalisation=project.document.normalisation,
            lessons=lessons_folder(),
        )

    def _track_choices(self) -> TrackChoices:
        """What is shown, first of all; then what is chosen and selected."""
        session, document = self._session, self._session.document
        tracks = {} if document is None else document.tracks
        shown = tuple(id_ for id_ in tracks if id_ not in session.hidden)
        chosen = tuple(id_ for id_ in tracks if id_ in session.chosen)
        names = {0: "None", 1: "The one shown"}
        choices = {names.get(len(shown), f"The {len(shown)} shown"): shown}
        if 1 < len(chosen) < len(shown):
            choices[f"The {len(chosen)} chosen in the list"] = chosen
        if session.track is not None and len(tracks) > 1:
            choices[f"{session.track.id} {session.track.label}, the selected one"] = (session.track.id,)
        return choices

    def _ranges(self) -> dict[str, range]:
        """Frames that can be put out; the selected range, where there is one, comes last."""
        found = {f"All {self._session.length:,}": range(self._session.length)}
        span = None if self._session.track is None else self._session.track.span()
        selected = self._window.ranges.selected
        if selected is not None:
            found[f"The selected range, {selected.start} to {selected.stop - 1}"] = selected
        elif span is not None and span != (0, self._session.length):
            whole = found.popitem()
            found[f"Those of the selected track, {span[0]} to {span[1] - 1}"] = range(*span)
            found[whole[0]] = whole[1]
        return found

    def say_written(self, path: Path, text: str, notes: tuple[str, ...] = ()) -> None:
        """Say that a file is there, and offer to open it.

        Args:
            path: The file.
            text: What the user reads.
            notes: More of it, one sentence each.
        """

        def show(target: Path) -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(target)))

        self._window.messages.show_message(
            text,
            "\n".join((str(path), *notes)),
            offers=(("Open", lambda: show(path)), ("Show folder", lambda: show(path.parent))),
        )
