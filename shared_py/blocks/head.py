"""What the outputs and the auxiliary head share: pooling, hidden layers, a last linear map."""

from itertools import pairwise

from shared_py.blocks.base import BYTES_PER_VALUE, Site, literal
from shared_py.blocks.pooling import pool_activation_bytes, pool_arguments, pool_flops, pool_parameters, pooled_width


def head_parameters(site: Site, pool: str, hidden_sizes: tuple[int, ...], outputs: int) -> int:
    """The pooling's own, then linear maps with bias: (inputs + 1) × outputs for each."""
    widths = (pooled_width(site, pool), *hidden_sizes, outputs)
    return pool_parameters(site, pool) + sum((before + 1) * after for before, after in pairwise(widths))


def head_flops(site: Site, pool: str, hidden_sizes: tuple[int, ...], outputs: int) -> int:
    """Multiply-adds of the pooling and of the linear maps."""
    widths = (pooled_width(site, pool), *hidden_sizes, outputs)
    return pool_flops(site, pool) + sum(before * after for before, after in pairwise(widths))


def head_activation_bytes(site: Site, pool: str, hidden_sizes: tuple[int, ...], outputs: int) -> int:
    """The pooled vector, each hidden layer before and after its bend, the outputs."""
    pooled = 0 if pool in ("flatten", "cls") else pooled_width(site, pool)
    return pool_activation_bytes(site, pool) + (pooled + 2 * sum(hidden_sizes) + outputs) * BYTES_PER_VALUE


def head_arguments(site: Site, pool: str, hidden_sizes: tuple[int, ...], activation: str) -> dict[str, str]:
    """The arguments that every head takes; those of hidden layers only where there are some."""
    hidden = {"hidden_sizes": literal(hidden_sizes), "activation": literal(activation)} if hidden_sizes else {}
    return pool_arguments(site, pool) | hidden
