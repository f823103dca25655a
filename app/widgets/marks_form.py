"""What is drawn over an output: a box for each kind of mark, and the similarity map."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QWidget

from tracker.output.choices import MapInset, Marks

NAMES = {
    "boxes": "Boxes",
    "labels": "Id and label",
    "scores": "Score",
    "presence": "Hidden and absent targets",
    "values": "Temperatures, or counts",
    "time": "Time and frame index",
    "colour_bar": "Colour bar",
}
COLUMNS = 3
MAPS = {
    MapInset.NONE: "None",
    MapInset.SEMANTIC: "Semantic, in a corner",
    MapInset.STRUCTURAL: "Structural, in a corner",
    MapInset.FUSED: "Fused, in a corner",
}


class MarksForm(QWidget):
    """A box to tick for each kind of mark.

    Attributes:
        boxes: By the name in `Marks`.

    Args:
        marks: What is ticked.
        parent: The dialog.
    """

    def __init__(self, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        self.boxes = {name: QCheckBox(text) for name, text in NAMES.items()}
        for number, (name, box) in enumerate(self.boxes.items()):
            box.setChecked(getattr(marks, name))
            grid.addWidget(box, number // COLUMNS, number % COLUMNS)

    def marks(self, similarity: MapInset) -> Marks:
        """What is ticked, with a similarity map."""
        ticked = {name: box.isChecked() for name, box in self.boxes.items()}
        return Marks(**ticked, similarity=similarity)


def map_choice(chosen: MapInset) -> QComboBox:
    """A choice of a similarity map."""
    box = QComboBox()
    for inset, text in MAPS.items():
        box.addItem(text, inset)
    box.setCurrentIndex(list(MAPS).index(chosen))
    return box
