"""What the updates of all algorithms have in common."""

import math
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn

from backend.errors import ADVICE
from backend.models.moe import Router
from backend.training.importance_sampling import Sample, sample
from backend.training.optimizer import Adam
from shared_py.forecasting import FIRST_GAP_S, GAP_SHARE
from shared_py.training_config import TrainConfig

GAP_SAVES = 10.0
"""the minimum time between checkpoints, as a multiple of the time that saving one takes"""


def train_without_dropout(model: nn.Module) -> None:
    """Training mode, in which gradient checkpoints recompute, but without dropout and router noise.

    So two passes over the same board give the same result.
    """
    model.train()
    for module in model.modules():
        if isinstance(module, nn.Dropout | nn.MultiheadAttention | Router):
            module.eval()


def explained_variance(returns: Tensor, values: Tensor) -> float:
    """1 - var(return - value) / var(return), 0 where the returns do not vary; tensors of one shape."""
    variance = returns.var(correction=0).item()
    rest = (returns - values).var(correction=0).item()
    return 1 - rest / variance if variance > 0 else 0.0


def minibatches(priority_B: Tensor, config: TrainConfig, generator: torch.Generator) -> Iterator[Sample]:
    """The minibatches of every epoch, in a random order; moves are sampled with probabilities proportional to `priority_B`.

    The weights within a minibatch add up to its moves (Hajek's ratio estimator), so that no mean leaves the range of its values.
    """
    for _ in range(config.update_epochs):
        columns = (torch.split(column, config.minibatch_size) for column in sample(priority_B, config.update_share, generator))
        for places, weights in map(Sample, *columns):
            yield Sample(places, weights / weights.mean())


def optimizer_step(optimizer: Adam, loss: float, config: TrainConfig) -> None:
    """Clip the accumulated gradient to norm `max_grad_norm` (0: no clipping) and take one optimizer step.

    FloatingPointError if a number is not finite.
    """
    norm = optimizer.clip_gradients(config.max_grad_norm or math.inf)
    if not math.isfinite(loss) or not math.isfinite(norm.item()):
        raise FloatingPointError(f"the loss is no longer a finite number; {ADVICE}")
    optimizer.step()


def checkpoint_gap(trained_s: float, save_s: float, every_s: float) -> float:
    """Seconds until the next checkpoint: a share of the time trained, so that a crash loses at most that; at most `every_s`.

    `trained_s` is how long this process has trained, `save_s` how long the checkpoint took.
    """
    return min(every_s, max(FIRST_GAP_S, GAP_SHARE * trained_s, GAP_SAVES * save_s))


def require_finite_tensors(what: str, tensors: Iterable[Tensor]) -> None:
    """FloatingPointError if a float tensor holds a number that is not finite; reads from the device once."""
    extremes = [
        extreme for tensor in tensors if tensor.is_floating_point() and len(tensor) for extreme in tensor.detach().aminmax()
    ]
    if extremes and not torch.stack(extremes).isfinite().all().item():
        raise FloatingPointError(f"{what} are no longer finite numbers; {ADVICE}")
