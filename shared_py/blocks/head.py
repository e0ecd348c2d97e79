"""What the outputs and the auxiliary head share: pooling, hidden layers, a last linear map."""

from itertools import pairwise

from shared_py.blocks.base import BYTES_PER_VALUE, Site, literal
from shared_py.blocks.common import KEEP_RESULT, ActivationName
from shared_py.blocks.pooling import (
    pool_activation_bytes,
    pool_arguments,
    pool_backward_bytes,
    pool_forward_bytes,
    pool_keeps_input,
    pool_parameters,
    pool_passes_on,
    pooled_width,
)


def head_parameters(site: Site, pool: str, hidden_sizes: tuple[int, ...], outputs: int) -> int:
    """The pooling's own, then linear maps with bias: (inputs + 1) × outputs for each."""
    widths = (pooled_width(site, pool), *hidden_sizes, outputs)
    return pool_parameters(site, pool) + sum((before + 1) * after for before, after in pairwise(widths))


def head_flops(site: Site, pool: str, hidden_sizes: tuple[int, ...], outputs: int) -> int:
    """Multiply-adds of the linear maps; pooling is no matrix product."""
    widths = (pooled_width(site, pool), *hidden_sizes, outputs)
    return sum(before * after for before, after in pairwise(widths))


def head_largest_tensor(site: Site, pool: str, hidden_sizes: tuple[int, ...], outputs: int) -> int:
    """The pooling's table, or the widest of the linear maps."""
    widths = (pooled_width(site, pool), *hidden_sizes, outputs)
    return max(pool_parameters(site, pool), *(before * after for before, after in pairwise(widths)))


def head_keeps_input(site: Site, pool: str) -> bool:
    """Whether what arrives is kept: by the pooling, or where nothing is made by it, by the first linear map."""
    return pool_passes_on(site, pool) or pool_keeps_input(site, pool)


def head_activation_bytes(site: Site, pool: str, hidden_sizes: tuple[int, ...], activation: ActivationName) -> int:
    """What the pooling keeps, the pooled vector, and each hidden layer after its bend, and before it where that is needed."""
    pooled = 0 if pool_passes_on(site, pool) else pooled_width(site, pool)
    times = 1 if activation in KEEP_RESULT else 2
    return pool_activation_bytes(site, pool) + (pooled + times * sum(hidden_sizes)) * BYTES_PER_VALUE


def head_forward_bytes(site: Site, pool: str) -> int:
    """What the pooling needs for a while; the rest is small."""
    return pool_forward_bytes(site, pool)


def head_backward_bytes(site: Site, pool: str, hidden_sizes: tuple[int, ...]) -> int:
    """The gradients of what arrives and of what was pooled, and of the widest hidden layer."""
    pooled = 0 if pool_passes_on(site, pool) else pooled_width(site, pool)
    hidden = 2 * max(hidden_sizes, default=0)
    return pool_backward_bytes(site, pool) + (pooled + hidden) * BYTES_PER_VALUE


def head_arguments(site: Site, pool: str, hidden_sizes: tuple[int, ...], activation: str) -> dict[str, str]:
    """The arguments that every head takes; those of hidden layers only where there are some."""
    hidden = {"hidden_sizes": literal(hidden_sizes), "activation": literal(activation)} if hidden_sizes else {}
    return pool_arguments(site, pool) | hidden
