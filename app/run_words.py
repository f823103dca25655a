"""How a tracking run went, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tracker.tracking.run import RunSummary


def ending(runs: Mapping[int, RunSummary], fps: float) -> str:
    """What was done, how fast, and why it ended.

    Args:
        runs: How it went for each target, by track.
        fps: Frames of the clip per second.
    """
    frames = max((run.frames for run in runs.values()), default=0)
    targets = f" of {len(runs)} targets" if len(runs) > 1 else ""
    reasons = dict.fromkeys(run.reason.value for run in runs.values())
    return f"Tracked {frames} frames{targets}, {fps:.1f} a second – {', '.join(reasons)}"


def loss(lost: Mapping[int, RunSummary]) -> str:
    """Who was lost where."""
    places = ", ".join(f"track {id_} on frame {run.lost_from}" for id_, run in sorted(lost.items()))
    return f"Target lost: {places}. The run was stopped after it."


def listed(tracks: Iterable[int]) -> str:
    """Tracks by their numbers: "track 1", "tracks 1, 2 and 5"."""
    *others, last = map(str, sorted(set(tracks)))
    return f"tracks {', '.join(others)} and {last}" if others else f"track {last}"
