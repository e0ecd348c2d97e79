"""Whether an edge may be drawn at all, whatever its signal: the rules the phone applies too, to answer within a frame.

Each rule is a row of `EDGE_RULES` and a test here and in `pwa/src/document/edge_rules.ts`; a test compares the two.
"""

from collections.abc import Callable, Mapping
from functools import cached_property

from shared_py.blocks import BLOCK_BY_TYPE
from shared_py.blocks.base import Block
from shared_py.design import Component, ModelArchitecture
from shared_py.edge_edits import ENDS
from shared_py.graph import reachable_from
from shared_py.message_catalogue import EDGE_RULES
from shared_py.problems import Problem, make_problem


class _Edge:
    """A new edge with the information that the rules need."""

    def __init__(self, design: ModelArchitecture, source: str, target: str) -> None:
        self.design, self.source, self.target = design, source, target
        self.components: Mapping[str, Component] = {component.id: component for component in design.components}

    def block(self, name: str) -> type[Block] | None:
        return BLOCK_BY_TYPE.get(self.components[name].type)

    @cached_property
    def targets_of(self) -> Mapping[str, list[str]]:
        targets: dict[str, list[str]] = {name: [] for name in self.components}
        for source, target in self.design.edges:
            targets[source].append(target)
        return targets

    def has_source_without_output(self) -> bool:
        block = self.block(self.source)
        return block is not None and block.role in ENDS

    def has_target_without_input(self) -> bool:
        block = self.block(self.target)
        return block is not None and block.max_inputs == 0


_BREAKS: dict[str, Callable[[_Edge], bool]] = {
    "edge_end_missing": lambda edge: not {edge.source, edge.target} <= edge.components.keys(),
    "edge_to_itself": lambda edge: edge.source == edge.target,
    "edge_between_containers": lambda edge: edge.components[edge.source].inside != edge.components[edge.target].inside,
    "edge_exists": lambda edge: (edge.source, edge.target) in edge.design.edges,
    "edge_from_an_end": _Edge.has_source_without_output,
    "edge_into_an_input": _Edge.has_target_without_input,
    "edge_closes_a_cycle": lambda edge: edge.source in reachable_from([edge.target], edge.targets_of),
}


def edge_refusal(design: ModelArchitecture, source: str, target: str) -> Problem | None:
    """The first rule that an edge would break, as a problem of the design; None where it may be drawn."""
    edge = _Edge(design, source, target)
    broken = next((code for code in EDGE_RULES if _BREAKS[code](edge)), None)
    return None if broken is None else make_problem(broken)
