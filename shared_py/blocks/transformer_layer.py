"""One layer of a transformer encoder."""

from typing import Annotated

from shared_py.blocks.attention import attention_activation_bytes, attention_backward_bytes, attention_flops, check_heads
from shared_py.blocks.base import BYTES_PER_VALUE, Block, BlockCode, BlockContext, Inspected, value_bytes
from shared_py.blocks.common import (
    BACKWARD_USES_OUTPUT,
    Bias,
    Dropout,
    FeedForward,
    Heads,
    LayerActivationName,
    ModelWidth,
    NormEpsilon,
)
from shared_py.blocks.dropout import advise_dropout
from shared_py.blocks.input_checks import check_tokens
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of


class TransformerLayer(Block, frozen=True):
    """`torch.nn.TransformerEncoderLayer` with `batch_first=True`: the cells of one board attend to each other."""

    type = "transformer_layer"
    title = "Transformer layer"
    summary = "Cells attend to each other, then a feed-forward network works on each."
    keywords = ("encoder", "self-attention", "multi-head", "feed-forward", "FFN", "residual")
    kind = "attention"

    d_model: ModelWidth = 128
    n_heads: Heads = 4
    dim_feedforward: FeedForward | None = None
    dropout: Dropout = 0.0
    activation: Annotated[LayerActivationName, about("Activation", "Activation function between the two linear maps.")] = "gelu"
    layer_norm_eps: NormEpsilon = 1e-5
    norm_first: Annotated[bool, about("Norm first", "Normalise before attention and feed-forward, not after.")] = True
    bias: Bias = True

    @property
    def hidden(self) -> int:
        """The feed-forward width, 4 × d_model when left out."""
        return self.dim_feedforward or 4 * self.d_model

    def check(self, context: BlockContext) -> list[Problem]:
        return [*check_heads(context, self.d_model, self.n_heads), *check_tokens(context, self.d_model)]

    def advise(self, context: BlockContext) -> list[Problem]:
        return advise_dropout(context, "dropout", self.dropout)

    def inspected(self) -> Inspected:
        return Inspected("attention", self.n_heads)

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def parameters(self, context: BlockContext) -> int:
        """Attention 4d² + 4d, feed-forward 2df + f + d, two norms 4d; without bias 4d² + 2df + 2d (torch.nn)."""
        d, f = self.d_model, self.hidden
        weights = 4 * d * d + 2 * d * f + 2 * d
        biases = 4 * d + f + d + 2 * d
        return weights + (biases if self.bias else 0)

    def flops(self, context: BlockContext) -> int:
        cells = cells_of(context.inputs[0])
        return attention_flops(cells, self.d_model) + 2 * cells * self.d_model * self.hidden

    def largest_tensor(self, context: BlockContext) -> int:
        return self.d_model * max(3 * self.d_model, self.hidden)

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        """Attention, the two norms and the sum between, the hidden layer after its activation, and before it if needed."""
        cells, d, f = cells_of(context.inputs[0]), self.d_model, self.hidden
        hidden = f if self.activation in BACKWARD_USES_OUTPUT else 2 * f
        return attention_activation_bytes(cells, d, self.n_heads) + cells * (3 * d + 4 + hidden) * BYTES_PER_VALUE

    def forward_bytes(self, context: BlockContext) -> int:
        return value_bytes(context.inputs[0])

    def backward_bytes(self, context: BlockContext) -> int:
        """Gradients of the hidden layer before and after its activation; where it is narrow, those of attention."""
        cells, d, f = cells_of(context.inputs[0]), self.d_model, self.hidden
        hidden, kept = (2 * f, f) if self.activation in BACKWARD_USES_OUTPUT else (f, 2 * f)
        attention = attention_backward_bytes(cells, d, self.n_heads) - (kept + d) * cells * BYTES_PER_VALUE
        return max(cells * (hidden + d) * BYTES_PER_VALUE, attention)

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = {
            "d_model": self.text(context, "d_model"),
            "nhead": self.text(context, "n_heads"),
            "dim_feedforward": str(self.hidden),
            **self.texts(context, "dropout", "activation", "layer_norm_eps", "norm_first", "bias"),
        }
        return self.single(context, "TransformerEncoderLayer", arguments, inputs)
