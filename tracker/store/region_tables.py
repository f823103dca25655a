"""Regions and calibrations to tables and back."""

from __future__ import annotations

import json
import sqlite3
from typing import TypeAlias

from tracker.annotation.document import Document
from tracker.annotation.region_edits import AddRegion, ChangeRegion, RemoveRegion, SetCalibration
from tracker.annotation.regions import Region
from tracker.errors import AnnotationError, ProjectError
from tracker.outline import Shape

CALIBRATION = "calibration"
"""Key of the document's calibration among the small things of a project."""

MeasuringEdit: TypeAlias = AddRegion | ChangeRegion | RemoveRegion | SetCalibration


def read(connection: sqlite3.Connection, document: Document) -> None:
    """Load regions and calibration into a document.

    Raises:
        ProjectError: A region contradicts itself, or follows a track that there is not.
    """
    query = "SELECT id, name, shape, points, track_id FROM regions ORDER BY id"
    for id_, name, shape, points, track_id in connection.execute(query):
        places = tuple((float(x), float(y)) for x, y in json.loads(points))
        region = Region(id_, name, Shape(shape), places, track_id)
        try:
            region.check()
            if track_id is not None:
                document.track(track_id)
        except AnnotationError as error:
            raise ProjectError(
                f"the project is damaged: {error.message}",
                where=f"region {id_}",
                todo="Restore it from a copy.",
            ) from error
        document.regions[id_] = region
    for (text,) in connection.execute("SELECT value FROM meta WHERE key = ?", (CALIBRATION,)):
        document.calibration = str(text)


def save(connection: sqlite3.Connection, edit: MeasuringEdit, document: Document) -> None:
    """Store what `edit`, which has just been applied to `document`, has changed there."""
    match edit:
        case AddRegion(region=region) | ChangeRegion(region=region):
            _save_region(connection, region.id, document)
        case RemoveRegion(region_id=region_id):
            _save_region(connection, region_id, document)
        case SetCalibration():
            _save_calibration(connection, document)


def _save_region(connection: sqlite3.Connection, region_id: int, document: Document) -> None:
    connection.execute("DELETE FROM regions WHERE id = ?", (region_id,))
    found = document.regions.get(region_id)
    if found is not None:
        connection.execute(
            "INSERT INTO regions (id, name, shape, points, track_id) VALUES (?, ?, ?, ?, ?)",
            (found.id, found.name, found.shape.value, json.dumps(found.points), found.track_id),
        )


def _save_calibration(connection: sqlite3.Connection, document: Document) -> None:
    if document.calibration:
        row = (CALIBRATION, document.calibration)
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", row)
    else:
        connection.execute("DELETE FROM meta WHERE key = ?", (CALIBRATION,))
