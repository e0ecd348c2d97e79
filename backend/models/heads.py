"""Where tokens become a policy, a value or a side prediction; heads compute in float32 also under autocast."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from backend.models.activation import Activation, hidden_layers
from backend.models.init import reset_linear, reset_parts
from backend.models.outputs import Prediction, Target
from backend.models.pooling import Pool, Pooling
from backend.models.precision import full_precision
from backend.models.rules import CELLS, board_quantity

ACTIONS = 4
VALUE_GAIN = 0.1
"""of a value's weights: small, so that the first values are small beside the rewards"""


class Head(nn.Module):
    """What all heads share: tokens (B, S, d) are pooled, unless a vector (B, d) arrives, and pass through hidden layers."""

    def __init__(
        self, *, d_model: int, pool: Pooling | None, cells: int, hidden_sizes: Sequence[int], activation: Activation
    ) -> None:
        super().__init__()
        self.pool = None if pool is None else Pool(d_model=d_model, pool=pool, cells=cells)
        pooled = d_model if self.pool is None else self.pool.out_features
        self.hidden = hidden_layers(pooled, hidden_sizes, activation)
        self.features = hidden_sizes[-1] if hidden_sizes else pooled

    def reset_parameters(self) -> None:
        """Draw fresh weights, each part by its own recipe."""
        reset_parts(self)

    def read(self, tokens: Tensor, weight: Tensor) -> Tensor:
        """(B, S, d) or (B, d) to (B, features) in the number format of a weight of the head: float32, unless it was converted."""
        given = tokens.to(weight.dtype)
        read: Tensor = self.hidden(given if self.pool is None else self.pool(given))
        return read


class ActionHead(Head):
    """Policy logits (B, 4), and a value (B,) if asked for; both read the same pool and hidden layers."""

    def __init__(
        self,
        *,
        d_model: int,
        pool: Pooling | None = "flatten",
        cells: int = CELLS,
        value: bool = True,
        hidden_sizes: Sequence[int] = (),
        activation: Activation = "gelu",
        init_gain: float = 0.08,
    ) -> None:
        super().__init__(d_model=d_model, pool=pool, cells=cells, hidden_sizes=hidden_sizes, activation=activation)
        self.policy = nn.Linear(self.features, ACTIONS)
        self.value = nn.Linear(self.features, 1) if value else None
        self.init_gain = init_gain
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start near a uniform policy over the legal moves."""
        super().reset_parameters()
        reset_linear(self.policy, self.init_gain)
        if self.value is not None:
            reset_linear(self.value, VALUE_GAIN)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits before the mask, and the value or None."""
        with full_precision(tokens):
            read = self.read(tokens, self.policy.weight)
            return self.policy(read), None if self.value is None else self.value(read).squeeze(-1)


class ValueHead(Head):
    """A value (B,): of a last linear map, or without one the single number that arrives."""

    def __init__(
        self,
        *,
        d_model: int,
        pool: Pooling | None = "flatten",
        cells: int = CELLS,
        hidden_sizes: Sequence[int] = (),
        activation: Activation = "gelu",
        init_gain: float = VALUE_GAIN,
        linear: bool = True,
    ) -> None:
        super().__init__(d_model=d_model, pool=pool, cells=cells, hidden_sizes=hidden_sizes, activation=activation)
        self.value = nn.Linear(self.features, 1) if linear else None
        self.init_gain = init_gain
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start near zero."""
        super().reset_parameters()
        if self.value is not None:
            reset_linear(self.value, self.init_gain)

    def forward(self, tokens: Tensor) -> Tensor:
        """The discounted training reward expected from each board."""
        if self.value is None:
            number: Tensor = tokens if self.pool is None else self.pool(tokens)
            return number.squeeze(-1)
        with full_precision(tokens):
            value: Tensor = self.value(self.read(tokens, self.value.weight)).squeeze(-1)
            return value


def no_policy(value: Tensor) -> Tensor:
    """Logits (B, 4) of a network that only values boards (B,): all moves alike."""
    return value.new_zeros(value.shape[0], ACTIONS)


class AuxiliaryHead(Head):
    """Training only: predicts a quantity of the board; with `detach` it only probes, and no gradient reaches what feeds it."""

    def __init__(
        self,
        *,
        d_model: int,
        target: Target = "empty_cells",
        coef: float = 0.1,
        pool: Pooling | None = "mean",
        cells: int = CELLS,
        detach: bool = False,
        hidden_sizes: Sequence[int] = (),
        activation: Activation = "gelu",
    ) -> None:
        super().__init__(d_model=d_model, pool=pool, cells=cells, hidden_sizes=hidden_sizes, activation=activation)
        self.linear = nn.Linear(self.features, ACTIONS if target == "legal_moves" else 1)
        self.target: Target = target
        self.coef = coef
        self.detach = detach

    def forward(self, tokens: Tensor) -> Prediction:
        """What it says, in the units of `board_quantity` or as logits of the legal moves."""
        with full_precision(tokens):
            values = self.linear(self.read(tokens.detach() if self.detach else tokens, self.linear.weight))
        return Prediction(values if self.target == "legal_moves" else values.squeeze(-1), self.target, self.coef)


def prediction_loss(prediction: Prediction, board: Tensor, weights_B: Tensor | None = None) -> Tensor:
    """The mean squared error, or the mean binary cross-entropy of the legal moves, of boards that weigh alike or as told."""
    truth = board_quantity(board, prediction.target)
    if prediction.target == "legal_moves":
        losses_B = functional.binary_cross_entropy_with_logits(prediction.values, truth, reduction="none").mean(dim=1)
    else:
        losses_B = functional.mse_loss(prediction.values, truth, reduction="none")
    return losses_B.mean() if weights_B is None else (losses_B * weights_B).mean()
