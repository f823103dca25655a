"""The user's cache of media indices, so that a clip is scanned once.

Two kinds of small files: an index, named by the content hash of its media, and a memo that says which
content hash a path had when it was last read. Everything here may be missing, damaged or foreign: then
it is made again. A cache that cannot be written slows the next opening down and stops nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

_log = logging.getLogger(__name__)
_HASH = re.compile(r"[0-9a-f]{64}")
_MEMO_VERSION = 1


def default_cache_folder() -> Path:
    """Where indices are kept: THERMARK_CACHE_DIR, else the user's cache folder of the platform."""
    return Path(os.environ.get("THERMARK_CACHE_DIR") or user_cache_dir("thermark"))


class IndexCache:
    """Indices by content hash, and the content hashes of paths seen before.

    Args:
        folder: Where the files are; `default_cache_folder()` where None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (folder or default_cache_folder()) / "media"

    def load(self, content_hash: str, suffix: str) -> bytes | None:
        """The stored index of some media, or None.

        Args:
            content_hash: Of the media.
            suffix: What the index's file name ends with; names its form and version ("v1.npz").
        """
        return self._read(f"{content_hash}.{suffix}")

    def save(self, content_hash: str, suffix: str, data: bytes) -> None:
        """Store an index; see `load`."""
        self._write(f"{content_hash}.{suffix}", data)

    def place(self, content_hash: str, suffix: str) -> Path:
        """Where a large file that belongs to some media may be kept; see `load`."""
        return self._folder / f"{content_hash}.{suffix}"

    def remembered(self, path: Path, fingerprint: str) -> str | None:
        """The content hash that `path` had when its fingerprint was this one, or None."""
        data = self._read(_memo_name(path))
        try:
            memo = json.loads(data) if data else {}
            known = (memo["version"], memo["path"], memo["fingerprint"])
            content_hash = memo["content_hash"]
        except (ValueError, KeyError, TypeError):
            return None
        is_same = known == (_MEMO_VERSION, str(path), fingerprint)
        is_hash = isinstance(content_hash, str) and _HASH.fullmatch(content_hash) is not None
        return content_hash if is_same and is_hash else None

    def remember(self, path: Path, fingerprint: str, content_hash: str) -> None:
        """Keep the content hash of `path` for as long as its fingerprint stays."""
        memo = {
            "version": _MEMO_VERSION,
            "path": str(path),
            "fingerprint": fingerprint,
            "content_hash": content_hash,
        }
        self._write(_memo_name(path), json.dumps(memo).encode())

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.info("Cannot read the media cache: %s", error)
            return None

    def _write(self, name: str, data: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _replace(self._folder / name, data)
        except OSError as error:
            _log.info("Cannot write the media cache: %s", error)


def _memo_name(path: Path) -> str:
    return hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest() + ".path.json"


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that it is either the old or the new one, whole, at any moment."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
