"""Protocols of benchmarks, read from data files: what is measured, and how its toolkit treats the odd cases."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import resources
from tracker.errors import EvaluationError
from tracker.evaluation.one_pass import OnePassRules, Unusable
from tracker.evaluation.supervised import SupervisedRules


class Kind(Enum):
    """How a benchmark measures; the value is how protocol files say it."""

    ONE_PASS = "one-pass"
    GOT10K = "got-10k"
    SUPERVISED = "supervised"


@dataclass(frozen=True)
class Protocol:
    """One benchmark's protocol.

    Attributes:
        name: Under which it is chosen.
        title: For reports.
        source: Paper and toolkit that it was read from.
        kind: How it measures.
        first_pixel: What its files call the first pixel, 0 or 1.
        sequences: How many the whole set has, None where that is open.
        attributes: Names of the columns of its attribute files.
        repetitions: Runs for each sequence; a tracker that is known to repeat itself is run once.
        one_pass: Rules of one-pass evaluation.
        supervised: Rules of the supervised protocol.
    """

    name: str
    title: str
    source: str
    kind: Kind
    first_pixel: int = 0
    sequences: int | None = None
    attributes: tuple[str, ...] = ()
    repetitions: int = 1
    one_pass: OnePassRules = field(default_factory=OnePassRules)
    supervised: SupervisedRules = field(default_factory=SupervisedRules)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _OnePass(_Strict):
    thresholds: Annotated[int, Field(ge=2, le=1001)] = 21
    unusable: Unusable = Unusable.LEFT_OUT
    repeats_missing: bool = False


class _Supervised(_Strict):
    repetitions: Annotated[int, Field(ge=1)] = 1
    skip: Annotated[int, Field(ge=1)] = 5
    burn_in: Annotated[int, Field(ge=0)] = 10
    failure_overlap: Annotated[float, Field(ge=0, lt=1)] = 0.0
    sensitivity: Annotated[float, Field(ge=1)] = 30.0
    interval: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None


class _File(_Strict):
    title: str
    source: str
    kind: Kind
    first_pixel: Annotated[int, Field(ge=0, le=1)] = 0
    sequences: Annotated[int, Field(ge=1)] | None = None
    attributes: tuple[str, ...] = ()
    one_pass: _OnePass = _OnePass()
    supervised: _Supervised = _Supervised()


def load_protocol(name: str) -> Protocol:
    """A protocol by name, or from a file of one's own.

    Raises:
        EvaluationError: There is none, or the file says something else than a protocol.
    """
    known = resources.protocols()
    path = known.get(name.lower(), Path(name))
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        names = ", ".join(known)
        raise EvaluationError(
            "there is no such protocol.", where=name, todo=f"Give {names}, or the path of a .toml file."
        ) from None
    return _protocol(path, text)


def _protocol(path: Path, text: str) -> Protocol:
    try:
        read = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise EvaluationError(f"it is no TOML ({error}).", where=path) from None
    except ValidationError as error:
        raise EvaluationError(f"{_first(error)}.", where=path, todo="Correct the protocol.") from None
    rules, one_pass = read.supervised, read.one_pass
    if rules.interval is not None and rules.interval[0] > rules.interval[1]:
        raise EvaluationError("the interval ends before it begins.", where=path, todo="Write [low, high].")
    return Protocol(
        name=path.stem,
        title=read.title,
        source=read.source,
        kind=read.kind,
        first_pixel=read.first_pixel,
        sequences=read.sequences,
        attributes=read.attributes,
        repetitions=rules.repetitions if read.kind is Kind.SUPERVISED else 1,
        one_pass=OnePassRules(
            one_pass.thresholds, read.first_pixel, one_pass.unusable, one_pass.repeats_missing
        ),
        supervised=SupervisedRules(
            rules.skip, rules.burn_in, rules.failure_overlap, rules.sensitivity, rules.interval
        ),
    )


def _first(error: ValidationError) -> str:
    detail: Any = error.errors()[0]
    return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"
