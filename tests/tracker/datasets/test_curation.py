from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.datasets.folders import DEV, SIZE, moving, write_sequence
from tracker.datasets import open_data_set
from tracker.datasets.curation import CurationOptions, CurationReport, curate
from tracker.errors import ExportError, FormatError
from tracker.jobs import finish
from tracker.opencv import cv2


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


def curated(path: Path, output: Path, options: CurationOptions | None = None) -> CurationReport:
    return finish(curate(finish(open_data_set(path, "plain")), output, options))


def entries_of(output: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (output / "crops.jsonl").read_text().splitlines()]


def test_that_the_target_lies_in_the_middle_of_its_crop_at_the_scale_of_siamfc(tmp_path: Path) -> None:
    write_sequence(tmp_path / "set" / "dog1", ["20,20,8,8"])
    report = curated(tmp_path / "set", tmp_path / "out")
    assert (report.crops, report.targets, report.notes) == (1, 1, ())
    [entry] = entries_of(tmp_path / "out")
    assert (entry["sequence"], entry["track"], entry["scene"]) == ("dog1", 1, "dog")
    crop = json.loads(json.dumps(entry["crops"]))[0]
    # The exemplar of 127 pixels is a square of 16 around a target of 8: 7.94 crop pixels each.
    assert crop["box"] == pytest.approx([95.75, 95.75, 63.5, 63.5], abs=1e-2)
    assert crop["region"] == pytest.approx([24 - 16.063, 24 - 16.063, 32.126, 32.126], abs=1e-2)
    picture = cv2.imread(str(tmp_path / "out" / crop["file"]), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.shape == (255, 255)
    assert picture.dtype == np.uint8


def test_that_sixteen_bit_counts_stay_so(tmp_path: Path) -> None:
    folder = write_sequence(tmp_path / "set" / "dog1", ["20,20,8,8"])
    counts = np.full(SIZE[::-1], 30_000, np.uint16)
    cv2.imwrite(str(folder / "img" / "0001.png"), counts)
    curated(tmp_path / "set", tmp_path / "out")
    picture = cv2.imread(str(tmp_path / "out" / "crops/dog1/1/000000.png"), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.dtype == np.uint16
    assert np.unique(picture).tolist() == [30_000]


def test_that_frames_of_no_use_and_clips_without_frames_are_left_out(tmp_path: Path) -> None:
    lines = ["5,20,10,10", "nan,nan,nan,nan", "70,20,10,10", "5,20,1,10", "6,20,10,10"]
    write_sequence(tmp_path / "set" / "dog", lines)
    write_sequence(tmp_path / "set" / "cat", moving(2), images=0)
    (tmp_path / "set" / "cat" / "img").rmdir()
    report = curated(tmp_path / "set", tmp_path / "out")
    assert (report.crops, report.targets) == (2, 1)
    assert report.notes == ("cat was left out: its frames are not at hand.",)
    files = sorted(path.name for path in (tmp_path / "out").rglob("*.png"))
    assert files == ["000000.png", "000004.png"]


def test_that_nothing_is_left_of_a_curation_that_fails_or_is_stopped(tmp_path: Path) -> None:
    write_sequence(tmp_path / "set" / "a", moving(3), seed=1)
    write_sequence(tmp_path / "set" / "b", moving(3), images=2, seed=2)
    with pytest.raises(FormatError, match=r"b/groundtruth\.txt: 3 frames are annotated, and the clip has 2"):
        curated(tmp_path / "set", tmp_path / "out")
    job = curate(finish(open_data_set(tmp_path / "set", "plain")), tmp_path / "out")
    for _ in range(2):
        next(job)
    assert [path for path in tmp_path.iterdir() if path.name.endswith(".part")]
    job.close()
    (tmp_path / "bare" / "c").mkdir(parents=True)
    (tmp_path / "bare" / "c" / "groundtruth.txt").write_text("1,2,3,4\n")
    with pytest.raises(ExportError, match="no target with frames at hand"):
        curated(tmp_path / "bare", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bare", "set"]


@pytest.mark.skipif(not DEV.is_dir(), reason="../shared/data/dev is not there")
def test_that_crops_of_a_real_clip_have_the_target_in_their_middle(tmp_path: Path) -> None:
    report = curated(DEV / "possum", tmp_path / "out", CurationOptions(every=10))
    assert report.crops == len(list((tmp_path / "out").rglob("*.png"))) == 10
    [entry] = entries_of(tmp_path / "out")
    for crop in json.loads(json.dumps(entry["crops"])):
        x, y, width, height = crop["box"]
        assert (x + width / 2, y + height / 2) == pytest.approx((127.5, 127.5), abs=0.01)
