"""Files that are written whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from tracker.errors import ExportError


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file; what was there before is replaced only by a whole one.

    Args:
        path: The file.
        write: Writes to the path that it is given, which has the same suffix.

    Raises:
        ExportError: It cannot be written.
    """
    part = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}.part{path.suffix}")
    try:
        write(part)
        part.replace(path)
    except OSError as error:
        raise ExportError(
            f"it cannot be written ({error.strerror}).", where=path, todo="Choose another place."
        ) from error
    finally:
        part.unlink(missing_ok=True)
