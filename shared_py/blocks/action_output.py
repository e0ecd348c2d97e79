"""The policy: what the network would play."""

from shared_py.blocks.base import BlockCode, BlockContext, Call, Module, literal
from shared_py.blocks.common import InitGain
from shared_py.blocks.head import Head
from shared_py.blocks.pooling import advise_pooling
from shared_py.game_2048 import N_ACTIONS
from shared_py.problems import Problem
from shared_py.shapes import BATCH, Signal

INIT_GAIN = 0.08


class ActionOutput(Head, frozen=True):
    """Policy logits `(B, 4)`, and the value `(B,)` when the design has no output for it; illegal moves are masked."""

    type = "action_output"
    title = "Action output"
    summary = "How much it wants each of the four moves."
    keywords = ("policy", "head", "logits", "moves", "actor", "softmax", "end")
    kind = "output"
    role = "policy"

    init_gain: InitGain = INIT_GAIN

    def advise(self, context: BlockContext) -> list[Problem]:
        return [*super().advise(context), *advise_pooling(context, self.pool)]

    def output(self, context: BlockContext) -> Signal:
        return Signal("none", (BATCH, N_ACTIONS))

    def outputs(self, context: BlockContext) -> int:
        return N_ACTIONS + (0 if "value" in context.roles else 1)

    def largest_output(self, context: BlockContext) -> int:
        return N_ACTIONS

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        gives_value = "value" not in context.roles
        arguments = self.arguments(context) | {"value": str(gives_value)}
        if self.init_gain != INIT_GAIN:
            arguments["init_gain"] = literal(self.init_gain)
        name = context.component_id
        targets = (f"logits_{name}", f"value_{name}" if gives_value else "_")
        step = Call(targets, inputs, "(B, 4), (B,)" if gives_value else "(B, 4)")
        gives = {"logits": f"logits_{name}"} | ({"value": f"value_{name}"} if gives_value else {})
        return BlockCode((Module("ActionHead", arguments),), (step,), gives)
