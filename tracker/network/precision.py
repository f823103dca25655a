"""Which number format a device computes fastest in."""

from __future__ import annotations

import torch


def fast_precision(device: torch.device) -> torch.dtype:
    """bfloat16 on CUDA and on CPUs that multiply in it, float32 elsewhere."""
    if device.type == "cuda":
        return torch.bfloat16
    # torch has no public name for this question
    has = device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001
    return torch.bfloat16 if has else torch.float32
