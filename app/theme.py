"""How the window looks: named colours, the palette and style sheet made of them, and the icons.

Colours follow the theme: whoever paints asks `colours()` at paint time and repaints on
`QEvent.PaletteChange`, which every widget receives when the theme changes. Icons recolour themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from importlib import resources
from string import Template
from typing import Literal, TypeAlias

import qtawesome  # type: ignore[import-untyped]  # ships no type information
from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

Mode: TypeAlias = Literal["dark", "light", "system"]

GLYPHS: dict[str, str] = {
    "open": "folder-open",
    "sample": "film-strip",
    "draw": "selection-plus",
    "select": "cursor",
    "track_forward": "arrow-line-right",
    "track_backward": "arrow-line-left",
    "stop": "stop-fill",
    "play": "play-fill",
    "pause": "pause-fill",
    "previous": "caret-left",
    "next": "caret-right",
    "first": "skip-back-fill",
    "last": "skip-forward-fill",
    "anchor": "diamond-fill",
    "previous_anchor": "caret-double-left",
    "next_anchor": "caret-double-right",
    "interpolate": "line-segments",
    "between": "arrows-in-line-horizontal",
    "doubtful": "magnifying-glass",
    "lock": "lock-simple",
    "delete": "trash",
    "undo": "arrow-u-up-left",
    "redo": "arrow-u-up-right",
    "export": "export",
    "save": "floppy-disk",
    "fit": "corners-out",
    "actual_size": "frame-corners",
    "zoom_in": "magnifying-glass-plus",
    "zoom_out": "magnifying-glass-minus",
    "overlay": "stack",
    "theme": "circle-half",
    "settings": "sliders-horizontal",
    "help": "question",
    "warning": "warning",
    "error": "warning-octagon",
    "info": "info",
    "close": "x",
    "accept": "check",
    "tracks": "list-bullets",
    "maps": "flame",
    "timeline": "rows",
    "device": "cpu",
    "visible": "eye",
    "occluded": "eye-slash",
    "out_of_view": "arrow-square-out",
    "absent": "prohibit",
    "expanded": "caret-down",
    "collapsed": "caret-right",
    "colour": "palette",
    "rename": "pencil-simple",
    "add": "plus",
    "chart": "chart-line",
    "target": "target",
    "spot": "crosshair-simple",
    "box_region": "rectangle",
    "ellipse": "circle-dashed",
    "polygon": "polygon",
    "follow": "link",
    "attach": "push-pin",
    "temperature": "thermometer",
}
"""Icon name -> glyph of the Phosphor set that qtawesome carries."""


@dataclass(frozen=True)
class Colours:
    """The colours of one theme, by what they stand for.

    Attributes:
        dark: Whether this is the dark theme.
        background: Behind the frame and between panels.
        panel: Docks, toolbars and dialogs.
        raised: Buttons, headers, things under the cursor.
        field: Inside text fields, lists and plots.
        border: Lines between areas.
        grid: Lines and empty lanes inside plots.
        text: Text to be read.
        muted: Text of secondary weight, and icons at rest.
        disabled: Text and icons that cannot be used now.
        accent: Selection, focus, and what is switched on.
        on_accent: Text on `accent`.
        manual: A box drawn by the user: an anchor.
        tracked: A box from a tracker.
        interpolated: A box interpolated between anchors.
        imported: A box read from a file.
        gap: Frames of a track about which nothing is said.
        absent: Frames where the target is out of view or gone.
        occluded: Frames where the target is hidden.
        proposal: A tracking run that has not been merged.
        playhead: The current frame.
        warning: Something the user should look at.
        error: Something that went wrong: a bad frame, a failed run.
        live: Being computed right now.
        semantic: The semantic level, in shares and curves.
        structural: The structural level, in shares and curves.
    """

    dark: bool
    background: QColor
    panel: QColor
    raised: QColor
    field: QColor
    border: QColor
    grid: QColor
    text: QColor
    muted: QColor
    disabled: QColor
    accent: QColor
    on_accent: QColor
    manual: QColor
    tracked: QColor
    interpolated: QColor
    imported: QColor
    gap: QColor
    absent: QColor
    occluded: QColor
    proposal: QColor
    playhead: QColor
    warning: QColor
    error: QColor
    live: QColor
    semantic: QColor
    structural: QColor


DARK = Colours(
    dark=True,
    background=QColor("#0f1011"),
    panel=QColor("#18191b"),
    raised=QColor("#232528"),
    field=QColor("#121314"),
    border=QColor("#2d3034"),
    grid=QColor("#26282b"),
    text=QColor("#e3e5e8"),
    muted=QColor("#9299a1"),
    disabled=QColor("#565b61"),
    accent=QColor("#36b4c8"),
    on_accent=QColor("#04181c"),
    manual=QColor("#f4b740"),
    tracked=QColor("#4f8fea"),
    interpolated=QColor("#8fb8f2"),
    imported=QColor("#9a8ad8"),
    gap=QColor("#1f2124"),
    absent=QColor("#63686f"),
    occluded=QColor("#0f1011"),
    proposal=QColor("#e58ad0"),
    playhead=QColor("#f3f5f7"),
    warning=QColor("#f0a03c"),
    error=QColor("#f2645a"),
    live=QColor("#5ccb8a"),
    semantic=QColor("#5aa9e6"),
    structural=QColor("#e8915b"),
)

LIGHT = Colours(
    dark=False,
    background=QColor("#e6e8ea"),
    panel=QColor("#f6f7f8"),
    raised=QColor("#ffffff"),
    field=QColor("#ffffff"),
    border=QColor("#cfd3d7"),
    grid=QColor("#dfe2e5"),
    text=QColor("#1b1e21"),
    muted=QColor("#5c646c"),
    disabled=QColor("#a3a9af"),
    accent=QColor("#0b8398"),
    on_accent=QColor("#ffffff"),
    manual=QColor("#d48a06"),
    tracked=QColor("#2f72d4"),
    interpolated=QColor("#7faae6"),
    imported=QColor("#7a68c4"),
    gap=QColor("#e9ebed"),
    absent=QColor("#9aa1a8"),
    occluded=QColor("#f6f7f8"),
    proposal=QColor("#c2419f"),
    playhead=QColor("#16191c"),
    warning=QColor("#b66a00"),
    error=QColor("#c9362c"),
    live=QColor("#1d8a4e"),
    semantic=QColor("#2b7fc0"),
    structural=QColor("#c7622a"),
)


class _Theme(QObject):
    """The theme of the running application, and its link to the system's."""

    def __init__(self) -> None:
        super().__init__()
        self.colours = DARK
        self._mode: Mode = "dark"
        self._app: QApplication | None = None

    def apply(self, app: QApplication, mode: Mode) -> None:
        """Put `mode` in force."""
        self._mode = mode
        hints = app.styleHints()
        if self._app is not app:
            self._app = app
            hints.colorSchemeChanged.connect(self._on_system_changed)
        # Native parts (title bar, file dialogs) follow the scheme asked for here.
        scheme = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}
        hints.setColorScheme(scheme.get(mode, Qt.ColorScheme.Unknown))
        self._dress(app)

    @Slot()
    def _on_system_changed(self) -> None:
        if self._mode == "system" and self._app is not None:
            self._dress(self._app)

    def _dress(self, app: QApplication) -> None:
        light = self._mode == "light" or (
            self._mode == "system" and app.styleHints().colorScheme() == Qt.ColorScheme.Light
        )
        self.colours = LIGHT if light else DARK
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setPalette(palette(self.colours))
        app.setStyleSheet(style_sheet(self.colours))


_theme = _Theme()


def apply_theme(app: QApplication, mode: Mode) -> None:
    """Dress the whole application.

    Args:
        app: The application.
        mode: "dark", "light", or "system" to follow the desktop's scheme, now and when it changes
            (dark where the desktop does not say).
    """
    _theme.apply(app, mode)


def colours() -> Colours:
    """The colours in force; dark before `apply_theme` was called."""
    return _theme.colours


def palette(c: Colours) -> QPalette:
    """The widget palette made of a theme's colours."""
    role = QPalette.ColorRole
    table = {
        role.Window: c.panel,
        role.WindowText: c.text,
        role.Base: c.field,
        role.AlternateBase: c.panel,
        role.Text: c.text,
        role.PlaceholderText: c.disabled,
        role.Button: c.raised,
        role.ButtonText: c.text,
        role.BrightText: c.error,
        role.Light: c.raised.lighter(120),
        role.Midlight: c.raised,
        role.Mid: c.border,
        role.Dark: c.border.darker(130),
        role.Shadow: c.background.darker(150),
        role.Highlight: c.accent,
        role.HighlightedText: c.on_accent,
        role.Accent: c.accent,
        role.Link: c.accent,
        role.LinkVisited: c.accent,
        role.ToolTipBase: c.raised,
        role.ToolTipText: c.text,
    }
    result = QPalette()
    for name, colour in table.items():
        result.setColor(name, colour)
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText, role.ToolTipText):
        result.setColor(QPalette.ColorGroup.Disabled, name, c.disabled)
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, c.raised)
    return result


def style_sheet(c: Colours) -> str:
    """The style sheet of a theme: `resources/style/thermark.qss` with its colours filled in."""
    text = (resources.files("resources") / "style" / "thermark.qss").read_text(encoding="utf-8")
    names = {field.name: getattr(c, field.name) for field in fields(c) if field.name != "dark"}
    return Template(text).substitute({name: colour.name() for name, colour in names.items()})


def numeric_font(font: QFont) -> QFont:
    """The same font with digits of equal width, for numbers that change while they are read."""
    result = QFont(font)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def with_alpha(colour: QColor, alpha: float) -> QColor:
    """A copy of a colour with the given opacity, 0..1."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def icon(name: str) -> QIcon:
    """An icon by its name in `GLYPHS`.

    It is drawn in the colours in force whenever it is painted: muted when disabled, accent when checked.

    Raises:
        KeyError: There is no icon of that name.
    """
    return QIcon(_GlyphEngine(GLYPHS[name]))


class _GlyphEngine(QIconEngine):
    """Paints one glyph in the theme's colours, sharp at every size."""

    def __init__(self, glyph: str) -> None:
        super().__init__()
        self._glyph = glyph

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        painter.setPen(_icon_colour(mode, state))
        painter.setFont(qtawesome.font("ph", round(rect.height() * 0.94)))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, qtawesome.charmap(f"ph.{self._glyph}"))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        result = QPixmap(size)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        return result

    def clone(self) -> QIconEngine:
        return _GlyphEngine(self._glyph)


def _icon_colour(mode: QIcon.Mode, state: QIcon.State) -> QColor:
    c = colours()
    if mode == QIcon.Mode.Disabled:
        return c.disabled
    if mode == QIcon.Mode.Selected:
        return c.on_accent
    return c.accent if state == QIcon.State.On else c.text
