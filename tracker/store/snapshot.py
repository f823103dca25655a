"""A copy of a project's annotations to read from while the project itself is open, here or in another Thermark."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tracker.errors import MediaError
from tracker.store import media as media_files
from tracker.store import schema, tables
from tracker.store.connection import connect, explained, transaction


def snapshot(project: Path, copy: Path) -> None:
    """Write the annotations as they are now into a new project file that finds the clip; without the evidence.

    Args:
        project: A project, open or not.
        copy: The file to write.

    Raises:
        ProjectError: It is no project, cannot be read, or the copy cannot be written.
    """
    with closing(connect(copy, create=True)) as target:
        with closing(connect(project)) as source, explained(project):
            source.backup(target)
        schema.bring_up_to_date(target, project)
        with explained(copy):
            stored, relative = target.execute("SELECT path, relative_path FROM media").fetchone()
        try:
            found = str(media_files.find_media(stored, relative, project))
        except MediaError:
            return  # whoever needs the clip says that it is gone
        with transaction(target, copy):
            tables.move_media(target, found, media_files.relative_path(found, copy))
