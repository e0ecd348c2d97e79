"""The value: how well the game will go on."""

from typing import Annotated

from shared_py.blocks.base import BYTES_PER_VALUE, BlockCode, BlockContext, Call, Module, PartOfASum, literal
from shared_py.blocks.block_problems import no_effect, problem, set_property
from shared_py.blocks.common import InitGain
from shared_py.blocks.head import Head
from shared_py.blocks.pooling import advise_pooling, pooled_width
from shared_py.problems import Problem
from shared_py.properties import about
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
    linear: Annotated[bool, about("Linear map", "Without a last linear map, the single number that arrives is the value.")] = True

    def part_of_a_sum(self) -> PartOfASum | None:
        if self.linear:
            return None
        return "value of a sum" if self.pool == "sum" else "value"

    def check(self, context: BlockContext) -> list[Problem]:
        found = super().check(context)
        if found or self.linear:
            return found
        if self.hidden_sizes:
            fix = set_property(context, "hidden_sizes", [])
            received = ", ".join(map(str, self.hidden_sizes))
            return [problem(context, "hidden_without_linear", field="hidden_sizes", received=received, fix=fix)]
        numbers = pooled_width(context, self.pool)
        if numbers == 1:
            return []
        params, fix = {"count": numbers}, set_property(context, "linear", True)
        return [problem(context, "many_values", params, field="linear", expected="1", received=str(numbers), fix=fix)]

    def advise(self, context: BlockContext) -> list[Problem]:
        found = [*super().advise(context), *advise_pooling(context, self.pool)]
        return found if self.linear else [*found, *no_effect(context, self, "init_gain", "no_linear")]

    def widths(self, context: BlockContext) -> tuple[int, ...]:
        return super().widths(context) if self.linear else (pooled_width(context, self.pool),)

    def loss_bytes(self, context: BlockContext) -> int:
        """Less than the loss counts for a value, where that is the number that arrives or was pooled and not a copy."""
        return 0 if self.linear else -BYTES_PER_VALUE

    def output(self, context: BlockContext) -> Signal:
        return Signal("none", (BATCH,))

    def outputs(self, context: BlockContext) -> int:
        return 1

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        arguments = self.arguments(context)
        if self.init_gain != INIT_GAIN:
            arguments["init_gain"] = literal(self.init_gain)
        if not self.linear:
            arguments["linear"] = "False"
        step = Call((f"value_{context.component_id}",), inputs, "(B,)")
        return BlockCode((Module("ValueHead", arguments),), (step,), {"value": f"value_{context.component_id}"})
