from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.datasets.folders import DEV
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.datasets import Statistics, open_data_set, statistics
from tracker.datasets.distribution import Distribution
from tracker.datasets.plots import save_plots
from tracker.errors import ExportError, FormatError
from tracker.formats import AnnotatedClip, MediaHint
from tracker.geometry import Box
from tracker.jobs import finish

sides = st.floats(0.5, 500)
boxes = st.builds(Box, st.floats(-100, 900), st.floats(-100, 900), sides, sides)
said = st.lists(st.none() | boxes, min_size=1, max_size=12)
words = st.sampled_from(["dog", "car", ""])


def clip_of(
    name: str, frames: list[Box | None], label: str = "", attributes: tuple[str, ...] = ()
) -> AnnotatedClip:
    rows = Frames.empty(len(frames))
    for i, box in enumerate(frames):
        state = (
            FrameState(box, Provenance.IMPORTED)
            if box
            else FrameState(None, Provenance.IMPORTED, Presence.ABSENT)
        )
        rows.put(i, state)
    track = Track(1, label, "#ffffff", attributes=attributes, frames=rows)
    return AnnotatedClip(name, (track,), MediaHint(), Path(name))


def counted(clips: list[AnnotatedClip]) -> Statistics:
    found = Statistics()
    for clip in clips:
        found.take(clip)
    return found


def flat(value: object) -> object:
    """Numbers that may differ in their last digits by the order of adding."""
    if isinstance(value, dict):
        return {key: flat(part) for key, part in value.items()}
    return pytest.approx(value, rel=1e-9) if isinstance(value, float) else value


@given(st.lists(st.tuples(said, words), min_size=1, max_size=8), st.integers(0, 8))
def test_that_parts_counted_apart_and_added_equal_the_whole(
    content: list[tuple[list[Box | None], str]], cut: int
) -> None:
    clips = [
        clip_of(str(i), frames, label, (label,) if label else ()) for i, (frames, label) in enumerate(content)
    ]
    parts = counted(clips[:cut])
    parts.add(counted(clips[cut:]))
    whole = counted(clips)
    assert parts.as_json() == flat(whole.as_json())
    for name, distribution in whole.distributions.items():
        assert np.array_equal(distribution.bins, parts.distributions[name].bins)


def test_that_numbers_are_those_of_the_boxes() -> None:
    frames = [Box(0, 0, 8, 2), Box(4, 0, 8, 2), None, Box(0, 0, 16, 4), Box(3, 4, 16, 4)]
    found = counted([clip_of("a", frames, "dog")])
    assert (found.sequences, found.frames, found.boxes, found.absent, found.unsaid) == (1, 5, 4, 1, 0)
    assert (found.sizes.least, found.sizes.greatest, found.sizes.mean) == (4, 8, 6)
    assert found.aspects.mean == 4
    # 4 pixels of a target of size 4, then 5 of one of size 8; not across the frame without a box.
    assert (found.motion.count, found.motion.greatest, found.motion.least) == (2, 1.0, 5 / 8)
    assert (found.scale_changes.count, found.scale_changes.greatest) == (2, 0.0)
    assert found.as_json()["classes"] == {"dog": {"tracks": 1, "boxes": 4}}


@given(
    st.lists(st.floats(1e-3, 9e2), min_size=1, max_size=60), st.sampled_from([0.05, 0.25, 0.5, 0.75, 0.95])
)
def test_that_a_quantile_is_right_to_the_width_of_a_bin(values: list[float], share: float) -> None:
    distribution = Distribution(-3, 3)
    distribution.take(values)
    exact = float(np.quantile(values, share, method="inverted_cdf"))
    assert distribution.quantile(share) == pytest.approx(exact, rel=0.0373)


def test_that_a_data_set_is_read_one_sequence_at_a_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "groundtruth.txt").write_text("1,2,3,4\n")
    (tmp_path / "b" / "groundtruth.txt").write_text("1,2,3,4\n1,2,-3,4\n")
    data = finish(open_data_set(tmp_path, "plain"))
    assert [entry.name for entry in data.entries] == ["a", "b"]
    assert len(data.entries[0].read()) == 1
    with pytest.raises(FormatError, match=r"b/groundtruth\.txt, line 2.*negative size"):
        finish(statistics(tmp_path, "plain"))


def test_that_classes_come_from_the_index(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "groundtruth.txt").write_text("1,2,3,4\n")
    (tmp_path / "index.json").write_text(json.dumps([{"name": "a", "cls": "fox"}]))
    assert finish(statistics(tmp_path, "plain")).tracks_by_class == {"fox": 1}
    (tmp_path / "index.json").write_text('[{"name": "a"},\n {"cls": }]')
    with pytest.raises(FormatError, match=r"index\.json, line 2"):
        finish(statistics(tmp_path, "plain"))


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_that_plots_are_written_whole(tmp_path: Path, suffix: str, magic: bytes) -> None:
    found = counted([clip_of("a", [Box(0, 0, 8, 2), Box(1, 0, 8, 3)], "$x_1$")])
    path = tmp_path / f"plots{suffix}"
    save_plots(found, path, "a")
    assert path.read_bytes().startswith(magic)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_that_plots_of_nothing_are_drawn_and_other_files_refused(tmp_path: Path) -> None:
    save_plots(Statistics(), tmp_path / "none.png", "nothing")
    with pytest.raises(ExportError, match="PDF or PNG"):
        save_plots(Statistics(), tmp_path / "none.svg", "nothing")
    with pytest.raises(ExportError, match="cannot be written"):
        save_plots(Statistics(), tmp_path / "missing" / "none.png", "nothing")


@pytest.mark.skipif(not DEV.is_dir(), reason="../shared/data/dev is not there")
def test_that_real_clips_are_counted_as_their_index_says() -> None:
    entries = json.loads((DEV / "index.json").read_text())
    found = finish(statistics(DEV))
    assert found.sequences == len(entries)
    assert found.frames == sum(entry["frames"] for entry in entries)
    assert set(found.tracks_by_class) == {entry["cls"] for entry in entries}
