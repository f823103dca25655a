"""The probability of a wrong box: its file, its course, and fitting it to one's own corrections."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.tracking.test_drift_features import SIZE, steady
from tracker.annotation.evidence import SCORE_NAMES
from tracker.errors import WeightsError
from tracker.tracking.drift import DriftModel, fitted, regression, sigmoid
from tracker.tracking.drift_features import FEATURE_NAMES, features_of

MODEL = DriftModel.load()


GONE = [0.07, 4.6, 5.0, 0.85, 1.2, 0.3, 0.45, 0.3, 0.4]
"""Scores of a frame in which there is nothing like the target."""


def losing(count: int, since: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores and boxes of a run whose target is gone from a frame on, and whose box then strays."""
    scores, boxes = steady(count)
    scores[since:] = GONE
    boxes[since:, :2] += np.random.default_rng(0).normal(0, 8, (count - since, 2))
    return scores, boxes


def lost(count: int, since: int) -> np.ndarray:
    """(n, F) features of such a run."""
    return features_of(*losing(count, since), SIZE)


def test_that_probabilities_are_probabilities_for_anything_at_all() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1e6, (200, len(FEATURE_NAMES)))
    features[rng.random(features.shape) < 0.5] = np.nan
    probability = MODEL.probability(features)
    assert ((probability >= 0) & (probability <= 1)).all()


def test_that_a_lost_target_is_told_within_a_few_frames() -> None:
    probability = MODEL.probability(lost(80, since=50))
    assert probability[10:50].max() < 0.3
    assert probability[54:].min() > 0.6


def test_that_a_single_bad_frame_does_not_alarm() -> None:
    scores, boxes = steady(60)
    scores[40] = GONE
    assert MODEL.probability(features_of(scores, boxes, SIZE))[10:].max() < 0.5


def test_that_the_lower_the_peak_the_higher_the_probability() -> None:
    scores, boxes = steady(40)
    found = []
    for share in (1.0, 0.7, 0.4, 0.1):
        worse = scores.copy()
        for name in ("peak", "psr", "apce", "quality", "likeness"):
            worse[30:, SCORE_NAMES.index(name)] *= share
        found.append(MODEL.probability(features_of(worse, boxes, SIZE))[-1])
    assert found == sorted(found)
    assert found[-1] > found[0] + 0.3


@pytest.mark.parametrize(
    "lacking", [("quality", "likeness"), ("divergence", "quality", "likeness", "contrast")]
)
def test_that_a_lost_target_is_told_without_what_some_files_do_not_have(lacking: tuple[str, ...]) -> None:
    scores, boxes = losing(80, since=50)
    scores[:, [SCORE_NAMES.index(name) for name in lacking]] = np.nan
    probability = MODEL.probability(features_of(scores, boxes, SIZE))
    assert probability[10:50].max() < 0.5 < probability[56:].min()


def test_that_frames_about_which_nothing_is_known_have_no_probability() -> None:
    features = lost(20, since=20)
    features[3] = np.nan
    assert np.isnan(MODEL.probability(features)).nonzero()[0].tolist() == [3]


def test_that_regression_finds_what_made_the_labels() -> None:
    rng = np.random.default_rng(1)
    design = np.column_stack([rng.normal(size=(20000, 2)), np.ones(20000)])
    true = np.array([1.5, -0.7, 0.3])
    labels = (rng.random(20000) < sigmoid(design @ true)).astype(float)
    assert regression(design, labels, np.zeros(3), np.full(3, 1e-3)) == pytest.approx(true, abs=0.1)


def test_that_a_fitted_model_is_calibrated_on_what_it_saw() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(5000, len(FEATURE_NAMES)))
    labels = (features[:, 0] + rng.normal(size=5000) > 1).astype(float)
    assert fitted(features, labels, 10.0).probability(features).mean() == pytest.approx(
        labels.mean(), abs=0.01
    )


def test_that_refitting_moves_towards_the_users_labels_and_strength_holds_it_back() -> None:
    features = lost(80, since=50)[20:]
    labels = np.full(len(features), np.nan)
    labels[40:] = 0.0  # the user says that these were right
    before = MODEL.probability(features)[40:].mean()
    weak, strong = (
        MODEL.refitted(features, labels, strength).probability(features)[40:].mean()
        for strength in (0.1, 10.0)
    )
    assert weak < strong < before


def test_that_refitting_learns_that_a_tracker_is_wrong_where_it_looks_well() -> None:
    features = lost(80, since=80)[20:]
    refitted = MODEL.refitted(features, np.ones(len(features)))
    assert refitted.probability(features).mean() > MODEL.probability(features).mean()


def test_that_refitting_to_nothing_changes_nothing() -> None:
    features = lost(20, since=10)
    assert MODEL.refitted(features, np.full(20, np.nan)) is MODEL


def test_that_a_saved_model_says_the_same(tmp_path: Path) -> None:
    MODEL.save(tmp_path / "model.json")
    features = lost(60, since=30)
    again = DriftModel.load(tmp_path / "model.json").probability(features)
    assert again == pytest.approx(MODEL.probability(features), abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not json",
        '{"format": "thermark drift model", "version": 99, "bias": 0, "features": {}}',
        '{"format": "thermark drift model", "version": 1, "bias": 0, "features": {}}',
        '{"format": "thermark drift model", "version": 1, "bias": null, "features": {"peak": {"mean": 1}}}',
        '{"format": "thermark drift model", "version": 1, "bias": 0, "features": 3}',
    ],
)
def test_that_a_damaged_model_is_an_error_that_names_the_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=r"mine\.json.*drift model"):
        DriftModel.load(path)


@pytest.mark.parametrize(("key", "value"), [("spread", 0.0), ("mean", float("nan")), ("above", "high")])
def test_that_impossible_parameters_are_refused(key: str, value: object, tmp_path: Path) -> None:
    MODEL.save(tmp_path / "mine.json")
    values = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    values["features"]["peak"][key] = value
    (tmp_path / "mine.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(WeightsError):
        DriftModel.load(tmp_path / "mine.json")


def test_that_a_missing_model_is_reported(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        DriftModel.load(tmp_path / "none.json")
