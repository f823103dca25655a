"""Thermark for vot-toolkit 0.9: `python -m tracker.integrations.vot` speaks TraX.

Needs the extra `[toolkits]`. In a workspace's `trackers.ini`:

    [Thermark]
    label = Thermark
    protocol = trax
    command = /path/to/python -m tracker.integrations.vot --model default
    timeout = 120

then `vot test Thermark`, `vot evaluate Thermark`. Images are asked for as files, by default in the channel
"color", which is what the TIR challenges call theirs; `--channel ir` for data sets that call it so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tracker.errors import ThermarkError
from tracker.geometry import Box
from tracker.integrations.session import Session, of_model, read_image
from tracker.tracking.tracker import Result

CHANNELS = ("color", "ir")


class Server(Protocol):
    """What is used of `trax.Server`."""

    def wait(self) -> Any:
        """The next request: `type`, `image` by channel, `objects`."""

    def status(self, objects: list[Any], properties: dict[str, Any] | None = None) -> Any:
        """Answer a request."""


@dataclass(frozen=True)
class Words:
    """What is used of the module `trax`, so that a conversation can be held without it.

    Attributes:
        initialise: Type of a request to start.
        frame: Type of a request to go on.
        rectangle: Makes a region from x, y, width, height.
    """

    initialise: str
    frame: str
    rectangle: Callable[[float, float, float, float], Any]


def converse(server: Server, words: Words, session: Session, channel: str) -> None:
    """Answer requests until the client says goodbye.

    Args:
        server: Connected to the client.
        words: How it speaks.
        session: Tracks.
        channel: Of the images.

    Raises:
        ThermarkError: An image or box cannot be used.
    """
    channels: int | None = None
    while True:
        request = server.wait()
        if request.type not in (words.initialise, words.frame):
            return
        path = Path(request.image[channel].path())
        if request.type == words.initialise:
            counts, channels = read_image(path)
            region, _ = request.objects[0]
            result = session.start(counts, bounding_box(region))
        else:
            counts, channels = read_image(path, channels)
            result = session.follow(counts)
        server.status([(words.rectangle(*result.box.as_tuple()), _properties(result))])


def bounding_box(region: Any) -> Box:
    """The box around a TraX region, a rectangle or a polygon."""
    if region.type == "rectangle":
        return Box(*(float(value) for value in region.bounds()))
    xs, ys = zip(*((float(x), float(y)) for x, y in region), strict=True)
    return Box.from_corners(min(xs), min(ys), max(xs), max(ys))


def _properties(result: Result) -> dict[str, Any]:
    return {"confidence": round(result.score, 6)}


def main(arguments: list[str] | None = None) -> int:
    """Serve one client on standard input and output, or on the socket that it names in TRAX_SOCKET."""
    parser = argparse.ArgumentParser(prog="python -m tracker.integrations.vot", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--model", default="default", help="as for thermark track")
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu")
    parser.add_argument("--threads", type=int, default=None, help="CPU threads")
    parser.add_argument("--channel", default="color", choices=CHANNELS, help="name of the image channel")
    options = parser.parse_args(arguments)
    try:
        import trax
    except ImportError as error:
        return _complain(f"vot-trax cannot be used ({error}): pip install 'thermark[toolkits]'")
    words = Words(trax.TraxStatus.INITIALIZE, trax.TraxStatus.FRAME, trax.Rectangle.create)
    session = Session(of_model(options.model, options.device, options.threads))
    server = trax.Server([trax.Region.RECTANGLE], [trax.Image.PATH], [options.channel], "Thermark")
    try:
        with server:
            converse(server, words, session, options.channel)
    except ThermarkError as error:
        return _complain(error.message)
    return 0


def _complain(text: str) -> int:
    """To the toolkit's log, which is standard error: standard output belongs to the protocol."""
    sys.stderr.write(f"thermark: {text}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
