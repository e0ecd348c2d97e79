"""Values set to zero by chance."""

from typing import Annotated

from shared_py.blocks.base import Block, BlockCode, BlockContext, value_bytes
from shared_py.blocks.block_problems import check_values, problem, set_property
from shared_py.problems import Problem
from shared_py.properties import about
from shared_py.shapes import Signal


class Dropout(Block, frozen=True):
    """`torch.nn.Dropout`: while training, sets a share of the values to zero and scales up the rest."""

    type = "dropout"
    title = "Dropout"
    summary = "While training, sets some values to zero by chance."
    keywords = ("regularization", "regularisation", "noise", "overfitting")
    kind = "layer"

    p: Annotated[float, about("Share", "Share of values set to zero; no effect under PPO.", ge=0, le=0.9, step=0.05)] = 0.1

    def check(self, context: BlockContext) -> list[Problem]:
        return check_values(context)

    def advise(self, context: BlockContext) -> list[Problem]:
        return advise_dropout(context, "p", self.p)

    def output(self, context: BlockContext) -> Signal:
        return context.inputs[0]

    def is_view(self, context: BlockContext) -> bool:
        return True

    def backward_bytes(self, context: BlockContext) -> int:
        return value_bytes(context.inputs[0])

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        return self.single(context, "Dropout", self.texts(context, "p"), inputs, package="torch.nn")


def advise_dropout(context: BlockContext, field: str, share: float) -> list[Problem]:
    """Say that PPO trains without dropout: with it the ratio of new to old probability would not start at 1."""
    if share == 0:
        return []
    fix = set_property(context, field, 0.0)
    return [problem(context, "dropout_is_off", field=field, expected="0", received=f"{share:g}", fix=fix)]
