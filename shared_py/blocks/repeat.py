"""The same few blocks, several times over."""

from shared_py.blocks.base import Block, BlockCode, BlockContext, Module, Sizes, literal
from shared_py.blocks.block_problems import no_effect, problem, set_property
from shared_py.blocks.common import ShareWeights, Times
from shared_py.blocks.containers import body_arguments, body_class, body_of, container_code, repeated
from shared_py.blocks.linear import append_linear
from shared_py.layout import LAMBDA, Brackets, Keyed, Node
from shared_py.problems import Fix, Problem
from shared_py.shapes import Signal, describe_apart, width_of, with_width


class Repeat(Block, frozen=True):
    """Runs its content several times, each time on the last output, with its own weights each time or shared ones."""

    type = "repeat"
    title = "Repeat"
    summary = "Runs the blocks inside it several times over."
    keywords = ("loop", "times", "depth", "stack", "share weights", "recurrent")
    kind = "container"
    container = True

    times: Times = 2
    share_weights: ShareWeights = False

    def check(self, context: BlockContext) -> list[Problem]:
        arrives, leaves = context.inputs[0], body_of(context).output
        if arrives == leaves or self.times == 1:
            return []
        expected, received = describe_apart(arrives, leaves, context.d_model)
        fix: Fix | None = set_property(context, "times", 1)
        if arrives.kind == "values" and with_width(leaves, width_of(arrives)) == arrives:
            fix = append_linear(body_of(context).last, width_of(arrives)) or fix
        return [
            problem(context, "shape_mismatch", {"case": "repeat"}, field="times", expected=expected, received=received, fix=fix)
        ]

    def advise(self, context: BlockContext) -> list[Problem]:
        if self.times == 1:
            return no_effect(context, self, "share_weights", "runs_once")
        if context.body is not None and not context.body.sizes.parameters:
            return no_effect(context, self, "share_weights", "no_weights_inside")
        return []

    def paths_inside(self, component_id: str) -> tuple[str, ...]:
        return tuple(f"{component_id}.{index}" for index in range(self.times))

    def output(self, context: BlockContext) -> Signal:
        return body_of(context).output

    def sizes(self, context: BlockContext) -> Sizes:
        """Those of its content, times `times`; once with shared weights."""
        return repeated(body_of(context), self.times, copies=1 if self.share_weights else self.times)

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        body, arguments = body_class(context.component_id), body_arguments(context)
        build: Node = body
        if arguments:
            build = Keyed(LAMBDA, Brackets(f"{body}(", tuple(Keyed(f"{name}=", arguments[name]) for name in arguments), ")"))
        module = Module("Repeat", {"body": build, "times": literal(self.times), "share_weights": literal(self.share_weights)})
        return container_code(context, (module,), inputs)
