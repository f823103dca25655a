"""Keeps a project to one Thermark at a time.

The lock is one of the operating system's on a small file beside the project, so that it ends with the
process that holds it, however that ends. SQLite's own locks are left alone.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from tracker.errors import ProjectError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> None:
        os.lseek(handle, 1 << 30, os.SEEK_SET)  # far behind the text, which others must be able to read
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ProjectLock:
    """Held from construction until `release`."""

    def __init__(self, project: Path) -> None:
        """Take the lock.

        Raises:
            ProjectError: Somebody holds it, or the project's folder cannot be written.
        """
        self._path = project.with_name(project.name + ".lock")
        self._handle = self._acquire(project)
        os.truncate(self._handle, 0)
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.write(self._handle, f"{os.getpid()} {platform.node()}".encode())

    def _acquire(self, project: Path) -> int:
        while True:
            try:
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            except OSError as error:
                raise _cannot_write(project, error) from error
            try:
                _try_lock(handle)
            except OSError as error:
                os.close(handle)
                raise self._taken(project) from error
            if self._is_current(handle):
                return handle
            os.close(handle)  # its holder removed the file between our open and our lock

    def _is_current(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False

    def _taken(self, project: Path) -> ProjectError:
        try:
            holder = self._path.read_text(errors="replace").split()
        except OSError:
            holder = []
        who = f" (process {holder[0]} on {holder[1]})" if len(holder) == 2 else ""
        return ProjectError(
            f"the project is already open in Thermark{who}.", where=project, todo="Close it there first."
        )

    def release(self) -> None:
        """Give the lock back; a second time does nothing."""
        if self._handle < 0:
            return
        handle, self._handle = self._handle, -1
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(handle)
            self._unlink()
        else:
            self._unlink()
            os.close(handle)

    def _unlink(self) -> None:
        try:
            self._path.unlink(missing_ok=True)
        except PermissionError:
            # Windows: somebody else has the file open in order to lock it, and will remove it in turn.
            return


def _cannot_write(project: Path, error: OSError) -> ProjectError:
    folder = project.parent
    if not folder.is_dir():
        return ProjectError("the folder does not exist.", where=folder, todo="Choose an existing folder.")
    return ProjectError(
        f"the folder cannot be written ({error.strerror}).",
        where=folder,
        todo="A project saves as you work: keep it in a folder you may write to, or open a copy of it there.",
    )
