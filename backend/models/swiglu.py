"""Feed-forward networks of two linear maps, or of three where one is a gate."""

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

from backend.models.activation import ACTIVATIONS, Activation

GatedActivation = Literal[Activation, "swiglu"]


class SwiGLU(nn.Module):
    """down(silu(gate(x)) * up(x)): three linear maps (Shazeer 2020, GLU Variants Improve Transformer)."""

    def __init__(self, d_model: int, dim_feedforward: int, *, bias: bool = True) -> None:
        super().__init__()
        self.gate = nn.Linear(d_model, dim_feedforward, bias=bias)
        self.up = nn.Linear(d_model, dim_feedforward, bias=bias)
        self.down = nn.Linear(dim_feedforward, d_model, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) to (..., D)."""
        down: Tensor = self.down(functional.silu(self.gate(x)) * self.up(x))
        return down


def feed_forward(d_model: int, dim_feedforward: int, activation: GatedActivation, bias: bool) -> nn.Module:
    """Two linear maps with an activation between them, or SwiGLU."""
    if activation == "swiglu":
        return SwiGLU(d_model, dim_feedforward, bias=bias)
    widen, narrow = nn.Linear(d_model, dim_feedforward, bias=bias), nn.Linear(dim_feedforward, d_model, bias=bias)
    return nn.Sequential(widen, ACTIVATIONS[activation](), narrow)
