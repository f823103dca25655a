"""The rows of the table of actions that are about measuring."""

from __future__ import annotations

from operator import attrgetter

from app.actions import Action, Test
from tracker.outline import Shape
from tracker.thermal.radiometry import Unit

with_counts: Test = attrgetter("has_counts")
on_region: Test = attrgetter("measuring.has_region")
with_regions: Test = attrgetter("measuring.has_regions")


def _is(name: str, value: object) -> Test:
    return lambda situation: bool(getattr(situation.measuring, name) == value)


_SHAPES = {
    Shape.SPOT: ("Draw spot", "spot", "Alt+1", "Click where one pixel is to be measured"),
    Shape.BOX: ("Draw box region", "box_region", "Alt+2", "Drag a box in which is measured"),
    Shape.ELLIPSE: ("Draw ellipse", "ellipse", "Alt+3", "Drag an ellipse in which is measured"),
    Shape.POLYGON: (
        "Draw polygon", "polygon", "Alt+4",
        "Click the corners of a region; a double click, Enter or the first corner closes it",
    ),
}  # fmt: skip

# One row, one action.
# fmt: off
MEASURE = (
    Action("measure.show", "Measurements", "measure.show", ("Ctrl+M",), "chart",
           "What regions measure, in this frame and along the clip", when=with_counts),
    Action("measure.target", "Measure this target", "measure.measure_target", ("Ctrl+Shift+M",), "target",
           "Measure the selected track's box in every frame", when=attrgetter("measuring.has_target")),
    *(
        Action(f"measure.{shape.value}", text, "measure.draw", (key,), icon, tip, (shape.value,), with_counts,
               checked=_is("shape", shape))
        for shape, (text, icon, key, tip) in _SHAPES.items()
    ),
    Action("measure.follow", "New regions follow the target", "measuring.toggle_follow", (), "follow",
           "Regions drawn from now on move and grow with the selected target", when=with_counts,
           checked=attrgetter("measuring.follow")),
    Action("measure.attach", "Region follows the target", "measuring.attach", ("Alt+5",), "attach",
           "Let the selected region move and grow with the selected target; again, fix it where it is",
           when=attrgetter("measuring.can_attach"), checked=attrgetter("measuring.is_attached")),
    Action("measure.delete", "Delete region", "measuring.delete", ("Ctrl+Shift+Del",), "delete", when=on_region),
    Action("measure.next", "Next region", "measuring.step", ("Alt+Down",), args=(1,), when=with_regions),
    Action("measure.previous", "Previous region", "measuring.step", ("Alt+Up",), args=(-1,), when=with_regions),
    Action("measure.peaks", "Hottest pixels", "measuring.toggle_peaks", ("Shift+K",), tip="Mark the hottest pixel of "
           "each region, and of the selected target", when=with_counts, checked=attrgetter("measuring.peaks")),
    Action("measure.temperature", "Temperature…", "measure.choose_temperature", ("Ctrl+Shift+K",), "temperature",
           "What counts mean: linear, or FLIR's calibration with emissivity and air", when=with_counts),
    Action("measure.export", "Save measurements…", "measure.export", ("Ctrl+Shift+D",), "export",
           "Write what the regions measure in every frame as a table (CSV)", when=with_regions),
)

UNITS = tuple(
    Action(f"unit.{unit.name.lower()}", f"{text} ({unit.value})", "measuring.temperature.set_unit", args=(unit.name,),
           checked=_is("unit", unit), group="unit")
    for unit, text in ((Unit.CELSIUS, "Celsius"), (Unit.FAHRENHEIT, "Fahrenheit"), (Unit.KELVIN, "Kelvin"))
)
# fmt: on

MEASURE_MENU = (
    "measure.show", "-", "measure.target", "measure.spot", "measure.box", "measure.ellipse", "measure.polygon", "-",
    "measure.follow", "measure.attach", "measure.next", "measure.previous", "measure.delete", "-",
    "measure.peaks", "measure.temperature", "measure.export",
)  # fmt: skip
