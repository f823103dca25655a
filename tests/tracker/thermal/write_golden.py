"""Writes the golden images anew: after a change of the looks that is meant, and after looking at them.

.venv/bin/python -m tests.tracker.thermal.write_golden
"""

from __future__ import annotations

import sys

from tests.tracker.thermal.scenes import FOLDER, looks, painted
from tracker.opencv import cv2


def main() -> int:
    """Replace all images."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for name, look in looks().items():
        cv2.imwrite(str(FOLDER / f"{name}.png"), painted(look)[..., ::-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
