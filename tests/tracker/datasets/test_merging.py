from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.datasets.folders import moving, write_sequence
from tracker.datasets import check, open_data_set, statistics
from tracker.datasets.merging import MergeRequest, merge, own_names
from tracker.errors import FormatError
from tracker.exchange import ReadRequest
from tracker.jobs import finish
from tracker.media import load_source


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ReadRequest, ReadRequest]:
    """Two data sets; both have a sequence "dog", one also a "cat"."""
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path / "cache"))
    write_sequence(tmp_path / "zoo" / "dog", moving(4), seed=1)
    write_sequence(tmp_path / "zoo" / "cat", moving(5), seed=2)
    write_sequence(tmp_path / "farm" / "dog", ["1,2,3,4", "nan,nan,nan,nan", "2,2,3,4"], seed=3)
    return ReadRequest(tmp_path / "zoo", "plain"), ReadRequest(tmp_path / "farm", "plain")


def test_that_all_sequences_are_in_one_data_set_under_names_of_their_own(
    two: tuple[ReadRequest, ReadRequest], tmp_path: Path
) -> None:
    report = finish(merge(MergeRequest(two, tmp_path / "all", "got10k")))
    assert sorted(sequence.name for sequence in report.sequences) == ["cat", "farm_dog", "zoo_dog"]
    merged, parts = (
        finish(statistics(tmp_path / "all")),
        [finish(statistics(one.path, "plain")) for one in two],
    )
    assert (merged.sequences, merged.boxes, merged.absent) == (3, 11, 1)
    assert merged.frames == sum(part.frames for part in parts)
    assert finish(check(finish(open_data_set(tmp_path / "all")))).findings == ()
    before, after = load_source(tmp_path / "farm" / "dog" / "img"), load_source(tmp_path / "all" / "farm_dog")
    assert all(np.array_equal(before.frame(i), after.frame(i)) for i in range(3))


def test_that_the_same_data_set_twice_is_refused_and_damage_leaves_nothing(
    two: tuple[ReadRequest, ReadRequest], tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match="two different data sets"):
        finish(merge(MergeRequest((two[0], two[0]), tmp_path / "all", "got10k")))
    (tmp_path / "farm" / "dog" / "groundtruth.txt").write_text("1,2,3,4\n1,2,3\n")
    with pytest.raises(FormatError, match=r"farm/dog/groundtruth\.txt, line 2"):
        finish(merge(MergeRequest(two, tmp_path / "all", "got10k")))
    assert not (tmp_path / "all").exists()


@given(
    st.lists(st.sampled_from(["dog", "Dog", "cat", "fox"]), unique=True),
    st.sets(st.sampled_from(["dog", "cow"])),
)
def test_that_names_of_two_data_sets_without_a_name_twice_do_not_meet(
    one: list[str], other: set[str]
) -> None:
    names = own_names([("a", name) for name in one] + [("b", name) for name in sorted(other)])
    assert len(set(names)) == len(names)
