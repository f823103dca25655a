"""Fuzzes Thermark's own readers of media: whatever the bytes are, they end in frames or in a `MediaError`.

    python benchmarks/fuzz_media.py TARGET [--minutes 10] [--corpus FOLDER]

Targets: image (headers of PNG, JPEG, BMP and TIFF), jpeg (FLIR's blocks in JPEGs), flir (SEQ and CSQ recordings), raw
(header files of dumps, and guessing them), npy and npz (NumPy), cptv (the package `cptv` as it is used here; the fuzzed
bytes are packed by gzip, so that the fuzzer gets past it), index (what is kept of videos in the cache).

Needs atheris, which is no dependency of Thermark: pip install atheris. Coverage guides it; the corpus begins with small
sound files. It stops at the first crash, at an input that takes 20 s or 2 GiB, and else when the time is over; the last
line says how many inputs were tried.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import logging
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

try:
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]
except ImportError:
    sys.exit("atheris is not installed: pip install atheris (Linux, Python 3.11 to 3.13)")

with atheris.instrument_imports(include=["tracker.media", "cptv"]):
    from tracker.errors import MediaError
    from tracker.jobs import finish
    from tracker.media.cptv_stack import CptvFormat
    from tracker.media.flir_image import is_dji, thermal_counts, thermal_facts
    from tracker.media.flir_stack import FlirFormat
    from tracker.media.image_header import BrokenImageError, UnsupportedImageError, read_header
    from tracker.media.numpy_stack import NpyFormat, NpzFormat
    from tracker.media.raw_header import RawHeader, guess_header, read_header_file, sidecar
    from tracker.media.raw_stack import RawFormat
    from tracker.media.stack import StackFormat, explained
    from tracker.media.video_index import parse_index

from tests.tracker.media import flir
from tracker.opencv import cv2

Target = Callable[[bytes], None]

FRAMES_READ = 4
KINDS: tuple[flir.Kind, ...] = ("plain", "png", "jpeg-ls")
WORK = Path(tempfile.mkdtemp(prefix="thermark-fuzz-"))


def read_stack(form: StackFormat, suffix: str, data: bytes) -> None:
    """Scan a file and read some of its frames."""
    path, unpacked = WORK / f"clip{suffix}", WORK / "unpacked.npy"
    path.write_bytes(data)
    with suppress(MediaError), explained(path, form.title):
        shape = finish(form.scan(path, unpacked))
        with closing(form.open(path, unpacked)) as reader:
            for index in range(min(shape.count, FRAMES_READ)):
                reader.read(index)


def fuzz_image(data: bytes) -> None:
    """What an image says of itself."""
    with suppress(BrokenImageError, UnsupportedImageError):
        read_header(data)


def fuzz_jpeg(data: bytes) -> None:
    """FLIR's block in a JPEG; one is put in where the bytes are none."""
    jpeg = data if data.startswith(b"\xff\xd8") else flir.radiometric_jpeg(data[:60_000] or b"F")
    thermal_counts(jpeg)
    thermal_facts(jpeg)
    is_dji(jpeg)
    fuzz_image(jpeg)


def fuzz_flir(data: bytes) -> None:
    """A SEQ or CSQ recording."""
    read_stack(FlirFormat(), ".seq", data)


def fuzz_raw(data: bytes) -> None:
    """A header file, and the dump that it is of."""
    path = WORK / "clip.raw"
    path.write_bytes(data)
    sidecar(path).write_bytes(data)
    guess_header(path)
    with suppress(MediaError):
        header: RawHeader = read_header_file(path)
        read_stack(RawFormat(header), ".raw", data)


def fuzz_npy(data: bytes) -> None:
    """An array of NumPy."""
    read_stack(NpyFormat(), ".npy", data)


def fuzz_npz(data: bytes) -> None:
    """An archive of NumPy; the bytes are put into one where they are none."""
    if not data.startswith(b"PK"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("frames.npy", data)
        data = packed.getvalue()
    read_stack(NpzFormat(), ".npz", data)


def fuzz_cptv(data: bytes) -> None:
    """A CPTV recording."""
    read_stack(CptvFormat(), ".cptv", data if data.startswith(b"\x1f\x8b") else gzip.compress(data, 1))


def fuzz_index(data: bytes) -> None:
    """The index of a video, from the cache."""
    parse_index(data, "0" * 64)


TARGETS: dict[str, Target] = {
    "image": fuzz_image,
    "jpeg": fuzz_jpeg,
    "flir": fuzz_flir,
    "raw": fuzz_raw,
    "npy": fuzz_npy,
    "npz": fuzz_npz,
    "cptv": fuzz_cptv,
    "index": fuzz_index,
}


def cptv_section(kind: bytes, **fields: bytes) -> bytes:
    """A part of a CPTV recording: its kind, and fields by their letters."""
    parts = (bytes((len(value),)) + name.encode() + value for name, value in fields.items())
    return kind + bytes((len(fields),)) + b"".join(parts)


def seeds(name: str) -> Iterator[bytes]:
    """Small sound files to begin with."""
    scene = np.arange(48, dtype=np.uint16).reshape(6, 8)
    stack = np.stack([scene, scene + 1])
    match name:
        case "image" | "jpeg":
            for suffix in (".png", ".jpg", ".bmp", ".tiff"):
                yield bytes(cv2.imencode(suffix, scene.astype(np.uint8))[1])
            for kind in KINDS:
                yield flir.radiometric_jpeg(flir.block(scene, kind, order=">"))
                yield flir.block(scene, kind)
        case "flir":
            for kind in KINDS:
                yield flir.sequence(list(stack), kind)
        case "raw":
            yield RawHeader(width=4, height=2, fps=9).model_dump_json().encode()
            yield json.dumps({"width": 1, "height": 1, "bits": 8, "gap_bytes": 3}).encode()
        case "npy" | "npz":
            for array in (stack, stack.astype(np.uint8), np.dstack([scene] * 3)[None]):
                packed = io.BytesIO()
                np.save(packed, array)
                yield packed.getvalue()
        case "cptv":
            head = cptv_section(
                b"H", T=b"\0" * 8, X=b"\x08\0\0\0", Y=b"\x06\0\0\0", C=b"\x01", E=b"lepton3", B=b"flir"
            )
            shown = cptv_section(
                b"F", t=b"\x60\xea\0\0", c=b"\x01\0\0\0", w=b"\x08", f=b"\x33\0\0\0"
            ) + bytes(51)
            empty = cptv_section(b"F", w=b"\x08", f=b"\x33\0\0\0", g=b"\x01") + bytes(51)
            packed_12 = cptv_section(b"F", w=b"\x0c", f=b"\x4b\0\0\0", t=b"\x61\xea\0\0") + bytes(75)
            yield b"CPTV\x02" + head + empty + shown + packed_12
        case _:
            packed = io.BytesIO()
            np.savez(packed, head=np.frombuffer(b"{}", np.uint8), packet_pts=np.arange(3))
            yield packed.getvalue()


def main() -> None:
    """Fuzz one target."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--corpus", type=Path, help="where inputs are kept; a temporary folder if not given")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)  # tifffile says something of every damaged tag
    corpus = chosen.corpus or WORK / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(chosen.target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = (
        f"-max_total_time={round(60 * chosen.minutes)}",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-max_len=8192",
    )
    crashes = f"-artifact_prefix={corpus.parent / f'{chosen.target}-'}"
    atheris.Setup(
        [sys.argv[0], *limits, crashes, "-print_final_stats=1", str(corpus)], TARGETS[chosen.target]
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
