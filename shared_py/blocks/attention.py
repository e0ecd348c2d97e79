"""Attention by itself."""

from shared_py.blocks.base import BlockCode, BlockContext
from shared_py.blocks.common import Bias, Dropout
from shared_py.blocks.dropout import advise_dropout
from shared_py.blocks.heads_of_attention import AttentionHeads
from shared_py.problems import Problem
from shared_py.shapes import Signal, cells_of


class Attention(AttentionHeads, frozen=True):
    """`torch.nn.MultiheadAttention` of the cells of one board to each other; no residual and no norm: draw them, or not.

    With fewer key and value heads it is grouped-query attention (Ainslie et al. 2023), with one multi-query attention; rotary
    positions are those of Su et al. 2021, over the order of the cells.
    """

    type = "attention"
    title = "Attention"
    summary = "Cells attend to each other; nothing else."
    keywords = (
        "multi-head",
        "self-attention",
        "MHA",
        "GQA",
        "grouped-query",
        "multi-query",
        "RoPE",
        "rotary",
        "heads",
        "query key value",
        "softmax",
    )
    kind = "attention"

    dropout: Dropout = 0.0
    bias: Bias = True

    def advise(self, context: BlockContext) -> list[Problem]:
        return [*super().advise(context), *advise_dropout(context, "dropout", self.dropout)]

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def parameters(self, context: BlockContext) -> int:
        """Four square maps: 4d², and 4d of bias (`torch.nn.MultiheadAttention`); fewer key and value heads make two smaller."""
        return self.attention_parameters(self.bias)

    def flops(self, context: BlockContext) -> int:
        return self.attention_flops(cells_of(context.inputs[0]))

    def largest_tensor(self, context: BlockContext) -> int:
        return self.largest_map()

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def activation_bytes(self, context: BlockContext) -> int:
        return self.attention_activation_bytes(cells_of(context.inputs[0]))

    def forward_bytes(self, context: BlockContext) -> int:
        return self.attention_forward_bytes(cells_of(context.inputs[0]))

    def backward_bytes(self, context: BlockContext) -> int:
        return self.attention_backward_bytes(cells_of(context.inputs[0]))

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = self.attention_arguments(context) | self.texts(context, "dropout", "bias")
        return self.single(context, "SelfAttention" if self.is_plain else "GroupedQueryAttention", arguments, inputs)
