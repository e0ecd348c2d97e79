"""What the two kinds of output share: sixteen vectors become one, then a linear map."""

from shared_py.blocks.base import BYTES_PER_VALUE, Site, shape_problem
from shared_py.problems import Problem
from shared_py.shapes import CELLS, is_tokens, width_of


def check_pooling(site: Site) -> list[Problem]:
    """Check that one vector for each cell arrives."""
    return [] if is_tokens(site.inputs[0]) else [shape_problem(site, "one vector for each cell, (B, 16, d)")]


def pooled_width(site: Site, pool: str) -> int:
    """How many numbers the linear map reads."""
    width = width_of(site.inputs[0])
    return CELLS * width if pool == "flatten" else width


def head_parameters(site: Site, pool: str, outputs: int) -> int:
    """A linear map of the pooled width with bias, and a 16 × d table of weights when pooling by position weights."""
    table = CELLS * width_of(site.inputs[0]) if pool == "weighted" else 0
    return table + (pooled_width(site, pool) + 1) * outputs


def head_flops(site: Site, pool: str, outputs: int) -> int:
    """Multiply-adds of the linear map, and of the weighting."""
    table = CELLS * width_of(site.inputs[0]) if pool == "weighted" else 0
    return table + pooled_width(site, pool) * outputs


def head_activation_bytes(site: Site, pool: str, outputs: int) -> int:
    """The pooled vector and the outputs are kept."""
    return (pooled_width(site, pool) + outputs) * BYTES_PER_VALUE


def width_text(site: Site) -> str:
    """Write the width that arrives as Python: the design's `d_model` where it is that."""
    width = width_of(site.inputs[0])
    return "d_model" if width == site.d_model else str(width)
