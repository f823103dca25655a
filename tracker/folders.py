"""Where the user's own files lie that belong to no clip: projects, models, runs, lessons."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """The user's data folder; THERMARK_DATA_DIR overrides the system's."""
    return Path(os.environ.get("THERMARK_DATA_DIR") or platformdirs.user_data_dir("thermark"))
