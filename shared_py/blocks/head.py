"""What the outputs and the auxiliary head share: pooling, hidden layers, a last linear map."""

from abc import abstractmethod
from itertools import pairwise

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockContext, literal
from shared_py.blocks.block_problems import no_effect
from shared_py.blocks.common import BACKWARD_USES_OUTPUT, Activation, HiddenSizes, Pool
from shared_py.blocks.pooling import (
    check_pooling,
    pool_activation_bytes,
    pool_arguments,
    pool_backward_bytes,
    pool_flops,
    pool_forward_bytes,
    pool_is_view,
    pool_parameters,
    pool_saves_input,
    pooled_width,
)
from shared_py.problems import Problem
from shared_py.shapes import is_tokens


class Head(Block, frozen=True):
    """A block at the end of a branch: pooling, hidden layers, and a last linear map."""

    pool: Pool = "flatten"
    hidden_sizes: HiddenSizes = ()
    activation: Activation = "gelu"

    @abstractmethod
    def outputs(self, context: BlockContext) -> int:
        """The width of its output."""

    def largest_output(self, context: BlockContext) -> int:
        """The width of its widest last linear map; there may be several side by side."""
        return self.outputs(context)

    def widths(self, context: BlockContext) -> tuple[int, ...]:
        """Widths of the pooled vector, of each hidden layer and of the output."""
        return (pooled_width(context, self.pool), *self.hidden_sizes, self.outputs(context))

    def check(self, context: BlockContext) -> list[Problem]:
        return check_pooling(context, self.pool)

    def advise(self, context: BlockContext) -> list[Problem]:
        found = []
        if not self.hidden_sizes:
            found += no_effect(context, self, "activation", "no_hidden_layers")
        if not is_tokens(context.inputs[0]):
            found += no_effect(context, self, "pool", "nothing_to_pool")
        return found

    def parameters(self, context: BlockContext) -> int:
        """The pooling's own, then (inputs + 1) × outputs for each linear map; at last 4 for moves, 1 for a value, or both."""
        return pool_parameters(context, self.pool) + sum((before + 1) * after for before, after in pairwise(self.widths(context)))

    def flops(self, context: BlockContext) -> int:
        """Multiply-adds of the linear maps, and of pooling by attention."""
        return pool_flops(context, self.pool) + sum(before * after for before, after in pairwise(self.widths(context)))

    def largest_tensor(self, context: BlockContext) -> int:
        """The pooling's table, or the widest of the linear maps."""
        widths = (*self.widths(context)[:-1], self.largest_output(context))
        return max((pool_parameters(context, self.pool), *(before * after for before, after in pairwise(widths))))

    def saves_input(self, context: BlockContext) -> bool:
        """Whether the pooling saves its input or, where pooling is a view, the first linear map does, or the loss without one."""
        return pool_is_view(context, self.pool) or pool_saves_input(context, self.pool)

    def activation_bytes(self, context: BlockContext) -> int:
        """What the pooling keeps, the pooled vector, and each hidden layer after its activation, and before it where needed."""
        times = 1 if self.activation in BACKWARD_USES_OUTPUT else 2
        return (
            pool_activation_bytes(context, self.pool)
            + self._pooled_bytes(context)
            + times * sum(self.hidden_sizes) * BYTES_PER_VALUE
        )

    def forward_bytes(self, context: BlockContext) -> int:
        """What the pooling needs for a while; the rest is small."""
        return pool_forward_bytes(context, self.pool)

    def backward_bytes(self, context: BlockContext) -> int:
        """The gradients of the input, of the pooled vector and of the widest hidden layer."""
        hidden = 2 * max(self.hidden_sizes, default=0) * BYTES_PER_VALUE
        return pool_backward_bytes(context, self.pool) + self._pooled_bytes(context) + hidden

    def arguments(self, context: BlockContext) -> dict[str, str]:
        """The arguments that every head takes; those of hidden layers only where there are some."""
        hidden = {"hidden_sizes": literal(self.hidden_sizes), "activation": literal(self.activation)} if self.hidden_sizes else {}
        return pool_arguments(context, self.pool) | hidden

    def _pooled_bytes(self, context: BlockContext) -> int:
        """The pooled vector, where the pooling makes one."""
        return 0 if pool_is_view(context, self.pool) else pooled_width(context, self.pool) * BYTES_PER_VALUE
