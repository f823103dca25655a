"""The conversation with vot-toolkit: with a pretended client everywhere, over TraX where vot-trax is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.tracker.tracking.fakes import StubTracker
from tracker.errors import MediaError
from tracker.geometry import Box
from tracker.integrations.session import Session
from tracker.integrations.vot import Words, bounding_box, converse, main
from tracker.opencv import cv2

ROOT = Path(__file__).parents[3]
WORDS = Words("initialize", "frame", lambda *box: box)


class Polygon:
    """A region of corners, as trax gives one."""

    type = "polygon"

    def __init__(self, corners: Sequence[tuple[float, float]]) -> None:
        self._corners = corners

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return iter(self._corners)


def rectangle(*box: float) -> Any:
    return SimpleNamespace(type="rectangle", bounds=lambda: box)


class Client:
    """Asks, and keeps the answers."""

    def __init__(self, requests: list[tuple[str, Path | None, Any]], channel: str) -> None:
        self._requests, self._channel = iter(requests), channel
        self.answers: list[tuple[Any, dict[str, Any]]] = []

    def wait(self) -> Any:
        kind, path, region = next(self._requests)
        image = {self._channel: SimpleNamespace(path=lambda: str(path))} if path else None
        return SimpleNamespace(type=kind, image=image, objects=[(region, {})] if region else None)

    def status(self, objects: list[Any], properties: dict[str, Any] | None = None) -> bool:
        self.answers += objects
        return True


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number:08d}.jpg" for number in range(1, 5)]
    for path in paths:
        cv2.imwrite(str(path), np.full((40, 60), 90, np.uint8))
    return paths


def talk(requests: list[tuple[str, Path | None, Any]], channel: str = "color") -> Client:
    client = Client(requests, channel)
    converse(client, WORDS, Session(lambda _: StubTracker()), channel)
    return client


@pytest.mark.parametrize("channel", ["color", "ir"])
def test_that_every_request_is_answered_until_goodbye(images: list[Path], channel: str) -> None:
    client = talk(
        [
            ("initialize", images[0], rectangle(5, 6, 7, 8)),
            ("frame", images[1], None),
            ("frame", images[2], None),
            ("initialize", images[2], Polygon([(20, 10), (30, 12), (28, 22), (18, 20)])),
            ("frame", images[3], None),
            ("quit", None, None),
        ],
        channel,
    )
    boxes = [box for box, _ in client.answers]
    assert boxes == [(5, 6, 7, 8), (6, 6, 7, 8), (7, 6, 7, 8), (18, 10, 12, 12), (19, 10, 12, 12)]
    assert client.answers[1][1] == {"confidence": 0.9}


def test_that_a_polygon_becomes_the_box_around_it() -> None:
    assert bounding_box(Polygon([(1, 2), (5, 3), (4, 8)])) == Box(1, 2, 4, 6)
    assert bounding_box(rectangle(1, 2, 3, 4)) == Box(1, 2, 3, 4)


def test_that_a_missing_image_ends_the_conversation_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.jpg"):
        talk([("initialize", tmp_path / "none.jpg", rectangle(1, 1, 5, 5))])


def test_that_a_missing_package_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "trax", None)
    assert main([]) == 2
    output = capsys.readouterr()
    assert "thermark[toolkits]" in output.err
    assert output.out == ""


def test_that_thermark_speaks_trax(images: list[Path]) -> None:
    pytest.importorskip("trax", reason="vot-trax is not installed (the extra [toolkits])")
    from trax import FileImage, Rectangle
    from trax.client import Client as TraxClient

    command = [sys.executable, "-m", "tracker.integrations.vot", "--device", "cpu", "--threads", "1"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    client = TraxClient(stream=(process.stdin.fileno(), process.stdout.fileno()), log=lambda _: None)
    try:
        first = {"color": FileImage.create(str(images[0]))}
        answers, _ = client.initialize(first, [(Rectangle.create(20, 10, 12, 12), {})], {})
        assert answers[0][0].bounds() == pytest.approx((20, 10, 12, 12))
        answers, _ = client.frame({"color": FileImage.create(str(images[1]))}, {}, [])
        assert all(np.isfinite(answers[0][0].bounds()))
    finally:
        client.quit()
        process.stdin.close()
        process.stdout.close()
        assert process.wait(20) == 0
