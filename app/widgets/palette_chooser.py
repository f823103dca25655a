"""Chooses a palette by its looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from app.widgets.palette_swatch import SWATCH, swatch
from tracker.thermal.look import Look
from tracker.thermal.palettes import PALETTES, between, palette

FROM_FILE = "From a file…"


class PaletteChooser(QComboBox):
    """Lists the palettes that come with Thermark, then the user's own, then the way to more.

    Signals:
        paletteChosen: (str) The user has chosen the palette of this name.
        fileRequested: () The user wants one from a file.
    """

    paletteChosen = Signal(str)
    fileRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Palette")
        self.setToolTip("The colours of counts, from cold to hot (P: the next one)")
        self.setIconSize(QSize(SWATCH))
        self._own: dict[str, tuple[str, ...]] | None = None
        self._entries: list[tuple[str, bool] | None] = []
        self.activated.connect(self._on_activated)

    def show_palette(self, look: Look, own: Mapping[str, Sequence[str]]) -> None:
        """Show the palette of a look.

        Args:
            look: What is painted in.
            own: The user's own palettes.
        """
        palettes = {name: tuple(colours) for name, colours in own.items()}
        if look.colours:
            palettes.setdefault(look.palette, look.colours)  # from a project of somebody else
        if palettes != self._own:
            self._own = palettes
            self._fill(palettes)
        self.setCurrentIndex(self._entries.index((look.palette, bool(look.colours))))

    def _fill(self, own: Mapping[str, Sequence[str]]) -> None:
        self.clear()
        for name, entry in PALETTES.items():
            self.addItem(swatch(palette(name)), entry.label)
        for name, colours in own.items():
            self.addItem(swatch(between(colours)), name)
        self.insertSeparator(self.count())
        self.addItem(FROM_FILE)
        self._entries = [*((name, False) for name in PALETTES), *((name, True) for name in own), None, None]

    def _on_activated(self, row: int) -> None:
        chosen = self._entries[row]
        if chosen is None:
            self.fileRequested.emit()
        else:
            self.paletteChosen.emit(chosen[0])
