"""The main window: puts the parts in their places and connects them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QMainWindow, QMenu, QStackedWidget, QToolButton, QWidget

from app.action_table import ACTIONS, LABELLED, MENUS, SECTIONS, TOOLBAR
from app.actions import ActionSet, Situation
from app.canvas_presenter import CanvasPresenter
from app.clip_files import ClipFiles
from app.commands import Commands
from app.evaluation_marks import EvaluationMarks
from app.fixed_pattern import FixedPatternView
from app.guide import Guide
from app.measure_view import MeasureView
from app.measuring import Measuring
from app.outputs import Outputs
from app.panels import Panels
from app.playback import Playback
from app.ranges import Ranges
from app.replay_marks import ReplayMarks
from app.review import Reviewer
from app.run_merging import Merged
from app.run_words import listed
from app.session import Session
from app.settings import save_settings
from app.shortcuts import bindings_of
from app.status import Status
from app.thermal_bar import ThermalBar
from app.thermal_view import ThermalView
from app.widgets.canvas import Canvas
from app.widgets.message_bar import Kind, MessageBar
from app.widgets.opening_page import OpeningPage
from app.widgets.status_bar import StatusBar
from app.widgets.welcome import Welcome, clip_name
from tracker.annotation.document import MergeMode
from tracker.tracking.user_models import named_models

TITLE = "Thermark"
FIRST_SIZE = QSize(1440, 900)


class MainWindow(QMainWindow):
    """The window.

    Args:
        session: What is open in it.
        settings_file: Where its settings are kept.
    """

    def __init__(self, session: Session, settings_file: Path) -> None:
        super().__init__()
        self.session, self._settings, self._settings_file = session, session.settings, settings_file
        self._make_pages()
        self.playback = Playback(parent=self)
        self.review = Reviewer(session, self)
        self.thermal = ThermalView(session, self)
        self.measuring = Measuring(session, self.thermal, self)
        self.panels = Panels(self, session, self.review, self.thermal, self.measuring)
        self.presenter = CanvasPresenter(session, self.canvas, self.panels.maps.overlay_image, self)
        self.thermal_bar = ThermalBar(self.thermal, self.canvas, session.settings, self)
        self.replay_marks = ReplayMarks(session, self.panels.replayer, self.panels.replay, self.canvas)
        self.evaluation_marks = EvaluationMarks(
            session, self.panels.evaluator, self.panels.evaluation, self.canvas
        )
        self.fixed_pattern = FixedPatternView(session, self.canvas, self.thermal.plan, self)
        self.ranges = Ranges(session, self.panels.timeline, self.playback, self.review, self)
        self.commands = Commands(self)
        self.clip_files = ClipFiles(self)
        self.outputs = Outputs(self)
        self.action_set = ActionSet(ACTIONS, self)
        self.measure = MeasureView(self)
        self.apply_shortcuts()
        self._make_menus()
        self._make_tool_bar()
        status_bar = StatusBar()
        self.setStatusBar(status_bar)
        self.guide = Guide(self)
        self.status = Status(status_bar, session, self.canvas, self.measuring.temperature, self)
        self._connect_session()
        self._connect_pages()
        self.setAcceptDrops(True)
        self._restore()
        self.setWindowTitle(TITLE)
        self._set_panels_visible(False)
        self._show_page()

    # Parts

    def _make_pages(self) -> None:
        self.canvas, self.welcome, self.opening_page = Canvas(), Welcome(), OpeningPage()
        self.pages = QStackedWidget()
        for page in (self.welcome, self.opening_page, self.canvas):
            self.pages.addWidget(page)
        self.setCentralWidget(self.pages)
        self.messages = MessageBar(self.pages)

    def _make_menus(self) -> None:
        self._recent = QMenu("Open recent", self)
        for title, ids in MENUS.items():
            menu = self.menuBar().addMenu(title)
            self.action_set.fill(menu, ids, partial(self._add_submenu, menu))

    def _add_submenu(self, menu: QMenu, name: str) -> None:
        if name == "Open recent":
            menu.addMenu(self._recent)
            return
        submenu = menu.addMenu(name)
        if name == "Panels":
            docks = (*self.panels.docks, *self.panels.more_docks)
            submenu.addActions([dock.toggleViewAction() for dock in docks])
        else:
            self.action_set.fill(submenu, (row.id for row in SECTIONS[name]), lambda _: None)
        if name == "Model":
            self._own_models = submenu.addSection("Your own")
            submenu.aboutToShow.connect(partial(self._show_own_models, submenu))

    def _show_own_models(self, menu: QMenu) -> None:
        """List the user's own models as they are now, below those that come with Thermark."""
        actions = menu.actions()
        for action in actions[actions.index(self._own_models) + 1 :]:
            menu.removeAction(action)
            action.deleteLater()
        models = named_models()
        self._own_models.setVisible(bool(models))
        for model in models:
            action = menu.addAction(model.name)
            action.setCheckable(True)
            action.setChecked(self._settings.model == model.name)
            action.setToolTip("\n".join(f"{title}: {text}" for title, text in model.card.items()))
            action.triggered.connect(partial(self._choose_own_model, model.name))

    def _choose_own_model(self, name: str, _checked: bool = False) -> None:
        self.commands.set_model(name)

    def _make_tool_bar(self) -> None:
        self._tool_bar = self.addToolBar("Tools")
        self._tool_bar.setObjectName("toolBar")
        self._tool_bar.setMovable(False)
        self._tool_bar.setIconSize(QSize(20, 20))
        self._merge = QComboBox()
        self._merge.setToolTip("Which frames of the track a run may fill when it ends")
        for mode in MergeMode:
            self._merge.addItem(mode.label, mode.name)
        self._merge.activated.connect(lambda row: self.commands.set_merge_mode(self._merge.itemData(row)))
        self.action_set.fill(self._tool_bar, TOOLBAR, self._add_merge)
        for id_, text in LABELLED.items():
            action = self.action_set[id_]
            action.setIconText(text)
            button = self._tool_bar.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def tool_button(self, id_: str) -> QWidget | None:
        """Where an action stands in the tool bar."""
        return self._tool_bar.widgetForAction(self.action_set[id_])

    def _add_merge(self, _: str) -> None:
        self._tool_bar.addWidget(self._merge)

    # Connections

    def _connect_session(self) -> None:
        session = self.session
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)
        session.runs.stateChanged.connect(self._on_run_state)
        session.failed.connect(self.messages.show_error)
        session.runs.leftOut.connect(self._offer_replacement)
        self.panels.frameRequested.connect(self._on_frame_requested)
        self.panels.overlayChanged.connect(self.presenter.refresh_overlay)
        self.playback.frameRequested.connect(session.go_to)
        self.canvas.playToggled.connect(self.commands.toggle_play)
        self.canvas.levelHeld.connect(self.thermal.begin_drag)
        self.canvas.levelDragged.connect(self.thermal.drag)
        self.panels.thermal.paletteFileRequested.connect(self.commands.open_palette)
        for fact in (
            session.frameChanged,
            session.selectionChanged,
            session.tracksChanged,
            session.undo_stack.indexChanged,
            self.playback.playingChanged,
            self.canvas.drawModeChanged,
            self.canvas.gestureChanged,
            self.review.queueChanged,
            session.hiddenChanged,
            self.ranges.changed,
            self.guide.changed,
            self.thermal.changed,
            self.thermal.barToggled,
            self.panels.sensor_events.changed,
            self.fixed_pattern.changed,
            self.measure.changed,
        ):
            fact.connect(self.refresh)

    def _connect_pages(self) -> None:
        self.welcome.openRequested.connect(self.commands.open)
        self.welcome.folderRequested.connect(self.commands.open_folder)
        self.welcome.sampleRequested.connect(self.commands.open_sample)
        self.welcome.pathRequested.connect(self.commands.open_path)
        opener = self.session.opener
        opener.began.connect(self._on_opening)
        opener.progressed.connect(self.opening_page.show_progress)
        asked = (opener.nameRequested, opener.headerMissing, opener.arrayRequested)
        for over in (opener.failed, opener.cancelled, *asked):
            over.connect(self._show_page)
        opener.headerMissing.connect(self.clip_files.describe_dump)  # after the page, which they may change
        opener.arrayRequested.connect(self.clip_files.choose_array)
        opener.nameRequested.connect(self.commands.name_project)
        opener.mediaMissing.connect(self.commands.find_media)
        self.opening_page.cancelRequested.connect(opener.cancel)

    def apply_shortcuts(self) -> None:
        """Give the actions the keys that the settings ask for."""
        self.action_set.set_keys(bindings_of(ACTIONS, self._settings.preset, self._settings.shortcuts))

    # What has happened

    @Slot(str)
    def _on_opening(self, name: str) -> None:
        self.messages.dismiss()
        self.opening_page.begin(name)
        self.pages.setCurrentWidget(self.opening_page)

    @Slot()
    def _on_opened(self) -> None:
        source = self.session.source
        if source is None:
            return
        self.setWindowTitle(f"{clip_name(source.path)} – {TITLE}")
        self.playback.set_clip(len(source), source.fps)
        self._set_panels_visible(True)
        self._show_page()
        self.canvas.setFocus()
        pending = self.session.runs.pending()
        if pending:
            self._offer_pending([proposal.track_id for proposal in pending])

    @Slot()
    def _on_closed(self) -> None:
        self._keep_layout()
        self._set_panels_visible(False)
        self.setWindowTitle(TITLE)
        self.playback.set_clip(0, None)
        self._show_page()

    @Slot()
    def _show_page(self) -> None:
        self.pages.setCurrentWidget(self.welcome if self.session.project is None else self.canvas)
        self._show_recent()
        self.refresh()

    def _set_panels_visible(self, is_visible: bool) -> None:
        """Without a clip, panels and tools have nothing to show, and would hide what to do first."""
        for widget in (*self.panels.docks, self._tool_bar):
            widget.setVisible(is_visible)
        if is_visible:
            self.panels.arrange()
        if is_visible and self._settings.layout:
            self.restoreState(_decoded(self._settings.layout))

    def _offer_pending(self, tracks: list[int]) -> None:
        self.messages.show_message(
            f"A tracking run on {listed(tracks)} was interrupted. Every frame of it was saved.",
            "It is drawn dashed. Take it over into the track, or throw it away?",
            Kind.WARNING,
            (
                ("Take over", self.session.runs.accept_pending),
                ("Throw away", self.session.runs.discard_pending),
            ),
        )

    @Slot(object)
    def _offer_replacement(self, merged: Merged) -> None:
        """A run was not allowed to replace what was there: it may be now."""
        count = merged.left_out
        self.messages.show_message(
            f"The run has other boxes on {count:,} frame{'' if count == 1 else 's'} that were tracked before.",
            "They are as they were: only gaps are filled.",
            Kind.INFO,
            (("Replace them", lambda: self.session.runs.replace_with(merged.proposals)),),
        )

    @Slot(bool)
    def _on_run_state(self, is_running: bool) -> None:
        if is_running:
            self.playback.stop()
        self.refresh()

    @Slot(int)
    def _on_frame_requested(self, frame: int) -> None:
        self.playback.jumped(frame)
        self.session.go_to(frame)

    @Slot()
    def refresh(self) -> None:
        """Enable, check and name everything as it is now."""
        self.action_set.refresh(self._situation())
        self._merge.setCurrentIndex(self._merge.findData(self.session.merge_mode.name))

    def _situation(self) -> Situation:
        session, settings, track = self.session, self._settings, self.session.track
        return Situation(
            has_clip=session.project is not None,
            has_track=track is not None,
            has_anchors=track is not None and track.anchors().size > 0,
            has_tracks=session.document is not None and bool(session.document.tracks),
            has_others=track is not None
            and session.document is not None
            and len(session.document.tracks) > 1,
            has_queue=bool(self.review.entries()),
            has_lessons=self.review.lessons > 0,
            is_locked=track is not None and track.locked,
            is_hidden=track is not None and track.id in session.hidden,
            has_pending=bool(session.runs.pending()),
            is_running=session.is_running,
            is_playing=self.playback.is_playing,
            is_drawing=self.canvas.is_drawing,
            is_held=self.canvas.is_busy,
            is_guided=self.guide.is_shown,
            has_range=self.ranges.selected is not None,
            undo=session.undo_stack.undoText(),
            redo=session.undo_stack.redoText(),
            follow=settings.follow,
            lost_for=settings.lost_for,
            sensor_events=settings.sensor_events,
            patterns=self.fixed_pattern.shown,
            correction=self.fixed_pattern.correction.name,
            theme=settings.theme,
            device=settings.device,
            model=settings.model,
            merge_mode=session.merge_mode.name,
            has_counts=self.thermal.has_counts,
            is_span_locked=self.thermal.is_locked,
            has_colour_bar=settings.colour_bar,
            measuring=self.measure.situation(),
        )

    def _show_recent(self) -> None:
        paths = self._settings.recent_paths()
        self.welcome.set_recent(paths)
        self._recent.clear()
        self._recent.setEnabled(bool(paths))
        for path in paths:
            action = self._recent.addAction(f"{clip_name(path)}    {path.parent}")
            action.triggered.connect(partial(self.commands.open_path, path))

    # The window itself

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if _dropped(event) is not None:
            event.acceptProposedAction()
            self.welcome.set_dropping(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The files were taken elsewhere."""
        self.welcome.set_dropping(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first of the files."""
        self.welcome.set_dropping(False)
        event.acceptProposedAction()
        self.commands.open_path(_dropped(event))

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the run, keep what it has tracked, remember the layout; all else is saved already."""
        self._settings.geometry = _encoded(self.saveGeometry())
        if self.session.project is not None:
            self._keep_layout()
        self.hide()  # ending a run may take a moment
        self.playback.stop()
        self.panels.training.shut_down()
        self.panels.evaluator.shut_down()
        self.session.shut_down()
        save_settings(self._settings, self._settings_file)
        super().closeEvent(event)

    def _keep_layout(self) -> None:
        if not self._tool_bar.isHidden():
            self._settings.layout = _encoded(self.saveState())

    def _restore(self) -> None:
        self.resize(FIRST_SIZE)
        if self._settings.geometry:
            self.restoreGeometry(_decoded(self._settings.geometry))


def _dropped(event: QDropEvent) -> Path | None:
    paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(paths[0]) if paths else None


def _encoded(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode("ascii")


def _decoded(text: str) -> QByteArray:
    return QByteArray.fromBase64(text.encode())
