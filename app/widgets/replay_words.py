"""What has come of a replay, in words."""

from __future__ import annotations

import math

from tracker.tracking.replay_record import Comparison, Side


def summary_of(comparison: Comparison) -> str:
    """How far both are the same, who fits the trusted boxes better, and how fast they are: a line for each."""
    lines = [_agreement(comparison), _truth(comparison), _speed(comparison)]
    return "\n".join(line for line in lines if line)


def _agreement(comparison: Comparison) -> str:
    if math.isnan(comparison.mean_overlap):
        return ""
    text = f"Mean IoU of A and B {comparison.mean_overlap:.2f} over {comparison.frames:,} frames"
    if not comparison.parted:
        return f"{text}; they never part."
    frames = sum(stop - start for start, stop in comparison.parted)
    return f"{text}; they part {_times(len(comparison.parted))}, on {frames:,} frames."


def _truth(comparison: Comparison) -> str:
    if not comparison.trusted:
        return "Draw or accept boxes in the replayed frames to see who is right."
    a, b = comparison.mean_truth
    boxes = f"{comparison.trusted:,} trusted box{'es' if comparison.trusted > 1 else ''}"
    return f"Mean IoU with {boxes}: A {a:.2f}, B {b:.2f}; {_better(comparison)}."


def _better(comparison: Comparison) -> str:
    frames = {side: sum(stop - start for start, stop in comparison.better[side]) for side in Side}
    parts = [f"{side.name} is better on {count:,}" for side, count in frames.items() if count]
    return ", ".join(parts) if parts else "neither is clearly better"


def _speed(comparison: Comparison) -> str:
    a, b = (side.fps for side in comparison.record.sides)
    return f"A {a:.1f}, B {b:.1f} frames a second, without reading." if a and b else ""


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")
