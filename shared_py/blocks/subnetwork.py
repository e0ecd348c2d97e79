"""A drawing within a drawing, and its linked copies."""

from typing import Annotated

from shared_py.blocks.base import Block, BlockCode, Module, Site, Sizes, problem
from shared_py.blocks.common import ShareWeights
from shared_py.blocks.containers import body_arguments, body_class, body_of, container_code, repeated
from shared_py.problems import Problem, SetProperty
from shared_py.properties import refers_to_component
from shared_py.shapes import Signal


class Subnetwork(Block, frozen=True):
    """Blocks drawn once and used in several places: the first holds them, the others are linked to it and change with it."""

    type = "subnetwork"
    title = "Subnetwork"
    summary = "Blocks drawn once, used in several places."
    kind = "container"
    container = True

    definition: Annotated[str, refers_to_component("Definition", "Runs what lies inside another subnetwork.")] | None = None
    share_weights: ShareWeights = False

    def definition_of(self, component_id: str) -> str:
        return self.definition or component_id

    def shares_with(self, component_id: str) -> str | None:
        return self.definition if self.share_weights else None

    def advise(self, site: Site) -> list[Problem]:
        if not self.share_weights or self.definition is not None:
            return []
        fix = SetProperty(site.component_id, "share_weights", False, "Set share_weights to false")
        message = "shares weights only when it is linked to another subnetwork"
        return [problem(site, "nothing_to_share", message, field="share_weights", fix=fix)]

    def output(self, site: Site) -> Signal:
        return body_of(site).output

    def sizes(self, site: Site) -> Sizes:
        """Those of what lies inside; none where it shares another's weights."""
        return repeated(body_of(site), 1, copies=0 if self.shares_with(site.component_id) else 1)

    def code(self, site: Site, inputs: tuple[str, ...]) -> BlockCode:
        owner = self.shares_with(site.component_id)
        if owner is not None:
            return container_code(site, (), inputs, owner=owner)
        body = Module(body_class(site.body_id), body_arguments(site), package="")
        return container_code(site, (body,), inputs)
