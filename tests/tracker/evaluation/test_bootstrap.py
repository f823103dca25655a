"""Confidence intervals."""

from __future__ import annotations

import numpy as np
import pytest

from tracker.evaluation.bootstrap import Interval, interval, weighted_mean


def test_that_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(0).normal(0.5, 0.1, 100)
    found = interval(weighted_mean(values, np.ones(100)), 100)
    assert found.value == pytest.approx(values.mean())
    expected = 2 * 1.96 * values.std() / np.sqrt(100)
    assert found.high - found.low == pytest.approx(expected, rel=0.1)
    assert found.low < found.value < found.high


def test_that_it_is_the_same_every_time_and_that_one_sequence_has_none() -> None:
    statistic = weighted_mean(np.array([0.1, 0.4, 0.9]), np.ones(3))
    assert interval(statistic, 3) == interval(statistic, 3)
    alone = interval(weighted_mean(np.array([0.3]), np.ones(1)), 1)
    assert np.isnan(alone.low)
    assert alone.text() == "0.300"


def test_that_weights_count() -> None:
    statistic = weighted_mean(np.array([0.0, 1.0]), np.array([1.0, 3.0]))
    assert statistic(np.array([0, 1])) == 0.75


def test_that_draws_without_a_value_are_passed_over() -> None:
    def sometimes(indices: np.ndarray) -> float:
        return float("nan") if 0 in indices else 0.5

    assert interval(sometimes, 3).low == 0.5
    assert np.isnan(interval(lambda _: float("nan"), 3).low)


def test_that_it_is_written_with_both_ends() -> None:
    assert Interval(0.5, 0.25, 0.75).text(2) == "0.50 [0.25, 0.75]"
