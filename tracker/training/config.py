"""The configuration of a training run, as read from a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tracker.errors import ThermarkError

Share = Annotated[float, Field(ge=0, le=1)]


class ConfigError(ThermarkError):
    """A training configuration that cannot be used."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceConfig(_Strict):
    """One source of training data.

    Attributes:
        kind: `sequences`: folders with `groundtruth.txt` beside `img/` or a video; `stills`: a folder of images with
            `boxes.json`; `rendered`: what `thermark render` made; `project`: a `.thermark` file; `crops`: what
            `thermark dataset curate` made.
        path: Folder or file; relative to the configuration's own folder.
        weight: Share of the pairs drawn from it, relative to the others'.
        every: Take every so many-th frame of a clip.
        most_frames: Frames taken of a clip at most, spread evenly.
        sensor_events: Of projects: whether frozen frames, those of a closed shutter and those at which gain or offset
            jump are left out; `leave_out_calibrating` also leaves out what the file's telemetry calls calibrating.
        name: Named in the model card; the folder's name where not given.
        licence: For the model card.
    """

    kind: Literal["sequences", "stills", "rendered", "project", "crops"]
    path: Path
    weight: Annotated[float, Field(gt=0)] = 1.0
    every: Annotated[int, Field(ge=1)] = 1
    most_frames: Annotated[int, Field(ge=1)] = 2000
    sensor_events: Literal["leave_out", "leave_out_calibrating", "keep"] = "leave_out"
    name: str = ""
    licence: str = ""

    @property
    def title(self) -> str:
        """Its name, or its folder's."""
        return self.name or self.path.name


class SamplingConfig(_Strict):
    """How pairs are drawn; lengths relative to the side of the search region.

    Attributes:
        max_gap: Frames between template and search frame, at most.
        shift: Largest shift of the target from the middle of the search crop.
        scale: Largest |log| of the scale change between the frames.
        stretch: Largest |log| of the change of aspect.
        sloppiness: Standard deviation of the template box's edges, relative to its size: users draw roughly.
        negatives: Share of pairs whose search crop is from another clip or place.
        distractors: Share of search crops with a look-alike pasted in.
        occlusions: Share of search crops with the target half hidden.
    """

    max_gap: Annotated[int, Field(ge=0)] = 100
    shift: Share = 0.14
    scale: Annotated[float, Field(ge=0)] = 0.3
    stretch: Annotated[float, Field(ge=0)] = 0.15
    sloppiness: Annotated[float, Field(ge=0)] = 0.02
    negatives: Share = 0.08
    distractors: Share = 0.04
    occlusions: Share = 0.02


class OptimiserConfig(_Strict):
    """How long and how fast it learns.

    Attributes:
        steps: Optimiser steps in all.
        batch: Pairs in a step, over all processes together.
        learning_rate: Highest learning rate (AdamW), or the first of the schedule (SGD).
        last_learning_rate: The schedule's last.
        warm_up: Steps over which the rate rises linearly from 0.
        weight_decay: Of all but biases and gains.
        clip_norm: Largest norm of the gradient.
        average: Decay of the moving average of the weights; 0 for none.
    """

    steps: Annotated[int, Field(ge=1)] = 4000
    batch: Annotated[int, Field(ge=1)] = 16
    learning_rate: Annotated[float, Field(gt=0)] = 1.5e-3
    last_learning_rate: Annotated[float, Field(gt=0)] = 1e-5
    warm_up: Annotated[int, Field(ge=0)] = 100
    weight_decay: Annotated[float, Field(ge=0)] = 1e-4
    clip_norm: Annotated[float, Field(gt=0)] = 5.0
    average: Annotated[float, Field(ge=0, lt=1)] = 0.998


class TrainingConfig(_Strict):
    """Everything that decides a training run.

    Attributes:
        variant: The network to train.
        sources: Where pairs come from.
        validation: Share of the scene groups kept back to choose the best weights.
        validation_pairs: Pairs drawn from them, always the same.
        sampling: How pairs are drawn.
        optimiser: How long and how fast.
        start_from: Weights to start from; the ImageNet backbone and a fresh head where not given.
        trained: Which parts learn; `backbone` are its last blocks.
        seed: Of everything random.
        workers: Processes that make pairs.
        checkpoint_every: Steps between two checkpoints.
        validate_every: Steps between two validations.
        precision: Of the frozen parts and, on CUDA, of automatic mixed precision.
    """

    variant: Literal["default", "mlssnet"] = "default"
    sources: Annotated[tuple[SourceConfig, ...], Field(min_length=1)]
    validation: Share = 0.08
    validation_pairs: Annotated[int, Field(ge=1)] = 256
    sampling: SamplingConfig = SamplingConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    start_from: Path | None = None
    trained: tuple[Literal["head", "filters", "backbone"], ...] = ("head", "filters")
    seed: int = 1
    workers: Annotated[int, Field(ge=0)] = 1
    checkpoint_every: Annotated[int, Field(ge=1)] = 200
    validate_every: Annotated[int, Field(ge=1)] = 500
    precision: Literal["auto", "float32", "bfloat16"] = "auto"

    @field_validator("sources")
    @classmethod
    def _distinct(cls, sources: tuple[SourceConfig, ...]) -> tuple[SourceConfig, ...]:
        titles = [source.title for source in sources]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            message = f"several are called {', '.join(twice)}; give each a name of its own"
            raise ValueError(message)
        return sources

    @field_validator("trained")
    @classmethod
    def _learns(cls, trained: tuple[str, ...]) -> tuple[str, ...]:
        if not {"head", "filters"} & set(trained):
            message = "head or filters must be among them: the losses are theirs"
            raise ValueError(message)
        return trained


def read_config(path: Path) -> TrainingConfig:
    """Read a TOML file; paths in it are relative to its folder.

    Raises:
        ConfigError: It cannot be read or says something impossible; every fault is named.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        config = TrainingConfig.model_validate(values)
    except OSError as error:
        raise ConfigError(f"it cannot be read ({error.strerror}).", where=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"it is not TOML ({error}).", where=path, todo="See docs/training.md.") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise ConfigError(f"{faults}.", where=path, todo="See docs/training.md.") from error
    return absolute(config, path.parent)


def absolute(config: TrainingConfig, folder: Path) -> TrainingConfig:
    """The same configuration with paths that do not depend on the present folder."""
    sources = tuple(
        source.model_copy(update={"path": (folder / source.path).resolve()}) for source in config.sources
    )
    start = config.start_from and (folder / config.start_from).resolve()
    return config.model_copy(update={"sources": sources, "start_from": start})
