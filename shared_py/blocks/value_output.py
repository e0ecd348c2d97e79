"""The value: how well the game will go on."""

from shared_py.blocks.base import BlockCode, BlockContext, Call, Module, literal
from shared_py.blocks.common import InitGain
from shared_py.blocks.head import Head
from shared_py.blocks.pooling import advise_pooling
from shared_py.problems import Problem
from shared_py.shapes import BATCH, Signal

INIT_GAIN = 0.1


class ValueOutput(Head, frozen=True):
    """The value `(B,)`: the discounted reward expected from here; with it the action output gives none."""

    type = "value_output"
    title = "Value output"
    summary = "How much reward it expects from here."
    keywords = ("critic", "head", "baseline", "state value", "return")
    kind = "output"
    role = "value"

    init_gain: InitGain = INIT_GAIN

    def advise(self, context: BlockContext) -> list[Problem]:
        return [*super().advise(context), *advise_pooling(context, self.pool)]

    def output(self, context: BlockContext) -> Signal:
        return Signal("none", (BATCH,))

    def outputs(self, context: BlockContext) -> int:
        return 1

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = self.arguments(context)
        if self.init_gain != INIT_GAIN:
            arguments["init_gain"] = literal(self.init_gain)
        step = Call((f"value_{context.component_id}",), inputs, "(B,)")
        return BlockCode((Module("ValueHead", arguments),), (step,), {"value": f"value_{context.component_id}"})
