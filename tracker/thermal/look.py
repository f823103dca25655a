"""The look of a clip: everything the user chose about how counts are painted. Nothing else sees it."""

from __future__ import annotations

import logging
import math
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tracker.errors import ThermalError
from tracker.thermal.display import Span
from tracker.thermal.isotherms import Band, BandUnit
from tracker.thermal.palettes import DEFAULT_PALETTE, PALETTES, Colours, between, palette

log = logging.getLogger(__name__)


class Agc(StrEnum):
    """Automatic gain control: how counts become gray levels."""

    LINEAR = "linear"
    FRAME = "frame"
    TARGET = "target"
    PLATEAU = "plateau"
    CLAHE = "clahe"
    DETAIL = "detail"

    @property
    def label(self) -> str:
        """Its name for the user."""
        return AGC_LABELS[self]

    @property
    def is_local(self) -> bool:
        """Whether the same counts may have different levels in one frame."""
        return self in (Agc.CLAHE, Agc.DETAIL)


AGC_LABELS = {
    Agc.LINEAR: "Linear, whole clip",
    Agc.FRAME: "Linear, each frame",
    Agc.TARGET: "Linear, around the target",
    Agc.PLATEAU: "Plateau equalisation",
    Agc.CLAHE: "Local contrast (CLAHE)",
    Agc.DETAIL: "Detail enhancement",
}


class Look(BaseModel):
    """How a clip is painted; unknown keys of other versions are left out.

    Attributes:
        agc: How counts become gray levels.
        palette: Name of a palette; a name of the user's own where there are `colours`.
        colours: The user's own palette: evenly spaced "#rrggbb", coldest first; empty for one that comes with Thermark.
        inverted: Whether the palette is turned round.
        span: Lowest and highest counts, set by hand or locked; None for what the AGC measures.
        tails: Percent of the counts that may lie below, and above, a measured span.
        contrast: How many times the mean slope a curve of equalisation may take before it is normalised: 1 is linear.
        linear_share: How much of a straight line is mixed into a curve of equalisation, 0..1; keeps noise down in
            frames in which nothing stands out.
        gain: How many times details are strengthened.
        margin: The surroundings of a target reach this many times its size beyond it.
        bands: Isotherms; later ones lie over earlier ones.
    """

    model_config = ConfigDict(frozen=True)

    agc: Agc = Agc.LINEAR
    palette: str = DEFAULT_PALETTE
    colours: tuple[str, ...] = Field(default=(), max_length=256)
    inverted: bool = False
    span: tuple[float, float] | None = None
    tails: float = Field(default=0.5, ge=0.0, le=20.0)
    contrast: float = Field(default=4.0, ge=1.0, le=40.0)
    linear_share: float = Field(default=0.2, ge=0.0, le=1.0)
    gain: float = Field(default=3.0, ge=1.0, le=20.0)
    margin: float = Field(default=1.5, ge=0.0, le=20.0)
    bands: tuple[Band, ...] = Field(default=(), max_length=16)

    @model_validator(mode="after")
    def _is_usable(self) -> Look:
        if self.span is not None and not -math.inf < self.span[0] < self.span[1] < math.inf:
            raise ValueError(f"{self.span} is no span")
        try:
            between(self.colours) if self.colours else palette(self.palette)
        except ThermalError as error:
            raise ValueError(error.message) from error
        return self

    def changed(self, **choices: object) -> Look:
        """The same with some choices changed.

        Raises:
            ThermalError: A value is out of its range.
        """
        try:
            return Look.model_validate({**self.model_dump(), **choices})
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise ThermalError(f"{name}: {first['msg']}.") from error

    @property
    def locked(self) -> Span | None:
        """The span set by hand."""
        return None if self.span is None else Span(*self.span)

    def colour_table(self) -> Colours:
        """(256, 3) RGB of the levels, coldest first; the isotherms lie over it."""
        table = between(self.colours) if self.colours else palette(self.palette)
        return table[::-1] if self.inverted else table

    def inverse(self) -> Look:
        """The same with the palette turned round: white hot and black hot are each other's inverse."""
        opposites = {"white_hot": "black_hot", "black_hot": "white_hot"}
        if self.colours or self.palette not in opposites:
            return self.changed(inverted=not self.inverted)
        return self.changed(palette=opposites[self.palette])

    def with_palette(self, name: str, colours: tuple[str, ...] = ()) -> Look:
        """The same in another palette, the right way round."""
        return self.changed(palette=name, colours=colours, inverted=False)

    def next_palette(self, step: int = 1) -> Look:
        """The same in the palette that is offered after this one."""
        names = list(PALETTES)
        at = -1 if self.colours else names.index(self.palette)
        return self.with_palette(names[(at + step) % len(names)])

    def for_another_clip(self) -> Look:
        """The same without what is about the counts of one clip: its span, and bands in counts."""
        bands = tuple(band for band in self.bands if band.unit is BandUnit.KELVIN)
        return self.changed(span=None, bands=bands)

    def to_json(self) -> str:
        """As text, for a project or the settings."""
        return self.model_dump_json()

    @staticmethod
    def from_json(text: str) -> Look:
        """What `to_json` has written; the default look, with a warning in the log, where that is damaged."""
        if not text:
            return Look()
        try:
            return Look.model_validate_json(text)
        except ValidationError as error:
            log.warning("a look that was kept is damaged, and is left out: %s", error)
            return Look()
