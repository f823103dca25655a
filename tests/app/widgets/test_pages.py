from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.progress import duration_text, progress_text
from app.widgets.message_bar import Kind, MessageBar
from app.widgets.opening_page import OpeningPage
from app.widgets.welcome import Welcome, clip_name
from tracker.jobs import Progress


def texts(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def test_that_the_welcome_says_the_three_steps_and_offers_what_was_open(qtbot: QtBot) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.set_recent([Path("/data/seq/img"), Path("/data/a.mp4")])
    welcome.set_recent([Path("/data/a.mp4")])
    assert all(word in texts(welcome) for word in ("Open a clip", "Press N", "Press T"))
    (button,) = welcome.findChildren(QToolButton)
    with qtbot.waitSignal(welcome.pathRequested) as signal:
        button.click()
    assert signal.args == [Path("/data/a.mp4")]


def test_that_the_buttons_of_the_welcome_say_what_they_are_for(qtbot: QtBot) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    buttons = {button.text(): button for button in welcome.findChildren(QPushButton)}
    for text, signal in (
        ("Open a clip…", welcome.openRequested),
        ("Open image folder…", welcome.folderRequested),
        ("Open the sample clip", welcome.sampleRequested),
    ):
        with qtbot.waitSignal(signal):
            buttons[text].click()


def test_that_folders_are_named_with_their_parent() -> None:
    assert clip_name(Path("/data/seq/img")) == "seq/img"
    assert clip_name(Path("/data/a.mp4")) == "a.mp4"


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("Scan", 1200, 5000, 812.3, 4.7), "1,200 of 5,000  ·  812 a second  ·  5 s left"),
        (Progress("Scan", 12, None, 2.5, None), "12  ·  2.5 a second"),
        (Progress("Scan", 0, None, 0.0, None), ""),
    ],
)
def test_that_progress_says_how_far_how_fast_and_how_long_still(progress: Progress, text: str) -> None:
    assert progress_text(progress) == text


@pytest.mark.parametrize(("seconds", "text"), [(4.4, "4 s"), (75, "1 min 15 s"), (7300, "2 h 1 min")])
def test_that_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_that_the_opening_page_shows_progress_and_can_cancel(qtbot: QtBot) -> None:
    page = OpeningPage()
    qtbot.addWidget(page)
    page.begin("clip.mp4")
    assert "clip.mp4" in texts(page)
    page.show_progress(Progress("Scanning clip.mp4", 10, 20, 0.0, None))
    assert "10 of 20" in texts(page)
    with qtbot.waitSignal(page.cancelRequested):
        page.findChildren(QPushButton)[0].click()


def test_that_an_offer_is_taken_up_and_closes_the_message(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    bar, taken = MessageBar(parent), list[str]()
    bar.show_message("Well?", "", Kind.WARNING, (("Yes", lambda: taken.append("yes")),))
    bar.show_message("Really?", "More.", Kind.WARNING, (("Yes", lambda: taken.append("really")),))
    assert bar.text == "Really? More."
    (button,) = bar.offers
    button.click()
    assert taken == ["really"]
    assert bar.text == ""


def test_that_a_long_message_has_room_for_all_its_lines(qtbot: QtBot) -> None:
    parent = QWidget()
    parent.resize(500, 400)
    qtbot.addWidget(parent)
    parent.show()
    bar = MessageBar(parent)
    bar.show_message("Short.")
    short = bar.height()
    bar.show_message("A message of many words. " * 20)
    assert bar.height() > 3 * short / 2
    assert bar.geometry().right() < 500
