"""What formats can carry, in words for the user."""

from __future__ import annotations

from tracker.formats.format import Carries, Format, Origins, Unit


def unit_words(format_: Format) -> str:
    """What one sequence of a format is."""
    return "One sequence for each target" if format_.unit is Unit.TARGET else "All targets of a clip together"


def carried_words(carries: Carries) -> list[str]:
    """What a format carries, a phrase each."""
    words = {
        "boxes in whole pixels" if carries.decimals == 0 else "boxes with parts of pixels": True,
        "absence": carries.says_absence,
        "its reasons (" + ", ".join(sorted(p.label.lower() for p in carries.absences)) + ")": bool(
            carries.absences
        ),
        "occlusion": carries.occlusion,
        "gaps": carries.gaps,
        "keyframes": carries.origins is Origins.KEYFRAMES,
        "where boxes come from": carries.origins is Origins.ALL,
        "scores and models": carries.scores,
        "acceptance and locks": carries.review,
        "labels": carries.label,
        "any attributes": carries.attributes is None,
        f"{len(carries.attributes or ())} attributes": bool(carries.attributes),
        "track ids": carries.ids,
    }
    return [word for word, is_carried in words.items() if is_carried]
