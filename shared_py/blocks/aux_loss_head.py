"""A side task that helps a network to see the board."""

from typing import Annotated, Literal

from shared_py.blocks.base import Block, BlockCode, Call, Module, Site, literal, variable
from shared_py.blocks.common import Activation, HiddenSizes, Pool
from shared_py.blocks.head import (
    head_activation_bytes,
    head_arguments,
    head_backward_bytes,
    head_flops,
    head_forward_bytes,
    head_keeps_input,
    head_largest_tensor,
    head_parameters,
)
from shared_py.blocks.pooling import check_pooling
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import BATCH, Signal, is_tokens

MOVES = 4
LOSS_BYTES = 8
"""kept for each number it predicts: the number and what it is held against"""


class AuxLossHead(Block, frozen=True):
    """While training, predicts something of the board and adds its loss times `coef`: squared error or cross-entropy."""

    type = "aux_loss_head"
    title = "Auxiliary loss"
    summary = "While training, also learns to tell something about the board."
    kind = "training"
    role = "sink"
    training_only = True

    target: Annotated[
        Literal["empty_cells", "largest_exponent", "merge_count", "legal_moves"],
        about("Target", "What it predicts: empty cells, the largest tile, pairs that could merge, or which moves are legal."),
    ] = "empty_cells"
    coef: Annotated[float, about("Weight", "Its loss counts this much.", ge=0, le=10, step=0.05)] = 0.1
    pool: Pool = "mean"
    hidden_sizes: HiddenSizes = ()
    activation: Activation = "gelu"
    detach: Annotated[bool, about("Probe only", "Learns from the network without changing it.")] = False

    @property
    def outputs(self) -> int:
        """Numbers it predicts."""
        return MOVES if self.target == "legal_moves" else 1

    def check(self, site: Site) -> list[Problem]:
        return check_pooling(site, self.pool)

    def output(self, site: Site) -> Signal:
        return Signal("none", (BATCH, MOVES) if self.outputs > 1 else (BATCH,))

    def parameters(self, site: Site) -> int:
        """The pooling's own, then (inputs + 1) × outputs for each linear map; the last has one output, 4 for legal moves."""
        return head_parameters(site, self.pool, self.hidden_sizes, self.outputs)

    def flops(self, site: Site) -> int:
        return head_flops(site, self.pool, self.hidden_sizes, self.outputs)

    def largest_tensor(self, site: Site) -> int:
        return head_largest_tensor(site, self.pool, self.hidden_sizes, self.outputs)

    def keeps_input(self, site: Site) -> bool:
        """As every head does; but where nothing before it learns, nobody asks which cell was the largest."""
        asked = not self.detach or self.pool != "max" or not is_tokens(site.inputs[0])
        return asked and head_keeps_input(site, self.pool)

    def activation_bytes(self, site: Site) -> int:
        return head_activation_bytes(site, self.pool, self.hidden_sizes, self.activation)

    def loss_bytes(self, site: Site) -> int:
        return LOSS_BYTES * self.outputs

    def forward_bytes(self, site: Site) -> int:
        return head_forward_bytes(site, self.pool)

    def backward_bytes(self, site: Site) -> int:
        return head_backward_bytes(site, self.pool, self.hidden_sizes)

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = head_arguments(site, self.pool, self.hidden_sizes, self.activation) | self.texts(site, "target", "coef")
        if self.detach:
            arguments["detach"] = literal(self.detach)
        name = variable(site.component_id)
        comment = "(B, 4)" if self.outputs > 1 else "(B,)"
        return BlockCode((Module("AuxiliaryHead", arguments),), (Call((name,), inputs, comment),), {"auxiliary": name})
