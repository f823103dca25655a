from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.media.coded import coded_frame, number_of, numbers_of, open_clip
from tracker.errors import MediaError
from tracker.media import Counts
from tracker.media.image_header import BrokenImageError, UnsupportedImageError, read_header
from tracker.media.images import ImageFolder, natural_key
from tracker.opencv import cv2


def _save(path: Path, counts: Counts, parameters: Sequence[int] = ()) -> Path:
    """Write an image; colour is RGB. Through bytes, so that any path will do."""
    stored = counts if counts.ndim == 2 else counts[..., [2, 1, 0, *range(3, counts.shape[2])]]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, np.ascontiguousarray(stored), list(parameters))[1].tobytes())
    return path


def _folder(folder: Path, names: Sequence[str], dtype: type[np.uint8] | type[np.uint16] = np.uint8) -> Path:
    for number, name in enumerate(names):
        frame: Counts = coded_frame(number)
        _save(folder / name, frame if dtype is np.uint8 else frame * np.uint16(64))
    return folder


def test_that_frames_come_in_the_natural_order_of_their_names(tmp_path: Path) -> None:
    names = ["1.png", "2.png", "10.png", "frame2.png", "Frame10.png", "frame010b.png"]
    source = open_clip(_folder(tmp_path / "img", names))
    assert numbers_of(source, range(6)) == list(range(6))
    assert (source.kind, source.fps, source.pts(2), len(source)) == ("images", None, None, 6)


@given(st.lists(st.text(alphabet="a1²0٣ _-", min_size=1), min_size=1))
def test_that_any_names_can_be_sorted(names: list[str]) -> None:
    backward = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backward, key=natural_key)


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".bmp", ".tif", ".TIFF"])
def test_that_gray_images_are_counts(tmp_path: Path, suffix: str) -> None:
    source = open_clip(_folder(tmp_path / "img", [f"{k}{suffix}" for k in range(3)]))
    frame = source.frame(2)
    assert (source.channels, source.dtype, source.size) == (1, np.dtype(np.uint8), (64, 48))
    assert frame.shape == (48, 64)
    assert not frame.flags.writeable
    assert np.abs(frame.astype(int) - coded_frame(2)).max() <= (30 if "J" in suffix.upper() else 0)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_that_16_bit_images_keep_their_counts(tmp_path: Path, suffix: str) -> None:
    source = open_clip(_folder(tmp_path / "img", [f"{k}{suffix}" for k in range(3)], np.uint16))
    assert source.dtype == np.uint16
    assert np.array_equal(source.frame(1), coded_frame(1).astype(np.uint16) << 6)


def test_that_tiff_of_other_byte_order_and_compression_keeps_its_counts(tmp_path: Path) -> None:
    counts = coded_frame(5).astype(np.uint16) << 6
    tifffile.imwrite(tmp_path / "1.tif", counts.astype(">u2"), byteorder=">")
    tifffile.imwrite(tmp_path / "2.tif", counts, compression="zlib", predictor=True)
    tifffile.imwrite(tmp_path / "3.tif", counts, tile=(16, 16))
    tifffile.imwrite(tmp_path / "4.tif", counts, bigtiff=True)
    source = open_clip(tmp_path)
    assert source.bad_frames == ()
    assert all(np.array_equal(source.frame(k), counts) for k in range(4))


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".jpg", ".tif"])
def test_that_gray_stored_as_rgb_is_recognised(tmp_path: Path, suffix: str) -> None:
    for number in range(20):
        _save(tmp_path / f"{number}{suffix}", np.dstack((coded_frame(number),) * 3))
    source = open_clip(tmp_path)
    assert source.channels == 1
    assert numbers_of(source, [0, 19, 7]) == [0, 19, 7]
    if suffix != ".jpg":
        assert np.array_equal(source.frame(7), coded_frame(7))


def test_that_colour_is_rgb(tmp_path: Path) -> None:
    colours = np.dstack((coded_frame(1), coded_frame(2), coded_frame(3)))
    _save(tmp_path / "1.png", colours)
    _save(tmp_path / "2.png", coded_frame(4))
    source = open_clip(tmp_path)
    assert source.channels == 3
    assert np.array_equal(source.frame(0), colours)
    assert np.array_equal(source.frame(1), np.dstack((coded_frame(4),) * 3))


def test_that_colour_on_few_of_many_frames_is_colour(tmp_path: Path) -> None:
    for number in range(3):
        _save(tmp_path / f"{number}.png", np.dstack((coded_frame(number),) * 3))
    _save(tmp_path / "3.png", np.dstack((coded_frame(3), coded_frame(3), coded_frame(9))))
    assert open_clip(tmp_path).channels == 3


def test_that_alpha_is_left_out(tmp_path: Path) -> None:
    opaque = np.full((48, 64), 3, np.uint8)
    _save(tmp_path / "1.png", np.dstack((*(coded_frame(6),) * 3, opaque)))
    source = open_clip(tmp_path)
    assert np.array_equal(source.frame(0), coded_frame(6))


def test_that_the_orientation_tag_of_a_camera_does_not_turn_the_counts(tmp_path: Path) -> None:
    plain = cv2.imencode(".jpg", coded_frame(9))[1].tobytes()
    tag = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    segment = b"\xff\xe1" + (len(tag) + 2).to_bytes(2, "big") + tag
    (tmp_path / "1.jpg").write_bytes(plain[:2] + segment + plain[2:])
    source = open_clip(tmp_path)
    assert source.size == (64, 48)
    assert number_of(source.frame(0)) == 9


def test_that_names_of_any_alphabet_are_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "тепло 熱 é", ["кадр1.png", "кадр2.png"])
    assert numbers_of(open_clip(folder), [0, 1]) == [0, 1]


def test_that_hidden_and_other_files_are_passed_over(tmp_path: Path) -> None:
    _folder(tmp_path, ["1.png", "2.png"])
    (tmp_path / ".3.png").write_bytes(b"hidden")
    (tmp_path / "groundtruth.txt").write_text("1,2,3,4")
    (tmp_path / "more.png").mkdir()
    assert len(open_clip(tmp_path)) == 2


def test_that_one_image_opens_its_folder(tmp_path: Path) -> None:
    source = open_clip(_folder(tmp_path / "img", ["1.png", "2.png"]) / "2.png")
    assert source.path == tmp_path / "img"
    assert len(source) == 2


def test_that_an_image_of_another_size_is_refused_by_name(tmp_path: Path) -> None:
    _folder(tmp_path, ["1.png", "2.png"])
    _save(tmp_path / "3.png", coded_frame(3)[:40])
    with pytest.raises(MediaError, match=r"64 x 40 pixels, but 1\.png has 64 x 48") as caught:
        open_clip(tmp_path)
    assert caught.value.where == str(tmp_path / "3.png")


def test_that_an_image_of_another_depth_is_refused_by_name(tmp_path: Path) -> None:
    _folder(tmp_path, ["1.png"])
    _folder(tmp_path, ["2.png"], np.uint16)
    with pytest.raises(MediaError, match=r"16 bits, but 1\.png has 8") as caught:
        open_clip(tmp_path)
    assert caught.value.where == str(tmp_path / "2.png")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tif"])
def test_that_a_cut_image_is_one_bad_frame(tmp_path: Path, suffix: str) -> None:
    _folder(tmp_path, [f"{k}{suffix}" for k in range(4)])
    path = tmp_path / f"2{suffix}"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    source = open_clip(tmp_path)
    assert source.bad_frames == (2,)
    assert numbers_of(source, range(4)) == [0, 1, 1, 3]


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\0", b"garbage" * 50]
)
def test_that_a_file_that_is_no_image_is_one_bad_frame(tmp_path: Path, content: bytes) -> None:
    _folder(tmp_path, ["1.png", "2.png"])
    (tmp_path / "0.png").write_bytes(content)
    source = open_clip(tmp_path)
    assert source.bad_frames == (0,)
    assert numbers_of(source, range(3)) == [0, 0, 1]


def test_that_damage_that_only_decoding_shows_is_a_bad_frame_from_then_on(tmp_path: Path) -> None:
    _folder(tmp_path, [f"{k}.jpg" for k in range(40)])
    for name in ("0.jpg", "4.jpg"):  # the first is decoded to look for colour, the other is not
        data = bytearray((tmp_path / name).read_bytes())
        table = data.index(b"\xff\xc4") + 5
        data[table : table + 8] = b"\xff" * 8
        (tmp_path / name).write_bytes(data)
    source = open_clip(tmp_path)
    other = source.reopen()
    assert list(source.bad_frames) == [0]
    assert numbers_of(source, [0, 3, 4, 5]) == [1, 3, 3, 5]
    assert list(source.bad_frames) == list(other.bad_frames) == [0, 4]


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (np.zeros((8, 8), np.float32), "floating-point numbers of 32 bits"),
        (np.zeros((8, 8), np.int16), "signed whole numbers of 16 bits"),
        (np.zeros((8, 8), np.uint32), "numbers of 32 bits"),
        (np.zeros((3, 8, 8), np.uint16), "3 pages"),
    ],
)
def test_that_other_kinds_of_tiff_are_refused_with_the_reason(
    tmp_path: Path, counts: np.ndarray, text: str
) -> None:
    tifffile.imwrite(tmp_path / "1.tif", counts, photometric="minisblack")
    with pytest.raises(MediaError, match=text) as caught:
        open_clip(tmp_path)
    assert caught.value.where == str(tmp_path / "1.tif")


def test_that_an_image_that_claims_to_be_huge_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = _save(tmp_path / "1.bmp", coded_frame(0))
    data = bytearray(path.read_bytes())
    data[18:26] = (60_000).to_bytes(4, "little") * 2
    data[30:34] = (1).to_bytes(4, "little")  # compressed: the file may be as short as it is
    path.write_bytes(data)
    with pytest.raises(MediaError, match="too large"):
        open_clip(tmp_path)


def test_that_an_empty_folder_is_refused_and_the_right_one_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(MediaError, match="no images"):
        open_clip(tmp_path)
    _folder(tmp_path / "img", ["1.png"])
    with pytest.raises(MediaError) as caught:
        open_clip(tmp_path)
    assert str(tmp_path / "img") in caught.value.todo


def test_that_a_folder_of_broken_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"nothing")
    with pytest.raises(MediaError, match="none of its images"):
        open_clip(tmp_path)


def test_that_an_image_that_was_removed_is_reported(tmp_path: Path) -> None:
    source = open_clip(_folder(tmp_path, ["1.png", "2.png"]))
    (tmp_path / "2.png").unlink()
    assert number_of(source.frame(0)) == 0
    with pytest.raises(MediaError, match="cannot be read any more") as caught:
        source.frame(1)
    assert caught.value.where == str(tmp_path / "2.png")


@pytest.mark.parametrize("index", [-1, 2])
def test_that_an_index_outside_the_folder_is_refused(tmp_path: Path, index: int) -> None:
    source = open_clip(_folder(tmp_path, ["1.png", "2.png"]))
    with pytest.raises(IndexError):
        source.frame(index)


def test_that_the_hash_says_whether_content_or_names_changed(tmp_path: Path) -> None:
    first = open_clip(_folder(tmp_path / "a", ["1.png", "2.png"]))
    copy = open_clip(_folder(tmp_path / "b", ["1.png", "2.png"]))
    renamed = open_clip(_folder(tmp_path / "c", ["1.png", "3.png"]))
    _save(tmp_path / "a" / "2.png", coded_frame(77))
    changed = open_clip(tmp_path / "a")
    assert first.content_hash == copy.content_hash
    assert len({first.content_hash, renamed.content_hash, changed.content_hash}) == 3


def test_that_a_known_folder_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_clip(_folder(tmp_path / "img", ["1.png", "2.png"]))
    monkeypatch.setattr("tracker.media.images.read_header", None)
    again = open_clip(tmp_path / "img")
    assert isinstance(again, ImageFolder)
    assert again.content_hash == first.content_hash
    assert numbers_of(again, [0, 1]) == [0, 1]


@settings(max_examples=40, derandomize=True)
@given(
    at=st.integers(0, 3000),
    patch=st.binary(min_size=1, max_size=20),
    suffix=st.sampled_from([".png", ".jpg", ".bmp", ".tif"]),
)
def test_that_any_damage_gives_a_frame_or_a_clear_refusal(
    tmp_path_factory: pytest.TempPathFactory, at: int, patch: bytes, suffix: str
) -> None:
    folder = _folder(tmp_path_factory.mktemp("damage"), [f"1{suffix}", f"2{suffix}"])
    data = bytearray((folder / f"2{suffix}").read_bytes())
    at %= len(data)
    data[at : at + len(patch)] = patch
    (folder / f"2{suffix}").write_bytes(data)
    try:
        source = open_clip(folder)
    except MediaError:
        return
    assert source.frame(1).shape[:2] == source.size[::-1]


@pytest.mark.parametrize("tag", [256, 257, 258, 259, 262, 273, 277, 278, 279])
@pytest.mark.parametrize("count", [0, 2, 1 << 30])
def test_that_a_tag_of_several_values_is_damage(tag: int, count: int) -> None:
    """What tifffile hands on then is no number; found by fuzzing."""
    written = io.BytesIO()
    tifffile.imwrite(written, np.zeros((6, 8), np.uint16), metadata=None)
    data = bytearray(written.getvalue())
    at = data.find(tag.to_bytes(2, "little"), int.from_bytes(data[4:8], "little"))
    data[at + 4 : at + 8] = count.to_bytes(4, "little")
    try:
        header = read_header(bytes(data))
    except (BrokenImageError, UnsupportedImageError):
        return
    assert (header.width, header.height) == (8, 6)
