"""Where a clip lies: a file or folder, or one array inside a file, written "recording.h5::/camera/frames"."""

from __future__ import annotations

from pathlib import Path

SEPARATOR = "::"


def split_address(path: Path) -> tuple[Path, str]:
    """The file or folder on disk, and the name of the array in it; the name is empty where none is named."""
    before, separator, inside = str(path).partition(SEPARATOR)
    is_address = separator and before and inside and not path.exists()
    return (Path(before), inside) if is_address else (path, "")


def join_address(path: Path, inside: str) -> Path:
    """The address of an array in a file; the file's own path where `inside` is empty."""
    return Path(f"{path}{SEPARATOR}{inside}") if inside else path


def is_there(path: Path) -> bool:
    """Whether the file or folder of an address exists."""
    return split_address(path)[0].exists()
