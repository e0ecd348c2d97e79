"""A subgraph, and its linked copies."""

from typing import Annotated

from shared_py.blocks.base import Block, BlockCode, BlockContext, Module, Sizes
from shared_py.blocks.block_problems import no_effect, problem, set_property
from shared_py.blocks.common import ShareWeights
from shared_py.blocks.containers import body_arguments, body_class, body_of, container_code, repeated
from shared_py.problems import Problem
from shared_py.properties import refers_to_component
from shared_py.shapes import Signal


class Subnetwork(Block, frozen=True):
    """Blocks defined once and used in several places: the first contains them, the others are linked to it and change with it."""

    type = "subnetwork"
    title = "Subnetwork"
    summary = "Blocks drawn once, used in several places."
    keywords = ("share", "shared weights", "module", "group", "reuse", "weight tying")
    kind = "container"
    container = True

    definition: Annotated[str, refers_to_component("Definition", "Runs the content of another subnetwork.")] | None = None
    share_weights: ShareWeights = False

    def definition_of(self, component_id: str) -> str:
        return self.definition or component_id

    def shares_with(self, component_id: str) -> str | None:
        return self.definition if self.share_weights else None

    def advise(self, context: BlockContext) -> list[Problem]:
        if self.definition is not None:
            has_weights = context.body is None or bool(context.body.sizes.parameters)
            return [] if has_weights else no_effect(context, self, "share_weights", "no_weights_inside")
        if not self.share_weights:
            return []
        return [problem(context, "nothing_to_share", field="share_weights", fix=set_property(context, "share_weights", False))]

    def output(self, context: BlockContext) -> Signal:
        return body_of(context).output

    def sizes(self, context: BlockContext) -> Sizes:
        """Those of its content; none where it shares another's weights."""
        return repeated(body_of(context), 1, copies=0 if self.shares_with(context.component_id) else 1)

    def code(self, context: BlockContext, inputs: tuple[str, ...]) -> BlockCode:
        owner = self.shares_with(context.component_id)
        if owner is not None:
            return container_code(context, (), inputs, owner=owner)
        body = Module(body_class(context.body_id), body_arguments(context), package="")
        return container_code(context, (body,), inputs)
