"""Numbers as an analyst reads them."""

from __future__ import annotations

import math


def time_text(seconds: float | None) -> str:
    """Seconds as "0:01:23.456"; empty where there is no time."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    sign, total = ("−" if seconds < 0 else ""), round(abs(seconds) * 1000)
    rest, thousandths = divmod(total, 1000)
    minutes, whole = divmod(rest, 60)
    return f"{sign}{minutes // 60}:{minutes % 60:02d}:{whole:02d}.{thousandths:03d}"


def share_text(part: int, whole: int) -> str:
    """A share as "12 of 300 (4.0 %)"."""
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)" if whole else f"{part:,}"


def size_text(count: int) -> str:
    """Bytes as "12.3 MiB"."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"
