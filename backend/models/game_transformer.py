"""The base class of every generated network: the mask of illegal moves, the losses of its parts, a fresh start."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from backend.models.boards import checked_boards
from backend.models.heads import prediction_loss
from backend.models.init import reset_parts
from backend.models.loading import load_source
from backend.models.moe import load_balance_loss, routing_margin, z_loss
from backend.models.outputs import ModelOutput, Routing
from backend.models.precision import at_least_float32
from backend.models.rules import legal_moves

if TYPE_CHECKING:
    from shared_py.design import ModelArchitecture

ILLEGAL = -1e9
"""the logit of a move that would change nothing"""
CLOSE_CALL = 1e-5
"""a gap between router logits below which two right computations may differ; the noise seen is 1e-7 to 1e-6"""


def distinct(routings: dict[str, Routing]) -> list[Routing]:
    """Each routing once, however many mixtures follow one router: its losses count once."""
    return list({id(routing): routing for routing in routings.values()}.values())


class GameTransformer(nn.Module):
    """A network that plays 2048: int64 boards (B, 16) of tile exponents in, masked logits (B, 4) and values (B,) out.

    A generated subclass builds its parts in `__init__`, each named `block_<component id>`, and wires them in `compute`.
    """

    design_id: ClassVar[str] = ""
    design_hash: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.latest_lb_loss: Tensor | None = None
        """the load-balance loss of the newest training batch, mean over the mixtures; for watching only"""

    @abstractmethod
    def compute(self, board: Tensor) -> ModelOutput:
        """Run the network of the design; logits are not masked yet."""

    def evaluate(self, board: Tensor) -> ModelOutput:
        """Run the network and put the logits of illegal moves at -1e9; what a trainer calls, and boards are not checked.

        Logits and values are float32 also where the weights have fewer bits: float16 cannot hold -1e9.
        """
        output = self.compute(board)
        logits = at_least_float32(output.logits).masked_fill(~legal_moves(board), ILLEGAL)
        return output._replace(logits=logits, value=at_least_float32(output.value))

    def forward(self, board: Tensor) -> tuple[Tensor, Tensor]:
        """Masked logits (B, 4) and values (B,); TypeError or ValueError for what is no board, naming board, cell and value."""
        output = self.evaluate(checked_boards(board))
        return output.logits, output.value

    def reset_parameters(self) -> None:
        """Start afresh, each part by its own recipe, from torch's random state."""
        self.latest_lb_loss = None
        reset_parts(self)

    def calculate_load_balancing_reward(self, routings: dict[str, Routing]) -> Tensor:
        """Sum over the routers of reward_coef * (1 - load-balance loss): 0 when even, less when not; its negative is a loss."""
        total = torch.zeros(())
        losses = []
        for routing in distinct(routings):
            loss = load_balance_loss(routing)
            total = total + routing.reward_coef * (1.0 - loss)
            losses.append(loss.detach())
        if losses:
            self.latest_lb_loss = torch.stack(losses).mean()
        return total

    def auxiliary_loss(self, output: ModelOutput, board: Tensor, weights_B: Tensor | None = None) -> Tensor:
        """What the design adds to the loss: balance, z-losses and auxiliary heads, each times its coefficient.

        Boards weigh in the heads' means as `weights_B` tells; balance and z-losses are of the tokens that were routed, all alike.
        """
        loss = -self.calculate_load_balancing_reward(output.routings)
        for routing in distinct(output.routings):
            loss = loss + routing.router_z_loss_coef * z_loss(routing)
        for prediction in output.auxiliary.values():
            loss = loss + prediction.coef * prediction_loss(prediction, board, weights_B)
        return loss

    @torch.no_grad()
    def is_decided(self, board: Tensor) -> Tensor:
        """(B,) bool: whether no choice of an expert on this board is so close that float32 noise could turn it over."""
        decided = torch.ones(len(board), dtype=torch.bool, device=board.device)
        for routing in self.compute(board).routings.values():
            decided &= routing_margin(routing) > CLOSE_CALL
        return decided

    @classmethod
    def from_architecture(cls, design: "ModelArchitecture") -> "GameTransformer":
        """Generate a valid design's text, load it and build the network with its configuration; the only way to build one."""
        from shared_py.codegen import generate_source  # here, so that the rest of this file needs torch alone

        generated = generate_source(design)
        module = load_source(generated.source, f"generated_{design.id}")
        model: GameTransformer = module.GeneratedModel(**generated.config)
        return model
