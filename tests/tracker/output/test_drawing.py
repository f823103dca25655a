from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.output.ink import Stroke, outline, polygon, readable_on, shade, stamp
from tracker.output.lettering import UNKNOWN, Lettering, drawable, printable
from tracker.output.panels import Line, lines_at_top
from tracker.output.words import share_text, size_text, time_text

PLACES = st.integers(-60, 100)
NUMBERS = st.floats(-1e6, 1e6)


def ground() -> np.ndarray:
    return np.full((40, 50, 3), 100, np.uint8)


@given(PLACES, PLACES, st.integers(0, 80), st.integers(0, 80), st.floats(0, 1))
def test_that_a_plate_covers_its_part_of_the_picture_alone(
    left: int, top: int, width: int, height: int, opacity: float
) -> None:
    picture = ground()
    shade(picture, left, top, width, height, (200, 100, 0), opacity)
    is_inside = np.zeros((40, 50), np.bool_)
    is_inside[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = True
    assert (picture[~is_inside] == 100).all()
    expected = 100 + opacity * (np.array([200, 100, 0]) - 100)
    assert np.abs(picture[is_inside] - expected).max(initial=0) <= 0.51


@given(PLACES, PLACES, st.integers(1, 30), st.integers(1, 30))
def test_that_a_mask_is_stamped_where_it_covers(left: int, top: int, width: int, height: int) -> None:
    picture = ground()
    stamp(picture, np.full((height, width), 255, np.uint8), left, top, (1, 2, 3))
    is_inside = np.zeros((40, 50), np.bool_)
    is_inside[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = True
    assert (picture[is_inside] == (1, 2, 3)).all()
    assert (picture[~is_inside] == 100).all()


@settings(max_examples=60)
@given(
    NUMBERS, NUMBERS, st.floats(1e-3, 1e6), st.floats(1e-3, 1e6), st.sampled_from(Stroke), st.integers(1, 5)
)
def test_that_boxes_anywhere_can_be_drawn(
    x: float, y: float, width: float, height: float, stroke: Stroke, line: int
) -> None:
    picture = ground()
    outline(picture, (x, y, width, height), (255, 0, 0), line, stroke)
    polygon(picture, np.array([(x, y), (x + width, y), (x, y + height)]), (0, 255, 0), line)


@pytest.mark.parametrize("line", [1, 2, 3])
def test_that_a_line_lies_on_the_edge_of_its_box(line: int) -> None:
    picture = ground()
    outline(picture, (10, 8, 20, 16), (255, 0, 0), line)
    is_red = (picture[15] == (255, 0, 0)).all(axis=-1)
    left, right = np.flatnonzero(is_red[:20]), np.flatnonzero(is_red[20:]) + 20
    assert abs(left.mean() + 0.5 - 10) <= 0.5
    assert abs(right.mean() + 0.5 - 30) <= 0.5
    assert len(left) == len(right) == line


@pytest.mark.parametrize(
    ("colour", "dark"), [((240, 228, 66), True), ((0, 0, 0), False), ((213, 94, 0), True)]
)
def test_that_text_is_dark_on_light_colours(colour: tuple[int, int, int], dark: bool) -> None:
    assert (readable_on(colour)[0] < 128) == dark


@settings(max_examples=150)
@given(st.text(max_size=30))
def test_that_any_text_has_a_mask(text: str) -> None:
    letters = Lettering(13)
    mask = letters.mask(text)
    assert mask.shape[0] == letters.height
    if any(letter.isalnum() and letter.isascii() for letter in text):
        assert mask.any()


@given(st.text(max_size=40), st.integers(0, 200))
def test_that_a_fitted_text_fits(text: str, width: int) -> None:
    letters = Lettering(11)
    fitted = letters.fitted(text, width)
    assert letters.width(fitted) <= width
    if fitted != printable(text):  # no letter more would have had room
        shown = len(fitted.removesuffix("…"))
        assert letters.width(f"{printable(text)[: shown + 1]}…") > width or text.isspace()


def test_that_letters_are_drawn_smoothly_and_digits_are_of_one_width() -> None:
    letters = Lettering(14)
    mask = letters.mask("Fuchs 36.4 °C")
    assert mask.max() == 255
    assert ((mask > 20) & (mask < 235)).any()
    assert len({letters.width(digit) for digit in "0123456789"}) == 1
    assert letters.width("36.4") == sum(map(letters.width, "36.4"))


def test_that_a_letter_without_a_glyph_is_shown_as_unknown() -> None:
    letters = Lettering(14)
    np.testing.assert_array_equal(letters.mask("\U0001f98a"), letters.mask(UNKNOWN))
    text, families = drawable("a\U0001f98ab")
    assert text == f"a{UNKNOWN}b"
    assert families[0] == "DejaVu Sans"


def test_that_line_ends_and_control_characters_become_spaces() -> None:
    assert printable("a\nb\r\x00c\u2028d") == "a b  c d"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0:00:00.000"),
        (59.9996, "0:01:00.000"),
        (3725.5, "1:02:05.500"),
        (-1.25, "−0:00:01.250"),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_that_times_are_written_as_clocks_show_them(seconds: float | None, text: str) -> None:
    assert time_text(seconds) == text


def test_that_shares_and_sizes_are_written_with_units() -> None:
    assert share_text(3, 12) == "3 of 12 (25.0 %)"
    assert share_text(0, 0) == "0"
    assert size_text(10) == "10 bytes"
    assert size_text(3 * 2**30) == "3.0 GiB"


@pytest.mark.parametrize("count", [1, 5, 60])
def test_that_lines_at_the_top_leave_the_lower_half_free_and_say_what_is_left_out(count: int) -> None:
    letters, picture = Lettering(12), np.full((240, 320, 3), 200, np.uint8)
    (place,) = lines_at_top(picture, letters, [Line(f"{number} fox: absent") for number in range(count)])
    assert place[3] <= 120 + 2 * letters.height
    assert (picture[place[3] :] == 200).all()


def test_that_a_label_as_long_as_a_book_is_cut_in_no_time() -> None:
    letters = Lettering(12)
    begun = time.process_time()
    assert letters.fitted("fox " * 5000, 300).endswith("…")
    assert time.process_time() - begun < 2
