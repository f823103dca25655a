from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from tests.tracker.output.fakes import FakeSource, subject_of
from tracker.errors import OutputError
from tracker.media.facts import NO_FACTS
from tracker.opencv import cv2
from tracker.output.choices import StillChoices, StillKind
from tracker.output.painting import FramePainter
from tracker.output.still import png_bytes, still_picture, write_still

COUNTS = StillChoices(kind=StillKind.COUNTS)


@pytest.mark.parametrize("name", ["0001.png", "more.png", "MORE.TIF"])
def test_that_no_still_becomes_a_frame_of_a_folder_of_images(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "clip"
    folder.mkdir()
    (folder / "0001.png").write_bytes(b"a frame")
    source = FakeSource()
    source.path = folder
    with pytest.raises(OutputError, match="one of its frames"):
        write_still(subject_of(source), 0, folder / name, COUNTS)
    assert [each.read_bytes() for each in folder.iterdir()] == [b"a frame"]
    write_still(subject_of(source), 0, tmp_path / name, COUNTS)
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("is_known", [True, False])
def test_that_the_counts_of_a_broken_frame_are_not_those_of_another(tmp_path: Path, is_known: bool) -> None:
    source = FakeSource()
    source.bad_frames, source.hidden_faults = ((4,), frozenset()) if is_known else ((), frozenset({4}))
    with pytest.raises(OutputError, match="frame 4 cannot be read"):
        write_still(subject_of(source), 4, tmp_path / "a.png", COUNTS)
    assert not list(tmp_path.iterdir())


def read(path: Path) -> NDArray[np.generic]:
    if path.suffix == ".png":
        found = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
        assert found is not None
        return np.asarray(found[..., ::-1] if found.ndim == 3 else found)
    return np.asarray(tifffile.imread(path))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_that_counts_come_back_to_the_bit(
    tmp_path: Path, suffix: str, depth: type[np.uint8] | type[np.uint16], channels: int
) -> None:
    source = FakeSource(depth=depth, channels=channels)
    path = tmp_path / f"a{suffix}"
    write_still(subject_of(source), 3, path, COUNTS)
    found = read(path)
    assert found.dtype == depth
    np.testing.assert_array_equal(found, source.frame(3))


@settings(max_examples=40)
@given(arrays.arrays(np.uint16, arrays.array_shapes(min_dims=2, max_dims=2, max_side=20)), st.booleans())
def test_that_any_counts_come_back_to_the_bit(
    tmp_path: Path, counts: NDArray[np.uint16], is_png: bool
) -> None:
    class Source(FakeSource):
        def frame(self, index: int) -> NDArray[np.uint16]:
            return counts

    path = tmp_path / ("a.png" if is_png else "a.tif")
    write_still(subject_of(Source(1, (counts.shape[1], counts.shape[0]))), 0, path, COUNTS)
    np.testing.assert_array_equal(read(path), counts)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_that_a_plain_still_is_what_is_painted_in_larger_pixels(tmp_path: Path, scale: int) -> None:
    subject = subject_of()
    choices = StillChoices.model_validate({"kind": "plain", "scale": scale})
    write_still(subject, 2, tmp_path / "a.png", choices)
    painted = FramePainter(subject).paint(2, subject.source.frame(2)).rgb
    np.testing.assert_array_equal(
        read(tmp_path / "a.png"), painted.repeat(scale, axis=0).repeat(scale, axis=1)
    )


def test_that_an_annotated_still_differs_and_small_frames_are_enlarged() -> None:
    picture = still_picture(subject_of(), 2, StillChoices())
    assert picture.shape == (4 * 36, 4 * 48, 3)
    plain = still_picture(subject_of(), 2, StillChoices(kind=StillKind.PLAIN))
    assert (picture != plain).any()


@pytest.mark.parametrize(("kind", "name"), [("annotated", "a.tif"), ("plain", "a.jpg"), ("counts", "a.jpg")])
def test_that_other_kinds_of_files_are_refused(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(OutputError, match=r"ends with \.png"):
        write_still(subject_of(), 0, tmp_path / name, StillChoices.model_validate({"kind": kind}))


@pytest.mark.parametrize("frame", [-1, 12])
def test_that_frames_that_there_are_not_are_refused(tmp_path: Path, frame: int) -> None:
    with pytest.raises(OutputError, match="The clip has 0 to 11"):
        write_still(subject_of(), frame, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_that_a_still_that_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_still(subject_of(), 0, path)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"old"]


def test_that_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(OutputError, match="cannot be made"):
        png_bytes(np.zeros((0, 4), np.uint16))


def test_that_the_source_is_left_open(tmp_path: Path) -> None:
    source = FakeSource()
    source.facts = replace(NO_FACTS, camera="x")
    write_still(subject_of(source), 0, tmp_path / "a.png")
    assert source.closed == 0
