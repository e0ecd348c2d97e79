"""A side task that helps a network to see the board."""

from typing import Annotated, Literal

from shared_py.blocks.base import BlockCode, Call, Module, Site, literal, problem, variable
from shared_py.blocks.common import Pool
from shared_py.blocks.head import Head
from shared_py.game_2048 import N_ACTIONS
from shared_py.problems import Problem, SetProperty
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

    def advise(self, site: Site) -> list[Problem]:
        found = super().advise(site)
        if self.coef == 0:
            fix = SetProperty(site.component_id, "coef", 0.1, "Set coef to 0.1")
            message = "has no effect with coef 0: its loss counts for nothing"
            found.append(problem(site, "no_effect", message, field="coef", expected="more than 0", received="0", fix=fix))
        return found

    def output(self, site: Site) -> Signal:
        return Signal("none", (BATCH, N_ACTIONS) if self.target == "legal_moves" else (BATCH,))

    def outputs(self, site: Site) -> int:
        return N_ACTIONS if self.target == "legal_moves" else 1

    def saves_input(self, site: Site) -> bool:
        """As every head does; but where nothing before it learns, nobody asks which cell was the largest."""
        asked = not self.detach or self.pool != "max" or not is_tokens(site.inputs[0])
        return asked and super().saves_input(site)

    def loss_bytes(self, site: Site) -> int:
        return LOSS_BYTES * self.outputs(site)

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = self.arguments(site) | self.texts(site, "target", "coef")
        if self.detach:
            arguments["detach"] = literal(self.detach)
        name = variable(site.component_id)
        comment = "(B, 4)" if self.target == "legal_moves" else "(B,)"
        return BlockCode((Module("AuxiliaryHead", arguments),), (Call((name,), inputs, comment),), {"auxiliary": name})
