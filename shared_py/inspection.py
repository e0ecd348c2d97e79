"""What an export for looking inside shows: experts and attention of each call, where tokens are cells or a board is routed."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from shared_py.analysis import Analysis, InferredNode
from shared_py.blocks.base import Inspected
from shared_py.game_2048 import CELLS
from shared_py.shapes import GRID, cells_of


class InspectedCall(Struct, frozen=True):
    """One call of a component in a forward pass."""

    path: str
    """the component id after the containers and rounds it is in, as in `ModelOutput.routings`"""
    component_id: str
    kind: Literal["routing", "attention"]
    parts: int
    """experts or heads"""
    tokens: int
    """16 cells, or 17 with the class token before them; 1 where a mixture routes whole boards"""


def inspected_calls(analysis: Analysis) -> list[InspectedCall]:
    """The calls that can be shown, in the order in which the generated module makes them; empty for many designs.

    A component inside a container is called several times, each time under another path. None for a design with problems.
    """
    return [] if analysis.problems else list(_calls(analysis, None, ""))


def _calls(analysis: Analysis, container: str | None, prefix: str) -> Iterator[InspectedCall]:
    for name in analysis.graphs[container].order:
        node = analysis.nodes[name]
        if node.block.container:
            for path in node.block.paths_inside(name):
                yield from _calls(analysis, node.body_id, f"{prefix}{path}.")
        elif (shown := _shown(node)) is not None:
            yield InspectedCall(f"{prefix}{name}", name, shown.kind, shown.parts, cells_of(node.inputs[0]))


def _shown(node: InferredNode) -> Inspected | None:
    """What is shown of a component; None where its tokens are neither the cells of the board nor the board as a whole."""
    shown = node.block.inspected()
    if shown is None or not node.inputs:
        return None
    tokens = node.inputs[0]
    are_cells = tokens.grid == GRID or (tokens.cls_token and cells_of(tokens) == CELLS + 1)
    is_board = len(tokens.dims) == 2
    return shown if are_cells or is_board else None
