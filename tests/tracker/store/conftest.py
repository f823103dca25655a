"""A fresh project, and the path of its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tracker.store.fakes import new_project
from tracker.store import Project


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clip.thermark"


@pytest.fixture
def project(path: Path) -> Iterator[Project]:
    project = new_project(path)
    yield project
    project.close()
