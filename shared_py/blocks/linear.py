"""A linear map."""

from typing import Annotated, Any

from shared_py.blocks.base import Block, BlockCode, BlockContext, width_text
from shared_py.blocks.block_problems import check_values
from shared_py.blocks.common import Bias
from shared_py.problems import AddComponent, Problem, label
from shared_py.properties import about
from shared_py.shapes import Signal, cells_of, width_of, with_width

MAX_OUT = 8192


class Linear(Block, frozen=True):
    """`torch.nn.Linear` over the last dimension: of each cell's vector, or of the one vector of a board."""

    type = "linear"
    title = "Linear"
    summary = "A linear map of each vector, to any width."
    keywords = ("dense", "fully connected", "MLP", "projection", "perceptron", "matmul")
    kind = "layer"

    out_features: (
        Annotated[int, about("Width out", "Numbers in each vector that leaves.", ge=1, le=MAX_OUT, default_text="d_model")] | None
    ) = None
    bias: Bias = True

    def check(self, context: BlockContext) -> list[Problem]:
        return check_values(context)

    def output(self, context: BlockContext) -> Signal:
        return with_width(context.inputs[0], self._width(context))

    def parameters(self, context: BlockContext) -> int:
        """inputs × outputs, and outputs of bias (`torch.nn.Linear`)."""
        return (width_of(context.inputs[0]) + self.bias) * self._width(context)

    def flops(self, context: BlockContext) -> int:
        return cells_of(context.inputs[0]) * width_of(context.inputs[0]) * self._width(context)

    def largest_tensor(self, context: BlockContext) -> int:
        return width_of(context.inputs[0]) * self._width(context)

    def saves_input(self, context: BlockContext) -> bool:
        return True

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        width = "d_model" if self.out_features is None else str(self.out_features)
        arguments = {"in_features": width_text(context), "out_features": width, **self.texts(context, "bias")}
        return self.single(context, "Linear", arguments, inputs, package="torch.nn")

    def _width(self, context: BlockContext) -> int:
        return self.out_features or context.d_model


def append_linear(component_id: str, width: int) -> AddComponent | None:
    """The fix that appends a linear map to a component, if one can be so wide."""
    if width > MAX_OUT:
        return None
    return AddComponent(Linear.type, source=component_id, props={"out_features": width}, **label("append_linear", width=width))


def insert_linear(context: BlockContext, width: int, index: int = 0) -> AddComponent | None:
    """The fix that inserts a linear map before an input of the wrong width, if one can be so wide."""
    if width > MAX_OUT:
        return None
    props: dict[str, Any] = {"out_features": width}
    words = label("insert_linear", width=width)
    return AddComponent(Linear.type, source=context.sources[index], target=context.component_id, props=props, **words)
