"""A way to track: a model and the settings in which it differs from how it comes. Does without torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Levels(Enum):
    """Which levels decide where the target is; the value is for the user."""

    TRAINED = "Both, as trained"
    EVEN = "Both, evenly"
    SEMANTIC = "Semantic alone"
    STRUCTURAL = "Structural alone"

    @property
    def shares(self) -> tuple[float, float] | None:
        """(semantic, structural) share of each level in the ensemble; None for those that were trained."""
        return _SHARES[self]


_SHARES = {
    Levels.TRAINED: None,
    Levels.EVEN: (0.5, 0.5),
    Levels.SEMANTIC: (1.0, 0.0),
    Levels.STRUCTURAL: (0.0, 1.0),
}


@dataclass(frozen=True)
class Setting:
    """A number that a variant can set.

    Attributes:
        field: Its name in `Variant`.
        title: Its name for the user.
        tip: What it means, in a sentence.
        limits: Least and greatest value.
        step: From one sensible value to the next.
        usual: What the default model comes with.
    """

    field: str
    title: str
    tip: str
    limits: tuple[float, float]
    step: float
    usual: float


SETTINGS = (
    Setting(
        "search_factor",
        "Search factor",
        "Side of the search region relative to the square root of the target's area",
        (2.0, 8.0),
        0.5,
        4.0,
    ),
    Setting(
        "window_influence",
        "Window influence",
        "Weight of the Hann window in the choice of the peak: high keeps the target from jumping",
        (0.0, 0.9),
        0.05,
        0.1,
    ),
    Setting(
        "learn_above",
        "Learn above",
        "Confidence that a frame needs to be learned from; above 1 only the first frame is learned",
        (0.0, 1.05),
        0.05,
        0.3,
    ),
    Setting("refit_every", "Refit every", "Frames from one refit of the filters to the next", (1, 120), 1, 8),
)


@dataclass(frozen=True)
class Variant:
    """What to track with; None leaves a setting as the model has it.

    Attributes:
        model: Name of a model or path of its weights; see `tracker.tracking.build.find_weights`.
        search_factor: See `SETTINGS`; the default architecture alone.
        window_influence: See `SETTINGS`.
        learn_above: See `SETTINGS`; the default architecture alone.
        refit_every: See `SETTINGS`; the default architecture alone.
        levels: Which levels decide; the default architecture alone.
        looks_around: Whether a target that is judged to be lost is looked for farther around.
    """

    model: str = "default"
    search_factor: float | None = None
    window_influence: float | None = None
    learn_above: float | None = None
    refit_every: int | None = None
    levels: Levels = Levels.TRAINED
    looks_around: bool = True

    def __post_init__(self) -> None:
        for setting in SETTINGS:
            value, (least, most) = getattr(self, setting.field), setting.limits
            if value is not None and not least <= value <= most:
                raise ValueError(f"{setting.field} is {value:g}, not within {least:g} to {most:g}")

    @property
    def changes(self) -> tuple[str, ...]:
        """In what it differs from the model as it comes, for the user."""
        numbers = [
            f"{setting.title.lower()} {getattr(self, setting.field):g}"
            for setting in SETTINGS
            if getattr(self, setting.field) is not None
        ]
        levels = [] if self.levels is Levels.TRAINED else [self.levels.value.lower()]
        return (*numbers, *levels, *([] if self.looks_around else ["no looking around"]))

    @property
    def name(self) -> str:
        """For the user: the model, and in what it differs from how it comes."""
        model = Path(self.model).stem if self.model.endswith(".safetensors") else self.model
        return ", ".join((model, *self.changes))

    @property
    def only_default(self) -> tuple[str, ...]:
        """Which of its changes the published architecture knows nothing of."""
        plain = Variant(self.model, window_influence=self.window_influence, looks_around=self.looks_around)
        return tuple(change for change in self.changes if change not in plain.changes)
