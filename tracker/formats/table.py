"""The one table of formats, and finding out which of them a file or folder is in."""

from __future__ import annotations

from pathlib import Path

from tracker.errors import FormatError
from tracker.formats.antiuav import AntiUav
from tracker.formats.coco import CocoVid
from tracker.formats.cvat import Cvat
from tracker.formats.format import Format
from tracker.formats.got10k import Got10k
from tracker.formats.ilsvrc import IlsvrcVid
from tracker.formats.label_studio import LabelStudio
from tracker.formats.lasot import Lasot
from tracker.formats.mot import Mot
from tracker.formats.otb import Otb
from tracker.formats.plain import Plain
from tracker.formats.rgbt import Gtot, Rgbt234
from tracker.formats.thermark_json import ThermarkJson
from tracker.formats.vot import Vot
from tracker.formats.yolo import Yolo

FORMATS: dict[str, Format] = {
    "got10k": Got10k(),
    "otb": Otb("OTB"),
    "lsotb": Otb("LSOTB-TIR", "anno", "lsotb-tir"),
    "ptb": Otb("PTB-TIR", "tiranno", "ptb-tir", digits=8),
    "vot": Vot(),
    "lasot": Lasot(),
    "rgbt234": Rgbt234(),
    "gtot": Gtot(),
    "antiuav": AntiUav(),
    "plain": Plain(),
    "mot": Mot(),
    "coco": CocoVid(),
    "ilsvrc": IlsvrcVid(),
    "cvat": Cvat(),
    "yolo": Yolo(),
    "labelstudio": LabelStudio(),
    "thermark": ThermarkJson(),
}
"""All formats by the name that commands know them by, in the order of the interface."""

_ORDER = (
    *("thermark", "labelstudio", "antiuav", "cvat", "mot", "coco", "yolo", "gtot", "rgbt234", "got10k"),
    *("lasot", "ptb", "lsotb", "otb", "vot", "ilsvrc", "plain"),
)
"""In which formats are tried: those with signs of their own first, those that accept much last."""


def recognise(path: Path) -> str:
    """The name of the format of a file or folder.

    Raises:
        FormatError: It is none that is known.
    """
    if not path.exists():
        raise FormatError("there is no such file or folder.", where=path, todo="Check the path.")
    found = next((name for name in _ORDER if FORMATS[name].recognise(path)), None)
    if found is None:
        raise FormatError(
            "it is in no format that is known.",
            where=path,
            todo=f"Say which it is with --format: {', '.join(FORMATS)}.",
        )
    return found


def format_named(name: str) -> Format:
    """A format by its name.

    Raises:
        FormatError: There is none.
    """
    if name not in FORMATS:
        raise FormatError(f"there is no format {name!r}.", todo=f"Choose one of {', '.join(FORMATS)}.")
    return FORMATS[name]
