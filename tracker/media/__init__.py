"""Clips: image folders and videos behind one protocol, and a cache of their frames."""

from tracker.media.cached import CachedSource
from tracker.media.opening import load_source, open_source
from tracker.media.source import Counts, FrameSource
from tracker.media.writer import write_video

__all__ = ["CachedSource", "Counts", "FrameSource", "load_source", "open_source", "write_video"]
