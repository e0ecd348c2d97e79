"""The cells become one vector."""

from shared_py.blocks.base import TOKENS, Block, BlockCode, BlockContext, PartOfASum, literal, value_bytes, width_text
from shared_py.blocks.block_problems import shape_problem
from shared_py.blocks.common import Pool as PoolProperty
from shared_py.blocks.pooling import (
    advise_pooling,
    cells_argument,
    check_pooling,
    pool_activation_bytes,
    pool_backward_bytes,
    pool_flops,
    pool_forward_bytes,
    pool_is_view,
    pool_parameters,
    pool_saves_input,
    pooled_width,
)
from shared_py.problems import Problem
from shared_py.shapes import Signal, is_tokens, vector


class Pool(Block, frozen=True):
    """One vector of many: side by side, weighted by place, by attention, the class token, the mean, the largest or the sum."""

    type = "pool"
    title = "Pool"
    summary = "The vectors of all cells become one."
    keywords = ("flatten", "average", "mean", "max", "readout", "CLS token", "global pooling")
    kind = "combine"

    pool: PoolProperty = "flatten"

    def part_of_a_sum(self) -> PartOfASum | None:
        return "sum" if self.pool == "sum" else None

    def check(self, context: BlockContext) -> list[Problem]:
        return check_pooling(context, self.pool) if is_tokens(context.inputs[0]) else [shape_problem(context, TOKENS)]

    def advise(self, context: BlockContext) -> list[Problem]:
        return advise_pooling(context, self.pool)

    def output(self, context: BlockContext) -> Signal:
        return vector(pooled_width(context, self.pool))

    def parameters(self, context: BlockContext) -> int:
        """cells × d for weighted, d for attention, else none."""
        return pool_parameters(context, self.pool)

    def flops(self, context: BlockContext) -> int:
        return pool_flops(context, self.pool)

    def saves_input(self, context: BlockContext) -> bool:
        return pool_saves_input(context, self.pool)

    def is_view(self, context: BlockContext) -> bool:
        return pool_is_view(context, self.pool)

    def saves_output(self, context: BlockContext) -> bool:
        return self.pool == "max"

    def activation_bytes(self, context: BlockContext) -> int:
        return pool_activation_bytes(context, self.pool)

    def forward_bytes(self, context: BlockContext) -> int:
        return pool_forward_bytes(context, self.pool)

    def backward_bytes(self, context: BlockContext) -> int:
        return pool_backward_bytes(context, self.pool) + value_bytes(self.output(context))

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"d_model": width_text(context), "pool": literal(self.pool)} | cells_argument(context)
        return self.single(context, "Pool", arguments, inputs)
