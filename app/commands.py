"""What the actions do that takes more than the session: dialogs, settings, gestures on the selected track."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QInputDialog, QMessageBox

import resources
from app import __version__, gestures
from app.action_table import SECTIONS
from app.dialogs import files
from app.dialogs.export import ExportDialog
from app.dialogs.import_data import ImportDialog
from app.dialogs.shortcuts import ShortcutsDialog
from app.opening import own_project
from app.shortcuts import Bindings, Preset
from app.theme import apply_theme
from app.widgets.message_bar import Kind
from tracker.annotation import commands, target_commands
from tracker.annotation.document import Document
from tracker.annotation.edits import Edit, SetTrackInfo
from tracker.annotation.track import Presence, Track
from tracker.errors import ThermarkError
from tracker.formats import ExportReport

if TYPE_CHECKING:
    from app.main_window import MainWindow

Build = Callable[[Document, Track, int], Edit]


class Commands(QObject):
    """The handlers named in the table of actions.

    Signals:
        exported: () Tracks have been written as training data.
    """

    exported = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._settings = window.session.settings

    # Files

    def open(self) -> None:
        """Ask for a clip or a project, and open it."""
        self.open_path(files.ask_clip(self._window, self._last_folder()))

    def open_folder(self) -> None:
        """Ask for a folder of images, and open it."""
        self.open_path(files.ask_folder(self._window, "Open a folder of images", self._last_folder()))

    def open_sample(self) -> None:
        """Open the clip that comes with Thermark."""
        self._window.playback.stop()
        self._session.open_path(resources.sample_clip(), own_project("sample"))

    @Slot(object)
    def open_path(self, path: Path | None) -> None:
        """Open a path; None for nothing."""
        if path is not None:
            self._window.playback.stop()
            self._session.open_path(path)

    def _last_folder(self) -> Path | None:
        recent = self._settings.recent_paths()
        return recent[0].parent if recent else None

    def open_palette(self) -> None:
        """Ask for a palette of the user's own, and paint in it."""
        path = files.ask_palette(self._window, self._last_folder())
        if path is not None:
            self._window.thermal.add_palette(path)

    def save(self) -> None:
        """Nothing is ever unsaved: say where everything is."""
        if self._session.project is not None:
            self._session.statusChanged.emit(f"Everything is saved in {self._session.project.path}")

    def save_copy(self) -> None:
        """Write a copy of the project elsewhere."""
        project = self._session.project
        if project is None:
            return
        suggestion = project.path.with_name(f"{project.path.stem}-copy{project.path.suffix}")
        path = files.ask_project_name(self._window, "Save a copy", suggestion)
        if path is None:
            return
        try:
            project.save_as(path)
        except ThermarkError as error:
            self._window.messages.show_error(error)
            return
        self._window.messages.show_message(f"A copy is saved in {path}")

    def export(self) -> None:
        """Write the tracks as training data."""
        document, source = self._session.document, self._session.source
        if document is None or source is None:
            return
        dialog = ExportDialog(document, source, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted and dialog.report is not None:
            self._say_exported(dialog.report)
            self.exported.emit()

    def _say_exported(self, report: ExportReport) -> None:
        count, folder = len(report.sequences), QUrl.fromLocalFile(str(report.output))
        images = f"{report.images} images" if report.images else "Labels"
        self._window.messages.show_message(
            f"{images} in {count} sequence{'s' if count != 1 else ''} saved as training data.",
            "\n".join((str(report.output), *report.notes)),
            offers=(("Show folder", lambda: QDesktopServices.openUrl(folder)),),
        )

    def import_data(self) -> None:
        """Make a project of annotation from elsewhere, and open it."""
        dialog = ImportDialog(self._window)
        if dialog.exec() != QDialog.DialogCode.Accepted or dialog.report is None:
            return
        made = dialog.report.projects
        self._session.open_path(made[0].path)
        boxes, anchors = sum(p.frames for p in made), sum(p.anchors for p in made)
        self._window.messages.show_message(
            f"{len(made)} project{'s' if len(made) != 1 else ''} made of {boxes} boxes, {anchors} of them anchors.",
            "\n".join((*(str(project.path) for project in made), *dialog.report.notes)),
        )

    def name_project(self, clip: Path, suggestion: Path) -> None:
        """A clip has changed since its project was made: ask for another project."""
        path = files.ask_project_name(
            self._window, f"{clip.name} is another clip than its project is about: name a new one", suggestion
        )
        if path is not None:
            self._session.open_path(clip, path)

    def find_media(self, project: Path, error: ThermarkError) -> None:
        """The clip of a project is gone: offer to look for it."""
        self._window.messages.show_message(
            f"The clip of {project.name} is not where it was.",
            error.where,
            Kind.WARNING,
            (
                ("Find the file…", lambda: self._relocate(project, files.ask_clip(self._window))),
                (
                    "Find the folder…",
                    lambda: self._relocate(project, files.ask_folder(self._window, "Find the clip")),
                ),
            ),
        )

    def _relocate(self, project: Path, clip: Path | None) -> None:
        if clip is not None:
            self._session.opener.open_relocated(project, clip)

    # The clip

    def step(self, by: int) -> None:
        """Move by some frames."""
        self._window.playback.stop()
        self._session.step(by)

    def go_first(self) -> None:
        """Go to the first frame."""
        self._session.go_to(0)

    def go_last(self) -> None:
        """Go to the last frame."""
        self._session.go_to(self._session.length - 1)

    def go_anchor(self, direction: int) -> None:
        """Go to the next frame decided by hand in a direction."""
        track = self._session.track
        frame = None if track is None else gestures.next_anchor(track, self._session.frame, direction)
        if frame is None:
            self._session.statusChanged.emit("No anchor further on")
        else:
            self._session.go_to(frame)

    def toggle_play(self) -> None:
        """Play, or pause."""
        playback = self._window.playback
        if playback.is_playing:
            playback.stop()
        elif self._session.length:
            playback.play(self._session.frame)

    # Tracks

    def draw(self) -> None:
        """Draw a box for a new track; again, do not."""
        if self._window.canvas.is_drawing:
            self._window.canvas.cancel_gesture()
        else:
            self._window.presenter.draw(None)

    def draw_here(self) -> None:
        """Draw the selected track's box."""
        self._window.presenter.draw(self._session.selected)

    def escape(self) -> None:
        """Stop what is going on, the smallest thing first."""
        if self._window.canvas.is_drawing or self._window.canvas.is_busy:
            self._window.canvas.cancel_gesture()
        elif self._session.is_running:
            self._session.runs.stop()
        elif self._window.playback.is_playing:
            self._window.playback.stop()
        else:
            self._window.ranges.drop()

    def mark_absent(self) -> None:
        """The target is not in this frame."""
        self._edit(lambda document, track, frame: _marked(document, track, frame, Presence.ABSENT))

    def clear_frame(self) -> None:
        """Take back what is said about this frame."""
        self._edit(lambda document, track, frame: commands.clear_frames(document, track.id, frame, frame + 1))

    def clear_rest(self) -> None:
        """Take back what is said from this frame on."""
        self._edit(
            lambda document, track, frame: commands.clear_frames(document, track.id, frame, document.length)
        )

    def delete_track(self) -> None:
        """Delete the selected track; undo brings it back."""
        self._edit(lambda document, track, _: commands.delete_track(document, track.id))

    def split(self) -> None:
        """From this frame on, a new track."""
        self._edit(lambda document, track, frame: target_commands.split(document, track.id, frame))

    def join(self) -> None:
        """Let another track fill what this one leaves open."""
        other = self._ask_other("Join with another track", "Its frames fill the gaps; then it is gone:")
        if other is not None:
            self._edit(lambda document, track, _: target_commands.join(document, track.id, other))

    def swap(self) -> None:
        """Exchange this track with another one from here on."""
        other = self._ask_other("Swap from here on", "From this frame on, exchange with:")
        if other is not None:
            self._edit(
                lambda document, track, frame: target_commands.swap_from(document, track.id, other, frame)
            )

    def _ask_other(self, title: str, text: str) -> int | None:
        """Id of another track; asked for only where there are several."""
        document, track = self._session.document, self._session.track
        others = (
            []
            if document is None or track is None
            else [other for other in document.tracks.values() if other.id != track.id]
        )
        if len(others) < 2:
            return others[0].id if others else None
        names = [f"{other.id}  {other.label}" for other in others]
        name, is_chosen = QInputDialog.getItem(self._window, title, text, names, 0, False)
        return others[names.index(name)].id if is_chosen else None

    def toggle_lock(self) -> None:
        """Keep the track as it is; again, let it be changed."""
        self._edit(lambda _, track, __: _locked(track, not track.locked))

    def toggle_hidden(self) -> None:
        """Leave the track out of the picture; again, show it."""
        track = self._session.track
        if track is not None:
            self._session.set_hidden(track.id, track.id not in self._session.hidden)

    def toggle_anchor(self) -> None:
        """Make this box an anchor, or take the anchor back."""
        self._edit(gestures.toggle_anchor)

    def interpolate(self) -> None:
        """Fill the gaps between boxes drawn by hand."""
        self._edit(lambda document, track, _: commands.interpolate(document, track.id))

    def toggle_out_of_view(self) -> None:
        """The target has left the frame; again, it has not."""
        self._edit(lambda d, track, frame: gestures.toggle_presence(d, track, frame, Presence.OUT_OF_VIEW))

    def toggle_occluded(self) -> None:
        """The target is hidden; again, it is not."""
        self._edit(lambda d, track, frame: gestures.toggle_presence(d, track, frame, Presence.OCCLUDED))

    def _edit(self, build: Build) -> None:
        frame = self._session.frame
        self._session.edit_selected(lambda document, track: build(document, track, frame), frame)

    def forget_lessons(self) -> None:
        """Ask, and judge boxes again as Thermark does out of the box."""
        count = self._window.review.lessons
        answer = QMessageBox.question(
            self._window,
            "Forget what reviews have taught",
            f"The probabilities of wrong boxes are fitted to {count:,} frames that you have corrected or accepted, in "
            "all projects. Forget that? Your tracks stay as they are.",
        )
        if answer is QMessageBox.StandardButton.Yes:
            self._window.review.forget_lessons()

    # Choices

    def toggle_follow(self) -> None:
        """Show the frames being tracked, or stay."""
        self._settings.follow = not self._settings.follow
        self._window.refresh()

    def set_merge_mode(self, name: str) -> None:
        """Choose how finished runs are merged."""
        self._settings.merge_mode = name
        self._window.refresh()

    def set_lost_for(self, frames: int) -> None:
        """Choose after how many frames a run gives a lost target up; 0 for never. A run that goes on is not changed."""
        self._settings.lost_for = frames
        self._window.refresh()

    def set_theme(self, name: Literal["dark", "light", "system"]) -> None:
        """Choose the theme."""
        self._settings.theme = name
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, name)
        self._window.refresh()

    def set_device(self, name: Literal["auto", "cpu", "cuda", "mps"]) -> None:
        """Choose where the tracker computes, from the next run on."""
        self._settings.device = name
        self._session.runs.prepare_tracker()
        self._window.refresh()

    def set_model(self, model: str) -> None:
        """Choose the model, from the next run on."""
        self._settings.model = model
        self._session.runs.prepare_tracker()
        self._window.refresh()

    def choose_model(self) -> None:
        """Ask for a weights file."""
        path = files.ask_weights(self._window)
        self.set_model(self._settings.model if path is None else str(path))

    # Help

    def show_shortcuts(self) -> None:
        """List the shortcuts, and let them be changed."""
        dialog = ShortcutsDialog(SECTIONS, self._settings.preset, self._settings.shortcuts, self._window)
        dialog.changed.connect(self._set_shortcuts)
        dialog.exec()

    @Slot(str, object)
    def _set_shortcuts(self, preset: Preset, own: Bindings) -> None:
        self._settings.preset = preset
        self._settings.shortcuts = {id_: list(keys) for id_, keys in own.items()}
        self._window.apply_shortcuts()

    def show_about(self) -> None:
        """Say what this is."""
        QMessageBox.about(
            self._window,
            "About Thermark",
            f"<h3>Thermark {__version__}</h3>"
            "<p>A workbench for thermal-infrared video: annotate, track, see why, correct, learn.</p>"
            "<p>Apache License 2.0. Icons: Phosphor, by qtawesome.</p>",
        )


def _marked(document: Document, track: Track, frame: int, presence: Presence) -> Edit:
    return commands.mark_presence(document, track.id, range(frame, frame + 1), presence)


def _locked(track: Track, is_locked: bool) -> Edit:
    name = "Lock track" if is_locked else "Unlock track"
    return SetTrackInfo(track.id, track.label, track.colour, track.attributes, name, is_locked)
