from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from app.theme import DARK, GLYPHS, LIGHT, Colours, apply_theme, colours, icon, numeric_font, style_sheet

SIZE = QSize(32, 32)


@pytest.fixture
def application(qapp: QApplication) -> Iterator[QApplication]:
    """The application, dark; as it was before when the test is over."""
    before = qapp.palette(), qapp.styleSheet()
    apply_theme(qapp, "dark")
    yield qapp
    apply_theme(qapp, "dark")
    qapp.setPalette(before[0])
    qapp.setStyleSheet(before[1])


def ink(made: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> QColor:
    """The colour of the most opaque pixel."""
    image = made.pixmap(SIZE, mode, state).toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return max(pixels, key=QColor.alpha)


def rgb(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def contrast(a: QColor, b: QColor) -> float:
    """WCAG 2.1 contrast ratio, 1..21."""

    def luminance(colour: QColor) -> float:
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in rgb(colour)]
        return float(np.dot([0.2126, 0.7152, 0.0722], parts))

    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_close(a: QColor, b: QColor) -> bool:
    return all(abs(x - y) < 0.03 for x, y in zip(rgb(a), rgb(b), strict=True))


@pytest.mark.parametrize("name", sorted(GLYPHS))
def test_that_every_icon_of_the_table_draws_something(application: QApplication, name: str) -> None:
    assert ink(icon(name)).alpha() > 200


def test_that_an_unknown_icon_is_refused(application: QApplication) -> None:
    with pytest.raises(KeyError):
        icon("no such icon")


def test_that_an_icon_made_before_takes_the_colours_of_the_new_theme(application: QApplication) -> None:
    made = icon("stop")
    assert is_close(ink(made), DARK.text)
    apply_theme(application, "light")
    assert is_close(ink(made), LIGHT.text)


def test_that_disabled_and_checked_icons_look_different(application: QApplication) -> None:
    made = icon("stop")
    assert is_close(ink(made, QIcon.Mode.Disabled), DARK.disabled)
    assert is_close(ink(made, state=QIcon.State.On), DARK.accent)


def test_that_painters_and_widgets_get_the_colours_of_the_same_theme(application: QApplication) -> None:
    for mode, expected in (("light", LIGHT), ("dark", DARK)):
        apply_theme(application, mode)  # type: ignore[arg-type]  # the loop widens the literals
        assert colours() is expected
        assert application.palette().color(QPalette.ColorRole.Window) == expected.panel


def test_that_system_is_a_theme_too(application: QApplication) -> None:
    apply_theme(application, "system")
    assert colours() in (DARK, LIGHT)


def test_that_a_change_of_the_system_does_not_override_a_chosen_theme(application: QApplication) -> None:
    apply_theme(application, "light")
    application.styleHints().colorSchemeChanged.emit(application.styleHints().colorScheme())
    assert colours() is LIGHT


@pytest.mark.parametrize("c", [DARK, LIGHT], ids=["dark", "light"])
def test_that_texts_can_be_read(c: Colours) -> None:
    for ground in (c.panel, c.raised, c.field, c.background):
        assert contrast(c.text, ground) >= 7
        assert contrast(c.muted, ground) >= 4.5
    assert contrast(c.on_accent, c.accent) >= 4.4


@pytest.mark.parametrize("c", [DARK, LIGHT], ids=["dark", "light"])
def test_that_states_of_a_track_stand_out_from_the_lane(c: Colours) -> None:
    for colour in (c.manual, c.tracked, c.imported, c.proposal, c.error):
        assert contrast(colour, c.gap) >= 2.3
    names = [field.name for field in fields(c) if field.name in ("manual", "tracked", "imported", "proposal")]
    assert len({getattr(c, name).name() for name in names}) == len(names)


@pytest.mark.parametrize("c", [DARK, LIGHT], ids=["dark", "light"])
def test_that_every_name_in_the_style_sheet_is_a_colour(c: Colours) -> None:
    text = style_sheet(c)
    assert "$" not in text
    assert c.accent.name() in text


def test_that_digits_get_equal_widths(application: QApplication) -> None:
    font = numeric_font(QFont())
    assert font.featureValue(QFont.Tag("tnum")) == 1
    assert not QFont().isFeatureSet(QFont.Tag("tnum"))
