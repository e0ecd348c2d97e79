"""The cells become one vector."""

from shared_py.blocks.base import (
    TOKENS,
    Block,
    BlockCode,
    Site,
    literal,
    shape_problem,
    value_bytes,
    width_text,
)
from shared_py.blocks.common import Pool as PoolProperty
from shared_py.blocks.pooling import (
    advise_pooling,
    cells_argument,
    check_pooling,
    pool_activation_bytes,
    pool_backward_bytes,
    pool_flops,
    pool_forward_bytes,
    pool_keeps_input,
    pool_parameters,
    pool_passes_on,
    pooled_width,
)
from shared_py.problems import Problem
from shared_py.shapes import Signal, is_tokens, vector


class Pool(Block, frozen=True):
    """One vector of many: side by side, weighted by place, by attention, the class token, the mean or the largest."""

    type = "pool"
    title = "Pool"
    summary = "The vectors of all cells become one."
    kind = "combine"

    pool: PoolProperty = "flatten"

    def check(self, site: Site) -> list[Problem]:
        return check_pooling(site, self.pool) if is_tokens(site.inputs[0]) else [shape_problem(site, TOKENS)]

    def advise(self, site: Site) -> list[Problem]:
        return advise_pooling(site, self.pool)

    def output(self, site: Site) -> Signal:
        return vector(pooled_width(site, self.pool))

    def parameters(self, site: Site) -> int:
        """cells × d for weighted, d for attention, else none."""
        return pool_parameters(site, self.pool)

    def flops(self, site: Site) -> int:
        return pool_flops(site, self.pool)

    def saves_input(self, site: Site) -> bool:
        return pool_keeps_input(site, self.pool)

    def is_view(self, site: Site) -> bool:
        return pool_passes_on(site, self.pool)

    def saves_output(self, site: Site) -> bool:
        return self.pool == "max"

    def activation_bytes(self, site: Site) -> int:
        return pool_activation_bytes(site, self.pool)

    def forward_bytes(self, site: Site) -> int:
        return pool_forward_bytes(site, self.pool)

    def backward_bytes(self, site: Site) -> int:
        return pool_backward_bytes(site, self.pool) + value_bytes(self.output(site))

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"d_model": width_text(site), "pool": literal(self.pool)} | cells_argument(site)
        return self.single(site, "Pool", arguments, inputs)
