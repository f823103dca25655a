from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import ThermalError
from tracker.opencv import cv2
from tracker.thermal.palette_files import read_palette
from tracker.thermal.palettes import PALETTES, between, hex_of, palette, rgb_of

RISING = ("white_hot", "iron", "lava", "arctic", "inferno", "viridis")
CHANNEL = st.integers(0, 255)


@pytest.mark.parametrize("name", PALETTES)
def test_that_every_level_of_a_palette_has_a_colour_near_that_of_its_neighbours(name: str) -> None:
    colours = palette(name)
    assert colours.shape == (256, 3)
    assert colours.dtype == np.uint8
    assert np.abs(np.diff(colours.astype(int), axis=0)).max() <= 8
    assert not colours.flags.writeable


@pytest.mark.parametrize("name", RISING)
def test_that_hotter_is_lighter(name: str) -> None:
    luminance = palette(name) @ np.array([0.2126, 0.7152, 0.0722])
    assert np.diff(luminance).min() > -0.8  # a step of green up or down by rounding
    assert luminance[-1] - luminance[0] > 150


def test_that_black_hot_is_white_hot_turned_round() -> None:
    assert (palette("black_hot") == palette("white_hot")[::-1]).all()


def test_that_a_palette_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ThermalError, match=r"“sepia”.*viridis"):
        palette("sepia")


@given(st.lists(st.tuples(CHANNEL, CHANNEL, CHANNEL), min_size=2, max_size=256))
def test_that_a_palette_begins_and_ends_with_the_colours_given(colours: list[tuple[int, int, int]]) -> None:
    made = between([hex_of(colour) for colour in colours])
    assert tuple(made[0]) == colours[0]
    assert tuple(made[-1]) == colours[-1]
    low, high = np.min(colours, axis=0), np.max(colours, axis=0)
    assert ((made >= low) & (made <= high)).all()


@pytest.mark.parametrize("text", ["#12345", "#1234567", "red", "#gggggg", ""])
def test_that_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ThermalError, match="no colour"):
        rgb_of(text)


TABLES = {
    "hex.csv": "#000000\n#ff8000\n#ffffff\n",
    "numbers.csv": "red,green,blue\n0,0,0\n255,128,0\n255,255,255\n",
    "shares.txt": "0 0 0\n1.0 0.5 0\n1 1 1\n",
    "semicolons.csv": "0;0;0\r\n255;128;0\r\n255;255;255\r\n",
    "gimp.gpl": "GIMP Palette\nName: mine\nColumns: 3\n#\n  0   0   0\tblack\n255 128   0\tamber\n255 255 255\tpure\n",
    "jasc.pal": "JASC-PAL\r\n0100\r\n3\r\n0 0 0\r\n255 128 0\r\n255 255 255\r\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_that_a_table_of_colours_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(TABLES[name].encode())
    assert read_palette(tmp_path / name) == ("#000000", "#ff8000", "#ffffff")


@pytest.mark.parametrize("is_upright", [False, True])
def test_that_a_strip_of_pixels_is_read_from_cold_to_hot(tmp_path: Path, is_upright: bool) -> None:
    strip = np.repeat(palette("iron")[None], 9, axis=0)
    pixels = strip.transpose(1, 0, 2)[::-1] if is_upright else strip
    cv2.imwrite(str(tmp_path / "strip.png"), np.ascontiguousarray(pixels[..., ::-1]))
    assert (between(read_palette(tmp_path / "strip.png")) == palette("iron")).all()


def test_that_a_wide_strip_is_cut_to_256_colours(tmp_path: Path) -> None:
    wide = np.repeat(np.repeat(palette("lava")[None], 4, axis=0), 3, axis=1)
    cv2.imwrite(str(tmp_path / "wide.png"), np.ascontiguousarray(wide[..., ::-1]))
    assert len(read_palette(tmp_path / "wide.png")) == 256


def test_that_a_table_of_imagej_is_read(tmp_path: Path) -> None:
    (tmp_path / "fire.lut").write_bytes(palette("inferno").T.tobytes())
    assert (between(read_palette(tmp_path / "fire.lut")) == palette("inferno")).all()


@given(st.lists(st.tuples(CHANNEL, CHANNEL, CHANNEL), min_size=2, max_size=300))
def test_that_what_is_written_as_numbers_comes_back(colours: list[tuple[int, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.csv"
        path.write_text("\n".join(",".join(map(str, colour)) for colour in colours), "ascii")
        read = read_palette(path)
    assert read[0] == hex_of(colours[0])
    assert read[-1] == hex_of(colours[-1])
    if len(colours) <= 256:
        assert read == tuple(hex_of(colour) for colour in colours)


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("empty.csv", b"", "fewer than two"),
        ("one.csv", b"1,2,3", "fewer than two"),
        ("words.csv", b"0,0,0\nhello\n", "line 2 is no colour: “hello”"),
        ("large.csv", b"0,0,0\n300,0,0\n", "300 is no share"),
        ("negative.csv", b"0,0,0\n-1,0,0\n", "-1 is no share"),
        ("binary.pal", bytes(range(128, 256)) * 5, "neither text nor a table of 768 bytes"),
        ("broken.png", b"\x89PNG\r\n\x1a\n", "no picture"),
        ("empty.png", b"", "no picture"),
        ("mine.docx", b"0,0,0\n1,1,1", "not read from “.docx”"),
        ("huge.csv", b"0,0,0\n" * 1_000_000, "too large"),
    ],
)
def test_that_what_is_no_palette_is_refused_with_where_and_why(
    tmp_path: Path, name: str, data: bytes, complaint: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ThermalError, match=complaint) as caught:
        read_palette(path)
    assert caught.value.where == str(path)


def test_that_a_palette_that_is_gone_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ThermalError, match="cannot be read"):
        read_palette(tmp_path / "gone.csv")
