"""The corpus of rendered scenes: files, boxes, repeatability, resuming and stopping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tracker.errors import ExportError
from tracker.geometry import Box
from tracker.jobs import Job, Progress, finish
from tracker.training.rendering import Truth
from tracker.training.rendering.__main__ import main
from tracker.training.rendering.corpus import (
    FRAMES,
    TARGETS,
    SceneOrder,
    _is_followed,
    random_gain,
    render_corpus,
    render_scene,
)

SIZE = (96, 80)


def small(output: Path, scenes: int = 2, seed: int = 3, workers: int = 1) -> Job[int]:
    return render_corpus(output, scenes, seed, frames=3, every=2, size=SIZE, workers=workers)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("corpus")
    assert finish(small(output)) == 2
    return output


def targets(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / TARGETS).read_text())
    return value


def test_each_scene_is_a_folder(corpus: Path) -> None:
    assert sorted(p.name for p in corpus.iterdir()) == ["scene_00001", "scene_00002"]
    for number, folder in enumerate(sorted(corpus.iterdir()), start=1):
        frames = np.load(folder / FRAMES)
        assert frames.shape == (3, SIZE[1], SIZE[0])
        assert frames.dtype == np.uint8
        assert frames.std() > 3
        assert targets(folder)["group"] == f"render_{number:05d}"


def test_targets_have_a_box_or_null_for_each_frame(corpus: Path) -> None:
    found = [target for folder in corpus.iterdir() for target in targets(folder)["targets"]]
    assert found
    for target in found:
        assert target["label"] in {"person", "vehicle", "animal", "bird", "drone"}
        assert len(target["boxes"]) == len(target["visible"]) == 3
        for box, visible in zip(target["boxes"], target["visible"], strict=True):
            assert 0 <= visible <= 1
            if box is not None:
                assert Box(*box).is_valid()
                assert box[0] >= 0
                assert box[0] + box[2] <= SIZE[0] + 0.01
                assert box[1] + box[3] <= SIZE[1] + 0.01


def test_only_targets_that_can_be_followed() -> None:
    good, small_one = Truth(Box(0, 0, 8, 20), None, 1.0), Truth(Box(0, 0, 5, 20), None, 1.0)
    hidden, gone = Truth(Box(0, 0, 8, 20), None, 0.5), Truth(None, None, 0.0)
    assert _is_followed([good, good, gone])
    assert not _is_followed([good, small_one, hidden])
    assert not _is_followed([good, good, *[gone] * 10])


def test_a_scene_depends_on_seed_and_number_alone(corpus: Path, tmp_path: Path) -> None:
    finish(small(tmp_path, scenes=1))
    assert contents(tmp_path / "scene_00001") == contents(corpus / "scene_00001")
    frames, _ = render_scene(SceneOrder(1, 4, 3, 2, SIZE))
    assert not np.array_equal(frames, np.load(corpus / "scene_00001" / FRAMES))


def test_processes_render_the_same(corpus: Path, tmp_path: Path) -> None:
    assert finish(small(tmp_path, workers=2)) == 2
    assert contents(tmp_path) == contents(corpus)


def test_complete_scenes_are_kept_and_others_made_anew(corpus: Path, tmp_path: Path) -> None:
    finish(small(tmp_path, scenes=1))
    kept = tmp_path / "scene_00001" / FRAMES
    kept.write_bytes(b"as it was")
    (tmp_path / "scene_00002").mkdir()
    (tmp_path / ".scene_00002.part").mkdir()
    assert finish(small(tmp_path)) == 1
    assert kept.read_bytes() == b"as it was"
    assert contents(tmp_path / "scene_00002") == contents(corpus / "scene_00002")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scene_00001", "scene_00002"]
    assert finish(small(tmp_path)) == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_closing_leaves_only_whole_scenes(tmp_path: Path, workers: int) -> None:
    job = small(tmp_path, scenes=30, workers=workers)
    events = [next(job), next(job)]
    job.close()
    assert all(isinstance(event, Progress) and event.total == 30 for event in events)
    folders = list(tmp_path.iterdir())
    assert 1 <= len(folders) < 30
    assert all((folder / name).is_file() for folder in folders for name in (FRAMES, TARGETS))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError):
        finish(small(tmp_path / "file"))
    with pytest.raises(ValueError, match="at least 1"):
        finish(small(tmp_path, scenes=0))


def test_gain_modes_differ_and_repeat() -> None:
    rng = np.random.default_rng(0)
    counts = [rng.normal(7000 + 40 * k, 200, (40, 50)).astype(np.uint16) for k in range(4)]
    clips = [np.stack(list(random_gain(np.random.default_rng(seed), counts))) for seed in range(12)]
    assert all(clip.shape == (4, 40, 50) and clip.dtype == np.uint8 for clip in clips)
    assert len({clip.tobytes() for clip in clips}) == 12
    again = np.stack(list(random_gain(np.random.default_rng(0), counts)))
    assert np.array_equal(again, clips[0])


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[Path, int, int, int]] = []

    def pretend(output: Path, scenes: int, seed: int, workers: int) -> Job[int]:
        called.append((output, scenes, seed, workers))
        yield Progress("Rendering scenes", scenes, scenes, 1.0, 0.0)
        return scenes

    monkeypatch.setattr("tracker.training.rendering.__main__.render_corpus", pretend)
    command = ["x", "--corpus", "4", "--output", str(tmp_path), "--workers", "2", "--seed", "9"]
    monkeypatch.setattr("sys.argv", command)
    main()
    assert called == [(tmp_path, 4, 9, 2)]


def test_the_command_still_writes_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Path] = []

    def pretend(folder: Path) -> Job[Path]:
        called.append(folder)
        yield Progress("Rendering the sample clip", 1, 1, 1.0, 0.0)
        return folder

    monkeypatch.setattr("tracker.training.rendering.__main__.write_sample", pretend)
    monkeypatch.setattr("sys.argv", ["x", "--output", str(tmp_path)])
    main()
    assert called == [tmp_path]
