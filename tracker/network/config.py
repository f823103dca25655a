"""MLSSNet's numbers: the sizes that follow from its layers, and the constants of its configuration."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from tracker.errors import WeightsError

CROP_SIZE: Final = 255
"""Side of both input crops, in pixels."""

STRIDE: Final = 4
"""Pixels of the crop per cell of a feature or a similarity map."""

CHANNELS: Final = 64
"""Channels of both features that are compared."""

SEMANTIC_SIZE: Final = 49
"""Side of conv5's output, in cells."""

STRUCTURAL_SIZE: Final = 53
"""Side of conv3's output, in cells."""

MAP_SIZE: Final = 33
"""Side of the similarity maps, in cells: 49 - 17 + 1 = 53 - 21 + 1."""

_Count = Annotated[int, Field(ge=1, strict=True)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
_Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]


@dataclass(frozen=True)
class MLSSNetConfig:
    """Everything about the published network that is a choice; the defaults are the published ones.

    Attributes:
        attention_channels: Width of the bottleneck of both attentions.
        deconv_channels: Channels between the two transposed convolutions of the spatial attention.
        cf_regularisation: Lambda of both correlation filters, per spatial frequency.
        cf_target_sigma: Standard deviation of the filters' Gaussian target, in cells (8 px / stride 4).
        template_crop: Cells cut off every side of a correlation filter (49 -> 17, 53 -> 21).
        adjust_gain: Gain of both adjust layers of the ensemble before training.
        adjust_bias: Bias of both adjust layers of the ensemble before training.
        attention_init_std: Standard deviation of the attentions' weights before training; so small that
            every attention begins at sigmoid(0) = 0.5 and training starts from the plain comparison.
        batch_norm_epsilon: Added to a batch's variance in training; never used with stored moments.
        batch_norm_momentum: Share of a training batch in the stored moments.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    attention_channels: _Count = 16
    deconv_channels: _Count = 1
    cf_regularisation: _Positive = 10.0
    cf_target_sigma: _Positive = 2.0
    template_crop: _Count = 16
    adjust_gain: _Finite = 1.0
    adjust_bias: _Finite = -0.5
    attention_init_std: _Positive = 1e-8
    batch_norm_epsilon: _Positive = 1e-5
    batch_norm_momentum: _Positive = 0.1

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(values: dict[str, Any], where: object = "") -> MLSSNetConfig:
        """The opposite of `to_dict`; fields that are not given keep their defaults.

        Raises:
            WeightsError: A field is unknown or its value unusable; each one is named.
        """
        try:
            return TypeAdapter(MLSSNetConfig).validate_python(values)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise WeightsError(
                f"the network configuration is not one of MLSSNet ({'; '.join(faults)}).",
                where=where,
                todo="Get the file again, or import it anew with this version of Thermark.",
            ) from None
