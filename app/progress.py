"""Progress of jobs in words."""

from __future__ import annotations

from tracker.jobs import Progress


def progress_text(progress: Progress) -> str:
    """Progress in words: how much of how much, how fast, how long still."""
    parts = []
    if progress.total:
        parts.append(f"{progress.done:,} of {progress.total:,}")
    elif progress.done:
        parts.append(f"{progress.done:,}")
    if progress.rate > 0:
        parts.append(
            f"{progress.rate:,.0f} a second" if progress.rate >= 10 else f"{progress.rate:.1f} a second"
        )
    if progress.remaining_s is not None and progress.remaining_s >= 1:
        parts.append(f"{duration_text(progress.remaining_s)} left")
    return "  ·  ".join(parts)


def duration_text(seconds: float) -> str:
    """A duration as a person says it."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
