"""The base class of every generated network: the mask of illegal moves, the losses of its parts, a fresh start."""

from abc import abstractmethod
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from backend.models.heads import AuxiliaryHead
from backend.models.moe import load_balance_loss, routing_margin, z_loss
from backend.models.outputs import ModelOutput, Routing
from backend.models.source import load_source
from shared_py.codegen import generate_source
from shared_py.design import ModelArchitecture

ILLEGAL = -1e9
"""the logit of a move that would change nothing"""
MAX_EXPONENT = 17
CLOSE_CALL = 1e-5
"""a gap between router logits below which two right computations may differ; the noise seen is 1e-7 to 1e-6"""


def legal_moves(board: Tensor) -> Tensor:
    """(B, 16) int64 to (B, 4) bool: whether up, right, down, left change the board; plain operators, so it exports.

    A line moves towards its start exactly if some tile stands right after an empty cell or after an equal tile; two tiles of
    exponent 17 do not merge.
    """
    grid = board.view(-1, 4, 4)
    return torch.stack(
        [
            _can_slide(grid[:, :-1], grid[:, 1:]),
            _can_slide(grid[:, :, 1:], grid[:, :, :-1]),
            _can_slide(grid[:, 1:], grid[:, :-1]),
            _can_slide(grid[:, :, :-1], grid[:, :, 1:]),
        ],
        dim=1,
    )


def _can_slide(before: Tensor, after: Tensor) -> Tensor:
    merges = (before == after) & (before != MAX_EXPONENT)
    return ((after != 0) & ((before == 0) | merges)).flatten(1).any(dim=1)


def distinct(routings: dict[str, Routing]) -> list[Routing]:
    """Each routing once, however many mixtures follow one router: its losses count once."""
    return list({id(routing): routing for routing in routings.values()}.values())


def _reset(module: nn.Module) -> None:
    reset = getattr(module, "reset_parameters", None)
    if callable(reset):
        reset()
        return
    for part in module.children():
        _reset(part)


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
        """Run the drawn network; logits are not masked yet."""

    def evaluate(self, board: Tensor) -> ModelOutput:
        """Run the network and put the logits of illegal moves at -1e9; what a trainer calls."""
        output = self.compute(board)
        return output._replace(logits=output.logits.masked_fill(~legal_moves(board), ILLEGAL))

    def forward(self, board: Tensor) -> tuple[Tensor, Tensor]:
        """Masked logits (B, 4) and values (B,)."""
        output = self.evaluate(board)
        return output.logits, output.value

    def reset_parameters(self) -> None:
        """Start afresh, each part by its own recipe, from torch's random state."""
        self.latest_lb_loss = None
        for part in self.children():
            _reset(part)

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

    def auxiliary_loss(self, output: ModelOutput, board: Tensor) -> Tensor:
        """What the drawing adds to the policy's loss: balance, z-losses and auxiliary heads, each times its weight."""
        loss = -self.calculate_load_balancing_reward(output.routings)
        for routing in distinct(output.routings):
            loss = loss + routing.z_loss_coef * z_loss(routing)
        for component_id, prediction in output.auxiliary.items():
            head = cast(AuxiliaryHead, self.get_submodule(f"block_{component_id}"))
            loss = loss + head.coef * head.loss(prediction, board)
        return loss

    @torch.no_grad()
    def is_decided(self, board: Tensor) -> Tensor:
        """(B,) bool: whether no choice of an expert on this board is so close that float32 noise could turn it over."""
        decided = torch.ones(len(board), dtype=torch.bool, device=board.device)
        for routing in self.compute(board).routings.values():
            decided &= routing_margin(routing) > CLOSE_CALL
        return decided

    @classmethod
    def from_architecture(cls, design: ModelArchitecture) -> "GameTransformer":
        """Generate a valid design's text, load it and build the network with its configuration; the only way to build one."""
        generated = generate_source(design)
        module = load_source(generated.source, f"generated_{design.id}")
        model: GameTransformer = module.GeneratedModel(**generated.config)
        return model
