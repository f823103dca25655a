"""OpenCV for the readers: `tracker.opencv`, under the name by which it was known first."""

from __future__ import annotations

from tracker.opencv import cv2

__all__ = ["cv2"]
