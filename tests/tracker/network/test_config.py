from __future__ import annotations

import json
from typing import Any

import pytest

from tracker.errors import WeightsError
from tracker.network.config import MLSSNetConfig


def test_that_a_configuration_survives_json() -> None:
    config = MLSSNetConfig(deconv_channels=4, cf_regularisation=2.5)

    assert MLSSNetConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_that_fields_that_are_not_given_are_the_published_ones() -> None:
    assert MLSSNetConfig.from_dict({}) == MLSSNetConfig()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dropout", 0.5),
        ("deconv_channels", 0),
        ("deconv_channels", "3"),
        ("deconv_channels", 1.5),
        ("cf_regularisation", -1.0),
        ("cf_target_sigma", float("nan")),
        ("batch_norm_epsilon", None),
    ],
)
def test_that_an_unusable_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(WeightsError, match=field) as caught:
        MLSSNetConfig.from_dict({field: value}, where="weights.safetensors")

    assert caught.value.where == "weights.safetensors"
