"""Where tokens become a policy, a value or a side prediction; heads compute in float32 also under autocast."""

from typing import Literal

import torch
from torch import Tensor, nn

from backend.models.layers import CELLS, full_precision

Pooling = Literal["flatten", "weighted", "mean"]
Target = Literal["empty_cells", "largest_exponent", "merge_count"]
ACTIONS = 4
POLICY_STD = {"flatten": 0.0025, "weighted": 0.01, "mean": 0.01}
"""of the policy's weights: small, so that the first policy is near to uniform over the legal moves"""
LARGEST_EXPONENT = 17


class Pool(nn.Module):
    """Sixteen vectors become one: side by side, their mean, or their sum weighted by a table of one row a cell."""

    def __init__(self, *, d_model: int, pool: Pooling) -> None:
        super().__init__()
        self.kind = pool
        self.out_features = CELLS * d_model if pool == "flatten" else d_model
        self.weight = nn.Parameter(torch.empty(CELLS, d_model)) if pool == "weighted" else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights that differ from cell to cell and keep the sum's scale, so that places are told apart at once."""
        if self.weight is not None:
            nn.init.normal_(self.weight, std=CELLS**-0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, 16, d) to (B, 16 d) or (B, d)."""
        if self.kind == "flatten":
            return tokens.flatten(1)
        if self.weight is not None:
            return (tokens * self.weight).sum(dim=1)
        return tokens.mean(dim=1)


class ActionHead(nn.Module):
    """Policy logits (B, 4), and a value (B,) if asked for, from tokens (B, 16, d)."""

    def __init__(self, *, d_model: int, pool: Pooling = "flatten", value: bool = True) -> None:
        super().__init__()
        self.pool = Pool(d_model=d_model, pool=pool)
        self.policy = nn.Linear(self.pool.out_features, ACTIONS)
        self.value = nn.Linear(self.pool.out_features, 1) if value else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start near a uniform policy, with zero biases."""
        self.pool.reset_parameters()
        nn.init.normal_(self.policy.weight, std=POLICY_STD[self.pool.kind])
        nn.init.zeros_(self.policy.bias)
        if self.value is not None:
            reset_value(self.value)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits before the mask, and the value or None."""
        with full_precision(tokens):
            pooled = self.pool(tokens.float())
            return self.policy(pooled), None if self.value is None else self.value(pooled).squeeze(-1)


class ValueHead(nn.Module):
    """A value (B,) from tokens (B, 16, d)."""

    def __init__(self, *, d_model: int, pool: Pooling = "flatten") -> None:
        super().__init__()
        self.pool = Pool(d_model=d_model, pool=pool)
        self.value = nn.Linear(self.pool.out_features, 1)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start near zero."""
        self.pool.reset_parameters()
        reset_value(self.value)

    def forward(self, tokens: Tensor) -> Tensor:
        """The discounted training reward expected from each board."""
        with full_precision(tokens):
            value: Tensor = self.value(self.pool(tokens.float())).squeeze(-1)
            return value


def reset_value(value: nn.Linear) -> None:
    """Draw value weights whose first outputs are small beside the rewards, with a zero bias."""
    nn.init.normal_(value.weight, std=0.1 * value.in_features**-0.5)
    nn.init.zeros_(value.bias)


class AuxiliaryHead(nn.Module):
    """Training only: predicts a quantity of the board (B,) from the mean token; its loss is added times `coef`."""

    def __init__(self, *, d_model: int, target: Target = "empty_cells", coef: float = 0.1) -> None:
        super().__init__()
        self.linear = nn.Linear(d_model, 1)
        self.target: Target = target
        self.coef = coef
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw fresh weights, as `torch.nn.Linear` does."""
        self.linear.reset_parameters()

    def forward(self, tokens: Tensor) -> Tensor:
        """The prediction, in the units of `board_quantity`."""
        with full_precision(tokens):
            prediction: Tensor = self.linear(tokens.float().mean(dim=1)).squeeze(-1)
            return prediction

    def loss(self, prediction: Tensor, board: Tensor) -> Tensor:
        """The mean squared error, before it is weighted."""
        return (prediction - board_quantity(board, self.target)).square().mean()


def board_quantity(board: Tensor, target: Target) -> Tensor:
    """(B,) between 0 and about 1: empty cells of 16, the largest exponent of 17, or adjacent equal tiles of 16."""
    if target == "empty_cells":
        return (board == 0).float().mean(dim=1)
    if target == "largest_exponent":
        return board.amax(dim=1).float() / LARGEST_EXPONENT
    grid = board.view(-1, 4, 4)
    beside = (grid[:, :, 1:] == grid[:, :, :-1]) & (grid[:, :, 1:] != 0)
    below = (grid[:, 1:] == grid[:, :-1]) & (grid[:, 1:] != 0)
    return (beside.flatten(1).sum(dim=1) + below.flatten(1).sum(dim=1)).float() / CELLS
