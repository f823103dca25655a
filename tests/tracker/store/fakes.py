"""Projects, evidence and processes for the tests of the store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.tracker.annotation.documents import MEDIA, box_at
from tracker.annotation import commands
from tracker.annotation.evidence import Evidence, Scores
from tracker.annotation.track import FrameState, Presence, Provenance
from tracker.geometry import Box
from tracker.store import Project

ROOT = Path(__file__).parents[3]


def new_project(path: Path) -> Project:
    """A project with a track 1 that has one anchor, in frame 0."""
    project = Project.create(path, MEDIA)
    project.apply(commands.add_track(project.document, 0, box_at(0), "dog"))
    return project


def tracked(frame: int, score: float = 0.5) -> FrameState:
    """What a run says about a frame in these tests."""
    return FrameState(box_at(frame), Provenance.TRACKED, Presence.VISIBLE, score)


def evidence(seed: int = 0) -> Evidence:
    """Evidence with numbers that float16 and float64 both have to round or keep."""
    rng = np.random.default_rng(seed)
    semantic, structural, fused = rng.normal(0, 3, (3, 9, 11)).astype(np.float32)
    return Evidence(
        search_region=Box(-1.5, 2.25, 100 / 3, 41),
        map_region=Box(0.1, 0.2, 30, 40),
        semantic=semantic,
        structural=structural,
        fused=fused,
        value_range=(-1 / 3, 2 / 3),
        channel_attention=rng.random(64).astype(np.float32),
        spatial_attention=rng.random((5, 6)).astype(np.float32),
        ensemble_weights=(0.3, 0.7),
        scores=Scores(0.123456789012345, 1e5, 3e-9, 0.25, 1.5, 0.1, 0.7, -0.3, 1 / 3),
    )


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another Python process that runs `code` with this repository on its path."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
