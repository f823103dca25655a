"""Training from a curated folder: the same pairs as from the clips, as far as the crops reach."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.tracker.training.fakes import bright_clip, sampler
from tests.tracker.training.test_sources import read, write_sequence
from tracker.cli import cli
from tracker.datasets import open_data_set
from tracker.datasets.curation import CurationOptions, curate
from tracker.errors import FormatError, ThermarkError
from tracker.jobs import finish
from tracker.opencv import cv2
from tracker.training.build import samplers_of
from tracker.training.clips import Clip
from tracker.training.config import ConfigError, SamplingConfig, SourceConfig, TrainingConfig
from tracker.training.crops import reach_of
from tracker.training.mlssnet_sampling import MLSSNetSampler
from tracker.training.sampling import CropConfig, PairSampler

WIDE = CurationOptions(crop=480, exemplar=127)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Two clips of one place, and one of another."""
    for seed, name in enumerate(("street1", "street2", "field")):
        write_sequence(tmp_path / "set" / name, bright_clip(seed=seed + 1, count=8))
    return tmp_path / "set"


def curated(path: Path, output: Path, options: CurationOptions = WIDE) -> Path:
    finish(curate(finish(open_data_set(path, "plain")), output, options))
    return output


def by_name(clips: list[Clip]) -> dict[str, Clip]:
    return {clip.name: clip for clip in clips}


def test_that_each_target_is_a_clip_in_the_group_of_its_scene(clips: Path, tmp_path: Path) -> None:
    found = by_name(read(curated(clips, tmp_path / "crops"), "crops", name="ours"))
    assert sorted(found) == ["field/1", "street1/1", "street2/1"]
    assert found["street1/1"].group == found["street2/1"].group != found["field/1"].group
    for clip in found.values():
        assert clip.source == "ours"
        assert clip.frames.shape == (8, 480, 480)
        assert clip.times.tolist() == list(range(8))
        x, y, width, height = clip.targets[0].T
        np.testing.assert_allclose([x + width / 2, y + height / 2], 240, atol=0.01)


def test_that_pairs_are_those_of_the_clips_themselves(clips: Path, tmp_path: Path) -> None:
    whole = read(clips / "street1", "sequences")
    cut = read(curated(clips / "street1", tmp_path / "crops"), "crops")
    changes: dict[str, Any] = {"crops": CropConfig(128, 2.0, 128, 4.0)}
    first, second = sampler(whole, 7, **changes), sampler(cut, 7, **changes)
    for number in range(20):
        ours, theirs = first[number], second[number]
        np.testing.assert_allclose(theirs.template_box, ours.template_box, atol=0.01)
        np.testing.assert_allclose(theirs.search_box, ours.search_box, atol=0.01)
        x, y, width, height = ours.search_box.round().astype(int)
        around = (slice(max(y - 8, 0), y + height + 8), slice(max(x - 8, 0), x + width + 8))
        # Blurred a little, as crops are resampled once more.
        assert np.abs(theirs.search[around] - ours.search[around]).mean() < 6


def test_that_frames_keep_their_numbers_and_are_thinned(clips: Path, tmp_path: Path) -> None:
    options = CurationOptions(crop=480, exemplar=127, every=2)
    found = by_name(read(curated(clips, tmp_path / "crops", options), "crops", every=2))
    assert found["field/1"].times.tolist() == [0, 4]
    assert len(found["field/1"].frames) == len(found["field/1"].targets[0]) == 2


def test_that_targets_that_were_too_small_stay_so(tmp_path: Path) -> None:
    write_sequence(tmp_path / "set" / "a", bright_clip(count=2), ["20,20,3,9", "20,20,5,9"])
    (clip,) = read(curated(tmp_path / "set", tmp_path / "crops"), "crops")
    assert clip.usable(0).tolist() == [1]


def test_that_deep_counts_have_the_normalisation_of_their_clip(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "a"
    write_sequence(folder, bright_clip(count=4))
    for path in (folder / "img").iterdir():
        gray = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert gray is not None
        gray[:, -8:] = 255  # further from the target than the crops go
        cv2.imwrite(str(path), gray.astype(np.uint16) * 40 + 5000)
    (whole,) = read(tmp_path / "set", "sequences")
    (cut,) = read(curated(tmp_path / "set", tmp_path / "crops", CurationOptions(crop=127)), "crops")
    assert cut.frames.dtype == np.uint16
    assert cut.frames.max() < 255 * 40 + 5000
    assert cut.normalisation == whole.normalisation
    change_target(tmp_path / "crops", lambda target: target.pop("range"))
    with pytest.raises(FormatError, match=r"crops\.jsonl, line 1: the range .* Curate the data set again"):
        read(tmp_path / "crops", "crops")


def change_target(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "crops.jsonl"
    lines = path.read_text().splitlines()
    target = json.loads(lines[-1])
    change(target)
    path.write_text("\n".join([*lines[:-1], json.dumps(target)]) + "\n")


def cut_line(folder: Path) -> None:
    path = folder / "crops.jsonl"
    path.write_text(path.read_text()[:-20])


def two_frames_alike(target: dict[str, Any]) -> None:
    target["crops"][1]["frame"] = target["crops"][0]["frame"]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda folder: (folder / "crops.jsonl").unlink(), "crops.jsonl: it cannot be read"),
        (lambda folder: (folder / "curation.json").unlink(), "curation.json: it cannot be read"),
        (
            lambda folder: (folder / "curation.json").write_text("{}"),
            "curation.json, line 1: 'crop' is missing",
        ),
        (lambda folder: (folder / "crops.jsonl").write_text(""), "nothing to learn from"),
        (cut_line, "crops.jsonl, line 3: Invalid JSON"),
        (
            lambda folder: change_target(folder, lambda target: target["crops"][0].update(box=[1, 2, 3])),
            "crops.jsonl, line 3: crops.0.box",
        ),
        (
            lambda folder: change_target(folder, lambda target: target["crops"][0].update(file="../a/0.png")),
            "crops.jsonl, line 3: '../a/0.png' is no name",
        ),
        (
            lambda folder: change_target(folder, two_frames_alike),
            "crops.jsonl, line 3: the images in",
        ),
        (
            lambda folder: next((folder / "crops").rglob("000003.png")).unlink(),
            "are not the crops of the index",
        ),
    ],
)
def test_that_a_damaged_folder_is_explained(
    clips: Path, tmp_path: Path, spoil: Callable[[Path], object], complaint: str
) -> None:
    folder = curated(clips, tmp_path / "crops")
    spoil(folder)
    with pytest.raises(ThermarkError) as error:
        read(folder, "crops")
    assert complaint in error.value.message


def config_of(folder: Path) -> TrainingConfig:
    return TrainingConfig(sources=(SourceConfig(kind="crops", path=folder, name="ours"),))


class Recipe:
    """The sampler and the crops of a network."""

    def __init__(self, sampler_class: type[PairSampler]) -> None:
        self.sampler_class, self.crops = sampler_class, CropConfig()


def test_that_crops_that_end_too_early_are_refused(clips: Path, tmp_path: Path) -> None:
    folder = curated(clips, tmp_path / "crops", CurationOptions())
    found, config = read(folder, "crops"), config_of(folder)
    with pytest.raises(ConfigError, match=r"go 2\.01 target sides .* 3\.72\..*--crop that is 1\.86 times"):
        samplers_of(config, Recipe(PairSampler), found)  # type: ignore[arg-type]
    samplers_of(config, Recipe(MLSSNetSampler), found)  # type: ignore[arg-type]  # SiamFC's crops are its own


def test_that_crops_as_large_as_advised_are_taken() -> None:
    needed = PairSampler.reach(SamplingConfig(), CropConfig())
    assert reach_of(CurationOptions()) * 1.86 > needed
    assert reach_of(CurationOptions(crop=511)) > needed
    assert reach_of(CurationOptions(crop=471)) < needed < reach_of(CurationOptions(crop=474))


def test_that_no_pair_looks_further_than_it_says() -> None:
    """The clip is bright as far as the reach, and black beyond."""
    crops, sampling = CropConfig(), SamplingConfig()
    reach = PairSampler.reach(sampling, crops) * 12
    y, x = np.mgrid[:240, :240] + 0.5
    picture = np.where(np.maximum(abs(x - 120), abs(y - 120)) <= reach + 1, 200, 0).astype(np.uint8)
    box = np.array([[114, 114, 12, 12]], np.float32)
    clip = Clip("a", "a", "a", picture[None], np.zeros(1, np.int64), (box,))
    drawn = sampler([clip], crops=crops, **sampling.model_dump(include={"shift", "scale", "stretch"}))
    assert all(drawn[number].search.min() > 190 for number in range(200))


def test_that_the_command_trains_from_crops(clips: Path, tmp_path: Path) -> None:
    curated(clips, tmp_path / "crops")
    path = tmp_path / "run.toml"
    path.write_text(
        "validation_pairs = 2\nvalidate_every = 1\nworkers = 0\n[optimiser]\nsteps = 1\nbatch = 2\n"
        '[[sources]]\nkind = "crops"\npath = "crops"\nlicence = "our own"\n'
    )
    arguments = ["train", str(path), "--output", str(tmp_path / "run"), "--device", "cpu", "--threads", "1"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "run" / "best.safetensors").is_file()
