from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tracker.media.coded import make_video, numbers_of, open_clip
from tracker.errors import MediaError
from tracker.jobs import Progress, finish
from tracker.media import load_source, open_source

Clips = Callable[[str], Path]


def _forbid_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.media.video.scan_video", None)


def _forbid_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.media.video.hash_file", None)


def test_that_a_known_clip_is_neither_read_nor_scanned_again(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_clip(clips("open_gop.mp4"))
    _forbid_scan(monkeypatch)
    _forbid_hash(monkeypatch)
    again = open_clip(clips("open_gop.mp4"))
    assert again.content_hash == first.content_hash
    assert numbers_of(again, [40, 2]) == [40, 2]


def test_that_a_copy_under_another_name_is_not_scanned_again(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_clip(clips("open_gop.mp4"))
    copy = tmp_path / "copy.mp4"
    shutil.copyfile(first.path, copy)
    _forbid_scan(monkeypatch)
    assert open_clip(copy).content_hash == first.content_hash


def test_that_a_file_that_was_written_again_is_read_again(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", count=10)
    first = open_clip(path)
    make_video(path, count=20)
    again = open_clip(path)
    assert (len(first), len(again)) == (10, 20)
    assert first.content_hash != again.content_hash


@pytest.mark.parametrize("content", [b"", b"foreign", b"{}", b'{"version": 1}', b"[1]"])
def test_that_damaged_cache_files_are_made_again(clips: Clips, cache_folder: Path, content: bytes) -> None:
    open_clip(clips("b_frames.mp4"))
    files = sorted(cache_folder.rglob("*.*"))
    assert len(files) == 2
    for file in files:
        file.write_bytes(content)
    assert numbers_of(open_clip(clips("b_frames.mp4")), [33]) == [33]
    assert all(file.read_bytes() != content for file in files)


def test_that_a_memo_cannot_name_another_file(clips: Clips, cache_folder: Path) -> None:
    open_clip(clips("b_frames.mp4"))
    (memo,) = cache_folder.rglob("*.path.json")
    memo.write_text(json.dumps(json.loads(memo.read_text()) | {"content_hash": "../../secret"}))
    assert len(open_clip(clips("b_frames.mp4")).content_hash) == 64


def test_that_a_cache_that_cannot_be_written_stops_nothing(clips: Clips, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    source = finish(open_source(clips("b_frames.mp4"), cache_dir=blocked))
    assert numbers_of(source, [7]) == [7]


def test_that_the_cache_folder_can_be_given(clips: Clips, tmp_path: Path, cache_folder: Path) -> None:
    finish(open_source(clips("b_frames.mp4"), cache_dir=tmp_path / "mine"))
    assert list((tmp_path / "mine").rglob("*.npz"))
    assert not cache_folder.exists()


def test_that_progress_grows_to_its_total(clips: Clips) -> None:
    events: list[Progress] = []
    finish(open_source(clips("b_frames.mp4")), lambda event: events.append(event))  # type: ignore[arg-type]  # all are Progress
    scan = [event for event in events if event.stage.startswith("Scanning")]
    assert [scan[0].done, scan[-1].done, scan[-1].total] == [0, 60, 60]
    assert [event.done for event in scan] == sorted(event.done for event in scan)


@pytest.mark.parametrize("events", [1, 2])
def test_that_giving_up_leaves_nothing_half_done(tmp_path: Path, cache_folder: Path, events: int) -> None:
    path = make_video(tmp_path / "clip.mp4", count=10)
    job = open_source(path)
    for _ in range(events):
        next(job)
    job.close()
    assert not list(cache_folder.rglob("*.npz"))
    assert not list(cache_folder.rglob("*.part"))
    assert len(open_clip(path)) == 10


def test_that_load_source_waits_for_the_clip(clips: Clips) -> None:
    assert len(load_source(clips("b_frames.mp4"))) == 60


@pytest.mark.parametrize(
    "content", [b"", b"just text\n" * 100, bytes(range(256)) * 20], ids=["empty", "text", "bytes"]
)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.txt", "clip"])
def test_that_a_file_that_is_no_video_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        open_clip(path)
    assert caught.value.where == str(path)
    assert caught.value.todo


def test_that_sound_alone_is_refused(tmp_path: Path) -> None:
    header = (
        b"RIFF\x64\x1f\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x40\x1f\0\0"
    )
    path = tmp_path / "sound.wav"
    path.write_bytes(header + bytes(8000))
    with pytest.raises(MediaError, match="no video"):
        open_clip(path)


def test_that_a_list_of_other_files_is_not_followed(clips: Clips, tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2,\n{clips('open_gop.ts')}\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError, match="not a video"):
        open_clip(path)


def test_that_a_path_to_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        open_clip(tmp_path / "nothing.mp4")


def test_that_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(pipe)
    with pytest.raises(MediaError, match="neither"):
        open_clip(pipe)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind root")
def test_that_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", count=3)
    path.chmod(0)
    with pytest.raises(MediaError, match="may not read"):
        open_clip(path)


def test_that_a_video_without_permission_is_refused_with_the_reason(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tracker.media.video.hash_file", refuse)
    with pytest.raises(MediaError, match="may not read"):
        open_clip(clips("b_frames.mp4"))


def test_that_names_of_any_alphabet_are_opened(tmp_path: Path) -> None:
    path = make_video(tmp_path / "тепло 熱 %03d é.mp4", count=5)
    assert numbers_of(open_clip(path), range(5)) == [0, 1, 2, 3, 4]
