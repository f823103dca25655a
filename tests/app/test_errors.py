from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.errors import ErrorWatch, start_log
from tracker.errors import MediaError, ThermarkError


@pytest.fixture
def watch(qtbot: QtBot) -> Iterator[ErrorWatch]:
    before = sys.excepthook, threading.excepthook
    watch = ErrorWatch(Path("/log/thermark.log"))
    watch.install()
    yield watch
    sys.excepthook, threading.excepthook = before


@pytest.fixture
def clean_log() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def caught(watch: ErrorWatch, error: BaseException) -> list[ThermarkError]:
    errors: list[ThermarkError] = []
    watch.caught.connect(errors.append)
    sys.excepthook(type(error), error, None)
    return errors


def test_that_an_unexpected_error_is_logged_and_announced(
    watch: ErrorWatch, caplog: pytest.LogCaptureFixture
) -> None:
    (error,) = caught(watch, ZeroDivisionError("by nothing"))
    assert "ZeroDivisionError: by nothing" in error.message
    assert "/log/thermark.log" in error.message
    assert "unexpected error" in caplog.text


def test_that_a_users_error_is_announced_as_it_is(watch: ErrorWatch) -> None:
    error = MediaError("the clip is gone.")
    assert caught(watch, error) == [error]


def test_that_an_error_in_a_thread_is_announced_in_the_windows_thread(
    watch: ErrorWatch, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(watch.caught) as signal:
        thread = threading.Thread(
            target=lambda: threading.excepthook(
                threading.ExceptHookArgs((ValueError, ValueError("x"), None, None))
            )
        )
        thread.start()
        thread.join()
    assert "ValueError: x" in (signal.args or [None])[0].message


def test_that_the_log_is_a_file_in_the_given_folder(tmp_path: Path, clean_log: None) -> None:
    path = start_log(tmp_path / "logs")
    assert path is not None
    logging.getLogger("thermark.test").warning("hello")
    assert "hello" in path.read_text("utf-8")


def test_that_a_log_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path, clean_log: None) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert start_log(tmp_path / "file" / "logs") is None
