"""What blocks with attention share: heads, key and value heads, rotary positions, and what attention costs."""

from typing import Annotated

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockContext, Inspected, literal
from shared_py.blocks.block_problems import no_effect, problem, set_property
from shared_py.blocks.common import Heads, ModelWidth
from shared_py.blocks.input_checks import check_tokens
from shared_py.blocks.pooling import cells_argument
from shared_py.problems import Problem, SetProperty
from shared_py.properties import about

KeyValueHeads = Annotated[
    int,
    about(
        "Key and value heads",
        "Each serves n_heads ÷ this many heads (grouped-query attention).",
        ge=1,
        le=64,
        divides="n_heads",
        default_text="n_heads",
    ),
]
Rotary = Annotated[
    bool, about("Rotary positions", "Turns queries and keys by their cell's number, so that heads see how far cells are apart.")
]
RopeTheta = Annotated[
    float, about("Rotary base", "The slowest turn takes about this many cells × 2π.", ge=1, le=1_000_000, step=1)
]


class AttentionHeads(Block, frozen=True):
    """A block in which the cells of a board attend to each other, on several heads."""

    d_model: ModelWidth = 128
    n_heads: Heads = 4
    num_key_value_heads: KeyValueHeads | None = None
    rotary: Rotary = False
    rope_theta: RopeTheta = 10_000.0

    @property
    def key_value_heads(self) -> int:
        """The heads of keys and of values, n_heads when left out."""
        return self.num_key_value_heads or self.n_heads

    @property
    def is_plain(self) -> bool:
        """Whether it is `torch.nn.MultiheadAttention`, which projects queries, keys and values at once."""
        return self.key_value_heads == self.n_heads and not self.rotary

    @property
    def key_value_width(self) -> int:
        """Numbers of a cell's keys on all heads of keys, and of its values."""
        return self.d_model * self.key_value_heads // self.n_heads

    def check(self, context: BlockContext) -> list[Problem]:
        return [*self._check_heads(context), *check_tokens(context, self.d_model)]

    def advise(self, context: BlockContext) -> list[Problem]:
        return [] if self.rotary else no_effect(context, self, "rope_theta", "no_rotary")

    def inspected(self) -> Inspected:
        return Inspected("attention", self.n_heads)

    def attention_parameters(self, bias: bool) -> int:
        """Maps of queries and of the result, d² each, and of keys and values, with their biases."""
        return (self.d_model + bias) * 2 * (self.d_model + self.key_value_width)

    def attention_flops(self, cells: int) -> int:
        """Multiply-adds of four maps, of all pairs of cells, and of their weighted sums."""
        return 2 * cells * self.d_model * (self.d_model + self.key_value_width + cells)

    def largest_map(self) -> int:
        """Parameters of the largest map; torch has one tensor for queries, keys and values."""
        return (3 if self.is_plain else 1) * self.d_model * self.d_model

    def attention_activation_bytes(self, cells: int) -> int:
        """Queries, keys, values and the mixed values, and one weight a head and pair of cells.

        With one head, keys and values are read where torch's single projection left them, which keeps all three of its parts
        and the scaled queries beside them. Keys and values that serve several heads are copied for each.
        """
        parts = 5 if self.n_heads == 1 and self.is_plain else 4
        return (parts * cells * self.d_model + self.n_heads * cells * cells) * BYTES_PER_VALUE

    def attention_forward_bytes(self, cells: int) -> int:
        """The projections and the scores, which live until the mixed values are there; rotary ones are there twice."""
        projected = self.d_model + 2 * self.key_value_width
        if self.n_heads == 1 and self.is_plain:
            projected = 0
        turned = self.d_model + self.key_value_width if self.rotary else 0
        return ((projected + turned) * cells + self.n_heads * cells * cells) * BYTES_PER_VALUE

    def attention_backward_bytes(self, cells: int) -> int:
        """Gradients of weights and scores, or of the projection's parts and of them together."""
        parts = 2 if self.is_plain else 3
        return (parts * cells * self.d_model + self.n_heads * cells * cells) * BYTES_PER_VALUE

    def attention_arguments(self, context: BlockContext) -> dict[str, str]:
        """The arguments of heads: two of torch, and those of grouped or rotary attention where it is that."""
        arguments = {"d_model": self.text(context, "d_model"), "nhead": self.text(context, "n_heads")}
        if self.key_value_heads != self.n_heads:
            arguments["num_key_value_heads"] = literal(self.key_value_heads)
        if self.rotary:
            arguments |= {"rope_theta": literal(float(self.rope_theta)), **cells_argument(context)}
        return arguments

    def _check_heads(self, context: BlockContext) -> list[Problem]:
        """Check that heads divide the width, that key and value heads divide heads, and that rotary heads have pairs."""
        d_model, heads = self.d_model, self.n_heads
        if d_model % heads:
            expected, fix = _nearest_divisor(context, "n_heads", d_model, heads)
            params = {"d_model": d_model}
            return [
                problem(context, "heads_do_not_divide", params, field="n_heads", expected=expected, received=str(heads), fix=fix)
            ]
        if heads % self.key_value_heads:
            expected, fix = _nearest_divisor(context, "num_key_value_heads", heads, self.key_value_heads)
            params, received = {"n_heads": heads}, str(self.key_value_heads)
            field = "num_key_value_heads"
            return [problem(context, "groups_of_heads", params, field=field, expected=expected, received=received, fix=fix)]
        if self.rotary and d_model // heads % 2:
            fix = set_property(context, "rotary", False)
            params = {"numbers": d_model // heads}
            return [problem(context, "odd_rotary_heads", params, field="rotary", expected="false", received="true", fix=fix)]
        return []


def _nearest_divisor(context: BlockContext, field: str, number: int, received: int) -> tuple[str, SetProperty]:
    """The divisors that a property may be, and the fix that takes the nearest."""
    divisors = [n for n in range(1, min(number, 64) + 1) if number % n == 0]
    nearest = min(divisors, key=lambda n: (abs(n - received), -n))
    return "one of " + ", ".join(map(str, divisors)), set_property(context, field, nearest)
