from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.tracker.thermal.test_look import LOOKS
from tracker.thermal.display import Counts, Span, measure_span, to_display
from tracker.thermal.isotherms import Band, BandKind, BandUnit
from tracker.thermal.look import Agc, Look
from tracker.thermal.painter import Painter
from tracker.thermal.palettes import palette

SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40))
FRAMES = hnp.arrays(np.uint16, SIZES) | hnp.arrays(np.uint8, SIZES)
RAMP = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) + 7000


@given(FRAMES, LOOKS)
def test_that_painting_never_changes_the_counts(counts: Counts, look: Look) -> None:
    before = counts.copy()
    counts.flags.writeable = False
    picture = Painter(look, Span(100.0, 200.0)).render(counts, (3.0, 4.0, 5.0, 6.0))
    assert (counts == before).all()
    assert picture.rgb.shape == (*counts.shape, 3)
    assert not np.shares_memory(picture.rgb, counts)


@given(FRAMES, LOOKS)
def test_that_the_same_counts_always_become_the_same_colours(counts: Counts, look: Look) -> None:
    painter, region = Painter(look, Span(100.0, 200.0)), (3.0, 4.0, 5.0, 6.0)
    first = painter.paint(counts, region)
    painter.paint(RAMP, (9.0, 9.0, 5.0, 6.0))  # what was painted in between leaves no trace
    assert (painter.paint(counts, region) == first).all()


@given(FRAMES, LOOKS)
def test_that_the_scale_never_falls(counts: Counts, look: Look) -> None:
    scale = Painter(look, Span(100.0, 200.0)).render(counts).scale
    assert scale is not None
    assert scale.counts.shape == (256,)
    assert (np.diff(scale.counts) >= 0).all()


def test_that_8_bit_counts_are_painted_as_they_are_by_default() -> None:
    counts = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert (Painter(Look(), measure_span([counts])).paint(counts) == counts[..., None]).all()


def test_that_16_bit_counts_are_painted_by_the_span_of_the_clip() -> None:
    span = measure_span([RAMP])
    assert (Painter(Look(), span).paint(RAMP) == to_display(RAMP, span)[..., None]).all()


@pytest.mark.parametrize("look", [Look(palette="iron", agc=agc, inverted=True) for agc in Agc])
def test_that_a_clip_in_colour_is_shown_as_it_is(look: Look) -> None:
    counts = np.random.default_rng(0).integers(0, 256, (8, 9, 3), np.uint8)
    picture = Painter(look, Span()).render(counts)
    assert (picture.rgb == counts).all()
    assert picture.scale is None


def test_that_a_palette_gives_its_colours_from_cold_to_hot() -> None:
    counts = np.arange(256, dtype=np.uint8)[None]
    for inverted in (False, True):
        painted = Painter(Look(palette="iron", inverted=inverted), Span()).paint(counts)[0]
        assert (painted == palette("iron")[:: -1 if inverted else 1]).all()


@pytest.mark.parametrize("agc", Agc)
def test_that_a_locked_span_goes_before_what_is_measured(agc: Agc) -> None:
    look = Look(agc=agc, span=(7000.0, 8000.0))
    scale = Painter(look, Span(0, 1)).render(RAMP, (1.0, 1.0, 4.0, 4.0), Span(5.0, 6.0)).scale
    assert scale is not None
    assert scale.span.low == pytest.approx(7000, abs=8)
    assert scale.span.high == pytest.approx(8000, abs=8)


def test_that_the_surroundings_of_the_target_decide_where_they_are_asked_to() -> None:
    counts = np.full((100, 100), 5000, np.uint16)
    counts[40:60, 40:60] += (np.arange(20, dtype=np.uint16) * 4)[:, None]
    counts[0] = 60000  # the sun, far away
    painter = Painter(Look(agc=Agc.TARGET, tails=0.0), Span(0.0, 65535.0))
    near, far = painter.render(counts, (46.0, 46.0, 8.0, 8.0)), painter.render(counts)
    assert near.scale is not None
    assert far.scale is not None
    assert near.scale.span == Span(5000.0, 5076.0)
    assert far.scale.span == Span(0.0, 65535.0)


@pytest.mark.parametrize("agc", Agc)
def test_that_isotherms_are_painted_exactly_where_the_counts_are_inside(agc: Agc) -> None:
    bands = (
        Band(kind=BandKind.ABOVE, low=11000, colour="#ff0001"),
        Band(kind=BandKind.BELOW, high=7100, colour="#0100ff"),
        Band(kind=BandKind.BETWEEN, low=8000, high=8100, colour="#00ff01"),
        Band(kind=BandKind.BETWEEN, low=9000, high=9100, colour="#ffff01", is_on=False),
    )
    painted = Painter(Look(agc=agc, bands=bands), measure_span([RAMP])).paint(RAMP)
    for colour, wanted in (
        ((255, 0, 1), RAMP >= 11000),
        ((1, 0, 255), RAMP <= 7100),
        ((0, 255, 1), (RAMP >= 8000) & (RAMP <= 8100)),
        ((255, 255, 1), np.zeros_like(RAMP, np.bool_)),
    ):
        assert ((painted == colour).all(axis=-1) == wanted).all()


def test_that_isotherms_in_temperatures_need_a_calibration() -> None:
    look = Look(bands=(Band(low=100.0, unit=BandUnit.KELVIN, colour="#ff0001"),))
    span = measure_span([RAMP])

    def painted_red(painter: Painter) -> int:
        return int((painter.paint(RAMP) == (255, 0, 1)).all(axis=-1).sum())

    assert painted_red(Painter(look, span)) == 0
    assert painted_red(Painter(look, span, lambda kelvin: kelvin * 100)) == (RAMP >= 10000).sum()


def test_that_the_scale_of_equalisation_says_which_counts_have_a_level() -> None:
    look = Look(agc=Agc.PLATEAU, linear_share=0.0)
    counts = (7000 + np.random.default_rng(0).gamma(2.0, 60.0, (64, 64))).astype(np.uint16)
    picture = Painter(look, Span()).render(counts)
    assert picture.scale is not None
    for level in (30, 128, 220):
        nearest = picture.rgb[..., 0][counts == int(picture.scale.counts[level])]
        assert nearest.size == 0 or abs(int(nearest[0]) - level) <= 12
