"""Norms that torch computes in the number format of what arrives."""

from torch import Tensor, nn


class RMSNorm(nn.RMSNorm):
    """`torch.nn.RMSNorm` with sums in float32, as `torch.nn.LayerNorm` has them: under autocast bfloat16 may arrive."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., d) to (..., d) float32."""
        return super().forward(x.float())
