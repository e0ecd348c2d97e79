"""One layer of a transformer encoder."""

from typing import Annotated

from shared_py.blocks.base import BYTES_PER_VALUE, BlockCode, BlockContext, value_bytes
from shared_py.blocks.common import BACKWARD_USES_OUTPUT, Bias, Dropout, FeedForward, GatedActivation, NormEpsilon
from shared_py.blocks.dropout import advise_dropout
from shared_py.blocks.heads_of_attention import AttentionHeads
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of


class TransformerLayer(AttentionHeads, frozen=True):
    """`torch.nn.TransformerEncoderLayer` with `batch_first=True`: the cells of one board attend to each other.

    `swiglu` makes the feed-forward network three linear maps, down(silu(gate(x)) × up(x)) (Shazeer 2020).
    """

    type = "transformer_layer"
    title = "Transformer layer"
    summary = "Cells attend to each other, then a feed-forward network works on each."
    keywords = ("encoder", "self-attention", "multi-head", "feed-forward", "FFN", "residual", "SwiGLU", "GQA", "RoPE")
    kind = "attention"

    dim_feedforward: FeedForward | None = None
    dropout: Dropout = 0.0
    activation: GatedActivation = "gelu"
    layer_norm_eps: NormEpsilon = 1e-5
    norm_first: Annotated[bool, about("Norm first", "Normalise before attention and feed-forward, not after.")] = True
    bias: Bias = True

    @property
    def hidden(self) -> int:
        """The feed-forward width, 4 × d_model when left out."""
        return self.dim_feedforward or 4 * self.d_model

    @property
    def is_gated(self) -> bool:
        """Whether a third linear map gates the hidden layer."""
        return self.activation == "swiglu"

    def advise(self, context: BlockContext) -> list[Problem]:
        return [*super().advise(context), *advise_dropout(context, "dropout", self.dropout)]

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def parameters(self, context: BlockContext) -> int:
        """Attention 4d² + 4d, feed-forward 2df + f + d, two norms 4d; without bias 4d² + 2df + 2d (torch.nn).

        A gate adds df + f; fewer key and value heads make two of the maps of attention smaller.
        """
        d, f = self.d_model, self.hidden
        feed_forward = (2 + self.is_gated) * d * f + ((1 + self.is_gated) * f + d) * self.bias
        return self.attention_parameters(self.bias) + feed_forward + 2 * d * (1 + self.bias)

    def flops(self, context: BlockContext) -> int:
        cells = cells_of(context.inputs[0])
        return self.attention_flops(cells) + (2 + self.is_gated) * cells * self.d_model * self.hidden

    def largest_tensor(self, context: BlockContext) -> int:
        return max(self.largest_map(), self.d_model * self.hidden)

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        """Attention, the two norms and the sum between, and what the hidden layer keeps."""
        cells = cells_of(context.inputs[0])
        return self.attention_activation_bytes(cells) + cells * (3 * self.d_model + 4 + self._kept_hidden) * BYTES_PER_VALUE

    def forward_bytes(self, context: BlockContext) -> int:
        return value_bytes(context.inputs[0])

    def backward_bytes(self, context: BlockContext) -> int:
        """Gradients of the hidden layer before and after its activation; where it is narrow, those of attention."""
        cells, d, f = cells_of(context.inputs[0]), self.d_model, self.hidden
        hidden = 3 * f if self.is_gated else 2 * f if self.activation in BACKWARD_USES_OUTPUT else f
        attention = self.attention_backward_bytes(cells) - (self._kept_hidden + d) * cells * BYTES_PER_VALUE
        return max(cells * (hidden + d) * BYTES_PER_VALUE, attention)

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        names = ("dropout", *([] if self.is_gated else ["activation"]), "layer_norm_eps", "norm_first", "bias")
        arguments = {
            **self.attention_arguments(context),
            "dim_feedforward": str(self.hidden),
            **self.texts(context, *names),
        }
        return self.single(context, "GatedEncoderLayer" if self.is_gated else "TransformerEncoderLayer", arguments, inputs)

    @property
    def _kept_hidden(self) -> int:
        """Numbers of a cell that the feed-forward network keeps.

        The hidden layer after its activation, and before it if needed; of a gated one its gate before and after the
        activation, what is gated, and their product.
        """
        if self.is_gated:
            return 4 * self.hidden
        return self.hidden if self.activation in BACKWARD_USES_OUTPUT else 2 * self.hidden
