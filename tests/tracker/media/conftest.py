"""Clips made once for all tests of the package, and a cache folder of each test's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tests.tracker.media.coded import HEIGHT, WIDTH, coded_frame, make_video
from tracker.media import FrameSource, load_source

_B_FRAMES = {"bf": "3", "g": "12", "x264-params": "scenecut=0"}
_OPEN_GOP = {"x264-params": "open-gop=1:bframes=3:keyint=12:min-keyint=12:scenecut=0:b-adapt=0"}
# No key frames but the first: a column of intra blocks wanders over the picture, and where it starts is marked.
_INTRA_REFRESH = {"x264-params": "intra-refresh=1:keyint=12:bframes=0"}
_MPEG4_B = {"bf": "2", "g": "12"}
_VP9 = {"lag-in-frames": "16", "auto-alt-ref": "1", "b": "200k", "g": "15", "cpu-used": "8"}
VFR_TIMES_MS = np.cumsum(np.random.default_rng(0).integers(10, 90, 60)).tolist()


def _packed_b_frames(path: Path) -> Path:
    """MPEG-4 in AVI as DivX wrote it: a B-frame in one packet with the P-frame after it, then a stand-in."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"bf": "1", "g": "13", "b_strategy": "0"}
        encoded: list[Packet[Any]] = []
        for number in range(60):
            picture = VideoFrame.from_ndarray(coded_frame(number), "gray").reformat(format="yuv420p")
            picture.pts = number
            encoded += stream.encode(picture)
        encoded += stream.encode(None)
        for ordinal, (data, is_key) in enumerate(_packed(encoded)):
            # The decoder unpacks only what says of itself that it is packed ("p").
            packet = Packet(re.sub(rb"(\x00\x00\x01\xb2)Lavc[\d.]+", rb"\1DivX503b1393p", data))
            packet.stream, packet.time_base, packet.is_keyframe = stream, encoded[0].time_base, is_key
            packet.pts = packet.dts = ordinal
            container.mux(packet)
    return path


def _packed(encoded: list[Packet[Any]]) -> list[tuple[bytes, bool]]:
    stand_in = b"\x00\x00\x01\xb6\x5f"
    packed, ordinal = list[tuple[bytes, bool]](), 0
    while ordinal < len(encoded):
        packet, after = encoded[ordinal], encoded[ordinal + 1 : ordinal + 2]
        if after and (after[0].pts or 0) < (packet.pts or 0):
            packed += [(bytes(packet) + bytes(after[0]), packet.is_keyframe), (stand_in, False)]
            ordinal += 2
        else:
            packed.append((bytes(packet), packet.is_keyframe))
            ordinal += 1
    return packed


CLIPS: dict[str, Callable[[Path], Path]] = {
    "b_frames.mp4": lambda path: make_video(path, options=_B_FRAMES),
    "b_frames.avi": lambda path: make_video(path, options=_B_FRAMES),
    "open_gop.mp4": lambda path: make_video(path, options=_OPEN_GOP),
    "open_gop.mkv": lambda path: make_video(path, options=_OPEN_GOP),
    "open_gop.ts": lambda path: make_video(path, options=_OPEN_GOP),
    "fragmented.mp4": lambda path: make_video(
        path, options=_B_FRAMES, container_options={"movflags": "frag_keyframe+empty_moov"}
    ),
    "no_duration.mkv": lambda path: make_video(path, options=_B_FRAMES, container_options={"live": "1"}),
    "variable_rate.mkv": lambda path: make_video(path, options=_B_FRAMES, times_ms=VFR_TIMES_MS),
    "late_start.mp4": lambda path: make_video(path, options=_B_FRAMES, start=250),
    "late_start.mkv": lambda path: make_video(path, options=_B_FRAMES, start=250),
    "hevc_open_gop.mp4": lambda path: make_video(
        path, codec="libx265", options={"x265-params": "keyint=12:bframes=3:open-gop=1:log-level=none"}
    ),
    "mpeg4_b.avi": lambda path: make_video(path, codec="mpeg4", options=_MPEG4_B),
    "packed_b.avi": _packed_b_frames,
    "mpeg2.mpg": lambda path: make_video(path, codec="mpeg2video", options=_MPEG4_B),
    "vp9.webm": lambda path: make_video(path, codec="libvpx-vp9", options=_VP9),
    "mjpeg.avi": lambda path: make_video(path, codec="mjpeg", pix_fmt="yuvj420p"),
    "ffv1.mkv": lambda path: make_video(path, codec="ffv1", pix_fmt="gray"),
    "raw.h264": lambda path: make_video(path, options=_B_FRAMES, container_format="h264"),
    "intra_refresh.mkv": lambda path: make_video(path, options=_INTRA_REFRESH),
}


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the path of a clip of `CLIPS`, 60 frames each, made when first asked for."""
    folder = tmp_path_factory.mktemp("clips")

    def clip(name: str) -> Path:
        path = folder / name
        return path if path.exists() else CLIPS[name](path)

    return clip


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keeps the user's own cache out of the tests."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def opened() -> Iterator[Callable[[Path], FrameSource]]:
    """Opens clips; all are closed at the end."""
    with ExitStack() as all_opened:
        yield lambda path: all_opened.enter_context(closing(load_source(path)))
