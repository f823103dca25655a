"""Questions about files, each one dialog."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from tracker.thermal.palette_files import SUFFIXES as PALETTES

CLIPS = "*.mp4 *.avi *.mkv *.mov *.m4v *.mpg *.mpeg *.ts *.webm *.wmv"
STACKS = "*.cptv *.npy *.npz *.seq *.csq *.h5 *.hdf5 *.raw *.bin *.dat"
IMAGES = "*.png *.jpg *.jpeg *.bmp *.tif *.tiff"
OPEN_FILTER = (
    f"Clips and projects ({CLIPS} {IMAGES} {STACKS} *.thermark);;Projects (*.thermark);;All files (*)"
)


def ask_clip(parent: QWidget, folder: Path | None = None) -> Path | None:
    """Which clip or project to open."""
    name, _ = QFileDialog.getOpenFileName(parent, "Open a clip or a project", str(folder or ""), OPEN_FILTER)
    return Path(name) if name else None


def ask_counts_file(parent: QWidget, suggestion: Path) -> Path | None:
    """Where to write the counts of a clip."""
    name, _ = QFileDialog.getSaveFileName(
        parent, "Save counts", str(suggestion), "FFV1 video (*.mkv);;TIFF of many pages (*.tif *.tiff)"
    )
    return Path(name) if name else None


def ask_folder(parent: QWidget, title: str, folder: Path | None = None) -> Path | None:
    """Which folder."""
    name = QFileDialog.getExistingDirectory(parent, title, str(folder or ""))
    return Path(name) if name else None


def ask_labels(parent: QWidget) -> Path | None:
    """Which file of labels."""
    name, _ = QFileDialog.getOpenFileName(
        parent, "File of labels", "", "Labels (*.json *.xml *.txt *.csv);;All files (*)"
    )
    return Path(name) if name else None


def ask_project(parent: QWidget, folder: Path | None = None) -> Path | None:
    """Which project."""
    name, _ = QFileDialog.getOpenFileName(parent, "Add a project", str(folder or ""), "Projects (*.thermark)")
    return Path(name) if name else None


def ask_project_name(parent: QWidget, title: str, suggestion: Path) -> Path | None:
    """Where to put a project."""
    name, _ = QFileDialog.getSaveFileName(parent, title, str(suggestion), "Projects (*.thermark)")
    return Path(name).with_suffix(".thermark") if name else None


def ask_report(parent: QWidget, suggestion: Path) -> Path | None:
    """Where to write a report."""
    name, _ = QFileDialog.getSaveFileName(
        parent, "Save report", str(suggestion), "Web page (*.html);;PDF (*.pdf)"
    )
    return Path(name) if name else None


def ask_weights(parent: QWidget) -> Path | None:
    """Which weights file."""
    name, _ = QFileDialog.getOpenFileName(parent, "Choose weights", "", "Weights (*.safetensors)")
    return Path(name) if name else None


def ask_palette(parent: QWidget, folder: Path | None = None) -> Path | None:
    """Which file of colours."""
    kinds = " ".join(f"*{suffix}" for suffix in PALETTES)
    name, _ = QFileDialog.getOpenFileName(
        parent, "Open a palette", str(folder or ""), f"Palettes ({kinds});;All files (*)"
    )
    return Path(name) if name else None
