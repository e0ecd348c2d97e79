"""What the outputs and the auxiliary head share: pooling, hidden layers, a last linear map."""

from abc import abstractmethod
from itertools import pairwise

from shared_py.blocks.base import BYTES_PER_VALUE, Block, Site, literal, no_effect
from shared_py.blocks.common import BACKWARD_USES_OUTPUT, Activation, HiddenSizes, Pool
from shared_py.blocks.pooling import (
    check_pooling,
    pool_activation_bytes,
    pool_arguments,
    pool_backward_bytes,
    pool_flops,
    pool_forward_bytes,
    pool_keeps_input,
    pool_parameters,
    pool_passes_on,
    pooled_width,
)
from shared_py.problems import Problem
from shared_py.shapes import is_tokens


class Head(Block, frozen=True):
    """A block that ends a branch: many vectors become one, layers follow, and the last gives so many numbers."""

    pool: Pool = "flatten"
    hidden_sizes: HiddenSizes = ()
    activation: Activation = "gelu"

    @abstractmethod
    def outputs(self, site: Site) -> int:
        """How many numbers it gives for one board."""

    def largest_output(self, site: Site) -> int:
        """How many of them one linear map gives; several may stand side by side at the end."""
        return self.outputs(site)

    def widths(self, site: Site) -> tuple[int, ...]:
        """Of what was pooled, of each hidden layer, of what it gives."""
        return (pooled_width(site, self.pool), *self.hidden_sizes, self.outputs(site))

    def check(self, site: Site) -> list[Problem]:
        return check_pooling(site, self.pool)

    def advise(self, site: Site) -> list[Problem]:
        found = []
        if not self.hidden_sizes:
            found += no_effect(site, self, "activation", "without hidden_sizes: it follows each hidden layer")
        if not is_tokens(site.inputs[0]):
            found += no_effect(site, self, "pool", "where one vector arrives: there is nothing to pool")
        return found

    def parameters(self, site: Site) -> int:
        """The pooling's own, then (inputs + 1) × outputs for each linear map; at last 4 for moves, 1 for a value, or both."""
        return pool_parameters(site, self.pool) + sum((before + 1) * after for before, after in pairwise(self.widths(site)))

    def flops(self, site: Site) -> int:
        """Multiply-adds of the linear maps, and of pooling by attention."""
        return pool_flops(site, self.pool) + sum(before * after for before, after in pairwise(self.widths(site)))

    def largest_tensor(self, site: Site) -> int:
        """The pooling's table, or the widest of the linear maps."""
        widths = (*self.widths(site)[:-1], self.largest_output(site))
        return max(pool_parameters(site, self.pool), *(before * after for before, after in pairwise(widths)))

    def saves_input(self, site: Site) -> bool:
        """Whether the pooling keeps what arrives, or, where nothing is made by it, the first linear map does."""
        return pool_passes_on(site, self.pool) or pool_keeps_input(site, self.pool)

    def activation_bytes(self, site: Site) -> int:
        """What the pooling keeps, the pooled vector, and each hidden layer after its bend, and before it where that is needed."""
        times = 1 if self.activation in BACKWARD_USES_OUTPUT else 2
        return (
            pool_activation_bytes(site, self.pool) + self._pooled_bytes(site) + times * sum(self.hidden_sizes) * BYTES_PER_VALUE
        )

    def forward_bytes(self, site: Site) -> int:
        """What the pooling needs for a while; the rest is small."""
        return pool_forward_bytes(site, self.pool)

    def backward_bytes(self, site: Site) -> int:
        """The gradients of what arrives and of what was pooled, and of the widest hidden layer."""
        hidden = 2 * max(self.hidden_sizes, default=0) * BYTES_PER_VALUE
        return pool_backward_bytes(site, self.pool) + self._pooled_bytes(site) + hidden

    def arguments(self, site: Site) -> dict[str, str]:
        """The arguments that every head takes; those of hidden layers only where there are some."""
        hidden = {"hidden_sizes": literal(self.hidden_sizes), "activation": literal(self.activation)} if self.hidden_sizes else {}
        return pool_arguments(site, self.pool) | hidden

    def _pooled_bytes(self, site: Site) -> int:
        """The pooled vector, where the pooling makes one."""
        return 0 if pool_passes_on(site, self.pool) else pooled_width(site, self.pool) * BYTES_PER_VALUE
