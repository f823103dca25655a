"""Learning from projects: only from what a person has drawn or confirmed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tracker.annotation.documents import tracked_document
from tests.tracker.training.fakes import bright_clip
from tracker.annotation.commands import add_track
from tracker.annotation.edits import AddTrack
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.errors import ProjectError
from tracker.geometry import Box
from tracker.jobs import finish
from tracker.media import open_source
from tracker.opencv import cv2
from tracker.store import Project, media_record
from tracker.training.clips import Clip
from tracker.training.config import ConfigError, SourceConfig
from tracker.training.project_clips import trusted
from tracker.training.sources import read_sources

COUNT = 12


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("M..........", "x.........."),
        ("MTTTTTTTTTT", "x.........."),
        ("MTTTTMTTTTT", "xxxxxx....."),
        ("TTTMIIIM..T", "...xxxxx..."),
        ("MTTTTATTTTT", "xxxxx......"),
        ("MTOTFTM....", "xx.x.xx...."),
        ("FFFFFFFFFFF", "..........."),
        ("...........", "..........."),
        ("A...A......", "..........."),
    ],
)
def test_which_frames_are_trusted(pattern: str, wanted: str) -> None:
    mask = trusted(tracked_document(pattern).tracks[1])
    assert "".join(".x"[int(is_trusted)] for is_trusted in mask) == wanted


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    for i, frame in enumerate(bright_clip(count=COUNT).frames):
        cv2.imwrite(str(folder / f"{i:02d}.png"), frame)
    return folder


def track_of(id_: int, provenance: Provenance, said: range, anchors: tuple[int, ...] = ()) -> AddTrack:
    frames = Frames.empty(COUNT)
    for i in said:
        frames.put(i, FrameState(Box(10 + i, 8, 12, 10 + id_), provenance))
    for i in anchors:
        frames.put(i, FrameState(Box(10 + i, 8, 12, 10 + id_), Provenance.MANUAL))
    return AddTrack(Track(id_, "dog", "#102030", (), frames))


@pytest.fixture
def project(tmp_path: Path, media: Path) -> Path:
    return make_project(tmp_path, media)


def make_project(tmp_path: Path, media: Path) -> Path:
    """Track 1 is corrected from frame 2 to 8, track 2 has one box in frame 10, track 3 is the machine's alone."""
    clip = finish(open_source(media))
    with Project.create(tmp_path / "dog.thermark", media_record(clip)) as made:
        made.apply(track_of(1, Provenance.TRACKED, range(COUNT), anchors=(2, 8)))
        made.apply(track_of(2, Provenance.TRACKED, range(0), anchors=(10,)))
        made.apply(track_of(3, Provenance.TRACKED, range(COUNT)))
    clip.close()
    return tmp_path / "dog.thermark"


def read(path: Path, **options: object) -> list[Clip]:
    config = SourceConfig.model_validate({"kind": "project", "path": path, **options})
    return finish(read_sources((config,)))


def test_that_a_project_is_one_clip_with_its_tracks(project: Path, media: Path) -> None:
    (clip,) = read(project, name="corrections")
    source = finish(open_source(media))
    assert (clip.name, clip.source, clip.group) == ("dog", "corrections", source.content_hash)
    assert clip.times.tolist() == [2, 3, 4, 5, 6, 7, 8, 10]
    assert np.array_equal(clip.frames[3], source.frame(5))
    assert len(clip.targets) == 2
    assert clip.usable(0).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert clip.usable(1).tolist() == [7]
    assert clip.targets[0][1].tolist() == [13, 8, 12, 11]
    source.close()


def test_that_frames_are_thinned(project: Path) -> None:
    (clip,) = read(project, most_frames=3)
    assert clip.times.tolist() == [2, 5, 10]


def test_that_the_projects_own_normalisation_is_used(project: Path) -> None:
    with Project.open(project) as opened:
        opened.set_normalisation(40, 220)
    (clip,) = read(project)
    assert clip.gray(0).min() == 0
    assert clip.gray(0).max() == 255


def test_that_the_project_is_open_only_while_it_is_read(project: Path) -> None:
    with Project.open(project), pytest.raises(ProjectError):
        read(project)
    read(project)
    Project.open(project).close()


def test_that_a_project_without_confirmed_boxes_is_refused(tmp_path: Path, media: Path) -> None:
    clip = finish(open_source(media))
    with Project.create(tmp_path / "new.thermark", media_record(clip)) as made:
        made.apply(track_of(1, Provenance.TRACKED, range(COUNT)))
        hidden = add_track(made.document, 0, Box(10, 8, 12, 12))
        hidden.track.frames.presence[0] = Presence.OCCLUDED
        made.apply(hidden)
    clip.close()
    with pytest.raises(ConfigError, match="drawn or confirmed by hand") as error:
        read(tmp_path / "new.thermark")
    assert error.value.where == str(tmp_path / "new.thermark")
    assert "correct boxes" in error.value.todo


def test_that_another_clip_is_refused(project: Path, media: Path) -> None:
    (media / "11.png").unlink()
    with pytest.raises(ConfigError, match="another clip"):
        read(project)


def test_that_what_is_no_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fake.thermark").write_text("nothing")
    with pytest.raises(ProjectError):
        read(tmp_path / "fake.thermark")


def test_that_frozen_frames_are_not_learned_from_unless_that_is_wished(tmp_path: Path, media: Path) -> None:
    (media / "05.png").write_bytes((media / "04.png").read_bytes())
    project = make_project(tmp_path, media)
    (without,) = read(project)
    (with_,) = read(project, sensor_events="keep")
    assert with_.times.tolist() == [2, 3, 4, 5, 6, 7, 8, 10]
    assert without.times.tolist() == [2, 3, 4, 6, 7, 8, 10]


def test_that_a_project_of_frozen_frames_alone_is_refused(tmp_path: Path, media: Path) -> None:
    for name in range(1, COUNT):
        (media / f"{name:02d}.png").write_bytes((media / "00.png").read_bytes())
    with pytest.raises(ConfigError, match="sensor events"):
        read(make_project(tmp_path, media))
