"""Norms that torch computes in the number format of what arrives."""

import torch
from torch import Tensor, nn


class RMSNorm(nn.RMSNorm):
    """`torch.nn.RMSNorm` with sums in float32, as `torch.nn.LayerNorm` has them: under autocast bfloat16 may arrive."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., d) to (..., d), float32 under autocast and else in the number format of x."""
        return super().forward(x.float() if torch.is_autocast_enabled(x.device.type) else x)
