from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.datasets.folders import DEV, moving, write_sequence
from tracker.datasets import Finding, Kind, Limits, check, open_data_set
from tracker.datasets.duplicates import Pictures
from tracker.datasets.finding import Place
from tracker.jobs import Event, finish


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


def checked(path: Path, limits: Limits | None = None, format_: str = "plain") -> list[Finding]:
    return list(finish(check(finish(open_data_set(path, format_)), limits)).findings)


def places(findings: list[Finding]) -> list[tuple[Kind, str, int | None]]:
    return [(finding.kind, finding.file.parent.name, finding.line) for finding in findings]


def test_that_nothing_is_found_in_a_clean_data_set(tmp_path: Path) -> None:
    write_sequence(tmp_path / "a", moving(5), seed=1)
    write_sequence(tmp_path / "b", ["nan,nan,nan,nan", "0,0,0,0", *moving(3)], seed=2)
    assert checked(tmp_path) == []


def test_that_the_report_says_how_many_sequences_had_frames(tmp_path: Path) -> None:
    write_sequence(tmp_path / "a", moving(2), seed=1)
    shutil.rmtree(write_sequence(tmp_path / "b", moving(2), seed=2) / "img")
    data = finish(open_data_set(tmp_path, "plain"))
    report, without = finish(check(data)), finish(check(data, with_frames=False))
    assert (report.sequences, report.with_frames, without.with_frames) == (2, 1, 0)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("7,20,-10,10", Kind.NO_AREA),
        ("7,20,0,10", Kind.NO_AREA),
        ("7,20,nan,10", Kind.DAMAGED),
        ("7,20,1e9,10", Kind.DAMAGED),
        ("7,20,10", Kind.DAMAGED),
        ("7,twenty,10,10", Kind.DAMAGED),
        ("62,20,10,10", Kind.OUTSIDE),
        ("7,20,16,16", Kind.SCALE),
    ],
)
def test_that_a_flawed_box_is_named_with_its_line(tmp_path: Path, line: str, kind: Kind) -> None:
    write_sequence(tmp_path / "a", [*moving(2), line])
    found = [finding for finding in checked(tmp_path) if finding.kind is not Kind.JUMP]
    assert places(found) == [(kind, "a", 3)]
    assert found[0].where == f"{tmp_path / 'a' / 'groundtruth.txt'}, line 3"


def test_that_an_empty_line_is_damage_and_lines_are_those_of_the_file(tmp_path: Path) -> None:
    write_sequence(tmp_path / "a", ["5,20,10,10", "", "30,20,10,10"], images=2)
    assert places(checked(tmp_path)) == [(Kind.DAMAGED, "a", 2), (Kind.JUMP, "a", 3)]
    assert places(checked(tmp_path, Limits(jump=2.6))) == [(Kind.DAMAGED, "a", 2)]


def test_that_other_damaged_files_are_findings_too(tmp_path: Path) -> None:
    write_sequence(tmp_path / "a", moving(3))
    (tmp_path / "a" / "absence.label").write_text("0\n0\nx\n")
    found = checked(tmp_path, format_="got10k")
    assert (found[0].kind, found[0].file.name, found[0].line) == (Kind.DAMAGED, "absence.label", 3)


def test_that_missing_images_and_gaps_in_their_numbers_are_found(tmp_path: Path) -> None:
    folder = write_sequence(tmp_path / "a", moving(6))
    (folder / "img" / "0003.png").unlink()
    found = checked(tmp_path)
    assert [(f.kind, f.file.name, f.line) for f in found] == [
        (Kind.MISSING, "groundtruth.txt", 6),
        (Kind.NUMBERING, "0004.png", None),
    ]
    assert "6 frames are annotated, and there are 5" in found[0].text


def test_that_a_broken_image_is_found(tmp_path: Path) -> None:
    folder = write_sequence(tmp_path / "a", moving(4))
    image = folder / "img" / "0002.png"
    image.write_bytes(image.read_bytes()[:200])
    assert places(checked(tmp_path)) == [(Kind.BROKEN, "a", 2)]


def test_that_frames_that_cannot_be_opened_are_a_finding(tmp_path: Path) -> None:
    folder = write_sequence(tmp_path / "a", moving(2))
    for image in (folder / "img").iterdir():
        image.write_bytes(b"no image")
    found = checked(tmp_path)
    assert {finding.kind for finding in found} <= {Kind.DAMAGED, Kind.BROKEN}
    assert found


def test_that_duplicates_are_found_within_and_across_sequences(tmp_path: Path) -> None:
    a = write_sequence(tmp_path / "a", moving(5), seed=1)
    b = write_sequence(tmp_path / "b", moving(5), seed=2)
    shutil.copy(a / "img" / "0001.png", a / "img" / "0004.png")
    for number in (2, 3):
        shutil.copy(a / "img" / f"000{number}.png", b / "img" / f"000{number + 2}.png")
    found = checked(tmp_path)
    assert places(found) == [(Kind.DUPLICATE, "a", 4), (Kind.DUPLICATE, "b", 4)]
    assert found[0].text == "frame 3 has the same picture as frame 0."
    assert found[1].text == "frames 3 to 4 have the same picture as frames 1 to 2 of a."


@given(st.lists(st.lists(st.integers(0, 6), max_size=12), max_size=4))
def test_that_runs_of_duplicates_name_each_frame_that_was_seen_before(content: list[list[int]]) -> None:
    pictures, seen, due = Pictures(), set[int](), set[tuple[int, int]]()
    for number, hashes in enumerate(content):
        pictures.take(Place(str(number), Path()), hashes, list(range(len(hashes))))
        for frame, value in enumerate(hashes):
            if value in seen:
                due.add((number, frame))
            seen.add(value)
    runs = pictures.runs()
    named = [(run.sequence, run.start + i) for run in runs for i in range(run.length)]
    assert sorted(named) == sorted(due)
    for run in runs:
        for i in range(run.length):
            was = content[run.of_sequence][run.of_start + run.step * i]
            assert content[run.sequence][run.start + i] == was


def test_that_a_check_can_be_stopped(tmp_path: Path) -> None:
    write_sequence(tmp_path / "a", moving(3))
    job = check(finish(open_data_set(tmp_path, "plain")))
    assert isinstance(next(job), Event)
    job.close()


@pytest.mark.skipif(not DEV.is_dir(), reason="../shared/data/dev is not there")
def test_that_an_image_folder_of_the_real_clips_is_clean_until_it_is_damaged(tmp_path: Path) -> None:
    shutil.copytree(DEV / "possum", tmp_path / "possum")
    assert checked(tmp_path) == []
    truth = tmp_path / "possum" / "groundtruth.txt"
    rows = np.loadtxt(truth, delimiter=",")
    rows[40, 0] += 90
    np.savetxt(truth, rows, "%.2f", ",")
    assert {(Kind.JUMP, "possum", 41), (Kind.JUMP, "possum", 42)} <= set(places(checked(tmp_path)))
