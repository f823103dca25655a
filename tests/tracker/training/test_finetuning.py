"""Fine-tuning: who is kept back, what the proof says, what is kept; and that it helps on real clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tracker.training.fakes import bright_clip
from tracker.errors import ThermarkError, WeightsError
from tracker.geometry import Box
from tracker.jobs import Event, Progress, finish
from tracker.media.source import Counts
from tracker.network.checkpoints import load_checkpoint, save_checkpoint
from tracker.opencv import cv2
from tracker.training.clips import Clip
from tracker.training.events import Divided, StepDone, Validated
from tracker.training.finetuning import (
    FineTuneRequest,
    TuningSettings,
    distinct,
    fine_tune,
    named_apart,
    source_of,
    sources_of,
    split,
    steps_in,
)
from tracker.training.models import accept, roll_back
from tracker.training.proof import (
    ClipProof,
    ClipResult,
    Proof,
    Scores,
    load_proof,
    mean_scores,
    most_different,
    save_proof,
    stretches,
    tracked,
)
from tracker.training.proof_picture import draw_proof

ROOT = Path(__file__).parents[3]
DEV = ROOT.parent / "shared" / "data" / "dev"
ANIMALS = ("hedgehog", "possum", "animal_v2")
LOW, HIGH = Scores(80, 0.6, 0.9, 0.8, 25.0), Scores(40, 0.7, 0.95, 0.9, 12.5)


def request(output: Path = Path("out"), **changes: object) -> FineTuneRequest:
    return replace(FineTuneRequest((), output), **changes)  # type: ignore[arg-type]  # any of its fields


def proof_of(
    clips: Sequence[ClipProof], weights: Path = Path("weights.safetensors"), digest: str = "d"
) -> Proof:
    return Proof(
        "default", "b", weights, digest, tuple(clips), ("cat",), ("cat.thermark",), 20, 3.0, 1, "do", "CPU"
    )


# Who is kept back


def names(clips: Sequence[Clip]) -> list[str]:
    return [clip.name for clip in clips]


def test_that_clips_are_divided_whole() -> None:
    clips = [bright_clip(name, seed=i) for i, name in enumerate("abcdefgh")]
    training, held_back = split(clips, request())
    assert len(held_back) == 2
    assert sorted(names(training) + names(held_back)) == list("abcdefgh")


def test_that_the_seed_alone_decides() -> None:
    clips = [bright_clip(name, seed=i) for i, name in enumerate("abcdefgh")]
    first = names(split(clips, request())[1])
    assert names(split(clips[::-1], request())[1])[::-1] == first
    assert len({tuple(names(split(clips, request(seed=seed))[1])) for seed in range(20)}) > 3


def test_that_clips_of_one_place_stay_together() -> None:
    clips = [bright_clip(f"{group}{i}", group=group) for group in "abc" for i in range(3)]
    training, held_back = split(clips, request())
    assert not {clip.group for clip in training} & {clip.group for clip in held_back}
    assert len(held_back) == 3


def test_that_one_clip_is_not_enough() -> None:
    with pytest.raises(ThermarkError, match="at least two clips"):
        split([bright_clip("a"), bright_clip("again", group="a")], request())


def test_that_the_named_are_kept_back() -> None:
    clips = [bright_clip(name) for name in "abc"]
    training, held_back = split(clips, request(held_back=("b",)))
    assert (names(training), names(held_back)) == (["a", "c"], ["b"])


def test_that_a_source_stands_for_its_clips() -> None:
    clips = [bright_clip(f"{source}{i}", source=source) for source in "ab" for i in range(2)]
    assert names(split(clips, request(held_back=("b",)))[1]) == ["b0", "b1"]


@pytest.mark.parametrize(
    ("held_back", "said"), [(("x",), "no clip called x"), (("a", "b"), "nothing is left to learn from")]
)
def test_that_impossible_choices_are_refused(held_back: tuple[str, ...], said: str) -> None:
    with pytest.raises(ThermarkError, match=said):
        split([bright_clip("a"), bright_clip("b")], request(held_back=held_back))


def test_that_what_cannot_be_tracked_through_is_no_proof() -> None:
    sparse = replace(bright_clip("b"), times=np.arange(6) * 50)
    assert names(split([bright_clip("a"), sparse], request())[1]) == ["a"]
    with pytest.raises(ThermarkError, match="to be tracked through"):
        split([bright_clip("a"), sparse], request(held_back=("b",)))


def test_that_names_are_told_apart() -> None:
    assert distinct(["a", "a", "b", "a", "a (2)"]) == ["a", "a (2)", "b", "a (3)", "a (2) (2)"]
    assert names(named_apart([bright_clip("a"), bright_clip("a")])) == ["a", "a (2)"]


def test_what_can_be_a_source(tmp_path: Path) -> None:
    (tmp_path / "seq").mkdir()
    (tmp_path / "seq" / "groundtruth.txt").touch()
    (tmp_path / "dog.thermark").touch()
    (tmp_path / "empty").mkdir()
    kinds = [source_of(tmp_path / name).kind for name in ("seq", "", "dog.thermark")]
    assert kinds == ["sequences", "sequences", "project"]
    with pytest.raises(ThermarkError, match="neither a project nor a sequence"):
        source_of(tmp_path / "empty")
    assert len(sources_of([tmp_path / "seq", tmp_path / "seq"])) == 1


def test_how_many_steps_fit() -> None:
    settings = TuningSettings(batch=8, validation_pairs=8)
    assert steps_in(1, 0.5, settings) == 116
    assert steps_in(0.01, 10, settings) == 20


# What the proof says


class Still:
    """A follower that never moves."""

    def init(self, frame: Counts, box: Box) -> object:
        self.box = box
        return self

    def update(self, frame: Counts) -> Still:
        return self


def test_that_a_clip_is_tracked_without_and_with_help() -> None:
    clip = bright_clip(count=12)
    events: list[Event] = []
    result = finish(tracked(clip, Still(), "Tracking"), events.append)
    assert result.boxes[0].shape == (12, 4)
    assert result.corrections > 0
    scores = result.scores()
    assert scores.frames == 12
    assert scores.corrections == pytest.approx(1000 * result.corrections / 12)
    assert scores.success_rate_50 < 1
    assert all(isinstance(event, Progress) for event in events)


def test_that_the_tracker_starts_anew_after_a_hole() -> None:
    clip = replace(bright_clip(count=8), times=np.array([0, 1, 2, 10, 40, 41, 42, 90]))
    assert [part.frames.tolist() for part in stretches(clip)] == [[0, 1, 2, 3], [4, 5, 6]]


def test_that_every_target_counts_and_no_clip_takes_too_long() -> None:
    clip = bright_clip(count=8, targets=2)
    assert [len(part.frames) for part in stretches(clip)] == [8, 8]
    assert [len(part.frames) for part in stretches(clip, 11)] == [8, 3]


def test_that_clips_count_alike() -> None:
    mean = mean_scores([LOW, HIGH])
    assert mean.frames == 120
    assert (mean.success_auc, mean.corrections) == pytest.approx((0.65, 18.75))


@pytest.mark.parametrize(
    ("before", "after", "is_accepted"),
    [
        (LOW, HIGH, True),
        (LOW, LOW, True),
        (HIGH, LOW, False),
        (LOW, replace(HIGH, corrections=26.0), False),
        (HIGH, replace(HIGH, success_auc=0.69), False),
    ],
)
def test_the_verdict(before: Scores, after: Scores, is_accepted: bool) -> None:
    proof = proof_of([ClipProof("dog", before, after)])
    assert proof.is_accepted is is_accepted
    assert proof.verdict().startswith("Refused") is not is_accepted


def test_that_the_mean_decides() -> None:
    assert proof_of(
        [ClipProof("a", LOW, HIGH), ClipProof("b", LOW, replace(LOW, success_auc=0.55))]
    ).is_accepted


def test_that_a_proof_can_be_read_again(tmp_path: Path) -> None:
    proof = replace(proof_of([ClipProof("dog", LOW, HIGH)]), picture=tmp_path / "proof.png")
    assert load_proof(save_proof(proof, tmp_path)) == proof
    (tmp_path / "proof.json").write_text("{}")
    with pytest.raises(ThermarkError, match="no proof"):
        load_proof(tmp_path / "proof.json")


def results() -> tuple[ClipResult, ClipResult]:
    parts = stretches(bright_clip(count=20))
    before = ClipResult("clip", parts, [[parts[0].truth + 3.0]])
    after = ClipResult("clip", parts, [[parts[0].truth.copy()]])
    after.boxes[0][[4, 15], :2] += 40
    return before, after


def test_that_the_frames_that_differ_most_are_found() -> None:
    assert {(0, 4), (0, 15)} <= set(most_different(*results(), 3))


def test_that_there_is_a_picture(tmp_path: Path) -> None:
    draw_proof([results()], tmp_path / "proof.png")
    picture = cv2.imread(str(tmp_path / "proof.png"))
    assert picture is not None
    assert picture.std() > 5


# What is kept


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THERMARK_DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "weights.safetensors"
    save_checkpoint(path, "default", {}, {"a": torch.arange(3.0)}, {})
    return path


def tuned(weights: Path, *, is_better: bool = True) -> Proof:
    pair = (LOW, HIGH) if is_better else (HIGH, LOW)
    return proof_of([ClipProof("dog", *pair)], weights, load_checkpoint(weights).digest)


def test_that_an_accepted_model_has_a_card_and_can_be_rolled_back(weights: Path) -> None:
    path = accept(tuned(weights), "dogs")
    found = load_checkpoint(path)
    assert found.tensors["a"].tolist() == [0, 1, 2]
    assert found.card["base model"] == "default (b)"
    assert found.card["command"] == "do"
    assert "0.600" in found.card["before"]
    assert "0.700" in found.card["after"]
    roll_back("dogs")
    assert not path.exists()
    with pytest.raises(ThermarkError, match="no model of this name"):
        roll_back("dogs")


def test_that_no_model_is_replaced(weights: Path) -> None:
    accept(tuned(weights), "dogs")
    with pytest.raises(ThermarkError, match="there is a model"):
        accept(tuned(weights), "dogs")


def test_that_worse_weights_are_refused(weights: Path) -> None:
    with pytest.raises(ThermarkError, match="got worse"):
        accept(tuned(weights, is_better=False), "dogs")


def test_that_only_proved_weights_are_accepted(weights: Path) -> None:
    with pytest.raises(ThermarkError, match="not the weights"):
        accept(replace(tuned(weights), digest="other"), "dogs")


def test_that_bad_names_are_refused(weights: Path) -> None:
    with pytest.raises(WeightsError):
        accept(tuned(weights), "../dogs")


# From end to end


@pytest.fixture
def sequences(tmp_path: Path) -> list[Path]:
    """Two small clips."""
    folders = []
    for seed, name in enumerate(("one", "two")):
        clip = bright_clip(name, count=4, seed=seed)
        (tmp_path / name / "img").mkdir(parents=True)
        for index, frame in enumerate(clip.frames):
            cv2.imwrite(str(tmp_path / name / "img" / f"{index:03d}.png"), frame)
        np.savetxt(tmp_path / name / "groundtruth.txt", clip.targets[0], "%g", ",")
        folders.append(tmp_path / name)
    return folders


QUICK = TuningSettings(batch=2, validation_pairs=1)


def small(sequences: list[Path], output: Path, steps: int) -> FineTuneRequest:
    return FineTuneRequest(
        sources_of(sequences), output, steps=steps, device="cpu", held_back=("two",), settings=QUICK
    )


def test_that_weights_proof_and_picture_are_made(sequences: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "out"
    events: list[Event] = []
    proof = finish(fine_tune(small(sequences, output, 2)), events.append)
    assert sorted(path.name for path in output.iterdir()) == [
        "curves", "proof.json", "proof.png", "weights.safetensors",
    ]  # fmt: skip
    assert load_proof(output / "proof.json") == proof
    assert (proof.trained_on, [clip.name for clip in proof.clips], proof.steps) == (("one",), ["two"], 2)
    assert proof.digest == load_checkpoint(proof.weights).digest != proof.base_digest
    assert {Divided, StepDone, Validated} <= {type(event) for event in events}


def test_that_a_stopped_run_leaves_nothing(sequences: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "out"
    job = fine_tune(small(sequences, output, 50))
    while not isinstance(next(job), StepDone):
        pass
    job.close()
    assert not output.exists()


def test_that_a_folder_in_use_is_left_alone(sequences: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ThermarkError, match="not empty"):
        finish(fine_tune(small(sequences, sequences[0], 2)))
    assert (sequences[0] / "groundtruth.txt").is_file()


# That it helps


@pytest.mark.skipif(not DEV.is_dir(), reason="../shared/data/dev is not there")
def test_that_two_animals_help_the_third(tmp_path: Path) -> None:
    """Small animals seen by a low-resolution camera, which the default model was not trained on."""
    asked = FineTuneRequest(
        sources_of([DEV / name for name in ANIMALS]),
        tmp_path / "out",
        steps=40,
        device="cpu",
        held_back=("animal_v2",),
        settings=TuningSettings(learning_rate=8e-4, validation_pairs=1),
    )
    proof = finish(fine_tune(asked))
    assert proof.trained_on == ("hedgehog", "possum")
    assert proof.is_accepted
    assert proof.after.success_auc > proof.before.success_auc + 0.01  # from three first boxes each
