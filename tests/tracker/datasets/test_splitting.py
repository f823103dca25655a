from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.datasets.folders import DEV
from tracker.datasets import open_data_set, split_data_set, split_names, write_split
from tracker.datasets.index import SequenceIndex
from tracker.datasets.scenes import read_scenes, scene_from_name, scenes_of
from tracker.datasets.splitting import PARTS
from tracker.errors import ExportError, FormatError
from tracker.jobs import finish

scene_maps = st.dictionaries(st.text(min_size=1, max_size=8), st.sampled_from("abcdefgh"), min_size=3).filter(
    lambda scenes: len(set(scenes.values())) >= 3
)
share_triples = st.tuples(*[st.floats(0.01, 100)] * 3)
seeds = st.integers(-(2**40), 2**40)


@given(scene_maps, share_triples, seeds)
def test_that_parts_are_disjoint_by_scene_complete_and_none_is_empty(
    scenes: dict[str, str], shares: tuple[float, float, float], seed: int
) -> None:
    split = split_names(scenes, shares, seed)
    names = [name for part in PARTS for name in split.parts[part]]
    assert sorted(names) == sorted(scenes)
    sides = [split.scenes_in(part) for part in PARTS]
    assert all(sides)
    assert sum(map(len, sides)) == len(set.union(*sides))


@given(scene_maps, share_triples, seeds, st.randoms(use_true_random=False))
def test_that_the_same_seed_gives_the_same_parts_in_any_order_of_the_names(
    scenes: dict[str, str], shares: tuple[float, float, float], seed: int, chance: random.Random
) -> None:
    names = list(scenes)
    chance.shuffle(names)
    one, other = split_names(scenes, shares, seed), split_names({n: scenes[n] for n in names}, shares, seed)
    assert {p: set(n) for p, n in one.parts.items()} == {p: set(n) for p, n in other.parts.items()}


def test_that_another_seed_gives_other_parts_and_shares_are_kept() -> None:
    scenes = {f"{i}": f"scene {i // 2}" for i in range(200)}
    one, other = (split_names(scenes, (80, 10, 10), seed) for seed in (0, 1))
    assert [len(one.parts[part]) for part in PARTS] == [160, 20, 20]
    assert one.parts != other.parts


def test_that_a_part_without_a_share_stays_empty() -> None:
    split = split_names({"a": "1", "b": "2"}, (1, 1, 0), 0)
    assert [len(split.parts[part]) for part in PARTS] == [1, 1, 0]


@pytest.mark.parametrize(
    "shares", [(1, 1), (1, -1, 1), (0, 0, 0), (float("nan"), 1, 1), (float("inf"), 1, 1)]
)
def test_that_shares_of_no_use_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(FormatError, match="three numbers"):
        split_names({"a": "1", "b": "2", "c": "3"}, shares, 0)


def test_that_too_few_scenes_are_refused() -> None:
    with pytest.raises(FormatError, match="2 scenes cannot be divided in 3 parts"):
        split_names({"a": "1", "b": "2", "c": "2"}, (8, 1, 1), 0)


@pytest.mark.parametrize(
    ("name", "scene"),
    [("bird_070", "bird"), ("walk-2", "walk"), ("car2", "car"), ("0007", "0007"), ("dog", "dog")],
)
def test_that_a_scene_is_the_name_without_its_number(name: str, scene: str) -> None:
    assert scene_from_name(name) == scene


def test_that_the_users_list_comes_before_the_index(tmp_path: Path) -> None:
    path = tmp_path / "scenes.txt"
    path.write_text("a, one\n\nb, two words\n")
    index = SequenceIndex(tmp_path / "index.json", scenes={"a": "x", "b": "x"})
    assert scenes_of(["a", "b"], index, path) == {"a": "one", "b": "two words"}
    assert scenes_of(["a", "b"], index) == {"a": "x", "b": "x"}
    with pytest.raises(FormatError, match=r"index\.json.*1 of 2 sequences.*'c'"):
        scenes_of(["a", "c"], index)


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("s.txt", "a one\nb\n", "line 2"),
        ("s.txt", "a one\na two\n", "line 2"),
        ("s.json", '{"a":\n "one"', "line 2"),
        ("s.json", '{"a": 3}', "s.json"),
        ("s.json", "[" * 100_000, "s.json"),
    ],
)
def test_that_a_damaged_list_is_named_with_its_line(tmp_path: Path, name: str, text: str, where: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=where):
        read_scenes(tmp_path / name)


def test_that_lists_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    split = split_names({"a": "1", "b": "2", "c": "3"}, (1, 1, 1), 7)
    finish(write_split(split, tmp_path / "out"))
    written = {part: (tmp_path / "out" / f"{part}.txt").read_text().split() for part in PARTS}
    assert {part: tuple(names) for part, names in written.items()} == split.parts
    record = json.loads((tmp_path / "out" / "split.json").read_text())
    assert (record["seed"], record["scenes"]) == (7, split.scenes)
    with pytest.raises(ExportError, match="not empty"):
        finish(write_split(split, tmp_path / "out"))
    job = write_split(split, tmp_path / "stopped")
    next(job)
    job.close()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(not DEV.is_dir(), reason="../shared/data/dev is not there")
def test_that_real_clips_are_divided_by_the_scenes_of_their_index() -> None:
    split = split_data_set(finish(open_data_set(DEV)), (60, 20, 20), 0)
    entries = json.loads((DEV / "index.json").read_text())
    assert split.scenes == {entry["name"]: entry["scene_group"] for entry in entries}
    assert [len(split.parts[part]) for part in PARTS] == [5, 2, 2]
