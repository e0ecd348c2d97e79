"""An auxiliary loss that helps a network to read the board."""

from typing import Annotated, Literal

from shared_py.blocks.base import BlockCode, BlockContext, Call, Module, literal, variable
from shared_py.blocks.block_problems import problem, set_property
from shared_py.blocks.common import Pool
from shared_py.blocks.head import Head
from shared_py.game_2048 import N_ACTIONS
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import BATCH, Signal, is_tokens

LOSS_BYTES = 8
"""kept for each number it predicts: the number and what it is held against"""


class AuxLossHead(Head, frozen=True):
    """While training, predicts something of the board and adds its loss times `coef`: squared error or cross-entropy.

    The exported `.py` and its weights keep the head, so that training can go on with the same loss; the `.onnx` leaves it out.
    """

    type = "aux_loss_head"
    title = "Auxiliary loss"
    summary = "While training, also learns to tell something about the board."
    keywords = ("auxiliary", "head", "side task", "self-supervised", "probe")
    kind = "training"
    role = "sink"
    training_only = True

    target: Annotated[
        Literal["empty_cells", "largest_exponent", "merge_count", "legal_moves"],
        about("Target", "What it predicts: empty cells, the largest tile, pairs that could merge, or which moves are legal."),
    ] = "empty_cells"
    coef: Annotated[float, about("Weight", "Its loss counts this much.", ge=0, le=10, step=0.05)] = 0.1
    pool: Pool = "mean"
    detach: Annotated[bool, about("Probe only", "Learns from the network without changing it.")] = False

    def advise(self, context: BlockContext) -> list[Problem]:
        found = super().advise(context)
        if self.coef == 0:
            fix, params = set_property(context, "coef", 0.1), {"case": "weightless_loss"}
            found.append(problem(context, "no_effect", params, field="coef", expected="more than 0", received="0", fix=fix))
        return found

    def output(self, context: BlockContext) -> Signal:
        return Signal("none", (BATCH, N_ACTIONS) if self.target == "legal_moves" else (BATCH,))

    def outputs(self, context: BlockContext) -> int:
        return N_ACTIONS if self.target == "legal_moves" else 1

    def saves_input(self, context: BlockContext) -> bool:
        """As every head; but where nothing before it learns, max pooling needs no gradient of its input."""
        asked = not self.detach or self.pool != "max" or not is_tokens(context.inputs[0])
        return asked and super().saves_input(context)

    def loss_bytes(self, context: BlockContext) -> int:
        return LOSS_BYTES * self.outputs(context)

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = self.arguments(context) | self.texts(context, "target", "coef")
        if self.detach:
            arguments["detach"] = literal(self.detach)
        name = variable(context.component_id)
        comment = "(B, 4)" if self.target == "legal_moves" else "(B,)"
        return BlockCode((Module("AuxiliaryHead", arguments),), (Call((name,), inputs, comment),), {"auxiliary": name})
