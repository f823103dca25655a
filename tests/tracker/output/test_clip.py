from __future__ import annotations

import itertools
import sys
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tracker.output.fakes import FakeSource, subject_of, track_of
from tracker.annotation.evidence import Evidence, Scores
from tracker.annotation.regions import Region
from tracker.errors import OutputError
from tracker.geometry import Box
from tracker.jobs import Progress, finish
from tracker.outline import Shape
from tracker.output import clip, mp4
from tracker.output.choices import NO_MARKS, ClipChoices, MapInset, Marks, Quality, Scale
from tracker.output.clip import renderer, write_clip
from tracker.output.painting import FramePainter
from tracker.output.readings import Reading, Readings
from tracker.output.subject import Subject
from tracker.store.evidence import EvidenceStore
from tracker.thermal.look import Agc, Look

PLAIN = ClipChoices(marks=NO_MARKS, scale=1, quality=Quality.BEST)


def written(subject: Subject, path: Path, choices: ClipChoices = PLAIN, frames: range | None = None) -> Path:
    finish(write_clip(subject, path, frames, choices))
    return path


def decoded(path: Path) -> tuple[list[float], list[NDArray[np.uint8]]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert all(frame.time is not None for frame in frames)
        return [float(frame.time or 0) for frame in frames], [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames
        ]


def test_that_all_frames_come_back_with_their_uneven_times(tmp_path: Path) -> None:
    times = [5.0, 5.04, 5.2, 5.21, 5.9, 7.0, 7.001]
    source = FakeSource(len(times), times=times)
    found, pictures = decoded(written(subject_of(source), tmp_path / "a.mp4"))
    assert len(pictures) == len(times)
    np.testing.assert_allclose(found, np.array(times) - 5.0, atol=1 / mp4.TICKS)


@settings(max_examples=12)
@given(gaps=st.lists(st.floats(1e-3, 20), min_size=0, max_size=9), begin=st.floats(-5, 1e4))
def test_that_any_growing_times_are_kept(tmp_path: Path, gaps: list[float], begin: float) -> None:
    times = [begin + at for at in itertools.accumulate(gaps, initial=0.0)]
    found, _ = decoded(written(subject_of(FakeSource(len(times), times=times)), tmp_path / "a.mp4"))
    np.testing.assert_allclose(found, np.array(times) - begin, atol=1.01 / mp4.TICKS)


@pytest.mark.parametrize(
    "times",
    [[0.0, 0.1, 0.2, 5.0], [0.0, 5.0, 5.1, 5.2], [0.0, 0.1, 0.2, 0.3, 9.0, 9.1], [3.0], [0.1, 0.2, 0.3]],
)
def test_that_the_file_lasts_until_after_its_last_frame(tmp_path: Path, times: list[float]) -> None:
    path = written(subject_of(FakeSource(len(times), times=times, fps=10.0)), tmp_path / "a.mp4")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.duration is not None
        assert stream.time_base is not None
        assert float(stream.duration * stream.time_base) == pytest.approx(
            times[-1] - times[0] + 0.1, abs=1e-3
        )


def test_that_times_that_do_not_grow_are_made_to(tmp_path: Path) -> None:
    found, _ = decoded(written(subject_of(FakeSource(4, times=[1.0, 1.0, 0.5, 2.0])), tmp_path / "a.mp4"))
    assert len(found) == 4
    assert np.all(np.diff(found) > 0)
    assert found[-1] == pytest.approx(1.0)


def test_that_a_clip_without_times_has_25_frames_per_second_and_says_so(tmp_path: Path) -> None:
    source = FakeSource(5, fps=None)
    report = finish(write_clip(subject_of(source), tmp_path / "a.mp4", None, PLAIN))
    found, _ = decoded(tmp_path / "a.mp4")
    np.testing.assert_allclose(found, np.arange(5) / 25, atol=1e-4)
    assert "25 frames per second" in report.notes[0]


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("palette", ["iron", "white_hot"])
def test_that_colours_are_those_that_were_painted(tmp_path: Path, scale: Scale, palette: str) -> None:
    subject = replace(subject_of(), look=Look(palette=palette))
    _, pictures = decoded(written(subject, tmp_path / "a.mp4", PLAIN.model_copy(update={"scale": scale})))
    painter = FramePainter(subject)
    for frame in (0, 7, 11):
        painted = painter.paint(frame, subject.source.frame(frame)).rgb
        expected = painted.repeat(scale, axis=0).repeat(scale, axis=1).astype(int)
        off = np.abs(pictures[frame].astype(int) - expected)
        assert off.mean() < 4
        assert np.percentile(off, 99) < 20


def test_that_sides_of_odd_length_get_a_pixel_more(tmp_path: Path) -> None:
    subject = subject_of(FakeSource(3, (47, 35)))
    _, pictures = decoded(written(subject, tmp_path / "a.mp4"))
    assert pictures[0].shape == (36, 48, 3)
    painted = FramePainter(subject).paint(0, subject.source.frame(0)).rgb.astype(int)
    assert np.abs(pictures[0][:35, :47].astype(int) - painted).mean() < 4


def test_that_boxes_are_drawn_in_the_colour_of_their_track_and_nothing_else_changes(tmp_path: Path) -> None:
    subject = subject_of(FakeSource(8, (64, 48)))
    marks = NO_MARKS.model_copy(update={"boxes": True})
    _, pictures = decoded(
        written(subject, tmp_path / "a.mp4", ClipChoices(marks=marks, scale=4, quality=Quality.BEST))
    )
    edge = pictures[0][4 * 8 : 4 * 16, 4 * 8 - 1 : 4 * 8 + 1].astype(int).mean(axis=(0, 1))
    assert np.abs(edge - (0xE6, 0x9F, 0x00)).max() < 90  # colours are half as fine as pixels
    assert edge[0] > edge[1] + 20 > edge[2] + 40
    painted = (
        FramePainter(subject).paint(0, subject.source.frame(0)).rgb[-10:].repeat(4, axis=1)[::1].astype(int)
    )
    assert np.abs(pictures[0][-40:].astype(int) - painted.repeat(4, axis=0)).mean() < 4


def test_that_only_the_chosen_frames_are_written_and_begin_at_0(tmp_path: Path) -> None:
    source = FakeSource(12, times=[index * 0.5 for index in range(12)])
    found, _ = decoded(written(subject_of(source), tmp_path / "a.mp4", PLAIN, range(4, 9)))
    np.testing.assert_allclose(found, np.arange(5) * 0.5, atol=1e-4)


@pytest.mark.parametrize("frames", [range(0), range(5, 13), range(-1, 3), range(0, 8, 2)])
def test_that_frames_that_there_are_not_are_refused(tmp_path: Path, frames: range) -> None:
    with pytest.raises(OutputError, match="The clip has 0 to 11"):
        finish(write_clip(subject_of(), tmp_path / "a.mp4", frames))


def test_that_cancelling_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    job = write_clip(subject_of(FakeSource(3000)), path, None, PLAIN)
    assert isinstance(next(job), Progress)
    next(job)
    assert len(list(tmp_path.iterdir())) == 2  # the old one, and the part of the new one
    job.close()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"old"]


def test_that_a_clip_that_breaks_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, index: int) -> None:
        raise OutputError("broken.")

    monkeypatch.setattr(FakeSource, "frame", broken)
    with pytest.raises(OutputError):
        finish(write_clip(subject_of(), tmp_path / "a.mp4", None, PLAIN))
    assert list(tmp_path.iterdir()) == []


def test_that_progress_says_how_far_it_is_and_ends_at_the_end(tmp_path: Path) -> None:
    events: list[Progress] = []
    finish(write_clip(subject_of(), tmp_path / "a.mp4", None, PLAIN), lambda event: events.append(event))  # type: ignore[arg-type]
    assert (events[-1].done, events[-1].total) == (12, 12)
    assert events[-1].stage == "Writing a.mp4"
    assert events[-1].rate > 0


@pytest.mark.parametrize(
    ("name", "said"),
    [("no/a.mp4", "its folder does not exist"), ("a.avi", "ends with .mp4"), ("b.mp4", "this is a folder")],
)
def test_that_files_that_cannot_be_written_are_refused_before_work_begins(
    tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "b.mp4").mkdir()
    with pytest.raises(OutputError, match=said):
        next(write_clip(subject_of(), tmp_path / name))


@pytest.mark.skipif(sys.platform != "linux", reason="nobody can write into /proc, not even root")
def test_that_a_folder_that_refuses_files_is_explained() -> None:
    with pytest.raises(OutputError, match=r"cannot be written") as caught:
        finish(write_clip(subject_of(), Path("/proc/a.mp4"), None, PLAIN))
    assert "older" in caught.value.todo or "folder" in caught.value.todo


def test_that_the_clip_itself_is_not_written_over(tmp_path: Path) -> None:
    source = FakeSource()
    source.path = tmp_path / "a.mp4"
    source.path.write_bytes(b"the clip")
    with pytest.raises(OutputError, match="the clip itself"):
        finish(write_clip(subject_of(source), source.path))


def test_that_names_as_long_as_the_system_takes_can_be_written(tmp_path: Path) -> None:
    assert written(subject_of(), tmp_path / f"{'a' * 251}.mp4").exists()


def test_that_a_missing_encoder_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp4, "ENCODER", "no_such_encoder")
    with pytest.raises(OutputError, match=r"no H\.264 encoder") as caught:
        finish(write_clip(subject_of(), tmp_path / "a.mp4"))
    assert "pip install" in caught.value.todo
    assert list(tmp_path.iterdir()) == []


def test_that_broken_frames_are_counted_and_say_so(tmp_path: Path) -> None:
    source = FakeSource(6, (320, 240))
    source.bad_frames = (2, 5)
    subject = subject_of(source)
    report = finish(write_clip(subject, tmp_path / "a.mp4", range(5), PLAIN))
    assert report.broken == 1
    with renderer(subject, NO_MARKS, 1) as pictures:
        assert not np.array_equal(pictures.picture(2), FramePainter(subject).paint(2, source.frame(2)).rgb)
        np.testing.assert_array_equal(
            pictures.picture(3), FramePainter(subject).paint(3, source.frame(3)).rgb
        )


def test_that_a_frame_that_proves_broken_when_it_is_read_is_broken_too(tmp_path: Path) -> None:
    source = FakeSource(6, (320, 240))
    source.hidden_faults = frozenset({3})
    report = finish(write_clip(subject_of(source), tmp_path / "a.mp4", None, PLAIN))
    assert report.broken == 1
    known = FakeSource(6, (320, 240))
    known.bad_frames = (3,)
    one, other = (picture_of(subject_of(each), Marks(), 3) for each in (source, known))
    np.testing.assert_array_equal(one, other)


def test_that_nothing_is_measured_in_a_broken_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Readings, counts: object, outline: object) -> Reading:
        raise AssertionError("measured")

    source = FakeSource(6, (160, 120))
    source.bad_frames = (2,)
    region = Region(1, "R", Shape.BOX, ((40.0, 30.0), (60.0, 50.0)))
    subject = replace(subject_of(source), regions=(region,))
    monkeypatch.setattr(Readings, "measured", refuse)
    picture_of(subject, Marks(), 2)
    with pytest.raises(AssertionError, match="measured"):
        picture_of(subject, Marks(), 3)


@pytest.mark.parametrize("mark", [name for name in Marks.model_fields if name != "similarity"])
def test_that_every_mark_draws_something_and_can_be_left_out(mark: str) -> None:
    subject = subject_of(FakeSource(8, (160, 120)))
    frame = 4 if mark == "presence" else 1
    plain = picture_of(subject, NO_MARKS, frame)
    assert not np.array_equal(picture_of(subject, NO_MARKS.model_copy(update={mark: True}), frame), plain)
    np.testing.assert_array_equal(plain, FramePainter(subject).paint(frame, subject.source.frame(frame)).rgb)


def picture_of(subject: Subject, marks: Marks, frame: int) -> NDArray[np.uint8]:
    with renderer(subject, marks, 1) as pictures:
        return pictures.picture(frame)


@pytest.mark.parametrize(
    ("shape", "points"),
    [
        (Shape.SPOT, ((50.0, 40.0),)),
        (Shape.BOX, ((40.0, 30.0), (60.0, 50.0))),
        (Shape.ELLIPSE, ((40.0, 30.0), (60.0, 50.0))),
        (Shape.POLYGON, ((40.0, 30.0), (60.0, 35.0), (50.0, 55.0))),
    ],
)
def test_that_regions_of_all_shapes_are_drawn_with_what_they_measure(
    shape: Shape, points: Sequence[tuple[float, float]]
) -> None:
    subject = subject_of(FakeSource(8, (160, 120)))
    with_region = replace(subject, regions=(Region(1, "R", shape, tuple(points)),))
    marks = NO_MARKS.model_copy(update={"values": True})
    changed = picture_of(with_region, marks, 1) != picture_of(subject, marks, 1)
    assert changed[30:56, 38:62].any()
    assert not changed[80:].any()


def test_that_the_map_that_a_run_has_stored_is_shown(tmp_path: Path) -> None:
    project = tmp_path / "a.thermark"
    region, values = Box(0, 0, 20, 20), np.eye(5, dtype=np.float32)
    none = np.zeros(1, np.float32)
    scores = Scores(0.8, 9.0, 30.0, 0.2, 0.1)
    store = EvidenceStore(project)
    store.write(
        1,
        2,
        Evidence(region, region, values, values, values, (0.0, 1.0), none, none[None], (0.5, 0.5), scores),
    )
    store.close()
    subject = replace(subject_of(FakeSource(8, (160, 120))), project=project, target=1)
    marks = NO_MARKS.model_copy(update={"similarity": MapInset.FUSED})
    assert not np.array_equal(picture_of(subject, marks, 2), picture_of(subject, NO_MARKS, 2))
    np.testing.assert_array_equal(picture_of(subject, marks, 3), picture_of(subject, NO_MARKS, 3))


def test_that_the_gain_follows_the_target_that_was_named() -> None:
    source = FakeSource(40, (64, 48))
    far = track_of(40, 2)
    far.frames.boxes[:, 0] += 30
    subject = replace(subject_of(source, track_of(40), far), look=Look(agc=Agc.TARGET, margin=0.2))
    one, other = (picture_of(replace(subject, target=id_), NO_MARKS, 20) for id_ in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("colour", ["", "red", "#12", "javascript:", "#zzzzzz"])
def test_that_a_colour_that_is_none_does_not_break_a_clip(tmp_path: Path, colour: str) -> None:
    subject = subject_of(FakeSource(), track_of(12, colour=colour))
    assert written(subject, tmp_path / "a.mp4", ClipChoices()).exists()


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_that_clips_of_all_kinds_are_written(
    tmp_path: Path, depth: type[np.uint8] | type[np.uint16], channels: int
) -> None:
    source = FakeSource(3, depth=depth, channels=channels)
    times, _ = decoded(written(subject_of(source), tmp_path / "a.mp4", ClipChoices()))
    assert len(times) == 3


def test_that_memory_does_not_grow_with_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip, "READ_AHEAD_BYTES", 100_000)  # else all of these small frames fit into it
    hour = 3600
    source = FakeSource(hour, (32, 24), times=[float(second) for second in range(hour)])
    job = write_clip(subject_of(source), tmp_path / "a.mp4", None, PLAIN)
    used: dict[int, int] = {}
    tracemalloc.start()
    try:
        for event in job:
            if isinstance(event, Progress):
                used[event.done] = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    found, _ = decoded(tmp_path / "a.mp4")
    assert len(found) == hour
    assert found[-1] == pytest.approx(hour - 1)
    early = max(value for done, value in used.items() if done < hour / 2)
    late = max(value for done, value in used.items() if done >= hour / 2)
    assert late - early < 1_000_000
