"""What is written about the clip, and about how it is painted and read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tracker.formats.provenance import thermark_version
from tracker.output.readings import Readings
from tracker.output.report.content import Facts
from tracker.output.subject import Subject
from tracker.output.words import size_text, time_text
from tracker.thermal.isotherms import Band, BandKind, BandUnit
from tracker.thermal.palettes import PALETTES
from tracker.thermal.radiometry import LinearCalibration, PlanckCalibration, Unit


def clip_facts(subject: Subject) -> Facts:
    """What the clip is."""
    source = subject.source
    width, height = source.size
    rows = [
        ("Clip", source.path.name),
        ("Path", str(source.path)),
        ("SHA-256 of its content", source.content_hash),
        ("File size", _file_size(source.path)),
        ("Frames", f"{len(source):,} of {width} x {height} pixels, {_depth(subject)}"),
        ("Duration", _duration(subject)),
        ("Camera", source.facts.camera or "not known"),
        ("Broken frames", f"{len(source.bad_frames):,}" if source.bad_frames else "none"),
        ("Calibrating", _calibrating(source.facts.calibrating)),
        ("Project", "" if subject.project is None else str(subject.project)),
    ]
    return Facts(tuple(row for row in rows if row[1]), "Clip")


def _file_size(path: Path) -> str:
    if path.is_file():
        return size_text(path.stat().st_size)
    return "a folder" if path.is_dir() else ""


def _depth(subject: Subject) -> str:
    bits = 8 * subject.source.dtype.itemsize
    return f"{bits} bits, {'gray' if subject.source.channels == 1 else 'colour'}"


def _duration(subject: Subject) -> str:
    first, last = subject.seconds(0), subject.seconds(len(subject.source) - 1)
    if first is None or last is None:
        return "not known: the clip has no times"
    fps = f", {subject.source.fps:.5g} frames per second" if subject.source.fps else ""
    return f"{time_text(last - first)} from the first to the last frame{fps}"


def _calibrating(frames: tuple[int, ...]) -> str:
    return f"the camera calibrated itself (FFC, NUC) on {len(frames):,} frames" if frames else ""


def settings_facts(subject: Subject) -> Facts:
    """How frames are painted and counts are read."""
    look, readings = subject.look, subject.readings
    palette = look.palette if look.colours or look.palette not in PALETTES else PALETTES[look.palette].label
    span = look.locked or subject.clip_span
    rows = [
        ("Gain control", look.agc.label),
        ("Palette", palette + (", turned round" if look.inverted else "")),
        (
            "Span",
            f"{span.low:g} to {span.high:g} counts, {'set by hand' if look.locked else 'measured over the clip'}",
        ),
        ("Isotherms", "; ".join(_band_text(band, readings) for band in look.bands if band.is_on) or "none"),
        *calibration_rows(readings),
        ("What the tracker sees", _normalisation(subject)),
        ("Thermark", thermark_version()),
    ]
    return Facts(tuple(rows), "Settings")


def _normalisation(subject: Subject) -> str:
    if subject.normalisation is None:
        return "not decided yet"
    low, high = subject.normalisation
    return f"counts {low:g} to {high:g} as 0 to 255"


def _band_text(band: Band, readings: Readings) -> str:
    low, high = band.limits()
    unit = "counts"
    if band.unit is BandUnit.KELVIN:
        low, high = (round(float(readings.unit.of(limit)), 2) for limit in (low, high))
        unit = readings.unit.value
    between = f"{low:g} to {high:g} {unit}"
    limits = {BandKind.ABOVE: f"above {low:g} {unit}", BandKind.BELOW: f"below {high:g} {unit}"}
    return f"{limits.get(band.kind, between)} in {band.colour}"


def calibration_rows(readings: Readings) -> Iterator[tuple[str, str]]:
    """How counts become temperatures."""
    match readings.calibration:
        case None:
            yield "Temperatures", "unavailable: no calibration is known, so that counts are given"
        case LinearCalibration(scale=scale, offset=offset):
            yield "Temperatures", f"linear: {scale:g} K per count, {offset:g} K at count 0"
        case PlanckCalibration() as known:
            yield (
                "Temperatures",
                f"Planck: R1 {known.r1:g}, R2 {known.r2:g}, B {known.b:g}, F {known.f:g}, O {known.o:g}",
            )
            around, unit = known.conditions, readings.unit
            yield "Emissivity", f"{around.emissivity:g}"
            yield (
                "Conditions",
                f"distance {around.distance:g} m, reflected {_degrees(unit, around.reflected)}, "
                f"air {_degrees(unit, around.atmosphere)}, humidity {around.humidity:.0%}",
            )


def _degrees(unit: Unit, kelvin: float) -> str:
    return f"{float(unit.of(kelvin)):.1f} {unit.value}"
