from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import ThermalError
from tracker.thermal.isotherms import Band, BandKind, BandUnit, in_counts
from tracker.thermal.look import Agc, Look
from tracker.thermal.palettes import PALETTES

VALUES = st.floats(-1e5, 1e5)
BANDS = st.builds(
    Band,
    kind=st.sampled_from(BandKind),
    low=VALUES,
    high=VALUES,
    unit=st.sampled_from(BandUnit),
    is_on=st.booleans(),
)
LOOKS = st.builds(
    Look,
    agc=st.sampled_from(Agc),
    palette=st.sampled_from(list(PALETTES)),
    inverted=st.booleans(),
    span=st.none() | st.tuples(st.floats(-1e4, 1e4), st.floats(1.1e4, 1e5)),
    tails=st.floats(0, 20),
    contrast=st.floats(1, 40),
    linear_share=st.floats(0, 1),
    gain=st.floats(1, 20),
    margin=st.floats(0, 20),
    bands=st.lists(BANDS, max_size=4).map(tuple),
)


@given(LOOKS)
def test_that_a_look_comes_back_from_its_text(look: Look) -> None:
    assert Look.from_json(look.to_json()) == look


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"agc": "best"}', '{"palette": "gone"}', '{"span": [5, 5]}', '{"span": [0, 1e999]}'],
)
def test_that_a_damaged_look_is_the_default_one(text: str) -> None:
    assert Look.from_json(text) == Look()


def test_that_what_a_later_version_adds_is_left_out() -> None:
    assert Look.from_json('{"palette": "iron", "sparkle": 3}') == Look(palette="iron")


@given(LOOKS)
def test_that_turning_the_palette_round_twice_changes_nothing(look: Look) -> None:
    assert look.inverse().inverse() == look
    assert (look.inverse().colour_table() == look.colour_table()[::-1]).all()


@given(LOOKS)
def test_that_stepping_through_the_palettes_passes_all_and_comes_back(look: Look) -> None:
    seen, current = set(), look
    for _ in PALETTES:
        current = current.next_palette()
        seen.add(current.palette)
    assert seen == set(PALETTES)
    assert current.palette == look.palette
    assert current.next_palette().next_palette(-1).palette == look.palette


def test_that_another_clip_gets_the_look_without_the_counts_of_this_one() -> None:
    warm = Band(unit=BandUnit.KELVIN, low=300.0)
    look = Look(palette="iron", agc=Agc.CLAHE, span=(1.0, 2.0), bands=(Band(low=7000.0), warm))
    assert look.for_another_clip() == Look(palette="iron", agc=Agc.CLAHE, bands=(warm,))


def test_that_a_value_out_of_its_range_is_named() -> None:
    with pytest.raises(ThermalError, match="gain"):
        Look().changed(gain=0.0)


def test_that_the_users_own_palette_is_kept_with_the_look() -> None:
    look = Look().with_palette("mine", ("#000000", "#ff0000"))
    assert Look.from_json(look.to_json()).colour_table()[-1].tolist() == [255, 0, 0]
    assert look.next_palette().palette == next(iter(PALETTES))


def kelvin_to_counts(kelvin: float) -> float:
    return kelvin * 100 if kelvin < 400 else float("nan")


@pytest.mark.parametrize(
    ("band", "expected"),
    [
        (Band(kind=BandKind.ABOVE, low=300.0), (300.0, float("inf"))),
        (Band(kind=BandKind.BELOW, high=300.0), (float("-inf"), 300.0)),
        (Band(kind=BandKind.BETWEEN, low=300.0, high=310.0, unit=BandUnit.KELVIN), (30000.0, 31000.0)),
        (Band(kind=BandKind.ABOVE, low=300.0, unit=BandUnit.KELVIN), (30000.0, float("inf"))),
        (Band(kind=BandKind.ABOVE, low=500.0, unit=BandUnit.KELVIN), None),
        (Band(kind=BandKind.ABOVE, low=300.0, is_on=False), None),
    ],
)
def test_that_limits_become_counts(band: Band, expected: tuple[float, float] | None) -> None:
    assert in_counts(band, kelvin_to_counts) == expected


def test_that_temperatures_have_no_part_in_a_clip_without_calibration() -> None:
    assert in_counts(Band(unit=BandUnit.KELVIN, low=300.0), None) is None


def test_that_above_a_temperature_is_below_a_count_where_a_camera_counts_downwards() -> None:
    band = Band(kind=BandKind.ABOVE, low=300.0, unit=BandUnit.KELVIN)
    assert in_counts(band, lambda kelvin: 50000 - 100 * kelvin) == (float("-inf"), 20000.0)
