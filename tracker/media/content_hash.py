"""Content hashes: what a clip is recognised by, wherever it lies and whatever it is called."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tracker.jobs import Job, ProgressMeter

_CHUNK = 1 << 22


def file_fingerprint(path: Path) -> str:
    """Size and time of change of a file: cheap to get, and different once the file was written again.

    Raises:
        OSError: The file is gone or cannot be looked at.
    """
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def folder_fingerprint(paths: Iterable[Path]) -> str:
    """The same for a sequence of files: their names, sizes and times of change.

    Raises:
        OSError: A file is gone or cannot be looked at.
    """
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\0{file_fingerprint(path)}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def tree_fingerprint(folder: Path) -> str:
    """The same for all files in and below a folder.

    Raises:
        OSError: A file is gone or cannot be looked at.
    """
    digest = hashlib.sha256()
    for path in _files_below(folder):
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name}\0{file_fingerprint(path)}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def hash_tree(folder: Path) -> Job[str]:
    """Compute the SHA-256 of all files in and below a folder, with their names, as a job.

    Returns:
        64 hexadecimal digits.

    Raises:
        OSError: A file cannot be read.
    """
    files, digest = _files_below(folder), SequenceHash()
    meter = ProgressMeter(f"Reading {folder.name}", len(files))
    for done, path in enumerate(files):
        if meter.due():
            yield meter.at(done)
        digest.add(path.relative_to(folder).as_posix(), path.read_bytes())
    return digest.hexdigest()


def _files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def hash_file(path: Path) -> Job[str]:
    """Compute the SHA-256 of a file's bytes as a job, progress in MiB.

    Returns:
        64 hexadecimal digits.

    Raises:
        OSError: The file cannot be read.
    """
    digest, done = hashlib.sha256(), 0
    meter = ProgressMeter(f"Reading {path.name} (MiB)", max(path.stat().st_size >> 20, 1))
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if meter.due():
                yield meter.at(done >> 20)
    return digest.hexdigest()


class SequenceHash:
    """SHA-256 over the names and bytes of a sequence of files, in order."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, name: str, data: bytes | None) -> None:
        """Add the next file; `data` is None where it cannot be read."""
        encoded = name.encode("utf-8", "surrogateescape")
        size = -1 if data is None else len(data)
        # Lengths first, so that no two different sequences are the same stream of bytes.
        self._digest.update(f"{len(encoded)} {size}\n".encode())
        self._digest.update(encoded)
        self._digest.update(data or b"")

    def hexdigest(self) -> str:
        """64 hexadecimal digits."""
        return self._digest.hexdigest()
