"""All or nothing on disk: what is being written becomes visible only when it is complete."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import ExportError


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """A folder to write to, which becomes `output` when the block ends well and vanishes otherwise.

    Raises:
        ExportError: Something is there already, or it cannot be written.
    """
    target = output.resolve()
    if target.exists() and not (target.is_dir() and next(target.iterdir(), None) is None):
        raise ExportError("the output exists and is not empty.", where=output, todo="Choose a new folder.")
    ground = next(parent for parent in target.parents if parent.exists())
    part = ground / f".{target.name}.{uuid.uuid4().hex[:8]}.part"
    try:
        part.mkdir()
        yield part
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.rmdir()  # empty; a rename does not replace a folder everywhere
        part.rename(target)
    except OSError as error:
        raise ExportError(
            f"the data cannot be written ({error.strerror}).",
            where=output,
            todo="Check the free space and that you may write there.",
        ) from error
    finally:
        if part.exists():
            shutil.rmtree(part, ignore_errors=True)  # must not hide why the block ended
