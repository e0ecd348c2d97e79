"""Attention by itself."""

from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, BlockContext, Inspected, problem, set_property
from shared_py.blocks.common import Bias, Dropout, Heads, ModelWidth
from shared_py.blocks.dropout import advise_dropout
from shared_py.blocks.input_checks import check_tokens
from shared_py.problems import Problem
from shared_py.shapes import Signal, cells_of


class Attention(Block, frozen=True):
    """`torch.nn.MultiheadAttention` of the cells of one board to each other; no residual and no norm: draw them, or not."""

    type = "attention"
    title = "Attention"
    summary = "Cells attend to each other; nothing else."
    keywords = ("multi-head", "self-attention", "MHA", "heads", "query key value", "softmax")
    kind = "attention"

    d_model: ModelWidth = 128
    n_heads: Heads = 4
    dropout: Dropout = 0.0
    bias: Bias = True

    def check(self, context: BlockContext) -> list[Problem]:
        return [*check_heads(context, self.d_model, self.n_heads), *check_tokens(context, self.d_model)]

    def advise(self, context: BlockContext) -> list[Problem]:
        return advise_dropout(context, "dropout", self.dropout)

    def inspected(self) -> Inspected:
        return Inspected("attention", self.n_heads)

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def parameters(self, context: BlockContext) -> int:
        """Four square maps: 4d², and 4d of bias (`torch.nn.MultiheadAttention`)."""
        return 4 * self.d_model * (self.d_model + self.bias)

    def flops(self, context: BlockContext) -> int:
        return attention_flops(cells_of(context.inputs[0]), self.d_model)

    def largest_tensor(self, context: BlockContext) -> int:
        return 3 * self.d_model * self.d_model

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        return attention_activation_bytes(cells_of(context.inputs[0]), self.d_model, self.n_heads)

    def forward_bytes(self, context: BlockContext) -> int:
        return attention_forward_bytes(cells_of(context.inputs[0]), self.d_model, self.n_heads)

    def backward_bytes(self, context: BlockContext) -> int:
        return attention_backward_bytes(cells_of(context.inputs[0]), self.d_model, self.n_heads)

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {"d_model": self.text(context, "d_model"), "nhead": self.text(context, "n_heads")}
        return self.single(context, "SelfAttention", arguments | self.texts(context, "dropout", "bias"), inputs)


def attention_flops(cells: int, d_model: int) -> int:
    """Multiply-adds of four maps, of all pairs of cells, and of their weighted sums."""
    return 4 * cells * d_model * d_model + 2 * cells * cells * d_model


def attention_activation_bytes(cells: int, d_model: int, n_heads: int) -> int:
    """Queries, keys, values and the mixed values, and one weight a head and pair of cells.

    With one head, keys and values are read where the projection left them, which keeps all three of its parts and the scaled
    queries beside them.
    """
    parts = 5 if n_heads == 1 else 4
    return (parts * cells * d_model + n_heads * cells * cells) * BYTES_PER_VALUE


def attention_forward_bytes(cells: int, d_model: int, n_heads: int) -> int:
    """The projection and the scores, which live until the mixed values are there."""
    parts = 0 if n_heads == 1 else 3
    return (parts * cells * d_model + n_heads * cells * cells) * BYTES_PER_VALUE


def attention_backward_bytes(cells: int, d_model: int, n_heads: int) -> int:
    """Gradients of weights and scores, or of the projection's parts and of them together."""
    return (2 * cells * d_model + n_heads * cells * cells) * BYTES_PER_VALUE


def check_heads(context: BlockContext, d_model: int, n_heads: int) -> list[Problem]:
    """Check that `n_heads` divides `d_model`; the fix takes the nearest divisor."""
    if d_model % n_heads == 0:
        return []
    divisors = [n for n in range(1, min(d_model, 64) + 1) if d_model % n == 0]
    nearest = min(divisors, key=lambda n: (abs(n - n_heads), -n))
    fix, received = set_property(context, "n_heads", nearest), str(n_heads)
    expected = "one of " + ", ".join(map(str, divisors))
    params = {"d_model": d_model}
    return [problem(context, "heads_do_not_divide", params, field="n_heads", expected=expected, received=received, fix=fix)]
