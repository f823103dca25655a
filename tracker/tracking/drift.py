"""The probability that the box of a tracked frame is wrong, from the evidence of the run.

Logistic regression on the features of `tracker.tracking.drift_features`, with one slope above the mean of a feature
and one below, for many are bad signs both ways: a box that has shrunk onto the hottest spot stands out more than
before, one that has slid off stands out less. It has few enough parameters to be fitted to a user's own corrections,
and every one can be read in its file. The shipped ones were fitted with `benchmarks/drift.py`; `docs/drift.md` has how,
and how good they are. Plain numpy.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tracker.errors import WeightsError
from tracker.tracking.drift_features import FEATURE_NAMES, Array

FORMAT = "thermark drift model"
VERSION = 1

KEYS = ("mean", "spread", "above", "below", "missing")
"""What the file says of each feature."""

FARTHEST = 4.0
"""Standard deviations from the mean beyond which a feature counts no more: one wild number decides nothing."""

HELD, FREE = 1e9, 1e-6
"""Pulls of parameters that do not move at all, and of those that move freely."""

STEPS = 30  # of Newton's method at most; it needs about eight
PRECISION = 1e-8


@dataclass(frozen=True, eq=False)
class DriftModel:
    """Parameters of the regression, one of each kind per feature.

    Attributes:
        names: Of the features.
        mean: (F,) mean of each feature where it is known.
        spread: (F,) its standard deviation, above 0.
        above: (F,) logit per standard deviation above the mean.
        below: (F,) logit per standard deviation below the mean.
        missing: (F,) logit where a feature is not known; it then stands at its mean.
        bias: Logit where all features are at their means.
    """

    names: tuple[str, ...]
    mean: Array
    spread: Array
    above: Array
    below: Array
    missing: Array
    bias: float

    @staticmethod
    def load(path: Path | None = None) -> DriftModel:
        """Read a model.

        Args:
            path: A JSON file that `save` wrote; None for the model that comes with Thermark.

        Raises:
            WeightsError: It cannot be read, or is for other features.
        """
        file = path or Path(str(resources.files("resources") / "drift" / "default.json"))
        with _explained(file):
            values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if (values["format"], values["version"]) != (FORMAT, VERSION):
                raise ValueError
            columns = values["features"]
            table = np.array([[columns[name][key] for key in KEYS] for name in columns], np.float64)
            mean, spread, above, below, missing = table.T
            model = DriftModel(tuple(columns), mean, spread, above, below, missing, float(values["bias"]))
            if model.names != FEATURE_NAMES or not np.isfinite(table).all() or (model.spread <= 0).any():
                raise ValueError
        return model

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        columns = zip(self.names, *(getattr(self, key) for key in KEYS), strict=True)
        features = {name: dict(zip(KEYS, _rounded(*numbers), strict=True)) for name, *numbers in columns}
        values = {"format": FORMAT, "version": VERSION, "bias": _rounded(self.bias)[0], "features": features}
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")

    def probability(self, features: ArrayLike) -> Array:
        """How likely boxes are wrong (IoU with the truth below one half).

        Args:
            features: (n, F) from `features_of`; several runs may follow one another.

        Returns:
            (n,) 0..1; NaN where nothing at all is known of a frame.
        """
        values = np.asarray(features, np.float64)
        return np.where(
            np.isnan(values).all(axis=1), np.nan, sigmoid(self._design(values) @ self._parameters())
        )

    def refitted(self, features: ArrayLike, labels: ArrayLike, strength: float = 1.0) -> DriftModel:
        """The model fitted to a user's own corrections, held near what it was.

        Args:
            features: (n, F) of frames that have been looked at; others may be among them.
            labels: (n,) 1 where the box was wrong, 0 where it was right, NaN where nobody has looked.
            strength: What the shipped parameters weigh: the larger, the less they move; above 0. With 1, some tens of
                frames move them little, some hundreds much.
        """
        values, wrong = np.asarray(features, np.float64), np.asarray(labels, np.float64)
        used = np.isfinite(wrong) & ~np.isnan(values).all(axis=1)
        if not used.any():
            return self
        start = self._parameters()
        pull = np.full(len(start), 10.0 * strength)
        # Corrections tell of wrong boxes more than reviews do of right ones: how many are wrong moves least.
        pull[-1] = 20.0 * strength
        found = regression(self._design(values[used]), wrong[used], start, pull)
        return _model(self.mean, self.spread, found)

    def _design(self, features: Array) -> Array:
        return design_of(features, self.mean, self.spread)

    def _parameters(self) -> Array:
        return np.concatenate([self.above, self.below, self.missing, [self.bias]])


def fitted(
    features: Array,
    labels: Array,
    pull: float,
    *,
    importance: Array | None = None,
    ignored: Collection[str] = (),
) -> DriftModel:
    """A model fitted from nothing.

    Args:
        features: (n, F) columns of `FEATURE_NAMES`.
        labels: (n,) 1 where the box was wrong, 0 where it was right.
        pull: Strength of the pull of all weights but the bias towards 0.
        importance: (n,) of each frame; None for all alike.
        ignored: Names of features that get no weight.
    """
    known = np.isfinite(features)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, features, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, features - mean, 0.0) ** 2).sum(axis=0) / count)
    spread = np.where(spread > 1e-6, spread, 1.0)
    design = design_of(features, mean, spread)
    each = np.where([name in ignored for name in FEATURE_NAMES], HELD, pull)
    pulls = np.concatenate([each, each, each, [FREE]])
    return _model(mean, spread, regression(design, labels, np.zeros(len(pulls)), pulls, importance))


def design_of(features: Array, mean: Array, spread: Array) -> Array:
    """(n, 3 F + 1) how far each feature is above its mean, how far below, 1 where it is missing; and 1."""
    unknown = np.isnan(features)
    standard = np.where(unknown, 0.0, (features - mean) / spread)
    above, below = (np.clip(each, 0.0, FARTHEST) for each in (standard, -standard))
    return np.hstack([above, below, unknown, np.ones((len(features), 1))])


def _model(mean: Array, spread: Array, parameters: Array) -> DriftModel:
    above, below, missing = parameters[:-1].reshape(3, -1)
    return DriftModel(FEATURE_NAMES, mean, spread, above, below, missing, float(parameters[-1]))


def regression(
    design: Array, labels: Array, start: Array, pull: Array, importance: Array | None = None
) -> Array:
    """Logistic regression by Newton's method.

    What is made least is the sum of w_i log loss_i plus the sum of pull_k (theta_k - start_k)^2 / 2.

    Args:
        design: (n, k).
        labels: (n,) 0..1.
        start: (k,) where the parameters are drawn to, and where the search begins.
        pull: (k,) above 0.
        importance: (n,) w; None for 1.

    Returns:
        (k,) parameters.
    """
    weight = np.ones(len(design)) if importance is None else importance

    def cost(theta: Array) -> float:
        logits = design @ theta
        losses = np.logaddexp(0.0, logits) - labels * logits
        return float(weight @ losses + 0.5 * pull @ (theta - start) ** 2)

    theta, present = start, cost(start)
    for _ in range(STEPS):
        chance = sigmoid(design @ theta)
        gradient = design.T @ (weight * (chance - labels)) + pull * (theta - start)
        curvature = design.T @ (design * (weight * chance * (1 - chance))[:, None]) + np.diag(pull)
        step = np.linalg.solve(curvature, gradient)
        share = 1.0
        while share > PRECISION and cost(theta - share * step) > present:
            share /= 2
        theta, before, present = theta - share * step, present, min(cost(theta - share * step), present)
        if before - present <= PRECISION * (1 + abs(before)):
            break
    return theta


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-x)), for any x."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -logits)))


def _rounded(*numbers: float) -> list[float]:
    return [float(f"{number:.6g}") for number in numbers]


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a damaged or foreign file into an error that names it."""
    try:
        yield
    except OSError as error:
        raise WeightsError("the drift model cannot be read.", where=path) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            "this is no drift model that this version of Thermark can read.",
            where=path,
            todo="Fit one anew with benchmarks/drift.py, or install Thermark again.",
        ) from error
