"""`thermark info`: what a clip is."""

from __future__ import annotations

from tracker.cli.console import Source, cli, explained, finish, say


@cli.command()
def info(source: Source) -> None:
    """Say what a clip is: size, frames, type, time, broken frames."""
    from tracker.media import open_source

    with explained():
        clip = finish(open_source(source))
        width, height = clip.size
        rows = {
            "path": clip.path,
            "kind": clip.kind,
            "size": f"{width} x {height}",
            "frames": len(clip),
            "counts": f"{clip.dtype}, {'gray' if clip.channels == 1 else 'colour'}",
            "fps": f"{clip.fps:.3f}" if clip.fps else "unknown",
            "time": _time_span(clip.pts(0), clip.pts(len(clip) - 1)),
            "bad frames": ", ".join(map(str, clip.bad_frames)) or "none",
            "sha256": clip.content_hash,
        }
        for name, value in rows.items():
            say(f"{name:<11}{value}")
        clip.close()


def _time_span(first: float | None, last: float | None) -> str:
    return "unknown" if first is None or last is None else f"{first:.3f} s to {last:.3f} s"
