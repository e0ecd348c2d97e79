"""A side task that helps a network to see the board."""

from typing import Annotated, Literal

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, Call, Module, Site, shape_problem, variable
from shared_py.blocks.pooled_head import width_text
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import BATCH, CELLS, Signal, is_tokens, width_of


class AuxLossHead(Block, frozen=True):
    """While training, predicts a quantity of the board from the mean of its tokens and adds its loss times `coef`."""

    type = "aux_loss_head"
    title = "Auxiliary loss"
    summary = "While training, also learns to tell something about the board."
    kind = "training"
    role = "sink"
    training_only = True

    target: Annotated[
        Literal["empty_cells", "largest_exponent", "merge_count"],
        about("Target", "What it predicts: empty cells, the largest tile, or pairs that could merge."),
    ] = "empty_cells"
    coef: Annotated[float, about("Weight", "Its loss counts this much.", ge=0, le=10, step=0.05)] = 0.1

    def check(self, site: Site) -> list[Problem]:
        return [] if is_tokens(site.inputs[0]) else [shape_problem(site, "one vector for each cell, (B, 16, d)")]

    def output(self, site: Site) -> Signal:
        return Signal("none", (BATCH,))

    def parameters(self, site: Site) -> int:
        """One linear map of the mean token: d + 1."""
        return width_of(site.inputs[0]) + 1

    def flops(self, site: Site) -> int:
        return (CELLS + 1) * width_of(site.inputs[0])

    def activation_bytes(self, site: Site) -> int:
        return (width_of(site.inputs[0]) + 1) * BYTES_PER_VALUE

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"d_model": width_text(site), **self.texts(site, "target", "coef")}
        name = variable(site.component_id)
        return BlockCode((Module("AuxiliaryHead", arguments),), (Call(name, inputs, "(B,)"),), {"auxiliary": name})
